// The list of the records that the filter lets through, and rows of records to choose from.

const LIST = 50; // records on a page of the list

function makeRow(before, title, after, chosen) {
  const button = make("button", "", { type: "button" });
  button.append(make("small", before), make("span", title, { dir: "auto" }), make("small", after));
  button.addEventListener("click", chosen);
  const row = make("li");
  row.append(button);
  return row;
}

function showList(first) {
  at.rows.replaceChildren(...shown.slice(first, first + LIST).map((i) => {
    const row = makeRow(`${i + 1}`, data.records[i].title, stateText(i), () => {
      at.listDialog.close();
      go(i);
      say(recordText());
    });
    if (i === current) row.firstChild.setAttribute("aria-current", "true");
    return row;
  }));
  at.pageOf.textContent = shown.length
    ? `${first + 1} to ${Math.min(first + LIST, shown.length)} of ${shown.length}` : "Nothing fits";
  at.earlier.disabled = first === 0;
  at.later.disabled = first + LIST >= shown.length;
  at.earlier.onclick = () => showList(first - LIST);
  at.later.onclick = () => showList(first + LIST);
  if (!at.listDialog.open) at.listDialog.showModal();
  at.listDialog.scrollTop = 0;
  (at.rows.querySelector("[aria-current]") ?? at.rows.querySelector("button") ?? at.listDialog).focus();
}

const openList = () => showList(Math.floor(Math.max(0, shown.indexOf(current)) / LIST) * LIST);
