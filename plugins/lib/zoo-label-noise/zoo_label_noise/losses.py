"""Losses for noisy labels: corrected by T, or robust by their form. Mean over the batch.

All take logits (B, K) and labels (B,) and return a scalar. Cross-entropy, which mitigates nothing,
is the one that the theory of symmetric noise is about.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from zoo_core import BadInput
from zoo_label_noise.transitions import checked, inverse

Loss = Callable[[Tensor, Tensor], Tensor]
TINY = 1e-12


def forward_correction(transition: Any) -> Loss:
    """Return cross-entropy of T^t softmax(logits) with the labels (Patrini et al., 2017).

    Its population minimiser is the clean posterior, for every T that can be undone.
    """
    matrix = torch.from_numpy(checked(transition)).float()

    def loss(logits: Tensor, labels: Tensor) -> Tensor:
        chances = logits.softmax(1) @ matrix.to(logits)
        return functional.nll_loss(chances.clamp_min(TINY).log(), labels)

    return loss


def backward_correction(transition: Any) -> Loss:
    """Return the vector of cross-entropies of all classes, sent through T^-1 (Patrini et al.).

    Its expectation over the noise is the cross-entropy on clean labels. It may be negative. Raises
    `BadInput` for T that cannot be undone.
    """
    matrix = torch.from_numpy(inverse(transition)).float()

    def loss(logits: Tensor, labels: Tensor) -> Tensor:
        losses = -logits.log_softmax(1)
        return (matrix.to(logits)[labels] * losses).sum(1).mean()

    return loss


def generalised_cross_entropy(q: float = 0.7) -> Loss:
    """Return (1 - p_y^q) / q (Zhang and Sabuncu, 2018): cross-entropy at 0, mean error at 1."""
    if not 0 < q <= 1:
        raise BadInput(f"q={q} in the generalised cross-entropy; expected 0 < q <= 1.")

    def loss(logits: Tensor, labels: Tensor) -> Tensor:
        chances = logits.softmax(1).gather(1, labels[:, None])[:, 0]
        return ((1 - chances.clamp_min(TINY) ** q) / q).mean()

    return loss


def symmetric_cross_entropy(alpha: float = 0.1, beta: float = 1.0, log_zero: float = -4.0) -> Loss:
    """Return alpha CE + beta reverse CE, with log 0 taken to be `log_zero` (Wang et al., 2019)."""

    def loss(logits: Tensor, labels: Tensor) -> Tensor:
        chances = logits.softmax(1).gather(1, labels[:, None])[:, 0]
        reverse = -log_zero * (1 - chances)
        return alpha * functional.cross_entropy(logits, labels) + beta * reverse.mean()

    return loss


def label_smoothing(share: float) -> Loss:
    """Return cross-entropy against (1 - a) e_y + a / K: symmetric noise of p = a (K - 1) / K, in
    expectation.
    """

    def loss(logits: Tensor, labels: Tensor) -> Tensor:
        return functional.cross_entropy(logits, labels, label_smoothing=share)

    return loss


def small_loss_rows(losses: Tensor, keep: float) -> Tensor:
    """Return the indices of the share `keep` of examples with the smallest losses (B,).

    In co-teaching (Han et al., 2018) each of two networks picks them for the other one.
    """
    return losses.argsort(stable=True)[: max(1, int(np.ceil(keep * len(losses))))]


LOSSES = ("cross-entropy", "forward", "backward", "gce", "sce")


def loss_of(name: str, transition: Any = None) -> Loss:
    """Return a loss by name; ``forward`` and ``backward`` need the transition matrix.

    Raises `BadInput` for another name, and where the matrix is needed and not known.
    """
    if name == "cross-entropy":
        return functional.cross_entropy
    if name == "gce":
        return generalised_cross_entropy()
    if name == "sce":
        return symmetric_cross_entropy()
    if name not in LOSSES:
        raise BadInput(f"There is no loss {name!r}; expected {', '.join(LOSSES)}.")
    if transition is None:
        raise BadInput(
            f"The loss {name!r} needs to know the noise; inject it, or say what to assume "
            "(assumed_rate)."
        )
    return forward_correction(transition) if name == "forward" else backward_correction(transition)
