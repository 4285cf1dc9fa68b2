"""PowerEmbed: parameter counts, the hops that are read, prediction."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from zoo_graphs.graph import Graph
from zoo_graphs.operators import operator_matrix
from zoo_powerembed.baselines.mlp import NodeMLP
from zoo_powerembed.powerembed import PowerEmbed
from zoo_powerembed.readout import InceptionReadout

from zoo_core import BadInput

P, C = 12, 3


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


def test_readout_initialisation(build):
    readout = build(PowerEmbed, {"k": 50, "hops": 2}).readout
    for name, parameter in readout.named_parameters():
        if parameter.dim() == 2:
            bound = 2**0.5 * (6 / sum(parameter.shape)) ** 0.5
            assert 0.9 * bound < parameter.abs().max() <= bound * (1 + 1e-6)
        elif name.endswith("bias"):
            assert not parameter.any()
        else:
            assert parameter.item() == 0.25


def test_logits_forget_a_hop_whose_first_layer_is_zero(build):
    module = build(PowerEmbed, {"k": 4, "hops": 3})
    edges, features = module.example_inputs(6)
    inputs = module.representations(edges, features)
    assert len(inputs) == 4
    module.readout.branches[2].first.weight.data.zero_()
    logits = module.classify(inputs)
    inputs[2] = torch.randn_like(inputs[2])
    assert torch.equal(module.classify(inputs), logits)
    inputs[1] = torch.randn_like(inputs[1])
    assert not torch.equal(module.classify(inputs), logits)


def test_no_hops_is_a_perceptron_on_h0(build):
    module = build(PowerEmbed, {"k": 4, "hops": 0, "mode": "last"})
    edges, features = module.example_inputs(7)
    h0 = features @ module.projection
    expected = module.readout.head(h0)
    torch.testing.assert_close(module(edges, features), expected)
    torch.testing.assert_close(module(edges[:, :3], features), expected)


def test_modes_read_the_hops_that_they_name(build):
    modes = {"all": [0, 1, 2, 3], "last": [3], "first_last": [0, 3]}
    for mode, hops in modes.items():
        module = build(PowerEmbed, {"k": 4, "hops": 3, "mode": mode})
        assert module.used_hops == hops
        edges, features = module.example_inputs(8)
        iterates = module.iterates(edges, features)
        embedded = module.representations(edges, features)
        assert all(torch.equal(a, iterates[h]) for a, h in zip(embedded, hops, strict=True))
        torch.testing.assert_close(module(edges, features), module.classify(embedded))


def test_unnormalised_configs_are_sgc_and_sign(build):
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


def test_predict_rows_match_logits(build, graph):
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


def test_predict_without_a_graph_uses_own_representations(build, graph):
    module = build(PowerEmbed, {"k": 4, "hops": 2, "own_nodes": 30})
    data = graph()
    inputs = module.representations(torch.from_numpy(data.edges), data.feature_tensor())
    module.own_representations = torch.stack(inputs)
    own, given = module.predict(), module.predict(data)
    assert [row["label"] for row in own] == [row["label"] for row in given]
    with pytest.raises(BadInput, match="no graph was given"):
        build(PowerEmbed, {"k": 4}).predict()


@pytest.mark.parametrize("options", [{"nodes": [30]}, {"nodes": -1}, {"top": 0}, {"top": 4}])
def test_predict_refuses_what_is_out_of_range(build, graph, options):
    with pytest.raises(BadInput):
        build(NodeMLP, {}).predict(graph(), **options)


def copies(graph, count):
    """The disjoint union of so many copies of a graph."""
    edges = np.concatenate([graph.edges + i * graph.num_nodes for i in range(count)], axis=1)
    return Graph.from_edges(edges, np.tile(graph.features.toarray(), (count, 1)), layout="columns")


@given(st.sampled_from(["adj", "lap", "rw"]), st.integers(2, 10), st.integers(0, 99), st.booleans())
def test_copies_of_the_training_graph_are_given_its_predictions(
    build, graph, kind, count, seed, own
):
    data = graph(n=40, seed=seed)
    size = {"own_nodes": 40} if own else {"train_nodes": 40}
    module = build(PowerEmbed, {"k": 6, "hops": 3, "operator": kind, **size})
    one = module._logits_of(data, None)
    many = module._logits_of(copies(data, count), None)
    torch.testing.assert_close(many, one.repeat(count, 1), rtol=1e-3, atol=1e-3)


def test_columns_are_as_long_as_the_graph_is_large(build, graph):
    plain, sized = (
        build(PowerEmbed, {"k": 6, "hops": 2, "train_nodes": nodes}) for nodes in (0, 40)
    )
    for n, length in ((40, 1.0), (10, 0.5), (4, (4 / 40 * 4 / 6) ** 0.5), (1, (1 / 240) ** 0.5)):
        data = graph(n=n)
        inputs = torch.from_numpy(data.edges), data.feature_tensor()
        both = (one.representations(*inputs)[1:] for one in (plain, sized))
        for first, second in zip(*both, strict=True):
            torch.testing.assert_close(second, first * length, rtol=1e-4, atol=1e-5)


def test_hops_that_are_not_read_are_not_kept(build):
    module = build(PowerEmbed, {"k": 4, "hops": 5, "mode": "first_last"})
    edges, features = module.example_inputs(3)
    whole = module.iterates(edges, features)
    found = module.representations(edges, features)
    assert [torch.equal(a, b) for a, b in zip(found, (whole[0], whole[5]), strict=True)] == [
        True
    ] * 2


def test_negative_weights_are_refused_where_the_graph_is_read(build, graph):
    data = graph()
    weights = np.ones(data.num_edges)
    weights[0] = -1
    signed = Graph.from_edges(data.edges, data.features, edge_weights=weights, layout="columns")
    with pytest.raises(BadInput, match="negative edge weights"):
        build(PowerEmbed, {"k": 4}).predict(signed)
    cov = build(PowerEmbed, {"k": 4, "hops": 0})
    assert cov.predict(signed) == cov.predict(data)
