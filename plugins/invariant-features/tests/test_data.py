"""Clouds of cells and hands: which ones, how they are scaled, and an outline by hand."""

from __future__ import annotations

import numpy as np
import pytest
from zoo_invariant_features.data import resampled

import zoo
from zoo_core import BadInput


def test_cells_are_those_of_the_protocol(data_or_skip):
    data = data_or_skip("cell-outlines", points=20)
    assert {name: len(rows) for name, rows in data.rows.items()} == {
        "train": 80,
        "val": 26,
        "test": 80,
    }
    assert [len(side) for side in data.sides("val")] == [13, 13]
    every = [row for rows in data.rows.values() for row in rows.tolist()]
    assert len(set(every)) == len(every) == len(data) == 186
    for points in data.clouds:
        assert points.shape == (20, 2)
        assert np.allclose(points.mean(0), 0) and np.isclose((points**2).sum(1).mean(), 1)
    found = data.distances("val")
    assert found.shape == (13, 13) and 0.05 < float(found.min()) < float(found.max()) < 2
    assert data.distances("val") is found


def test_all_53_hands_are_read(data_or_skip):
    data = data_or_skip("hand-poses")
    assert len(data) == 53 and int(data.second.sum()) == 27
    assert {name: len(rows) for name, rows in data.rows.items()} == {"train": 26, "test": 27}
    assert data.clouds[0].shape == (22, 3) and data.dimension == 3
    assert data.facts == {"clouds": 53, "dimensions": 3, "points": 53 * 22}


def test_a_square_is_resampled_evenly():
    square = np.array([[0, 0], [0, 0], [4, 0], [4, 4], [0, 4.0], [0, 0]])
    found = resampled(square, 8)
    expected = [[0, 0], [2, 0], [4, 0], [4, 2], [4, 4], [2, 4], [0, 4], [0, 2]]
    assert np.allclose(found, expected)
    with pytest.raises(BadInput, match="one point"):
        resampled(np.zeros((3, 2)), 8)


def test_other_numbers_of_points_are_refused(data_or_skip):
    for points in (1, 0, True, 2.5):
        with pytest.raises(BadInput):
            zoo.dataset("cell-outlines", points=points)
