"""What the plugin registers, and what all of its architectures keep."""

from __future__ import annotations

import copy
import inspect
import pickle

import pytest
import torch
from zoo_graphs.node_classifier import permute_nodes
from zoo_powerembed.baselines.ase import AX, ASEClassifier
from zoo_powerembed.baselines.gcn import GCN
from zoo_powerembed.baselines.gcnii import GCNII
from zoo_powerembed.baselines.gprgnn import GPRGNN
from zoo_powerembed.baselines.jknet import JKNet
from zoo_powerembed.baselines.mlp import NodeMLP
from zoo_powerembed.powerembed import PowerEmbed
from zoo_powerembed.specs.models import ARCHITECTURES

from zoo_core import BadInput, split
from zoo_core.testing import check_listing, for_each_check

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


SHAPES = {
    spec.name: {
        "in_features": P,
        "num_classes": C,
        **{key: 4 for key in ("k", "hidden") if key in spec.shape},
        **({"own_nodes": 20} if spec.name in ("ase-mlp", "ax-mlp") else {}),
    }
    for spec in ARCHITECTURES
}


@for_each_check("powerembed", shapes=SHAPES)
def test_contract(check):
    check()


def test_listing_imports_nothing_heavy():
    check_listing("powerembed")


@everything
def test_logits_shape_gradients_and_dtypes(build, architecture, config):
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
def test_relabelling_nodes_relabels_logits(build, architecture, config):
    module = build(architecture, config).double()
    inputs = [x.double() if x.is_floating_point() else x for x in module.example_inputs(2)]
    moved, act = permute_nodes(tuple(inputs), torch.Generator().manual_seed(3))
    torch.testing.assert_close(module(*moved), act(module(*inputs)), atol=1e-8, rtol=1e-8)


@everything
def test_built_on_meta_then_assigned(build, architecture, config):
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
def test_sparse_features_weights_and_both_directions_agree(build, weights):
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


@pytest.mark.parametrize(("architecture", "config"), BUILDS)
def test_feature_width_is_checked(build, graph, architecture, config):
    with pytest.raises(BadInput, match=r"graph has .*p=7 features"):
        build(architecture, config).predict(graph(p=7))


@pytest.mark.parametrize(("architecture", "config"), BUILDS[:-2])
def test_outputs(build, graph, architecture, config):
    module, data = build(architecture, config), graph()
    (found,) = module.outputs(data.split("val"))
    assert found["logits"].shape == (10, C)
    assert found["target"].tolist() == data.labels[20:].tolist()
    with pytest.raises(BadInput, match="test"):
        split(data, "test")
