"""Theorem 2: targets that filters reach, and those that they do not."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from zoo_sparse_dense_gnn.filters import GraphFilter
from zoo_sparse_dense_gnn.krylov import interpolating_taps, krylov_matrix

from zoo_core import BadInput

seeds = st.integers(0, 1000)
examples = settings(max_examples=30)


@examples
@given(seeds, st.integers(1, 8))
def test_filters_reach_any_target(seed, n):
    rng = np.random.default_rng(seed)
    weights = np.triu(rng.uniform(size=(n, n)), 1)
    operator, x, y = weights + weights.T + np.eye(n), rng.normal(size=n), rng.normal(size=n)
    taps = interpolating_taps(operator, x, y)
    assert taps.shape == (n,)
    np.testing.assert_allclose(krylov_matrix(operator, x) @ taps, y, atol=1e-6)
    # The same taps in a layer of the network.
    layer = GraphFilter(1, 1, n).double()
    layer.taps.data = torch.from_numpy(taps).reshape(n, 1, 1)
    found = layer(torch.from_numpy(operator), torch.from_numpy(x)[:, None])
    np.testing.assert_allclose(found.detach().numpy()[:, 0], y, atol=1e-5)


def test_unreachable_targets():
    rng = np.random.default_rng(0)
    complete, x = np.ones((5, 5)), rng.normal(size=5)
    assert np.linalg.matrix_rank(krylov_matrix(complete, x)) == 2
    with pytest.raises(BadInput, match="repeated eigenvalue"):
        interpolating_taps(complete, x, x)
    path = np.diag(np.ones(4), 1) + np.diag(np.ones(4), -1) + np.eye(5)
    even = np.array([1.0, 2, 3, 2, 1])  # nothing on the odd eigenvectors
    assert np.linalg.matrix_rank(krylov_matrix(path, even)) == 3
    with pytest.raises(BadInput, match="zero coefficient"):
        interpolating_taps(path, even, x)


@pytest.mark.parametrize(
    ("operator", "x", "y", "message"),
    [
        (np.ones((3, 2)), np.ones(3), np.ones(3), "expected"),
        (np.ones((3, 3)), np.ones(2), np.ones(3), "expected"),
        (np.zeros((0, 0)), np.ones(0), np.ones(0), "expected"),
        (np.triu(np.ones((3, 3))), np.ones(3), np.ones(3), "not symmetric"),
        (np.full((2, 2), np.nan), np.ones(2), np.ones(2), "not finite"),
    ],
)
def test_bad_interpolation(operator, x, y, message):
    with pytest.raises(BadInput, match=message):
        interpolating_taps(operator, x, y)
