"""What networks are trained by: triplets, and what a student takes from its teacher.

B pairs of images are a batch: row i of the queries and row i of the positives are of one place.
Descriptors are (B, d), maps of features (B, C, h, w). The paper's section III; its released code
has no training, so that exact forms are read from its text and its models.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

EPSILON = 1e-12
"""Inside the root: the gradient of a root is infinite at 0."""
BRIGHT = 3.0
"""How much more a pixel counts in which the LiDAR has returns."""


def distances(first: Tensor, second: Tensor) -> Tensor:
    """Return the Euclidean distances (m, n) of the rows of (m, d) and (n, d)."""
    gaps = first[:, None] - second[None]
    return torch.sqrt(gaps.square().sum(-1) + EPSILON)


def triplet(far: Tensor, found: Tensor, margin: float | Tensor) -> Tensor:
    """Return the triplet loss of a batch: relu(d(q, p) - d(q, n) + margin), its hardest and mean.

    `found` (B, B) are distances of queries to positives, those of pairs on the diagonal; the
    others are negatives where `far` (B, B) says so. For each query the mean over its negatives and
    the largest are added, and the mean over queries with a negative is taken. `margin` is a number,
    or one for each query and negative (B, B).
    """
    hinge = torch.relu(found.diagonal()[:, None] - found + margin) * far
    count = far.sum(1)
    each = hinge.sum(1) / count.clamp(min=1) + hinge.amax(1)
    return each.sum() / (count > 0).sum().clamp(min=1)


def enhancement(enhanced: Tensor, lidar: Tensor) -> Tensor:
    """Return how far enhanced images (B, 1, H, W) in (0, 1) are from those of the LiDAR (LIE).

    Binary cross-entropy, in which pixels with returns count 3 times, and half of the mean absolute
    distance.
    """
    weight = 1 + (BRIGHT - 1) * (lidar > 0).to(lidar.dtype)
    entropy = functional.binary_cross_entropy(enhanced, lidar, weight)
    return entropy + 0.5 * (enhanced - lidar).abs().mean()


def feature_distribution(student: Tensor, teacher: Tensor, temperature: float = 1.0) -> Tensor:
    """Return the mean over channels of KL(p_T || p_S), p the softmax over a map's positions (FDD).

    Both maps are (B, C, h, w). It is 0 where all channels have the same distribution, which a
    constant that is added to a channel leaves as it is.
    """
    first, second = (
        functional.log_softmax(one.flatten(2) / temperature, -1) for one in (teacher, student)
    )
    return (first.exp() * (first - second)).sum(-1).mean()


def branch_target(branch: Tensor, teacher: Tensor) -> Tensor:
    """Return how far a branch P (B, C, h, w) in (0, 1) is from the sigmoid of the teacher's map.

    The mean squared distance: another reading of FDD, as P is bounded.
    """
    return functional.mse_loss(branch, torch.sigmoid(teacher))


def response_hinge(far: Tensor, student: Tensor, teacher: Tensor, margin: float) -> Tensor:
    """Return the triplet loss with the teacher's margins where these are larger (RD).

    `student` and `teacher` (B, B) are their distances of queries to positives: the margin of a
    negative is max(margin, d_T(q, n) - d_T(q, p)).
    """
    wide = (teacher - teacher.diagonal()[:, None]).clamp(min=margin)
    return triplet(far, student, wide)


def response_matrix(student: Tensor, teacher: Tensor) -> Tensor:
    """Return the smooth L1 distance of two matrices of distances (m, n) (RD, as a whole)."""
    return functional.smooth_l1_loss(student, teacher)


def descriptor_gap(student: Tensor, teacher: Tensor) -> Tensor:
    """Return the mean squared Euclidean distance of descriptors (m, d) of student and teacher.

    Not in the paper: it pulls on features, and is what helps small networks here.
    """
    return (student - teacher).square().sum(1).mean()
