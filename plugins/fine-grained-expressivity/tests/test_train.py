"""The recipes: what is trained and what stays, what is looked at, and that they learn."""

from __future__ import annotations

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
import torch
from zoo_fine_grained_expressivity.networks.inputs import to_tensors
from zoo_fine_grained_expressivity.networks.layers import Standardisation
from zoo_fine_grained_expressivity.train import (
    set_statistics,
    shape_for,
    train_nearest,
    train_networks,
    train_tree_head,
)
from zoo_graphs.graph_set import GraphSet
from zoo_graphs.reading import read_graphs
from zoo_graphs.stratified import stratified_split

from zoo_core import BadInput, Split, measure
from zoo_core.testing import make_run

from .conftest import two_classes

BOTH = pytest.mark.parametrize("convolution", ["gin", "gc"])
WAYS = pytest.mark.parametrize("trained", [True, False])


def labelled(graphs=60):
    """Random graphs that are dense or sparse by class, with random node labels."""
    rng = np.random.default_rng(0)
    labels = np.arange(graphs) % 2
    parts = []
    for i, label in enumerate(labels):
        one = nx.gnp_random_graph(int(rng.integers(6, 10)), 0.25 + 0.4 * label, seed=i)
        edges = np.array(one.edges, dtype=int).reshape(-1, 2).T
        tags = rng.integers(0, 3, len(one))
        parts.append(GraphSet.from_edges(edges, [0, len(one)], tags, layout="columns"))
    every = GraphSet.concatenate(parts)
    return replace(
        every,
        labels=labels,
        class_names=("sparse", "dense"),
        node_label_names=("C", "N", "O"),
        splits=stratified_split(labels, 0),
    )


def run_of(data, seed=0, *, epochs=12, batch_size=64, convolution="gin", **shape):
    return make_run(
        f"mpnn-{convolution}",
        data,
        seed=seed,
        shape={"hidden": 16, **shape},
        recipe={"epochs": epochs, "batch_size": batch_size},
    )


def untrained_on(data, seed=0, **more):
    return run_of(data, seed, **more).make(**shape_for(data))


def trained_on(data, seed=0, **more):
    return train_networks(run_of(data, seed, **more), silent)


def silent(items, **_):
    return items


def same(first, second):
    pairs = zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


def accuracy(module, data, split="test"):
    (found,) = module.outputs(data.split(split))
    return float((found["logits"].argmax(dim=1) == found["target"]).double().mean())


@BOTH
@pytest.mark.parametrize("size_norm", [True, False])
@WAYS
def test_it_learns_and_says_how_it_was_made(convolution, size_norm, trained):
    data = labelled()
    module = trained_on(
        data,
        convolution=convolution,
        size_norm=size_norm,
        trained=trained,
        epochs=40,
        batch_size=16,
    )
    assert not module.training
    assert accuracy(module, data, "train") >= 0.8
    assert (module.in_features, module.hidden, module.trained) == (3, 16, trained)
    assert module.class_names == ["sparse", "dense"] and module.label_names == ["C", "N", "O"]


@BOTH
def test_untrained_layers_stay_as_drawn(convolution):
    data = labelled()
    before = untrained_on(data, seed=3, convolution=convolution, trained=False)
    after = trained_on(data, seed=3, convolution=convolution, trained=False)
    assert not any(p.requires_grad for p in after.convolutions.parameters())
    for name, parameter in after.named_parameters():
        same_bits = torch.equal(parameter, before.get_parameter(name))
        assert same_bits == name.startswith("convolutions."), name


@BOTH
def test_trained_layers_do_not_stay(convolution):
    data = labelled()
    before = untrained_on(data, seed=3, convolution=convolution)
    after = trained_on(data, seed=3, convolution=convolution)
    for name, parameter in after.convolutions.named_parameters():
        assert not torch.equal(parameter, before.convolutions.get_parameter(name)), name


@WAYS
def test_the_seed_decides(trained):
    data = labelled()
    torch.manual_seed(5)
    first = trained_on(data, trained=trained)
    torch.manual_seed(6)
    assert same(first, trained_on(data, trained=trained))
    assert not same(first, trained_on(data, trained=trained, seed=1))


@WAYS
def test_test_graphs_are_never_looked_at(trained):
    data = labelled()
    train, test = data.splits["train"], data.splits["test"]
    flipped = data.labels.copy()
    flipped[test] = 1 - flipped[test]
    assert same(
        trained_on(data, trained=trained),
        trained_on(replace(data, labels=flipped), trained=trained),
    )
    alone = replace(data.select(train), splits={"train": np.arange(len(train))})
    assert same(trained_on(data, trained=trained), trained_on(alone, trained=trained))


@BOTH
def test_embeddings_of_the_statistics_batch_are_standard(convolution):
    data = labelled()
    module = untrained_on(data, convolution=convolution, trained=False)
    inputs = to_tensors(data, 3)
    set_statistics(module, inputs)
    assert not module.training
    with torch.no_grad():
        found = module.standardise(module.pooled(*inputs)).double()
    alive = found.std(dim=0) > 0.5
    assert int(alive.sum()) >= 4
    torch.testing.assert_close(
        found.std(dim=0, correction=0)[alive],
        torch.ones(int(alive.sum())).double(),
        atol=0.01,
        rtol=0,
    )
    torch.testing.assert_close(found.mean(dim=0), torch.zeros(16).double(), atol=1e-4, rtol=0)


def test_a_unit_that_is_constant_in_training_does_not_explode():
    generator = torch.Generator().manual_seed(0)
    embeddings = 1e-6 * torch.randn(50, 4, generator=generator)
    embeddings[:, 0] = 0
    standardise = Standardisation(4).eval()
    standardise.store(embeddings)
    assert standardise(embeddings)[:, 1:].std(dim=0).sub(1).abs().max() < 0.02
    assert standardise(torch.full((1, 4), 1e-6)).abs().max() < 1000


def test_a_narrow_last_batch_is_left_out():
    data = labelled()
    module = trained_on(data, batch_size=16, epochs=1)  # 49 graphs: 16 + 16 + 16 + 1
    assert accuracy(module, data) >= 0


def test_data_without_classes_are_refused():
    for data in (replace(labelled(), labels=None), [1, 2]):
        with pytest.raises(BadInput, match="labelled set of graphs"):
            trained_on(data)


def fitted(recipe, name, data):
    return recipe(make_run(name, data), silent)


@pytest.mark.parametrize(
    ("recipe", "name"),
    [(train_nearest, "idm-nearest"), (train_tree_head, "tree-densities")],
)
def test_classifiers_learn_and_never_see_the_test_split(recipe, name):
    data = two_classes()
    module = fitted(recipe, name, data)
    assert accuracy(module, data, "train") > 0.8
    flipped = data.labels.copy()
    flipped[data.splits["test"]] = 1 - flipped[data.splits["test"]]
    other = fitted(recipe, name, replace(data, labels=flipped))
    for key, tensor in module.state_dict().items():
        assert torch.equal(tensor, other.state_dict()[key]), key
    rows = module.predict(data.select([0, 1]))
    assert [row["graph"] for row in rows] == [0, 1]
    assert {row["label"] for row in rows} <= {"thin", "dense"}
    with pytest.raises(BadInput, match="No graph was given"):
        module.predict()
    with pytest.raises(BadInput, match="no split 'val'"):
        measure(module, data, "val", ["accuracy"])
    with pytest.raises(BadInput, match="this model's are thin, dense"):
        list(module.outputs(replace(data, class_names=("a", "b")).split("test")))
    with pytest.raises(BadInput, match="no labelled set"):
        list(module.outputs(Split([data], "test")))
    with pytest.raises(BadInput, match="learns from a labelled set"):
        fitted(recipe, name, read_graphs(nx.cycle_graph(5)))


def test_heads_of_more_than_two_classes():
    data = two_classes()
    three = replace(data, labels=np.arange(len(data)) % 3, class_names=("a", "b", "c"))
    three = replace(three, splits=stratified_split(three.labels, 0))
    module = fitted(train_tree_head, "tree-densities", three)
    assert module.logits(three).shape == (40, 3)
