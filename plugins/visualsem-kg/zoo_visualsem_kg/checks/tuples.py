"""Claims on models of triples alone."""

from __future__ import annotations

from typing import Any

import torch

from zoo_core import Finding, load
from zoo_visualsem_kg.checks.ranked import finding_of, ranked
from zoo_visualsem_kg.specs.models import MODELS

DATA = {spec.name: spec.dataset for spec in MODELS}


def measured(model: str) -> Finding:
    """Measure a shipped model on the test triples of its graph.

    Where the graph has hard negatives, the share of test triples that score above their own one is
    told beside it.
    """
    found, graph = ranked(model, DATA[model])
    finding = finding_of(found, graph, tail=False)
    if "test" not in graph.negatives:
        return finding
    module: Any = load(model)
    with torch.no_grad():
        true, false = (module(*part.unbind(1)) for part in (graph.of("test"),
                                                            graph.negatives["test"]))  # fmt: skip
    above = float((true[:, None] > false).double().mean())
    more = {**finding.figures, "chance that a true triple scores above a hard negative": above}
    return Finding(quantities=finding.quantities, figures=more)
