"""Boxes: nearest images, wrapping, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from zoo_clouds.box import Box

from zoo_core import BadInput

BOXES = st.lists(st.one_of(st.none(), st.floats(0.5, 50)), min_size=1, max_size=8).map(
    lambda sides: Box(tuple(sides))
)


@given(BOXES, st.integers(0, 10**6))
def test_the_nearest_image(box, seed):
    rng = np.random.default_rng(seed)
    sides = np.where(np.isfinite(box.sizes), box.sizes, 10.0)
    first, second = rng.random((2, 5, box.dimension)) * sides
    periodic = np.isfinite(box.sizes)
    shift = np.where(periodic, rng.integers(-3, 4, box.dimension) * sides, 0.0)
    distance = box.distance(first, second)
    assert box.distance(first + shift, second) == pytest.approx(distance, abs=1e-9)
    gap = np.abs(box.difference(first, second))
    assert (gap[:, periodic] <= sides[periodic] / 2 + 1e-12).all()
    assert (distance <= box.farthest + 1e-9).all()
    direct = np.minimum(np.abs(first - second), sides - np.abs(first - second))
    assert gap[:, periodic] == pytest.approx(direct[:, periodic], abs=1e-12)
    assert box.distance(second, first) == pytest.approx(distance)


@given(BOXES, st.integers(0, 10**6))
def test_wrapping_stays_inside_and_moves_by_periods(box, seed):
    points = np.random.default_rng(seed).normal(scale=100, size=(6, box.dimension))
    inside = box.wrap(points)
    for axis, period in enumerate(box.periods):
        if period is None:
            assert np.array_equal(inside[:, axis], points[:, axis])
        else:
            assert (inside[:, axis] >= 0).all() and (inside[:, axis] < period).all()
            turns = (inside - points)[:, axis] / period
            assert turns == pytest.approx(np.round(turns), abs=1e-9)


def test_a_tiny_negative_number_is_zero():
    assert Box.cube(250.0, 1).wrap([[-1e-300], [250.0], [-1e-20]]).tolist() == [[0], [0], [0]]


def test_what_a_box_may_be_given_as():
    assert Box.of(10, 2) == Box((10.0, 10.0))
    assert Box.of([10, None, 3.5], 3) == Box((10.0, None, 3.5))
    assert Box.of(None, 2) == Box.open(2)
    assert not Box.of([10, None], 2).is_periodic
    assert Box.cube(10.0).volume == 1000 and Box.open().volume == np.inf
    assert Box.cube(2.0).told() == "a box of 2 x 2 x 2"
    assert Box.open(2).told() == "open space of 2 dimensions"


@pytest.mark.parametrize(
    ("given_box", "dimension", "told"),
    [
        (0, 3, "length 0"),
        (-1.0, 3, "length -1"),
        (float("nan"), 2, "length nan"),
        ([1, 2], 3, "2 axes and points have 3"),
        ("wide", 3, "box='wide'"),
        (True, 3, "box=True"),
        (["a", 1, 1], 3, "lengths of its axes"),
        (1.0, 9, "9 axes"),
        (1.0, 0, "0 axes"),
    ],
)
def test_no_box(given_box, dimension, told):
    with pytest.raises(BadInput, match=told):
        Box.of(given_box, dimension)
