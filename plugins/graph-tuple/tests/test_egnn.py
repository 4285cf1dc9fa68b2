"""EGNN-Gt: its formula by hand, its symmetries, what is shared, and clouds of any box."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional
from zoo_clouds.box import Box
from zoo_clouds.clouds import Cloud
from zoo_graph_tuple.egnn import clouds
from zoo_graph_tuple.egnn.clouds import CloudEgnn, cloud_views
from zoo_graph_tuple.egnn.layer import EgnnGt, Near, radial
from zoo_graph_tuple.egnn.network import EgnnNetwork, degrees

from zoo_core import BadInput, Notice

H = 6
SIDE = 10.0
CUTOFFS = (2.0, 4.0)


def cloud_of(count=40, seed=0, dimension=3, box=None):
    draw = np.random.default_rng(seed)
    return Cloud(SIDE * draw.random((count, dimension)), box or Box.cube(SIDE, dimension))


def awake(module, seed=0):
    """Give the last maps of steps, which begin at zero, numbers."""
    torch.manual_seed(seed)
    for name, parameter in module.named_parameters():
        if name.endswith("step.weight"):
            torch.nn.init.normal_(parameter)
    return module.double().eval()


def network(**shape):
    torch.manual_seed(0)
    return awake(CloudEgnn(cutoffs=CUTOFFS, hidden=H, **shape))


def value(module, cloud):
    return module(*module.batch([cloud])).detach()


def near_of(cloud, like):
    return [
        Near(edges, vectors.double(), degrees(edges, like), cutoff)
        for (edges, vectors), cutoff in zip(cloud_views(cloud, CUTOFFS), CUTOFFS, strict=True)
    ]


def pass_by_hand(one, state, moved, near):
    """Return the changes of one pass with a loop over the edges."""
    total, steps = torch.zeros_like(state), torch.zeros_like(moved)
    for edge, (sender, receiver) in enumerate(near.edges.T.tolist()):
        gap = near.vectors[edge] + moved[receiver] - moved[sender]
        row = radial(gap.norm()[None, None], near.cutoff, one.centres)[0]
        row = torch.cat([state[receiver], state[sender], row])
        row = row if one.norm is None else one.norm(row)
        message = functional.silu(one.second(functional.silu(one.first(row))))
        total[receiver] = total[receiver] + message
        step = gap * one.step(functional.silu(one.gate(message))).tanh()
        steps[receiver] = steps[receiver] + step / near.degrees[receiver]
    return one.node(torch.cat([state, total], 1)), steps


@pytest.mark.parametrize("edge_norm", [True, False], ids=["normed", "plain"])
def test_the_layer_is_its_formula(edge_norm):
    cloud = cloud_of(15)
    state = torch.randn(15, H, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    moved = 0.1 * state[:, :3]
    layer = awake(EgnnGt(H, centres=5, edge_norm=edge_norm))
    near = near_of(cloud, state)
    found = {}
    for word in layer.words:
        before = found.get(word[:-1], (0, 0))
        found[word] = pass_by_hand(
            layer.shared, state + before[0], moved + before[1], near[word[-1]]
        )
    h, p = state, moved
    for alpha, beta, change in zip(
        layer.of_states(), layer.of_positions(), found.values(), strict=True
    ):
        h, p = h + alpha * change[0], p + beta * change[1]
    given = layer(state, moved, near)
    assert torch.allclose(given[0], h) and torch.allclose(given[1], p)


def test_points_stand_still_at_first():
    torch.manual_seed(0)
    layer = EgnnGt(H, centres=5).double()
    state = torch.randn(20, H, dtype=torch.float64)
    moved = layer(state, state[:, :3], near_of(cloud_of(20), state))[1]
    assert torch.equal(moved, state[:, :3])


def test_near_and_far_pairs_are_all_within_the_last_cutoff():
    cloud = cloud_of(60)
    near, far = cloud_views(cloud, CUTOFFS)
    pairs = [set(map(tuple, view.edges.T.tolist())) for view in (near, far)]
    assert not pairs[0] & pairs[1]
    gaps = cloud.box.distance(cloud.positions[:, None], cloud.positions[None])
    expected = {(i, j) for i, j in np.argwhere(gaps <= 4.0).tolist() if i != j}
    assert pairs[0] | pairs[1] == expected
    assert all({(b, a) for a, b in view} == view for view in pairs)
    assert float(near.values.norm(dim=1).max()) <= 2 < float(far.values.norm(dim=1).min())


def test_what_a_cloud_says_does_not_depend_on_where_and_how_it_lies():
    module, cloud = network(), cloud_of()
    expected, draw = value(module, cloud), np.random.default_rng(0)
    places = cloud.positions
    moved = {
        "shifted": cloud.box.wrap(places + draw.random(3) * SIDE),
        "permuted": places[draw.permutation(len(places))],
        "axes": places[:, [2, 0, 1]],
        "mirrored": np.mod(SIDE - places, SIDE),
        "wrapped": cloud.box.wrap(places + SIDE * draw.integers(-2, 3, places.shape)),
    }
    for told, positions in moved.items():
        found = value(module, Cloud(positions, cloud.box))
        assert torch.allclose(found, expected, atol=1e-5), told
    skewed = value(module, Cloud(np.mod(places * [1, 1, 0.5], SIDE), cloud.box))
    assert not torch.allclose(skewed, expected, atol=1e-3)


@pytest.mark.parametrize("dimension", [1, 2, 3, 8])
def test_open_space_of_any_dimension_may_be_turned(dimension):
    module = network(dimension=dimension)
    cloud = cloud_of(25, dimension=dimension, box=Box.open(dimension))
    turned = np.linalg.qr(np.random.default_rng(0).standard_normal((dimension,) * 2))[0]
    other = Cloud(cloud.positions @ turned.T, cloud.box)
    assert torch.allclose(value(module, other), value(module, cloud), atol=1e-5)


def test_positions_turn_with_the_cloud():
    layer = awake(EgnnGt(H, centres=5))
    state = torch.randn(20, H, dtype=torch.float64)
    cloud = cloud_of(20)
    near = near_of(cloud, state)
    turn = torch.linalg.qr(torch.randn(3, 3, dtype=torch.float64))[0]
    turned = [one._replace(vectors=one.vectors @ turn.T) for one in near]
    moved = state[:, :3]
    h, p = layer(state, moved, near)
    other_h, other_p = layer(state, moved @ turn.T, turned)
    assert torch.allclose(h, other_h) and torch.allclose(p @ turn.T, other_p)


def test_ragged_batches_and_points_alone_or_in_one_place():
    module = network()
    twins = Cloud(np.repeat(cloud_of(10).positions, 2, 0), Box.cube(SIDE))
    given = [cloud_of(30), cloud_of(1, 1), cloud_of(50, 2), twins]
    together = module(*module.batch(given))
    assert torch.allclose(together, torch.cat([value(module, one) for one in given]), atol=1e-6)
    together.square().sum().backward()
    assert all(one.grad is None or bool(one.grad.isfinite().all()) for one in module.parameters())


def test_weights_are_shared_and_gradients_reach_all_logits():
    def count(words, **more):
        found = EgnnNetwork(CUTOFFS, hidden=24, layers=2, words=words, **more)
        return sum(one.numel() for one in found.parameters())

    assert count("crossed") == 10_065
    baseline = count("first", edge_norm=False, still=False)
    assert baseline == 9_793 and count("crossed") - baseline == 2 * (2 * 64 + 8)
    assert count("all") - count("crossed") == 2 * 2 * 2
    module = network(layers=3)
    module(*module.batch([cloud_of()])).square().sum().backward()
    first = module.network.layers[0]
    for fusion in (first.of_states, first.of_positions):
        assert bool((fusion.logits.grad != 0).all())


def test_time_and_memory_of_many_points_are_told(monkeypatch):
    monkeypatch.setattr(clouds, "MOST_POINTS", 30)
    with pytest.warns(Notice, match="40 points take about 0 s, and 0.0 GB"):
        network().predict(cloud_of())


def test_a_cloud_of_another_kind_is_told_or_refused():
    module = network(density=40 / SIDE**3)
    assert module.predict(cloud_of().positions, box=SIDE)[0]["parameter"] == "Omega_m"
    with pytest.warns(Notice, match="makes 40 in this box"):
        module.predict(cloud_of(80), first=60)
    with pytest.warns(Notice, match="open"):
        module.predict(cloud_of().positions)
    for source, more, told in (
        (None, {}, "Give a cloud"),
        (cloud_of(40, dimension=2), {}, "2 dimensions"),
        (np.zeros((0, 3)), {"box": SIDE}, "one point or more"),
        (cloud_of().positions, {"box": 5.0}, "outside"),
        (cloud_of().positions / 2, {"box": 6.0}, "two images"),
        (cloud_of(), {"first": 41}, "has 40 points"),
        (np.full((4, 3), np.nan), {"box": SIDE}, "finite"),
        (cloud_of().positions, {"box": SIDE, "units": "pc"}, "units"),
    ):
        with pytest.raises(BadInput, match=told):
            module.predict(source, **more)
    for shape in ({"cutoffs": [4.0, 2.0]}, {"cutoffs": []}, {"hidden": 0}, {"mean": [0.0]}):
        with pytest.raises(BadInput):
            CloudEgnn(**shape)
