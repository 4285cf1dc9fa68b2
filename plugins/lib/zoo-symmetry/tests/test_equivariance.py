"""Action and error of equivariance, on maps whose symmetry is known."""

import numpy as np
import pytest
import torch
import zoo_symmetry as zs

from zoo_core import BadInput


def test_points_go_where_the_permutation_says():
    signal = torch.tensor([10.0, 11.0, 12.0])[:, None]
    moved = zs.act((1, 2, 0), signal)
    assert moved[:, 0].tolist() == [12.0, 10.0, 11.0]
    assert zs.act((1, 2, 0), signal.T, axis=1)[0].tolist() == [12.0, 10.0, 11.0]
    one, other = (1, 2, 0), (0, 2, 1)
    both = tuple(one[image] for image in other)
    assert torch.equal(zs.act(one, zs.act(other, signal)), zs.act(both, signal))


def test_a_projected_map_commutes_and_another_does_not():
    group = zs.dihedral(6)
    free = np.random.default_rng(0).standard_normal((6, 6))
    signal = torch.randn(4, 6, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    tied = torch.from_numpy(zs.project(free, group))
    assert zs.equivariance_error(lambda x: tied @ x, group, signal) < 1e-12
    assert zs.equivariance_error(lambda x: torch.from_numpy(free) @ x, group, signal) > 0.1
    assert zs.equivariance_error(lambda x: x.sum(1), group, signal, out_axis=None) < 1e-12
    assert zs.equivariance_error(lambda x: x[:, 0], group, signal, out_axis=None) > 0.1
    assert zs.equivariance_error(lambda x: x**2, zs.trivial(6), signal) == 0


def test_a_signal_of_another_length_is_refused():
    with pytest.raises(BadInput, match="moves 3 points; axis -2 of the signal has 2"):
        zs.act((0, 2, 1), torch.zeros(2, 1))
