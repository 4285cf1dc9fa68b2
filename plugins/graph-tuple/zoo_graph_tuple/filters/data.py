"""Signals on one graph with several kinds of edges: generated, or a user's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from zoo_tables import open_arrays

from zoo_core import BadInput, Split

KEYS = ("signals", "targets", "operators")
LEAST = 10


@dataclass(frozen=True)
class Filtered:
    """Signals x (m, n), targets y (m, n), and operators (k, n, n) that may have made y of x."""

    inputs: Tensor
    targets: Tensor
    operators: Tensor
    rows: Mapping[str, Tensor]
    facts: Mapping[str, int | str] = field(default_factory=dict)

    @property
    def splits(self) -> tuple[str, ...]:
        """The names of the splits."""
        return tuple(self.rows)

    def split(self, name: str) -> Split:
        """Return the view of one split."""
        return Split(self, name, self.rows[name])


def synthetic(nodes: int = 60, signals: int = 200, noise: float = 0.1, seed: int = 0) -> Filtered:
    """Return y = S W x + noise: along the ring W, and then within the communities of S.

    S is the adjacency of a stochastic block model of three communities (0.5 within, 0.05 between),
    W that of a ring through the nodes in random order; both are divided by their largest
    eigenvalue. Raises `BadInput` for sizes that leave nothing.
    """
    if nodes < 12 or nodes % 3 or signals < 20 or not 0 <= noise < np.inf:
        raise BadInput(
            f"nodes={nodes}, signals={signals}, noise={noise}; expected a multiple of three from "
            "12 on, 20 signals or more, and noise from 0 on."
        )
    draw = np.random.default_rng(seed)
    community = np.repeat(np.arange(3), nodes // 3)
    chance = np.where(community[:, None] == community, 0.5, 0.05)
    upper = np.triu(draw.random((nodes, nodes)) < chance, 1).astype(np.float64)
    ring = np.zeros((nodes, nodes))
    order = draw.permutation(nodes)
    ring[order, np.roll(order, 1)] = 1
    operators = [one / np.linalg.eigvalsh(one)[-1] for one in (upper + upper.T, ring + ring.T)]
    x = draw.standard_normal((signals, nodes))
    y = x @ (operators[0] @ operators[1]).T
    y += noise * y.std() * draw.standard_normal(y.shape)
    return _filtered(x, y, np.stack(operators), draw.permutation(signals))


def read_filtered(source: Any, *, seed: int = 0) -> Filtered:
    """Return a user's signals, with a fifth of them for the test.

    `source` is an .npz or a dictionary with ``signals`` (m, n), ``targets`` (m, n) and
    ``operators`` (k, n, n), such as the adjacency matrices of k kinds of edges. Raises `BadInput`
    for what does not fit.
    """
    if isinstance(source, str | PathLike):
        with open_arrays(Path(source).expanduser()) as arrays:
            given: Any = {key: arrays[key] for key in arrays.names if key in KEYS}
    else:
        given = source
    if not isinstance(given, Mapping) or set(KEYS) - set(given):
        raise BadInput(f"Expected an .npz or a dictionary with {', '.join(KEYS)}.")
    x, y, operators = (_numbers(given[key], key) for key in KEYS)
    operators = operators[None] if operators.ndim == 2 else operators
    count, nodes = x.shape if x.ndim == 2 else (0, 0)
    if y.shape != x.shape or operators.shape[1:] != (nodes, nodes) or operators.ndim != 3:
        raise BadInput(
            f"signals, targets and operators have the shapes {x.shape}, {y.shape} and "
            f"{operators.shape}; expected (m, n), (m, n) and (k, n, n)."
        )
    if count < LEAST:
        raise BadInput(f"There are {count} signals; a filter needs {LEAST} or more.")
    return _filtered(x, y, operators, np.random.default_rng(seed).permutation(count))


def _numbers(given: Any, key: str) -> NDArray[np.float64]:
    try:
        found = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise BadInput(f"{key} are no numbers: {error}.") from error
    if not found.size or not np.isfinite(found).all():
        raise BadInput(f"{key} are empty or not finite (NaN); give numbers.")
    return found


def _filtered(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    operators: NDArray[np.float64],
    order: NDArray[np.int64],
) -> Filtered:
    test, kept = len(order) // 5, len(order) // 10
    parts = {"test": order[:test], "val": order[test : test + kept], "train": order[test + kept :]}
    return Filtered(
        inputs=torch.from_numpy(x).float(),
        targets=torch.from_numpy(y).float(),
        operators=torch.from_numpy(operators).float(),
        rows={name: torch.from_numpy(parts[name]) for name in ("train", "val", "test")},
        facts={"signals": len(x), "nodes": x.shape[1], "operators": len(operators)},
    )
