"""One catalogue, checked: finite points in their box, in one unit."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoo_clouds.box import MOST_AXES, Box
from zoo_clouds.clouds import Cloud
from zoo_core import BadInput, notice

HUBBLE_CONSTANT = 0.6711
"""Of CosmoBench's simulations, in 100 km/s/Mpc: what turns Mpc into Mpc/h."""
UNITS = {
    "Mpc/h": 1.0,
    "kpc/h": 1e-3,
    "Mpc": HUBBLE_CONSTANT,
    "kpc": HUBBLE_CONSTANT * 1e-3,
}
"""What a length in each unit is multiplied by to be in Mpc/h."""
CORNER = 0.02
"""Points that all lie in this share of each side are of another unit than their box."""


def unit_of(units: Any) -> float:
    """Return what lengths in a unit are multiplied by; raises `BadInput` for an unknown one."""
    if units not in UNITS:
        raise BadInput(f"units={units!r}; expected one of {', '.join(UNITS)}.")
    return UNITS[units]


def checked(
    positions: Any,
    box: Any = None,
    velocities: Any = None,
    units: str = "Mpc/h",
    label: str = "The catalogue",
) -> Cloud:
    """Return a `Cloud` in Mpc/h of positions (n, d) and perhaps velocities (n, d) in km/s.

    `box` is what `Box.of` takes, in `units` like the positions. A coordinate that is the side of
    its box is 0. Points at the same place are told by a notice. Raises `BadInput` for no point,
    more than 8 axes, what is no finite number, points outside the box, and points and a box that
    cannot be in the same unit.
    """
    factor = unit_of(units)
    points = _numbers(positions, "positions", label)
    space = Box.of(box, points.shape[1])
    _check_inside(points, space, label)
    twins = len(points) - len(np.unique(points, axis=0))
    if twins:
        notice(f"{label}: {twins:,} points are at the very place of another one.")
    speeds = None
    if velocities is not None:
        speeds = _numbers(velocities, "velocities", label)
        if speeds.shape != points.shape:
            raise BadInput(
                f"{label} has velocities of the shape {speeds.shape} for positions of "
                f"{points.shape}."
            )
    scaled = Box(tuple(None if one is None else one * factor for one in space.periods))
    return Cloud(scaled.wrap(points * factor), scaled, speeds)


def _numbers(given: Any, what: str, label: str) -> NDArray[np.float64]:
    if hasattr(given, "detach"):
        given = given.detach().cpu().numpy()
    try:
        array = np.asarray(given)
    except (TypeError, ValueError) as error:
        raise BadInput(f"{label} has {what} that are no array (n, d).") from error
    if array.dtype.kind not in "iufb" or array.ndim != 2:
        raise BadInput(
            f"{label} has {what} of {array.dtype} with the shape {array.shape}; expected numbers "
            "(n, d), a row for each point."
        )
    if not len(array) or not 1 <= array.shape[1] <= MOST_AXES:
        raise BadInput(
            f"{label} has {what} of the shape {array.shape}; expected one point or more, of 1 to "
            f"{MOST_AXES} coordinates."
        )
    bad = np.flatnonzero(~np.isfinite(array).all(1))
    if len(bad):
        raise BadInput(
            f"{label} has {what} that are no finite numbers in {len(bad):,} rows, row {bad[0]} "
            "first; leave these points out."
        )
    return array.astype(np.float64)


def _check_inside(points: NDArray[np.float64], box: Box, label: str) -> None:
    """Raise `BadInput` for points outside of periodic axes, with the reason where one is seen."""
    sides = np.where(np.isfinite(box.sizes), box.sizes, np.nan)
    outside = np.flatnonzero(((points < 0) | (points > sides)).any(1))
    reach = float(np.nanmax(np.abs(points[:, box.sizes < np.inf]), initial=0.0))
    side = float(np.nanmin(sides)) if np.isfinite(sides).any() else 0.0
    if len(outside):
        told = (
            f"{label} has {len(outside):,} points outside of {box.told()}, row {outside[0]} first: "
            f"{points[outside[0]].tolist()}. "
        )
        if reach > 100 * side:
            raise BadInput(
                f"{told}They look like kpc in a box in Mpc; give both in one unit, units='kpc/h'."
            )
        raise BadInput(
            f"{told}Give the box that they are in, from 0 to its side, or wrap them into it."
        )
    if side and len(points) > 10 and reach < CORNER * side:
        raise BadInput(
            f"{label} has all points within {reach:g} of a corner of {box.told()}: the box seems "
            "to be in another unit; give both in one."
        )
