"""The network on a road graph: its formula, its clusters, what it commutes with, its training."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from zoo_approx_equivariant.checks import traffic as checks
from zoo_approx_equivariant.specs.claims import CLAIMS
from zoo_approx_equivariant.specs.models import DCRNN_RECIPE
from zoo_approx_equivariant.traffic.cells import ClusteredLinear, Diffusion
from zoo_approx_equivariant.traffic.dcrnn import AutDCRNN
from zoo_approx_equivariant.traffic.persistence import Persistence
from zoo_approx_equivariant.traffic.training import fit, truth_share
from zoo_signals.forecasting import error_of
from zoo_signals.masking import masked_mae
from zoo_signals.sensors import SensorGraph
from zoo_signals.traffic import traffic_of

import zoo
from zoo_core import BadInput

ADJACENCY = np.array(
    [
        [1, 0.5, 0, 0, 0, 0],
        [0, 0, 0.25, 0, 0, 0],
        [0.5, 0, 1, 0, 0, 0],
        [0, 0, 0, 0, 0.7, 0],
        [0, 0, 0, 0.2, 0, 0],
        [0, 0, 0, 0, 0, 0],
    ]
)
"""Directed, of three parts, one of them a sensor without edges."""
RING = np.roll(np.eye(6), 1, 1)
LABELS = st.lists(st.integers(0, 3), min_size=6, max_size=6)


def edges_of(adjacency):
    return [[int(i), int(j), float(adjacency[i, j])] for i, j in np.argwhere(adjacency)]


def network(clusters=None, adjacency=ADJACENCY, seed=0, **shape):
    torch.manual_seed(seed)
    shape = {"hidden": 5, "mean": 50.0, "std": 10.0, **shape}
    return AutDCRNN(len(adjacency), edges_of(adjacency), clusters, **shape).double()


def signals(seed=0, nodes=6):
    (x,) = network().example_inputs(seed)
    return x.double() if nodes == 6 else None


def scattered(module, seed=1):
    """Let all weights differ, those of clusters too."""
    torch.manual_seed(seed)
    with torch.no_grad():
        for one in module.parameters():
            one.normal_(0, 0.5)
    return module


@pytest.mark.parametrize("steps", [0, 1, 2, 3])
def test_diffusion_is_the_recursion_from_the_signals_anew_for_each_support(steps):
    graph = SensorGraph.of(ADJACENCY)
    diffusion = Diffusion(
        torch.from_numpy(graph.edges), torch.from_numpy(graph.weights).double(), 6, steps
    )
    z = torch.randn(6, 2, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    found = dict.fromkeys(range(1, 2 * steps + 1))
    for number, support in enumerate(graph.supports()):
        before, now = z, z
        for step in range(steps):
            sent = torch.einsum("nm,mbf->nbf", support.to_dense().double(), now)
            before, now = now, (sent if step == 0 else 2 * sent - before)
            found[1 + 2 * step + number] = now
    expected = torch.cat([z, *found.values()], -1)
    torch.testing.assert_close(diffusion(z), expected, rtol=1e-6, atol=1e-6)


def test_a_step_of_the_recurrence_is_its_formula():
    """One step in, one step out, against loops over sensors."""
    labels = [1, 0, 1, 2, 2, 0]
    module = scattered(network(labels, history=1, horizon=1))
    (x,) = (signals()[:, :1],)
    supports = [np.eye(6)] + [
        one.to_dense().double().numpy() for one in SensorGraph.of(ADJACENCY).supports()
    ]

    def cell(unit, inputs, state):
        both = np.concatenate([inputs, state], 1)
        w, b = (one.detach().numpy() for one in (unit.gates.weight, unit.gates.bias))
        gates = 1 / (1 + np.exp(-(both @ w.T + b)))
        r, u = gates[:, :5], gates[:, 5:]
        seen = np.concatenate([s @ np.concatenate([inputs, r * state], 1) for s in supports], 1)
        w, b = (one.detach().numpy() for one in (unit.candidate.weight, unit.candidate.bias))
        c = np.tanh(np.stack([seen[n] @ w[labels[n]] + b[labels[n]] for n in range(6)]))
        return u * state + (1 - u) * c

    given = x[0, 0].numpy() * [0.1, 1] - [5, 0]
    state = cell(module.decoder, np.zeros((6, 1)), cell(module.encoder, given, np.zeros((6, 5))))
    w, b = (one.detach().numpy() for one in (module.projection.weight, module.projection.bias))
    expected = 50 + 10 * (state @ w.T + b)[:, 0]
    np.testing.assert_allclose(module(x)[0, 0].detach().numpy(), expected, rtol=1e-6)


@settings(max_examples=8)
@given(labels=LABELS)
def test_equal_weights_of_clusters_are_one_cluster(labels):
    many, one = network(labels), scattered(network())
    tensors = dict(one.named_parameters())
    with torch.no_grad():
        for name, tensor in many.named_parameters():
            tensor.copy_(tensors[name].expand_as(tensor))
    torch.testing.assert_close(many(signals()), one(signals()))


@settings(max_examples=8)
@given(labels=LABELS, seed=st.integers(0, 50))
def test_names_of_clusters_do_not_matter(labels, seed):
    names = np.random.default_rng(seed).permutation(10)[:4]
    module, other = scattered(network(labels)), network([int(names[one]) for one in labels])
    as_here = np.unique(module.partition, return_index=True)[1]
    place = torch.from_numpy(np.argsort(other.partition[as_here]))
    tensors = dict(module.named_parameters())
    with torch.no_grad():
        for name, tensor in other.named_parameters():
            tensor.copy_(tensors[name][place] if "candidate" in name else tensors[name])
    torch.testing.assert_close(other(signals()), module(signals()))


@settings(max_examples=8)
@given(labels=LABELS, order=st.permutations(range(6)))
def test_sensors_move_within_clusters_together_with_the_graph(labels, order):
    """`order` is cut down to permutations within clusters."""
    labels = np.array(labels)
    moved = np.empty(6, int)
    for one in set(labels.tolist()):
        members = np.flatnonzero(labels == one)
        moved[members] = sorted(members, key=list(order).index)
    module = scattered(network(labels.tolist()))
    other = network(labels.tolist(), ADJACENCY[np.ix_(moved, moved)])
    named = dict(module.named_parameters())
    with torch.no_grad():
        for name, tensor in other.named_parameters():
            tensor.copy_(named[name])
    x = signals()
    torch.testing.assert_close(other(x[:, :, moved]), module(x)[:, :, moved])


def test_with_the_graph_fixed_only_its_automorphisms_commute():
    module, x = scattered(network(adjacency=RING)), signals()
    for order, same in (([1, 2, 3, 4, 5, 0], True), ([1, 0, 2, 3, 4, 5], False)):
        gap = (module(x[:, :, order]) - module(x)[:, :, order]).detach().abs().max()
        assert (float(gap) < 1e-9) == same


@pytest.mark.parametrize("tied", [False, True])
def test_a_step_of_training_moves_the_weights_of_clusters_apart(tied):
    """The published code copies them anew at each step, and so ties them: here, if asked to."""
    module = network([0, 0, 0, 1, 1, 1], tied=tied)
    first = module.encoder.candidate.weight.detach().clone()
    assert len(first) == (1 if tied else 2) and (first == first[0]).all()
    masked_mae(module(signals()), torch.full((3, 3, 6), 60.0)).backward()
    for unit in (module.encoder, module.decoder):
        gradient = unit.candidate.weight.grad
        assert all(one.abs().max() > 0 for one in gradient)
        assert tied or not torch.allclose(gradient[0], gradient[1])
        assert not torch.allclose(*unit.candidate.bias.grad)


def test_numbers_of_weights_are_the_published_ones():
    sizes = {1: 42_369, 2: 67_649, 9: 244_609}
    for clusters, expected in sizes.items():
        labels = [one % clusters for one in range(207)]
        module = AutDCRNN(207, 0, labels)
        assert sum(one.numel() for one in module.parameters()) == expected


def test_scheduled_sampling():
    assert truth_share(0) == 2000 / 2001
    shares = [truth_share(step) for step in range(0, 40_000, 1000)]
    assert shares == sorted(shares, reverse=True) and shares[-1] < 0.01
    module, x = scattered(network()), signals()
    truth = torch.full((3, 3, 6), 70.0, dtype=torch.float64)
    plain, fed = module(x), module(x, truth, [True, False, False])
    torch.testing.assert_close(fed[:, 0], plain[:, 0])
    assert not torch.allclose(fed[:, 1], plain[:, 1])
    torch.testing.assert_close(module(x, truth, [False] * 3), plain)
    torch.testing.assert_close(module(x, truth * 0, [True] * 3), plain)


def test_missing_speeds_count_as_the_mean():
    module, x = scattered(network()), signals()
    x[:, 1, 2, 0] = 0
    filled = x.clone()
    filled[:, 1, 2, 0] = 50
    torch.testing.assert_close(module(x), module(filled))


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        ({"nodes": 2, "edges": [[0, 5]]}, "joins no sensor"),
        ({"nodes": 2, "edges": [[0, 1, -1.0]]}, "above 0"),
        ({"nodes": 3, "clusters": [0, 1]}, "expected 3"),
        ({"nodes": 3, "sensors": ["a"]}, "expected 3"),
        ({"hidden": 0}, "hidden=0"),
        ({"std": 0.0}, "std=0.0"),
    ],
    ids=["edge", "weight", "clusters", "names", "hidden", "std"],
)
def test_shapes_that_make_no_sense_are_refused(shape, told):
    with pytest.raises(BadInput, match=told):
        AutDCRNN(**shape)


def test_a_graph_that_comes_later():
    module = AutDCRNN(3, 2)
    module.join(torch.tensor([[0, 1], [1, 2]]))
    assert module.weights.tolist() == [1, 1]
    with pytest.raises(BadInput, match=r"expected \(2, 2\)"):
        module.join(torch.tensor([[0], [1]]))


@pytest.fixture(scope="module")
def series():
    """Six sensors that follow one another: the next reading is that of the neighbour's last."""
    rng = np.random.default_rng(0)
    wave = 50 + 12 * np.sin(np.arange(200) / 3) + rng.normal(0, 0.1, 200)
    speeds = np.stack([np.roll(wave, one)[:160] for one in range(6)], 1)
    times = torch.arange(160) / 288
    short = {"history": 1, "horizon": 1}
    return traffic_of(torch.from_numpy(speeds).float(), times, SensorGraph.of(RING), **short)


def trained(data, epochs):
    torch.manual_seed(0)
    module = AutDCRNN(6, edges_of(RING), hidden=8, history=1, horizon=1, mean=50.0, std=9.0)
    recipe = {**DCRNN_RECIPE, "epochs": epochs, "batch_size": 8, "learning_rate": 0.1}
    return module, fit(module, data, 0, **recipe, progress=lambda steps, **_: steps)


def test_training_is_deterministic_and_learns(series):
    (first, least), (second, _) = (trained(series, 1) for _ in range(2))
    assert all(map(torch.equal, first.state_dict().values(), second.state_dict().values()))
    assert least == error_of(first, series, "val")
    module, _ = trained(series, 10)
    last = error_of(Persistence(), series, "test")
    assert error_of(module, series, "test") < 0.5 * last
    with pytest.raises(BadInput, match="epochs=0"):
        trained(series, 0)


def test_another_s_sensors_are_refused(series):
    module = AutDCRNN(6, sensors=list("abcdef"))
    with pytest.raises(BadInput, match="a first, in its order"):
        list(module.outputs(series.split("test")))
    module = AutDCRNN(6, history=2)
    with pytest.raises(BadInput, match="history = 1; the model has 2"):
        list(module.outputs(series.split("test")))


def test_clustered_weights_are_those_of_each_cluster():
    layer = ClusteredLinear(2, 3, 4, tied=False)
    assert torch.equal(layer.weight[0], layer.weight[1]) and not layer.bias.any()


def test_the_quantities_are_those_of_the_claims(series, monkeypatch):
    monkeypatch.setattr(checks, "data_of", lambda group: series)
    monkeypatch.setattr(checks, "dataset", lambda *_, **__: series)
    known = {}

    def made(group, seed, epochs):
        one = network(seed=len(known), history=1, horizon=1).float()
        return known.setdefault((group, seed), one)

    monkeypatch.setattr(checks, "network", made)
    bounds = {claim.name: set(claim.bounds) for claim in CLAIMS}
    for name in ("ahead", "clusters", "between"):
        found = getattr(checks, name)(epochs=1, seeds=(0, 1))
        claim = "traffic-persistence" if name == "ahead" else f"traffic-{name}"
        assert set(found.quantities) == bounds[claim]
    first, second = (checks.errors_by_window(made("x", s, 1), series, "test") for s in (0, 1))
    gap = checks._blocked(first, second)
    assert gap.mean == pytest.approx(-checks._blocked(second, first).mean)
    last = error_of(Persistence(), series, "test")
    ahead = checks.ahead(epochs=1, seeds=(0,))
    value = ahead.quantities["persistence minus one cluster"][0]
    assert value == pytest.approx(last - error_of(made("one cluster", 0, 1), series, "test"))


def test_runs_of_claims_are_trained_as_models_are(series, monkeypatch):
    monkeypatch.setattr(checks, "data_of", lambda group: replace(series, clusters=np.arange(6)))
    found = checks.network("no sharing", 1, 1)
    assert found.sizes == [1] * 6 and found.encoder.candidate.weight.shape[0] == 6
    assert zoo.info("dcrnn")["recipe"] == DCRNN_RECIPE
