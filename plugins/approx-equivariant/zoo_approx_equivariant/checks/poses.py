"""Claims on poses: networks with each group of the skeleton, trained alike, measured by run."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from zoo_approx_equivariant.pose.training import errors, fit_poses
from zoo_core import Finding, create, dataset, load

SEEDS = (0, 1, 2)
GROUPS = {"S_16": "S_N", "relaxed": "relaxed", "Aut": "Aut", "trivial": "trivial"}
"""How the groups are called in claims, and in a network's shape."""
SHIPPED = {"S_16": "semgcn-cmupose", "relaxed": "relaxsemgcn-cmupose", "Aut": "autsemgcn-cmupose"}
"""Networks of seed 0 that need no training again; their graph operation and their epochs."""
SHIPPED_WITH = ("self", 30)


def measured(group: str, graph_op: str, epochs: int, seed: int) -> tuple[float, int]:
    """Return the error of a group in mm over the test poses, and how many weights it has."""
    data = dataset("cmu-pose16")
    if seed == 0 and (graph_op, epochs) == SHIPPED_WITH and group in SHIPPED:
        module = load(SHIPPED[group])
    else:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            module = create("semgcn", group=GROUPS[group], graph_op=graph_op)
        fit_poses(module, data, seed, epochs=epochs)
    error = 1000 * float(errors(module, data, "test").mean())
    return error, sum(one.numel() for one in module.parameters())


def groups(graph_op: str, epochs: int, seeds: Sequence[int] = SEEDS) -> Finding:
    """Measure all groups by run, against what is asked of each and against each other."""
    found: dict[str, list[float]] = {name: [] for name in GROUPS}
    weights: dict[str, int] = {}
    for seed in seeds:
        for name in GROUPS:
            error, weights[name] = measured(name, graph_op, epochs, seed)
            found[name].append(error)
    return Finding(
        quantities={
            "Aut": found["Aut"],
            "relaxed": found["relaxed"],
            "S_16 minus Aut": _minus(found["S_16"], found["Aut"]),
            "Aut minus trivial": _minus(found["Aut"], found["trivial"]),
            "weights of Aut over those of trivial": weights["Aut"] / weights["trivial"],
        },
        told=_told(found),
        figures=found,
        seeds=tuple(seeds),
    )


def between(graph_op: str, epochs: int, seeds: Sequence[int] = SEEDS) -> Finding:
    """Measure how far the ends of the chain of groups are behind the automorphisms."""
    found = {
        name: [measured(name, graph_op, epochs, seed)[0] for seed in seeds]
        for name in ("S_16", "Aut", "trivial")
    }
    return Finding(
        quantities={
            f"{name} minus Aut": _minus(found[name], found["Aut"]) for name in ("S_16", "trivial")
        },
        told=_told(found),
        figures=found,
        seeds=tuple(seeds),
    )


def _minus(first: Sequence[float], second: Sequence[float]) -> list[float]:
    return [a - b for a, b in zip(first, second, strict=True)]


def _told(found: dict[str, list[float]]) -> str:
    means = ", ".join(f"{name} {sum(each) / len(each):.1f}" for name, each in found.items())
    return f"mean errors in mm: {means}"
