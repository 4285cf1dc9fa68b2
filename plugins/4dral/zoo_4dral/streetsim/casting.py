"""Rays against upright prisms, in the plane: the table that all elevations of a scan share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zoo_4dral.streetsim.world import Objects

Array = NDArray[np.float64]
Numbers = NDArray[np.int64]

_SLACK = 1e-9
"""In rays: one that touches the edge of an angle is tried."""


@dataclass(frozen=True)
class Rays:
    """Directions in the plane, in radians from the sensor's heading, `step` apart from `first`."""

    first: float
    step: float
    count: int

    @classmethod
    def around(cls, count: int) -> Rays:
        """Return rays over the whole circle, straight ahead first."""
        return cls(0.0, 2 * np.pi / count, count)

    @classmethod
    def ahead(cls, half: float, count: int) -> Rays:
        """Return rays from -half to half, both ends among them; `half` is at most a right angle."""
        return cls(-half, 2 * half / (count - 1), count)

    @property
    def whole(self) -> bool:
        """Whether they go around."""
        return self.count * self.step > 2 * np.pi - _SLACK


@dataclass(frozen=True)
class Hits:
    """Where rays enter objects, sorted by ray, then by distance: `ray`, `object`, `distance`."""

    ray: Numbers
    object: Numbers
    distance: Array

    def __getitem__(self, chosen: NDArray[np.bool_] | Numbers) -> Hits:
        return Hits(self.ray[chosen], self.object[chosen], self.distance[chosen])

    @property
    def place(self) -> Numbers:
        """How many nearer objects the same ray has met, for each hit."""
        numbers = np.arange(len(self.ray))
        fresh = np.r_[True, self.ray[1:] != self.ray[:-1]][: len(numbers)]
        return numbers - np.maximum.accumulate(np.where(fresh, numbers, 0))


def cast(objects: Objects, pose: Array, rays: Rays, reach: float) -> Hits:
    """Return all hits within `reach` metres of a sensor at a pose (x, y, heading).

    Only rays within the angle under which an object is seen are tried against it. A rectangle is
    the meeting of two slabs; from inside an object the hit is where the ray leaves it.
    """
    offsets = objects.centres - pose[:2]
    apart = np.hypot(*offsets.T)
    near = np.flatnonzero(apart - objects.reaches <= reach)
    ray, which = _candidates(offsets[near], apart[near], objects.reaches[near], pose[2], rays)
    which = near[which]
    angle = rays.first + rays.step * ray + pose[2]
    distance = np.empty(len(which))
    for chosen, entered in (
        (objects.round[which], _into_circles),
        (~objects.round[which], _into_rectangles),
    ):
        distance[chosen] = entered(objects, offsets, which[chosen], angle[chosen])
    met = np.flatnonzero(distance <= reach)
    order = met[np.lexsort((which[met], distance[met], ray[met]))]
    return Hits(ray[order], which[order], distance[order])


def _candidates(
    offsets: Array, apart: Array, radii: Array, heading: float, rays: Rays
) -> tuple[Numbers, Numbers]:
    """Return rays and objects, as pairs, that may meet by the angle of the circle around each."""
    bearing = np.arctan2(offsets[:, 1], offsets[:, 0]) - heading
    bearing = (bearing + np.pi) % (2 * np.pi) - np.pi - rays.first
    outside = apart > radii
    half = np.arcsin(np.divide(radii, apart, out=np.ones_like(radii), where=outside))
    half[~outside] = 2 * np.pi
    low = np.ceil((bearing - half) / rays.step - _SLACK).astype(np.int64)
    high = np.floor((bearing + half) / rays.step + _SLACK).astype(np.int64)
    if rays.whole:
        high = np.minimum(high, low + rays.count - 1)
    else:
        low, high = low.clip(min=0), high.clip(max=rays.count - 1)
    counts = (high - low + 1).clip(min=0)
    which = np.repeat(np.arange(len(radii)), counts)
    within = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
    return (np.repeat(low, counts) + within) % rays.count, which


def _into_rectangles(objects: Objects, offsets: Array, which: Numbers, angles: Array) -> Array:
    """Return how far rays go until they enter their rectangles; infinite or NaN for a miss."""
    yaws = objects.yaws[which]
    cos, sin = np.cos(yaws), np.sin(yaws)
    dx, dy = offsets[which].T
    starts = (-cos * dx - sin * dy, sin * dx - cos * dy)
    directions = (np.cos(angles - yaws), np.sin(angles - yaws))
    enters, leaves = np.full(len(which), -np.inf), np.full(len(which), np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        for start, direction, half in zip(starts, directions, objects.sizes[which].T, strict=True):
            one, other = (-half - start) / direction, (half - start) / direction
            enters = np.maximum(enters, np.minimum(one, other))
            leaves = np.minimum(leaves, np.maximum(one, other))
    met = (enters <= leaves) & (leaves > 0)
    return np.where(met, np.where(enters > 0, enters, leaves), np.inf)


def _into_circles(objects: Objects, offsets: Array, which: Numbers, angles: Array) -> Array:
    """Return how far rays go until they enter their circles; infinite for a miss."""
    dx, dy = offsets[which].T
    along = np.cos(angles) * dx + np.sin(angles) * dy
    squared = along**2 - dx**2 - dy**2 + objects.sizes[which, 0] ** 2
    half = np.sqrt(squared.clip(min=0))
    met = (squared >= 0) & (along + half > 0)
    return np.where(met, np.where(along > half, along - half, along + half), np.inf)
