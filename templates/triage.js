// The page reads without this: it sorts and filters.
(() => {
  "use strict";
  const by = (id) => document.getElementById(id);
  const body = document.querySelector(".triage tbody");
  const heads = [...document.querySelectorAll(".triage thead th")];
  const rows = [...body.rows];
  const text = by("f-text"), state = by("f-state"), sort = by("f-sort"), count = by("f-count");
  const words = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));

  const filter = () => {
    const sought = text.value.trim().toLowerCase();
    let shown = 0;
    for (const row of rows) {
      const fits = (!state.value || row.dataset.state === state.value) && (!sought || words.get(row).includes(sought));
      row.hidden = !fits;
      if (fits) shown += 1;
    }
    count.textContent = sought || state.value ? `${shown} of ${rows.length} captures` : "";
  };

  const names = new Intl.Collator("en", { numeric: true });
  const arrange = (column, descending) => {
    const key = (row) => row.cells[column].dataset.key ?? row.cells[column].textContent;
    // Rows without a value, such as a time, stay at the end.
    const compare = (one, other) => !key(one) - !key(other)
      || names.compare(key(one), key(other)) * (descending ? -1 : 1);
    body.append(...[...rows].sort(compare));
    for (const head of heads) head.removeAttribute("aria-sort");
    heads[column].setAttribute("aria-sort", descending ? "descending" : "ascending");
    sort.value = String(column);
  };

  heads.forEach((head, column) => {
    const numbers = head.classList.contains("n");
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    // Large numbers come first; the same column again turns the order.
    button.addEventListener("click", () => {
      const now = head.getAttribute("aria-sort");
      arrange(column, now ? now === "ascending" : numbers);
    });
    sort.add(new Option(head.textContent, String(column)));
    head.replaceChildren(button);
  });
  sort.selectedIndex = -1;
  sort.addEventListener("change", () => arrange(sort.selectedIndex, heads[sort.selectedIndex].classList.contains("n")));

  let waiting = 0;
  text.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(filter, 120); });
  state.addEventListener("change", filter);
  by("f-clear").addEventListener("click", () => {
    text.value = "";
    state.value = "";
    filter();
    text.focus();
  });
  by("filter").hidden = false;
})();
