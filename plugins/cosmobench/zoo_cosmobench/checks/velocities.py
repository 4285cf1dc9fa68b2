"""Claims on velocities: R2 as mean error over mean variance, with its spread over test clouds."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from zoo_clouds.box import Box
from zoo_clouds.clouds import Cloud

from zoo_core import Finding, create, dataset, load
from zoo_cosmobench.checks.scores import ratio_r2
from zoo_cosmobench.velocities.features import fourier, inverse_powers
from zoo_cosmobench.velocities.linear_theory import flow, oracle

Array = NDArray[np.float64]
SHIPPED = {
    "least squares": "cosmo-lls-velocity-mini",
    "linear theory": "cosmo-linear-theory-mini",
    "graph network": "cosmo-gnn-velocity-mini",
}
ORACLE_CLOUDS = 40
ORACLE_GRIDS = (10, 15, 20, 25, 30)


@torch.no_grad()
def sums(module: Any, data: Any) -> Array:
    """Return the mean squared error and the variance of each test cloud (m, 2)."""
    found = []
    for one in module.outputs(data.split("test")):
        target = one["target"].double()
        error = (one["prediction"].double() - target).square().mean()
        found.append([float(error), float((target - target.mean(0)).square().mean())])
    return np.array(found)


@cache
def shipped(name: str) -> Array:
    """Return the sums of a shipped model on the test clouds."""
    return sums(load(SHIPPED[name]), dataset("cosmo-mini-clouds"))


def all_models() -> Finding:
    """Measure the three shipped models, and the oracle of linear theory on a few clouds."""
    data = dataset("cosmo-mini-clouds")
    each = {name: shipped(name) for name in SHIPPED}
    clouds = data.ready(data.rows["test"][:ORACLE_CLOUDS])
    known = [oracle(cloud, ORACLE_GRIDS) for cloud in clouds]
    best = ratio_r2(np.array([[one.error, one.variance] for one in known]))
    per_cloud = {name: float((1 - one[:, 0] / one[:, 1]).mean()) for name, one in each.items()}
    return Finding(
        quantities={name: ratio_r2(one) for name, one in each.items()},
        told=f"linear theory by an oracle has {best.mean:.3f} ± {best.reach:.3f} on "
        f"{len(clouds)} clouds; mean of each cloud's R2: "
        + ", ".join(f"{name} {value:.3f}" for name, value in per_cloud.items()),
        figures={"oracle": best.mean, "per cloud": per_cloud, **_scatter(data)},
    )


def translation() -> Finding:
    """Measure what translations of the box change, for the shipped network and one with places.

    The latter is untrained, its weights three times as large as at first, as that is enough to see
    that it does not commute.
    """
    data = dataset("cosmo-mini-clouds")
    cloud = data.clouds[int(data.rows["test"][0])]
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(0)
        told: Any = create("cosmo-gnn-velocity", positions=True)
        for parameter in told.parameters():
            parameter *= 3
        spread = float(told(*told.piece(cloud)).std())
    return Finding(
        quantities={
            "largest change under translations": moved(load(SHIPPED["graph network"]), cloud),
            "largest change with positions, untrained, over the velocities' spread": moved(
                told, cloud
            )
            / spread,
        }
    )


@torch.no_grad()
def moved(module: Any, cloud: Cloud) -> float:
    """Return the largest change of a velocity in km/s when the whole box is translated."""
    shifts = np.random.default_rng(0).random((3, cloud.box.dimension)) * cloud.box.sizes
    first = module(*module.piece(cloud))
    changes = []
    for shift in shifts:
        other = Cloud(cloud.box.wrap(np.asarray(cloud.positions, np.float64) + shift), cloud.box)
        changes.append(float((module(*module.piece(other)) - first).abs().max()))
    return max(changes)


def separable(points: int = 60) -> Finding:
    """Measure the features: against double sums, their sums over points, and how they turn."""
    rng = np.random.default_rng(0)
    box = Box.cube(10.0)
    where = rng.random((points, 3)) * 10
    known: dict[str, Callable[[Array], Array]] = {
        "inverse powers": lambda x: inverse_powers(x, box, 4, 3),
        "Fourier": lambda x: fourier(x, box, 3, 2),
        "linear theory": lambda x: flow(x, box, 8, 1.0)[..., None],
    }
    distance = float(np.abs(known["Fourier"](where) - fourier_by_pairs(where, box, 3, 2)).max())
    sizes = {name: np.abs(one(where)).max() for name, one in known.items()}
    balance = max(
        float(np.abs(known[name](where).sum(0)).max() / sizes[name])
        for name in ("inverse powers", "Fourier")
    )
    turned = max(
        float(np.abs(one(_acted(where, order, signs)) - _turned(one(where), order, signs)).max())
        / sizes[name]
        for name, one in known.items()
        for order in itertools.permutations(range(3))
        for signs in itertools.product((1, -1), repeat=3)
    )
    return Finding(
        quantities={
            "largest distance of separable from double sums": distance,
            "largest sum of a feature over its points, over the largest feature": balance,
            "largest distance under the cube's 48 symmetries, over the largest feature": turned,
        }
    )


def fourier_by_pairs(positions: Array, box: Box, frequencies: int, transverse: int) -> Array:
    """Return the Fourier features (n, 3, F) as they are written: a sum over all pairs."""
    wave = 2 * np.pi / box.sizes
    gap = (positions[:, None] - positions[None, :]) * wave
    found = []
    for axis in range(3):
        dx, dy, dz = (gap[..., (axis + turn) % 3] for turn in range(3))
        found.append(
            [
                (
                    np.sin(k * dx)
                    * (np.cos(a * dy) * np.cos(m * dz) + np.cos(m * dy) * np.cos(a * dz))
                ).sum(1)
                for k in range(1, frequencies + 1)
                for a in range(transverse + 1)
                for m in range(a + 1)
            ]
        )
    return np.moveaxis(np.array(found), 2, 0)


def _acted(positions: Array, order: tuple[int, ...], signs: tuple[int, ...]) -> Array:
    """Return points after a permutation of the axes and reflections, in a box of side 10."""
    return Box.cube(10.0).wrap(positions[:, list(order)] * np.array(signs))


def _turned(features: Array, order: tuple[int, ...], signs: tuple[int, ...]) -> Array:
    return np.asarray(features[:, list(order)] * np.array(signs)[:, None])


@torch.no_grad()
def _scatter(data: Any) -> dict[str, Any]:
    """Return true and predicted velocities along x of a few points, for the picture."""
    cloud = data.clouds[int(data.rows["test"][0])]
    found = {"scatter true": np.asarray(cloud.velocities)[:200, 0]}
    for name, model in SHIPPED.items():
        module: Any = load(model)
        found[f"scatter {name}"] = module(*module.piece(cloud))[:200, 0].numpy()
    return found
