"""Poses: the groups of joints, what the network commutes with, and its recipe."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from zoo_asen.checks import poses as checks
from zoo_asen.colours import colour_count
from zoo_asen.poses.groups import NAMED, TITLES, pose_group
from zoo_asen.poses.network import SUPPORTS, PoseNetwork
from zoo_asen.poses.recipe import errors, train
from zoo_asen.specs.claims import CLAIMS
from zoo_signals.blocks import by_blocks
from zoo_signals.poses import Poses
from zoo_signals.skeleton import H36M16, Skeleton
from zoo_symmetry import PermutationGroup, act, equivariance_error, symmetric

import zoo
from zoo_core import BadInput, Notice, Split
from zoo_core.testing import make_run

SMALL = {"hidden": 16, "layers": 2, "heads": 4}


def bounds(name):
    return next(claim.bounds for claim in CLAIMS if claim.name == name)


def network(group="reflection", **more):
    torch.manual_seed(0)
    return PoseNetwork(group, **{**SMALL, **more}).eval()


def some_poses(count=24, skeleton=H36M16):
    """Poses whose depth is a fixed map of what is seen, by two cameras."""
    generator = torch.Generator().manual_seed(0)
    joints = len(skeleton.joints)
    inputs = torch.randn(count, 2, joints, 2, generator=generator)
    depth = inputs.sum(-1, keepdim=True) - inputs.mean(2, keepdim=True).sum(-1, keepdim=True)
    rows = torch.arange(count)
    return Poses(
        inputs=inputs,
        targets=torch.cat([inputs, depth], -1),
        rows={"train": rows[:12], "val": rows[12:18], "test": rows[18:]},
        subjects=["s"] * count,
        actions=["walk"] * count,
        skeleton=skeleton,
    )


@pytest.mark.parametrize("name", NAMED)
def test_a_network_commutes_with_its_group(name):
    module, joints = network(name), torch.randn(3, 16, 2)
    assert equivariance_error(module, pose_group(name), joints) < 1e-5
    assert colour_count(module.colours) == checks.COLOURS[name]
    pooled = PermutationGroup(16, pose_group(name).generators)
    total = equivariance_error(lambda x: module(x).sum(1), pooled, joints, out_axis=None)
    assert total < 1e-4


@given(st.permutations(range(16)), st.sampled_from(SUPPORTS))
def test_any_group_that_a_user_writes_down(images, support):
    module = network([list(images)], support=support)
    joints = torch.randn(2, 16, 2)
    group = PermutationGroup(16, (tuple(images),))
    # Bones are edges of the network: a group that moves them is broken by that.
    if support != "bones":
        assert equivariance_error(module, group, joints) < 1e-4


def test_a_wrong_group_changes_the_answer():
    fine, joints = network("identity"), torch.randn(2, 16, 2)
    coarse = fine.coarser(symmetric(16))
    assert not torch.allclose(fine(joints), coarse(joints), atol=1e-3)
    assert equivariance_error(coarse, symmetric(16), joints) < 1e-5
    swap = H36M16.swaps()["legs"]
    reflection = network("reflection")
    broken = reflection(act(swap, joints)) - act(swap, reflection(joints))
    assert float(broken.detach().abs().max()) > 1e-3


def test_tying_what_is_tied_already_changes_nothing():
    coarse, joints = network("limbs"), torch.randn(2, 16, 2)
    same = coarse.coarser(pose_group("limbs"))
    assert torch.allclose(same(joints), coarse(joints), atol=1e-5)
    with pytest.raises(BadInput, match="tying makes colours fewer"):
        coarse.coarser(pose_group("identity"))


def test_sparse_and_dense_forms_agree():
    everything = [[i, j] for i in range(16) for j in range(16) if i < j]
    dense, sparse = network("limbs"), network("limbs", support="bones", bones=everything)
    sparse.load_state_dict({**dense.state_dict(), "edges": sparse.edges})
    joints = torch.randn(3, 16, 2)
    assert torch.allclose(sparse(joints), dense(joints), atol=1e-5)


def test_norms_are_capped():
    for support, near, far in (("dense", 1, 1), ("soft", 20, 1), ("weak", 20, 0)):
        module = network("identity", support=support)
        bone, other = module.colours[0, 1], module.colours[3, 12]
        assert (float(module.most[bone]), float(module.most[other])) == (near, far)


def test_a_permuted_batch_gives_permuted_answers():
    module, joints = network("pairs"), torch.randn(6, 16, 2)
    order = torch.randperm(6)
    assert torch.allclose(module(joints[order]), module(joints)[order], atol=1e-6)


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        ({"group": "reflexion"}, "did you mean 'reflection'"),
        ({"group": [[0, 1, 2]]}, "moves 3 points"),
        ({"group": [[0] * 16]}, "no permutation"),
        ({"group": "limbs", "joints": 5}, "left and right is not known"),
        ({"support": "sparse"}, "expected one of dense, soft"),
        ({"names": ["hip"]}, "1 names for 16 joints"),
        ({"bones": [[0, 16]]}, "each of 0 to 15"),
        ({"heads": 7}, "do not divide"),
    ],
    ids=["name", "short", "repeated", "joints", "support", "names", "bones", "heads"],
)
def test_what_makes_no_sense_is_refused(shape, told):
    with pytest.raises(BadInput, match=told):
        zoo.create("asen-pose", **shape)


def test_training_learns_and_repeats():
    data = some_poses()
    recipe = {"epochs": 8, "batch_size": 4, "learning_rate": 3e-3}
    run = make_run("asen-pose", data, shape=SMALL, recipe=recipe)
    module = train(run, lambda steps, **_: steps)
    kept = [part[data.rows["val"]].flatten(0, 1) for part in (data.inputs, data.targets)]
    before = errors(network(), *kept).mean()
    assert errors(module, *kept).mean() < 0.9 * before
    data.targets[data.rows["test"]] = 0
    again = train(run, lambda steps, **_: steps)
    assert torch.equal(module.end.weight, again.end.weight)
    for recipe in ({"epochs": 0}, {"learning_rate": -1}, {"batch_size": 0}):
        run = make_run("asen-pose", data, shape=SMALL, recipe=recipe)
        with pytest.raises(BadInput, match="positive numbers"):
            train(run, lambda steps, **_: steps)
    data.targets[:] = float("nan")
    run = make_run("asen-pose", data, shape=SMALL, recipe={"epochs": 1})
    with pytest.raises(BadInput, match="diverged"):
        train(run, lambda steps, **_: steps)


def test_another_skeleton():
    hand = Skeleton(joints=("palm", "thumb", "index"), parents=(-1, 0, 0))
    data = some_poses(skeleton=hand)
    shape = {**SMALL, "group": [[0, 2, 1]]}
    module = train(make_run("asen-pose", data, shape=shape, recipe={"epochs": 1}), lambda s, **_: s)
    assert module.names == hand.joints and len(module.extent) == 2
    assert module.joints == 3 and module.edges.tolist() == [[0, 0, 1, 2], [1, 2, 0, 0]]
    with pytest.raises(BadInput, match="have 3 joints; the model takes 16"):
        list(network().outputs(data.split("test")))


def test_data_of_another_kind_are_refused():
    with pytest.raises(BadInput, match="lifts poses"):
        train(make_run("asen-pose", object()), lambda steps, **_: steps)
    with pytest.raises(BadInput, match="lifts poses"):
        list(network().outputs(Split(object(), "test", torch.arange(2))))


def test_joints_of_ones_own(tmp_path, monkeypatch):
    """The same table as the sister plugin's networks take, by its names or in their order."""
    pixels = 500 + 80 * torch.randn(16, 2, generator=torch.Generator().manual_seed(0))
    rows = [
        f"{name},{x:.3f},{y:.3f}"
        for name, (x, y) in zip(H36M16.joints, pixels.tolist(), strict=True)
    ]
    table = tmp_path / "joints.csv"
    table.write_text("\n".join(["joint,x,y", *reversed(rows)]) + "\n")
    module = network()
    found = module.predict(table, width=1000, height=1000)
    assert [row["joint"] for row in found] == list(H36M16.joints)
    assert (found[0]["x"], found[0]["y"], found[0]["z"]) == (0, 0, 0)
    same = module.predict((pixels / 500 - 1).numpy())
    for one, other in zip(found, same, strict=True):
        assert one["z"] == pytest.approx(other["z"], abs=0.1)
    monkeypatch.setattr(module, "extent", [5.0, 6.0])
    with pytest.warns(Notice, match="another size in the image"):
        module.predict(table, width=1000, height=1000)
    for source, told in (
        (None, "Give the 2-D joints"),
        (torch.zeros(15, 2), r"expected \(16, 2\)"),
        (torch.full((16, 2), float("nan")), "NaN"),
        (pixels, "without width and height"),
    ):
        with pytest.raises(BadInput, match=told):
            module.predict(source)


def test_the_quantities_are_those_of_the_claims(monkeypatch):
    data = some_poses()
    monkeypatch.setattr(checks, "dataset", lambda name: data)
    monkeypatch.setattr(checks, "load", lambda name: network())
    found = checks.groups(["reflection", "identity", "symmetric"], epochs=1, batch_size=12)
    assert set(found.quantities) == set(bounds("pose-groups"))
    assert set(found.figures) <= set(TITLES)
    found = checks.symmetry()
    assert set(found.quantities) == set(bounds("pose-symmetry"))
    assert found.quantities["largest error of equivariance"] < 1e-5
    assert found.quantities["groups that an exchange outside of them leaves equivariant"] == 0


def test_neighbours_are_drawn_together():
    runs = torch.arange(4.0).repeat_interleave(50)
    together, apart = by_blocks(runs, 50), by_blocks(runs, 1)
    assert together.mean == apart.mean == 1.5
    assert together.reach > 3 * apart.reach
