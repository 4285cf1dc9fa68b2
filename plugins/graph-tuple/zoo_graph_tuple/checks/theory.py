"""Claims of the linear theory: ranks of spans, and risks of the best filters, both exact."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from zoo_core import Finding
from zoo_graph_tuple.filters.theory import classes, named, oracle_risk, products, rank, words_up_to

NODES = 8
DRAWS = 20
WORDS = words_up_to(2, 2)

Floats = NDArray[np.float64]


def spans(draws: int = DRAWS, nodes: int = NODES, seed: int = 0) -> Finding:
    """Count dimensions for random symmetric operators, and measure the risks of all words."""
    draw = np.random.default_rng(seed)
    ranks: dict[str, set[int]] = {"graph-tuple": set(), "S": set(), "S + W": set()}
    commuting, affine, worse = [], [], 0
    tuple_risk, single_risk = 0.0, np.inf
    for _ in range(draws):
        strong, weak = symmetric(draw, nodes), symmetric(draw, nodes)
        found = classes(strong, weak)
        for name, matrices in found.items():
            ranks[name].add(rank(matrices))
        commuting.append(rank(products([strong, polynomial(strong)], WORDS)))
        affine.append(rank(products([strong, 0.7 * strong - 0.3 * np.eye(nodes)], WORDS)))
        target = strong @ weak
        tuple_risk = max(tuple_risk, oracle_risk(found["graph-tuple"], target))
        single_risk = min(
            single_risk, *(oracle_risk(found[name], target) for name in ("S", "S + W"))
        )
        worse += _worse(found, draw, nodes)
    return Finding(
        quantities={
            "rank of the seven words": _one(ranks["graph-tuple"]),
            "rank of powers of S": _one(ranks["S"]),
            "rank of powers of S + W": _one(ranks["S + W"]),
            "largest rank where SW = WS": max(commuting),
            "rank where W = a S + b I": _one(set(affine)),
            "risk of the graph-tuple for SWx": tuple_risk,
            "least risk of S and of S + W for SWx": single_risk,
            "targets whose risk is larger with the graph-tuple": worse,
        },
        told=f"{draws} pairs of operators; words {', '.join(named(word) for word in WORDS)}",
        seeds=(seed,),
    )


def symmetric(draw: np.random.Generator, nodes: int) -> Floats:
    """Return a random symmetric matrix with eigenvalues of order 1."""
    found = draw.standard_normal((nodes, nodes))
    return np.asarray((found + found.T) / np.sqrt(2 * nodes))


def polynomial(matrix: Floats) -> Floats:
    """Return a cubic of a matrix, which commutes with it and is no combination of it and I."""
    return np.asarray(matrix @ matrix @ matrix - 0.5 * matrix @ matrix)


def _worse(found: Mapping[str, Floats], draw: np.random.Generator, nodes: int) -> int:
    """Count random targets of which the larger class of filters has the larger risk."""
    count = 0
    for _ in range(3):
        target = draw.standard_normal((nodes, nodes))
        single = min(oracle_risk(found[name], target) for name in ("S", "S + W"))
        count += oracle_risk(found["graph-tuple"], target) > single + 1e-9
    return count


def _one(ranks: set[int]) -> float:
    """Return the one rank that all draws have; -1, which none equals, where they differ."""
    return float(next(iter(ranks))) if len(ranks) == 1 else -1.0
