"""Bird's-eye views: what changes them, and what does not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from zoo_4dral.bev import FRONT, RADAR_CAP, Window, front, image, white

from zoo_core import BadInput

POINTS = arrays(np.float64, st.tuples(st.integers(0, 40), st.just(3)), elements=st.floats(-90, 90))


@settings(max_examples=30)
@given(points=POINTS, seed=st.integers(0, 99), row=st.integers(-9, 9), column=st.integers(-9, 9))
def test_order_does_not_matter_and_moving_by_cells_moves_pixels(points, seed, row, column):
    points = np.floor(points) + 0.5
    counts = FRONT.counts(points)
    shuffled = np.random.default_rng(seed).permutation(points)
    assert np.array_equal(FRONT.counts(shuffled), counts)
    moved = FRONT.counts(points + np.array([row, column, 0]))
    here = [slice(max(0, -by), 64 - max(0, by)) for by in (row, column)]
    there = [slice(max(0, by), 64 - max(0, -by)) for by in (row, column)]
    assert np.array_equal(moved[tuple(there)], counts[tuple(here)])


@settings(max_examples=30)
@given(points=POINTS)
def test_turning_points_by_a_right_angle_turns_the_image(points):
    """About the sensor in the middle; x ahead becomes y left."""
    points = np.floor(points) + 0.5
    window = Window(-32.0, -32.0, 1.0, 64)
    turned = np.stack([-points[:, 1], points[:, 0], points[:, 2]], 1)
    assert np.array_equal(window.counts(turned), np.rot90(window.counts(points)))


def test_rows_are_ahead_and_columns_to_the_left():
    points = np.array([[0.0, -32.0, 5], [63.99, 31.99, 5], [64.0, 0, 0], [-0.01, 0, 0], [5, 32, 0]])
    counts = FRONT.counts(points)
    assert counts[0, 0] == counts[63, 63] == 1 and counts.sum() == 2
    full = front(200).counts(points)
    assert full[0, 0] == full[199, 199] == 1 and full.shape == (200, 200) and full.sum() == 2
    with pytest.raises(BadInput, match="16 to 1,024 pixels"):
        front(8)


@pytest.mark.parametrize("cap", [4, 64])
def test_white_is_reached_at_the_cap_and_not_before(cap):
    found = white(np.arange(256, dtype=np.uint8), cap)
    assert found[0] == 0 and (np.diff(found[: cap + 1].astype(int)) > 0).all()
    assert (found[cap:] == 255).all()
    assert found[1] == pytest.approx(255 * np.log(2) / np.log(1 + cap), abs=0.5)


def test_an_image_is_of_its_points():
    points = np.tile([10.5, -3.5, 0.0], (9, 1))
    found = image(points, RADAR_CAP)
    assert found.shape == (64, 64) and found.dtype == np.uint8
    assert found[10, 28] == 255 and found.sum() == 255
    assert not image(np.empty((0, 3)), RADAR_CAP).any()
