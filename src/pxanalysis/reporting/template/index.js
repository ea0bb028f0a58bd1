"use strict";
(() => {
  const table = document.getElementById("practices");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  const language = document.documentElement.lang;
  const order = new Intl.Collator(language, { numeric: true, sensitivity: "base" });
  const search = document.getElementById("search");
  const state = document.getElementById("state");
  const found = document.querySelector(".found");
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const texts = new Map(rows.map((row) => [row, plain(row.textContent)]));
  const key = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.sort === undefined ? cell.textContent.trim() : cell.dataset.sort;
  };

  const show = () => {
    const words = plain(search.value).split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const text = texts.get(row);
      const fits = (!state.value || row.dataset.state === state.value) && words.every((word) => text.includes(word));
      row.hidden = !fits;
      if (fits) count += 1;
    }
    found.textContent =
      count === 1 ? found.dataset.one : found.dataset.many.replace("#", count.toLocaleString(language));
  };

  const sortBy = (column, head) => {
    const sorted = head.getAttribute("aria-sort");
    const direction = sorted ? (sorted === "ascending" ? -1 : 1) : head.dataset.first === "most" ? -1 : 1;
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", direction === 1 ? "ascending" : "descending");
    const numeric = head.dataset.kind === "number";
    rows.sort((one, two) => {
      const a = key(one, column);
      const b = key(two, column);
      if (a === "" || b === "") return (a === "") - (b === "");
      return direction * (numeric ? Number(a) - Number(b) : order.compare(a, b));
    });
    body.append(...rows);
  };

  Array.from(table.tHead.rows[0].cells).forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => sortBy(column, head));
    head.replaceChildren(button);
  });
  table.tHead.rows[0].cells[0].setAttribute("aria-sort", "ascending");
  const form = document.querySelector(".filters");
  form.addEventListener("submit", (event) => event.preventDefault());
  search.addEventListener("input", show);
  state.addEventListener("change", show);
  form.hidden = false;
  show();
})();
