"""Neighbours: the same as by brute force, in any box and any dimension."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from zoo_clouds.box import Box
from zoo_clouds.clouds import Batch, Cloud, offsets_of
from zoo_clouds.neighbours import edges_of, nearest, neighbours

from zoo_core import BadInput

SIDES = st.lists(st.one_of(st.none(), st.floats(1, 3)), min_size=1, max_size=8)


@given(SIDES, st.floats(0.1, 1.9), st.integers(0, 10**6))
def test_neighbours_are_those_by_brute_force(sides, radius, seed):
    box = Box(tuple(sides))
    points = np.random.default_rng(seed).random((30, box.dimension)) * 3
    edges = neighbours(points, box, radius)
    distances = box.distance(points[:, None], points[None, :])
    near = (distances <= radius) & ~np.eye(30, dtype=bool)
    expected = set(zip(*np.nonzero(near), strict=True))
    certain = np.abs(distances - radius) > 1e-9
    found = set(zip(*edges.tolist(), strict=True))
    assert {pair for pair in found ^ expected if certain[pair]} == set()
    assert len(found) == edges.shape[1]
    assert {(j, i) for i, j in found} == found
    assert (np.diff(edges[1]) >= 0).all()


@given(SIDES, st.integers(1, 5), st.integers(0, 10**6))
def test_nearest_are_nearest(sides, count, seed):
    box = Box(tuple(sides))
    points = np.random.default_rng(seed).random((12, box.dimension)) * 3
    senders, receivers = nearest(points, box, count)
    distances = box.distance(points[:, None], points[None, :])
    np.fill_diagonal(distances, np.inf)
    assert receivers.tolist() == np.repeat(np.arange(12), count).tolist()
    found = distances[receivers, senders].reshape(12, count)
    assert found == pytest.approx(np.sort(distances, 1)[:, :count])


def test_duplicates_leave_out_themselves():
    points = np.zeros((4, 2))
    senders, receivers = nearest(points, Box.cube(1.0, 2), 3)
    assert all(
        sorted(senders[receivers == i].tolist()) == [j for j in range(4) if j != i]
        for i in range(4)
    )
    assert neighbours(points, Box.cube(1.0, 2), 0.1).shape == (2, 12)


def test_a_ragged_batch():
    rng = np.random.default_rng(0)
    box = Box.cube(1.0)
    clouds = [Cloud(rng.random((n, 3)), box) for n in (5, 1, 8)]
    batch = Batch.of(clouds)
    assert batch.offsets.tolist() == [0, 5, 6, 14] == offsets_of([5, 1, 8]).tolist()
    assert batch.owner.tolist() == [0] * 5 + [1] + [2] * 8 and len(batch) == 3
    assert batch.sizes.tolist() == [5, 1, 8] and batch.positions.dtype == torch.float32
    edges, gaps = edges_of(clouds, 0.4)
    owner = batch.owner[edges]
    assert torch.equal(owner[0], owner[1])
    for number, cloud in enumerate(clouds):
        alone = neighbours(cloud.positions, box, 0.4)
        here = edges[:, owner[0] == number] - batch.offsets[number]
        assert here.tolist() == alone.tolist()
    assert (gaps.norm(dim=1) <= 0.4 + 1e-6).all()
    with pytest.raises(BadInput, match="no cloud"):
        Batch.of([])
    with pytest.raises(BadInput, match=r"\[2, 3\] dimensions"):
        Batch.of([clouds[0], Cloud(np.zeros((1, 2)), Box.open(2))])


@pytest.mark.parametrize("radius", [0.0, -1.0, float("inf"), float("nan")])
def test_no_radius(radius):
    with pytest.raises(BadInput, match="radius"):
        neighbours(np.zeros((3, 2)), Box.open(2), radius)


def test_no_neighbours():
    with pytest.raises(BadInput, match="3 neighbours of 3 points"):
        nearest(np.zeros((3, 2)), Box.open(2), 3)
