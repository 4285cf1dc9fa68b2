"""Clean accuracy from noisy labels: the affine law of accuracy, inverted."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torchmetrics import Metric

from zoo_core import Estimate
from zoo_label_noise.transitions import Matrix, checked, inverse, symmetric

NORMAL = 1.959964
"""The 97.5 percent quantile of a standard normal."""


class NoiseCorrectedAccuracy(Metric):
    """An unbiased estimate of the accuracy on clean labels, from labels corrupted by T.

    Of a confusion matrix C of predictions and noisy labels, trace(C T^-1) is expected to be the
    accuracy on clean labels, whatever is predicted and however frequent the classes are. For
    symmetric noise of rate p it is (A - (1 - c) / K) / c with c = 1 - p K / (K - 1), and without
    noise it is the accuracy A. It may lie outside of 0..1, as an unbiased estimate must.

    T is given here as `transition` (K, K) or, for symmetric noise, as `rate`; or with each batch.
    `rate_error` is the standard error of the rate of symmetric noise, and `counts` (K, K) are the
    pairs that T was counted from: both widen `standard_error`. Raises `ValueError` for T that
    cannot be undone, and for two that differ.
    """

    full_state_update = False
    higher_is_better = True
    is_differentiable = False
    confusion: Tensor
    rate_errors: Tensor

    def __init__(
        self,
        num_classes: int,
        transition: Any = None,
        rate: float | None = None,
        rate_error: float = 0.0,
        counts: Any = None,
    ) -> None:
        super().__init__()
        if transition is not None and rate is not None:
            raise ValueError("Give a transition matrix or a rate, not both.")
        self.num_classes = num_classes
        self.transition: Matrix | None = None
        self.counts = None if counts is None else np.asarray(counts, np.float64)
        if rate is not None:
            transition = symmetric(rate, num_classes)
        if transition is not None:
            self._take(transition)
        zeros = torch.zeros(num_classes, num_classes, dtype=torch.float64)
        self.add_state("confusion", zeros, dist_reduce_fx="sum")
        given = torch.tensor(float(rate_error), dtype=torch.float64)
        self.add_state("rate_errors", given, dist_reduce_fx="max")

    def _take(self, transition: Any) -> None:
        found = checked(transition, self.num_classes)
        if self.transition is not None and not np.allclose(found, self.transition, atol=1e-6):
            raise ValueError("Batches have different transition matrices; measure them apart.")
        inverse(found)  # refuses what cannot be undone before anything is counted
        self.transition = found

    def update(
        self, logits: Tensor, target: Tensor, transition: Any = None, rate_error: float = 0.0
    ) -> None:
        """Count predictions, logits (B, K) or classes (B,), against noisy labels (B,)."""
        if transition is not None:
            values = transition.cpu().numpy() if isinstance(transition, Tensor) else transition
            self._take(values)
        error = torch.as_tensor(float(rate_error), dtype=torch.float64)
        self.rate_errors = torch.maximum(self.rate_errors, error.to(self.rate_errors.device))
        guesses = logits.argmax(1) if logits.dim() == 2 else logits
        pairs = guesses * self.num_classes + target
        counts = torch.bincount(pairs, minlength=self.num_classes**2)
        self.confusion += counts.view_as(self.confusion).to(self.confusion)

    def compute(self) -> Tensor:
        """Return the estimate, a scalar."""
        return torch.tensor(self.estimate().mean, dtype=torch.float64)

    def estimate(self) -> Estimate:
        """Return the estimate with its standard error and interval, the error of T included.

        Raises `ValueError` where no example was counted, or no transition matrix was given.
        """
        if self.transition is None:
            raise ValueError(
                "Nothing tells how noisy the labels are; give `rate` or `transition` (0 for clean)."
            )
        counts = self.confusion.cpu().numpy()
        total = counts.sum()
        if total == 0:
            raise ValueError("No example was counted.")
        confusion, undo = counts / total, inverse(self.transition)
        # Each example contributes undo[given label, prediction].
        mean = float((confusion * undo.T).sum())
        variance = max(float((confusion * undo.T**2).sum()) - mean**2, 0.0)
        variance = max(variance, self._variance_of_labels(confusion, undo, mean)) / total
        variance += self._variance_of_noise(confusion, undo, mean)
        error = float(np.sqrt(variance))
        return Estimate(mean, error, NORMAL * error)

    def _variance_of_labels(self, confusion: Matrix, undo: Matrix, mean: float) -> float:
        """Return the least variance that drawing the labels has, for one example.

        A few examples that happen to agree have none of their own. Of those that are predicted
        rightly, labels are drawn from the rows of T.
        """
        assert self.transition is not None
        drawn = (self.transition * undo.T**2).sum(1) - 1
        return float(confusion.sum(1) @ drawn) * min(max(mean, 0.0), 1.0)

    def _variance_of_noise(self, confusion: Matrix, undo: Matrix, mean: float) -> float:
        """Return the variance that an estimated T adds, by the delta method.

        The estimate's derivative with respect to T[i, j] is -G[i, j], with
        G = (T^-1 C T^-1)^t.
        """
        slope = (undo @ confusion @ undo).T
        found = 0.0
        spread = float(self.rate_errors)
        if spread:
            size = self.num_classes
            # Of symmetric noise: dT/dp is -1 on the diagonal and 1 / (K - 1) beside it.
            step = (np.ones((size, size)) - size * np.eye(size)) / (size - 1)
            found += float((slope * step).sum() * spread) ** 2
        if self.counts is not None:
            assert self.transition is not None
            rows = self.counts.sum(1)
            first = (self.transition * slope).sum(1)
            second = (self.transition * slope**2).sum(1)
            found += float(((second - first**2) / np.maximum(rows, 1)).sum())
        return found


class NoiseCorrectedAccuracyError(NoiseCorrectedAccuracy):
    """The standard error of a noise-corrected accuracy; it takes the same arguments."""

    higher_is_better = False

    def compute(self) -> Tensor:
        """Return the standard error, a scalar."""
        return torch.tensor(self.estimate().error, dtype=torch.float64)
