"""Splits of trees: by simulation, never by tree, as trees of one universe share their targets."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from zoo_core import BadInput
from zoo_cosmobench.trees.forest import Forest, Trees

SHARES = (0.6, 0.8)
"""Where training and validation end, of all simulations in a drawn order."""
FEWEST = 5


def by_simulation(forest: Forest, targets: Any, simulations: Any, seed: int = 0) -> Trees:
    """Return trees in splits of 60, 20 and 20 % of the simulations; raises `BadInput` for few."""
    numbers = np.unique(simulations)
    if len(numbers) < FEWEST:
        raise BadInput(
            f"The trees are of {len(numbers)} simulations; expected {FEWEST} or more, as a split "
            "never shares one."
        )
    order = np.random.default_rng(seed).permutation(numbers)
    ends = [max(1, round(share * len(numbers))) for share in SHARES]
    parts = dict(zip(("train", "val", "test"), np.split(order, ends), strict=True))
    rows = {
        name: torch.from_numpy(np.flatnonzero(np.isin(simulations, part)))
        for name, part in parts.items()
    }
    return assembled(forest, targets, simulations, rows)


def assembled(forest: Forest, targets: Any, simulations: Any, rows: Any) -> Trees:
    """Return trees with targets (t, 2) and simulations (t,)."""
    return Trees(
        source=forest,
        targets=torch.from_numpy(np.asarray(targets, np.float32)),
        simulations=torch.from_numpy(np.asarray(simulations, np.int64)),
        rows=rows,
        facts={
            "trees": len(forest),
            "haloes": len(forest.parent),
            "simulations": len(np.unique(simulations)),
        },
    )
