"""Traffic: the graph, windows in time, the scaler, a week of METR-LA, and masked errors."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from zoo_signals import traffic
from zoo_signals.masking import known_of, masked_mae
from zoo_signals.scalers import Scaler
from zoo_signals.sensors import SensorGraph, labels_of
from zoo_signals.traffic import persistence, traffic_of
from zoo_signals.traffic_metrics import MaskedError
from zoo_signals.windows import windows_of

import zoo
from zoo_core import BadInput, DataError, Notice


@pytest.fixture(autouse=True)
def surroundings(no_network):
    """Data come from the mirror and the cache alone."""


@pytest.fixture(scope="module")
def week():
    try:
        return zoo.dataset("metr-la-week", clusters=2)
    except DataError as error:
        pytest.skip(str(error))


ADJACENCY = np.array([[1, 0.5, 0, 0], [0, 1, 0.25, 0], [0.5, 0, 1, 0], [0, 0, 0, 0]])
"""Directed, with self-loops; the last node has no edge."""


def test_supports_are_the_transition_matrices_of_both_directions():
    graph = SensorGraph.of(ADJACENCY)
    along, against = (one.to_dense().double().numpy() for one in graph.supports())
    out, into = (np.where(s > 0, s, 1) for s in (ADJACENCY.sum(1), ADJACENCY.sum(0)))
    np.testing.assert_allclose(along, (ADJACENCY / out[:, None]).T, atol=1e-7)
    np.testing.assert_allclose(against, (ADJACENCY.T / into[:, None]).T, atol=1e-7)
    np.testing.assert_allclose(graph.adjacency(), ADJACENCY)
    assert not along[3].any() and not against[:, 3].any()


@given(order=st.permutations(range(4)))
def test_a_graph_in_another_order_is_the_same(order):
    graph = SensorGraph.of(ADJACENCY, "abcd").reordered(order)
    np.testing.assert_array_equal(
        graph.adjacency(), ADJACENCY.astype(np.float32)[np.ix_(order, order)]
    )
    assert list(graph.names) == ["abcd"[one] for one in order]


@pytest.mark.parametrize(
    ("edges", "weights", "told"),
    [
        ([[0, 1], [1, 9]], [1, 1], "joins sensor 9"),
        ([[0, 0], [1, 1]], [1, 1], "comes twice"),
        ([[0], [1]], [0], "above 0"),
        ([[0], [1]], [math.nan], "above 0"),
        ([[0, 1]], [1, 1], "expected"),
    ],
    ids=["no sensor", "twice", "zero", "nan", "shape"],
)
def test_edges_that_are_none_are_refused(edges, weights, told):
    with pytest.raises(BadInput, match=told):
        SensorGraph(["a", "b"], np.array(edges), np.array(weights, np.float32))


def test_other_graphs_and_clusters_are_refused():
    with pytest.raises(BadInput, match=r"expected \(N, N\)"):
        SensorGraph.of(np.ones((2, 3)))
    with pytest.raises(BadInput, match="1 names for 4 sensors"):
        SensorGraph.of(ADJACENCY, ["a"])
    with pytest.raises(BadInput, match="each of 4 sensors once"):
        SensorGraph.of(ADJACENCY).reordered([0, 1, 2, 2])
    assert labels_of([[2], [0, 1]], 3).tolist() == [1, 1, 0]
    with pytest.raises(BadInput, match="each of 0 to 2 once"):
        labels_of([[2], [0, 2]], 3)


@given(
    steps=st.integers(30, 200),
    history=st.integers(1, 4),
    horizon=st.integers(1, 4),
    gaps=st.lists(st.integers(1, 199), max_size=2),
)
def test_windows_are_in_time_and_no_step_is_forecast_in_two_splits(steps, history, horizon, gaps):
    breaks = torch.tensor(gaps, dtype=torch.int64)
    try:
        rows = windows_of(steps, history, horizon, breaks)
    except BadInput:
        # Only where gaps took all windows of a part away.
        assert gaps
        return
    last = -1
    for first in rows.values():
        targets = [range(s + history, s + history + horizon) for s in first.tolist()]
        assert min(t.start for t in targets) > last
        last = max(t.stop - 1 for t in targets)
        assert last < steps
        for start in first.tolist():
            assert not [gap for gap in gaps if start < gap < start + history + horizon]
    if not gaps:
        expected = steps - 3 * (horizon - 1) - history
        assert sum(map(len, rows.values())) == expected
        assert len(rows["train"]) == round(0.7 * steps) - history - horizon + 1


def test_too_short_a_series_is_refused():
    with pytest.raises(BadInput, match="12 steps give no window of 3 \\+ 3 for val"):
        windows_of(12, 3, 3)
    with pytest.raises(BadInput, match="history=0"):
        windows_of(100, 0, 3)


@settings(max_examples=30)
@given(
    mean=st.floats(-100, 100),
    std=st.floats(0.01, 100),
    values=st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=20),
)
def test_scaling_is_exact(mean, std, values):
    scaler, x = Scaler(mean, std), torch.tensor(values, dtype=torch.float64)
    torch.testing.assert_close(scaler.unscale(scaler.scale(x)), x, rtol=1e-12, atol=1e-9)


def test_a_scaler_measures_what_is_known():
    x = torch.tensor([0.0, 10, 30])
    assert Scaler.of(x, known_of(x)) == Scaler(20.0, 10.0)
    for values, known, told in ((x * 0, None, "all the same"), (x, x < 0, "all are missing")):
        with pytest.raises(BadInput, match=told):
            Scaler.of(values, known)


READINGS = st.sampled_from([0.0, 1.0, 30.5, 61.0, 70.0])


@settings(max_examples=30)
@given(
    target=st.lists(READINGS, min_size=12, max_size=12),
    prediction=st.lists(st.floats(0, 80, width=32), min_size=12, max_size=12),
    step=st.sampled_from([None, 1, 2, 3]),
)
def test_masked_errors_are_those_of_a_plain_loop(target, prediction, step):
    """Over (B, H, N) = (2, 3, 2), in two batches."""
    y, p = (torch.tensor(one).reshape(2, 3, 2) for one in (target, prediction))
    gaps = [
        (p[b, h, n].item() - y[b, h, n].item(), y[b, h, n].item())
        for b in range(2)
        for h in range(3)
        for n in range(2)
        if y[b, h, n] != 0 and step in (None, h + 1)
    ]
    expected = {
        "mae": sum(abs(gap) for gap, _ in gaps),
        "rmse": sum(gap**2 for gap, _ in gaps),
        "mape": sum(abs(gap) / one for gap, one in gaps),
    }
    for kind, total in expected.items():
        meter = MaskedError(kind, step)
        for batch in range(2):
            meter.update(p[batch : batch + 1], y[batch : batch + 1])
        found = float(meter.compute())
        if not gaps:
            assert math.isnan(found)
            continue
        mean = total / len(gaps)
        assert found == pytest.approx(math.sqrt(mean) if kind == "rmse" else mean, rel=1e-5)
    if step is None:
        loss = float(masked_mae(p, y))
        assert loss == pytest.approx(expected["mae"] / max(len(gaps), 1), rel=1e-5)


def test_errors_refuse_what_they_cannot_measure():
    meter = zoo.metric("speed-mae-3")
    for shapes, told in ((((2, 3), (2, 3)), "expected"), (((2, 2, 4), (2, 2, 4)), "none of them")):
        with pytest.raises(BadInput, match=told):
            meter.update(*map(torch.ones, shapes))
    for options, told in (({"kind": "mse"}, "kind='mse'"), ({"step": 0}, "step=0")):
        with pytest.raises(BadInput, match=told):
            type(meter)(**options)


def test_persistence_keeps_what_was_last_known():
    inputs = torch.tensor([[[50.0, 0], [0, 0], [0, 40]]])[..., None]
    assert persistence(inputs, 2).tolist() == [[[50, 40], [50, 40]]]


def test_windows_of_a_series(week):
    speeds = torch.arange(40.0)[:, None] + torch.tensor([[0.0, 100, 200, 300]])
    data = traffic_of(speeds, torch.arange(40) / 288, SensorGraph.of(ADJACENCY))
    inputs, targets = data.windows(torch.tensor([0, 7]))
    assert inputs.shape == (2, 3, 4, 2) and targets.shape == (2, 3, 4)
    assert inputs[1, :, 1, 0].tolist() == [107, 108, 109]
    assert inputs[1, :, 3, 1].tolist() == pytest.approx([7 / 288, 8 / 288, 9 / 288])
    assert targets[1, :, 2].tolist() == [210, 211, 212]
    with pytest.raises(BadInput, match="expected 40 times and 3 sensors"):
        traffic_of(speeds, data.times, SensorGraph.of(ADJACENCY[:3, :3]))


def test_a_week_of_metr_la(week):
    graph = week.graph
    assert week.speeds.shape == (2016, 207) and graph.edges.shape == (2, 1722)
    assert float(week.speeds.min()) >= 1 and float(week.speeds.max()) == 70
    assert float(week.times[288]) == 0 and float(week.times[-1]) == pytest.approx(287 / 288)
    assert graph.positions.shape == (207, 2) and graph.names[0] == "773869"
    assert (graph.adjacency() != graph.adjacency().T).any()
    assert (graph.adjacency().diagonal() == 1).all()
    assert np.bincount(week.clusters).tolist() == [130, 77]
    nine = np.bincount(graph.partitions["clusters_9"])
    assert nine.tolist() == [10, 38, 10, 23, 8, 15, 21, 71, 11]
    assert {name: len(rows) for name, rows in week.rows.items()} == {
        "train": 1406, "val": 200, "test": 401,
    }  # fmt: skip
    inputs, targets = week.windows(week.rows["test"])
    meter = zoo.metric("speed-mae")
    meter.update(persistence(inputs, 3), targets)
    assert float(meter.compute()) == pytest.approx(3.143, abs=1e-3)
    with pytest.raises(BadInput, match="1, 2 or 9"):
        zoo.dataset("metr-la-week", clusters=3)


def test_all_four_months_are_read_of_the_published_table(week, monkeypatch, tmp_path):
    """Of a small one with missing readings: the true one is 70 MB, and its hash is not known."""
    rng = np.random.default_rng(0)
    lines = [",".join(["", *week.graph.names[::-1]])]
    speeds = rng.integers(0, 3, (60, 207)) * 30
    lines += [f"2012-03-01 0{i // 12}:{5 * (i % 12):02}:00," + ",".join(map(str, row))
              for i, row in enumerate(speeds)]  # fmt: skip
    path = tmp_path / "METR-LA.csv"
    path.write_text("\n".join(lines))
    monkeypatch.setattr(traffic, "available", lambda file: path)
    monkeypatch.setattr(traffic, "FULL_STEPS", 60)
    with pytest.warns(Notice, match="hash of metr-la/METR-LA.csv is not published"):
        data = zoo.dataset("metr-la-week", full=True)
    np.testing.assert_array_equal(data.speeds.numpy(), speeds[:, ::-1])
    assert data.scaler().mean > 30
    monkeypatch.setattr(traffic, "FULL_STEPS", 61)
    with pytest.warns(Notice), pytest.raises(DataError, match="expected 61 rows"):
        zoo.dataset("metr-la-week", full=True)
