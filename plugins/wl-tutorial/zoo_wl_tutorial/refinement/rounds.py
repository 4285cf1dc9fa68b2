"""Running a test: its rounds one after the other, or all of them kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise

import numpy as np
from zoo_graphs.colour_refinement import colour_rounds, distinct
from zoo_graphs.graph_set import GraphSet
from zoo_graphs.stable_colours import refinement_rounds

from zoo_core import BadInput
from zoo_wl_tutorial.refinement import exact as exact_mode
from zoo_wl_tutorial.refinement import tuples
from zoo_wl_tutorial.refinement.variants import (
    Variant,
    check_rounds,
    check_sizes,
    check_time,
    tuple_counts,
    variant_named,
)

_TOGETHER = 1_000_000  # tuples; their colours and what is computed from them stay in the cache
MAX_GIGABYTES = 2.0
"""How much the colours of all rounds may take where all are kept."""


@dataclass(frozen=True)
class Refinement:
    """The colours of all k-tuples of g graphs under a rule (`variant`), round by round.

    `colours` are c_0, c_1, ...: for each round an (N,) array, graph by graph, the tuples of a graph
    in lexicographic order; uint64 hashes, or numbers in the exact mode. Colours are shared by all
    graphs. `offsets` (g + 1,) is where each graph's tuples start, and `sizes` (g,) the graphs'
    numbers of nodes.
    """

    variant: Variant
    colours: Sequence[np.ndarray]
    offsets: np.ndarray
    sizes: np.ndarray

    @property
    def rounds(self) -> int:
        """The number of rounds after c_0."""
        return len(self.colours) - 1

    def flat(self, graph: int, round_: int = -1) -> np.ndarray:
        """Return a graph's colours in one round, (n^k,)."""
        return self.colours[round_][self.offsets[graph] : self.offsets[graph + 1]]

    def of(self, graph: int, round_: int = -1) -> np.ndarray:
        """Return a graph's colours in one round, shape (n,) * k."""
        return self.flat(graph, round_).reshape((int(self.sizes[graph]),) * self.variant.k)

    def counts(self, graph: int) -> list[int]:
        """Return how many colours a graph has in each round."""
        return [distinct(self.flat(graph, round_)) for round_ in range(len(self.colours))]

    def first_difference(self, first: int, second: int) -> int | None:
        """Return the first round in which two graphs' histograms differ, or None."""
        for round_ in range(len(self.colours)):
            ours, theirs = (np.sort(self.flat(i, round_)) for i in (first, second))
            if not np.array_equal(ours, theirs):
                return round_
        return None

    def classes(self) -> np.ndarray:
        """Return the graphs' equivalence classes after the last round, (g,), by first occurrence.

        Colours tell those of all earlier rounds, so that the last histogram says it all.
        """
        return classes_of(self.colours[-1], self.offsets)


def classes_of(colours: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Return which graphs have equal histograms in one round: class numbers (g,), from 0."""
    known: dict[bytes, int] = {}
    found = []
    for low, high in pairwise(offsets.tolist()):
        key = np.sort(colours[low:high]).tobytes()
        found.append(known.setdefault(key, len(known)))
    return np.array(found, dtype=np.int64)


def refine(
    graphs: GraphSet,
    variant: str,
    rounds: int | None = None,
    *,
    exact: bool = False,
    edge_labels: bool = True,
    max_nodes: int | None = None,
    max_gigabytes: float = MAX_GIGABYTES,
) -> Refinement:
    """Run a test on all graphs of a set at once, and keep every round.

    `variant` is "1-wl" (colour refinement), "2-wl" or "3-wl" (oblivious), "2-fwl" or "3-fwl"
    (folklore). Graphs share their colours, and an empty one has none. Without `rounds` it runs
    until no class of the whole set splits: the last round is the one that shows it, with as many
    colours as the one before. `exact` numbers sorted rows and does not hash, which is for small
    graphs. `edge_labels` says whether the edges' labels are used, `max_nodes` how large a graph may
    be (None: the variant's own limit), `max_gigabytes` how much the colours of all rounds may take.
    `zoo_wl_tutorial.refinement.comparison` says what the colours tell without keeping them.

    Raises `BadInput` for an unknown variant, graphs too large for it, no number of rounds, or
    colours that take too much.
    """
    rule = variant_named(variant)
    offsets = np.concatenate([[0], np.cumsum(tuple_counts(graphs, rule))])
    stream = colour_stream(
        graphs, rule, exact=exact, edge_labels=edge_labels, max_nodes=max_nodes, rounds=rounds
    )
    if rounds is not None:
        stream = islice(stream, check_rounds(rounds) + 1)
    elif rule.k == 1 and not exact:
        # Known beforehand, in a fraction of the time.
        rounds = sum(1 for _ in refinement_rounds(graphs, edge_labels=edge_labels)) - 1
        stream = islice(stream, rounds + 1)
    else:
        stream = until_stable(stream)
    if rounds is not None:
        _check_memory(rounds + 1, int(offsets[-1]), max_gigabytes)
    colours: list[np.ndarray] = []
    for one in stream:
        _check_memory(len(colours) + 1, int(offsets[-1]), max_gigabytes)
        colours.append(one)
    return Refinement(rule, colours, offsets, graphs.sizes)


def _check_memory(rounds: int, tuples: int, most: float) -> None:
    needed = 8 * rounds * tuples / 1e9
    if needed > most:
        raise BadInput(
            f"The colours of {tuples} nodes or tuples in {rounds} rounds take {needed:.1f} GB, and "
            f"up to {most:g} GB are kept; give a number of rounds, or raise max_gigabytes."
        )


def colour_stream(
    graphs: GraphSet,
    rule: Variant,
    *,
    exact: bool = False,
    edge_labels: bool = True,
    max_nodes: int | None = None,
    rounds: int | None = None,
) -> Iterator[np.ndarray]:
    """Yield c_0, c_1, ... without end; takes and raises what `refine` does.

    `rounds` is how many will be taken: None for as many as it needs, which may be refused.
    """
    check_sizes(graphs, rule, max_nodes)
    if not edge_labels and graphs.edge_labels is not None:
        graphs = replace(graphs, edge_labels=None)
    if exact:
        exact_mode.check_exact(graphs, rule)
        return _iterated(
            exact_mode.first_colours(graphs, rule),
            lambda before: exact_mode.next_colours(graphs, before, rule),
        )
    if rule.k == 1:
        return colour_rounds(graphs)
    if rounds is None:
        check_time(graphs, rule)
    return _hashed(graphs, rule)


def until_stable(stream: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    """Yield colours up to the first round that has as many as the one before."""
    known = -1
    for colours in stream:
        yield colours
        count = distinct(colours)
        if count == known:
            return
        known = count


def _hashed(graphs: GraphSet, rule: Variant) -> Iterator[np.ndarray]:
    """Refine tuples; graphs of one size together, as many as the memory allows."""
    offsets = np.concatenate([[0], np.cumsum(tuple_counts(graphs, rule))])
    groups = []
    for n in np.unique(graphs.sizes[graphs.sizes > 0]).tolist():
        members = np.flatnonzero(graphs.sizes == n)
        groups += np.array_split(members, -(-members.size * n**rule.k // _TOGETHER))
    places = [
        offsets[members][:, None] + np.arange(graphs.sizes[members[0]] ** rule.k)
        for members in groups
    ]
    shapes = [(len(members), *(int(graphs.sizes[members[0]]),) * rule.k) for members in groups]

    def joined(parts: Sequence[np.ndarray]) -> np.ndarray:
        whole = np.empty(int(offsets[-1]), dtype=np.uint64)
        for place, part in zip(places, parts, strict=True):
            whole[place] = part.reshape(place.shape)
        return whole

    def following(before: np.ndarray) -> np.ndarray:
        return joined(
            [
                tuples.step(before[place].reshape(shape), rule)
                for place, shape in zip(places, shapes, strict=True)
            ]
        )

    first = joined([tuples.atomic_types(graphs, members, rule.k) for members in groups])
    return _iterated(first, following)


def _iterated(
    first: np.ndarray, following: Callable[[np.ndarray], np.ndarray]
) -> Iterator[np.ndarray]:
    colours = first
    while True:
        yield colours
        colours = following(colours)
