"""The registered metrics: filtered ranks of link prediction, over heads and tails or tails."""

from __future__ import annotations

from typing import Any

from zoo_core import Metric

TAKES = ("better", "equal", "candidates", "side", "relation")


def _metric(
    name: str, title: str, kind: str, higher: bool, percent: bool = False, **config: Any
) -> Metric:
    return Metric(
        name=name,
        title=title,
        factory=f"zoo_triples.metrics:{kind}",
        higher_is_better=higher,
        takes=TAKES,
        config=config,
        scale=100.0 if percent else 1.0,
        unit="%" if percent else "",
    )


METRICS = [
    _metric("mrr", "Mean reciprocal rank, heads and tails", "MeanReciprocalRank", True),
    _metric("mrr-tail", "Mean reciprocal rank, tails", "MeanReciprocalRank", True, side="tail"),
    _metric("mrr-head", "Mean reciprocal rank, heads", "MeanReciprocalRank", True, side="head"),
    _metric(
        "mrr-relation", "Mean reciprocal rank, relations", "MeanReciprocalRank", True,
        side="relation",
    ),
    _metric(
        "mrr-macro", "Mean reciprocal rank, mean over relations", "MeanReciprocalRank", True,
        macro=True,
    ),
    *(
        _metric(f"hits-at-{k}", f"Hits@{k}, heads and tails", "HitsAt", True, percent=True, k=k)
        for k in (1, 3, 10)
    ),
    _metric("mean-rank", "Mean rank, heads and tails", "MeanRank", False),
    _metric("adjusted-mean-rank", "Adjusted mean rank (1 is chance)", "AdjustedMeanRank", False),
    _metric(
        "adjusted-mean-rank-index", "Adjusted mean rank index (0 is chance)",
        "AdjustedMeanRankIndex", True,
    ),
]  # fmt: skip
