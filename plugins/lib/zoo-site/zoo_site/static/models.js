// The table of models: search, filters, sorting within a metric, and what is shown as a file.
(function () {
  "use strict";
  const { all, one, filters, words } = window.zoo;
  const models = one('[data-filters="models"]');
  if (!models) return;
  const facts = JSON.parse(one('[data-facts="models"]').textContent);
  const body = one('[data-rows="models"] tbody');
  const lines = new Map(all("tr", body).map((line) => [line.dataset.name, line]));
  const order = ["holds", "not established", "not measured", "fails", ""];
  for (const fact of facts) {
    const told = [fact.name, fact.summary, fact.paper, fact.task, fact.dataset, fact.license];
    fact.text = told.concat(Object.values(fact.results).map((r) => r.title)).join(" ").toLowerCase();
  }
  let shown = facts;
  const fits = (fact, v) =>
    words(v.q).every((word) => fact.text.includes(word)) &&
    (!v.paper || fact.paper === v.paper) && (!v.task || fact.task === v.task) &&
    (!v.dataset || fact.dataset === v.dataset) && (!v.license || fact.license === v.license) &&
    (!v.metric || v.metric in fact.results) && (!v.verdict || fact.verdict === v.verdict) &&
    (!v.size || (fact.size !== null && fact.size <= Number(v.size)));
  const result = (fact, v) => fact.results[v.metric || Object.keys(fact.results)[0]];
  const by = {
    size: () => (a, b) => (a.size ?? Infinity) - (b.size ?? Infinity),
    verdict: () => (a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict),
    // Numbers of different metrics are not compared: models are sorted within their metric.
    result: (v) => (a, b) => {
      const x = result(a, v), y = result(b, v);
      if (x.title !== y.title) return x.title < y.title ? -1 : 1;
      if (x.value === null || y.value === null) return (x.value === null) - (y.value === null);
      return x.higher === false ? x.value - y.value : y.value - x.value;
    },
  };
  filters(models, (v) => {
    shown = facts.filter((fact) => fits(fact, v));
    const sorted = shown.slice();
    if (by[v.sort]) sorted.sort(by[v.sort](v));
    shown = sorted;
    for (const line of lines.values()) line.hidden = true;
    for (const fact of sorted) {
      const line = lines.get(fact.name), found = result(fact, v);
      one('[data-cell="metric"]', line).textContent = found.title;
      one('[data-cell="measured"]', line).textContent = found.shown;
      one('[data-cell="published"]', line).textContent = found.published;
      line.hidden = false;
      body.append(line);
    }
    one("[data-shown]").hidden = false;
    one("[data-shown]").textContent = `${sorted.length} of ${facts.length} models`;
    one("[data-nothing]").hidden = sorted.length > 0;
  });
  one("[data-downloads]").hidden = false;
  const cell = (value) => {
    const text = String(value ?? ""), plain = /^[=+\-@\t\r]/.test(text) && isNaN(text) ? "'" + text : text;
    return /[",\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
  };
  for (const button of all("[data-download]")) {
    button.addEventListener("click", () => {
      const kind = button.dataset.download;
      const rows = shown.map(({ text, ...fact }) => fact);
      const names = ["model", "paper", "task", "dataset", "parameters", "licence", "verdict", "metric", "measured", "published"];
      const lines = rows.flatMap((f) => Object.entries(f.results).map(([metric, r]) =>
        [f.name, f.paper, f.task, f.dataset, f.size, f.license, f.verdict, metric, r.value, r.published_value]));
      const content = kind === "json" ? JSON.stringify(rows, null, 1)
        : [names, ...lines].map((line) => line.map(cell).join(",")).join("\n") + "\n";
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([content], { type: kind === "json" ? "application/json" : "text/csv" }));
      link.download = `models.${kind}`;
      link.click();
      URL.revokeObjectURL(link.href);
    });
  }
})();
