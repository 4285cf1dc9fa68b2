"""Traffic: what the network commutes with, its recipe, and what users bring."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from zoo_asen.checks import traffic as checks
from zoo_asen.specs.claims import TRAFFIC_CLAIMS
from zoo_asen.traffic.network import RoadNetwork
from zoo_asen.traffic.recipe import train
from zoo_signals.forecasting import error_of
from zoo_signals.masking import known_of
from zoo_signals.sensors import SensorGraph
from zoo_signals.traffic import traffic_of
from zoo_symmetry import PermutationGroup, act

import zoo
from zoo_core import BadInput
from zoo_core.testing import make_run

RING = [[i, (i + 1) % 6] for i in range(6)]


def network(edges=RING, **shape):
    torch.manual_seed(0)
    module = RoadNetwork(6, edges, hidden=8, heads=2, mean=50.0, std=9.0, **shape).eval()
    with torch.no_grad():
        module.leave.weight.normal_()
    return module


def signals(seed=0):
    return network().example_inputs(seed)[0]


def commutes(module, images):
    with torch.no_grad():
        gap = module(act(images, signals())) - act(images, module(signals()), axis=-1)
    return float(gap.abs().max()) < 1e-3


def test_it_commutes_with_what_keeps_roads_and_clusters():
    around, across = (1, 2, 3, 4, 5, 0), (3, 4, 5, 0, 1, 2)
    assert commutes(network(), around) and commutes(network(), across)
    halves = network(clusters=[0, 0, 0, 1, 1, 1])
    assert not commutes(halves, around)
    # The exchange of both clusters keeps the roads, and tells which cluster is which.
    assert not commutes(halves, across)
    parts = [[0, 1], [1, 0], [2, 3], [3, 2]]
    pairs = network(parts, clusters=["a", "a", "b", "b", "c", "c"])
    assert commutes(pairs, (1, 0, 2, 3, 4, 5)) and commutes(pairs, (1, 0, 3, 2, 5, 4))
    assert not commutes(pairs, (2, 3, 0, 1, 4, 5))
    assert PermutationGroup(6, (around,)).degree == pairs.nodes


def test_one_cluster_is_what_equal_features_of_colours_make_of_two():
    one, two = network(), network(clusters=[0, 1, 0, 1, 0, 1])
    state = {**one.state_dict(), "table": two.table.detach().clone()}
    sensor, road = int(one.colours[0, 0]), int(one.colours[0, 1])
    here = two.colours.diagonal().unique()
    state["table"][:] = one.table[road].detach()
    state["table"][here] = one.table[sensor].detach()
    two.load_state_dict(state)
    torch.testing.assert_close(two(signals()), one(signals()))


def test_missing_speeds_count_as_the_mean():
    module, x = network(), signals()
    x[:, 1, 2, 0] = 0
    filled = x.clone()
    filled[:, 1, 2, 0] = 50
    torch.testing.assert_close(module(x), module(filled))


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        ({"nodes": 2, "edges": [[0, 5]]}, "joins no sensor"),
        ({"nodes": 3, "clusters": [0, 1]}, "and 3"),
        ({"nodes": 3, "sensors": ["a"]}, "expected 3"),
        ({"hidden": 0}, "hidden=0"),
        ({"std": 0.0}, "std=0.0"),
        ({"heads": 5}, "do not divide"),
    ],
    ids=["edge", "clusters", "names", "hidden", "std", "heads"],
)
def test_shapes_that_make_no_sense_are_refused(shape, told):
    with pytest.raises(BadInput, match=told):
        RoadNetwork(**shape)


@pytest.fixture(scope="module")
def waves():
    """Speeds that go round a ring of sensors: the next is that of the sensor before."""
    rng = np.random.default_rng(0)
    start = rng.uniform(30, 70, 6)
    speeds = np.stack([np.roll(start, step) for step in range(240)])
    speeds[::7, 3] = 0
    adjacency = np.zeros((6, 6))
    for one, other in RING:
        adjacency[one, other] = 1
    times = torch.arange(240) * 5 % 1440 / 1440
    return traffic_of(
        torch.from_numpy(speeds).float(), times, SensorGraph.of(adjacency + np.eye(6)),
        history=2, horizon=1,
    )  # fmt: skip


def test_training_learns_where_speeds_come_from_and_repeats(waves):
    shape = {"hidden": 8, "heads": 2}
    recipe = {"epochs": 6, "batch_size": 8, "learning_rate": 0.02}
    run = make_run("asen-traffic", waves, shape=shape, recipe=recipe)
    module = train(run, lambda steps, **_: steps)
    assert module.edges.shape == (2, 6)
    last = (waves.speeds[1:] - waves.speeds[:-1])[known_of(waves.speeds[1:])].abs().mean()
    assert error_of(module, waves, "test") < 0.6 * float(last)
    again = train(run, lambda steps, **_: steps)
    assert torch.equal(module.leave.weight, again.leave.weight)
    for wrong in ({"epochs": 0}, {"learning_rate": -1}, {"batch_size": 0}):
        with pytest.raises(BadInput, match="positive numbers"):
            train(make_run("asen-traffic", waves, recipe=wrong), lambda steps, **_: steps)
    with pytest.raises(BadInput, match="forecasts speeds"):
        train(make_run("asen-traffic", object()), lambda steps, **_: steps)


def test_the_quantities_are_those_of_the_claim(waves, monkeypatch):
    module = network(history=2, horizon=1)
    with torch.no_grad():
        module.leave.weight.zero_()
    monkeypatch.setattr(checks, "dataset", lambda name, clusters: waves)
    monkeypatch.setattr(checks, "load", lambda name: module)
    found = checks.ahead()
    assert set(found.quantities) == set(TRAFFIC_CLAIMS[0].bounds)
    # A network that adds nothing says what was last known.
    assert found.quantities["persistence minus two clusters"].mean == pytest.approx(0, abs=1e-3)
    with torch.no_grad():
        module.leave.bias.fill_(3.0)
    assert checks.ahead().quantities["persistence minus two clusters"].mean < -5


def test_roads_of_ones_own(zoo_here, tmp_path):
    rng = np.random.default_rng(0)
    lines = [",".join(f"{v:.1f}" for v in row) for row in rng.uniform(30, 70, (60, 3))]
    folder = tmp_path / "myweek"
    folder.mkdir()
    (folder / "speeds.csv").write_text("\n".join(["a,b,c", *lines]) + "\n")
    (folder / "edges.csv").write_text("source,target\na,b\nb,c\nc,a\n")
    (folder / "clusters.json").write_text('{"a": 0, "b": 0, "c": 1}')
    done = zoo_here(
        "train", "asen-traffic", "--dataset", folder, "--option", "start=08:00", "--set",
        "epochs=1", "--set", "hidden=8", "--out", tmp_path / "it",
    )  # fmt: skip
    assert done.code == 0, done.err
    module = zoo.load(tmp_path / "it")
    assert module.clusters == [0, 0, 1] and module.sensors == ["a", "b", "c"]
    rows = zoo.predict(module, folder / "speeds.csv", start="08:00")
    assert [row["sensor"] for row in rows] == ["a", "b", "c"] and "15 min" in rows[0]
