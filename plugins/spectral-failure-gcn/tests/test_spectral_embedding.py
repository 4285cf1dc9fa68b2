"""Spectral embeddings against closed forms, dense references and graspologic."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from zoo_graphs.components import adjacency_matrix
from zoo_graphs.graph import Graph
from zoo_spectral_failure_gcn.data import latent_positions, two_blocks
from zoo_spectral_failure_gcn.spectral_embedding import SpectralEmbedding

import zoo
from zoo_core import BadInput

examples = settings(max_examples=25)
seeds = st.integers(0, 10**6)
KINDS = {
    "ase": {},
    "augmented": {"augment": True},
    "unscaled": {"scaled": False},
    "lse": {"operator": "laplacian", "regularizer": "mean"},
    "lse, number": {"operator": "laplacian", "regularizer": 2.5},
    "lse, unscaled": {"operator": "laplacian", "regularizer": "mean", "scaled": False},
}


def graph_of(matrix, **more):
    """A graph of a symmetric matrix of weights (0: no edge)."""
    low, high = np.nonzero(np.triu(matrix, 1))
    weights = matrix[low, high]
    given = None if (weights == 1).all() else weights
    features = np.zeros((len(matrix), 0))
    return Graph.from_edges(np.stack([low, high]), features, edge_weights=given, **more)


def random_matrix(seed, n=20, weighted=False):
    rng = np.random.default_rng(seed)
    matrix = np.triu(rng.random((n, n)) < 0.4, 1).astype(float)
    matrix[np.arange(n - 1), np.arange(1, n)] = 1  # connected
    if weighted:
        # Exact in single precision, in which a Graph keeps its weights.
        matrix *= rng.integers(1, 9, (n, n)) / 4
    return matrix + matrix.T


def two_cliques(m):
    """Two cliques of m nodes, joined by a perfect matching."""
    clique = np.ones((m, m)) - np.eye(m)
    return np.block([[clique, np.eye(m)], [np.eye(m), clique]])


def embed(source, **config):
    return SpectralEmbedding(**config).double().fit(source)


def dense(matrix, k):
    values, vectors = np.linalg.eigh(matrix)
    order = np.argsort(-np.abs(values), kind="stable")[:k]
    return values[order], vectors[:, order]


@pytest.mark.parametrize("m", [5, 6, 12])  # below 5 the eigenvalue -2 comes before m - 2
def test_two_cliques_have_the_closed_form(m):
    labels = np.repeat([0, 1], m)
    module = embed(graph_of(two_cliques(m), labels=labels), k=2)
    np.testing.assert_allclose(module.values, [m, m - 2], atol=1e-9)
    points = module.own_points().numpy()
    np.testing.assert_allclose(np.abs(points[:, 0]), 1 / np.sqrt(2), atol=1e-9)
    np.testing.assert_allclose(np.abs(points[:, 1]), np.sqrt((m - 2) / (2 * m)), atol=1e-9)
    assert abs(np.sign(points[:, 1]) @ np.where(labels, 1, -1)) == 2 * m
    rows = module.predict()
    assert [int(row["label"]) for row in rows] == labels.tolist()


@examples
@given(seeds, st.integers(1, 20), st.booleans())
def test_gram_matrix_is_the_eigenvalues(seed, k, weighted):
    matrix = random_matrix(seed, weighted=weighted)
    module = embed(graph_of(matrix), k=k)
    points = module.own_points().numpy()
    values, vectors = dense(matrix, k)
    np.testing.assert_allclose(points.T @ points, np.diag(np.abs(values)), atol=1e-9)
    # Against the reference through what signs do not change.
    apart = (vectors * np.sign(values)) @ (vectors * np.abs(values)).T
    mine = (points * np.sign(module.values.numpy())) @ points.T
    if k == 20 or abs(abs(values[-1]) - abs(dense(matrix, k + 1)[0][-1])) > 1e-6:
        np.testing.assert_allclose(mine, apart, atol=1e-8)


@examples
@given(seeds, st.integers(1, 4))
def test_best_approximation_where_the_leading_eigenvalues_are_positive(seed, k):
    rng = np.random.default_rng(seed)
    rows = rng.random((15, 4))
    product = rows @ rows.T
    points = embed_matrix(product, k)
    left = np.linalg.svd(product)
    best = (left[0][:, :k] * left[1][:k]) @ left[2][:k]
    np.testing.assert_allclose(points @ points.T, best, atol=1e-9)


def embed_matrix(matrix, k):
    """ASE of a matrix with a diagonal, which no graph has: the maths alone."""
    from scipy import sparse
    from zoo_graphs.embedding import leading_part

    values, vectors = leading_part(sparse.csr_array(matrix), k)
    return vectors * np.sqrt(np.abs(values))


@examples
@given(seeds, st.floats(0, np.pi / 8))
def test_noise_free_positions_come_back_up_to_a_rotation(seed, delta):
    rng = np.random.default_rng(seed)
    positions = latent_positions(rng.integers(0, 2, 40), rng.random(40), delta)
    found = embed_matrix(positions @ positions.T, 2)
    left, _, right = np.linalg.svd(found.T @ positions)
    np.testing.assert_allclose(found @ (left @ right), positions, atol=1e-8)


@examples
@given(seeds, st.sampled_from(list(KINDS)), st.integers(1, 12), st.booleans())
def test_fitted_nodes_rows_are_mapped_to_their_points(seed, kind, k, weighted):
    matrix = random_matrix(seed, weighted=weighted)
    module = embed(graph_of(matrix), k=k, **KINDS[kind])
    if kind == "augmented":
        matrix = matrix + np.diag(matrix.sum(axis=1) / (len(matrix) - 1))
    # The error grows with 1 / eigenvalue.
    tolerance = 1e-10 / float(module.values.abs().min())
    np.testing.assert_allclose(module.transform(matrix), module.own_points(), atol=tolerance)


@examples
@given(seeds, st.sampled_from(list(KINDS)))
def test_new_nodes_behind_the_fitted_ones(seed, kind):
    whole = random_matrix(seed, n=24)
    module = embed(graph_of(whole[:20, :20]), k=3, **KINDS[kind])
    found = module.embed(graph_of(whole))
    assert torch.equal(found[:20], module.own_points())
    np.testing.assert_allclose(found[20:], module.transform(whole[20:, :20]), atol=1e-12)


@examples
@given(seeds, st.sampled_from(list(KINDS)), st.integers(1, 5))
def test_permuted_nodes_have_permuted_points(seed, kind, k):
    matrix = random_matrix(seed, weighted=True)
    order = np.random.default_rng(seed).permutation(len(matrix))
    first = embed(graph_of(matrix), k=k, **KINDS[kind])
    second = embed(graph_of(matrix[np.ix_(order, order)]), k=k, **KINDS[kind])
    np.testing.assert_allclose(first.values, second.values, atol=1e-9)
    gaps = -np.diff(np.abs(embed(graph_of(matrix), k=k + 1, **KINDS[kind]).values.numpy()))
    if gaps.min() < 1e-4:
        return  # near-equal eigenvalues: their eigenvectors turn in each other's plane
    points, moved = first.own_points()[order], second.own_points()
    np.testing.assert_allclose(
        np.abs((points * moved).sum(0).numpy()), (points**2).sum(0), atol=1e-6
    )


@examples
@given(seeds, st.sampled_from([0.25, 4.0, 64.0]))
def test_scaling_the_weights_scales_the_points_by_the_root(seed, factor):
    matrix = random_matrix(seed, weighted=True)
    first, second = (embed(graph_of(one), k=4) for one in (matrix, factor * matrix))
    np.testing.assert_allclose(second.own_points(), np.sqrt(factor) * first.own_points(), atol=1e-8)


def test_disassortative_blocks_are_in_a_negative_eigenvalue():
    module = SpectralEmbedding(k=2).fit(two_blocks(n=400, a=0.05, b=0.25, seed=0))
    assert module.values[1] < 0
    assert zoo.evaluate(module, two_blocks(n=400, a=0.05, b=0.25, seed=0))[0].value > 0.95


def test_largest_entry_of_each_column_is_positive():
    points = embed(graph_of(random_matrix(3)), k=6).own_points()
    assert (points.gather(0, points.abs().argmax(0, keepdim=True)) > 0).all()


def test_fitting_again_gives_the_same_bits_and_leaves_the_random_state():
    graph = two_blocks(n=700, a=0.3, b=0.1, seed=1)  # large enough for the iterative solver
    before = torch.get_rng_state()
    first, second = (SpectralEmbedding(k=3).fit(graph) for _ in range(2))
    assert torch.equal(first.own_points(), second.own_points())
    assert torch.equal(before, torch.get_rng_state())
    reference = dense(adjacency_matrix(graph).toarray(), 3)
    np.testing.assert_allclose(first.values, reference[0], rtol=1e-6)


def test_columns_beyond_the_rank_are_zero():
    star = np.zeros((8, 8))
    star[0, 1:] = star[1:, 0] = 1  # rank 2: eigenvalues +-sqrt(7)
    module = embed(graph_of(star), k=4)
    points = module.own_points()
    assert points[:, :2].abs().sum(0).min() > 1 and not points[:, 2:].any()
    assert not module.transform(np.ones((1, 8)))[:, 2:].any()


def test_elbow_of_three_blocks():
    from zoo_graphs.sbm import sample_sbm

    probs = np.full((3, 3), 0.1) + 0.3 * np.eye(3)
    graph = sample_sbm([150] * 3, probs, seed=0, feature_mean=np.zeros((3, 0)))
    module = SpectralEmbedding(k="elbow", elbow=1).fit(graph)
    assert module.k == module.arguments()["k"] == 3
    assert module.embed().shape == (450, 3)
    assert SpectralEmbedding(k="elbow", elbow=2).fit(graph).k > 3


def test_disconnected_graphs():
    matrix = np.zeros((12, 12))
    matrix[:6, :6] = matrix[6:, 6:] = np.ones((6, 6)) - np.eye(6)
    matrix[0, 1] = matrix[1, 0] = 0
    graph = graph_of(matrix, labels=np.repeat([0, 1], 6))
    module = embed(graph, k=2)
    assert [row["label"] for row in module.predict()] == ["0"] * 6 + ["1"] * 6
    with pytest.raises(BadInput, match=r"2 components.*largest_component"):
        embed(graph, k=2, operator="laplacian")
    regular = embed(graph, k=2, operator="laplacian", regularizer="mean")
    assert regular.own_points().isfinite().all()


def test_isolated_nodes_are_at_the_origin():
    matrix = np.zeros((7, 7))
    matrix[:5, :5] = random_matrix(0, n=5)
    for kind in ("ase", "lse"):
        points = embed(graph_of(matrix), k=2, **KINDS[kind]).own_points()
        np.testing.assert_allclose(points[5:], 0, atol=1e-12)


BAD_GRAPHS = {
    "no edges": (np.zeros((2, 0), int), np.zeros((5, 0)), {}, "no edges"),
    "one node": (np.zeros((2, 0), int), np.zeros((1, 0)), {}, "no edges"),
    "one node with a loop": ([[0], [0]], np.zeros((1, 0)), {}, "no edges"),
    "k beyond n": ([[0], [1]], np.zeros((2, 0)), {"k": 3}, "from 1 to 2"),
    "nodes beyond": ([[0, 0, 7], [7, 9, 9]], np.zeros((2, 0)), {}, "node indices"),
}


@pytest.mark.parametrize("case", BAD_GRAPHS)
def test_unusable_graphs_are_one_sentence(case):
    edges, features, config, message = BAD_GRAPHS[case]
    with pytest.raises(BadInput, match=message) as caught:
        SpectralEmbedding(**config).fit((edges, features))
    assert "\n" not in str(caught.value)


def test_negative_weights_have_an_ase_and_no_lse():
    matrix = random_matrix(0)
    matrix[0] = matrix[:, 0] = -matrix[0]
    points = embed(graph_of(matrix), k=2).own_points()
    assert points.isfinite().all()
    with pytest.raises(BadInput, match="negative edge weights"):
        embed(graph_of(matrix), k=2, **KINDS["lse"])


BAD_ROWS = {
    "narrow": (np.zeros((1, 19)), "expected \\(m, 20\\)"),
    "one row": (np.zeros(20), "expected \\(m, 20\\)"),
    "NaN": (np.full((1, 20), np.nan), "NaN"),
    "words": ([["a"] * 20], "no matrix of numbers"),
}


@pytest.mark.parametrize("case", BAD_ROWS)
def test_bad_rows_are_one_sentence(case):
    rows, message = BAD_ROWS[case]
    module = embed(graph_of(random_matrix(0)), k=2)
    with pytest.raises(BadInput, match=message):
        module.transform(rows)


def test_before_fitting_and_on_other_graphs():
    module = SpectralEmbedding(k=2)
    for call in (module.embed, module.predict, lambda: module.transform(np.zeros((1, 0)))):
        with pytest.raises(BadInput, match="fit"):
            call()
    module.fit(graph_of(random_matrix(0)))
    for other in (random_matrix(1), random_matrix(0)[:10, :10]):
        with pytest.raises(BadInput, match="another graph"):
            module.embed(graph_of(other))


def hexagon():
    return nx.cycle_graph(6)


REWIRED = {
    "hexagon": (hexagon, lambda: nx.disjoint_union(nx.cycle_graph(3), nx.cycle_graph(3))),
    "Karate": (
        lambda: nx.Graph(nx.karate_club_graph().edges),
        lambda: nx.double_edge_swap(nx.Graph(nx.karate_club_graph().edges), 1, seed=0),
    ),
    "hexagon with weights": (hexagon, lambda: nx.cycle_graph(6)),
}


@pytest.mark.parametrize("case", REWIRED)
@pytest.mark.parametrize("architecture", ["ase", "lse", "gae"])
def test_a_graph_of_the_same_degrees_is_another_graph(case, architecture):
    own, other = (make() for make in REWIRED[case])
    if "weights" in case:
        nx.set_edge_attributes(own, 1.0, "weight")
        nx.set_edge_attributes(other, 1.0, "weight")
        other.edges[0, 1]["weight"] = 1.0001
    assert sorted(dict(own.degree).values()) == sorted(dict(other.degree).values())
    shape = {"k": 2, "regularizer": "mean"} if architecture == "lse" else {"k": 2}
    if architecture == "gae":
        shape["features"] = "identity"
    module = zoo.create(architecture, **shape)
    module.fit(own, **({"epochs": 2} if architecture == "gae" else {}))
    np.testing.assert_allclose(module.embed(own), module.embed(), atol=1e-5)
    with pytest.raises(BadInput, match="another graph"):
        module.embed(other)


def test_the_fingerprint_travels_with_the_weights(tmp_path):
    edges = nx.cycle_graph(6).edges
    np.savez(tmp_path / "six.npz", edges=np.array(edges).T, num_nodes=6)
    zoo.train("ase", tmp_path / "six.npz", out=tmp_path / "it", config={"k": 1})
    module = zoo.load(tmp_path / "it")
    assert len(zoo.predict(module, nx.cycle_graph(6))) == 6
    with pytest.raises(BadInput, match="another graph"):
        zoo.predict(module, nx.disjoint_union(nx.cycle_graph(3), nx.cycle_graph(3)))


def test_one_missing_weight_does_not_drop_the_others():
    path = nx.path_graph(6)
    for edge, weight in zip(path.edges, (100, 1, 1, 50, 1), strict=True):
        path.edges[edge]["weight"] = weight
    values = SpectralEmbedding(k=2).fit(path).values
    np.testing.assert_allclose(values.abs(), 100.005, atol=1e-3)
    del path.edges[2, 3]["weight"]
    with pytest.raises(BadInput, match="1 of the 5 edges"):
        SpectralEmbedding(k=2).fit(path)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"k": 0}, "k is 0"),
        ({"k": "many"}, "elbow"),
        ({"operator": "rw"}, "adjacency, laplacian"),
        ({"regularizer": -1.0}, "0 or more"),
        ({"regularizer": "mean"}, "0 with the adjacency"),
        ({"operator": "laplacian", "augment": True}, "augment"),
        ({"elbow": 0}, "elbow is 0"),
    ],
)
def test_bad_options_are_one_sentence(config, message):
    with pytest.raises(BadInput, match=message):
        zoo.create("ase", **config)


@pytest.mark.parametrize("kind", ["ase", "augmented", "lse"])
@pytest.mark.parametrize("k", [2, 6])
def test_graspologic_gives_the_same(kind, k):
    embedders = pytest.importorskip("graspologic.embed")
    matrix = random_matrix(5, n=60)
    ours = embed(graph_of(matrix), k=k, **KINDS[kind]).own_points().numpy()
    options = {"n_components": k, "algorithm": "full", "check_lcc": False}
    if kind == "lse":
        theirs = embedders.LaplacianSpectralEmbed(form="R-DAD", **options)
    else:
        augment = kind == "augmented"
        theirs = embedders.AdjacencySpectralEmbed(diag_aug=augment, **options)
    found = theirs.fit_transform(matrix)
    np.testing.assert_allclose(found * np.sign((found * ours).sum(axis=0)), ours, atol=1e-8)
