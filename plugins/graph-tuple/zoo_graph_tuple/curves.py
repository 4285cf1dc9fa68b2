"""Smooth functions of a scalar for many scalars: evaluated at knots, and read in between."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional


class Spots(NamedTuple):
    """Where scalars lie among knots: the two `places` around each (E, 2), and their `shares`."""

    places: Tensor
    shares: Tensor


def spots_of(position: Tensor, knots: int) -> Spots:
    """Return the spots of positions (E,), counted in knots from 0; beyond the last one its value.

    Gradients reach the positions through the shares.
    """
    below = position.detach().floor().clamp(0, knots - 2)
    share = (position - below).clamp(0, 1)
    first = below.long()
    return Spots(torch.stack([first, first + 1], 1), torch.stack([1 - share, share], 1))


def read(curve: Tensor, spots: Spots) -> Tensor:
    """Return the values (E, C) of a curve that has the values (K, C) at its knots.

    2 C operations a scalar, whatever the curve takes to be evaluated.
    """
    found: Tensor = _Read.apply(curve, spots.places, spots.shares)
    return found


class _Read(torch.autograd.Function):
    """The weighted sum of two rows; its gradient is two sums over rows, and no sort."""

    @staticmethod
    def forward(ctx: Any, curve: Tensor, places: Tensor, shares: Tensor) -> Tensor:
        ctx.save_for_backward(curve, places, shares)
        return functional.embedding_bag(places, curve, mode="sum", per_sample_weights=shares)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, None, Tensor | None]:
        curve, places, shares = ctx.saved_tensors
        (gradient,) = gradients
        of_curve = of_shares = None
        if ctx.needs_input_grad[0]:
            of_curve = torch.zeros_like(curve)
            for side in range(2):
                of_curve.index_add_(0, places[:, side], gradient * shares[:, side, None])
        if ctx.needs_input_grad[2]:
            rows = [curve.index_select(0, places[:, side]) for side in range(2)]
            of_shares = torch.stack([(gradient * row).sum(1) for row in rows], 1)
        return of_curve, None, of_shares
