"""The generator: the same bytes, known spectra, displacements of a potential, and a cache."""

from __future__ import annotations

import hashlib
from functools import partial

import numpy as np
import pytest
from zoo_clouds import made as own
from zoo_clouds.cosmology import Cosmology
from zoo_clouds.lognormal import cloud, cosmologies, displacement, linear_field, smoothed
from zoo_clouds.made import Made
from zoo_clouds.mini import cosmo_mini_clouds, in_redshift_space

from zoo_core import BadInput, strictly

FIRST = "17da05315c444f97bf2be73cae83ac636b5aebc4bb65339bb339fad2140c5e39"
COSMOLOGY = Cosmology(0.3175, 0.834)


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    return tmp_path


def numbers(first, last, *, factor):
    return {"value": np.arange(first, last) * factor}


def test_cosmologies_fill_their_ranges_evenly():
    for kind, side in (("clouds", 32), ("trees", 16)):
        unit = (cosmologies(kind) - [0.1, 0.6]) / 0.4
        cells = np.floor(unit * [side, len(unit) // side])
        assert len(np.unique(cells, axis=0)) == len(unit)


def test_the_same_seed_has_the_same_bytes(home):
    one = cosmo_mini_clouds().clouds[3]
    digest = hashlib.sha256(one.positions.tobytes() + one.velocities.tobytes()).hexdigest()
    assert digest == FIRST
    assert [path.name for path in home.rglob("*.npz")] == ["0000.npz"]
    again = cosmo_mini_clouds().clouds[3]
    assert np.array_equal(again.positions, one.positions)
    assert one.positions.dtype == np.float32 and one.positions.shape == (1024, 3)
    assert one.positions.min() >= 0 and one.positions.max() < 250
    assert not np.array_equal(cosmo_mini_clouds().clouds[4].positions, one.positions)


def test_velocities_are_as_large_as_known():
    data = cosmo_mini_clouds()
    some = np.stack([data.clouds[number].velocities for number in range(16)])
    assert 200 < np.sqrt((some**2).mean()) < 330


def test_the_field_has_the_fluctuations_that_were_asked_for():
    length, cells = 100.0, 32
    found = []
    for seed in range(12):
        modes = linear_field(COSMOLOGY, np.random.default_rng(seed), length, cells)
        assert modes[0, 0, 0] == 0
        found.append(np.mean(smoothed(modes, length, 8.0) ** 2))
    k = np.exp(np.linspace(np.log(2 * np.pi / length), np.log(np.pi * cells / length), 2000))
    power = k**3 * COSMOLOGY.power(k) / (2 * np.pi**2) * np.exp(-(k**2) * 64)
    assert np.mean(found) == pytest.approx(np.trapezoid(power, np.log(k)), rel=0.2)


def test_displacements_are_a_gradient_whose_divergence_is_minus_the_density():
    length, cells = 100.0, 16
    modes = linear_field(COSMOLOGY, np.random.default_rng(0), length, cells)
    # A derivative at the grid's highest frequency is not real: left out.
    modes[cells // 2], modes[:, cells // 2], modes[..., -1] = 0, 0, 0
    moved = np.fft.fftn(displacement(modes, length), axes=(1, 2, 3))
    axis = 2 * np.pi * np.fft.fftfreq(cells, length / cells)
    k = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"))
    density = np.fft.fftn(np.fft.irfftn(modes, s=(cells,) * 3, axes=(0, 1, 2)))
    scale = np.abs(density).max()
    assert np.abs((1j * k * moved).sum(0) + density).max() < 1e-12 * scale
    assert np.abs(np.cross(k, moved, axis=0)).max() < 1e-12 * scale
    assert np.abs(moved[:, 0, 0, 0]).max() < 1e-9 * scale


def test_velocities_are_displacements_times_growth():
    low = Cosmology(0.2, 0.8)
    positions, velocities = cloud(low, np.random.default_rng(1), length=100.0, points=50)
    assert low.growth_rate == pytest.approx(0.2**0.55)
    again, _ = cloud(low, np.random.default_rng(1), length=100.0, points=50)
    assert np.array_equal(positions, again)
    assert np.abs(velocities / (100 * low.growth_rate)).max() < 50


def test_redshift_space():
    data = cosmo_mini_clouds(points=64, redshift=True)
    plain, shifted = cosmo_mini_clouds(points=64).clouds[5], data.clouds[5]
    expected = np.mod(plain.positions[:, 2] + plain.velocities[:, 2] / 100, 250)
    assert shifted.positions[:, 2] == pytest.approx(expected, abs=1e-4)
    assert np.array_equal(shifted.positions[:, :2], plain.positions[:, :2])
    assert np.array_equal(shifted.velocities, plain.velocities)
    positions = np.zeros((3, 3))
    positions[:, 2] = [99.5, 1, 50]
    velocities = np.zeros((3, 3))
    velocities[:, 2] = [200, -300, 1000]
    from zoo_clouds.box import Box
    from zoo_clouds.clouds import Cloud

    moved = in_redshift_space(Cloud(positions, Box.cube(100.0), velocities))
    assert moved.positions[:, 2].tolist() == [1.5, 98.0, 60.0]
    with pytest.raises(BadInput, match="has none"):
        in_redshift_space(Cloud(positions, Box.cube(100.0)))


def test_chunks_are_made_side_by_side_and_read_again(home):
    data = Made("numbers/v1", 70, partial(numbers, factor=2))
    data.prepare(range(70))
    for number in (0, 15, 16, 69):
        arrays, place = data.chunk_of(number)
        assert arrays["value"][place] == 2 * number
    assert len(list(home.rglob("*.npz"))) == 5
    kept = Made("numbers/v1", 70, partial(numbers, factor=3))
    assert kept.chunk_of(20)[0]["value"][4] == 40, "read, not made"
    with pytest.raises(IndexError, match="no item 70"):
        data.chunk_of(70)


def test_a_damaged_chunk_is_made_again_and_a_full_disk_is_told(home, monkeypatch):
    data = Made("numbers/v1", 3, partial(numbers, factor=2))
    data.prepare([0])
    (path,) = home.rglob("*.npz")
    path.write_bytes(path.read_bytes()[:50])
    fresh = Made("numbers/v1", 3, partial(numbers, factor=2))
    assert fresh.chunk_of(2)[0]["value"].tolist() == [0, 2, 4]
    assert own._read(path) is not None

    monkeypatch.setenv("ZOO_HOME", "/proc/nowhere")
    with pytest.warns(UserWarning, match="not kept"):
        assert Made("numbers/v1", 3, partial(numbers, factor=2)).chunk_of(0)[1] == 0


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"points": 1}, "points=1"),
        ({"points": 10.5}, "points=10.5"),
        ({"points": True}, "points=True"),
        ({"length": 0}, "length=0"),
        ({"length": float("nan")}, "length=nan"),
        ({"length": "far"}, "length='far'"),
    ],
)
def test_bad_sizes(given, told):
    with strictly(), pytest.raises(BadInput, match=told):
        cosmo_mini_clouds(**given)
