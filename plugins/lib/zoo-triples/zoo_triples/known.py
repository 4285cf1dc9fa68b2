"""`Known`: which answers of a query are true, as compressed rows for the three sides."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

Side = Literal["head", "relation", "tail"]
COLUMN: dict[Side, int] = {"head": 0, "relation": 1, "tail": 2}
"""Which column of a triple each side asks for; the two others are the query, in their order."""
ASKED = {side: [c for c in range(3) if c != column] for side, column in COLUMN.items()}


class Known:
    """The true answers of queries among some triples (N, 3); duplicates count once.

    Memory is that of the triples, about five times over for each side that is asked.
    """

    def __init__(self, triples: Tensor, entities: int, relations: int) -> None:
        self.entities, self.relations = entities, relations
        self._triples = torch.unique(triples, dim=0) if len(triples) else triples
        self._tables: dict[str, tuple[Tensor, Tensor, Tensor]] = {}

    def __len__(self) -> int:
        return len(self._triples)

    def _keys(self, side: Side, queries: Tensor) -> Tensor:
        """Return one number for each query (B, 2); with 10^6 entities it is below 2^63."""
        width = self.relations if side == "tail" else self.entities
        return queries[:, 0] * width + queries[:, 1]

    def _table(self, side: Side) -> tuple[Tensor, Tensor, Tensor]:
        """Return the distinct queries' keys (Q,), where their answers begin (Q + 1,), answers."""
        if side not in self._tables:
            keys = self._keys(side, self._triples[:, ASKED[side]])
            order = torch.argsort(keys, stable=True)
            distinct, counts = torch.unique_consecutive(keys[order], return_counts=True)
            starts = torch.cat([counts.new_zeros(1), counts.cumsum(0)])
            self._tables[side] = distinct, starts, self._triples[order, COLUMN[side]]
        return self._tables[side]

    def answers(self, side: Side, queries: Tensor) -> tuple[Tensor, Tensor]:
        """Return the pairs (row of the query, true answer) of queries (B, 2).

        Queries are (head, relation) for tails, (relation, tail) for heads, (head, tail) for
        relations. Pairs are in the order of the queries, and distinct.
        """
        distinct, starts, answers = self._table(side)
        rows = torch.arange(len(queries))
        if not len(distinct):
            return rows[:0], rows[:0]
        keys = self._keys(side, queries)
        place = torch.searchsorted(distinct, keys).clamp(max=len(distinct) - 1)
        hit = distinct[place] == keys
        counts = (starts[place + 1] - starts[place]) * hit
        owner = torch.repeat_interleave(rows, counts)
        first = torch.repeat_interleave(starts[place] - (counts.cumsum(0) - counts), counts)
        return owner, answers[first + torch.arange(len(owner))]

    def holds(self, triples: Tensor) -> Tensor:
        """Tell of each triple (B, 3) whether it is known."""
        if not len(self._triples):
            return torch.zeros(len(triples), dtype=torch.bool)
        base = self._single(self._triples).sort().values
        wanted = self._single(triples)
        place = torch.searchsorted(base, wanted).clamp(max=len(base) - 1)
        return base[place] == wanted

    def _single(self, triples: Tensor) -> Tensor:
        return (triples[:, 0] * self.entities + triples[:, 2]) * self.relations + triples[:, 1]

    def labels(self, side: Side, queries: Tensor, width: int) -> Tensor:
        """Return the multi-hot answers (B, width) of 1-N scoring, float32."""
        found = torch.zeros(len(queries), width)
        found[self.answers(side, queries)] = 1.0
        return found
