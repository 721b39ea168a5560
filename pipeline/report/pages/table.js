// Sorting and searching of tables; without it everything is there, in the order of the table.
"use strict";
const isUnknown = (value) => value === "" || value === "–";
for (const table of document.querySelectorAll("table[data-sort]")) {
  const body = table.tBodies[0];
  const value = (row, place) => row.cells[place].dataset.value ?? row.cells[place].textContent.trim();
  table.querySelectorAll("thead th").forEach((head, place) => {
    if ("unsorted" in head.dataset) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    // The best first: of numbers the largest, of words the first; again the other way round.
    const first = head.classList.contains("number") ? "descending" : "ascending";
    const other = { ascending: "descending", descending: "ascending" };
    button.addEventListener("click", () => {
      const order = other[head.getAttribute("aria-sort")] ?? first;
      table.querySelectorAll("thead th").forEach((each) => each.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", order);
      const turn = order === "ascending" ? 1 : -1;
      body.append(...[...body.rows].sort((a, b) => {
        const [x, y] = [value(a, place), value(b, place)];
        // What is not known is neither much nor little: it comes last either way.
        if (isUnknown(x) || isUnknown(y)) return isUnknown(x) - isUnknown(y);
        return turn * (!isNaN(x) && !isNaN(y) ? x - y : x.localeCompare(y, "en-GB", { numeric: true }));
      }));
    });
  });
  const find = document.querySelector(`[data-find="${table.id}"]`);
  if (find) {
    const box = find.querySelector("input"), said = find.querySelector("output");
    find.hidden = false;
    box.addEventListener("input", () => {
      const words = box.value.toLocaleLowerCase("en-GB").split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const row of body.rows) {
        const text = row.textContent.toLocaleLowerCase("en-GB");
        row.hidden = !words.every((word) => text.includes(word));
        shown += row.hidden ? 0 : 1;
      }
      said.textContent = `${shown} of ${body.rows.length}`;
    });
  }
}
