"""The architectures: shapes, parameter counts, symmetries, prediction."""

import copy
import inspect
import pickle

import numpy as np
import pytest
import torch
from zoo_graphs.graph import Graph
from zoo_graphs.node_classifier import permute_nodes
from zoo_graphs.operators import operator_matrix
from zoo_powerembed.baselines import AX, GCN, GCNII, GPRGNN, ASEClassifier, JKNet, NodeMLP
from zoo_powerembed.model import PowerEmbed
from zoo_powerembed.readout import InceptionReadout

from zoo_core.errors import BadInput

P, C = 12, 3
POWER = [
    {"k": 4, "hops": 3},
    {"k": 4, "hops": 3, "mode": "last"},
    {"k": 4, "hops": 3, "mode": "first_last", "operator": "rw"},
    {"k": 4, "hops": 0},
    {"k": 4, "hops": 2, "operator": "lap", "normalize": "none"},
    {"k": 4, "hops": 2, "upper_tri": True},
    {"project": "identity", "hops": 2},
    {"k": 4, "hops": 2, "own_nodes": 30},
]
BUILDS = [(PowerEmbed, config) for config in POWER] + [
    (NodeMLP, {}),
    (GCN, {"hidden": 8}),
    (GCN, {"hidden": 8, "layers": 5, "activation": "prelu"}),
    (GPRGNN, {"hidden": 8, "hops": 4}),
    (JKNet, {"k": 4, "hops": 3}),
    (GCNII, {"hidden": 8, "layers": 4}),
    (ASEClassifier, {"own_nodes": 20, "k": 5}),
    (AX, {"own_nodes": 20, "k": 5}),
]
everything = pytest.mark.parametrize(("architecture", "config"), BUILDS)


def build(architecture, config, seed=0):
    torch.manual_seed(seed)
    module = architecture(in_features=P, num_classes=C, **config).eval()
    for buffer in module.buffers():
        buffer.normal_()
    return module


def graph(n=30, p=P, seed=0):
    rng = np.random.default_rng(seed)
    edges = rng.integers(0, n, (2, 3 * n))
    masks = {"train": np.arange(n) < 15, "val": np.arange(n) >= 20}
    return Graph.from_edges(
        edges, rng.random((n, p)), rng.integers(0, C, n), masks, class_names=("a", "b", "c")
    )


@everything
def test_logits_shape_gradients_and_dtypes(architecture, config):
    module = build(architecture, config)
    inputs = module.example_inputs(1)
    logits = module(*inputs)
    assert logits.shape == (len(inputs[-1]), C)
    assert logits.isfinite().all()
    assert torch.equal(logits, module(*inputs))
    module.train()(*inputs).square().sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in module.parameters())
    double = module.double().eval()
    inputs = [x.double() if x.is_floating_point() else x for x in inputs]
    assert double(*inputs).dtype == torch.float64
    torch.testing.assert_close(double(*inputs).float(), logits, atol=1e-3, rtol=1e-3)


@everything
def test_relabelling_nodes_relabels_logits(architecture, config):
    module = build(architecture, config).double()
    inputs = [x.double() if x.is_floating_point() else x for x in module.example_inputs(2)]
    moved, act = permute_nodes(tuple(inputs), torch.Generator().manual_seed(3))
    torch.testing.assert_close(module(*moved), act(module(*inputs)), atol=1e-8, rtol=1e-8)


@everything
def test_built_on_meta_then_assigned(architecture, config):
    module = build(architecture, config)
    with torch.device("meta"):
        empty = architecture(in_features=P, num_classes=C, **config)
    assert all(t.is_meta for t in empty.state_dict().values())
    empty.load_state_dict(module.state_dict(), assign=True)
    inputs = module.example_inputs(4)
    assert torch.equal(empty.eval()(*inputs), module(*inputs))
    for copied in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert torch.equal(copied(*inputs), module(*inputs))


@everything
def test_constructor_takes_json_types_only(architecture, config):
    allowed = {"int", "float", "str", "bool", "list[str] | None", "int | None"}
    parameters = inspect.signature(architecture).parameters.values()
    assert {parameter.annotation for parameter in parameters} <= allowed


@pytest.mark.parametrize("weights", [True, False])
def test_sparse_features_weights_and_both_directions_agree(weights):
    for architecture, config in BUILDS[:-2]:
        module = build(architecture, config)
        edges, features = module.example_inputs(5)
        if weights:
            weight = torch.rand(edges.shape[1], generator=torch.Generator().manual_seed(1))
            twice = (torch.cat([edges, edges.flip(0)], dim=1), features, weight.repeat(2))
            once = (edges, features.to_sparse_csr(), weight)
        else:
            twice = (torch.cat([edges, edges.flip(0)], dim=1), features)
            once = (edges, features.to_sparse_csr())
        torch.testing.assert_close(module(*once), module(*twice), atol=1e-4, rtol=1e-4)


# --- PowerEmbed ---


@pytest.mark.parametrize(
    ("k", "hops", "classes", "count"),
    [(100, 2, 7, 546_012), (100, 10, 7, 5_522_020), (10, 10, 5, 56_778)],
)
def test_parameter_count(k, hops, classes, count):
    with torch.device("meta"):
        module = PowerEmbed(in_features=20, num_classes=classes, k=k, hops=hops)
    joined = 2 * k * (hops + 1)
    formula = (hops + 1) * (6 * k**2 + 4 * k + 1)
    formula += joined**2 + joined + joined * classes + classes + 2
    assert sum(p.numel() for p in module.parameters()) == formula == count


def test_readout_initialisation():
    readout = build(PowerEmbed, {"k": 50, "hops": 2}).readout
    for name, parameter in readout.named_parameters():
        if parameter.dim() == 2:
            bound = 2**0.5 * (6 / sum(parameter.shape)) ** 0.5
            assert 0.9 * bound < parameter.abs().max() <= bound * (1 + 1e-6)
        elif name.endswith("bias"):
            assert not parameter.any()
        else:
            assert parameter.item() == 0.25


def test_logits_forget_a_hop_whose_first_layer_is_zero():
    module = build(PowerEmbed, {"k": 4, "hops": 3})
    edges, features = module.example_inputs(6)
    inputs = module.embed(edges, features)
    assert len(inputs) == 4
    module.readout.branches[2].first.weight.data.zero_()
    logits = module.classify(inputs)
    inputs[2] = torch.randn_like(inputs[2])
    assert torch.equal(module.classify(inputs), logits)
    inputs[1] = torch.randn_like(inputs[1])
    assert not torch.equal(module.classify(inputs), logits)


def test_no_hops_is_a_perceptron_on_h0():
    module = build(PowerEmbed, {"k": 4, "hops": 0, "mode": "last"})
    edges, features = module.example_inputs(7)
    h0 = features @ module.projection
    expected = module.readout.head(h0)
    torch.testing.assert_close(module(edges, features), expected)
    torch.testing.assert_close(module(edges[:, :3], features), expected)


def test_modes_read_the_hops_that_they_name():
    modes = {"all": [0, 1, 2, 3], "last": [3], "first_last": [0, 3]}
    for mode, hops in modes.items():
        module = build(PowerEmbed, {"k": 4, "hops": 3, "mode": mode})
        assert module.used_hops == hops
        edges, features = module.example_inputs(8)
        iterates = module.iterates(edges, features)
        embedded = module.embed(edges, features)
        assert all(torch.equal(a, iterates[h]) for a, h in zip(embedded, hops, strict=True))
        torch.testing.assert_close(module(edges, features), module.classify(embedded))


def test_unnormalised_configs_are_sgc_and_sign():
    module = build(PowerEmbed, {"k": 4, "hops": 3, "normalize": "none", "operator": "lap"})
    edges, features = module.example_inputs(9)
    operator = operator_matrix(edges, 30, "lap").to_dense()
    power = features @ module.projection
    for iterate in module.iterates(edges, features):
        torch.testing.assert_close(iterate, power)
        power = operator @ power


def test_variant_widths():
    readout = InceptionReadout([5, 5], 3, hidden_width=7, head_width=6)
    assert readout.branches[0].first.weight.shape == (7, 5)
    assert readout.head.first.weight.shape == (6, 14)


@pytest.mark.parametrize(
    "config",
    [{"operator": "cos"}, {"mode": "x"}, {"normalize": "qr"}, {"project": "pca"},
     {"class_names": ["a"]}],
)  # fmt: skip
def test_unknown_options_are_refused(config):
    with pytest.raises(ValueError, match=r"expected|names"):
        PowerEmbed(in_features=P, num_classes=C, **config)


# --- prediction ---


def test_predict_rows_match_logits():
    module = build(PowerEmbed, {"k": 4, "hops": 2, "class_names": ["a", "b", "c"]}).train()
    data = graph()
    rows = module.predict(data, nodes=[4, 2], top=2)
    assert module.training  # predicting leaves the mode alone
    scores = module.eval()(torch.from_numpy(data.edges), data.feature_tensor()).softmax(1)
    best = scores[4].argsort(descending=True)
    assert [row["node"] for row in rows] == [4, 4, 2, 2]
    assert rows[1]["label"] == "abc"[best[1]]
    assert rows[0]["score"] == pytest.approx(scores[4].max().item(), abs=1e-5)
    assert len(module.predict(data)) == 30
    assert module.predict(data, nodes=3)[0]["node"] == 3


def test_predict_without_a_graph_uses_own_representations():
    module = build(PowerEmbed, {"k": 4, "hops": 2, "own_nodes": 30})
    data = graph()
    inputs = module.embed(torch.from_numpy(data.edges), data.feature_tensor())
    module.own_representations = torch.stack(inputs)
    own, given = module.predict(), module.predict(data)
    assert [row["label"] for row in own] == [row["label"] for row in given]
    with pytest.raises(BadInput, match="no graph was given"):
        build(PowerEmbed, {"k": 4}).predict()


@pytest.mark.parametrize("options", [{"nodes": [30]}, {"nodes": -1}, {"top": 0}, {"top": 4}])
def test_predict_refuses_what_is_out_of_range(options):
    with pytest.raises(BadInput):
        build(NodeMLP, {}).predict(graph(), **options)


@pytest.mark.parametrize(("architecture", "config"), BUILDS)
def test_feature_width_is_checked(architecture, config):
    with pytest.raises(BadInput, match=r"graph has .*p=7 features"):
        build(architecture, config).predict(graph(p=7))


@pytest.mark.parametrize(("architecture", "config"), BUILDS[:-2])
def test_outputs_and_targets(architecture, config):
    module, data = build(architecture, config), graph()
    ((logits, targets),) = module.outputs_and_targets(data, "val")
    assert logits.shape == (10, C)
    assert targets.tolist() == data.labels[20:].tolist()
    with pytest.raises(BadInput, match="test"):
        list(module.outputs_and_targets(data, "test"))


def test_ase_knows_its_own_graph_only():
    module = build(ASEClassifier, {"own_nodes": 30, "k": 5})
    assert len(module.predict()) == len(module.predict(graph())) == 30
    with pytest.raises(BadInput, match="transductive"):
        module.predict(graph(n=31))
    with pytest.raises(ValueError, match="at most 4"):
        ASEClassifier(in_features=P, num_classes=C, own_nodes=4, k=5)


# --- baselines ---


def test_gcn_layer_agrees_with_torch_geometric():
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


def test_gcnii_agrees_with_torch_geometric():
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


def test_gprgnn_with_one_power_is_the_perceptron():
    module = build(GPRGNN, {"hidden": 8, "hops": 4})
    assert module.gamma.abs().sum().item() == pytest.approx(1)
    module.gamma.data = torch.tensor([1.0, 0, 0, 0, 0])
    edges, features = module.example_inputs(13)
    torch.testing.assert_close(module(edges, features), module.mlp(features))


def test_mlp_ignores_the_graph():
    module = build(NodeMLP, {})
    edges, features = module.example_inputs(14)
    assert torch.equal(module(edges, features), module(edges[:, :2], features))
