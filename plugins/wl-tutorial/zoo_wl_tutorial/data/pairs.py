"""Labelled pairs of graphs: isomorphic or not, which is what a test is held against."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from zoo_graphs.graph_set import GraphSet

from zoo_core import Split


@dataclass(frozen=True, eq=False)
class PairSet:
    """P pairs of graphs and the truth about them, under a `name`.

    Pair i is graphs 2i and 2i + 1 of the 2 P `graphs`; `isomorphic` (P,) is bool, and `categories`
    (P,) tell where each pair is from.
    """

    graphs: GraphSet
    isomorphic: np.ndarray
    categories: tuple[str, ...]
    name: str

    @classmethod
    def different(
        cls,
        pairs: Iterable[tuple[str, GraphSet, GraphSet]],
        name: str,
        *,
        copies: bool = True,
        seed: int = 0,
    ) -> PairSet:
        """Make a set of pairs (category, first, second) that are known to be no isomorphic ones.

        With `copies` each pair has another one beside it: its first graph, and the same graph with
        its nodes in a random order (of `seed`). A test that tells these apart is wrong.
        """
        listed = list(pairs)
        graphs = [graph for _, first, second in listed for graph in (first, second)]
        if copies:
            for number, (_, first, _) in enumerate(listed):
                graphs += [first, first.permuted(seed + number)]
        categories = tuple(category for category, _, _ in listed)
        truth = np.repeat([False, True], len(listed)) if copies else np.zeros(len(listed), bool)
        return cls(
            GraphSet.concatenate(graphs, name), truth, categories * (2 if copies else 1), name
        )

    def __len__(self) -> int:
        return len(self.categories)

    @property
    def splits(self) -> tuple[str, ...]:
        """All pairs are for testing: nothing is fitted."""
        return ("test",)

    @property
    def metric_options(self) -> dict[str, int]:
        """What a metric must know: a pair is isomorphic (1) or not (0)."""
        return {"num_classes": 2}

    def split(self, name: str) -> Split:
        """Return the view of a split, with the indices of its pairs."""
        return Split(self, name, np.arange(len(self)))

    def select(self, pairs: np.ndarray) -> tuple[GraphSet, np.ndarray]:
        """Return the graphs and the truth of the pairs with these indices."""
        members = np.stack([2 * pairs, 2 * pairs + 1], axis=1).ravel()
        return self.graphs.select(members), self.isomorphic[pairs]
