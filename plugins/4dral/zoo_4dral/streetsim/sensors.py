"""A LiDAR and a 4D radar in the simulated street, in clear and in bad weather."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from zoo_4dral.streetsim.casting import Hits, Rays, cast
from zoo_4dral.streetsim.world import Objects

Array = NDArray[np.float64]

LIDAR_HEIGHT, LIDAR_REACH, LIDAR_NOISE, LOWEST_RETURN = 1.8, 60.0, 0.02, 0.15
LIDAR_RAYS = Rays.around(360)
ELEVATIONS = np.deg2rad(np.linspace(-15, 10, 16))

RADAR_RAYS, RADAR_REACH = Rays.ahead(np.deg2rad(60), 160), 80.0
SECOND_HIT = 12.0
"""dB that an object behind another one loses."""
RCS_SPREAD, RADAR_RANGE_NOISE, AZIMUTH_NOISE = 5.0, 0.25, np.deg2rad(1)
GHOSTS, GHOST_RANGE, CLUTTER = 0.08, (1.2, 2.0), 15.0
SCANS = 5
"""That are gathered into one radar sample, a metre apart."""


def lidar_hits(objects: Objects, pose: Array) -> tuple[Hits, NDArray[np.int64]]:
    """Return what the rays of all elevations meet from a pose (x, y, heading), and the elevations.

    The planar hits are found once; at each elevation a ray meets the nearest object that is as high
    as the ray is there. Elevations are numbers of `ELEVATIONS`, one for each hit.
    """
    planar = cast(objects, pose, LIDAR_RAYS, LIDAR_REACH)
    heights = LIDAR_HEIGHT + planar.distance * np.tan(ELEVATIONS)[:, None]
    stopped = (heights > LOWEST_RETURN) & (heights < objects.heights[planar.object])
    elevation, hit = np.nonzero(stopped)
    nearest = np.r_[True, (np.diff(elevation) != 0) | (np.diff(planar.ray[hit]) != 0)]
    nearest = nearest[: len(hit)]
    return planar[hit[nearest]], elevation[nearest]


def lidar_scans(
    objects: Objects, pose: Array, rng: np.random.Generator, fogs: tuple[float, ...] = (0.0,)
) -> list[NDArray[np.float32]]:
    """Return one scan (n, 3) for each density of fog: x ahead, y left, z up of the sensor, metres.

    A return at a distance r in the plane comes through fog with probability exp(-2 f r). The same
    numbers are drawn whatever the fog, so that a denser one only takes returns away.
    """
    hits, elevation = lidar_hits(objects, pose)
    distance, level = hits.distance, ELEVATIONS[elevation]
    angle = LIDAR_RAYS.first + LIDAR_RAYS.step * hits.ray
    stretched = 1 + rng.normal(0, LIDAR_NOISE, len(distance)) * np.cos(level) / distance
    luck = rng.random(len(distance))
    ahead, left = distance * np.cos(angle), distance * np.sin(angle)
    points = np.stack([ahead, left, distance * np.tan(level)], 1) * stretched[:, None]
    return [points[luck < np.exp(-2 * fog * distance)].astype(np.float32) for fog in fogs]


def radar_scans(
    objects: Objects,
    pose: Array,
    speed: float,
    rng: np.random.Generator,
    drops: tuple[float, ...] = (0.0,),
) -> list[NDArray[np.float32]]:
    """Return one scan (n, 7) for each share of detections that is lost in bad weather.

    Columns are those of View-of-Delft: x ahead, y left, z up (m; 0, as elevation is not simulated),
    RCS (dB), radial velocity (m/s), the same without the sensor's own motion (0, as all stands
    still), time (0). Each ray is answered by the nearest object and more faintly by the one behind
    it. The same numbers are drawn whatever is lost, so that more loss only takes points away.
    """
    hits = cast(objects, pose, RADAR_RAYS, RADAR_REACH)
    place = hits.place
    hits, behind = hits[place < 2], place[place < 2]
    count = len(hits.distance)
    rcs = objects.rcs[hits.object] - SECOND_HIT * behind + rng.normal(0, RCS_SPREAD, count)
    fading = 40 * np.log10(np.maximum(hits.distance, 2) / 25)
    chance = 1 / (1 + np.exp(-(rcs - fading - 12) / 4))
    luck = rng.random(count)
    distance = hits.distance + rng.normal(0, RADAR_RANGE_NOISE, count)
    azimuth = RADAR_RAYS.first + RADAR_RAYS.step * hits.ray + rng.normal(0, AZIMUTH_NOISE, count)
    echoes = rng.random(count) < GHOSTS
    further = distance * rng.uniform(*GHOST_RANGE, count)
    noise = rng.poisson(CLUTTER)
    clutter_distance = rng.uniform(0, RADAR_REACH, noise)
    clutter_azimuth = rng.uniform(RADAR_RAYS.first, -RADAR_RAYS.first, noise)
    clutter_rcs = rng.normal(0, RCS_SPREAD, noise)
    scans = []
    for drop in drops:
        seen = luck < chance * (1 - drop)
        ghosts = seen & echoes & (further < RADAR_REACH)
        scans.append(
            _points(
                np.concatenate([distance[seen], further[ghosts], clutter_distance]),
                np.concatenate([azimuth[seen], azimuth[ghosts], clutter_azimuth]),
                np.concatenate([rcs[seen], rcs[ghosts], clutter_rcs]),
                speed,
            )
        )
    return scans


def _points(distance: Array, azimuth: Array, rcs: Array, speed: float) -> NDArray[np.float32]:
    zeros = np.zeros(len(distance))
    ahead, left = distance * np.cos(azimuth), distance * np.sin(azimuth)
    columns = [ahead, left, zeros, rcs, -speed * np.cos(azimuth), zeros, zeros]
    return np.stack(columns, 1).astype(np.float32)


def gathered(scans: list[NDArray[np.float32]], poses: list[Array]) -> NDArray[np.float32]:
    """Return scans (n_i, 7), the newest first, as one in the frame of the newest pose.

    `poses` are theirs (x, y, heading); the last column tells by how many scans a point is older.
    """
    (x, y, heading) = poses[0]
    moved = []
    for age, (scan, pose) in enumerate(zip(scans, poses, strict=True)):
        turn = pose[2] - heading
        dx, dy = pose[0] - x, pose[1] - y
        shift = (
            np.cos(heading) * dx + np.sin(heading) * dy,
            np.cos(heading) * dy - np.sin(heading) * dx,
        )
        own = scan.copy()
        own[:, 0] = np.cos(turn) * scan[:, 0] - np.sin(turn) * scan[:, 1] + shift[0]
        own[:, 1] = np.sin(turn) * scan[:, 0] + np.cos(turn) * scan[:, 1] + shift[1]
        own[:, 6] = -age
        moved.append(own)
    return np.concatenate(moved)
