// Search as you type in a table of entries.
(function () {
  "use strict";
  const { all, one, filters, words } = window.zoo;
  const form = one('[data-filters="entries"]'), rows = all("[data-entry]");
  if (!form) return;
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  filters(form, (values) => {
    let count = 0;
    for (const row of rows) {
      row.hidden = !words(values.q).every((word) => texts.get(row).includes(word));
      count += !row.hidden;
    }
    one("[data-shown]", form).textContent = `${count} of ${rows.length}`;
  });
})();
