"use strict";
// Two graphs to draw, by mouse, finger or keyboard, and what the tests say of them. The address
// has both, so that a pair can be shared.

(() => {
  const SIDE = 320, MARGIN = 24, MOST = 24, STEP = 8, MOVED = 5, PULL = 0.5;
  const SVG = "http://www.w3.org/2000/svg";
  const range = (n) => Array.from({ length: n }, (_, i) => i);
  const ring = (...nodes) => nodes.map((node, i) => [node, nodes[(i + 1) % nodes.length]]);
  const grid = (steps) =>
    range(16).flatMap((u) =>
      steps.map(([a, b]) => [u, ((Math.floor(u / 4) + a) % 4) * 4 + ((u + b) % 4)]),
    );
  const skipping = (skip) => range(11).flatMap((u) => [[u, (u + 1) % 11], [u, (u + skip) % 11]]);
  const PAIRS = {
    "A hexagon and two triangles": [
      { n: 6, edges: ring(0, 1, 2, 3, 4, 5) },
      { n: 6, edges: [...ring(0, 1, 2), ...ring(3, 4, 5)] },
    ],
    "Decalin and bicyclopentyl": [
      { n: 10, edges: [...ring(0, 1, 2, 3, 4, 5), [4, 6], [6, 7], [7, 8], [8, 9], [9, 5]] },
      { n: 10, edges: [...ring(0, 1, 2, 3, 4), ...ring(5, 6, 7, 8, 9), [0, 5]] },
    ],
    "A path and a star": [
      { n: 5, edges: [[0, 1], [1, 2], [2, 3], [3, 4]] },
      { n: 5, edges: [[0, 1], [0, 2], [0, 3], [0, 4]] },
    ],
    "Circles of 11 with skips of 2 and of 3": [
      { n: 11, edges: skipping(2) },
      { n: 11, edges: skipping(3) },
    ],
    "The rook's graph and Shrikhande's": [
      { n: 16, edges: grid([[0, 1], [0, 2], [1, 0], [2, 0]]) },
      { n: 16, edges: grid([[0, 1], [1, 0], [1, 1]]) },
    ],
  };
  const TOLD = ["first", "second"];

  const page = document.getElementById("graphs");
  const results = document.getElementById("tests");
  const slider = document.getElementById("round");
  const panels = TOLD.map((name) => makePanel(document.getElementById(`${name}-graph`)));
  let colours = [];

  // ---- one graph ------------------------------------------------------------------------------
  function makePanel(box) {
    const panel = { box, nodes: [], edges: new Set(), chosen: null };
    panel.svg = box.querySelector("svg");
    panel.field = box.querySelector("input");
    panel.said = box.querySelector("[role=status]");
    let grasped = null;

    panel.svg.addEventListener("pointerdown", (event) => {
      const found = event.target.closest("[data-node]");
      grasped = { node: found ? +found.dataset.node : null, from: place(event), moved: false };
      panel.svg.setPointerCapture(event.pointerId);
    });
    panel.svg.addEventListener("pointermove", (event) => {
      if (!grasped) return;
      const at = place(event);
      grasped.moved ||= Math.hypot(at.x - grasped.from.x, at.y - grasped.from.y) > MOVED;
      if (grasped.moved && grasped.node !== null) {
        panel.nodes[grasped.node] = at;
        draw(panel);
      }
    });
    panel.svg.addEventListener("pointerup", (event) => {
      const { node, moved } = grasped ?? { moved: true };
      grasped = null;
      if (moved) return;
      if (node === null) add(panel, place(event));
      else touch(panel, node);
    });
    panel.svg.addEventListener("pointercancel", () => (grasped = null));
    panel.svg.addEventListener("keydown", (event) => {
      const found = event.target.closest("[data-node]");
      if (found && press(panel, +found.dataset.node, event.key)) event.preventDefault();
    });
    panel.field.addEventListener("change", () => {
      const graph = parse(panel.field.value);
      if (typeof graph === "string") {
        panel.said.textContent = graph;
        panel.field.setAttribute("aria-invalid", "true");
      } else {
        take(panel, graph);
        changed();
        told(panel);
      }
    });
    const ACTIONS = {
      add: () => add(panel, onCircle(panel.nodes.length, panel.nodes.length + 1)),
      remove: () => (panel.chosen === null ? say("Choose a node first.") : remove(panel)),
      tidy: () => {
        panel.nodes = spread(panel.nodes.length, pairs(panel));
        draw(panel);
      },
      clear: () => {
        take(panel, { n: 0, edges: [] });
        changed();
      },
    };
    const say = (text) => (panel.said.textContent = text);
    for (const button of box.querySelectorAll("button")) {
      button.addEventListener("click", ACTIONS[button.dataset.does]);
    }

    function place(event) {
      const area = panel.svg.getBoundingClientRect();
      const clamp = (value) => Math.min(SIDE - MARGIN / 2, Math.max(MARGIN / 2, value));
      return {
        x: clamp(((event.clientX - area.left) / area.width) * SIDE),
        y: clamp(((event.clientY - area.top) / area.height) * SIDE),
      };
    }
    return panel;
  }

  const pairs = (panel) => [...panel.edges].map((edge) => edge.split("-").map(Number));
  const edge = (u, v) => `${Math.min(u, v)}-${Math.max(u, v)}`;
  const graphOf = (panel) => ({ n: panel.nodes.length, edges: pairs(panel) });

  function take(panel, { n, edges }) {
    panel.edges = new Set(edges.map(([u, v]) => edge(u, v)));
    panel.nodes = spread(n, pairs(panel));
    panel.chosen = null;
    panel.said.textContent = "";
  }

  function add(panel, at) {
    if (panel.nodes.length === MOST) {
      panel.said.textContent = `A graph here has up to ${MOST} nodes.`;
      return;
    }
    panel.nodes.push(at);
    if (panel.chosen !== null) panel.edges.add(edge(panel.chosen, panel.nodes.length - 1));
    panel.chosen = panel.nodes.length - 1;
    changed();
  }

  function touch(panel, node) {
    if (panel.chosen === null) panel.chosen = node;
    else {
      const between = edge(panel.chosen, node);
      if (panel.chosen !== node && !panel.edges.delete(between)) panel.edges.add(between);
      panel.chosen = null;
    }
    changed();
  }

  function remove(panel) {
    const gone = panel.chosen, renumber = (u) => u - (u > gone);
    const kept = pairs(panel).filter((ends) => !ends.includes(gone));
    panel.nodes.splice(gone, 1);
    panel.edges = new Set(kept.map(([u, v]) => edge(renumber(u), renumber(v))));
    panel.chosen = null;
    changed();
  }

  function press(panel, node, key) {
    const at = panel.nodes[node];
    const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (key === "Enter" || key === " ") touch(panel, node);
    else if (key === "Delete" || key === "Backspace") {
      panel.chosen = node;
      remove(panel);
    } else if (key === "Escape") {
      panel.chosen = null;
      draw(panel);
    } else if (key in MOVES) {
      const limit = (value) => Math.min(SIDE - MARGIN / 2, Math.max(MARGIN / 2, value));
      const [x, y] = MOVES[key];
      panel.nodes[node] = { x: limit(at.x + x * STEP), y: limit(at.y + y * STEP) };
      draw(panel);
    } else return false;
    panel.svg.querySelector(`[data-node="${Math.min(node, panel.nodes.length - 1)}"]`)?.focus();
    return true;
  }

  // ---- texts and places -----------------------------------------------------------------------
  /** "6: 0-1 1-2" to a graph, or a sentence that says what is wrong. */
  function parse(text) {
    const [, size, rest] = text.match(/^\s*(?:(\d+)\s*:)?([\d\s,-]*)$/) ?? [];
    if (rest === undefined) return "Write edges such as 0-1 1-2, perhaps after a number of nodes, 5:";
    const edges = [];
    for (const word of rest.split(/[\s,]+/).filter(Boolean)) {
      const ends = word.match(/^(\d+)-(\d+)$/)?.slice(1).map(Number);
      if (!ends) return `'${word}' is no edge; an edge is written 0-1.`;
      if (ends[0] === ends[1]) return `${word} is a loop, which no test looks at.`;
      edges.push(ends);
    }
    const least = Math.max(0, ...edges.flat().map((u) => u + 1)), n = Math.max(+(size ?? 0), least);
    if (size !== undefined && +size < least) return `${size} nodes are numbered 0 to ${size - 1}.`;
    return n > MOST ? `A graph here has up to ${MOST} nodes.` : { n, edges };
  }

  const write = (panel, comma = " ") => {
    const start = `${panel.nodes.length}:${comma === " " ? " " : ""}`;
    return (start + [...panel.edges].join(comma)).trim();
  };

  const onCircle = (i, n) => ({
    x: SIDE / 2 + (SIDE / 2 - 2 * MARGIN) * Math.sin((2 * Math.PI * i) / n),
    y: SIDE / 2 - (SIDE / 2 - 2 * MARGIN) * Math.cos((2 * Math.PI * i) / n),
  });

  /** Places by springs: neighbours attract each other, all nodes repel (Fruchterman-Reingold). */
  function spread(n, edges) {
    const at = range(n).map((i) => onCircle(i, n));
    const rest = (0.55 * SIDE) / Math.sqrt(Math.max(n, 2));
    for (let heat = 24; heat > 0.2; heat *= 0.985) {
      const force = at.map(({ x, y }) => ({ x: (SIDE / 2 - x) * PULL, y: (SIDE / 2 - y) * PULL }));
      const pull = (u, v, size) => {
        const x = at[v].x - at[u].x + 0.01 * (u + 1), y = at[v].y - at[u].y;
        const far = Math.hypot(x, y) || 1, by = size(far) / far;
        force[u].x += x * by, force[u].y += y * by;
        force[v].x -= x * by, force[v].y -= y * by;
      };
      for (let u = 0; u < n; u++) for (let v = 0; v < u; v++) pull(u, v, (far) => -(rest ** 2) / far);
      for (const [u, v] of edges) pull(u, v, (far) => far ** 2 / rest);
      at.forEach((node, i) => {
        const size = Math.hypot(force[i].x, force[i].y) || 1, by = Math.min(size, heat) / size;
        node.x += force[i].x * by;
        node.y += force[i].y * by;
      });
    }
    const span = (axis) => [Math.min(...at.map((one) => one[axis])), Math.max(...at.map((one) => one[axis]))];
    const [left, right] = span("x"), [top, bottom] = span("y");
    const scale = (SIDE - 3 * MARGIN) / Math.max(right - left, bottom - top, 1);
    return at.map(({ x, y }) => ({
      x: SIDE / 2 + (x - (left + right) / 2) * Math.min(scale, 2),
      y: SIDE / 2 + (y - (top + bottom) / 2) * Math.min(scale, 2),
    }));
  }

  // ---- what is seen ---------------------------------------------------------------------------
  function make(name, attributes, ...children) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  function draw(panel) {
    const own = (colours[Math.min(+slider.value, colours.length - 1)] ?? [])[panels.indexOf(panel)];
    const focused = panel.svg.contains(document.activeElement)
      ? document.activeElement.dataset.node
      : undefined;
    const lines = pairs(panel).map(([u, v]) => {
      const [a, b] = [panel.nodes[u], panel.nodes[v]];
      return make("line", { x1: a.x, y1: a.y, x2: b.x, y2: b.y });
    });
    const dots = panel.nodes.map(({ x, y }, i) => {
      const near = pairs(panel).filter((ends) => ends.includes(i)).flat().filter((u) => u !== i);
      const colour = own?.[i] ?? 0;
      const label = `node ${i}, colour ${colour + 1}, ${near.length ? `joined to ${near.join(", ")}` : "joined to none"}`;
      const dot = make("circle", { r: 13, style: `--hue: ${(colour * 137.5 + 210) % 360}` });
      return make(
        "g",
        { "data-node": i, tabindex: 0, role: "button", "aria-label": label,
          "aria-pressed": panel.chosen === i, transform: `translate(${x} ${y})` },
        dot,
        make("text", { "text-anchor": "middle", dy: "0.36em" }, String(colour + 1)),
      );
    });
    panel.svg.replaceChildren(...lines, ...dots);
    if (focused !== undefined) panel.svg.querySelector(`[data-node="${focused}"]`)?.focus();
    if (document.activeElement !== panel.field) told(panel);
  }

  function told(panel) {
    panel.field.value = write(panel);
    panel.field.removeAttribute("aria-invalid");
  }

  function changed() {
    const graphs = panels.map(graphOf);
    for (const [variant, { most }] of Object.entries(weisfeilerLeman.VARIANTS)) {
      const found = weisfeilerLeman.compare(...graphs, variant);
      if (variant === "1-wl") colours = found.colours;
      const cells = results.querySelectorAll(`[data-test="${variant}"] td`);
      const texts =
        found === null
          ? [`up to ${most} nodes here`, "", "", ""]
          : [
              found.round === null ? "= not told apart" : "≠ told apart",
              found.round ?? "none",
              ...found.counts.map((counts) => counts.join(" → ")),
            ];
      texts.forEach((text, i) => (cells[i].textContent = text));
      cells[0].dataset.verdict = found === null ? "none" : found.round === null ? "same" : "apart";
    }
    slider.max = Math.max(0, colours.length - 1);
    show();
    const state = panels.map((panel, i) => `${"ab"[i]}=${write(panel, ",")}`).join("&");
    history.replaceState(null, "", `#${state}`);
  }

  function show() {
    slider.value = Math.min(+slider.value, +slider.max);
    slider.nextElementSibling.textContent = `round ${slider.value} of ${slider.max}`;
    panels.forEach(draw);
  }

  function load(graphs) {
    panels.forEach((panel, i) => take(panel, graphs[i]));
    slider.max = MOST;
    slider.value = MOST;
    changed();
  }

  const choice = document.getElementById("pair");
  choice.append(...Object.keys(PAIRS).map((name) => new Option(name)));
  choice.addEventListener("change", () => load(PAIRS[choice.value]));
  slider.addEventListener("input", show);
  const shared = new URLSearchParams(location.hash.slice(1));
  const given = ["a", "b"].map((key) => parse(shared.get(key) ?? "?"));
  const good = given.every((graph) => typeof graph !== "string");
  load(good ? given : PAIRS[choice.value]);
  if (shared.has("a") && !good) panels[0].said.textContent = "The address has no such graphs.";
  page.hidden = false;
})();
