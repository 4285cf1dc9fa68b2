"""Claims on poses: networks with each group of the skeleton, trained alike, measured by run."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from zoo_signals.blocks import by_blocks

from zoo_approx_equivariant.pose.training import errors, fit_poses
from zoo_core import Finding, create, dataset, load

SEEDS = (0, 1, 2)
GROUPS = {"S_16": "S_N", "relaxed": "relaxed", "Aut": "Aut", "trivial": "trivial"}
"""How the groups are called in claims, and in a network's shape."""
SHIPPED = {"S_16": "semgcn-cmupose", "relaxed": "relaxsemgcn-cmupose", "Aut": "autsemgcn-cmupose"}
"""Networks of seed 0 that need no training again: their graph operation, epochs and tied edges."""
SHIPPED_WITH = ("self", 30, True)
OPERATIONS = ("full", "gc", "pt")
"""What lets joints hear their neighbours."""
BLOCK = 50
"""Poses of a recording that are drawn together."""


def measured(
    group: str, graph_op: str, epochs: int, seed: int, tied: bool = True
) -> tuple[Tensor, int]:
    """Return the error of a group in mm of each test pose (m,), and how many weights it has.

    Logits of edges are `tied` along the group, or free, as published.
    """
    data = dataset("cmu-pose16")
    if seed == 0 and (graph_op, epochs, tied) == SHIPPED_WITH and group in SHIPPED:
        module = load(SHIPPED[group])
    else:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            module = create("semgcn", group=GROUPS[group], graph_op=graph_op, tied=tied)
        fit_poses(module, data, seed, epochs=epochs)
    found = 1000 * errors(module, data, "test")
    return found, sum(one.numel() for one in module.parameters())


def groups(graph_op: str, epochs: int, seeds: Sequence[int] = SEEDS) -> Finding:
    """Measure all groups by run, against what is asked of each and against each other."""
    found: dict[str, list[float]] = {name: [] for name in GROUPS}
    weights: dict[str, int] = {}
    for seed in seeds:
        for name in GROUPS:
            each, weights[name] = measured(name, graph_op, epochs, seed)
            found[name].append(float(each.mean()))
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


def between(graph_op: str, epochs: int, tied: bool, seeds: Sequence[int] = SEEDS) -> Finding:
    """Measure how far the ends of the chain of groups are behind the automorphisms.

    Edges of theirs are `tied` along Aut(G), or free; at the ends there is nothing to tie along.
    """
    found = {
        name: [float(measured(name, graph_op, epochs, seed, tied)[0].mean()) for seed in seeds]
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


def operations(epochs: int, tied: bool, seed: int = 0) -> Finding:
    """Measure Aut(G) with each operation that hears neighbours, against "self", in one run."""
    found = {name: measured("Aut", name, epochs, seed, tied)[0] for name in ("self", *OPERATIONS)}
    return Finding(
        quantities={
            f"{name} minus self": by_blocks(found[name] - found["self"], BLOCK)
            for name in OPERATIONS
        },
        told=f"one run, its spread over blocks of {BLOCK} poses; "
        + _told({name: [float(each.mean())] for name, each in found.items()}),
        figures={name: float(each.mean()) for name, each in found.items()},
        seeds=(seed,),
    )


def _minus(first: Sequence[float], second: Sequence[float]) -> list[float]:
    return [a - b for a, b in zip(first, second, strict=True)]


def _told(found: dict[str, list[float]]) -> str:
    means = ", ".join(f"{name} {sum(each) / len(each):.1f}" for name, each in found.items())
    return f"mean errors in mm: {means}"
