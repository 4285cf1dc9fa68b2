"use strict";
// The five Weisfeiler-Leman tests of two graphs, without hashing: equal rows get equal numbers, as
// zoo_wl_tutorial.refinement.exact has them. A graph is {n, edges: [[u, v], ...]}, undirected.

const weisfeilerLeman = (() => {
  const VARIANTS = {
    "1-wl": { k: 1, most: 24 },
    "2-wl": { k: 2, most: 24 },
    "2-fwl": { k: 2, folklore: true, most: 24 },
    "3-wl": { k: 3, most: 16 },
    "3-fwl": { k: 3, folklore: true, most: 16 },
  };
  const ASCENDING = (a, b) => a - b;

  function adjacency({ n, edges }) {
    const table = Array.from({ length: n }, () => new Uint8Array(n));
    for (const [u, v] of edges) table[u][v] = table[v][u] = 1;
    return table;
  }

  // The i-th coordinate of a tuple is its digit to base n, the first one in front.
  function atomicTypes(graph, k) {
    const { n } = graph, table = adjacency(graph);
    return Array.from({ length: n ** k }, (_, tuple) => {
      const nodes = Array.from({ length: k }, (_, i) => Math.floor(tuple / n ** (k - 1 - i)) % n);
      let key = "";
      for (const u of nodes) for (const v of nodes) key += u === v ? 2 : table[u][v];
      return key;
    });
  }

  function neighbourhoods(graph, colours) {
    const near = Array.from({ length: graph.n }, () => []);
    for (const [u, v] of graph.edges) {
      near[u].push(colours[v]);
      near[v].push(colours[u]);
    }
    return near.map((found, u) => `${colours[u]}|${found.sort(ASCENDING)}`);
  }

  // One multiset for each coordinate: the colours along it.
  function oblivious({ n }, colours, k) {
    const lines = Array.from({ length: k }, (_, i) => {
      const stride = n ** (k - 1 - i), known = new Map();
      return (tuple) => {
        const start = tuple - (Math.floor(tuple / stride) % n) * stride;
        if (!known.has(start)) {
          const along = Array.from({ length: n }, (_, w) => colours[start + w * stride]);
          known.set(start, along.sort(ASCENDING).join());
        }
        return known.get(start);
      };
    });
    return Array.from(colours, (own, tuple) => [own, ...lines.map((at) => at(tuple))].join("|"));
  }

  // One multiset of k-vectors: the same node put at every coordinate.
  function folklore({ n }, colours, k, total) {
    const strides = Array.from({ length: k }, (_, i) => n ** (k - 1 - i));
    const vectors = new Float64Array(n);
    return Array.from(colours, (own, tuple) => {
      const starts = strides.map((stride) => tuple - (Math.floor(tuple / stride) % n) * stride);
      for (let w = 0; w < n; w++) {
        vectors[w] = starts.reduce(
          (code, start, i) => code * total + colours[start + w * strides[i]],
          0,
        );
      }
      return `${own}|${vectors.sort()}`;
    });
  }

  function numbered(parts) {
    const known = new Map();
    const number = (key) => known.get(key) ?? (known.set(key, known.size), known.size - 1);
    return parts.map((keys) => Int32Array.from(keys, number));
  }

  const histogram = (colours) => Int32Array.from(colours).sort().join();

  /** Colours of both graphs, round by round, until no class splits. `round` is the first in which
   * their histograms differ, or null; `counts` how many colours each has in each round. */
  function compare(first, second, variant) {
    const { k, folklore: folk, most } = VARIANTS[variant], graphs = [first, second];
    if (Math.max(first.n, second.n) > most) return null;
    const next = (graph, colours, total) =>
      k === 1
        ? neighbourhoods(graph, colours)
        : (folk ? folklore : oblivious)(graph, colours, k, total);
    const found = { round: null, counts: [[], []], colours: [] };
    let colours = numbered(graphs.map((graph) => atomicTypes(graph, k)));
    for (let known = -1, round = 0; ; round++) {
      found.colours.push(colours);
      colours.forEach((own, i) => found.counts[i].push(new Set(own).size));
      if (found.round === null && histogram(colours[0]) !== histogram(colours[1])) {
        found.round = round;
      }
      const total = new Set([...colours[0], ...colours[1]]).size;
      if (total === known) return found;
      known = total;
      colours = numbered(graphs.map((graph, i) => next(graph, colours[i], total)));
    }
  }

  return { VARIANTS, compare };
})();
