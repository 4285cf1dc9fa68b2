"""Sequences with labels or numbers, of one task or several of different symmetries."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
import zoo_symmetry as zs
from torch import Tensor

from zoo_asen.colours import as_group, generators_of
from zoo_asen.sequences.invariant import INVARIANT, LENGTH
from zoo_asen.sequences.tasks import TASKS
from zoo_core import BadInput, Split, closest

SAMPLES = 2_500
"""Sequences of each task, as published."""
SHARES = {"train": 0.7, "val": 0.15, "test": 0.15}
VALUES = 81
"""Rows of a table of tokens, as published; the tasks use ten of them at most."""

Groups = Mapping[str, list[list[int]]]
"""Generators by the names of the tasks."""


@dataclass(frozen=True)
class Sequences:
    """M sequences of n positions, each of one task, and what is to be said of them.

    `values` (M, n) are codes of tokens, or numbers. `targets` are codes of classes, one a position
    (M, n) or one a sequence (M,), or numbers (M,). `task` (M,) is the place of each task among
    the `groups`, the tasks' names with generators of their groups. `rows` maps each split to its
    indices. `tokens` and `classes` say how many codes there are, or what each stands for.
    """

    values: Tensor
    targets: Tensor
    task: Tensor
    groups: Groups
    rows: Mapping[str, Tensor]
    tokens: int | Sequence[str] = VALUES
    classes: int | Sequence[str] = 2
    facts: Mapping[str, int | str] = field(default_factory=dict)

    @property
    def splits(self) -> tuple[str, ...]:
        """The names of the splits."""
        return tuple(self.rows)

    def split(self, name: str) -> Split:
        """Return the view of one split."""
        return Split(self, name, self.rows[name])

    @property
    def metric_options(self) -> Mapping[str, Any]:
        """What metrics of classes need."""
        if self.targets.is_floating_point():
            return {}
        return {"num_classes": count_of(self.classes)}

    def by_task(self, indices: Tensor) -> dict[str, Tensor]:
        """Return the indices of each task that occurs among some."""
        found = {name: indices[self.task[indices] == i] for i, name in enumerate(self.groups)}
        return {name: rows for name, rows in found.items() if len(rows)}


def count_of(names: int | Sequence[str]) -> int:
    """Return how many there are, by number or by name."""
    return names if isinstance(names, int) else len(names)


def sequence_tasks(
    tasks: Any = 3, share: float = 1.0, samples: int = SAMPLES, seed: int = 0
) -> Sequences:
    """Return equivariant tasks on sequences of ten positions, drawn together.

    `tasks` are names (`zoo_asen.sequences.tasks.TASKS`), as a list or a text with commas between
    them, or a number k: the last k. Each has `samples` sequences, of which 70, 15 and 15 percent
    are to learn from, to choose by, and to test on; `share` of the first are learnt from. Each task
    has its own stream of random numbers, so that its sequences do not depend on the others.

    Raises `BadInput` for unknown tasks, and for shares and numbers that leave nothing.
    """
    names = _names(tasks, list(TASKS))
    drawn = {name: TASKS[name].draw(_stream(seed, name), samples) for name in names}
    groups = {name: as_group(TASKS[name].group, 10) for name in names}
    return _together(drawn, groups, share, samples, seed)


def invariant_tasks(
    tasks: Any = "intersect,longestpal,cyclicsum", samples: int = SAMPLES, seed: int = 0
) -> Sequences:
    """Return tasks with one number for each sequence of eight positions, drawn together.

    As `sequence_tasks`, with the tasks of `zoo_asen.sequences.invariant.INVARIANT`.
    """
    names = _names(tasks, list(INVARIANT))
    drawn = {name: INVARIANT[name].draw(_stream(seed, name), samples) for name in names}
    groups = {name: _invariant_group(INVARIANT[name].group) for name in names}
    found = _together(drawn, groups, 1.0, samples, seed)
    return Sequences(
        values=found.values.float(),
        targets=found.targets.float(),
        task=found.task,
        groups=found.groups,
        rows=found.rows,
        facts=found.facts,
    )


def _invariant_group(name: str) -> zs.PermutationGroup:
    if name == "alternating":
        return zs.alternating(LENGTH)
    return zs.young([0] + [1] * (LENGTH - 1)) if name == "first" else as_group(name, LENGTH)


def _names(tasks: Any, known: Sequence[str]) -> list[str]:
    if isinstance(tasks, int) and not isinstance(tasks, bool):
        if not 1 <= tasks <= len(known):
            raise BadInput(f"tasks={tasks}; there are {len(known)}, so expected 1 to {len(known)}.")
        return list(known[-tasks:])
    if isinstance(tasks, str):
        tasks = [name.strip() for name in tasks.split(",")]
    if not isinstance(tasks, list | tuple) or not tasks:
        raise BadInput(f"tasks={tasks!r}; expected names, or how many of {', '.join(known)}.")
    for name in tasks:
        if name not in known:
            raise BadInput(f"There is no task {name!r}{closest(str(name), known)}")
    if len(set(tasks)) < len(tasks):
        raise BadInput(f"tasks={', '.join(tasks)}; one is named twice.")
    return list(tasks)


def _stream(seed: int, name: str) -> np.random.Generator:
    if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
        raise BadInput(f"seed={seed!r}; expected a whole number from 0.")
    return np.random.default_rng((seed, zlib.crc32(name.encode())))


def _together(
    drawn: Mapping[str, tuple[Any, Any]],
    groups: Mapping[str, zs.PermutationGroup],
    share: float,
    samples: int,
    seed: int,
) -> Sequences:
    counts = {name: int(part * samples) for name, part in SHARES.items()}
    counts["test"] = samples - counts["train"] - counts["val"]
    learnt = round(share * counts["train"]) if 0 < share <= 1 else 0
    if learnt < 1 or counts["val"] < 1:
        raise BadInput(
            f"share={share} of samples={samples}; expected a share above 0, of 1 at most, that "
            "leaves sequences to learn from and to choose by."
        )
    rows: dict[str, list[Tensor]] = {name: [] for name in counts}
    for number, name in enumerate(drawn):
        order = torch.from_numpy(_stream(seed, f"split {name}").permutation(samples))
        parts = torch.split(order + number * samples, list(counts.values()))
        for split, part in zip(counts, parts, strict=True):
            rows[split].append(part[:learnt] if split == "train" else part)
    return Sequences(
        values=torch.from_numpy(np.concatenate([x for x, _ in drawn.values()])),
        targets=torch.from_numpy(np.concatenate([y for _, y in drawn.values()])),
        task=torch.arange(len(drawn)).repeat_interleave(samples),
        groups={name: generators_of(group) for name, group in groups.items()},
        rows={name: torch.cat(parts) for name, parts in rows.items()},
        facts={
            "tasks": len(drawn),
            "sequences learnt from": learnt * len(drawn),
            "positions": next(iter(groups.values())).degree,
        },
    )
