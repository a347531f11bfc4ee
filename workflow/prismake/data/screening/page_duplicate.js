// Which report the current one is a duplicate of: one of this page, or one of an earlier round by its id.

const OFFERED = 8;

// The reports that all the words fit; without words, those whose titles share most words with the current one's.
function offered() {
  const words = wordsOf(at.other.value);
  const own = wordsOf(data.records[current].title).filter((word) => word.length > 3);
  const titles = data.records.map((record) => new Set(wordsOf(record.title)));
  const score = words.length
    ? (i) => words.every((word) => allTexts()[i].includes(word))
    : (i) => own.filter((word) => titles[i].has(word)).length;
  return data.records.map((_, i) => [i, score(i)]).filter(([i, n]) => n && i !== current)
    .sort((a, b) => b[1] - a[1]).slice(0, OFFERED).map(([i]) => data.records[i]);
}

function showOffered() {
  const typed = at.other.value.trim();
  const rows = offered().map(({ id, title }) => makeRow("", title, id, () => takeOther(id)));
  at.offeredNumber.textContent = rows.length
    ? `${rows.length} offered` : "None on this page. A report of another round is named by its record_id.";
  const isId = typed && !/\s/.test(typed) && typed !== data.records[current].id;
  if (!rows.length && isId) {
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
