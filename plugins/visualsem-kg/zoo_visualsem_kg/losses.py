"""What scores are trained by: softmax over candidates, noise contrast, margins, 1-N entropy."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def noise_contrast(positive: Tensor, negatives: Tensor) -> Tensor:
    """Return -log sigmoid(s) - sum_k log sigmoid(-s_k), the mean over a batch: section 3.6.

    `positive` is (B,), `negatives` (B, K); a negative of -inf adds nothing.
    """
    against = functional.logsigmoid(-negatives).sum(1)
    return -(functional.logsigmoid(positive) + against).mean()


def softmax_loss(positive: Tensor, negatives: Tensor) -> Tensor:
    """Return the cross-entropy (B,) -> scalar of the true candidate among the negatives and it."""
    return (torch.logsumexp(torch.cat([positive[:, None], negatives], 1), 1) - positive).mean()


def margin_loss(positive: Tensor, negatives: Tensor, margin: float = 5.0) -> Tensor:
    """Return max(0, margin - s + s_k), the mean over pairs: TransE's."""
    return functional.relu(margin - positive[:, None] + negatives).mean()


def one_to_n(scores: Tensor, labels: Tensor, smoothing: float = 0.1) -> Tensor:
    """Return the binary cross-entropy of scores (B, n) against all true answers: TuckER's.

    Labels are smoothed as in the official code: (1 - smoothing) y + 1 / n, where n is the number
    of entities.
    """
    smooth = (1 - smoothing) * labels + 1 / labels.shape[1] if smoothing else labels
    return functional.binary_cross_entropy_with_logits(scores, smooth)
