"use strict";
// Sorting: a header's button orders the rows by value where there is one, by text where there is none.
const order = new Intl.Collator("en", { numeric: true });
function compare(left, right) {
  if (left.dataset.value !== undefined && right.dataset.value !== undefined)
    return Number(left.dataset.value) - Number(right.dataset.value);
  return order.compare(left.textContent, right.textContent);
}
for (const table of document.querySelectorAll("table.sortable")) {
  const headers = [...table.tHead.rows[0].cells];
  headers.forEach((header, column) => header.querySelector("button").addEventListener("click", () => {
    const down = header.getAttribute("aria-sort") === "ascending";
    const isNumber = header.classList.contains("number");
    const isUnknown = row => isNumber && row.cells[column].dataset.value === undefined;
    const rows = [...table.tBodies[0].rows];
    rows.sort((left, right) => isUnknown(left) - isUnknown(right)
      || (down ? -1 : 1) * compare(left.cells[column], right.cells[column]));
    table.tBodies[0].append(...rows);
    for (const other of headers)
      other.setAttribute("aria-sort", other === header ? (down ? "descending" : "ascending") : "none");
    document.getElementById("announcement").textContent =
      `Sorted by ${header.textContent}, ${down ? "descending" : "ascending"}.`;
  }));
}
// Figures: plotly.js takes the place of the drawing, which stays for print and for pages without scripts.
for (const plot of document.querySelectorAll(".interactive")) {
  const figure = JSON.parse(document.getElementById(plot.dataset.figure).textContent);
  plot.hidden = false;
  figure.layout.autosize = true;
  Plotly.newPlot(plot, figure.data, figure.layout, { responsive: true, displaylogo: false, modeBarButtonsToRemove: ["lasso2d", "select2d"] })
    .then(() => { plot.previousElementSibling.hidden = true; plot.dataset.drawn = "true"; });
}
