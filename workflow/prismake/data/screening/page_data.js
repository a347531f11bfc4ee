// What the page is about: the form, the configuration, and the records, which come in blocks.

const readBlock = (element) => JSON.parse(element.textContent);
const data = readBlock(document.getElementById("data"));
data.records = Array.from(document.querySelectorAll(".records"), readBlock).flat();
