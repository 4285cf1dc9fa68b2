"""Claims on poses: networks with each group of the skeleton, trained alike, measured by run."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from zoo_approx_equivariant.pose.training import errors, fit_poses
from zoo_core import Finding, bootstrap, create, dataset, load

SEEDS = (0, 1, 2)
GROUPS = {"S_16": "S_N", "relaxed": "relaxed", "Aut": "Aut", "trivial": "trivial"}
"""How the groups are called in claims, and in a network's shape."""
SHIPPED = {"S_16": "semgcn-cmupose", "relaxed": "relaxsemgcn-cmupose", "Aut": "autsemgcn-cmupose"}
"""Networks of seed 0 that need no training again; their graph operation and their epochs."""
SHIPPED_WITH = ("self", 30)


def measured(graph_op: str, epochs: int, seed: int) -> tuple[dict[str, Tensor], dict[str, int]]:
    """Return the error of each group in mm on each test pose (m,), and how many weights it has."""
    data = dataset("cmu-pose16")
    found, weights = {}, {}
    for name, group in GROUPS.items():
        if seed == 0 and (graph_op, epochs) == SHIPPED_WITH and name in SHIPPED:
            module = load(SHIPPED[name])
        else:
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(seed)
                module = create("semgcn", group=group, graph_op=graph_op)
            fit_poses(module, data, seed, epochs=epochs)
        found[name] = 1000 * errors(module, data, "test").double()
        weights[name] = sum(one.numel() for one in module.parameters())
    return found, weights


def groups(graph_op: str, epochs: int, seeds: Sequence[int] = SEEDS) -> Finding:
    """Measure all groups by run, against what is asked of each and against each other."""
    found: dict[str, list[float]] = {name: [] for name in GROUPS}
    weights: dict[str, int] = {}
    for seed in seeds:
        each, weights = measured(graph_op, epochs, seed)
        for name, error in each.items():
            found[name].append(float(error.mean()))
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


def between(graph_op: str, epochs: int, seed: int = 0) -> Finding:
    """Measure in one run how far the ends of the chain of groups are behind the automorphisms."""
    each, _ = measured(graph_op, epochs, seed)
    found = {name: [float(error.mean())] for name, error in each.items()}
    return Finding(
        quantities={
            f"{name} minus Aut": bootstrap((each[name] - each["Aut"]).tolist())
            for name in ("S_16", "trivial")
        },
        told=f"one run, its spread over test poses; {_told(found)}",
        figures=found,
        seeds=(seed,),
    )


def _minus(first: Sequence[float], second: Sequence[float]) -> list[float]:
    return [a - b for a, b in zip(first, second, strict=True)]


def _told(found: dict[str, list[float]]) -> str:
    means = ", ".join(f"{name} {sum(each) / len(each):.1f}" for name, each in found.items())
    return f"mean errors in mm: {means}"
