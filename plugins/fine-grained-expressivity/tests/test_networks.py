"""The networks: definitions, invariances, what is refused."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
import torch
from zoo_fine_grained_expressivity.idm import distance
from zoo_fine_grained_expressivity.networks.inputs import (
    example_tensors,
    read_inputs,
    to_tensors,
)
from zoo_fine_grained_expressivity.networks.layers import CONVOLUTIONS, Neighbours
from zoo_fine_grained_expressivity.networks.network import GraphNetwork
from zoo_graphs.graph_set import GraphSet

from zoo_core import BadInput, Split, measure

BOTH = pytest.mark.parametrize("convolution", sorted(CONVOLUTIONS))
NORMS = pytest.mark.parametrize("size_norm", [True, False])


def network(convolution="gin", in_features=3, hidden=16, seed=0, **config):
    """A network in eval mode, drawn with a seed, in double precision."""
    torch.manual_seed(seed)
    module = GraphNetwork(in_features, 2, convolution=convolution, hidden=hidden, **config)
    return module.double().eval()


def example(seed=0, in_features=3):
    """A batch of small graphs in double precision."""
    edges, offsets, features = example_tensors(seed, in_features)
    return edges, offsets, features.double()


def count(module):
    return sum(parameter.numel() for parameter in module.parameters())


@pytest.mark.parametrize(("hidden", "expected"), [(64, 25_989), (512, 1_584_133)])
def test_parameters_of_gin(hidden, expected):
    assert count(GraphNetwork(7, 2, hidden=hidden)) == expected


def test_parameters_of_gc():
    module = GraphNetwork(7, 2, convolution="gc", hidden=64)
    layers = [count(layer) for layer in module.convolutions]
    assert layers == [2 * 7 * 64 + 64, 2 * 64**2 + 64, 2 * 64**2 + 64]


def dense_embedding(module, features, adjacency):
    """The layers, written with a dense matrix, for one graph."""
    x, n = features, len(features)
    for layer in module.convolutions:
        if hasattr(layer, "mlp"):
            first, _, second, _, norm = layer.mlp
            x = (1 + layer.eps) * x + adjacency @ x
            x = second(first(x).relu()).relu()
            scale = (norm.running_var + norm.eps).rsqrt() * norm.weight
            x = (x - norm.running_mean) * scale + norm.bias
        else:
            weight, bias = layer.relation.weight, layer.relation.bias
            x = adjacency @ x @ weight.T + bias + x @ layer.root.weight.T
        x = x / n if module.size_norm else x
    return x.mean(dim=0) if module.size_norm else x.sum(dim=0)


@BOTH
@NORMS
def test_layers_are_the_dense_formulas(convolution, size_norm):
    module = network(convolution, size_norm=size_norm)
    for part in module.modules():
        if isinstance(part, torch.nn.BatchNorm1d):
            part.running_mean.uniform_(-1, 1)
            part.running_var.uniform_(0.5, 2)
        if hasattr(part, "eps") and isinstance(part.eps, torch.nn.Parameter):
            part.eps.data.fill_(0.3)
    edges, offsets, features = example()
    found = module.pooled(edges, offsets, features)
    for graph in range(4):
        nodes = torch.arange(int(offsets[graph]), int(offsets[graph + 1]))
        adjacency = torch.zeros(28, 28).double()
        adjacency[edges[1], edges[0]] = 1
        expected = dense_embedding(module, features[nodes], adjacency[nodes][:, nodes])
        torch.testing.assert_close(found[graph], expected)


@BOTH
@NORMS
def test_a_graph_is_what_it_is_alone(convolution, size_norm):
    module = network(convolution, size_norm=size_norm)
    edges, offsets, features = example()
    together = module(edges, offsets, features)
    for graph, (low, high) in enumerate(pairwise(offsets.tolist())):
        lines = (edges[0] >= low) & (edges[0] < high)
        alone = module(edges[:, lines] - low, torch.tensor([0, high - low]), features[low:high])
        torch.testing.assert_close(alone[0], together[graph])


def test_sums_over_neighbours_and_their_gradients():
    edges = torch.tensor([[0, 0, 3, 1, 2], [1, 2, 1, 3, 2]])  # directed, node 0 without neighbours
    dense = torch.zeros(4, 4).double()
    dense[edges[1], edges[0]] = 1
    neighbours = Neighbours(edges, 4)
    x = torch.randn(4, 3, generator=torch.Generator().manual_seed(0)).double().requires_grad_()
    torch.testing.assert_close(neighbours.sum(x), dense @ x)
    assert torch.autograd.gradcheck(neighbours.sum, x)
    assert torch.autograd.gradgradcheck(lambda one: neighbours.sum(one.sin()), x)


def cycles(*lengths):
    graph = nx.disjoint_union_all([nx.cycle_graph(length) for length in lengths])
    return GraphSet.from_edges(np.array(graph.edges).T, [0, len(graph)])


def molecules():
    """Decalin and bicyclopentyl: ten atoms each, the same for 1-WL, but not isomorphic."""
    decalin = nx.cycle_graph(10)
    decalin.add_edge(0, 5)
    rings = nx.disjoint_union(nx.cycle_graph(5), nx.cycle_graph(5))
    rings.add_edge(0, 5)
    return [GraphSet.from_edges(np.array(one.edges).T, [0, 10]) for one in (decalin, rings)]


@BOTH
@NORMS
@pytest.mark.parametrize("pair", [[cycles(6), cycles(3, 3)], molecules()])
@pytest.mark.parametrize("seed", range(3))
def test_what_1wl_cannot_separate_is_equal(convolution, size_norm, pair, seed):
    module = network(convolution, 1, seed=seed, size_norm=size_norm)
    edges, offsets, features = to_tensors(GraphSet.concatenate(pair), 1)
    first, second = module(edges, offsets, features.double())
    torch.testing.assert_close(first, second)


@NORMS
def test_gc_embeddings_are_affine_in_the_features(size_norm):
    module = network("gc", size_norm=size_norm)
    edges, offsets, features = example(0)
    others = torch.rand(features.shape, generator=torch.Generator().manual_seed(1))

    def embed(x):
        return module.pooled(edges, offsets, x)

    mixed = embed(0.3 * features + 0.7 * others)
    torch.testing.assert_close(mixed, 0.3 * embed(features) + 0.7 * embed(others))
    assert not torch.allclose(embed(2 * features), 2 * embed(features))
    for layer in module.convolutions:
        torch.nn.init.zeros_(layer.relation.bias)
    torch.testing.assert_close(embed(2 * features), 2 * embed(features))


def test_labels_become_columns_and_edges_go_both_ways():
    graphs = GraphSet.from_edges([[0, 1], [1, 2]], [0, 3, 4], [2, 0, 1, 2], layout="columns")
    edges, offsets, features = to_tensors(graphs, 3)
    assert features.argmax(dim=1).tolist() == [2, 0, 1, 2] and features.sum() == 4
    assert edges.T.tolist() == [[0, 1], [1, 0], [1, 2], [2, 1]]
    assert offsets.tolist() == [0, 3, 4]
    assert to_tensors(graphs, 1)[2].tolist() == [[1.0]] * 4


def test_predict_gives_a_row_for_each_graph():
    module = network("gin", 1).float()
    rows = module.predict(nx.path_graph(4), [cycles(5), nx.to_numpy_array(nx.star_graph(3))])
    assert [row["graph"] for row in rows] == [0, 1, 2]
    assert all(row["label"] in ("0", "1") and 0.5 <= row["score"] <= 1 for row in rows)
    assert module.embed(nx.path_graph(4)).shape == (1, 16)


def test_predicting_in_training_mode_changes_nothing():
    module = network("gin", 1).float()
    expected, embedding = module.predict(cycles(5)), module.embed(cycles(5))
    module.train()
    module.head.eval()
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    assert module.predict(cycles(5)) == expected
    assert torch.equal(module.embed(cycles(5)), embedding)
    assert all(torch.equal(tensor, before[name]) for name, tensor in module.state_dict().items())
    assert module.training and module.convolutions.training and not module.head.training


def test_names_of_labels_are_understood():
    module = network("gin", 3, label_names=["C", "N", "O"]).float()
    graph = nx.path_graph(3)
    nx.set_node_attributes(graph, dict(enumerate("CNO")), "label")
    numbered = nx.path_graph(3)
    nx.set_node_attributes(numbered, {0: 0, 1: 1, 2: 2}, "label")
    assert module.predict(graph) == module.predict(numbered, labels="codes")
    with pytest.raises(BadInput, match="labels='codes'"):
        module.predict(numbered)
    plain = network("gin", 3).float()
    assert plain.predict(numbered)[0]["label"] in ("0", "1")


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        (None, "No graph was given"),
        (nx.Graph(), "no nodes"),
        (GraphSet.from_edges([[], []], [0, 0]), "no nodes"),
        (nx.path_graph(2), "have no labels"),
        (GraphSet.from_edges([[0], [1]], [0, 2], [0, 3]), "expected a code from 0 to 2"),
        (GraphSet.from_edges([[0], [1]], [0, 2], [-1, 0]), "expected a code from 0 to 2"),
        (np.full((2, 2), np.nan), "NaN"),
    ],
)
def test_unusable_graphs_are_refused(graph, message):
    module = network(label_names=["C", "N", "O"])
    with pytest.raises(BadInput, match=message):
        module.predict(*([] if graph is None else [graph]), labels="codes")


def test_a_set_without_graphs_is_refused():
    with pytest.raises(BadInput, match="no graph"):
        to_tensors(GraphSet.from_edges([[], []], [0]), 1)
    with pytest.raises(BadInput, match="No graph"):
        read_inputs([[]], 1, (), "label")


def broken(edges=None, offsets=None, features=None):
    given = example()
    return [x if y is None else y for x, y in zip(given, (edges, offsets, features), strict=True)]


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (broken(features=torch.ones(28, 2)), r"expected \(n, 3\)"),
        (broken(features=torch.ones(28)), r"expected \(n, 3\)"),
        (broken(offsets=torch.zeros(3, 2).long()), r"expected \(graphs \+ 1,\)"),
        (broken(edges=torch.zeros(3, 2).long()), r"expected \(2, m\)"),
        (broken(features=torch.ones(0, 3), offsets=torch.zeros(1).long()), "at least one node"),
    ],
)
def test_tensors_of_wrong_shapes_are_refused(inputs, message):
    with pytest.raises(BadInput, match=message):
        network()(*inputs)


@pytest.mark.parametrize("edges", [[[0], [28]], [[28], [0]], [[-1], [0]], [[0], [-1]]])
def test_forward_never_reads_beyond_the_nodes(edges):
    with pytest.raises((IndexError, RuntimeError)):
        network()(*broken(edges=torch.tensor(edges)))


def test_forward_refuses_nodes_of_no_graph():
    with pytest.raises((IndexError, RuntimeError)):
        network()(*broken(offsets=torch.tensor([0, 7, 14])))


def test_sets_that_were_made_by_hand_are_checked_where_they_are_read():
    module = network(in_features=1).float()
    beyond = GraphSet(np.array([[0], [2]]), np.array([0, 2]))
    with pytest.raises(BadInput, match="expected 0 to 1"):
        module.predict(beyond)
    labelled = {"labels": np.array([0]), "class_names": ("0", "1"), "splits": {"test": [0]}}
    with pytest.raises(BadInput, match="expected 0 to 1"):
        next(module.outputs(replace(beyond, **labelled).split("test")))
    empty = GraphSet.from_edges([[], []], [0, 0], class_names=["0", "1"])
    with pytest.raises(BadInput, match="Graph 0 has no nodes"):
        next(module.outputs(replace(empty, **labelled).split("test")))


def test_graphs_without_edges():
    module = network(in_features=1).float()
    (row,) = module.predict(GraphSet.from_edges([[], []], [0, 3]))
    assert 0.5 <= row["score"] <= 1


def test_unusable_data_are_refused():
    module = network()
    data = GraphSet.from_edges(
        [[0], [1]], [0, 2, 3], [0, 1, 2], labels=[0, 1], splits={"test": [0, 1]}
    )
    (found,) = module.float().outputs(data.split("test"))
    assert found["logits"].shape == (2, 2) and found["target"].tolist() == [0, 1]
    with pytest.raises(BadInput, match="no split 'val'"):
        measure(module, data, "val", ["accuracy"])
    with pytest.raises(BadInput, match="no labelled set"):
        next(module.outputs(Split(data.edges, "test")))
    other = GraphSet.from_edges([[0], [1]], [0, 2], labels=[2], splits={"test": [0]})
    with pytest.raises(BadInput, match="classes are 0, 1, 2"):
        next(module.outputs(other.split("test")))


@pytest.mark.parametrize(
    "wrong", [{"convolution": "gat"}, {"hidden": 0}, {"layers": 0}, {"class_names": ["a"]}]
)
def test_wrong_configs_are_refused(wrong):
    with pytest.raises(ValueError, match=r"expected one of|1 or more|names for 2"):
        GraphNetwork(3, 2, **wrong)


def random_graphs(count=8):
    """Random graphs of different sizes and densities."""
    graphs = []
    for seed in range(count):
        one = nx.gnp_random_graph(5 + seed, 0.2 + 0.09 * seed, seed=seed)
        edges = np.array(one.edges, dtype=int).reshape(-1, 2).T
        graphs.append(GraphSet.from_edges(edges, [0, len(one)]))
    return GraphSet.concatenate(graphs)


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("seed", range(3))
def test_networks_on_measures_are_lipschitz(layers, seed):
    """Without root weights and biases GC-m is a network on measures, with phi = W_rel.

    Lambda_0 = 0, B_0 = 1; Lambda_{t+1} = |W| max(Lambda_t, B_t), B_{t+1} = |W| B_t, in the
    spectral norm.
    """
    torch.manual_seed(seed)
    module = GraphNetwork(1, 2, convolution="gc", hidden=8, layers=layers).double().eval()
    slope, bound = 0.0, 1.0
    for layer in module.convolutions:
        torch.nn.init.zeros_(layer.root.weight)
        torch.nn.init.zeros_(layer.relation.bias)
        norm = float(torch.linalg.matrix_norm(layer.relation.weight.detach(), 2))
        slope, bound = norm * max(slope, bound), norm * bound
    graphs = random_graphs()
    edges, offsets, features = to_tensors(graphs, 1)
    with torch.no_grad():
        found = module.pooled(edges, offsets, features.double())
    gaps = torch.cdist(found, found).numpy()
    assert (gaps <= slope * distance.pairwise(graphs, layers) + 1e-9).all()
    assert gaps.max() > 0
