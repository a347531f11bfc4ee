// The saved file: what `prismake` reads beside or instead of the form, and what this page reads back.

const COLUMNS = ["record_id", "title", "check", "decision", "reason", "note", "time", "form"];
if (data.decisions.some(({ value }) => value === "duplicate")) COLUMNS.splice(5, 0, "duplicate_of");

// A spreadsheet program takes a text that begins like this for a formula. A no-break space before it makes it text in
// all of them, and every reader of ours takes white space off both ends.
const FORMULA = /^[=+\-@|%＝＋－＠]/;

function csvCell(text) {
  const value = text.replace(/\r\n?/g, "\n").trim();
  const safe = FORMULA.test(value) ? `\u00a0${value}` : value;
  return /[",;\t\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

// Every record of the form, decided or not, with a byte order mark: without one Excel takes UTF-8 for another encoding.
function csvText(records, votes) {
  const rows = records.map((record, i) => {
    const { decision, reason, note, time } = votes[i];
    const named = decision === "duplicate" ? { duplicate_of: reason } : { reason };
    const asked = { record_id: record.id, title: record.title, check: record.check, form: data.form };
    const cells = { ...asked, decision, note, time, ...named };
    return COLUMNS.map((column) => cells[column] ?? "");
  });
  return "\ufeff" + [COLUMNS, ...rows].map((row) => row.map(csvCell).join(",") + "\r\n").join("");
}

// The rows of a CSV as objects by column name. Excel may have saved it anew: with semicolons or tabs, in an old encoding.
function readCsv(bytes) {
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    text = new TextDecoder("windows-1252").decode(bytes);
  }
  text = text.replace(/^sep=.\r?\n/, ""); // a line for Excel alone
  const header = text.slice(0, text.search(/[\r\n]|$/));
  const [separator] = [",", ";", "\t"].sort((a, b) => header.split(b).length - header.split(a).length);
  const token = new RegExp(`(?:"((?:[^"]|"")*)"|([^"${separator}\\r\\n][^${separator}\\r\\n]*)?)(${separator}|\\r\\n?|\\n|$)`, "y");
  const rows = [];
  let row = [];
  while (token.lastIndex < text.length) {
    const match = token.exec(text);
    if (!match) throw new Error("A quotation mark in this file is never closed.");
    row.push((match[1]?.replaceAll('""', '"') ?? match[2] ?? "").trim());
    if (match[3] === separator && token.lastIndex < text.length) continue;
    rows.push(row);
    row = [];
  }
  const [columns = [], ...body] = rows;
  return body.map((cells) => Object.fromEntries(columns.map((column, k) => [column, cells[k] ?? ""])));
}
