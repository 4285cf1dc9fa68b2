"""The checks of what the tests separate: counts that must be met exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from zoo_graphs.graph_set import GraphSet

from zoo_core import DataError, Finding, Verdict
from zoo_core import dataset as load_dataset
from zoo_wl_tutorial.data import families
from zoo_wl_tutorial.data.pairs import PairSet
from zoo_wl_tutorial.refinement.rounds import refine
from zoo_wl_tutorial.refinement.variants import VARIANTS

BREC_FWL2 = {"basic": 60, "regular": 50, "str": 0, "extension": 100, "4vtx": 0, "dr": 0}
ATLAS = {3: (4, 4), 4: (11, 11), 5: (34, 34), 6: (156, 152), 7: (1044, 1022)}
"""Nodes: graphs, and classes under 1-WL."""


def exactly(found: Mapping[str, Any], expected: Mapping[str, Any], measured: str) -> Finding:
    """Return a Finding that holds when every figure is the expected one."""
    wrong = {key: found.get(key) for key in expected if found.get(key) != expected[key]}
    told = measured
    if wrong:
        told += "; not as expected: " + ", ".join(f"{key} {value}" for key, value in wrong.items())
    verdict: Verdict = "fails" if wrong else "holds"
    return Finding(verdict=verdict, measured=told, figures=dict(found), seeds=[0])


def separated(first: GraphSet, second: GraphSet) -> dict[str, bool]:
    """Return, for each variant, whether it tells two graphs apart."""
    pair = GraphSet.concatenate([first, second])
    return {name: refine(pair, name).first_difference(0, 1) is not None for name in VARIANTS}


def row(*apart: bool) -> dict[str, bool]:
    """Return a row of the table, in the order of `VARIANTS`."""
    return dict(zip(VARIANTS, apart, strict=True))


def told(found: Mapping[str, bool]) -> str:
    """Return a row of the table for people."""
    words = {True: "separated", False: "equal"}
    return ", ".join(f"{name} {words[apart]}" for name, apart in found.items())


def cycles() -> Finding:
    """S1: one hexagon or two triangles."""
    found = separated(families.cycles(6), families.cycles(3, 3))
    return exactly(found, row(False, False, True, True, True), told(found))


def molecules() -> Finding:
    """S2: decalin and bicyclopentyl, with the numbers of stable colours."""
    pair = GraphSet.concatenate([families.decalin(), families.bicyclopentyl()])
    found: dict[str, Any] = separated(*(pair.select([i]) for i in (0, 1)))
    nodes, tuples = (refine(pair, name) for name in ("1-wl", "2-fwl"))
    counts = {
        "1-wl stable classes": [nodes.counts(i)[-1] for i in (0, 1)],
        "2-fwl stable classes": [tuples.counts(i)[-1] for i in (0, 1)],
    }
    expected = {
        **row(False, False, True, True, True),
        "1-wl stable classes": [3, 3],
        "2-fwl stable classes": [26, 22],
    }
    numbers = "; ".join(f"{key} {a} and {b}" for key, (a, b) in counts.items())
    return exactly({**found, **counts}, expected, f"{told(found)}; {numbers}")


def strongly_regular_pair() -> Finding:
    """S3: the rook's and the Shrikhande graph."""
    found = separated(families.rook(), families.shrikhande())
    return exactly(found, row(False, False, False, False, True), told(found))


def classes_of(graphs: GraphSet, variants: Sequence[str]) -> dict[str, int]:
    """Return how many classes of equivalent graphs each variant makes of a set."""
    return {name: int(refine(graphs, name).classes().max()) + 1 for name in variants}


def strongly_regular() -> Finding:
    """S4: the 15 strongly regular graphs with parameters (25, 12, 5, 6)."""
    found = classes_of(load_dataset("strongly-regular"), tuple(VARIANTS))
    expected = dict(zip(VARIANTS, (1, 1, 1, 1, 15), strict=True))
    return exactly(found, expected, f"classes of 15 graphs: {found}")


def skip_links() -> Finding:
    """S5: the circular skip links, one graph of each class."""
    graphs = load_dataset("csl", copies=5).select(range(0, 50, 5))
    found = classes_of(graphs, ("1-wl", "2-wl", "2-fwl"))
    return exactly(found, {"1-wl": 1, "2-wl": 1, "2-fwl": 10}, f"classes of 10 graphs: {found}")


def atlas(nodes: int, connected: bool = False) -> GraphSet:
    """Return all graphs with so many nodes, at most 7; raises `DataError` without NetworkX."""
    try:
        import networkx as nx
    except ImportError as error:
        raise DataError(
            "The graph atlas comes with NetworkX; install it with `pip install networkx`."
        ) from error
    chosen = [one for one in nx.graph_atlas_g() if len(one) == nodes]
    return GraphSet.concatenate(
        families.graph(list(one.edges), nodes, one.name)
        for one in chosen
        if not connected or nx.is_connected(one)
    )


def connected_atlas() -> Finding:
    """S6: the 853 connected graphs on 7 nodes."""
    graphs = atlas(7, connected=True)
    found = {"graphs": len(graphs), **classes_of(graphs, ("1-wl", "2-wl", "2-fwl"))}
    counts = np.bincount(refine(graphs, "1-wl").classes())
    found["pairs equal under 1-wl"] = int((counts * (counts - 1) // 2).sum())
    expected = {
        "graphs": 853,
        "1-wl": 836,
        "2-wl": 836,
        "2-fwl": 853,
        "pairs equal under 1-wl": 17,
    }
    return exactly(found, expected, f"classes: {found}")


def whole_atlas() -> Finding:
    """S7: all graphs on 3 to 7 nodes under 1-WL."""
    found = {}
    for nodes in ATLAS:
        graphs = atlas(nodes)
        found[str(nodes)] = [len(graphs), classes_of(graphs, ("1-wl",))["1-wl"]]
    expected = {str(nodes): list(pair) for nodes, pair in ATLAS.items()}
    shown = ", ".join(f"{n} nodes: {classes} of {every}" for n, (every, classes) in found.items())
    return exactly(found, expected, f"classes of graphs: {shown}")


def pairs_apart(data: PairSet, variant: str) -> np.ndarray:
    """Return which pairs a variant tells apart, (P,) bool."""
    classes = refine(data.graphs, variant).classes()
    apart: np.ndarray = classes[::2] != classes[1::2]
    return apart


def brec() -> Finding:
    """S8: six categories of BREC, and isomorphic copies beside each pair."""
    found: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for category in BREC_FWL2:
        data = load_dataset("brec", category=category, copies=True)
        same = data.isomorphic
        for variant in ("1-wl", "2-wl", "2-fwl"):
            apart = pairs_apart(data, variant)
            found[f"{category} {variant}"] = int(apart[~same].sum())
            found[f"{category} {variant} false"] = int(apart[same].sum())
            expected[f"{category} {variant}"] = (variant == "2-fwl") * BREC_FWL2[category]
            expected[f"{category} {variant} false"] = 0
    shown = ", ".join(f"{name} {found[f'{name} 2-fwl']}" for name in BREC_FWL2)
    weak = sum(found[f"{name} {variant}"] for name in BREC_FWL2 for variant in ("1-wl", "2-wl"))
    false = sum(value for key, value in found.items() if key.endswith("false"))
    return exactly(
        found,
        expected,
        f"2-fwl: {shown}; 1-wl and 2-wl: {weak} in all; isomorphic pairs told apart: {false}",
    )


def karate() -> Finding:
    """S9: colours by round on the karate club."""
    graph = load_dataset("karate")
    one = GraphSet.from_edges(graph.edges, [0, graph.num_nodes])
    found = {name: refine(one, name).counts(0) for name in ("1-wl", "2-fwl")}
    expected = {"1-wl": [1, 11, 27, 27], "2-fwl": [3, 325, 735, 735]}
    return exactly(found, expected, f"colours by round: {found}")


def cai_furer_immerman() -> Finding:
    """CFI: k-FWL separates the pair of a base graph of treewidth at most k, and of no other."""
    data = load_dataset("cfi", copies=False)
    variants = ("1-wl", "2-fwl", "3-fwl")
    apart = np.stack([pairs_apart(data, variant) for variant in variants], axis=1).astype(int)
    found = dict(zip(data.categories, apart.tolist(), strict=True))
    widths = {"C3": 2, "C5": 2, "diamond": 2, "K4": 3, "K3,3": 3, "K5": 4}
    expected = {name: [int(width <= k) for k in (1, 2, 3)] for name, width in widths.items()}
    shown = ", ".join(f"{name} (treewidth {widths[name]}) {row}" for name, row in found.items())
    return exactly(found, expected, f"separated by {', '.join(variants)}: {shown}")


def hierarchy() -> Finding:
    """Hierarchy: partitions of all graphs on 6 nodes, and of pairs made to be hard."""
    graphs = [atlas(6), load_dataset("wl-pairs").graphs]
    parts = {
        name: [refine(one, name).classes().tolist() for one in graphs]
        for name in ("1-wl", "2-wl", "2-fwl", "3-wl", "3-fwl")
    }
    found = {
        "1-wl = 2-wl": parts["1-wl"] == parts["2-wl"],
        "2-fwl = 3-wl": parts["2-fwl"] == parts["3-wl"],
        "2-wl < 2-fwl": _finer(parts["2-fwl"], parts["2-wl"]),
        "3-wl < 3-fwl": _finer(parts["3-fwl"], parts["3-wl"]),
    }
    classes = {name: [max(part) + 1 for part in both] for name, both in parts.items()}
    expected = dict.fromkeys(found, True)
    return exactly(
        {**found, "classes": classes},
        expected,
        f"classes of {len(graphs[0])} and {len(graphs[1])} graphs: {classes}",
    )


def _finer(fine: Sequence[Sequence[int]], coarse: Sequence[Sequence[int]]) -> bool:
    """Tell whether partitions refine others, one of them strictly."""
    nested = all(
        len(set(zip(one, other, strict=True))) == len(set(one))
        for one, other in zip(fine, coarse, strict=True)
    )
    return nested and fine != coarse
