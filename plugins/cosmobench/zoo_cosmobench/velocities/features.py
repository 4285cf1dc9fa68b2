"""Features of points that turn with the box: sums over all others, one row for each axis."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray
from zoo_clouds.box import Box

from zoo_core import BadInput, notice

Array = NDArray[np.float64]

MOST_POINTS = 100_000
MANY_POINTS = 20_000
SECONDS = 1e-9
"""For a pair, axis, power and frequency, on one CPU core."""
_CHUNK = 2**21
"""Numbers of a piece of the n x n distances."""


def angles(positions: Any, box: Box, frequencies: int) -> tuple[Array, Array]:
    """Return sin and cos (d, n, K) of 2 pi k x / L for k = 1 … K along each axis.

    Raises `BadInput` for open axes, which have no frequencies.
    """
    if not box.is_periodic:
        raise BadInput(f"The points lie in {box.told()}; these features need a periodic box.")
    if frequencies < 1:
        raise BadInput(f"frequencies={frequencies}; expected 1 or more.")
    waves = np.arange(1, frequencies + 1)
    phase = 2 * np.pi * np.asarray(positions, np.float64).T[..., None] / box.sizes[:, None, None]
    return np.sin(phase * waves), np.cos(phase * waves)


def inverse_powers(
    positions: Any, box: Box, frequencies: int, powers: int, line_of_sight: float = 1.0
) -> Array:
    """Return F (n, d, K P): sum over j of sin(k 2 pi (x_i - x_j) / L) (L / r_ij)^p for each axis.

    r are distances by the nearest images, L is the cube root of the volume; points at the same
    place do not see each other. Column (k - 1) P + p - 1 has frequency k and power p. Along the
    last axis r counts `line_of_sight` times, less than once for redshift space. Sines of
    differences are taken apart, so that the work is two products of n x n and n x K an axis and
    power; memory is bounded, and more than 20,000 points are told how long they take. Raises
    `BadInput` for fewer than 1 of either, and for more than 100,000 points.
    """
    if powers < 1:
        raise BadInput(f"powers={powers}; expected 1 or more.")
    count, dimension = np.shape(positions)
    minutes = SECONDS * count**2 * dimension * powers * frequencies / 60
    if count > MOST_POINTS:
        raise BadInput(
            f"{count:,} points have {count**2:.1e} pairs, of which sums would take about "
            f"{minutes:,.0f} minutes; give at most {MOST_POINTS:,}, or use linear theory."
        )
    if count > MANY_POINTS:
        notice(f"Sums over all pairs of {count:,} points take about {minutes:.0f} minutes.")
    sines, cosines = angles(positions, box, frequencies)
    both = np.concatenate([sines, cosines], -1)
    length = box.volume ** (1 / dimension)
    points = np.asarray(positions, np.float64)
    found = np.empty((count, dimension, frequencies, powers))
    rows = max(1, _CHUNK // max(count, 1))
    for begin in range(0, count, rows):
        part = slice(begin, begin + rows)
        near = _inverse_distances(points, part, box, line_of_sight) * length
        weight = near
        for power in range(powers):
            for axis in range(dimension):
                sums = weight @ both[axis]
                of_sines, of_cosines = np.split(sums, 2, -1)
                found[part, axis, :, power] = (
                    sines[axis, part] * of_cosines - cosines[axis, part] * of_sines
                )
            weight = weight * near if power + 1 < powers else weight
    return found.reshape(count, dimension, -1)


def fourier(positions: Any, box: Box, frequencies: int, transverse: int) -> Array:
    """Return F (n, 3, K T): odd along an axis, even and alike along the two others.

    F_klm(i) = sum_j sin(k dx) [cos(l dy) cos(m dz) + cos(m dy) cos(l dz)] with angles 2 pi / L, for
    k = 1 … K and 0 <= m <= l <= `transverse`. Sums over j are taken apart, so that no pair is
    touched. Raises `BadInput` for other than three axes.
    """
    if box.dimension != 3:
        raise BadInput(f"Fourier features are of 3 axes, and the box has {box.dimension}.")
    if transverse < 0:
        raise BadInput(f"transverse={transverse}; expected 0 or more.")
    top = max(frequencies, transverse)
    sines, cosines = angles(positions, box, top)
    count = sines.shape[1]
    one, zero = np.ones((count, 1)), np.zeros((count, 1))
    # exp(i k x) for k = 0 … top, along each axis.
    waves = [
        np.concatenate([one, cosines[axis]], 1) + 1j * np.concatenate([zero, sines[axis]], 1)
        for axis in range(3)
    ]
    orders = [(m, k) for k in range(transverse + 1) for m in range(k + 1)]
    found = np.empty((count, 3, frequencies, len(orders)))
    for axis in range(3):
        first, second, third = (waves[(axis + turn) % 3] for turn in range(3))
        forward = first[:, 1 : frequencies + 1]
        for place, (m, k) in enumerate(orders):
            total = np.zeros((count, frequencies))
            for low, high in ((k, m), (m, k)):
                # cos(l dy) cos(m dz) is a mean over the signs of l and m.
                for a, b in itertools.product((1, -1), repeat=2):
                    across = _turned(second[:, low], a) * _turned(third[:, high], b)
                    wave = forward * across[:, None]
                    total += (wave * wave.conj().sum(0)).imag / 4
            found[:, axis, :, place] = total
    return found.reshape(count, 3, -1)


def _turned(wave: NDArray[np.complex128], sign: int) -> NDArray[np.complex128]:
    return wave if sign > 0 else wave.conj()


def _inverse_distances(points: Array, part: slice, box: Box, line_of_sight: float) -> Array:
    """Return 1 / r (rows, n) of some points to all, 0 where r is 0."""
    total = np.zeros((len(points[part]), len(points)))
    last = box.dimension - 1
    for axis, period in enumerate(box.periods):
        gap = np.abs(points[part, axis, None] - points[None, :, axis])
        if period is not None:
            np.minimum(gap, period - gap, out=gap)
        if axis == last and line_of_sight != 1.0:
            gap *= line_of_sight
        gap *= gap
        total += gap
    with np.errstate(divide="ignore"):
        inverse = 1 / np.sqrt(total)
    inverse[total == 0] = 0.0
    return inverse
