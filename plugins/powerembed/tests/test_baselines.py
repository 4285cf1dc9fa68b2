"""The baselines, against PyTorch Geometric's layers and against their simplest cases."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from zoo_graphs.recognition import fingerprint
from zoo_powerembed.baselines.ase import ASEClassifier
from zoo_powerembed.baselines.gcn import GCN
from zoo_powerembed.baselines.gcnii import GCNII
from zoo_powerembed.baselines.gprgnn import GPRGNN
from zoo_powerembed.baselines.jknet import JKNet
from zoo_powerembed.baselines.mlp import NodeMLP

from zoo_core import BadInput

P, C = 12, 3


def test_gcn_layer_agrees_with_torch_geometric(build):
    nn = pytest.importorskip("torch_geometric.nn")
    module = build(GCN, {"hidden": 8})
    edges, features = module.example_inputs(11)
    low, high = edges.amin(0), edges.amax(0)
    unique = torch.unique(torch.stack([low, high])[:, low != high], dim=1)
    both = torch.cat([unique, unique.flip(0)], dim=1)
    operator = module.graph_operator(edges, features)
    for layer in module.convolutions:
        reference = nn.GCNConv(features.shape[1], layer.linear.out_features)
        reference.load_state_dict({"lin.weight": layer.linear.weight, "bias": layer.bias})
        expected = reference(features, both)
        features = layer(operator, features)
        torch.testing.assert_close(features, expected, atol=1e-5, rtol=1e-5)


def test_gcnii_agrees_with_torch_geometric(build):
    nn = pytest.importorskip("torch_geometric.nn")
    module = build(GCNII, {"hidden": 8, "layers": 3})
    edges, features = module.example_inputs(12)
    low, high = edges.amin(0), edges.amax(0)
    unique = torch.unique(torch.stack([low, high])[:, low != high], dim=1)
    both = torch.cat([unique, unique.flip(0)], dim=1)
    initial = state = module.first(features).relu()
    for depth, mapping in enumerate(module.mappings, start=1):
        layer = nn.GCN2Conv(8, alpha=0.1, theta=0.5, layer=depth)
        layer.load_state_dict({"weight1": mapping.weight.mT})
        state = layer(state, initial, both).relu()
    torch.testing.assert_close(module(edges, features), module.last(state), atol=1e-5, rtol=1e-5)


def test_gprgnn_with_one_power_is_the_perceptron(build):
    module = build(GPRGNN, {"hidden": 8, "hops": 4})
    assert module.gamma.abs().sum().item() == pytest.approx(1)
    module.gamma.data = torch.tensor([1.0, 0, 0, 0, 0])
    edges, features = module.example_inputs(13)
    torch.testing.assert_close(module(edges, features), module.mlp(features))


def test_mlp_ignores_the_graph(build):
    module = build(NodeMLP, {})
    edges, features = module.example_inputs(14)
    assert torch.equal(module(edges, features), module(edges[:, :2], features))


def test_ase_knows_its_own_graph_only(build, graph):
    module = build(ASEClassifier, {"own_nodes": 30, "k": 5, "fingerprint": fingerprint(graph())})
    assert len(module.predict()) == len(module.predict(graph())) == 30
    edges = graph().edges.copy()
    edges[:, -1] = [28, 29] if (edges[:, -1] != [28, 29]).any() else [27, 29]
    for other in (graph(n=31), (edges, graph().features)):
        with pytest.raises(BadInput, match="transductive"):
            module.predict(other)
    with pytest.raises(ValueError, match="at most 4"):
        ASEClassifier(in_features=P, num_classes=C, own_nodes=4, k=5)


def test_networks_that_average_refuse_negative_weights(build, graph):
    data = graph()
    weights = -np.ones(data.num_edges)
    signed = replace(data, edge_weights=weights.astype(np.float32))
    shapes = {GCN: {}, GCNII: {}, GPRGNN: {}, JKNet: {"k": 4}}
    for architecture, shape in shapes.items():
        with pytest.raises(BadInput, match="negative edge weights"):
            build(architecture, shape).predict(signed)
        with pytest.raises(BadInput, match="negative edge weights"):
            list(build(architecture, shape).outputs(signed.split("val")))
    blind = build(NodeMLP, {})
    assert blind.predict(signed) == blind.predict(data)
