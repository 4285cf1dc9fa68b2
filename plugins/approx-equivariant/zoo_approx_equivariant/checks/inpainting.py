"""Claims on restoring images: networks of every cut, trained as published and measured by run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from zoo_approx_equivariant.specs.claims import FLIPPED, PUBLISHED, distance
from zoo_approx_equivariant.train import Pair, error_of, fit
from zoo_core import Finding, create, dataset

RUNS = (0, 1, 2)
"""Each draws its own masks, split and initialisation, which all cuts share."""


def error(data: str, run: int, *, flip: bool = False, epochs: int = 500, **shape: Any) -> float:
    """Train one network and return its test error, a mean squared error times 100."""
    found = dataset(f"{data}-inpainting", run=run, flip=flip)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(run)
        module = create("gnet", size=list(found.size), **shape)

    def pair(name: str) -> Pair:
        rows = found.rows[name]
        return found.inputs[rows], found.targets[rows]

    fit(module, pair("train"), pair("val"), epochs=epochs)
    return 100 * error_of(module, pair("test"))


def chain(
    data: str, cuts: Sequence[int], runs: Sequence[int] = RUNS, epochs: int = 500
) -> Finding:
    """Measure two-layer networks along the chain of cuts, against the published means."""
    errors = {
        cut: [error(data, run, cut=cut, epochs=epochs) for run in runs] for cut in cuts
    }
    best = cuts[-1]
    return Finding(
        quantities={
            **{distance(f"c = {cut}"): _away(errors[cut], PUBLISHED[data][cut]) for cut in cuts},
            f"c = {best} minus c = 1": _minus(errors[best], errors[1]),
            f"c = {best} minus c = 4": _minus(errors[best], errors[4]),
            "chain": {f"c = {cut}": errors[cut] for cut in cuts},
        },
        figures={f"c = {cut}": values for cut, values in errors.items()},
        seeds=tuple(runs),
    )


def beyond(runs: Sequence[int] = RUNS, epochs: int = 500, cuts: Sequence[int] = (14, 28)) -> Finding:
    """Measure clothes at the two finest cuts, the last of which leaves no symmetry."""
    less, none = cuts
    errors = {cut: [error("fashion", run, cut=cut, epochs=epochs) for run in runs] for cut in cuts}
    return Finding(
        quantities={
            "c = 28 minus c = 14": _minus(errors[none], errors[less]),
            distance("c = 28"): _away(errors[none], PUBLISHED["fashion"][28]),
        },
        figures={f"c = {cut}": values for cut, values in errors.items()},
        seeds=tuple(runs),
    )


def one_layer(
    runs: Sequence[int] = RUNS, epochs: int = 500, cuts: Sequence[int] = (1, 2, 4, 7, 14, 28)
) -> Finding:
    """Measure networks of one layer, which are linear, on both data sets."""
    quantities, figures = {}, {}
    for data in ("fashion", "mnist"):
        for cut in cuts:
            errors = [error(data, run, cut=cut, layers=1, epochs=epochs) for run in runs]
            label = f"{data}, c = {cut}"
            quantities[distance(label)] = _away(errors, PUBLISHED[f"{data}, one layer"][cut])
            figures[label] = errors
    return Finding(quantities=quantities, figures=figures, seeds=tuple(runs))


def reflection(runs: Sequence[int] = RUNS, epochs: int = 500, cut: int = 14) -> Finding:
    """Measure mirrored clothes with the network that mirrors, and with the one that does not."""
    errors = {
        name: [
            error("fashion", run, flip=True, cut=cut, mirrored=name == "tied", epochs=epochs)
            for run in runs
        ]
        for name in FLIPPED
    }
    return Finding(
        quantities={
            "tied minus plain": _minus(errors["tied"], errors["plain"]),
            **{distance(name): _away(errors[name], FLIPPED[name]) for name in FLIPPED},
        },
        figures=errors,
        seeds=tuple(runs),
    )


def _away(errors: Sequence[float], published: float) -> list[float]:
    return [abs(one - published) for one in errors]


def _minus(first: Sequence[float], second: Sequence[float]) -> list[float]:
    return [a - b for a, b in zip(first, second, strict=True)]
