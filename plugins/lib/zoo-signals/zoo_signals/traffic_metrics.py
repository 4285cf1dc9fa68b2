"""Errors of forecast speeds in miles an hour, over what was measured; see `masking`."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torchmetrics import Metric

from zoo_core import BadInput
from zoo_signals.masking import known_of


class MaskedError(Metric):
    """Mean error of forecasts (B, H, N) of speeds (B, H, N), both in mph, where targets are not 0.

    `kind` is "mae", "rmse" or "mape" (as a share of the target); `step` chooses one of the H steps
    ahead, from 1, and None takes all. Every reading weighs the same. Raises `BadInput` for another
    kind, for shapes that differ, and for a step that the forecasts do not have; NaN where all
    readings are missing.
    """

    is_differentiable = False
    higher_is_better = False
    full_state_update = False
    total: Tensor
    count: Tensor

    def __init__(self, kind: str = "mae", step: int | None = None, **more: Any) -> None:
        super().__init__(**more)
        if kind not in ("mae", "rmse", "mape"):
            raise BadInput(f"kind={kind!r}; expected mae, rmse or mape.")
        if step is not None and step < 1:
            raise BadInput(f"step={step}; expected a step ahead, from 1.")
        self.kind, self.step = kind, step
        for name in ("total", "count"):
            zero = torch.zeros((), dtype=torch.float64)
            self.add_state(name, default=zero, dist_reduce_fx="sum")

    def update(self, prediction: Tensor, target: Tensor) -> None:
        """Take in one batch."""
        if prediction.shape != target.shape or target.dim() != 3:
            raise BadInput(
                f"Forecasts have the shape {tuple(prediction.shape)} and speeds "
                f"{tuple(target.shape)}; expected (B, H, N) of both."
            )
        if self.step is not None:
            if self.step > target.shape[1]:
                raise BadInput(
                    f"The forecasts have {target.shape[1]} steps; step={self.step} is none of them."
                )
            prediction, target = (one[:, self.step - 1] for one in (prediction, target))
        known = known_of(target)
        gap = (prediction - target)[known].double()
        if self.kind == "mape":
            gap = gap / target[known].double()
        self.total += (gap.square() if self.kind == "rmse" else gap.abs()).sum()
        self.count += known.sum()

    def compute(self) -> Tensor:
        """Return the error."""
        mean = self.total / self.count
        return mean.sqrt() if self.kind == "rmse" else mean
