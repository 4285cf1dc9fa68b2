"""The simulated street: rays against a plain loop, what sensors return, the same bytes."""

from __future__ import annotations

import hashlib
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from zoo_4dral.streetsim.casting import Rays, cast
from zoo_4dral.streetsim.drawing import draw_street, draw_view, in_world
from zoo_4dral.streetsim.path import resampled
from zoo_4dral.streetsim.sensors import (
    ELEVATIONS,
    LIDAR_HEIGHT,
    LIDAR_RAYS,
    LIDAR_REACH,
    RADAR_RAYS,
    RADAR_REACH,
    gathered,
    lidar_hits,
    lidar_scans,
    radar_scans,
)
from zoo_4dral.streetsim.sessions import QUERY, Drive
from zoo_4dral.streetsim.world import Objects, parked_cars, street

BEND = resampled(
    np.stack([90 * np.sin(np.linspace(0, 2, 150)), 90 * np.cos(np.linspace(0, 2, 150))], 1)
)
STREET = street(BEND, 4) + parked_cars(BEND, np.random.default_rng(5))
POSE = np.array([*BEND.points[60], BEND.headings[60] + 0.1])


def met(objects, number, x, y, angle):
    """How far one ray goes until it enters an object: its four edges, or its circle, by hand."""
    dx, dy = math.cos(angle), math.sin(angle)
    cx, cy = objects.centres[number]
    if objects.round[number]:
        along = dx * (cx - x) + dy * (cy - y)
        beside = dx * (cy - y) - dy * (cx - x)
        radius = objects.sizes[number, 0]
        if abs(beside) > radius:
            return math.inf
        half = math.sqrt(radius**2 - beside**2)
        ends = [end for end in (along - half, along + half) if end > 0]
        return min(ends, default=math.inf)
    corners = objects.outline(number)
    found = math.inf
    for (ax, ay), (bx, by) in zip(corners, np.roll(corners, -1, 0), strict=True):
        ex, ey = bx - ax, by - ay
        across = dx * ey - dy * ex
        if across == 0:
            continue
        along = ((ax - x) * ey - (ay - y) * ex) / across
        share = ((ax - x) * dy - (ay - y) * dx) / across
        if along > 0 and 0 <= share <= 1:
            found = min(found, along)
    return found


def looped(objects, pose, rays, reach):
    """All hits by ray, object and distance."""
    found = []
    for ray in range(rays.count):
        angle = pose[2] + rays.first + rays.step * ray
        distances = [(met(objects, n, *pose[:2], angle), n) for n in range(len(objects))]
        found += [(ray, n, far) for far, n in sorted(distances) if far <= reach]
    return found


@settings(max_examples=8)
@given(
    aside=st.floats(-3, 3),
    metre=st.integers(0, len(BEND) - 1),
    turn=st.floats(-7, 7),
    rays=st.sampled_from([Rays.around(24), Rays.ahead(1.0, 13), Rays.ahead(np.pi / 2, 8)]),
)
def test_rays_meet_what_a_plain_loop_finds(aside, metre, turn, rays):
    """Also from within an object, where a ray meets the wall that it leaves by."""
    pose = np.array([*(BEND.points[metre] + aside * BEND.normals[metre]), turn])
    hits = cast(STREET, pose, rays, 50.0)
    expected = looped(STREET, pose, rays, 50.0)
    assert list(zip(hits.ray, hits.object, strict=True)) == [one[:2] for one in expected]
    assert np.allclose(hits.distance, [one[2] for one in expected], atol=1e-6)


def test_places_count_the_nearer_objects_of_a_ray():
    hits = cast(STREET, POSE, LIDAR_RAYS, 50.0)
    for ray in np.unique(hits.ray):
        assert hits.place[hits.ray == ray].tolist() == list(range((hits.ray == ray).sum()))


def test_each_elevation_meets_the_nearest_object_that_is_as_high():
    hits, elevation = lidar_hits(STREET, POSE)
    found = {
        (int(e), int(r)): int(n) for e, r, n in zip(elevation, hits.ray, hits.object, strict=True)
    }
    planar = cast(STREET, POSE, LIDAR_RAYS, LIDAR_REACH)
    for level, slope in enumerate(np.tan(ELEVATIONS)):
        for ray in range(LIDAR_RAYS.count):
            own = planar.ray == ray
            stopped = [
                int(n)
                for n, far in zip(planar.object[own], planar.distance[own], strict=True)
                if 0.15 < LIDAR_HEIGHT + far * slope < STREET.heights[n]
            ]
            assert found.pop((level, ray), None) == (stopped[0] if stopped else None)
    assert not found


def from_surface(objects, points):
    """How far points (n, 2) are from the outline of the nearest object, in metres."""
    best = np.full(len(points), np.inf)
    for number in range(len(objects)):
        offset = points - objects.centres[number]
        if objects.round[number]:
            apart = np.abs(np.hypot(*offset.T) - objects.sizes[number, 0])
        else:
            cos, sin = np.cos(objects.yaws[number]), np.sin(objects.yaws[number])
            local = np.abs(offset @ np.array([[cos, -sin], [sin, cos]])) - objects.sizes[number]
            outside = np.hypot(*local.clip(min=0).T)
            apart = np.where(outside > 0, outside, -local.max(1))
        best = np.minimum(best, apart)
    return best


def test_lidar_returns_lie_on_objects():
    [scan] = lidar_scans(STREET, POSE, np.random.default_rng(0))
    assert len(scan) > 1000
    assert from_surface(STREET, in_world(scan, POSE)).max() < 0.1
    assert (scan[:, 2] + LIDAR_HEIGHT > 0).all()


def rows(scan):
    return {tuple(row) for row in scan.tolist()}


@settings(max_examples=10)
@given(seed=st.integers(0, 999), less=st.floats(0, 1), more=st.floats(0, 1))
def test_bad_weather_only_takes_away(seed, less, more):
    less, more = sorted((less, more))
    clear, fogged, dense = lidar_scans(
        STREET, POSE, np.random.default_rng(seed), (0.0, 0.1 * less, 0.1 * more)
    )
    assert rows(dense) <= rows(fogged) <= rows(clear)
    dry, wet, wetter = radar_scans(
        STREET, POSE, 9.0, np.random.default_rng(seed), (0.0, less, more)
    )
    assert rows(wetter) <= rows(wet) <= rows(dry)


def test_fog_and_loss_thin_as_much_as_they_say():
    clear, fogged = lidar_scans(STREET, POSE, np.random.default_rng(1), (0.0, 0.04))
    expected = np.exp(-0.08 * np.hypot(clear[:, 0], clear[:, 1])).sum()
    assert abs(len(fogged) - expected) < 5 * math.sqrt(expected)
    counts = np.array(
        [
            [len(one) for one in radar_scans(STREET, POSE, 9.0, rng, (0.0, 0.35, 1.0))]
            for rng in map(np.random.default_rng, range(40))
        ]
    ).mean(0)
    assert counts[2] == pytest.approx(15, abs=2)
    assert (counts[1] - counts[2]) / (counts[0] - counts[2]) == pytest.approx(0.65, abs=0.03)


def test_standing_objects_approach_as_fast_as_the_car_drives():
    [scan] = radar_scans(STREET, POSE, 9.0, np.random.default_rng(2))
    azimuth = np.arctan2(scan[:, 1], scan[:, 0])
    assert np.allclose(scan[:, 4], -9.0 * np.cos(azimuth), atol=1e-4)
    assert not scan[:, 5].any()
    assert np.hypot(*scan[:, :2].T).max() < RADAR_REACH + 2
    assert np.abs(azimuth).max() < -RADAR_RAYS.first + 0.1


def test_older_scans_are_moved_into_the_newest_frame():
    """A point that stands still is at one place, wherever it was seen from."""
    poses = [np.array([3.0, 1.0, 0.4]), np.array([2.1, 0.7, 0.3]), np.array([1.0, 0.2, -0.2])]
    point = np.array([20.0, 5.0])
    scans = []
    for x, y, heading in poses:
        cos, sin = np.cos(heading), np.sin(heading)
        scan = np.zeros((1, 7), np.float32)
        scan[0, :2] = np.array([[cos, sin], [-sin, cos]]) @ (point - [x, y])
        scans.append(scan)
    together = gathered(scans, poses)
    assert np.allclose(together[:, :2], scans[0][0, :2], atol=1e-5)
    assert together[:, 6].tolist() == [0, -1, -2]


def test_the_same_seed_gives_the_same_bytes():
    """The digest is of the numbers that are drawn and rounded, not of a machine's last digits."""
    table = np.column_stack([STREET.centres, STREET.sizes, STREET.yaws, STREET.heights])
    again = street(BEND, 4) + parked_cars(BEND, np.random.default_rng(5))
    assert all(
        np.array_equal(one, other)
        for one, other in zip(vars(STREET).values(), vars(again).values(), strict=True)
    )
    digest = hashlib.sha256((table * 1e3).round().astype(np.int64).tobytes()).hexdigest()
    assert digest[:16] == "7580333bc7c447ab"


def test_nothing_stands_on_the_path():
    static = street(BEND, 4)
    assert from_surface(static, BEND.points).min() > 2.0
    gaps = [
        np.hypot(*(static.centres[a] - static.centres[b])) - 0.6 * (static.reaches[[a, b]].sum())
        for a in range(len(static))
        for b in range(a)
        if not static.round[[a, b]].any()
    ]
    assert min(gaps) >= 0


def test_a_path_has_a_point_a_metre():
    gaps = np.hypot(*np.diff(BEND.points, axis=0).T)
    assert gaps.max() < 1.0001 and gaps.min() > 0.99
    assert np.allclose(BEND.speeds, 90 * 2 / 149 * 10, rtol=0.01)
    straight = resampled(np.array([[0.0, 0], [0, 0], [0, 2.5], [0, 5]]))
    assert np.allclose(straight.points, [[0, 0], [0, 1], [0, 2], [0, 3], [0, 4]])
    assert np.allclose(straight.headings, np.pi / 2)


def test_objects_are_drawn_in_the_order_that_is_told():
    """The first building of a straight road far from its end, by the same calls once more."""
    road = resampled(np.array([[0.0, 0], [200.0, 0]]))
    rng = np.random.default_rng(7)
    while not rng.random() < 0.75:
        pytest.fail("choose a seed that begins with a building")
    length, depth = rng.uniform(5, 20), rng.uniform(6, 14)
    y = rng.uniform(7, 16) + depth / 2
    yaw, height = rng.normal(0, 0.05), rng.uniform(4, 15)
    first = street(road, 7)
    assert isinstance(first, Objects) and not first.round[0]
    assert np.allclose(first.centres[0], [0, y], atol=1e-5)
    assert np.allclose(first.sizes[0], [length / 2, depth / 2], atol=1e-5)
    assert np.allclose([first.yaws[0], first.heights[0]], [yaw, height], atol=1e-5)


def test_a_street_is_drawn_in_a_small_file(tmp_path):
    """With both sensors' returns, and a view whose left is left."""
    from matplotlib.figure import Figure

    poses = np.zeros((len(BEND), 3, 4))
    poses[:, 2, 3], poses[:, 0, 3] = BEND.points[:, 0], -BEND.points[:, 1]
    np.savetxt(tmp_path / "poses.txt", poses.reshape(-1, 12))
    figure = Figure(figsize=(6, 3))
    street_axes, view = figure.subplots(1, 2)
    draw_street(street_axes, Drive(tmp_path / "poses.txt", 1, QUERY, 8, 4), 5)
    draw_view(view, np.eye(64, dtype=np.uint8))
    figure.savefig(tmp_path / "street.svg")
    assert 10_000 < (tmp_path / "street.svg").stat().st_size < 300_000
    assert len(street_axes.patches) > 10
    low, high = view.get_xlim()
    assert low > high, "what is left has the larger coordinate"
