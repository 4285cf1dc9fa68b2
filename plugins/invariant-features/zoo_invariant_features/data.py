"""Real clouds: outlines of cells in the plane, hands in space."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from zoo_core import BadInput, fetch
from zoo_invariant_features.clouds.pairs import CloudPairs, normalised
from zoo_invariant_features.specs.data import CELLS, HANDS

Array = NDArray[np.float64]
TRAINED, VALIDATED, TESTED = 40, 13, 40
HAND_TRAINED, JOINTS = 13, 22


def cell_outlines(points: int = 100) -> CloudPairs:
    """Return outlines of treated and untreated cells, resampled to so many points.

    Raises `BadInput` for fewer than two points.
    """
    if not isinstance(points, int) or isinstance(points, bool) or points < 2:
        raise BadInput(f"points={points!r}; expected a whole number from 2.")
    blocks = fetch(CELLS["cells"]).read_text().strip().split("\n\n")
    lines = fetch(CELLS["lines"]).read_text().split()
    treatments = fetch(CELLS["treatments"]).read_text().split()
    sides = [
        [k for k in range(len(blocks)) if lines[k] == "dunn" and treatments[k] == one]
        for one in ("control", "cytd")
    ]
    cuts = np.cumsum([0, TRAINED, TESTED, VALIDATED])
    parts = {
        name: [side[cuts[k] : cuts[k + 1]] for side in sides]
        for k, name in enumerate(("train", "test", "val"))
    }
    kept = [k for name in ("train", "val", "test") for side in parts[name] for k in side]
    place = {k: row for row, k in enumerate(kept)}
    clouds = [
        normalised(
            resampled(np.array(blocks[k].split(), float).reshape(-1, 2), points), f"cell {k}"
        )
        for k in kept
    ]
    return CloudPairs(
        clouds=clouds,
        second=torch.tensor([k in set(sides[1]) for k in kept]),
        rows={
            name: torch.tensor([place[k] for side in parts[name] for k in side])
            for name in ("train", "val", "test")
        },
        names=[f"cell {k}" for k in kept],
    )


def resampled(outline: Array, points: int) -> Array:
    """Return points evenly along a closed outline (n, d), from its first point on.

    Points that repeat the one before are dropped. Raises `BadInput` where fewer than two are left.
    """
    kept = outline[np.append(True, (np.diff(outline, axis=0) != 0).any(1))]
    closed = np.concatenate([kept, kept[:1]])
    lengths = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(closed, axis=0), axis=1))])
    if len(kept) < 2:
        raise BadInput("An outline has one point; expected two or more.")
    # The last point of a closed outline may repeat its first.
    steps = np.append(True, np.diff(lengths) > 0)
    places = np.arange(points) / points * lengths[-1]
    columns = [np.interp(places, lengths[steps], axis) for axis in closed[steps].T]
    return np.stack(columns, 1)


def hand_poses() -> CloudPairs:
    """Return hands that grab and hands that expand, 22 joints each."""
    hands = np.loadtxt(fetch(HANDS["hands"])).reshape(-1, JOINTS, 3)
    labels = np.loadtxt(fetch(HANDS["labels"])).astype(int)
    sides = [np.flatnonzero(labels == one).tolist() for one in (0, 1)]
    rows = {
        "train": [k for side in sides for k in side[:HAND_TRAINED]],
        "test": [k for side in sides for k in side[HAND_TRAINED:]],
    }
    return CloudPairs(
        clouds=[normalised(hand, f"hand {k}") for k, hand in enumerate(hands)],
        second=torch.from_numpy(labels == 1),
        rows={name: torch.tensor(one) for name, one in rows.items()},
        names=[f"hand {k}" for k in range(len(hands))],
    )
