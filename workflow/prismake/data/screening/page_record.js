// One record on the page. Every text of a record is put in as text, never as markup.

const WORD = "\\p{L}\\p{M}\\p{N}";
// Scripts written without blanks between words: there a term is found anywhere.
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Khmer}\p{Script=Lao}]/u;
const terms = [
  ...data.highlight.include.map((text) => ({ text, kind: "for" })),
  ...data.highlight.exclude.map((text) => ({ text, kind: "against" })),
].sort((a, b) => b.text.length - a.text.length); // of two terms at one place the longer one counts
const pattern = terms.length ? new RegExp(terms.map((term) => `(${termPattern(term.text)})`).join("|"), "giu") : null;

// "exosom*" stands for every word that begins so; a blank in a term for any blanks or hyphens.
function termPattern(text) {
  const plain = (part) => part.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
  const words = text.normalize("NFC").trim().split(/\s+/);
  const body = words.map((word) => word.split("*").map(plain).join(`[${WORD}]*`)).join("[\\s\\-\u2010\u2011]+");
  return UNSPACED.test(text) ? body : `(?<![${WORD}])${body}(?![${WORD}])`;
}

function fill(element, text) {
  const whole = text.normalize("NFC");
  element.replaceChildren();
  let from = 0;
  for (const match of pattern ? whole.matchAll(pattern) : []) {
    const mark = document.createElement("mark");
    mark.className = terms[match.findIndex((group, k) => k && group !== undefined) - 1].kind;
    mark.textContent = match[0];
    element.append(whole.slice(from, match.index), mark);
    from = match.index + match[0].length;
  }
  element.append(whole.slice(from));
}

function make(tag, text = "", properties = {}) {
  const element = Object.assign(document.createElement(tag), properties);
  if (text) element.textContent = text;
  return element;
}

function showRecord(record) {
  fill(at.title, record.title);
  at.about.replaceChildren(...record.about.map((text) => make("span", text, { dir: "auto" })));
  at.links.replaceChildren(
    ...record.links.map(([text, href]) => make("a", text, { href, target: "_blank", rel: "noopener noreferrer" })),
    make("code", record.id),
  );
  at.notice.hidden = !record.notice;
  at.notice.textContent = record.notice;
  at.othersVotes.hidden = !record.votes;
  at.othersVotes.textContent = record.votes && `Votes: ${record.votes}`;
  at.abstract.replaceChildren();
  for (const [label, text] of record.abstract) {
    const paragraph = make("p", "", { dir: "auto" });
    fill(paragraph, text);
    if (label) at.abstract.append(make("h3", label, { dir: "auto" }));
    at.abstract.append(paragraph);
  }
  if (!record.abstract.length) at.abstract.append(make("p", "This record has no abstract.", { className: "soft" }));
}

// What the search field looks in, without accents and capitals.
function searchable(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

const wordsOf = (text) => searchable(text).split(/\s+/).filter(Boolean);
