"""Graph autoencoders: what structure alone lets them see."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from zoo_graphs.graph import Graph
from zoo_graphs.recognition import structure_hash
from zoo_spectral_failure_gcn.autoencoder import GraphAutoencoder, divergence
from zoo_spectral_failure_gcn.convolution import node_features, propagation
from zoo_spectral_failure_gcn.data import two_blocks
from zoo_spectral_failure_gcn.decoder import Reconstruction

from zoo_core import BadInput

examples = settings(max_examples=25)
seeds = st.integers(0, 10**6)


def random_graph(seed, n=14, labels=None):
    rng = np.random.default_rng(seed)
    edges = np.stack([np.arange(n), (np.arange(n) + 1) % n])
    edges = np.concatenate([edges, rng.integers(0, n, (2, n))], axis=1)
    return Graph.from_edges(edges, rng.standard_normal((n, 3)), labels)


def circulant(n, steps):
    nodes = np.arange(n)
    edges = [np.stack([nodes, (nodes + step) % n]) for step in steps]
    return Graph.from_edges(np.concatenate(edges, axis=1), np.zeros((n, 0)))


def two_cliques(m):
    pairs = [(i, j) for i in range(m) for j in range(i)]
    edges = pairs + [(i + m, j + m) for i, j in pairs] + [(i, i + m) for i in range(m)]
    return Graph.from_edges(edges, np.zeros((2 * m, 0)), np.repeat([0, 1], m))


def points_of(seed, n, k=3, scale=1.0):
    generator = torch.Generator().manual_seed(seed)
    return scale * torch.randn(n, k, generator=generator, dtype=torch.float64)


def test_a_complete_graph_has_nothing_to_learn_from():
    complete = Graph.from_edges(
        [(i, j) for i in range(4) for j in range(i)], np.zeros((4, 0)), name="K4"
    )
    with pytest.raises(BadInput, match="joined to every other"):
        GraphAutoencoder().fit(complete)


@examples
@given(seeds)
def test_divergence_is_that_of_the_distributions(seed):
    means, spreads = points_of(seed, 6), points_of(seed + 1, 6, scale=0.5)
    posterior = torch.distributions.Normal(means, spreads.exp())
    prior = torch.distributions.Normal(torch.zeros(6, 3), torch.ones(6, 3))
    every = torch.distributions.kl_divergence(posterior, prior)
    assert float(divergence(means, spreads)) == pytest.approx(float(every.sum()) / 36, rel=1e-6)


# --- what structure alone can tell ---

REGULAR = {
    "cycle": circulant(12, [1]),
    "circulant": circulant(15, [1, 4]),
    "two cliques": two_cliques(6),
}


@pytest.mark.parametrize("name", REGULAR)
@pytest.mark.parametrize("features", ["ones", "degree"])
@pytest.mark.parametrize("variational", [False, True])
def test_regular_graphs_give_every_node_the_same_point(name, features, variational):
    graph = REGULAR[name]
    module = GraphAutoencoder(k=3, features=features, variational=variational)
    points = module.fit(graph, epochs=20).embed()
    assert (points - points[0]).abs().max() <= 1e-6 * max(1.0, float(points.abs().max()))


@examples
@given(seeds, st.integers(1, 6), st.sampled_from(["relu", "tanh", "softplus"]))
def test_regular_graphs_whatever_weights_depth_and_activation(seed, depth, activation):
    graph = REGULAR["two cliques"]
    operator = propagation(graph, torch.float64)
    state = node_features(graph, "ones", 1, torch.float64)
    generator = torch.Generator().manual_seed(seed)
    for _ in range(depth):
        weights = torch.randn(state.shape[1], 5, generator=generator, dtype=torch.float64)
        state = getattr(torch.nn.functional, activation)(operator @ (state @ weights))
    assert (state - state[0]).abs().max() <= 1e-6 * max(1.0, float(state.abs().max()))


@examples
@given(seeds, st.sampled_from(["ones", "degree"]))
def test_positive_features_leave_one_coordinate_whatever_training_does(seed, features):
    graph = random_graph(seed)
    module = GraphAutoencoder(k=4, features=features).double().fit(graph, seed=seed, epochs=30)
    operator = propagation(graph, torch.float64)
    smooth = operator @ (operator @ node_features(graph, features, 1, torch.float64))
    weights = torch.relu(module.first) @ module.second
    np.testing.assert_allclose(module.points, (smooth @ weights).detach(), atol=1e-10)


def test_the_cliques_fool_ones_and_not_identity():
    graph = two_cliques(8)
    blind = GraphAutoencoder(features="ones").fit(graph)
    assert len({row["label"] for row in blind.predict()}) == 1  # and the head did not crash
    seeing = GraphAutoencoder(features="identity").fit(graph)
    assert [int(row["label"]) for row in seeing.predict()] == graph.labels.tolist()


def test_a_dead_network_gives_constant_points_and_the_most_frequent_class():
    labels = np.array([0, 1, 1, 1, 0] * 3)[:14]
    graph = random_graph(0, labels=labels)
    module = GraphAutoencoder(k=2).fit(graph, epochs=0)
    with torch.no_grad():
        module.first.copy_(-module.first.abs())
    module.points = module.embed(graph)
    assert not module.points.any()
    module.fit_head(graph)
    assert {row["label"] for row in module.predict()} == {"1"}


# --- equivariance, determinism, other graphs ---


@examples
@given(seeds, st.sampled_from(["ones", "degree", "given"]), st.booleans())
def test_permuted_nodes_have_permuted_points(seed, features, refit):
    graph = random_graph(seed)
    order = np.random.default_rng(seed).permutation(14)
    place = np.argsort(order)
    moved = Graph.from_edges(place[graph.edges], graph.features[order])
    module = GraphAutoencoder(features=features).double().fit(graph, epochs=10)
    if refit:
        found = GraphAutoencoder(features=features).double().fit(moved, epochs=10).embed()
    else:
        found = module.embed(moved)
    np.testing.assert_allclose(found, module.embed()[order], atol=1e-8)


def test_identity_weights_are_permuted_with_the_nodes():
    graph = random_graph(1)
    order = np.random.default_rng(1).permutation(14)
    moved = Graph.from_edges(np.argsort(order)[graph.edges], graph.features[order])
    module = GraphAutoencoder(features="identity").double().fit(graph, epochs=5)
    expected = module.embed()[order]
    with torch.no_grad():
        module.first.copy_(module.first[order].clone())
    module.fingerprint = structure_hash(moved)
    np.testing.assert_allclose(module.embed(moved), expected, atol=1e-10)


@pytest.mark.parametrize("features", ["ones", "degree", "identity", "random", "given"])
@pytest.mark.parametrize("variational", [False, True])
def test_seeds_decide_and_the_points_are_those_of_the_weights(features, variational):
    graph = random_graph(2)
    state = torch.get_rng_state()

    def points(seed):
        module = GraphAutoencoder(features=features, variational=variational)
        return module.fit(graph, seed=seed, epochs=5)

    first = points(0)
    assert torch.equal(first.embed(), points(0).embed())
    assert not torch.equal(first.embed(), points(1).embed())
    assert torch.equal(state, torch.get_rng_state())
    np.testing.assert_allclose(first.embed(graph), first.embed(), atol=1e-6)


@pytest.mark.parametrize("variational", [False, True])
def test_training_lowers_the_loss(variational):
    graph = two_blocks(n=60, a=0.6, b=0.1, seed=0)
    own = Reconstruction(torch.from_numpy(graph.edges), 60)
    losses = []
    for epochs in (0, 100):
        module = GraphAutoencoder(features="identity", variational=variational)
        losses.append(float(own.loss(module.fit(graph, epochs=epochs).embed())))
    assert losses[1] < losses[0] - 0.05


def test_features_decide_which_other_graphs_fit():
    graph, smaller = random_graph(0), random_graph(0, n=9)
    for features in ("ones", "degree", "random", "given"):
        module = GraphAutoencoder(features=features).fit(graph, epochs=2)
        assert module.embed(smaller).shape == (9, 2)
    with pytest.raises(BadInput, match=r"9 nodes.*14"):
        GraphAutoencoder(features="identity").fit(graph, epochs=2).embed(smaller)
    featureless = circulant(14, [1])
    with pytest.raises(BadInput, match="no node features"):
        GraphAutoencoder(features="given").fit(featureless)
    with pytest.raises(BadInput, match=r"4 features.*3"):
        module.embed(Graph.from_edges(graph.edges, np.ones((14, 4))))


def test_refitting_forgets_the_first_graph():
    module = GraphAutoencoder(features="identity").fit(two_cliques(5), epochs=2)
    assert module.num_classes == 2
    module.fit(random_graph(0), epochs=2)
    assert (module.nodes, module.in_features, module.num_classes) == (14, 14, 0)
    assert module.predict(nodes=[3])[0]["node"] == 3
    fresh = GraphAutoencoder(features="identity").fit(random_graph(0), epochs=2)
    assert torch.equal(fresh.embed(), module.embed())


def test_weights_average_and_negative_ones_are_refused():
    graph = random_graph(0)
    weights = np.ones(graph.num_edges)
    weights[0] = 5
    heavy = Graph.from_edges(graph.edges, graph.features, edge_weights=weights)
    module = GraphAutoencoder().fit(graph, epochs=2)
    assert not torch.allclose(module.embed(heavy), module.embed())
    weights[0] = -1
    with pytest.raises(BadInput, match="negative edge weights"):
        module.embed(Graph.from_edges(graph.edges, graph.features, edge_weights=weights))


def test_what_takes_hours_is_refused_before():
    graph = random_graph(0)
    with pytest.raises(BadInput, match=r"would take about .* hours=\d+"):
        GraphAutoencoder().fit(graph, epochs=np.int64(10**9))
    with pytest.raises(BadInput, match="14 x 14 pairs"):
        GraphAutoencoder().fit(graph, epochs=1, hours=0)
    assert GraphAutoencoder().fit(graph, epochs=1, hours=1).embed().shape == (14, 2)


@pytest.mark.parametrize(
    ("options", "message"), [({"features": "pagerank"}, "ones, degree"), ({"k": 0}, "k is 0")]
)
def test_bad_options(options, message):
    with pytest.raises(ValueError, match=message):
        GraphAutoencoder(**options)
