"""Pinhole cameras: where points of the world fall on an image, and normalised image coordinates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zoo_core import BadInput

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Camera:
    """A camera without distortion, in a world in metres.

    The rows of `rotation` (3, 3) are the camera's axes in the world: x to the right, y down, z
    forward; `position` (3,) is where it stands. `focal` and `centre` (x, y) are in pixels, as are
    `width` and `height` of its images.
    """

    rotation: Array
    position: Array
    focal: float = 1145.0
    centre: tuple[float, float] = (500.0, 500.0)
    width: int = 1000
    height: int = 1000

    def sees(self, points: ArrayLike) -> Array:
        """Return points (…, 3) of the world in the camera's frame, in metres."""
        seen: Array = (np.asarray(points, dtype=np.float64) - self.position) @ self.rotation.T
        return seen

    def project(self, seen: ArrayLike) -> Array:
        """Return pixels (…, 2) of points (…, 3) in the camera's frame.

        Raises `BadInput` for points that do not lie in front of the camera.
        """
        points = np.asarray(seen, dtype=np.float64)
        depth = points[..., 2:]
        if not bool((depth > 0).all()):
            raise BadInput(
                f"{int((depth <= 0).sum()):,} points lie behind the camera; it sees what is in "
                "front of it."
            )
        pixels: Array = self.focal * points[..., :2] / depth + np.asarray(self.centre)
        return pixels


def looking_at(position: Sequence[float], target: Sequence[float], **more: Any) -> Camera:
    """Return an upright camera at a position that looks at a target; the world's y points up.

    Raises `BadInput` for one that looks straight up or down, where upright means nothing.
    """
    stands = np.asarray(position, dtype=np.float64)
    forward = np.asarray(target, dtype=np.float64) - stands
    right = np.cross(forward, (0.0, 1.0, 0.0))
    if not np.linalg.norm(right) > 1e-9:
        raise BadInput("An upright camera does not look straight up or down, or at itself.")
    down = np.cross(forward, right)
    axes = np.stack([axis / np.linalg.norm(axis) for axis in (right, down, forward)])
    return Camera(axes, stands, **more)


def _around(azimuth: float, distance: float = 6.0, height: float = 1.6) -> Camera:
    angle = np.deg2rad(azimuth)
    return looking_at((distance * np.cos(angle), height, distance * np.sin(angle)), (0.0, 0.9, 0.0))


AZIMUTHS = (45, 135, 225, 315)
VIRTUAL = tuple(_around(azimuth) for azimuth in AZIMUTHS)
"""Four cameras around the origin, 6 m away and 1.6 m high, as in the rooms of Human3.6M."""


def normalised(pixels: ArrayLike, width: float, height: float) -> Array:
    """Return pixels (…, 2) as x / width * 2 - 1 and y / width * 2 - height / width.

    x is in -1 to 1 within the image, and lengths keep their proportions (Pavllo et al. 2019).
    Raises `BadInput` for a width or height that is none.
    """
    _checked(width, height)
    found: Array = np.asarray(pixels, dtype=np.float64) / width * 2 - (1.0, height / width)
    return found


def denormalised(points: ArrayLike, width: float, height: float) -> Array:
    """Return the pixels (…, 2) of normalised coordinates: the inverse of `normalised`."""
    _checked(width, height)
    corner = np.array([1.0, height / width])
    found: Array = (np.asarray(points, dtype=np.float64) + corner) * width / 2
    return found


def _checked(width: float, height: float) -> None:
    for name, value in (("width", width), ("height", height)):
        number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
        if not number or not np.isfinite(value) or value <= 0:
            raise BadInput(f"{name}={value!r}; expected that of the image, in pixels.")
