"use strict";
// Adds a search field to the list that is shown; showing a list is the work of the style sheet alone.
(() => {
  const form = document.getElementById("search");
  if (!form) return;
  const words = document.getElementById("words");
  const found = document.getElementById("found");
  const rows = Array.from(document.querySelectorAll("#rows > li"), (row) => ({ row, text: null }));

  function filter() {
    const list = document.querySelector(".list:target");
    form.hidden = !list;
    if (!list) return;
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let all = 0;
    let shown = 0;
    for (const entry of rows) {
      if (!entry.row.classList.contains(list.dataset.rows)) continue;
      if (wanted.length && entry.text === null) entry.text = entry.row.textContent.toLowerCase();
      const fits = wanted.every((word) => entry.text.includes(word));
      entry.row.hidden = !fits;
      all += 1;
      shown += fits;
    }
    found.textContent = wanted.length ? `${shown} of ${all} shown` : "";
  }

  words.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("hashchange", () => {
    words.value = "";
    filter();
  });
  window.addEventListener("load", filter); // the page's own #anchor is a target only then
})();
