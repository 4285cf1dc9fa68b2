"""What a view leaves out of a source: counted over all graphs, and said once for each kind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from zoo_core import notice
from zoo_graphs.graph import Graph
from zoo_graphs.reading.source import Source

LOOPS, REPEATED, WEIGHTS = "self-loops", "repeated edges", "edge weights"


class Dropped:
    """Counts of what was dropped, by kind."""

    def __init__(self) -> None:
        self.loops = self.repeated = self.weighted = self.merged = 0
        self.directions = False
        self.unread_attributes: dict[str, dict[str, None]] = {"node": {}, "edge": {}}

    def of_ends(self, source: Source, directed: bool | None, weights: Any = None) -> None:
        """Count loops, edges that are given several times, and directions that are lost.

        `directed` is whether the result is; None where it is not and directions are lost.
        """
        u, v = source.ends
        keep = u != v
        self.loops += int(u.size - keep.sum())
        u, v = u[keep], v[keep]
        n = max(source.num_nodes, 1)
        distinct = np.unique(u * n + v)
        pairs = np.unique(np.minimum(u, v) * n + np.maximum(u, v))
        both_ways = distinct.size == 2 * pairs.size
        one_way = directed or both_ways or distinct.size == pairs.size or source.directed
        self.repeated += int(u.size - (distinct.size if one_way else pairs.size))
        if directed is None and source.directed and not both_ways and pairs.size:
            self.directions = True
        if directed is None and weights is not None and u.size > pairs.size:
            low, high = np.minimum(u, v), np.maximum(u, v)
            order = np.lexsort((weights[keep], low * n + high))
            keys, sorted_weights = (low * n + high)[order], np.asarray(weights)[keep][order]
            same = keys[1:] == keys[:-1]
            self.merged += int((same & (sorted_weights[1:] != sorted_weights[:-1])).sum())

    def unread(self, what: str, attributes: Iterable[str]) -> None:
        """Note attributes of nodes or edges that nothing reads."""
        self.unread_attributes[what].update(dict.fromkeys(attributes))

    @property
    def names(self) -> tuple[str, ...]:
        """What was dropped, as `GraphSet.ignored` names it."""
        counts = ((LOOPS, self.loops), (REPEATED, self.repeated), (WEIGHTS, self.weighted))
        unread = [
            f"{what} attribute {attribute!r}"
            for what, attributes in self.unread_attributes.items()
            for attribute in attributes
        ]
        return (*(name for name, count in counts if count), *unread)

    def tell_nodes(self, graph: Graph) -> None:
        """Give notice of what a `Graph` has not."""
        self._tell_ends()
        if self.directions:
            notice(f"The edges of {graph.name} have directions, which were dropped.")
        if self.merged:
            notice(
                f"{self.merged} edges of {graph.name} were given with different weights; the "
                "largest of each was kept."
            )
        self._tell_unread("label=... and weight=... name those that hold classes and weights")

    def tell_sets(self) -> None:
        """Give notice of what a `GraphSet` has not."""
        self._tell_ends()
        if self.weighted:
            edges = "edges" if self.weighted > 1 else "edge"
            notice(
                f"The weights of {self.weighted} {edges} were dropped: sets of graphs have none."
            )
        self._tell_unread("node_label=... and edge_label=... name those that hold labels")

    def _tell_ends(self) -> None:
        if self.loops:
            verb = "s were" if self.loops > 1 else " was"
            notice(f"{self.loops} self-loop{verb} dropped.")
        if self.repeated:
            notice(
                f"{self.repeated} edge{'s' * (self.repeated > 1)} given more than once "
                f"{'were' if self.repeated > 1 else 'was'} counted once."
            )

    def _tell_unread(self, advice: str) -> None:
        for what, attributes in self.unread_attributes.items():
            if attributes:
                listed = ", ".join(map(repr, attributes))
                several = "s" * (len(attributes) > 1)
                verb = "were" if several else "was"
                notice(f"The {what} attribute{several} {listed} {verb} not read; {advice}.")
