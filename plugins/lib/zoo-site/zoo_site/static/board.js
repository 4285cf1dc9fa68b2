// The board of claims: verdicts to switch on and off, words to search, and a look at one claim.
(function () {
  "use strict";
  const { all, one, filters, words } = window.zoo;
  const form = one('[data-filters="board"]');
  if (!form) return;
  const rows = all("article.line"), papers = all("section.board");
  const cells = new Map(all(".matrix .cell").map((cell) => [cell.hash.slice(1), cell]));
  for (const part of all('[data-more], [name="verdict"]', form)) part.hidden = false;
  const fits = (row, v) =>
    (!v.verdict || v.verdict.split(",").includes(row.dataset.verdict)) &&
    (!v.paper || row.dataset.paper === v.paper) &&
    words(v.q).every((word) => row.dataset.text.includes(word));
  filters(form, (values) => {
    let count = 0;
    for (const row of rows) {
      const shown = fits(row, values);
      row.hidden = !shown;
      cells.get(row.id)?.classList.toggle("off", !shown);
      count += shown;
    }
    for (const paper of papers) paper.hidden = !one("article.line:not([hidden])", paper);
    one("[data-shown]", form).textContent = `${count} of ${rows.length} claims`;
    one("[data-nothing]").hidden = count > 0;
  });

  // What a square stands for, below the matrix, while it is pointed at or has the focus.
  const peek = one("[data-peek]"), before = peek.innerHTML;
  const show = (cell) => {
    const row = document.getElementById(cell.hash.slice(1));
    if (!row) return;
    const copy = row.cloneNode(true);
    copy.removeAttribute("id");
    copy.hidden = false;
    for (const part of all("details", copy)) part.remove();
    for (const link of all("a", copy)) link.replaceWith(...link.childNodes);
    peek.replaceChildren(copy);
  };
  for (const cell of cells.values()) {
    cell.addEventListener("mouseenter", () => show(cell));
    cell.addEventListener("focus", () => show(cell));
  }
  one(".matrix").addEventListener("mouseleave", () => { peek.innerHTML = before; });
  // Where a link leads is shown, whatever the filters say.
  const reveal = () => {
    const row = location.hash.includes("=") ? null : document.getElementById(location.hash.slice(1));
    if (row?.hidden) { row.hidden = false; row.closest("section").hidden = false; }
    row?.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  if (location.hash) reveal();
})();
