"""Statistics of pairs, and the two-point function: by the formulas, and their invariants."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from zoo_clouds import pairs as own
from zoo_clouds.box import Box
from zoo_clouds.correlation import (
    ball_volume,
    landy_szalay,
    log_bins,
    two_point,
    two_point_of,
)
from zoo_clouds.pairs import even_ball, pairs_of

from zoo_core import BadInput

SIDES = st.lists(st.one_of(st.none(), st.floats(1, 3)), min_size=1, max_size=8)


def published(squared, radius):
    """The benchmark's four numbers, of each pair twice."""
    v = np.sort(np.repeat(squared[squared <= radius**2], 2))
    ranks = [round(q * (len(v) - 1)) for q in (1 / 3, 2 / 3)]
    return [v.mean(), v.std(ddof=1), *v[ranks]]


@given(SIDES, st.integers(2, 40), st.integers(0, 10**6))
def test_statistics_are_the_published_ones(sides, count, seed):
    box = Box(tuple(sides))
    points = np.random.default_rng(seed).random((count, box.dimension)) * 3
    first, second = np.triu_indices(count, 1)
    squared = box.distance(points[first], points[second]) ** 2
    radii = [0.4, 1.1, 0.7, 1.9]
    found = pairs_of(points, box, 2.0).statistics(radii)
    for row, radius in zip(found, radii, strict=True):
        if (squared <= radius**2).any() and np.abs(squared - radius**2).min() > 1e-9:
            expected = published(squared, radius)
            assert row == pytest.approx(expected, rel=1e-6, abs=1e-7)
        elif not (squared <= radius**2).any():
            assert row == pytest.approx(even_ball([radius], box.dimension)[0])


def test_both_ways_find_the_same_pairs(monkeypatch):
    points, box = np.random.default_rng(0).random((200, 3)), Box.cube(1.0)
    for radius in (0.05, 0.3, 0.8):
        monkeypatch.setattr(own, "DENSE_SHARE", 2.0)
        few = pairs_of(points, box, radius)
        monkeypatch.setattr(own, "DENSE_SHARE", 0.0)
        monkeypatch.setattr(own, "_CHUNK", 1000)
        many = pairs_of(points, box, radius)
        assert few.squared == pytest.approx(many.squared, abs=1e-15)


@given(st.integers(0, 10**6), st.floats(0.3, 30))
def test_symmetries_and_scale(seed, scale):
    rng = np.random.default_rng(seed)
    points, box, radii = rng.random((60, 3)), Box.cube(1.0), np.array([0.2, 0.45, 0.7])
    found = pairs_of(points, box, 0.8).statistics(radii)
    moved = box.wrap(points[rng.permutation(60)][:, rng.permutation(3)] + rng.random(3))
    assert pairs_of(moved, box, 0.8).statistics(radii) == pytest.approx(found, rel=1e-6)
    mirrored = box.wrap(points * rng.choice([-1, 1], 3))
    assert pairs_of(mirrored, box, 0.8).statistics(radii) == pytest.approx(found, rel=1e-6)
    larger = pairs_of(points * scale, Box.cube(scale), 0.8 * scale).statistics(radii * scale)
    assert larger == pytest.approx(found * scale**2, rel=1e-6)


@pytest.mark.parametrize("dimension", [1, 2, 3, 5, 8])
def test_even_points_have_the_even_ball_s_statistics(dimension):
    rng = np.random.default_rng(dimension)
    directions = rng.standard_normal((200_000, dimension))
    lengths = rng.random(200_000) ** (1 / dimension)
    squared = (lengths * 2) ** 2
    expected = published(squared, 2.0)
    assert even_ball([2.0], dimension)[0] == pytest.approx(expected, rel=0.02)
    assert even_ball([2.0], dimension)[0, 0] == pytest.approx(4 * dimension / (dimension + 2))
    assert len(directions) == len(lengths)


def test_even_points_in_a_box():
    points = np.random.default_rng(0).random((1500, 3))
    found = pairs_of(points, Box.cube(1.0), 0.2)
    assert found.statistics([0.2])[0] == pytest.approx(even_ball([0.2], 3)[0], rel=0.03)
    xi = two_point(points, Box.cube(1.0), np.linspace(0.05, 0.2, 6))
    assert np.abs(xi).max() < 0.1


def test_one_pair_and_none():
    points, box = np.array([[0.1, 0.1], [0.9, 0.1]]), Box.cube(1.0, 2)
    found = pairs_of(points, box, 0.5)
    assert found.statistics([0.3, 0.1])[0] == pytest.approx([0.04, 0, 0.04, 0.04])
    assert found.statistics([0.1])[0] == pytest.approx(even_ball([0.1], 2)[0])
    assert pairs_of(points[:1], box, 0.5).statistics([0.5])[0] == pytest.approx(
        even_ball([0.5], 2)[0]
    )
    assert found.counts([0.1, 0.2001, 0.5]).tolist() == [0, 1, 1]


@given(st.integers(1, 4), st.integers(0, 10**6))
def test_bins_add_up_to_the_pairs(dimension, seed):
    box = Box.cube(1.0, dimension)
    points = np.random.default_rng(seed).random((50, dimension))
    edges = np.array([0.0, 0.1, 0.25, 0.5])
    xi = two_point(points, box, edges)
    expected = 50 * 49 / 2 * np.diff(ball_volume(edges, dimension))
    counts = (xi + 1) * expected
    assert counts == pytest.approx(np.round(counts), abs=1e-6)
    # A point may have another at the distance 0 exactly: not here.
    assert counts.sum() == pytest.approx(pairs_of(points, box, 0.5).counts([0.5])[0])


def test_a_lattice_has_its_shell():
    side = 6
    axis = np.arange(side) / side
    points = np.stack(np.meshgrid(axis, axis, axis), -1).reshape(-1, 3)
    edges = np.array([1 / side - 0.01, 1 / side + 0.01])
    count = len(points)
    shell = 4 / 3 * math.pi * (edges[1] ** 3 - edges[0] ** 3)
    exact = (6 * count / 2) / (count * (count - 1) / 2 * shell) - 1
    assert two_point(points, Box.cube(1.0), edges) == pytest.approx([exact])


def test_landy_szalay_agrees_in_a_periodic_box_and_takes_open_space():
    rng = np.random.default_rng(0)
    box = Box.cube(1.0)
    centers = rng.random((40, 3))
    points = box.wrap(centers[rng.integers(0, 40, 400)] + rng.normal(scale=0.03, size=(400, 3)))
    edges = log_bins(0.02, 0.2, 5)
    natural = two_point(points, box, edges)
    drawn = landy_szalay(points, rng.random((8_000, 3)), box, edges)
    assert drawn == pytest.approx(natural, rel=0.15, abs=0.2)
    inside = rng.random((1000, 2))
    even = landy_szalay(inside, rng.random((4_000, 2)), Box.open(2), np.linspace(0.05, 0.3, 4))
    assert np.abs(even).max() < 0.15


def test_pairs_are_known_up_to_their_radius():
    found = pairs_of(np.random.default_rng(0).random((9, 3)), Box.cube(1.0), 0.3)
    with pytest.raises(BadInput, match=r"within 0.3; a radius of 0.4"):
        found.statistics([0.2, 0.4])
    with pytest.raises(BadInput, match="more than half"):
        two_point_of(pairs_of(np.zeros((2, 3)), Box.cube(1.0), 0.7), [0.1, 0.7])


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: two_point(np.zeros((1, 3)), Box.cube(1.0), [0.1, 0.2]), "1 points have no pair"),
        (lambda: two_point(np.zeros((3, 3)), Box.open(), [0.1, 0.2]), "needs a periodic box"),
        (lambda: two_point(np.zeros((3, 3)), Box.cube(1.0), [0.2, 0.1]), "ascending"),
        (lambda: log_bins(0.0, 1.0, 3), "0 < least < most"),
        (lambda: pairs_of(np.zeros((3, 3)), Box.cube(1.0), 0.0), "radius of 0"),
        (
            lambda: pairs_of(np.zeros((10**6, 3)), Box.cube(1.0), 0.4),
            "1,000,000 points have about 2.6e[+]11 pairs",
        ),
        (
            lambda: landy_szalay(np.zeros((3, 2)), np.zeros((3, 2)), Box.open(2), [0.1, 0.2]),
            "no pair of randoms",
        ),
    ],
    ids=["one", "open", "order", "bins", "radius", "million", "randoms"],
)
def test_what_is_refused(call, told):
    with pytest.raises(BadInput, match=told):
        call()
