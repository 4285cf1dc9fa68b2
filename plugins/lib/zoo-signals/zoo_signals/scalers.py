"""Scalers: what is measured of the training data, and travels with weights as two numbers."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from zoo_core import BadInput


@dataclass(frozen=True)
class Scaler:
    """Takes values to mean 0 and spread 1 as the training data had them, and back."""

    mean: float
    std: float

    def __post_init__(self) -> None:
        if not self.std > 0:
            raise BadInput(f"A spread of {self.std} scales nothing: the values are all the same.")

    @classmethod
    def of(cls, values: Tensor, known: Tensor | None = None) -> Scaler:
        """Return the scaler of values, of those alone that are `known` where it is given.

        Raises `BadInput` for values that are all the same, and for none.
        """
        kept = (values if known is None else values[known]).double()
        if not kept.numel():
            raise BadInput("There is no value to scale by: all are missing.")
        return cls(float(kept.mean()), float(kept.std(correction=0)))

    def scale(self, values: Tensor) -> Tensor:
        """Return scaled values."""
        return (values - self.mean) / self.std

    def unscale(self, values: Tensor) -> Tensor:
        """Return values in their unit again."""
        return torch.add(values * self.std, self.mean)
