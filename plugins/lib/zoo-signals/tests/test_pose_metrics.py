"""Errors of poses: what alignment forgives, and what it does not."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation
from zoo_signals.pose_metrics import PoseError, aligned, mpjpe, p_mpjpe
from zoo_signals.skeleton import H36M16

from zoo_core import BadInput


def pose(seed: int, count: int = 3, joints: int = 16) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, joints, 3, generator=generator, dtype=torch.float64)


seeds = st.integers(0, 10_000)


@given(seeds)
def test_alignment_leaves_the_least_squares_of_all_similarities(seed):
    prediction, target = pose(seed), pose(seed + 1)
    found = (aligned(prediction, target) - target).square().sum((1, 2))
    rng = np.random.default_rng(seed)
    turn = torch.from_numpy(Rotation.random(random_state=seed).as_matrix())
    other = rng.uniform(-2, 2) ** 2 * prediction @ turn + torch.from_numpy(rng.normal(size=3))
    for tried in (prediction, prediction - prediction[:, :1] + target[:, :1], other):
        assert bool((found <= (tried - target).square().sum((1, 2)) + 1e-9).all())


@given(seeds, st.floats(0.1, 10))
def test_alignment_forgives_similarities(seed, scale):
    prediction, target = pose(seed), pose(seed + 1)
    turn = torch.from_numpy(Rotation.random(random_state=seed).as_matrix())
    moved = scale * prediction @ turn + 3
    assert torch.allclose(p_mpjpe(moved, target), p_mpjpe(prediction, target))
    assert bool((p_mpjpe(scale * target @ turn + 3, target) < 1e-9).all())


@given(seeds)
def test_a_mirrored_pose_stays_wrong(seed):
    target = pose(seed)
    mirrored = target * torch.tensor([-1.0, 1.0, 1.0])
    assert bool((p_mpjpe(mirrored, target) > 0.05).all())
    renamed = mirrored[:, list(H36M16.mirror())]
    assert bool((p_mpjpe(renamed, target) > 0.05).all())


def test_roots_are_laid_on_each_other():
    target = pose(0)
    assert torch.allclose(mpjpe(target + 5, target), torch.zeros(3, dtype=torch.float64))
    moved = target.clone()
    moved[:, 3] += torch.tensor([3.0, 4.0, 0.0])
    assert torch.allclose(mpjpe(moved, target), torch.full((3,), 5 / 16, dtype=torch.float64))


def test_a_pose_without_extent_has_an_error():
    target = pose(0)
    centred = target - target.mean(1, keepdim=True)
    assert torch.allclose(p_mpjpe(torch.ones(3, 16, 3), target), centred.norm(dim=-1).mean(-1))


@pytest.mark.parametrize("align", [False, True])
def test_the_metric_is_the_mean_over_poses_however_they_come(align):
    prediction, target = pose(0, 7), pose(1, 7)
    metric = PoseError(align)
    for rows in (slice(0, 5), slice(5, 7)):
        metric.update(prediction[rows], target[rows])
    expected = (p_mpjpe if align else mpjpe)(prediction, target).mean()
    assert float(metric.compute()) == pytest.approx(float(expected))


@pytest.mark.parametrize("shape", [(16, 3), (2, 16, 2), (2, 17, 3)], ids=str)
def test_other_shapes_are_refused(shape):
    with pytest.raises(BadInput, match="expected twice"):
        mpjpe(torch.zeros(shape), torch.zeros(2, 16, 3))
