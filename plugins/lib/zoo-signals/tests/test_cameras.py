"""Cameras: their axes, what they project, and normalised coordinates."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from zoo_signals.cameras import VIRTUAL, denormalised, looking_at, normalised

from zoo_core import BadInput


@pytest.mark.parametrize("camera", VIRTUAL, ids=["45", "135", "225", "315"])
def test_the_axes_are_right_down_and_forward(camera):
    right, down, forward = camera.rotation
    assert np.allclose(camera.rotation @ camera.rotation.T, np.eye(3))
    assert np.linalg.det(camera.rotation) == pytest.approx(1)
    assert right[1] == pytest.approx(0)
    assert down[1] < 0
    assert np.linalg.norm(camera.position[[0, 2]]) == pytest.approx(6)
    # What it looks at is in the middle, as far as it is away.
    (seen,) = camera.sees([[0.0, 0.9, 0.0]])
    assert np.allclose(seen, [0, 0, np.hypot(6, 0.7)])
    assert np.allclose(camera.project(seen), camera.centre)
    assert forward @ (np.array([0, 0.9, 0]) - camera.position) > 0


def test_what_is_right_and_high_is_drawn_right_and_up():
    camera = looking_at((0, 1, 5), (0, 1, 0))
    x, y = camera.project(camera.sees([0.5, 1.5, 0.0]))
    assert (x, y) == (pytest.approx(500 + 1145 / 10), pytest.approx(500 - 1145 / 10))


@given(st.tuples(*[st.floats(-2000, 2000)] * 2), st.integers(1, 4000), st.integers(1, 4000))
def test_normalising_is_undone(point, width, height):
    assert np.allclose(denormalised(normalised(point, width, height), width, height), point)


def test_the_corners_of_an_image_keep_its_proportions():
    assert np.allclose(normalised([[0, 0], [800, 600]], 800, 600), [[-1, -0.75], [1, 0.75]])


@pytest.mark.parametrize(
    ("width", "height"), [(0, 1), (1, -5), (float("nan"), 1), (True, 1), ("640", 1)], ids=str
)
def test_sizes_that_are_none_are_refused(width, height):
    with pytest.raises(BadInput, match="in pixels"):
        normalised([[0, 0]], width, height)


def test_what_lies_behind_is_not_projected():
    with pytest.raises(BadInput, match="1 points lie behind"):
        VIRTUAL[0].project([[0, 0, -1], [0, 0, 1]])


def test_a_camera_that_looks_down_is_not_upright():
    with pytest.raises(BadInput, match="straight up or down"):
        looking_at((0, 5, 0), (0, 0, 0))
