"""Errors of poses, in the unit of the positions: MPJPE, as it is and after alignment."""

from __future__ import annotations

import torch
from torch import Tensor
from torchmetrics import Metric

from zoo_core import BadInput


def mpjpe(prediction: Tensor, target: Tensor, root: int = 0) -> Tensor:
    """Return the mean distance of joints of each pose (B,), roots laid on each other: protocol 1.

    Both are (B, J, 3).
    """
    _checked(prediction, target)
    errors = (prediction - prediction[:, root : root + 1]) - (target - target[:, root : root + 1])
    return _distance(errors)


def p_mpjpe(prediction: Tensor, target: Tensor) -> Tensor:
    """Return the mean distance of joints of each pose (B,), the pose aligned: protocol 2.

    Both are (B, J, 3).
    """
    errors = aligned(prediction, target) - target.double()
    return _distance(errors).to(target.dtype)


def aligned(prediction: Tensor, target: Tensor) -> Tensor:
    """Return each predicted pose as the similarity that is nearest to the true one puts it.

    Scale, rotation and translation minimise the squared distances (Procrustes); reflections are
    none of them, so that a mirrored pose stays wrong. A pose without extent stays in one point.
    Float64, (B, J, 3).
    """
    _checked(prediction, target)
    y, x = prediction.double(), target.double()
    y_mean, x_mean = y.mean(1, keepdim=True), x.mean(1, keepdim=True)
    y, x = y - y_mean, x - x_mean
    u, s, vh = torch.linalg.svd(y.transpose(1, 2) @ x)
    sign = torch.ones_like(s)
    # The least singular value is given up where the best orthogonal map would mirror.
    sign[:, -1] = torch.where(torch.linalg.det(u) * torch.linalg.det(vh) < 0, -1.0, 1.0)
    turn = (u * sign[:, None]) @ vh
    extent = y.square().sum((1, 2)).clamp_min(torch.finfo(torch.float64).tiny)
    scale = (s * sign).sum(-1) / extent
    found: Tensor = scale[:, None, None] * (y @ turn) + x_mean
    return found


def _distance(errors: Tensor) -> Tensor:
    found: Tensor = torch.linalg.vector_norm(errors, dim=-1).mean(-1)
    return found


def _checked(prediction: Tensor, target: Tensor) -> None:
    if prediction.shape != target.shape or target.dim() != 3 or target.shape[-1] != 3:
        raise BadInput(
            f"Poses of shapes {tuple(prediction.shape)} and {tuple(target.shape)}; expected twice "
            "(poses, joints, 3)."
        )


class PoseError(Metric):
    """The mean over all poses of `mpjpe`, or of `p_mpjpe` where they are `align`-ed first."""

    is_differentiable = False
    higher_is_better = False
    full_state_update = False
    total: Tensor
    poses: Tensor

    def __init__(self, align: bool = False) -> None:
        super().__init__()
        self.align = align
        for name in ("total", "poses"):
            zero = torch.zeros((), dtype=torch.float64)
            self.add_state(name, default=zero, dist_reduce_fx="sum")

    def update(self, prediction: Tensor, target: Tensor) -> None:
        """Take in poses (B, J, 3)."""
        found = p_mpjpe(prediction, target) if self.align else mpjpe(prediction, target)
        self.total = self.total + found.double().sum()
        self.poses = self.poses + found.numel()

    def compute(self) -> Tensor:
        """Return the mean error, a scalar."""
        return self.total / self.poses
