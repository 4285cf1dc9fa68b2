// What helps where there is JavaScript: copying, colours, and tables that filter and sort.
// Every page is whole without it. The state of filters is in the address, after the #.
(function () {
  "use strict";

  const all = (selector, inside = document) => Array.from(inside.querySelectorAll(selector));
  const one = (selector, inside = document) => inside.querySelector(selector);

  // Copying.
  for (const button of all("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const code = one("code", button.parentElement);
      const done = await copied(code);
      const before = button.dataset.label || button.textContent;
      button.dataset.label = before;
      button.textContent = done ? "Copied" : "Select it";
      setTimeout(() => { button.textContent = before; }, 1500);
    });
  }

  async function copied(element) {
    try {
      await navigator.clipboard.writeText(element.textContent);
      return true;
    } catch (error) { // a page from a file, or a browser that asks first
      const range = document.createRange();
      range.selectNodeContents(element);
      const selection = getSelection();
      selection.removeAllRanges();
      selection.addRange(range);
      return document.execCommand("copy");
    }
  }

  // Colours: as the system has them, light, dark.
  const theme = one("[data-theme-button]");
  if (theme) {
    const order = ["", "light", "dark"];
    const told = { "": "as the system has them", light: "light", dark: "dark" };
    const root = document.documentElement;
    const show = () => {
      theme.setAttribute("aria-label", "Colours: " + told[root.dataset.theme || ""]);
    };
    theme.hidden = false;
    show();
    theme.addEventListener("click", () => {
      const next = order[(order.indexOf(root.dataset.theme || "") + 1) % order.length];
      if (next) root.dataset.theme = next; else delete root.dataset.theme;
      try {
        if (next) localStorage.setItem("zoo-theme", next); else localStorage.removeItem("zoo-theme");
      } catch (error) { /* nothing is kept: it holds for this page */ }
      show();
    });
  }

  // The state of a page's filters, in its address: #paper=x&q=word. A place in the page has no "=".
  const state = {
    read() {
      const hash = location.hash.slice(1);
      return new URLSearchParams(hash.includes("=") ? hash : "");
    },
    write(values) {
      const kept = new URLSearchParams();
      for (const [name, value] of Object.entries(values)) if (value) kept.set(name, value);
      const hash = kept.toString();
      history.replaceState(null, "", hash ? "#" + hash : location.pathname + location.search);
    },
  };
  window.zooState = state;

  // Filters: a form with named fields, `fits(row, values)` for each row, and what is to be done after.
  function filters(form, fits, after) {
    const fields = all("[name]", form);
    const values = () => Object.fromEntries(fields.map((field) => [field.name, field.value]));
    const apply = () => after(values(), fits);
    const read = () => {
      const found = state.read();
      for (const field of fields) {
        const value = found.get(field.name) || "";
        const there = field.tagName !== "SELECT" || all("option", field).some((o) => o.value === value);
        field.value = there ? value : "";
      }
      apply();
    };
    form.hidden = false;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", () => { state.write(values()); apply(); });
    for (const button of all("[data-reset]")) {
      button.addEventListener("click", () => {
        for (const field of fields) field.value = "";
        state.write({});
        apply();
        fields[0].focus();
      });
    }
    addEventListener("hashchange", read);
    read();
  }

  const words = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);

  // The table of models.
  const models = one('[data-filters="models"]');
  if (models) {
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
    filters(models, fits, (v) => {
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
  }
})();
