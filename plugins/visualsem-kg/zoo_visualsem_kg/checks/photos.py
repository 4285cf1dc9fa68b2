"""The claim on photos and the entities that they show."""

from __future__ import annotations

from typing import Any

import torch
from zoo_triples.ranking import counted, ranks

from zoo_core import Finding, dataset, load
from zoo_visualsem_kg.checks.retrieval import figures_of, hits

DATA = "wnvis-photos"


@torch.no_grad()
def measured(model: str) -> Finding:
    """Measure a shipped model on a photo of each entity."""
    data = dataset(DATA)
    module: Any = load(model)
    assert module.entities.ids == data.entities.ids
    rank = ranks(counted(module(data.photos), data.answers))
    return Finding(
        quantities={"Hits@1": hits(rank, 1), "Hits@10": hits(rank, 10)},
        figures=figures_of(rank),
    )
