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
  // Filters: a form with named fields, and what is to be done with their values. Boxes of one name
  // that are ticked are one value, with commas.
  function filters(form, apply) {
    const fields = all("[name]", form);
    const values = () => {
      const found = {};
      for (const field of fields) {
        if (field.type !== "checkbox") found[field.name] = field.value;
        else found[field.name] = [found[field.name], field.checked && field.value].filter(Boolean).join(",");
      }
      return found;
    };
    const read = () => {
      const found = state.read();
      for (const field of fields) {
        const value = found.get(field.name) || "";
        if (field.type === "checkbox") field.checked = value.split(",").includes(field.value);
        else if (field.tagName !== "SELECT") field.value = value;
        else field.value = all("option", field).some((option) => option.value === value) ? value : "";
      }
      apply(values());
    };
    form.hidden = false;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", () => { state.write(values()); apply(values()); });
    for (const button of all("[data-reset]")) {
      button.addEventListener("click", () => {
        state.write({});
        read();
        one('[type="search"]', form).focus();
      });
    }
    addEventListener("hashchange", () => { if (!location.hash || location.hash.includes("=")) read(); });
    read();
  }

  const words = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);

  window.zoo = { all, one, filters, words };
})();
