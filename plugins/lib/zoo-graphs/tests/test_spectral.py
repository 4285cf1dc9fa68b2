"""Leading eigenvectors: every copy of a repeated eigenvalue, in one order and one basis."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import linalg, sparse
from zoo_graphs import eigensolver
from zoo_graphs.spectral import _basis, leading_eigenvectors, leading_singular

GRAPHS = {
    "four copies": (lambda: copies(nx.gnp_random_graph(200, 0.04, seed=0), 4), (4, 8)),
    "many copies": (lambda: copies(nx.gnp_random_graph(40, 0.2, seed=0), 30), (20,)),
    "large copies": (lambda: copies(nx.gnp_random_graph(700, 0.02, seed=0), 2), (5,)),
    "hypercube": (lambda: nx.hypercube_graph(10), (5, 11, 12, 20)),
    "odd torus": (lambda: nx.grid_2d_graph(25, 25, periodic=True), (5, 25, 60)),
    "even torus": (lambda: nx.grid_2d_graph(30, 30, periodic=True), (12, 13)),
    "three-dimensional torus": (lambda: nx.grid_graph((9, 9, 9), periodic=True), (20,)),
    "Kneser": (lambda: nx.kneser_graph(13, 4), (14,)),
    "Paley": (lambda: circulant(np.unique(np.arange(1, 601) ** 2 % 601)), (5, 50)),
    "circulant": (lambda: nx.circulant_graph(1000, [1, 5, 7]), (15,)),
    "Hamming": (lambda: nx.line_graph(nx.complete_bipartite_graph(25, 25)), (30,)),
    "Johnson": (lambda: nx.line_graph(nx.complete_graph(36)), (40,)),
    "multipartite": (lambda: np.kron(1 - np.eye(20), np.ones((30, 30))), (25,)),
    "star": (lambda: nx.star_graph(999), (4,)),
    "tree": (lambda: nx.balanced_tree(3, 6), (15,)),
    "cycle": (lambda: nx.cycle_graph(701), (6,)),
    "random": (lambda: nx.gnp_random_graph(900, 0.01, seed=1), (30,)),
    "triangles and isolated nodes": (
        lambda: nx.disjoint_union(copies(nx.cycle_graph(3), 300), nx.empty_graph(50)),
        (100, 700),
    ),
}
CASES = [(name, k) for name, (_, wanted) in GRAPHS.items() for k in wanted]


def copies(graph, count):
    return nx.disjoint_union_all([graph] * count)


def circulant(steps):
    return linalg.circulant(np.isin(np.arange(601), steps).astype(float))


def adjacency(graph):
    if isinstance(graph, np.ndarray):
        return sparse.csr_array(graph)
    return nx.to_scipy_sparse_array(graph, dtype=np.float64, format="csr")


@pytest.fixture(scope="module")
def solved():
    """Return a graph's matrix and all of its eigenvalues, each graph solved once."""
    known = {}

    def of(name):
        if name not in known:
            matrix = adjacency(GRAPHS[name][0]())
            known[name] = matrix, np.linalg.eigvalsh(matrix.toarray())
        return known[name]

    return of


@pytest.mark.parametrize(("name", "k"), CASES)
def test_every_copy_of_an_eigenvalue_is_found(solved, name, k):
    matrix, every = solved(name)
    values, vectors = (part.numpy() for part in leading_eigenvectors(matrix, k))
    order = np.lexsort((every < 0, -np.abs(every).round(8)))
    np.testing.assert_allclose(values, every[order[:k]], atol=1e-9)
    np.testing.assert_allclose(matrix @ vectors, vectors * values, atol=1e-8)
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(k), atol=1e-8)


def test_the_copies_of_a_graph_have_its_eigenvalue_each():
    matrix = adjacency(copies(nx.gnp_random_graph(200, 0.04, seed=0), 4))
    values, vectors = leading_eigenvectors(matrix, 4)
    np.testing.assert_allclose(values, [9.5839] * 4, atol=1e-4)
    blocks = vectors.reshape(4, 200, 4).norm(dim=1)
    torch.testing.assert_close(blocks, torch.eye(4).double())


def test_larger_components_come_first():
    graph = nx.disjoint_union_all([nx.cycle_graph(n) for n in (3, 5, 4, 5)])
    values, vectors = leading_eigenvectors(adjacency(graph), 4)
    np.testing.assert_allclose(values, 2)
    first = [np.flatnonzero(column)[0] for column in vectors.numpy().T]
    assert first == [3, 12, 8, 0]


@given(st.permutations(range(27)))
def test_the_basis_of_an_eigenspace_depends_on_the_space_alone(order):
    """On a torus every node looks alike, so the pivots, and with them the basis, go by number."""
    matrix = adjacency(nx.grid_graph((3, 3, 3), periodic=True))
    _, plain = leading_eigenvectors(matrix, 7)
    turned = np.linalg.qr(np.random.default_rng(0).standard_normal((6, 6)))[0]
    space = plain[:, 1:].numpy()
    np.testing.assert_allclose(_basis(space @ turned), space, atol=1e-9)
    again = leading_eigenvectors(matrix[order][:, order], 7)[1].numpy()
    projection = space @ space.T
    np.testing.assert_allclose(
        again[:, 1:] @ again[:, 1:].T, projection[order][:, order], atol=1e-9
    )


def test_the_dense_and_the_iterative_way_agree(monkeypatch):
    matrix = adjacency(nx.grid_2d_graph(25, 25, periodic=True))
    iterative = leading_eigenvectors(matrix, 25)
    monkeypatch.setattr("zoo_graphs.spectral.DENSE_SIZE", 1000)
    dense = leading_eigenvectors(matrix, 25)
    torch.testing.assert_close(iterative, dense)


def test_what_does_not_converge_is_refused(monkeypatch):
    matrix = adjacency(nx.path_graph(3000))
    monkeypatch.setattr(eigensolver, "DENSE_LIMIT", 1000)
    monkeypatch.setattr(eigensolver, "_PRODUCTS", 300)
    with pytest.raises(ValueError, match="did not converge in 300 products"):
        leading_eigenvectors(matrix, 3)
    with pytest.raises(ValueError, match="fewer than 1,500"):
        leading_eigenvectors(matrix, 1500)


def test_a_slow_iteration_gives_way_to_the_dense_solver(monkeypatch):
    matrix = adjacency(nx.path_graph(600))
    monkeypatch.setattr(eigensolver, "affordable", lambda *_: 50)
    values = leading_eigenvectors(matrix, 4)[0].numpy()
    top = 2 * np.cos(np.pi * np.array([1, 1, 2, 2]) / 601) * [1, -1, 1, -1]
    np.testing.assert_allclose(values, top)


def test_missing_copies_are_found_by_the_check(monkeypatch):
    """Whatever the first iteration returns: here one pair of the small eigenvalues."""
    matrix = adjacency(nx.hypercube_graph(10))
    every = np.linalg.eigh(matrix.toarray())
    first = [True]
    iterate = eigensolver._Search.iterate

    def poor(self, wanted, products, which="LM"):
        if first.pop() if first else False:
            return every[0][300 : 300 + wanted], every[1][:, 300 : 300 + wanted]
        return iterate(self, wanted, products, which)

    monkeypatch.setattr(eigensolver._Search, "iterate", poor)
    values = leading_eigenvectors(matrix, 11)[0].numpy()
    np.testing.assert_allclose(values, [10, -10, *[8] * 9], atol=1e-9)


def test_repeated_singular_values_are_found():
    blocks = sparse.block_diag([np.arange(1.0, 7).reshape(2, 3)] * 400).tocsr()
    left, projection = leading_singular(blocks, 300)
    top = np.linalg.svd(np.arange(1.0, 7).reshape(2, 3))[1][0]
    np.testing.assert_allclose(1 / projection.norm(dim=0), top, rtol=1e-9)
    torch.testing.assert_close(left.mT @ left, torch.eye(300).double())
    np.testing.assert_allclose(blocks @ projection.numpy(), left.numpy(), atol=1e-9)


def test_features_of_low_rank_have_no_more_columns():
    rng = np.random.default_rng(0)
    features = rng.standard_normal((900, 10)) @ rng.standard_normal((10, 600))
    left, projection = leading_singular(features, 14)
    assert (left[:, 10:] == 0).all() and (projection[:, 10:] == 0).all()
    torch.testing.assert_close(left[:, :10].norm(dim=0), torch.ones(10).double())
