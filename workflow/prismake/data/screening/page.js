// The page itself: what is shown, what a click or a key does, and what is said to a screen reader.

const at = Object.fromEntries(Array.from(document.querySelectorAll("[id]"), (element) => [
  element.id.replace(/-(\w)/g, (_, letter) => letter.toUpperCase()), element,
]));
const choices = Array.from(document.querySelectorAll(".choice"));
const reasonButtons = Array.from(document.querySelectorAll("#reasons button"));
const done = Object.fromEntries(data.decisions.map((decision) => [decision.value, decision.done]));
const total = data.records.length;
// To a screen reader, which passes over a text that stays the same.
const say = (text) => { at.said.textContent = text === at.said.textContent ? `${text}\u00a0` : text; };

// In the line above the buttons: what was just done, or a longer `message`.
function show(text, message = false) {
  at.last.textContent = text;
  at.last.classList.toggle("message", message);
}

let current = 0; // index of the record on the page
let shown = []; // indexes of the records that the filter lets through, in order
let found = null; // which records the search words fit; null without any
let texts = null; // what the search looks in, made when first needed
let saved = ""; // the last change that was in a file

// ---- what is shown ----------------------------------------------------------------------------------------------------

function fits(i) {
  const { decision, note } = votes[i];
  const show = at.show.value;
  const wanted = show === "all" || (show === "undecided" ? !decision : show === "note" ? note : decision === show);
  return Boolean(wanted) && (!found || found[i]);
}

function allTexts() {
  return texts ??= data.records.map((record) =>
    searchable([record.id, record.title, ...record.about, ...record.abstract.flat()].join("\n")));
}

function search() {
  const words = wordsOf(at.words.value);
  found = words.length
    ? allTexts().map((text, i) => words.every((word) => text.includes(word) || searchable(votes[i].note).includes(word)))
    : null;
}

function stateText(i) {
  const { decision, reason } = votes[i];
  if (decision === "duplicate") return `Duplicate of ${reason}`;
  return decision ? done[decision] + (reason ? `: ${reason}` : "") : "Not decided";
}

function refresh() {
  const numbers = { undecided: 0, note: 0 };
  shown = [];
  let unsaved = 0;
  votes.forEach((vote, i) => {
    const state = vote.decision || "undecided";
    numbers[state] = (numbers[state] ?? 0) + 1;
    if (vote.note) numbers.note += 1;
    if (vote.time > saved) unsaved += 1;
    if (fits(i)) shown.push(i);
  });
  numbers.all = total;
  const decided = total - numbers.undecided;
  at.progress.value = decided;
  at.decided.textContent = `${decided} of ${total} decided`;
  at.counts.textContent = data.decisions.filter(({ value }) => numbers[value])
    .map(({ value }) => `${numbers[value]} ${done[value].toLowerCase()}`).join(" · ");
  for (const option of at.show.options) {
    option.textContent = `${option.dataset.label ??= option.textContent} (${numbers[option.value] ?? 0})`;
  }
  at.unsaved.textContent = unsaved ? `(${unsaved} new)` : "";
  at.finished.hidden = decided < total;
  document.title = `${decided}/${total} ${document.title.replace(/^\d+\/\d+ /, "")}`;
  warn(unkept.size && (storage
    ? "The browser's storage is full: what you decide now is not kept. Save the file before you leave this page."
    : "This browser keeps nothing of what you decide. Save the file before you leave this page."));

  const vote = votes[current];
  at.state.textContent = stateText(current);
  at.state.dataset.decision = vote.decision;
  for (const choice of choices) choice.setAttribute("aria-pressed", choice.value === vote.decision);
  at.duplicate?.setAttribute("aria-pressed", vote.decision === "duplicate");
  for (const button of reasonButtons) button.setAttribute("aria-pressed", button.value === vote.reason);
  if (document.activeElement !== at.note) at.note.value = vote.note;
  const place = shown.indexOf(current) + 1;
  const filtered = shown.length < total;
  at.place.textContent = place
    ? `${place} of ${shown.length}${filtered ? " shown" : ""}`
    : shown.length ? `Not among the ${shown.length} shown` : "Nothing fits";
  at.decidedShort.textContent = `${decided} of ${total}`;
}

function warn(text) {
  at.warning.hidden = !text;
  if (text && at.warning.textContent !== text) at.warning.textContent = text; // a screen reader says it once
}

function go(i) {
  at.note.blur();
  leaveReasons();
  current = i;
  showRecord(data.records[i]);
  refresh();
  at.record.scrollIntoView({ block: "start" });
  remember("at", i);
}

const recordText = () => `${at.place.textContent}. ${stateText(current)}. ${data.records[current].title}`;

// The next record that is shown, `by` 1 or -1; returns whether there is one.
function step(by) {
  const next = by > 0 ? shown.find((i) => i > current) : shown.findLast((i) => i < current);
  if (next !== undefined) go(next);
  return next !== undefined;
}

function move(by) {
  say(step(by) ? recordText() : by > 0 ? "This is the last record shown." : "This is the first record shown.");
}

function goUndecided() {
  const open = (i) => !votes[i].decision && i !== current;
  const next = data.records.findIndex((_, i) => i > current && open(i));
  const first = next < 0 ? data.records.findIndex((_, i) => open(i)) : next;
  if (first < 0) return say("Nothing else is undecided.");
  go(first);
  say(recordText());
}

// ---- deciding ---------------------------------------------------------------------------------------------------------

function choose(decision, reason = "") {
  if (decision === "exclude" && data.reasonNeeded && !reason) return askReason();
  if (decision === "duplicate" && !reason) return askOther();
  leaveReasons();
  const before = current;
  const wasFinished = !at.finished.hidden;
  decide(before, decision, reason);
  const told = stateText(before);
  show(`${told} · ${data.records[before].title}`);
  const moved = step(1);
  if (!moved) refresh();
  if (!at.finished.hidden && !wasFinished) {
    window.scrollTo(0, 0);
    return say(`${told}. All ${total} are decided. Save the file.`);
  }
  say(moved ? `${told}. ${recordText()}` : `${told}. This was the last record shown; g goes to the next undecided one.`);
}

function askReason() {
  const pressed = reasonButtons.find((button) => button.value === votes[current].reason);
  (pressed ?? reasonButtons[0]).focus();
  at.reasons.scrollIntoView({ block: "nearest" });
  say("Choose the reason for exclusion.");
}

// So that Enter, pressed once more, does not exclude the next record for the same reason.
function leaveReasons() {
  if (!reasonButtons.includes(document.activeElement)) return;
  choices.find((choice) => choice.value === "exclude").focus({ preventScroll: true });
}

function takeBack() {
  const i = undo();
  if (i === null) return say("There is nothing to undo.");
  go(i);
  show("Undone");
  say(`Undone. ${recordText()}`);
}

// ---- files ------------------------------------------------------------------------------------------------------------

function save() {
  takeUpOtherTabs();
  const blob = new Blob([csvText(data.records, votes)], { type: "text/csv;charset=utf-8" });
  const link = make("a", "", { href: URL.createObjectURL(blob), download: data.file });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  saved = lastChange();
  remember("saved", saved);
  refresh();
  tell(`${data.file} is among your downloads. Put it into ${data.folder}/`);
}

const whose = (form) => form.replace(/\.\d+$/, ""); // stage and person, of every round

async function load() {
  const [file] = at.file.files;
  at.file.value = "";
  if (!file) return;
  try {
    const rows = readCsv(await file.arrayBuffer());
    const stranger = rows.map(({ form }) => form).find((form) => form && whose(form) !== whose(data.form));
    if (stranger) return tell(`${file.name} was saved from another page, ${stranger}. Nothing was taken over.`);
    const ids = new Set(data.records.map((record) => record.id));
    if (!rows.some((row) => ids.has(row.record_id))) {
      return tell(`${file.name} holds no record of this page. Nothing was taken over.`);
    }
    const allSaved = lastChange() <= saved;
    const { taken, older, strange } = takeFile(rows);
    if (allSaved) remember("saved", (saved = lastChange()));
    go(current);
    const parts = [`${taken} taken over from ${file.name}`];
    if (older) parts.push(`${older} left as they are here, because they are newer or the file has no time`);
    if (strange) parts.push(`${strange} ${strange === 1 ? "row" : "rows"} not read: not of this page, or a word that is not in the list`);
    tell(`${parts.join("; ")}.`);
  } catch (error) {
    tell(`${file.name} was not read. ${error.message}`);
  }
}

function tell(text) {
  show(text, true);
  say(text);
}

// ---- colours ---------------------------------------------------------------------------------------------------------

const systemIsDark = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (document.documentElement.dataset.theme ?? (systemIsDark.matches ? "dark" : "light")) === "dark";

// `theme` light or dark; null for what the system has.
function setTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  at.theme.textContent = isDark() ? "Light" : "Dark";
  at.theme.title = `Change to ${isDark() ? "light" : "dark"} colours`;
}

// ---- start ------------------------------------------------------------------------------------------------------------

for (const choice of choices) choice.addEventListener("click", () => choose(choice.value));
for (const button of reasonButtons) button.addEventListener("click", () => choose("exclude", button.value));
at.duplicate?.addEventListener("click", askOther);
at.other?.addEventListener("input", showOffered);
at.other?.addEventListener("keydown", leadToFirst);
at.previous.addEventListener("click", () => move(-1));
at.next.addEventListener("click", () => move(1));
at.undo.addEventListener("click", takeBack);
at.save.addEventListener("click", save);
at.saveAll.addEventListener("click", save);
at.load.addEventListener("click", () => at.file.click());
at.file.addEventListener("change", load);
at.help.addEventListener("click", () => at.helpDialog.showModal());
at.list.addEventListener("click", openList);
at.note.addEventListener("input", () => {
  change(current, { note: at.note.value.trim() });
  refresh();
});
at.words.addEventListener("input", filter);
at.show.addEventListener("change", filter);
// Chosen with the mouse, the list gives the keys back; with the keyboard it keeps them, to choose on.
let pointed = false;
at.show.addEventListener("pointerdown", () => { pointed = true; });
at.show.addEventListener("keydown", () => { pointed = false; });
at.show.addEventListener("change", () => { if (pointed) at.show.blur(); });
at.filter.addEventListener("submit", (event) => {
  event.preventDefault();
  at.words.blur();
  say(recordText());
});

function filter() {
  search();
  refresh();
  if (shown.length && !shown.includes(current)) go(shown[0]);
  say(`${shown.length} shown`);
}

function takeUpOtherTabs() {
  readKept();
  saved = recall("saved") ?? saved;
  refresh();
}
window.addEventListener("storage", (event) => {
  if (event.key?.startsWith(data.key)) takeUpOtherTabs();
});
document.addEventListener("visibilitychange", takeUpOtherTabs);
window.addEventListener("focus", takeUpOtherTabs); // two windows side by side
window.addEventListener("beforeunload", (event) => {
  if (lastChange() > saved) event.preventDefault();
});

setTheme(recall("theme"));
systemIsDark.addEventListener("change", () => setTheme(null));
at.theme.addEventListener("click", () => {
  setTheme(isDark() ? "light" : "dark");
  remember("theme", document.documentElement.dataset.theme);
});
at.keys.checked = recall("keys") ?? true;
at.keys.addEventListener("change", () => remember("keys", at.keys.checked));
const isWide = matchMedia("(min-width: 60rem)"); // there the criteria stand beside the record
const openWhereWide = () => { at.criteria.open = isWide.matches; };
isWide.addEventListener("change", openWhereWide);
openWhereWide();
if (!remember("at", recall("at"))) unkept.add(0); // warns at once, not only after the first decision
saved = recall("saved") ?? "";
readKept();
readSteps();
go(recall("at") ?? 0);
history.scrollRestoration = "manual"; // or a reload ends where the page was scrolled to
window.scrollTo(0, 0);
if (matchMedia("(hover: hover)").matches) show("Press ? for the keys.");
