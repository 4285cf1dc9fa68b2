"""The recipe on poses: it learns, is the same again, sees no test pose, refuses what is none."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from zoo_approx_equivariant.pose.training import errors, fit_poses, train_poses
from zoo_signals.poses import Poses
from zoo_signals.skeleton import Skeleton

from zoo_core import BadInput
from zoo_core.testing import make_run

ARM = Skeleton(("root", "left", "right"), (-1, 0, 0), {"arms": ((1, 2),)})


def quiet(steps, **_):
    return steps


@pytest.fixture
def data():
    """Poses of three joints whose depth is what the image tells of them."""
    flat = torch.randn(80, 2, 3, 2, generator=torch.Generator().manual_seed(0)) / 3
    flat[:, :, 0] = 0
    space = torch.cat([flat, flat[..., :1] - flat[..., 1:]], -1)
    rows = {"train": range(60), "val": range(60, 70), "test": range(70, 80)}
    return Poses(
        inputs=flat,
        targets=space,
        rows={name: torch.tensor(one) for name, one in rows.items()},
        subjects=["a"] * 80,
        actions=["b"] * 80,
        skeleton=ARM,
    )


def trained(data, **recipe):
    shape = {"hidden": 8, "blocks": 1}
    run = make_run(
        "semgcn", data, shape=shape, recipe={"batch": 16, "learning_rate": 0.01, **recipe}
    )
    return train_poses(run, quiet)


def test_a_skeleton_of_one_s_own_is_learnt(data):
    module = trained(data, epochs=20, learning_rate=0.03)
    assert module.joints == ARM.joints
    assert [list(one) for one in module.bones] == [[0, 1], [0, 2]]
    assert [list(one) for one in module.generators] == [[0, 2, 1]]
    zero = data.targets[data.rows["test"]].norm(dim=-1).mean()
    assert float(errors(module, data, "test").mean()) < 0.4 * float(zero)
    least, most = module.extent
    assert 0 < least < most < 2


def test_it_is_the_same_again_and_sees_no_test_pose(data):
    other = dataclasses.replace(data, targets=data.targets.clone())
    other.targets[other.rows["test"]] = 9.0
    first, second = (trained(one, epochs=2).state_dict() for one in (data, other))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_the_epoch_is_the_one_of_least_validation_error(data):
    torch.manual_seed(0)
    module = make_run("semgcn", data, shape={"hidden": 4}).make(
        nodes=3, edges=[[0, 1], [0, 2]], group="S_N"
    )
    least = fit_poses(module, data, 0, epochs=4, batch=30, learning_rate=0.01)
    assert least == pytest.approx(float(errors(module, data, "val").mean()), rel=1e-6)
    assert not module.training


def test_errors_are_those_of_every_camera(data):
    module = trained(data, epochs=1)
    found = errors(module, data, "val")
    rows = data.rows["val"]
    for pose, row in enumerate(rows.tolist()[:2]):
        each = [
            (module(data.inputs[row, view][None])[0] - data.targets[row, view]).detach()
            for view in range(2)
        ]
        by_hand = np.mean([float((one - one[:1]).norm(dim=-1).mean()) for one in each])
        assert float(found[pose]) == pytest.approx(by_hand, rel=1e-5)


def test_what_cannot_be_trained_is_refused(data):
    for recipe in ({"epochs": 0}, {"learning_rate": 0}, {"batch": 1}):
        with pytest.raises(BadInput, match="positive numbers"):
            trained(data, **recipe)
    with pytest.raises(BadInput, match="lifts poses"):
        train_poses(make_run("semgcn", object()), quiet)
    data.targets[:] = float("nan")
    with pytest.raises(BadInput, match="diverged"):
        trained(data, epochs=1)
