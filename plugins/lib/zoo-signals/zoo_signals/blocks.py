"""Spread over one test set whose examples come in a row and resemble their neighbours."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from zoo_core import Estimate, bootstrap


def by_blocks(outcomes: Tensor, length: int) -> Estimate:
    """Return the mean of outcomes (B,) in their order; blocks of neighbours are drawn anew.

    Frames of one recording, and forecasts of one hour, are wrong together: drawn one by one they
    would make an interval far too narrow. Blocks have about `length` outcomes, and weigh alike.
    """
    count = max(round(len(outcomes) / length), 2)
    parts = np.array_split(outcomes.detach().cpu().double().numpy(), count)
    return bootstrap([float(part.mean()) for part in parts])
