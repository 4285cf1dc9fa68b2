"""The checks of what the tests separate: counts that must be met exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from zoo_graphs.graph_set import GraphSet

from zoo_core import DataError, Finding
from zoo_core import dataset as load_dataset
from zoo_wl_tutorial.data import families
from zoo_wl_tutorial.data.pairs import PairSet
from zoo_wl_tutorial.refinement.rounds import refine
from zoo_wl_tutorial.refinement.variants import VARIANTS

TREEWIDTHS = {"C3": 2, "C5": 2, "diamond": 2, "K4": 3, "K3,3": 3, "K5": 4}
"""Of the base graphs of the CFI pairs."""


def pair(of: str, stable: Sequence[str] = ()) -> Finding:
    """Measure which variants tell two graphs apart, and how many `stable` colours they have.

    The pair is "cycles" (one hexagon, two triangles), "molecules" or "rook-shrikhande".
    """
    first, second = {
        "cycles": (families.cycles(6), families.cycles(3, 3)),
        "molecules": (families.decalin(), families.bicyclopentyl()),
        "rook-shrikhande": (families.rook(), families.shrikhande()),
    }[of]
    found: dict[str, Any] = {
        f"told apart by {variant}": apart for variant, apart in separated(first, second).items()
    }
    for variant in stable:
        for graph in (first, second):
            colours = refine(graph, variant).counts(0)[-1]
            found[f"stable {variant} classes of {graph.name}"] = colours
    return Finding(quantities=found, figures=found)


def separated(first: GraphSet, second: GraphSet) -> dict[str, bool]:
    """Return, for each variant, whether it tells two graphs apart."""
    both = GraphSet.concatenate([first, second])
    return {name: refine(both, name).first_difference(0, 1) is not None for name in VARIANTS}


def classes_of(graphs: GraphSet, variants: Sequence[str]) -> dict[str, int]:
    """Return how many classes of equivalent graphs each variant makes of a set, by its name."""
    return {
        f"classes under {name}": int(refine(graphs, name).classes().max()) + 1 for name in variants
    }


def family(
    dataset: str, variants: Sequence[str], options: Mapping[str, Any] | None = None
) -> Finding:
    """Measure how many classes each variant makes of a dataset's graphs."""
    graphs = load_dataset(dataset, **(options or {}))
    found = {"graphs": len(graphs), **classes_of(graphs, variants)}
    return Finding(quantities=found, figures=found)


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
    """Measure the classes of the connected graphs on 7 nodes, and the pairs that stay equal."""
    graphs = atlas(7, connected=True)
    found = {"graphs": len(graphs), **classes_of(graphs, ("1-wl", "2-wl", "2-fwl"))}
    counts = np.bincount(refine(graphs, "1-wl").classes())
    found["pairs equal under 1-wl"] = int((counts * (counts - 1) // 2).sum())
    return Finding(quantities=found, figures=found)


def whole_atlas() -> Finding:
    """Measure the classes of all graphs on 3 to 7 nodes under 1-WL."""
    found = {}
    for nodes in range(3, 8):
        graphs = atlas(nodes)
        (classes,) = classes_of(graphs, ("1-wl",)).values()
        found[f"{nodes}-node graphs"] = len(graphs)
        found[f"classes among {nodes}-node graphs"] = classes
    return Finding(quantities=found, figures=found)


def pairs_apart(data: PairSet, variant: str) -> np.ndarray:
    """Return which pairs a variant tells apart, (P,) bool."""
    classes = refine(data.graphs, variant).classes()
    apart: np.ndarray = classes[::2] != classes[1::2]
    return apart


def brec() -> Finding:
    """Measure six categories of BREC, with isomorphic copies beside each pair."""
    data = load_dataset("brec", copies=True)
    categories, same = np.array(data.categories), data.isomorphic
    found: dict[str, int] = {}
    false = 0
    for variant in ("1-wl", "2-wl", "2-fwl"):
        apart = pairs_apart(data, variant)
        false += int(apart[same].sum())
        for category in dict.fromkeys(data.categories):
            found[f"{category}, by {variant}"] = int(apart[~same & (categories == category)].sum())
    weak = {
        f"pairs told apart by {variant}": sum(
            count for name, count in found.items() if name.endswith(f", by {variant}")
        )
        for variant in ("1-wl", "2-wl")
    }
    strong = {name: count for name, count in found.items() if name.endswith(", by 2-fwl")}
    return Finding(
        quantities={**weak, **strong, "isomorphic pairs told apart": false},
        figures={**found, "isomorphic pairs told apart": false},
    )


def karate() -> Finding:
    """Measure the numbers of colours, round by round, on the karate club."""
    graph = load_dataset("karate")
    one = GraphSet.from_edges(graph.edges, [0, graph.num_nodes], layout="columns")
    found = {
        f"round {round_} colours under {variant}": count
        for variant in ("1-wl", "2-fwl")
        for round_, count in enumerate(refine(one, variant, 3).counts(0))
    }
    return Finding(quantities=found, figures=found)


def cai_furer_immerman() -> Finding:
    """Measure which k-FWL separates the pair of each base graph, by its treewidth."""
    data = load_dataset("cfi", copies=False)
    widths = np.array([TREEWIDTHS[name] for name in data.categories])
    quantities: dict[str, int] = {}
    figures: dict[str, list[str]] = {}
    for k, variant in ((1, "1-wl"), (2, "2-fwl"), (3, "3-fwl")):
        apart = pairs_apart(data, variant)
        figures[variant] = [data.categories[i] for i in np.flatnonzero(apart)]
        for reach, within in (("up to", widths <= k), ("above", widths > k)):
            if within.any():
                name = f"treewidth {reach} {k}, told apart by {variant}"
                quantities[name] = int(apart[within].sum())
    return Finding(quantities=quantities, figures=figures)


def hierarchy() -> Finding:
    """Measure partitions of all graphs on 6 nodes, and of pairs made to be hard."""
    graphs = [atlas(6), load_dataset("wl-pairs").graphs]
    parts = {name: [refine(one, name).classes().tolist() for one in graphs] for name in VARIANTS}
    classes = {name: [max(part) + 1 for part in both] for name, both in parts.items()}
    found = {
        "1-wl and 2-wl make the same classes": parts["1-wl"] == parts["2-wl"],
        "2-fwl and 3-wl make the same classes": parts["2-fwl"] == parts["3-wl"],
        "2-fwl is strictly finer than 2-wl": _finer(parts["2-fwl"], parts["2-wl"]),
        "3-fwl is strictly finer than 3-wl": _finer(parts["3-fwl"], parts["3-wl"]),
    }
    counts = ", ".join(f"{name} {first} and {second}" for name, (first, second) in classes.items())
    return Finding(
        quantities=found,
        told=f"classes of {len(graphs[0])} and {len(graphs[1])} graphs: {counts}",
        figures={**found, "classes": classes},
    )


def _finer(fine: Sequence[Sequence[int]], coarse: Sequence[Sequence[int]]) -> bool:
    """Tell whether partitions refine others, one of them strictly."""
    nested = all(
        len(set(zip(one, other, strict=True))) == len(set(one))
        for one, other in zip(fine, coarse, strict=True)
    )
    return nested and fine != coarse
