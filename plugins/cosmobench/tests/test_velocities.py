"""Velocities: features by their formulas, linear theory by plane waves, and their symmetries."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from zoo_clouds.box import Box
from zoo_clouds.clouds import Cloud
from zoo_cosmobench.checks.velocities import fourier_by_pairs, moved, separable
from zoo_cosmobench.velocities import features as own
from zoo_cosmobench.velocities.features import fourier, inverse_powers
from zoo_cosmobench.velocities.least_squares import LinearVelocity
from zoo_cosmobench.velocities.linear_theory import flow, interpolated, oracle, overdensity
from zoo_cosmobench.velocities.network import VelocityNetwork

from zoo_core import BadInput

SIDE = 10.0
BOX = Box.cube(SIDE)


def points(seed, count=25):
    return np.random.default_rng(seed).random((count, 3)) * SIDE


@given(st.integers(1, 3), st.floats(0.3, 1.0), st.integers(0, 10**6))
def test_inverse_powers_are_the_double_sum(dimension, line_of_sight, seed):
    box = Box.cube(SIDE, dimension)
    where = np.random.default_rng(seed).random((12, dimension)) * SIDE
    gap = where[:, None] - where[None, :]
    near = box.difference(where[:, None], where[None, :])
    near[..., -1] *= line_of_sight
    r = np.linalg.norm(near, axis=-1)
    r[r == 0] = np.inf
    found = inverse_powers(where, box, 3, 2, line_of_sight).reshape(12, dimension, 3, 2)
    for k in (1, 2, 3):
        for p in (1, 2):
            sines = np.sin(2 * np.pi * k * gap / SIDE)
            expected = (sines * ((SIDE / r) ** p)[..., None]).sum(1)
            scale = np.abs((SIDE / r) ** p).sum(1).max()
            assert np.abs(found[:, :, k - 1, p - 1] - expected).max() < 1e-11 * scale


def test_pieces_are_the_whole(monkeypatch):
    where = points(0)
    whole = inverse_powers(where, BOX, 3, 3)
    monkeypatch.setattr(own, "_CHUNK", 60)
    assert np.allclose(inverse_powers(where, BOX, 3, 3), whole, rtol=1e-12)


def test_points_half_a_box_apart_and_at_one_place():
    where = np.array([[1.0, 2, 3], [6.0, 2, 3]])
    assert np.abs(inverse_powers(where, BOX, 4, 2)[:, 0]).max() < 1e-12
    where = np.array([[1.0, 2, 3], [1.0, 2, 3], [4.0, 5, 6]])
    found = inverse_powers(where, BOX, 2, 3)
    assert np.isfinite(found).all() and np.allclose(found[0], found[1])


def test_fourier_is_the_double_sum_in_another_box_too():
    box = Box((10.0, 7.0, 3.0))
    where = np.random.default_rng(0).random((20, 3)) * box.sizes
    expected = fourier_by_pairs(where, box, 3, 2)
    assert np.abs(fourier(where, box, 3, 2) - expected).max() < 1e-11


def test_the_claimed_symmetries():
    found = separable(points=15).quantities
    assert max(map(float, found.values())) < 1e-9


def test_a_plane_wave_of_points_falls_towards_itself():
    side, amplitude = 48, 0.02
    axis = (np.arange(side) + 0.5) / side * SIDE
    k = 2 * np.pi / SIDE
    # Displaced so that the density is 1 + A cos(k x).
    x = axis - amplitude / k * np.sin(k * axis)
    where = np.stack(np.meshgrid(x, axis[::4], axis[::4], indexing="ij"), -1).reshape(-1, 3)
    found = flow(where, BOX, 12)
    # What the mesh's own window leaves of the wave: TSC once, linear between points once.
    expected = -100 * amplitude / k * np.sin(k * where[:, 0])
    assert np.corrcoef(found[:, 0], expected)[0, 1] > 0.999
    assert found[:, 0].std() == pytest.approx(expected.std(), rel=0.1)
    assert np.abs(found[:, 1:]).max() < 1e-9 * np.abs(found[:, 0]).max() + 1e-9


def test_the_mesh():
    where = points(3, 500)
    density = overdensity(where, BOX, 8)
    assert density.mean() == pytest.approx(0, abs=1e-12) and density.min() >= -1
    shifted = overdensity(BOX.wrap(where + SIDE / 8), BOX, 8)
    assert shifted == pytest.approx(np.roll(density, (1, 1, 1), (0, 1, 2)), abs=1e-9)
    mesh = np.stack(np.meshgrid(*[np.arange(8) * SIDE / 8] * 3, indexing="ij"), -1).reshape(-1, 3)
    assert interpolated(density[None], mesh, BOX)[:, 0] == pytest.approx(density.ravel())
    smooth = flow(where, BOX, 8, smoothing=5.0)
    assert np.abs(smooth).max() < np.abs(flow(where, BOX, 8)).max()
    infall = flow(where, BOX, 8, infall=0.5)
    assert not np.allclose(infall, flow(where, BOX, 8))


def test_the_oracle_finds_what_was_put_in():
    where = points(1, 400)
    cloud = Cloud(where, BOX, 0.5 * flow(where, BOX, 10))
    found = oracle(cloud, (6, 10))
    assert found.grid == 10 and found.amplitude == pytest.approx(0.5, abs=1e-5)
    assert found.error < 1e-6 * found.variance
    with pytest.raises(BadInput, match="has none"):
        oracle(Cloud(where, BOX))


def network_of(positions):
    torch.manual_seed(0)
    network = VelocityNetwork(share=0.3, hidden=8, layers=2, positions=positions, length=SIDE)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter *= 2.5
    return network


@given(st.integers(0, 10**6))
def test_networks_and_translations(seed):
    cloud = Cloud(points(seed, 40), BOX)
    network = network_of(positions=False)
    found = network(*network.piece(cloud))
    size = float(found.std())
    assert size > 0.01 and moved(network, cloud) < 1e-4 * size
    order = np.random.default_rng(seed).permutation(40)
    other = network(*network.piece(Cloud(cloud.positions[order], BOX)))
    assert torch.allclose(other, found[order], atol=1e-4 * size)


def test_a_network_that_is_told_positions_does_not_commute():
    cloud, network = Cloud(points(0, 40), BOX), network_of(positions=True)
    assert moved(network, cloud) > 0.1 * float(network(*network.piece(cloud)).std())


@pytest.mark.parametrize(
    ("kind", "count"), [("inverse-powers", 30), ("fourier", 100), ("linear-theory", 1)]
)
def test_how_many_weights(kind, count):
    assert sum(one.numel() for one in LinearVelocity(kind=kind).parameters()) == count


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: LinearVelocity(kind="cubic"), "kind='cubic'"),
        (lambda: inverse_powers(points(0), Box.open(), 2, 2), "need a periodic box"),
        (lambda: inverse_powers(points(0), BOX, 0, 2), "frequencies=0"),
        (lambda: inverse_powers(points(0), BOX, 2, 0), "powers=0"),
        (lambda: fourier(points(0)[:, :2], Box.cube(1.0, 2), 2, 2), "3 axes"),
        (lambda: fourier(points(0), BOX, 2, -1), "transverse=-1"),
        (lambda: flow(points(0), Box.open(), 8), "linear theory needs"),
        (lambda: flow(points(0), BOX, 1), "grid=1"),
        (lambda: VelocityNetwork(share=0.9), "share=0.9"),
        (lambda: inverse_powers(np.zeros((10**6, 3)), BOX, 10, 3), "1,000,000 points"),
    ],
    ids=["kind", "open", "none", "powers", "flat", "across", "space", "mesh", "share", "million"],
)
def test_what_is_refused(call, told):
    with pytest.raises(BadInput, match=told):
        call()
