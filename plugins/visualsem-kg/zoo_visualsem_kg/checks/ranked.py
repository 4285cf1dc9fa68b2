"""Ranks of a model on the test triples of the data that it was trained on, query by query."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from zoo_triples.known import COLUMN, Known, Side
from zoo_triples.ranking import SIDES, Scorer, rank_triples, ranks
from zoo_triples.triples import TripleSet

from zoo_core import Estimate, Finding, bootstrap, dataset, load


class Ranked:
    """Reciprocal ranks (m,) of queries, with the side and the relation of each."""

    def __init__(self, scorer: Scorer, data: TripleSet, triples: Tensor | None = None) -> None:
        known = Known(data.triples, len(data.entities), len(data.relations))
        asked = data.of("test") if triples is None else triples
        parts = list(rank_triples(scorer, asked, known, SIDES))
        joined = {name: torch.cat([part[name] for part in parts]) for name in parts[0]}
        self.rank, self.side, self.relation = ranks(joined), joined["side"], joined["relation"]
        self.reciprocal = 1 / self.rank

    def of(self, side: Side | None = None, relation: int | None = None) -> Tensor:
        """Return which queries (m,) are of a side and a relation."""
        chosen = torch.ones_like(self.side, dtype=torch.bool)
        if side is not None:
            chosen &= self.side == COLUMN[side]
        if relation is not None:
            chosen &= self.relation == relation
        return chosen

    def mrr(self, side: Side | None = None, relation: int | None = None) -> Estimate:
        """Return the mean reciprocal rank, with a bootstrap over queries."""
        return bootstrap(self.reciprocal[self.of(side, relation)].tolist())

    def hits(self, k: int) -> Estimate:
        """Return the share in percent of true answers among the first k."""
        return bootstrap((100 * (self.rank <= k).double()).tolist())

    def figures(self, data: TripleSet) -> dict[str, Any]:
        """Return what is told beside a claim: by side, and by relation with its queries."""
        by_relation = {}
        for number, name in enumerate(data.relations.ids):
            chosen = self.of(relation=number)
            if int(chosen.sum()):
                mean = float(self.reciprocal[chosen].mean())
                by_relation[name] = {"MRR": mean, "queries": int(chosen.sum())}
        return {
            "head MRR": float(self.reciprocal[self.of("head")].mean()),
            "tail MRR": float(self.reciprocal[self.of("tail")].mean()),
            **{f"Hits@{k}": float((100 * (self.rank <= k).double()).mean()) for k in (1, 3, 10)},
            "by relation": by_relation,
        }


def ranked(model: str, data: str) -> tuple[Ranked, TripleSet]:
    """Return the ranks of a shipped model on the test triples of a registered graph."""
    graph = dataset(data)
    module: Any = load(model)
    return Ranked(module.scorer(), graph), graph


def gain_of(first: Ranked, second: Ranked, relation: int | None = None) -> Estimate:
    """Return how much higher the first's reciprocal ranks are, query by query."""
    chosen = first.of(relation=relation)
    return bootstrap((first.reciprocal - second.reciprocal)[chosen].tolist())


def finding_of(found: Ranked, graph: TripleSet, tail: bool) -> Finding:
    """Return the finding of one model: MRR, and with `tail` that of tails and Hits@10."""
    more = {"tail MRR": found.mrr("tail"), "Hits@10": found.hits(10)} if tail else {}
    return Finding(quantities={"MRR": found.mrr(), **more}, figures=found.figures(graph))
