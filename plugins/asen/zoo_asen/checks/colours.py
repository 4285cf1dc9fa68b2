"""Claims that are mathematics: numbers of colours, 2-closures, equivariance, emulation."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from typing import Any

import numpy as np
import torch
import zoo_symmetry as zs
from torch import Tensor

from zoo_asen.colours import as_group, colour_count, pair_colours
from zoo_asen.data import SAMPLES, sequence_tasks
from zoo_asen.sequences.tasks import TASKS, cyclic_alternating_sum
from zoo_core import Finding, create

PAPER = {
    (name, n): count
    for n in (6, 10)
    for name, count in (
        ("trivial", n**2),
        ("reversal", n**2 // 2),
        ("cyclic", n),
        ("dihedral", n // 2 + 1),
        ("halves", 3),
        ("symmetric", 2),
    )
}
"""Numbers of colours by group and points (section 3)."""
CLOSED = ("trivial", "reversal", "cyclic", "dihedral", "halves", "symmetric")


def colours() -> Finding:
    """Count colours in several ways, and compare what keeps them with the 2-closure."""
    small = [*_small_groups()]
    return Finding(
        quantities={
            "groups whose number of colours is not Burnside's": sum(
                colour_count(pair_colours(group)) != _burnside(group) for group in small
            ),
            "groups with other numbers of colours than the paper's": sum(
                colour_count(pair_colours(as_group(name, n))) != count
                for (name, n), count in PAPER.items()
            ),
            "alternating groups, of 4 to 8 points, whose colours are not the symmetric group's": (
                sum(
                    not torch.equal(pair_colours(zs.alternating(n)), pair_colours(zs.symmetric(n)))
                    for n in range(4, 9)
                )
            ),
            "colours of A_3, which is C_3": colour_count(pair_colours(zs.alternating(3))),
            "colours of S_3": colour_count(pair_colours(zs.symmetric(3))),
            "groups of up to 6 points whose 2-closure does not keep just the colours": sum(
                _keeping(group) != zs.two_closure(group)[1] for group in small
            ),
        },
        told=f"{len(small)} groups of up to 6 points, by all of their elements",
    )


def _small_groups() -> Iterator[zs.PermutationGroup]:
    rng = np.random.default_rng(0)
    for n in range(2, 7):
        for name in CLOSED:
            if name != "halves" or n % 2 == 0:
                yield as_group(name, n)
        yield zs.alternating(n)
        for count in (1, 2):
            yield zs.PermutationGroup(n, tuple(tuple(rng.permutation(n)) for _ in range(count)))


def _burnside(group: zs.PermutationGroup) -> float:
    points = np.arange(group.degree)
    return float(np.mean([float((g == points).sum()) ** 2 for g in group.elements()]))


def _keeping(group: zs.PermutationGroup) -> int:
    """Return how many of all permutations keep the colours."""
    table = pair_colours(group).numpy()
    return sum(zs.preserves(g, table) for g in permutations(range(group.degree)))


@torch.no_grad()
def equivariance(n: int = 8) -> Finding:
    """Move sequences of untrained networks of all named groups, in every way that matters."""
    generator = torch.Generator().manual_seed(0)
    errors, passing, alike, emulated, closure = [], 0, [], [], []
    x = torch.randint(9, (4, n), generator=generator)
    for name in CLOSED:
        group = as_group(name, n)
        module: Any = create("asen", n=n, group=name, tokens=9, hidden=32, layers=2).eval()
        errors.append(zs.equivariance_error(_with(module, *module.colours()), group, x, axis=-1))
        passing += _passing(module, group, x, generator)
        places, table = module.colours()
        same = _with(module, places, table[:1].expand(len(table), -1))
        errors_of_all = zs.equivariance_error(same, zs.symmetric(n), x, axis=-1)
        alike.append(errors_of_all)
        every = torch.arange(n**2).reshape(n, n)
        copied = table[places.flatten()]
        expected = module(x, places, table)
        emulated.append(float((module(x, every, copied) - expected).abs().max()))
        summed: Any = create("asen-regression", n=n, group=name).eval()
        closure.append(_invariance(summed, group, generator))
    even: Any = create(
        "asen-regression", n=n, tasks={"sign": [*map(list, zs.alternating(n).generators)]}
    ).eval()
    return Finding(
        quantities={
            "largest error of equivariance": max(*errors, *closure),
            "permutations outside of the 2-closure that it commutes with": passing,
            "largest error with all colours alike, under all permutations": max(alike),
            "largest error of a coarser group in a finer one": max(emulated),
            "largest difference of a mixed batch from task by task": _mixing(),
            "largest change of a sum over positions under A_8's 2-closure": _invariance(
                even, zs.symmetric(n), generator
            ),
            "tasks whose labels do not commute with their group": sum(
                not commutes(name) for name in TASKS
            ),
            "even windows of alternating sums that commute with reversal": sum(
                _alternating_commutes(window) for window in (2, 4, 6)
            )
            + 3 * (not all(_alternating_commutes(window) for window in (3, 5))),
        },
        told=f"{len(CLOSED)} groups of {n} points",
    )


def _with(module: Any, places: Tensor, table: Tensor) -> Any:
    return lambda x: module(x, places, table)


def _passing(module: Any, group: zs.PermutationGroup, x: Tensor, generator: torch.Generator) -> int:
    """Count random permutations that do not keep the colours and that a network commutes with."""
    table, count = pair_colours(group).numpy(), 0
    function = _with(module, *module.colours())
    for _ in range(10):
        one = torch.randperm(len(table), generator=generator).tolist()
        if zs.preserves(one, table):
            continue
        moving = zs.PermutationGroup(len(table), (tuple(one),))
        count += zs.equivariance_error(function, moving, x, axis=-1) < 1e-4
    return count


def _invariance(module: Any, group: zs.PermutationGroup, generator: torch.Generator) -> float:
    x = torch.randn(4, group.degree, generator=generator)
    rows = torch.zeros(4, dtype=torch.long)
    places, table = module.colours()
    return zs.equivariance_error(
        lambda x: module(x, places, rows, table), group, x, axis=-1, out_axis=None
    )


def _mixing() -> float:
    """Return how far a batch of three tasks is from the tasks one by one."""
    data = sequence_tasks(3, samples=40)
    module: Any = create("asen", tasks=data.groups, hidden=32, layers=2).eval()
    rows = torch.randperm(len(data.values), generator=torch.Generator().manual_seed(0))[:24]
    names = [module.tasks[i] for i in data.task[rows].tolist()]
    tokens = torch.stack(
        [module.rows_of_tokens(data.values[i], name) for i, name in zip(rows, names, strict=True)]
    )
    mixed = module(tokens, torch.stack([module.colours(name).places for name in names]))
    alone = torch.stack(
        [module(one, *module.colours(name)) for one, name in zip(tokens, names, strict=True)]
    )
    return float((mixed - alone).abs().max())


def commutes(name: str) -> bool:
    """Tell whether a task's labels commute with its group, on sequences that it draws."""
    task = TASKS[name]
    x, labels = task.draw(np.random.default_rng(0), SAMPLES)
    for generator in as_group(task.group, x.shape[1]).generators:
        moved, expected = np.empty_like(x), np.empty_like(labels)
        moved[:, list(generator)], expected[:, list(generator)] = x, labels
        found, good = task.label(moved)
        if not good.all() or not (found == expected).all():
            return False
    return True


def _alternating_commutes(window: int) -> bool:
    x = np.random.default_rng(0).integers(7, size=(SAMPLES, 10))
    labels, good = cyclic_alternating_sum(x, window)
    moved, still = cyclic_alternating_sum(x[:, ::-1], window)
    both = good & still
    return bool((moved[:, ::-1][both] == labels[both]).all())
