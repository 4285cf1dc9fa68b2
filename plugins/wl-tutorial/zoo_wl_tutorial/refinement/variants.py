"""The five tests: their names, what they colour, and up to which size they are run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from zoo_graphs.graph_set import GraphSet
from zoo_graphs.stable_colours import refinement_rounds

from zoo_core import BadInput, closest


@dataclass(frozen=True)
class Variant:
    """One update rule: its `name` as users write it, and what it colours.

    Colours are given to ordered k-tuples of nodes. A `folklore` rule has one multiset of k-vectors,
    an oblivious one k multisets; the two definitions circulate under the same name and are not
    equally strong. Graphs of more than `max_nodes` nodes are refused: time grows as n^(k+1), memory
    as n^k.
    """

    name: str
    k: int
    folklore: bool
    max_nodes: int


VARIANTS = {
    one.name: one
    for one in (
        Variant("1-wl", 1, False, 10_000_000),
        Variant("2-wl", 2, False, 2_000),
        Variant("2-fwl", 2, True, 500),
        Variant("3-wl", 3, False, 150),
        Variant("3-fwl", 3, True, 150),
    )
}


MAX_SECONDS = 300
"""A refinement of tuples that would take longer is refused unless rounds are asked for."""
_NANOSECONDS = {False: 150.0, True: 3.0}
"""What a step of an oblivious and of a folklore rule takes, by measurement on one core."""
_FEW_ROUNDS = 10


def variant_named(name: str) -> Variant:
    """Return a variant; raises `BadInput` with the closest names for an unknown one."""
    if not isinstance(name, str) or name.lower() not in VARIANTS:
        raise BadInput(
            f"There is no variant {name!r}{closest(str(name).lower(), VARIANTS)} The variants are "
            f"{', '.join(VARIANTS)} (oblivious wl, folklore fwl)."
        )
    return VARIANTS[name.lower()]


def check_sizes(graphs: GraphSet, variant: Variant, max_nodes: int | None = None) -> None:
    """Raise `BadInput` for graphs that are too large for a variant."""
    limit = variant.max_nodes if max_nodes is None else max_nodes
    largest = int(graphs.sizes.max(initial=0))
    if largest > limit:
        weaker = "a variant with a smaller k" if variant.k > 1 else "a part of it"
        raise BadInput(
            f"A graph has {largest} nodes, which is too large for {variant.name} (its limit is "
            f"{limit}: it colours all {variant.k}-tuples of nodes); take {weaker}, or raise "
            "max_nodes if you have the time and the memory."
        )


def check_time(graphs: GraphSet, variant: Variant) -> None:
    """Raise `BadInput` where refining tuples until nothing splits would take very long.

    Oblivious pairs need about the rounds of colour refinement, which has the same power; folklore
    rules and triples look twice as far in each round, so that few will do.
    """
    sizes = graphs.sizes.astype(float)
    steps = _NANOSECONDS[variant.folklore] * sizes ** (variant.k + variant.folklore)
    rounds = sum(1 for _ in refinement_rounds(graphs))
    if variant.name != "2-wl":
        rounds = min(rounds, _FEW_ROUNDS)
    seconds = rounds * float(steps.sum()) / 1e9
    if seconds > MAX_SECONDS:
        raise BadInput(
            f"Some {rounds} rounds of {variant.name} on {graphs.num_graphs} graphs of up to "
            f"{int(sizes.max())} nodes would take about {seconds / 60:.0f} minutes; give rounds= "
            "to run so many all the same, take smaller graphs, or a variant with a smaller k."
        )


def tuple_counts(graphs: GraphSet, variant: Variant) -> np.ndarray:
    """Return n_i^k, the number of tuples of each graph, (g,) int64."""
    counts: np.ndarray = graphs.sizes**variant.k
    return counts


def check_rounds(rounds: Any) -> int:
    """Return a number of rounds; raises `BadInput` unless it is an integer from 0."""
    whole = isinstance(rounds, int | np.integer) and not isinstance(rounds, bool)
    if not whole or rounds < 0:
        raise BadInput(f"rounds={rounds!r} is no number of rounds; give an integer from 0.")
    return int(rounds)
