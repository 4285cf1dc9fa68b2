"""Matrices of spectral embeddings and elbows of scree plots, against dense references."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse, stats
from zoo_graphs.embedding import augmented, elbows, leading_part, normalised


def random_matrix(seed, n=9):
    rng = np.random.default_rng(seed)
    matrix = np.triu(rng.random((n, n)) * (rng.random((n, n)) < 0.5), 1)
    return matrix + matrix.T


@given(st.integers(0, 10**6), st.sampled_from([0.0, 0.5, 3.0]))
def test_normalised_is_the_dense_formula(seed, extra):
    matrix = random_matrix(seed)
    degrees = matrix.sum(axis=1) + extra
    scale = np.zeros(len(degrees))
    scale[degrees > 0] = degrees[degrees > 0] ** -0.5
    found = normalised(sparse.csr_array(matrix), extra).toarray()
    np.testing.assert_allclose(found, scale[:, None] * matrix * scale, atol=1e-14)


def test_augmented_fills_the_diagonal_with_mean_entries():
    matrix = random_matrix(0)
    found = augmented(sparse.csr_array(matrix)).toarray()
    np.testing.assert_allclose(found.diagonal(), matrix.sum(axis=1) / 8)
    np.testing.assert_array_equal(found - np.diag(found.diagonal()), matrix)


@given(st.integers(0, 10**6), st.integers(1, 5))
def test_leading_part_stops_at_the_rank(seed, rank):
    rows = np.random.default_rng(seed).standard_normal((9, rank))
    values, vectors = leading_part(sparse.csr_array(rows @ rows.T), 7)
    assert np.flatnonzero(values).tolist() == list(range(rank))
    assert not vectors[:, rank:].any()
    np.testing.assert_allclose(vectors * values @ vectors.T, rows @ rows.T, atol=1e-10)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([10, 9.5, 1, 0.9, 0.8, 0.7], [2]),
        ([100, 10, 9.5, 1, 0.9, 0.8, 0.7], [1, 3]),
        ([5, 5, 5, 1, 1], [3]),
        ([7], [1]),
        ([2, 1], [1]),
    ],
)
def test_elbows_of_clear_plots(values, expected):
    assert elbows(np.array(values, dtype=float), len(expected)) == expected


@given(st.lists(st.floats(0.01, 100), min_size=3, max_size=12, unique=True))
def test_the_elbow_maximises_the_profile_likelihood(values):
    ordered = np.sort(values)[::-1]

    def likelihood(size):
        first, second = ordered[:size], ordered[size:]
        squares = ((first - first.mean()) ** 2).sum()
        squares += ((second - second.mean()) ** 2).sum() if second.size else 0
        scale = np.sqrt(squares / max(ordered.size - 2, 1))
        means = np.repeat([first.mean(), second.mean() if second.size else 0], [size, second.size])
        return stats.norm.logpdf(ordered, means, scale).sum() if scale > 1e-12 else np.inf

    every = [likelihood(size) for size in range(1, ordered.size + 1)]
    found = elbows(ordered)[0]
    assert every[found - 1] == pytest.approx(max(every)) or np.isinf(max(every))
