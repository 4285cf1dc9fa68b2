"""Spectral embeddings and their classifier; the recipes of both methods."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load, save
from zoo_graphs.graph import Graph
from zoo_graphs.operators import operator_matrix
from zoo_graphs.thinning import drop_edges
from zoo_sparse_dense_gnn.embedding import feature_embedding, graph_embedding
from zoo_sparse_dense_gnn.filters import GraphFilterNetwork
from zoo_sparse_dense_gnn.spectral_mlp import SpectralMLP
from zoo_sparse_dense_gnn.train import train_graph_filter, train_spectral_mlp

from zoo_core.errors import BadInput
from zoo_core.interfaces import Run
from zoo_core.testing import check_architecture

N, P, C = 60, 20, 3
SMALL = {"k": 6, "kappa": 4, "operator": "adj"}
TRAINERS = [
    (train_graph_filter, GraphFilterNetwork, {"hidden": 16, "own_nodes": True}),
    (train_graph_filter, GraphFilterNetwork, {"hidden": 8, "layers": 2, "operator": "adj"}),
    (train_spectral_mlp, SpectralMLP, SMALL),
    (train_spectral_mlp, SpectralMLP, {**SMALL, "operator": "lap", "kappa": 0, "lr": 0.05}),
]
trainers = pytest.mark.parametrize(("trainer", "architecture", "config"), TRAINERS)
examples = settings(max_examples=30, deadline=None, derandomize=True, database=None)


def silent(steps, desc=None):
    return steps


def make_run(seed=0, edge_seed=0):
    rng = np.random.default_rng(seed)
    labels = np.arange(N) % C
    edges = np.random.default_rng(edge_seed).integers(0, N, (2, 6 * N))
    edges = edges[:, (labels[edges[0]] == labels[edges[1]]) | (edges.sum(axis=0) % 10 == 0)]
    features = rng.normal(size=(N, P)) + 2 * np.eye(C, P)[labels]
    order = rng.permutation(N)
    masks = {split: np.zeros(N, bool) for split in ("train", "val", "test")}
    for split, part in zip(masks, np.split(order, [30, 45]), strict=True):
        masks[split][part] = True
    data = Graph.from_edges(edges, features, labels, masks, class_names=("a", "b", "c"))
    return Run(data=data, seed=seed)


def accuracy(module, data, split):
    ((logits, targets),) = module.outputs_and_targets(data, split)
    return (logits.argmax(1) == targets).double().mean().item()


def same(first, second):
    return all(
        torch.equal(tensor, second.state_dict()[name])
        for name, tensor in first.state_dict().items()
    )


def dense_operator(data, kind):
    return operator_matrix(
        torch.from_numpy(data.edges), data.num_nodes, kind, dtype=torch.float64
    ).to_dense()


# --- embeddings ---


@examples
@given(st.integers(0, 50), st.sampled_from(["adj", "lap"]), st.integers(1, N))
def test_graph_embedding_has_the_leading_eigenvectors(seed, kind, k):
    data = make_run(seed, seed).data
    vectors, values = graph_embedding(data, k, kind)
    matrix = dense_operator(data, kind)
    torch.testing.assert_close(matrix @ vectors, vectors * values)
    torch.testing.assert_close(vectors.T @ vectors, torch.eye(k).double())
    every = torch.linalg.eigvalsh(matrix).abs().sort(descending=True).values
    torch.testing.assert_close(values.abs(), every[:k])


def test_no_copy_of_a_repeated_eigenvalue_is_missed():
    """Isolated nodes: as many eigenvalues 1 of the normalised operator, as iteration overlooks."""
    edges = np.random.default_rng(0).integers(0, 600, (2, 150))
    data = Graph.from_edges(edges, np.ones((600, 1)))
    vectors, values = graph_embedding(data, 100, "lap")
    torch.testing.assert_close(values, torch.ones(100).double())
    assert torch.linalg.matrix_rank(vectors) == 100


@pytest.mark.parametrize("rank", [2, 5])
def test_feature_embedding_spans_the_features(rank):
    rng = np.random.default_rng(0)
    # Whole numbers, which float32 holds exactly: the rank is not a matter of rounding.
    features = rng.integers(-9, 9, (30, rank)) @ rng.integers(-9, 9, (rank, 8))
    data = Graph.from_edges([[0], [1]], features)
    columns, values = feature_embedding(data, 6)
    gram = torch.from_numpy(data.features.toarray().astype(float))
    gram = gram @ gram.T
    torch.testing.assert_close(gram @ columns, columns * values**2, rtol=1e-5, atol=1e-5)
    assert values[:rank].min() > 1e-3
    assert (columns[:, rank:] == 0).all() and (values[rank:] == 0).all()
    assert feature_embedding(data, 0)[0].shape == (30, 0)


def test_embedding_follows_relabelled_nodes_up_to_signs():
    data = make_run().data
    order = np.random.default_rng(1).permutation(N)
    moved = Graph.from_edges(np.argsort(order)[data.edges], data.features[order])
    for found, expected in (
        (graph_embedding(moved, 5, "adj")[0], graph_embedding(data, 5, "adj")[0][order]),
        (feature_embedding(moved, 5)[0], feature_embedding(data, 5)[0][order]),
    ):
        overlap = (found.T @ expected).abs()
        torch.testing.assert_close(overlap, torch.eye(5).double(), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("k", "kappa"), [(0, 1), (N + 1, 1), (1, P + 1)])
def test_too_many_columns(k, kappa):
    data = make_run().data
    with pytest.raises(ValueError, match="expected 1 to"):
        graph_embedding(data, k, "adj")
        feature_embedding(data, kappa)


# --- the classifier ---


@pytest.mark.parametrize("config", [SMALL, {"k": 2, "kappa": 0, "hidden": 8}])
def test_untrained_classifiers_keep_the_contract(config):
    check_architecture("spectral-mlp", in_features=P, num_classes=C, own_nodes=N, **config)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"operator": "rw"}, "adj, lap"),
        ({"k": 0}, f"expected 1 to {N}"),
        ({"k": N + 1}, f"expected 1 to {N}, the number of nodes"),
        ({"kappa": P + 1}, f"expected 0 to {P}, the smaller"),
        ({"kappa": -1}, f"expected 0 to {P}"),
        ({"hidden": 0}, "1 or more"),
    ],
)
def test_bad_arguments(config, message):
    with pytest.raises(ValueError, match=message):
        SpectralMLP(P, C, own_nodes=N, **{**SMALL, **config})


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
@pytest.mark.parametrize("operator", ["adj", "lap"])
def test_the_training_graph_is_recognised_and_no_other(dtype, operator):
    run = make_run()
    config = {**SMALL, "operator": operator, "epochs": 2}
    (module,) = train_spectral_mlp([run], config, silent)
    for name, buffer in list(module.named_buffers()):
        setattr(module, name, buffer.to(dtype).float())
    own = module.predict()
    assert module.predict(run.data) == own
    assert module.predict((run.data.edges[::-1], run.data.features)) == own
    other_features = run.data.features.toarray()
    other_features[:5] *= -1
    order = np.random.default_rng(1).permutation(N)
    for other in (
        make_run(1, 1).data,
        drop_edges(run.data, 5, 0),
        replace(run.data, edge_weights=np.linspace(0, 1, run.data.num_edges, dtype=np.float32)),
        (run.data.edges, other_features),
        (run.data.edges, run.data.features[:, 1:]),
        (order[run.data.edges], run.data.features[np.argsort(order)]),
        ([], np.ones((3, P))),
    ):
        with pytest.raises(BadInput, match="transductive model knows only"):
            module.predict(other)


# --- the recipes ---


@trainers
def test_every_recipe_learns_and_is_deterministic(trainer, architecture, config):
    runs, config = [make_run(seed) for seed in range(2)], {**config, "epochs": 60}
    torch.manual_seed(5)
    before = torch.get_rng_state()
    modules = trainer(runs, config, silent)
    assert torch.equal(torch.get_rng_state(), before)
    for run, module, again in zip(runs, modules, trainer(runs, config, silent), strict=True):
        assert type(module) is architecture and not module.training
        assert accuracy(module, run.data, "train") > 0.6
        assert same(module, again)
        assert same(module, trainer([run], config, silent)[0])
        json.dumps(module.config)
        loaded = architecture(**module.config).eval()
        loaded.load_state_dict(load(save(module.state_dict())))
        pairs = [next(m.outputs_and_targets(run.data, "val"))[0] for m in (module, loaded)]
        assert torch.equal(*pairs)
    assert len({t.data_ptr() for m in modules for t in m.state_dict().values()}) == sum(
        len(m.state_dict()) for m in modules
    )


@trainers
def test_test_nodes_are_never_looked_at(trainer, architecture, config):
    plain, changed = make_run(), make_run()
    changed.data.labels[changed.data.masks.pop("test")] = 0
    config = {**config, "epochs": 4}
    assert same(trainer([plain], config, silent)[0], trainer([changed], config, silent)[0])


@trainers
def test_the_last_epoch_needs_no_validation(trainer, architecture, config):
    plain, without = make_run(), make_run()
    without.data.masks.pop("val")
    config = {**config, "epochs": 4, "select": "last"}
    assert same(trainer([plain], config, silent)[0], trainer([without], config, silent)[0])


def test_patience_and_tolerance_stop_early():
    calls = []

    def progress(steps, desc=None):
        calls.append(desc)
        return iter([*steps, "end"])

    run, config = make_run(), {"hidden": 8, "dropout": 0.0, "epochs": 30}
    full = train_graph_filter([run], config, progress)[0]
    patient = train_graph_filter([run], {**config, "patience": 30}, progress)[0]
    assert same(full, patient)
    last = {**config, "select": "last"}
    stopped = train_graph_filter([run], {**last, "tolerance": 1e9}, progress)[0]
    # The first difference of two losses is there after the second epoch.
    assert same(stopped, train_graph_filter([run], {**last, "epochs": 2}, progress)[0])
    # With a patience of 1 the first epoch that is no better ends it, and the one before stays.
    short = train_graph_filter([run], {**config, "patience": 1}, progress)[0]
    accuracies = []
    for epochs in range(1, 31):
        module = train_graph_filter([run], {**last, "epochs": epochs}, progress)[0]
        accuracies.append(accuracy(module, run.data, "val"))
        if len(accuracies) > 1 and accuracies[-1] <= accuracies[-2]:
            break
    expected = train_graph_filter([run], {**last, "epochs": len(accuracies) - 1}, progress)[0]
    assert same(short, expected)
    assert set(calls) == {"training graph filters"}


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"select": "best"}, "val, last"),
        ({"select": "last", "patience": 5}, "patience is 5"),
        ({"patience": 0}, "patience is 0"),
        ({"epochs": 0}, "epochs is 0"),
    ],
)
def test_bad_recipes(config, message):
    with pytest.raises(ValueError, match=message):
        train_graph_filter([make_run()], {"hidden": 4, "epochs": 2, **config}, silent)


def test_own_outputs_are_the_trained_networks():
    run = make_run()
    (module,) = train_graph_filter([run], {"hidden": 8, "epochs": 5, "own_nodes": True}, silent)
    own, given_ = module.predict(top=C), module.predict(run.data, top=C)
    assert [row["label"] for row in own] == [row["label"] for row in given_]
    np.testing.assert_allclose(
        [row["score"] for row in own], [row["score"] for row in given_], atol=1e-5
    )


def test_runs_on_different_graphs():
    runs = [make_run(seed, edge_seed=seed) for seed in range(3)]
    for trainer, _, config in TRAINERS:
        config = {**config, "epochs": 3}
        for module, run in zip(trainer(runs, config, silent), runs, strict=True):
            assert same(module, trainer([run], config, silent)[0])
