"""What predicted conditions are asked: the written loss, the centred one, and their statistics.

Conditions C (N, K, d) of K tokens have a mean M (K, d) over the data. Most of their energy is in
it: a prediction of M alone has a cosine near one. The centred loss asks for what varies.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from zoo_core import BadInput

LOSSES = ("written", "centred")
_LEAST = 1e-6


class Conditions(nn.Module):
    """The statistics of conditions (K tokens of `width`), and the loss that is made with them.

    With "written" the loss is the mean over tokens of 1 - cos(prediction, condition), which leaves
    the norm free: predictions are brought to the mean norm of the data's conditions, token by
    token (norm matching). With "centred" the prediction is of (C - M) / s, where s is the token's
    root mean squared distance from M, and the loss its squared distance, the mean over tokens: it
    is 1 for the mean itself, and one minus the share of the variance that is explained.

    Statistics are those of `measure`; before it M is 0, norm and s are 1.
    """

    mean: Tensor
    norm: Tensor
    spread: Tensor

    def __init__(self, tokens: int, width: int, loss: str = "centred") -> None:
        super().__init__()
        if loss not in LOSSES:
            raise BadInput(f"loss={loss!r}; expected {' or '.join(LOSSES)}.")
        self.loss = loss
        self.register_buffer("mean", torch.zeros(tokens, width))
        self.register_buffer("norm", torch.ones(tokens, 1))
        self.register_buffer("spread", torch.ones(tokens, 1))

    @torch.no_grad()
    def measure(self, conditions: Tensor) -> None:
        """Take up the statistics of the data's conditions (N, K, width)."""
        self.mean.copy_(conditions.mean(0))
        self.norm.copy_(conditions.norm(dim=-1, keepdim=True).mean(0))
        squares = (conditions - self.mean).square().sum(-1, keepdim=True).mean(0)
        self.spread.copy_(squares.sqrt().clamp(min=_LEAST))

    def injected(self, predicted: Tensor) -> Tensor:
        """Return predictions (B, K, width) as conditions that the action head can hear."""
        if self.loss == "centred":
            return self.mean + self.spread * predicted
        return functional.normalize(predicted, dim=-1) * self.norm

    def distance(self, predicted: Tensor, true: Tensor) -> Tensor:
        """Return the loss (B,) of predictions, as they leave the O-Former, against conditions."""
        true = true.detach()
        if self.loss == "centred":
            wanted = (true - self.mean) / self.spread
            return (predicted - wanted).square().sum(-1).mean(-1)
        return cosine_distance(predicted, true)


def cosine_distance(predicted: Tensor, true: Tensor) -> Tensor:
    """Return 1 - cos, the mean over tokens, (B,) of (B, K, width): from 0 to 2."""
    return 1 - functional.cosine_similarity(predicted, true, dim=-1).mean(-1)


def mean_share(conditions: Tensor) -> float:
    """Return the share of the energy of conditions (N, K, width) that their mean has."""
    return float(conditions.mean(0).square().sum() / conditions.square().sum(dim=(1, 2)).mean())
