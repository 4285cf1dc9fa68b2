"""Ranks of a model on the test triples of the data that it was trained on, query by query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from zoo_triples.known import COLUMN, Known, Side
from zoo_triples.ranking import SIDES, Scorer, rank_triples, ranks
from zoo_triples.triples import TripleSet

from zoo_core import Estimate, Finding, bootstrap, dataset, load
from zoo_visualsem_kg.linking import LinkModel

DRAWS = 2000


class Ranked:
    """Reciprocal ranks (m,) of queries, with the side and the relation of each."""

    def __init__(
        self, ranker: Scorer | LinkModel, data: TripleSet, triples: Tensor | None = None
    ) -> None:
        """Rank by what scores all candidates, or as a model is validated."""
        known = Known(data.triples, len(data.entities), len(data.relations))
        asked = data.of("test") if triples is None else triples
        if isinstance(ranker, LinkModel):
            parts = list(ranker.validated(asked, known))
        else:
            parts = list(rank_triples(ranker, asked, known, SIDES))
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


def over_runs(values: Tensor) -> Estimate:
    """Return the mean of values (runs, m): of queries, the same in all runs of a training.

    Runs and queries are drawn anew with replacement, 2,000 times; the interval is that of the
    percentiles. Drawing both is rather too wide than too narrow (Owen 2007, the pigeonhole
    bootstrap).
    """
    table = values.double().numpy()
    runs, count = table.shape
    rng = np.random.default_rng(0)
    drawn = rng.multinomial(count, np.full(count, 1 / count), size=DRAWS)
    scores = drawn @ table.T / count
    means = np.take_along_axis(scores, rng.integers(runs, size=(DRAWS, runs)), 1).mean(1)
    mean, (low, high) = float(table.mean()), np.quantile(means, [0.025, 0.975])
    reach = max(mean - float(low), float(high) - mean, 0.0)
    return Estimate(mean, float(means.std(ddof=1)), reach, runs)


def gain_over_runs(
    first: Sequence[Ranked], second: Sequence[Ranked], chosen: Tensor | None = None
) -> Estimate:
    """Return how much higher the first's reciprocal ranks are, run by run and query by query.

    `chosen` (m,) says which queries count.
    """
    pairs = zip(first, second, strict=True)
    gaps = torch.stack([one.reciprocal - other.reciprocal for one, other in pairs])
    return over_runs(gaps if chosen is None else gaps[:, chosen])


def figures_of_runs(found: Mapping[str, Sequence[Ranked]], data: TripleSet) -> dict[str, Any]:
    """Return for each label its MRR run by run, and the mean of each relation's."""
    told = {}
    for label, runs in found.items():
        mean = torch.stack([one.reciprocal for one in runs]).mean(0)
        by_relation = {
            name: {"MRR": float(mean[chosen].mean()), "queries": int(chosen.sum())}
            for number, name in enumerate(data.relations.ids)
            if (chosen := runs[0].of(relation=number)).any()
        }
        by_run = {"MRR": [float(one.reciprocal.mean()) for one in runs]}
        tails = [float(one.reciprocal[one.of("tail")].mean()) for one in runs]
        told[label] = {**by_run, "tail MRR": tails, "by relation": by_relation}
    return told


def finding_of(found: Ranked, graph: TripleSet, tail: bool) -> Finding:
    """Return the finding of one model: MRR, and with `tail` that of tails and Hits@10."""
    more = {"tail MRR": found.mrr("tail"), "Hits@10": found.hits(10)} if tail else {}
    return Finding(quantities={"MRR": found.mrr(), **more}, figures=found.figures(graph))
