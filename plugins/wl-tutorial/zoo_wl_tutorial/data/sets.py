"""The datasets: pairs of graphs that separate the tests, and families of similar graphs.

Sources: BREC (Wang and Zhang 2023, MIT) for the categories that have a file; Brendan McKay's
collection for the strongly regular graphs; Murphy et al. 2019 for the circular skip links; Cai,
Fürer and Immerman 1992 for their construction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from zoo_graphs.graph6 import parse_graph6
from zoo_graphs.graph_set import GraphSet
from zoo_graphs.integrity import check_fold, parsing
from zoo_graphs.stratified import stratified_split

from zoo_core import BadInput, fetch
from zoo_wl_tutorial.data import families
from zoo_wl_tutorial.data.pairs import PairSet
from zoo_wl_tutorial.specs.data import BREC, SR25

CFI_BASES = {
    "C3": families.cycle_edges(3),
    "C5": families.cycle_edges(5),
    "diamond": [(0, 1), (1, 2), (2, 0), (1, 3), (2, 3)],
    "K4": families.complete_edges(4),
    "K3,3": [(i, 3 + j) for i in range(3) for j in range(3)],
    "K5": families.complete_edges(5),
}
"""Base graphs of treewidth 2, 2, 2, 3, 3 and 4."""


def brec(category: str = "all", copies: bool = False) -> PairSet:
    """Return pairs of the BREC benchmark, which are all non-isomorphic.

    `category` is one of `BREC`, or "all"; `copies` adds as many isomorphic pairs, see
    `PairSet.different`. Raises `BadInput` for an unknown category, and `DataError` when a file
    cannot be had, or is not what it should be.
    """
    if category not in (*BREC, "all"):
        raise BadInput(f"category={category!r} is unknown; use 'all', {', '.join(BREC)}.")
    chosen = BREC if category == "all" else (category,)
    return PairSet.different(
        [(one, *pair) for one in chosen for pair in _brec_pairs(one)], "brec", copies=copies
    )


def _brec_pairs(category: str) -> list[tuple[GraphSet, GraphSet]]:
    count, file = BREC[category]
    with parsing("brec"):
        lines = np.load(fetch(file), allow_pickle=False).ravel().tolist()
        graphs = [parse_graph6(x if isinstance(x, bytes) else x.encode()) for x in lines]
        if len(graphs) != 2 * count:
            raise ValueError(f"it has {len(graphs)} graphs, expected {2 * count}")
    return list(zip(graphs[::2], graphs[1::2], strict=True))


def cfi(bases: Sequence[str] = tuple(CFI_BASES), copies: bool = True, seed: int = 0) -> PairSet:
    """Return Cai-Fürer-Immerman pairs, plain and with one twist: the category is the base.

    `bases` are names of `CFI_BASES`; `copies` adds as many isomorphic pairs, in random orders of
    `seed`, see `PairSet.different`. Raises `BadInput` for an unknown base.
    """
    bases = [bases] if isinstance(bases, str) else bases
    for name in bases:
        if name not in CFI_BASES:
            raise BadInput(f"There is no base graph {name!r}; use {', '.join(CFI_BASES)}.")
    return PairSet.different([_cfi_pair(name) for name in bases], "cfi", copies=copies, seed=seed)


def _cfi_pair(name: str) -> tuple[str, GraphSet, GraphSet]:
    base = CFI_BASES[name]
    plain, twisted = (families.cai_furer_immerman(base, twist) for twist in ((), (0,)))
    return name, plain, twisted


def wl_pairs(seed: int = 0) -> PairSet:
    """Return pairs for every rung of the hierarchy, each with an isomorphic pair beside it.

    Trees, which 1-WL tells apart; one cycle or two, decalin and bicyclopentyl, circular skip links
    and CFI pairs of treewidth 2, which folklore 2-WL does and oblivious 2-WL does not; the rook's
    and the Shrikhande graph and CFI pairs of treewidth 3, which folklore 3-WL does; the CFI pair of
    K5, which needs more. The isomorphic copies are in random orders of `seed`.
    """
    skips = [families.circular_skip_link(skip) for skip in families.CSL_SKIPS]
    star = families.graph([(0, i) for i in range(1, 6)], 6, "star")
    path = families.graph([(i, i + 1) for i in range(5)], 6, "path")
    spider = families.graph([(0, 1), (0, 2), (2, 3), (0, 4), (4, 5)], 6, "spider")
    return PairSet.different(
        [
            ("trees", star, path),
            ("trees", path, spider),
            *(("cycles", families.cycles(2 * k), families.cycles(k, k)) for k in range(3, 9)),
            ("molecules", families.decalin(), families.bicyclopentyl()),
            *(("CSL", first, second) for first, second in pairwise(skips)),
            ("strongly regular", families.rook(), families.shrikhande()),
            *((f"CFI({name})", *_cfi_pair(name)[1:]) for name in CFI_BASES),
        ],
        "wl-pairs",
        seed=seed,
    )


def csl(fold: int = 0, copies: int = 15, seed: int = 0) -> GraphSet:
    """Return the circular skip links: ten classes of isomorphic 4-regular graphs on 41 nodes.

    `fold`, from 0, is a split of five-fold stratified cross-validation. A class has so many
    `copies`, with their nodes in random orders (of `seed`). Raises `BadInput` for an option out of
    range.
    """
    fold = check_fold(fold, None)
    if not isinstance(copies, int) or copies < 5:
        raise BadInput(f"copies={copies!r} is too few for five folds; give an integer from 5.")
    graphs = [families.circular_skip_link(skip) for skip in families.CSL_SKIPS]
    every = GraphSet.concatenate(one for one in graphs for _ in range(copies))
    labels = np.repeat(np.arange(len(graphs)), copies)
    return replace(
        every.permuted(seed),
        labels=labels,
        class_names=tuple(str(skip) for skip in families.CSL_SKIPS),
        splits=stratified_split(labels, fold, folds=5),
        name="csl",
    )


def strongly_regular(parameters: str = "25-12-5-6") -> GraphSet:
    """Return all strongly regular graphs with the same parameters, each a class of its own.

    `parameters` are "25-12-5-6" (15 graphs) or "16-6-2-2" (the rook's and the Shrikhande graph).
    Raises `BadInput` for others, and `DataError` when the file cannot be had, or is not what it
    should be.
    """
    if parameters == "16-6-2-2":
        graphs = [families.rook(), families.shrikhande()]
    elif parameters == "25-12-5-6":
        with parsing("strongly-regular"):
            graphs = [parse_graph6(line) for line in fetch(SR25).read_bytes().split()]
    else:
        raise BadInput(f"parameters={parameters!r} are not here; use '25-12-5-6' or '16-6-2-2'.")
    labels = np.arange(len(graphs))
    return replace(
        GraphSet.concatenate(graphs, "strongly-regular"),
        labels=labels,
        class_names=tuple(map(str, labels)),
        splits={"test": labels},
    )
