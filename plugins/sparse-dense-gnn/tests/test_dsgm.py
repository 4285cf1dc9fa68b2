"""The dense-sparse graph model: its kernels, and closed forms of their spectra."""

from __future__ import annotations

import numpy as np
import pytest
from zoo_sparse_dense_gnn import dsgm
from zoo_sparse_dense_gnn.dsgm import degree_corrected, expected_matrix, grid

DENSE = 0.002


def test_grid_has_midpoints():
    assert grid(4, 1.0).tolist() == [-1.5, -0.5, 0.5, 1.5]
    assert grid(3, 2.0).tolist() == [-1.0, 1.0, 3.0]  # u_1 = -floor(3 / 2) 2 + 1
    assert grid(1000, 0.1).size == 1000  # where a range of floats may have a point too many
    np.testing.assert_allclose(grid(1000, DENSE), -grid(1000, DENSE)[::-1], atol=1e-15)


def test_expected_matrix_has_rank_two_and_the_kernels_eigenvectors():
    points = grid(200, 0.01)
    eigenvalues, vectors = np.linalg.eigh(expected_matrix(degree_corrected, points))
    assert np.abs(eigenvalues[:-2]).max() < 1e-13 * eigenvalues[-1]
    theta = dsgm.theta(points)
    for vector, exact in zip(vectors.T[::-1], (theta, np.sign(points) * theta), strict=False):
        assert abs(vector @ exact) / np.linalg.norm(exact) == pytest.approx(1, abs=1e-12)


def test_eigenvalues_times_gamma_are_the_integral_operators():
    found = np.linalg.eigvalsh(expected_matrix(degree_corrected, grid(1000, DENSE)))
    assert DENSE * found[::-1][:2] == pytest.approx((0.121528, 0.024306), abs=2e-6)
    exact = np.array(dsgm.integral_eigenvalues(reach=1.0))
    assert dsgm.integral_eigenvalues() == pytest.approx((5 / 36, 1 / 36))
    errors = []
    for nodes in (50, 100, 200):
        values = np.linalg.eigvalsh(expected_matrix(degree_corrected, grid(nodes, 2 / nodes)))
        errors.append(np.abs(2 / nodes * values[::-1][:2] - exact).max())
    # The midpoint rule converges quadratically: half the step, a quarter of the error.
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.1)
    assert errors[1] / errors[2] == pytest.approx(4, rel=0.1)
