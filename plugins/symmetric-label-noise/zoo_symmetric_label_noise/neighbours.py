"""Nearest neighbours, for contrast: k-NN with k growing as n^0.7 is consistent, 1-NN is not."""

from __future__ import annotations

import torch
from torch import Tensor

from zoo_core import BadInput


def growing_k(n: int) -> int:
    """Return round(n^0.7): k grows, and k / n shrinks, as consistency asks for."""
    return max(1, int(n**0.7 + 0.5))


def nearest(
    train: Tensor, labels: Tensor, points: Tensor, ks: tuple[int, ...], num_classes: int
) -> dict[int, Tensor]:
    """Return, for each k, the class (m,) that most of the k nearest of `train` (n, d) have.

    Distances are Euclidean; ties go to the class whose nearest member is nearer. Blocks of points
    keep memory at a few ten million numbers. Raises `BadInput` for more neighbours than points.
    """
    if not ks or not 1 <= min(ks) <= max(ks) <= len(train):
        raise BadInput(f"k is {ks}; expected numbers from 1 to {len(train)}.")
    train, points = train.flatten(1).float(), points.flatten(1).float()
    squares = train.square().sum(1)
    found: dict[int, list[Tensor]] = {k: [] for k in ks}
    for block in torch.split(points, max(1, 10_000_000 // len(train))):
        distances = squares - 2 * block @ train.T
        order = distances.topk(max(ks), largest=False, sorted=True).indices
        near = labels[order]
        for k in ks:
            votes = torch.zeros(len(block), num_classes)
            votes.scatter_add_(1, near[:, :k], torch.ones(len(block), k))
            # Less than one vote in all, more for nearer ones: it decides ties alone.
            weight = torch.linspace(0.5, 0.1, k) / k
            votes.scatter_add_(1, near[:, :k], weight.expand(len(block), k))
            found[k].append(votes.argmax(1))
    return {k: torch.cat(parts) for k, parts in found.items()}
