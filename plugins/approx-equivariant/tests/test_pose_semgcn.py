"""The networks on poses: their sizes, their symmetry, graphs of a user, and what a person gets."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
import zoo_symmetry as zs
from zoo_approx_equivariant.pose.semgcn import GSemGCN
from zoo_signals.cameras import denormalised
from zoo_signals.skeleton import H36M16

import zoo
from zoo_core import BadInput, Notice, Split

AUT = zs.PermutationGroup(16, tuple(H36M16.swaps().values()))
KNEES = zs.PermutationGroup(16, ((0, 1, 5, 3, 4, 2, *range(6, 16)),))


def weights(**shape):
    with torch.device("meta"):
        return sum(one.numel() for one in GSemGCN(**shape).parameters())


@pytest.mark.parametrize(
    ("group", "published", "small"),
    [
        ("S_N", 267_343, 18_031),
        ("relaxed", 4_218_703, 268_591),
        ("Aut", 15_545_935, 986_863),
        ("trivial", 33_722_191, 2_139_439),
    ],
)
def test_sizes_are_the_published_ones(group, published, small):
    shape = {"group": group, "graph_op": "full", "tied": False}
    assert weights(**shape, hidden=128) == published
    assert weights(**shape, hidden=32) == small
    # Ten layers with 28 logits in place of 46.
    assert weights(group=group) == small - (180 if group == "Aut" else 0)


@pytest.mark.parametrize("operation", ["none", "gc", "self", "full", "pt"])
def test_the_network_has_the_symmetry_of_the_skeleton(operation):
    torch.manual_seed(0)
    module = GSemGCN(hidden=4, blocks=1, graph_op=operation).double()
    x = torch.randn(6, 16, 2, dtype=torch.float64)
    module(x)  # moves the statistics of the normalisation
    with torch.no_grad():
        for one in module.parameters():
            one.add_(0.2 * torch.randn_like(one))
    module.eval()
    assert zs.equivariance_error(module, AUT, x) < 1e-12
    assert zs.equivariance_error(module, KNEES, x) > 1e-4


def test_all_permutations_without_the_graph():
    torch.manual_seed(0)
    module = GSemGCN("S_N", "none", hidden=4, blocks=1).double().eval()
    x = torch.randn(3, 16, 2, dtype=torch.float64)
    assert zs.equivariance_error(module, zs.symmetric(16), x) < 1e-12
    graph = GSemGCN("S_N", "self", hidden=4, blocks=1).double().eval()
    # What is left of it with an operation of the graph is the symmetry of the graph.
    assert zs.equivariance_error(graph, AUT, x) < 1e-12
    assert zs.equivariance_error(graph, zs.symmetric(16), x) > 1e-4


STAR = [[0, 1], [0, 2], [0, 3], [3, 4]]


def test_any_graph_with_any_group():
    x = torch.randn(3, 5, 2)
    star = GSemGCN(hidden=4, blocks=1, nodes=5, edges=STAR).eval()
    assert star(x).shape == (3, 5, 3)
    leaves = zs.PermutationGroup(5, ((0, 2, 1, 3, 4),))
    assert zs.equivariance_error(star, leaves, x) < 1e-5
    clusters = zs.young([0, 0, 0, 1, 1])
    module = GSemGCN(
        graph_op="none", hidden=4, blocks=1, nodes=5, edges=STAR, generators=clusters.generators
    ).eval()
    assert zs.equivariance_error(module, clusters, x) < 1e-5
    single = GSemGCN(hidden=2, blocks=0, nodes=1, edges=[])
    assert single(torch.randn(2, 1, 2)).shape == (2, 1, 3)


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        ({"group": "S_16"}, "expected one of S_N"),
        ({"graph_op": "gcn"}, "expected one of none"),
        ({"hidden": 0}, "from 1"),
        ({"blocks": -1}, "from 0"),
        ({"nodes": 5}, "Say which of the 5 joints"),
        ({"nodes": 5, "edges": [[0, 5]]}, "two joints of 0 to 4"),
        ({"nodes": 5, "edges": [[0, 1, 2]]}, "two joints"),
        ({"nodes": 5, "edges": STAR, "joints": ["a"]}, "1 names for 5"),
        ({"group": "S_N", "generators": [[1, 0]]}, "those of group='Aut'"),
        ({"nodes": 5, "edges": STAR, "generators": [[1, 0, 2, 3, 4]]}, "does not keep the edges"),
        ({"nodes": 5, "edges": STAR, "generators": [[0, 0, 2, 3, 4]]}, "no permutation"),
        ({"nodes": 5, "edges": STAR, "generators": [[1, 0]]}, "moves 2 points"),
    ],
    ids=lambda one: "-".join(one) if isinstance(one, dict) else None,
)
def test_what_does_not_fit_is_refused(shape, told):
    with pytest.raises(BadInput, match=told):
        GSemGCN(**shape)


@pytest.fixture(scope="module")
def model():
    return zoo.load("autsemgcn-cmupose")


@pytest.fixture
def seen(data_or_skip):
    """Two test poses, and where their joints are in mm."""
    data = data_or_skip("cmu-pose16")
    rows = data.rows["test"][[0, 2000]]
    return data.inputs[rows, 1], 1000 * data.targets[rows, 1]


def test_the_shipped_network_has_its_symmetry(model, seen):
    found = zs.equivariance_error(model, AUT, seen[0])
    assert found < 1e-5 < zs.equivariance_error(model, KNEES, seen[0])


def test_joints_come_back_in_millimetres(model, seen):
    flat, true = seen
    rows = zoo.predict(model, flat)
    assert [row["joint"] for row in rows[:16]] == list(H36M16.joints)
    assert [row["pose"] for row in rows] == [0] * 16 + [1] * 16
    places = np.array([[row[axis] for axis in "xyz"] for row in rows]).reshape(2, 16, 3)
    assert np.abs(places[:, 0]).max() == 0
    assert np.linalg.norm(places - true.numpy(), axis=-1).mean() < 150


def test_a_table_of_pixels_becomes_rows_and_a_picture(run, model, seen, tmp_path):
    pixels = denormalised(seen[0][0].numpy(), 640, 480).round(3)
    lines = [f"{name},{x},{y}" for name, (x, y) in zip(H36M16.joints, pixels, strict=True)]
    table = tmp_path / "joints.csv"
    table.write_text("\n".join(["joint,x,y", *reversed(lines)]) + "\n")
    told = ["predict", "autsemgcn-cmupose", table, "--width", "640", "--height", "480"]
    done = run(*told, "--output", tmp_path / "pose.json")
    assert done.code == 0, done.err
    rows = json.loads((tmp_path / "pose.json").read_text())
    expected = zoo.predict(model, seen[0][:1])
    assert [row["joint"] for row in rows] == [row["joint"] for row in expected]
    gap = [abs(a[axis] - b[axis]) for a, b in zip(rows, expected, strict=True) for axis in "xyz"]
    assert max(gap) < 0.5
    done = run(*told, "--picture", "true", "--output", tmp_path / "pose.svg")
    assert done.code == 0, done.err
    assert "<svg" in (tmp_path / "pose.svg").read_text(encoding="utf-8")
    with pytest.raises(BadInput, match="without width and height"):
        model.predict(table)


def test_what_cannot_be_lifted_is_refused(model, seen):
    with pytest.raises(BadInput, match="One pose is drawn"):
        model.predict(seen[0], picture=True)
    with pytest.warns(Notice, match="another size"):
        model.predict(0.1 * seen[0])
    with pytest.raises(BadInput, match="Give the 2-D joints"):
        model.predict()


def test_poses_of_other_joints_are_not_measured(data_or_skip):
    data = data_or_skip("cmu-pose16")
    module = GSemGCN(hidden=2, blocks=0, nodes=5, edges=STAR)
    with pytest.raises(BadInput, match="have 16 joints; the network takes 5"):
        next(module.outputs(data.split("test")))
    with pytest.raises(BadInput, match="lifts poses"):
        next(module.outputs(Split(None, "test")))


def test_recordings_of_ones_own(run, tmp_path):
    """Positions with their trials are learnt, and the network lifts poses of the same kind."""
    rng = np.random.default_rng(0)
    standing = np.zeros((16, 3))
    standing[:, 1] = np.linspace(0.1, 0.9, 16)
    standing[H36M16.joints.index("Head"), 1] = 1.0
    standing[:, 0] = rng.uniform(-0.3, 0.3, 16)
    positions = standing + rng.normal(0, 0.05, (40, 16, 3))
    np.savez(tmp_path / "mine.npz", positions=positions, trial=np.repeat(range(8), 5))
    done = run(
        "train", "semgcn", "--dataset", tmp_path / "mine.npz", "--set", "epochs=2",
        "--set", "hidden=4", "--set", "group=relaxed", "--out", tmp_path / "it",
    )  # fmt: skip
    assert done.code == 0, done.err
    module = zoo.load(tmp_path / "it")
    assert module.group == "relaxed" and module.extent[0] > 0
    (row, *_) = zoo.evaluate(module, metrics=["mpjpe"])
    assert 0 < row.value < 2
    np.savez(tmp_path / "untold.npz", positions=positions)
    done = run("train", "semgcn", "--dataset", tmp_path / "untold.npz", "--out", tmp_path / "no")
    assert done.code == 2 and "no 'trial'" in done.err
