"""Linear discriminant analysis, as the read-out of embeddings: fitted in closed form."""

from __future__ import annotations

import torch
from torch import Tensor, nn

RIDGE = 1e-6
"""Share of each coordinate's total variance that is added to the variance within classes: few
enough not to be seen where the classes overlap, and what keeps collinear coordinates, and classes
that are single points, from dividing by zero."""
UNSEEN = 20.0


class LinearDiscriminant(nn.Module):
    """Posterior log-odds under normal classes with one covariance and the observed shares.

    Coordinates that do not vary beyond rounding are ignored: where none does, every point gets the
    most frequent class. A class without a labelled point never wins. `width` is k, the number of
    coordinates, and `num_classes` C.
    """

    centre: Tensor
    weight: Tensor
    bias: Tensor

    def __init__(self, width: int, num_classes: int) -> None:
        super().__init__()
        self.register_buffer("centre", torch.zeros(width))
        self.register_buffer("weight", torch.zeros(num_classes, width))
        self.register_buffer("bias", torch.zeros(num_classes))

    def forward(self, points: Tensor) -> Tensor:
        """Map (n, k) to logits (n, C)."""
        return (points - self.centre) @ self.weight.mT + self.bias

    @torch.no_grad()
    def fit(self, points: Tensor, labels: Tensor) -> LinearDiscriminant:
        """Fit to points (m, k) and their labels (m,) in 0 .. C-1; returns itself."""
        given = points.double()
        count = torch.bincount(labels, minlength=len(self.bias)).double()
        seen = count > 0
        centre = given.mean(dim=0)
        spread = (given - centre).square().mean(dim=0).sqrt()
        rounding = 8 * torch.finfo(points.dtype).eps * given.abs().amax(dim=0)
        scale = torch.where(spread > rounding, spread.clamp(min=1e-300).reciprocal(), 0.0)
        rows = (given - centre) * scale
        means = rows.new_zeros(len(count), rows.shape[1]).index_add(0, labels, rows)
        means = means / count.clamp(min=1)[:, None]
        inside = rows - means[labels]
        covariance = inside.mT @ inside / max(len(rows) - int(seen.sum()), 1)
        covariance.diagonal().add_(RIDGE)
        directions = torch.linalg.solve(covariance, means.mT).mT
        bias = (count / len(rows)).clamp(min=1e-300).log() - (means * directions).sum(dim=1) / 2
        # The shares' mean of the linear parts is zero, so the largest logit of the classes that
        # were seen is never below the smallest of their biases.
        bias[~seen] = bias[seen].min() - UNSEEN
        self.centre, self.weight, self.bias = (
            part.to(self.bias.dtype) for part in (centre, directions * scale, bias)
        )
        return self
