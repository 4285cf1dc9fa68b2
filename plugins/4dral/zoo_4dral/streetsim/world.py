"""What stands along a path: buildings, trees and poles for good, parked cars for one session."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from zoo_4dral.streetsim.path import DIGITS, Path

Array = NDArray[np.float64]

STATIC_EVERY, CARS_EVERY = 6, 7
SIDES = (1, -1)
CAR = (4.4, 1.8, 1.5)
BUILDING_RCS, TREE_RCS, POLE_RCS, CAR_RCS = 10.0, 0.0, 5.0, 12.0
CLEAR_FRONT, CLEAR_CORNER, CLEAR_TRUNK = 3.5, 4.5, 3.0
CLOSENESS = 0.6
"""Of the half diagonals of two buildings: how near their centres may be."""
_CORNERS = np.array([[a, b] for a in (-1, 0, 1) for b in (-1, 0, 1)], np.float64)


@dataclass(frozen=True)
class Objects:
    """Upright prisms: rectangles first, then circles.

    `centres` (m, 2), `sizes` (m, 2) half lengths and half depths, of a circle its radius twice,
    `yaws` (m,) in radians, `heights` (m,) in metres, `rcs` (m,) radar cross sections in dB, `round`
    (m,) whether it is a circle.
    """

    centres: Array
    sizes: Array
    yaws: Array
    heights: Array
    rcs: Array
    round: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.centres)

    @property
    def reaches(self) -> Array:
        """The radii (m,) of the circles around them."""
        return np.where(self.round, self.sizes[:, 0], np.hypot(*self.sizes.T))

    def __add__(self, other: Objects) -> Objects:
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return Objects(*(np.concatenate(pair) for pair in pairs))

    def outline(self, number: int) -> Array:
        """Return the corners (4, 2) of an object, of a circle those of the square around it."""
        corners = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * self.sizes[number]
        return np.asarray(corners @ _turn(self.yaws[number]).T + self.centres[number])


def street(path: Path, seed: int) -> Objects:
    """Return the static world along a path, drawn by `numpy.random.default_rng(seed)`.

    Every 6 m and on each side a building (probability 0.75), a tree (0.5) and a pole (0.3); what
    would stand on the path, and a building on another one, is left out. All numbers of an object
    are drawn before that is looked at.
    """
    rng = np.random.default_rng(seed)
    tree_of_path = cKDTree(path.points)
    normals = path.normals
    buildings: list[tuple[float, ...]] = []
    trunks: list[tuple[float, ...]] = []

    def clear(points: Array, least: float) -> bool:
        return bool(np.all(tree_of_path.query(points)[0] >= least))

    for i in range(0, len(path), STATIC_EVERY):
        for side in SIDES:
            normal = side * normals[i]
            if rng.random() < 0.75:
                length, depth = rng.uniform(5, 20), rng.uniform(6, 14)
                centre = path.points[i] + (rng.uniform(7, 16) + depth / 2) * normal
                yaw = path.headings[i] + rng.normal(0, 0.05)
                height = rng.uniform(4, 15)
                half = np.array([length, depth]) / 2
                lattice = centre + (_CORNERS * half) @ _turn(yaw).T
                free = clear(centre, depth / 2 + CLEAR_FRONT) and clear(lattice, CLEAR_CORNER)
                if free and _apart(centre, half, buildings):
                    buildings.append((*centre, *half, yaw, height, BUILDING_RCS))
            if rng.random() < 0.5:
                centre = path.points[i] + rng.uniform(4.5, 8) * normal + rng.normal(0, 1, 2)
                radius, height = rng.uniform(0.15, 0.4), rng.uniform(4, 9)
                if clear(centre, CLEAR_TRUNK):
                    trunks.append((*centre, radius, radius, 0.0, height, TREE_RCS))
            if rng.random() < 0.3:
                centre = path.points[i] + rng.uniform(3.5, 5) * normal
                height = rng.uniform(2.5, 6)
                if clear(centre, CLEAR_TRUNK):
                    trunks.append((*centre, 0.08, 0.08, 0.0, height, POLE_RCS))
    return _objects(buildings, False) + _objects(trunks, True)


def parked_cars(path: Path, rng: np.random.Generator) -> Objects:
    """Return the cars of one session: every 7 m and on each side one with probability 0.35."""
    length, width, height = CAR
    normals = path.normals
    cars = []
    for i in range(0, len(path), CARS_EVERY):
        for side in SIDES:
            if rng.random() < 0.35:
                centre = path.points[i] + side * rng.uniform(2.8, 3.6) * normals[i]
                yaw = path.headings[i] + rng.normal(0, 0.03)
                cars.append((*centre, length / 2, width / 2, yaw, height, CAR_RCS))
    return _objects(cars, False)


def _turn(yaw: float) -> Array:
    """Return the rotation (2, 2) by an angle."""
    cos, sin = np.cos(yaw), np.sin(yaw)
    return np.array([[cos, -sin], [sin, cos]])


def _apart(centre: Array, half: Array, others: list[tuple[float, ...]]) -> bool:
    """Return whether a building is on none of the others, by their half diagonals."""
    if not others:
        return True
    known = np.array(others)
    gaps = np.hypot(*(known[:, :2] - centre).T) - CLOSENESS * np.hypot(known[:, 2], known[:, 3])
    return bool(gaps.min() >= CLOSENESS * np.hypot(*half))


def _objects(rows: list[tuple[float, ...]], circles: bool) -> Objects:
    table = np.array(rows, np.float64).reshape(-1, 7).round(DIGITS)
    return Objects(
        centres=table[:, :2],
        sizes=table[:, 2:4],
        yaws=table[:, 4],
        heights=table[:, 5],
        rcs=table[:, 6],
        round=np.full(len(table), circles),
    )
