"""Claims on texts alone: without training, and with four weights a relation and direction."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from zoo_triples.known import Side

from zoo_core import Finding, dataset, load
from zoo_visualsem_kg.checks.ranked import Ranked, finding_of, gain_of, ranked

WNVIS = "wnvis"


class Cosines:
    """Scores by cosine: heads as they are read and tails as they are read, (n, k) each."""

    def __init__(self, heads: Tensor, tails: Tensor) -> None:
        self.heads, self.tails = (functional.normalize(one, dim=1) for one in (heads, tails))

    def score_all(self, side: Side, queries: Tensor) -> Tensor:
        """Return the cosines (B, n), without the entity that is asked about."""
        given = queries[:, 0] if side == "tail" else queries[:, 1]
        asked, others = (self.heads, self.tails) if side == "tail" else (self.tails, self.heads)
        return (asked[given] @ others.T).scatter(1, given[:, None], -torch.inf)


def zero_shot(model: str = "text-wnvis") -> Finding:
    """Measure cosines of the features that a model carries, without its weights."""
    data, module = dataset(WNVIS), load(model)
    carried: Any = module
    gloss, name = carried.features.texts().unbind(1)
    ways = {
        "gloss to gloss": Cosines(gloss, gloss),
        "head's gloss to tail's name": Cosines(gloss, name),
        "head's gloss to 0.7 of the name and 0.3 of the gloss": Cosines(
            gloss, 0.7 * name + 0.3 * gloss
        ),
    }
    found = {label: Ranked(scorer, data) for label, scorer in ways.items()}
    first, second, mixed = found.values()
    return Finding(
        quantities={
            "head's gloss to tail's name: MRR": float(second.reciprocal.mean()),
            "name and gloss minus gloss alone: MRR": gain_of(mixed, first),
        },
        figures={
            label: {
                "MRR": float(one.reciprocal.mean()),
                "tail MRR": float(one.reciprocal[one.of("tail")].mean()),
            }
            for label, one in found.items()
        },
    )


def measured(model: str) -> Finding:
    """Measure the shipped model of texts on test triples."""
    found, graph = ranked(model, WNVIS)
    return finding_of(found, graph, tail=False)
