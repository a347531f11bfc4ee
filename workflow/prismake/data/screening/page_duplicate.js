// Which report the current one is a duplicate of: one of this page, or one of an earlier round by its id.

const OFFERED = 8;

// The reports that all the words fit; without words, those whose titles share most words with the current one's.
function offered() {
  const words = wordsOf(at.other.value);
  const own = wordsOf(data.records[current].title).filter((word) => word.length > 3);
  const score = words.length
    ? (_, i) => words.every((word) => allTexts()[i].includes(word))
    : ({ title }) => own.filter((word) => wordsOf(title).includes(word)).length;
  return data.records.map((record, i) => [record, i !== current && score(record, i)]).filter(([, n]) => n)
    .sort((a, b) => b[1] - a[1]).slice(0, OFFERED).map(([record]) => record);
}

function showOffered() {
  const typed = at.other.value.trim();
  const rows = offered().map(({ id, title }) => makeRow("", title, id, () => takeOther(id)));
  at.offeredNumber.textContent = rows.length
    ? `${rows.length} offered` : "None on this page. A report of another round is named by its record_id.";
  // Beside what was found, too: pm:12 is a part of pm:123.
  if (/^[^\s:]+:\S/.test(typed) && !data.records.some(({ id }) => id === typed)) {
    rows.push(makeRow("", "The report of another round with this record_id", typed, () => takeOther(typed)));
  }
  at.offered.replaceChildren(...rows);
}

function askOther() {
  at.other.value = "";
  showOffered();
  at.duplicateDialog.showModal();
}

function takeOther(id) {
  at.duplicateDialog.close();
  choose("duplicate", id);
}

// Enter in the search field leads to the reports found; it chooses none.
function leadToFirst(event) {
  if (event.key !== "Enter" || event.isComposing) return;
  event.preventDefault();
  at.offered.querySelector("button")?.focus();
}
