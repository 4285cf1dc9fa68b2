"use strict";
// A molecule, as the lines of an xyz file, and the energies that networks tell of it.

(() => {
  const models = JSON.parse(document.getElementById("models").textContent);
  const samples = JSON.parse(document.getElementById("molecules").textContent);
  const CHARGES = { H: 1, C: 6, N: 7, O: 8, S: 16 }, CLOSEST = 0.5, FARTHEST = 5;
  const { elements, sizes: [fewest, most] } = models[0].shape;
  const known = Object.keys(CHARGES).filter((symbol) => elements.includes(CHARGES[symbol]));
  const lines = document.getElementById("lines"), said = document.getElementById("said");
  const buttons = [...document.querySelectorAll("[data-molecule]")];
  const cells = [...document.querySelectorAll("#energies td[data-model]")];
  const published = document.getElementById("published");
  let tensors = null;

  /** The atoms of a text, or what is wrong with it. */
  function read(text) {
    let rows = text.split("\n").map((line) => line.trim());
    if (/^\d+$/.test(rows[0])) rows = rows.slice(2, 2 + Number(rows[0])); // a whole xyz file
    const atoms = [];
    for (const row of rows.filter(Boolean)) {
      const [symbol, ...rest] = row.split(/[\s,]+/), place = rest.slice(0, 3).map(Number);
      if (place.length < 3 || !place.every(Number.isFinite))
        return `'${row}' is no atom; give an element and x, y and z in ångström.`;
      if (!known.includes(symbol))
        return `The networks never saw ${symbol}; they know ${known.join(", ")}.`;
      atoms.push({ symbol, charge: CHARGES[symbol], place });
    }
    if (atoms.length < 2) return "Give two atoms or more, each in a line of its own.";
    for (const one of atoms) {
      const near = Math.min(
        ...atoms.filter((other) => other !== one)
          .map((other) => Math.hypot(...one.place.map((value, axis) => value - other.place[axis]))),
      );
      if (near < CLOSEST || near > FARTHEST)
        return `An atom (${one.symbol}) is ${near.toPrecision(3)} Å from the nearest other one; ` +
          `expected ${CLOSEST} to ${FARTHEST} Å.`;
    }
    return atoms;
  }

  const unusual = (count) =>
    count >= fewest && count <= most
      ? ""
      : `There are ${count} atoms; the networks saw ${fewest} to ${most}, and are less sure beyond.`;

  function update() {
    const atoms = read(lines.value), wrong = typeof atoms === "string";
    const sample = samples.findIndex((one) => one.xyz === lines.value);
    buttons.forEach((button, i) => button.setAttribute("aria-pressed", i === sample));
    lines.setAttribute("aria-invalid", wrong);
    said.textContent = wrong ? atoms : unusual(atoms.length);
    published.textContent = sample < 0 ? "–" : samples[sample].energy.toFixed(1);
    if (!tensors) return;
    cells.forEach((cell, i) => {
      const found = wrong ? null : moleculeNetwork.energy(atoms, tensors[i], models[i].shape);
      cell.textContent = wrong ? "–" : found.toFixed(1);
    });
  }

  buttons.forEach((button, i) =>
    button.addEventListener("click", () => {
      lines.value = samples[i].xyz;
      update();
    }),
  );
  lines.addEventListener("input", update);
  zooWeights.ask(document.getElementById("load"), models, (loaded) => {
    tensors = loaded;
    document.getElementById("told").hidden = false;
    update();
  });
  document.getElementById("instrument").hidden = false;
  update();
})();
