"""Prefix sums by a selective layer: channels whose step is a ramp of the time.

A channel with threshold a takes the step Δ_s = softplus(M (a - s)) at time s, input x_s, B = 1 / M
and a decay λ that is almost none. Its state after the signal is R_a = Σ_s max(a - s, 0) x_s, but
for a relative e^(-M g) with g the distance of a to the nearest sample, and for the decay, at most
λ M T² / 2 relative, since the steps add up to that much. Two thresholds between two samples give
the sum of the first n samples, because no sample is on either ramp:

    P_n = Σ_{s < n} x_s = 2 (R_{n - 1/4} - R_{n - 3/4}).

The jump is at an absolute time, whatever the length: the step depends on the input (its time
feature), and nothing depends on how long ago a sample was.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import softplus
from zoo_ssm.selective_scan import selective_scan

from zoo_mamba_selectivity.haar import basis

Array = np.ndarray
SHARPNESS = 200.0
"""M: the softplus is then a ramp up to e^(-50) a quarter of a sample away from its kink."""
DECAY = 1e-14
"""λ: must be far below 2 / (M T²)."""


def ramp_thresholds(places: Array) -> Array:
    """Return the thresholds n - 1/4 and n - 3/4, (2 P,), for the sums P_n of `places` (P,)."""
    return np.stack([places - 0.25, places - 0.75], axis=1).ravel()


def ramp_weights(weights: Array) -> Array:
    """Return weights of the ramps R (K, 2 P) from those of the prefix sums (K, P)."""
    return np.stack([2.0 * weights, -2.0 * weights], axis=2).reshape(len(weights), -1)


def haar_ramps(length: int, rows: list[int]) -> tuple[Array, Array]:
    """Return thresholds (C,) and weights (K, C) of the ramps that give Haar coefficients.

    The coefficients come multiplied by w^(1/2). Only sums that some row needs have channels: at
    most six a row, none for P_0 = 0.
    """
    weights = basis.prefix_weights(length)[rows]
    places = np.flatnonzero(weights.any(axis=0))
    places = places[places > 0]
    return ramp_thresholds(places), ramp_weights(weights[:, places])


def ramps(
    x: Tensor,
    thresholds: Tensor,
    *,
    sharpness: float = SHARPNESS,
    decay: float = DECAY,
    first: float = 0.0,
) -> Tensor:
    """Return R_a (b, C) after signals x (b, T), through a selective scan with N = 1.

    `thresholds` (C,) are on the scale of the time feature, which is `first` at the first sample and
    grows by 1 a sample.
    """
    time = first + torch.arange(x.shape[1], dtype=x.dtype, device=x.device)
    delta = softplus(sharpness * (thresholds - time.unsqueeze(-1)))
    shape = (*x.shape, 1)
    given = x.unsqueeze(-1).expand(*x.shape, len(thresholds))
    B, C = x.new_full(shape, 1 / sharpness), x.new_ones(shape)
    A = x.new_full((len(thresholds), 1), -decay)
    y, _ = selective_scan(given, delta.expand_as(given), A, B, C)
    last: Tensor = y[:, -1]
    return last
