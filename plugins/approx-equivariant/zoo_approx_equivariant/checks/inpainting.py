"""Claims on restoring images: networks of every cut, trained as published, measured by run.

Two measures of spread: over three runs, which draw masks, split and initialisation anew; over test
images, by bootstrap, where one run is all that is trained.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from zoo_approx_equivariant.specs.claims import CUTS, FLIPPED, PUBLISHED, distance
from zoo_approx_equivariant.train import Pair, fit
from zoo_core import Estimate, Finding, bootstrap, create, dataset, load

RUNS = (0, 1, 2)
"""Each draws its own masks, split and initialisation, which all cuts share."""
SHIPPED = {1: "gnet1-fashion", 4: "gnet4-fashion", 7: "gnet7-fashion", 14: "gnet14-fashion"}
"""Networks of run 0 on clothes, by their cut, that need no training again."""


def errors(data: str, run: int, *, flip: bool = False, epochs: int = 500, **shape: Any) -> Tensor:
    """Train one network and return its mean squared error times 100 on each test image (1000,)."""
    found = dataset(f"{data}-inpainting", run=run, flip=flip)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(run)
        module = create("gnet", size=list(found.size), **shape)

    def pair(name: str) -> Pair:
        rows = found.rows[name]
        return found.inputs[rows], found.targets[rows]

    fit(module, pair("train"), pair("val"), epochs=epochs)
    return _by_image(module, *pair("test"))


def first_run(cut: int) -> Tensor:
    """Return what `errors` gives for clothes in run 0: of the shipped network, if there is one."""
    if cut not in SHIPPED:
        return errors("fashion", 0, cut=cut)
    found = dataset("fashion-inpainting", run=0)
    rows = found.rows["test"]
    return _by_image(load(SHIPPED[cut]), found.inputs[rows], found.targets[rows])


@torch.no_grad()
def _by_image(module: torch.nn.Module, inputs: Tensor, targets: Tensor) -> Tensor:
    parts = [
        (module(x) - y).square().mean((1, 2))
        for x, y in zip(torch.split(inputs, 250), torch.split(targets, 250), strict=True)
    ]
    return 100 * torch.cat(parts).double()


def chain(data: str, cuts: Sequence[int], runs: Sequence[int] = RUNS, epochs: int = 500) -> Finding:
    """Measure two-layer networks along the chain of cuts over runs, against the published means."""
    found = {
        cut: [float(errors(data, run, cut=cut, epochs=epochs).mean()) for run in runs]
        for cut in cuts
    }
    best = cuts[-1]
    return Finding(
        quantities={
            **{distance(f"c = {cut}"): _away(found[cut], PUBLISHED[data][cut]) for cut in cuts},
            f"c = {best} minus c = 1": _minus(found[best], found[1]),
            f"c = {best} minus c = 4": _minus(found[best], found[4]),
            "chain": {f"c = {cut}": found[cut] for cut in cuts},
        },
        figures={f"c = {cut}": values for cut, values in found.items()},
        seeds=tuple(runs),
    )


def between(coarsest: int = 1, cut: int = 14, finest: int = 28) -> Finding:
    """Measure clothes in one run with a group, and with the ends of the chain on both sides."""
    found = {one: first_run(one) for one in (coarsest, cut, finest)}
    return Finding(
        quantities={
            **{
                f"c = {end} minus c = {cut}": _paired(found[end], found[cut])
                for end in (finest, coarsest)
            },
            distance(f"c = {finest}"): _near(found[finest], PUBLISHED["fashion"][finest]),
        },
        told="one run, its spread over test images",
        figures={f"c = {one}": [float(errors.mean())] for one, errors in found.items()},
    )


def one_layer(
    runs: Sequence[int] = RUNS, epochs: int = 500, cuts: Sequence[int] = (*CUTS, 28)
) -> Finding:
    """Measure networks of one layer, which are linear, on both data sets over runs."""
    quantities, figures = {}, {}
    for data in ("fashion", "mnist"):
        for cut in cuts:
            found = [
                float(errors(data, run, cut=cut, layers=1, epochs=epochs).mean()) for run in runs
            ]
            label = f"{data}, c = {cut}"
            quantities[distance(label)] = _away(found, PUBLISHED[f"{data}, one layer"][cut])
            figures[label] = found
    return Finding(quantities=quantities, figures=figures, seeds=tuple(runs))


def reflection(runs: Sequence[int] = RUNS, cut: int = 14) -> Finding:
    """Measure mirrored clothes over runs with the network that mirrors, and with the other."""
    found = {
        name: [
            float(errors("fashion", run, flip=True, cut=cut, mirrored=name == "tied").mean())
            for run in runs
        ]
        for name in FLIPPED
    }
    return Finding(
        quantities={
            "tied minus plain": _minus(found["tied"], found["plain"]),
            **{distance(name): _away(found[name], FLIPPED[name]) for name in FLIPPED},
        },
        figures=found,
        seeds=tuple(runs),
    )


def _away(found: Sequence[float], published: float) -> list[float]:
    return [abs(one - published) for one in found]


def _minus(first: Sequence[float], second: Sequence[float]) -> list[float]:
    return [a - b for a, b in zip(first, second, strict=True)]


def _near(outcomes: Tensor, published: float) -> Estimate:
    """Return how far a mean over test images is from the published one."""
    found = bootstrap(outcomes.tolist())
    return Estimate(abs(found.mean - published), found.error, found.reach)


def _paired(first: Tensor, second: Tensor) -> Estimate:
    """Return the difference of two networks on the same test images."""
    return bootstrap((first - second).tolist())
