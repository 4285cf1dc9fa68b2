"""Claims on clouds: rank correlations with exact lower bounds over all test pairs, by seed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import spearmanr

from zoo_core import Estimate, Finding, create, dataset, load
from zoo_invariant_features.clouds.pairs import CloudPairs
from zoo_invariant_features.clouds.training import fit

Array = NDArray[np.float64]
SEEDS = (0, 1, 2)
KINDS = {"Gram": ("gram", 16), "radial": ("radial", 8), "k-means": ("kmeans", 8)}
"""How claims call the features, and the length of the vectors."""
SHIPPED = {"Gram": "oi-ds-gram-cells", "radial": "oi-ds-cells"}
"""Networks of seed 0 that need no training again."""


@torch.no_grad()
def predicted(module: Any, data: CloudPairs, split: str = "test") -> Array:
    """Return the distances (a, b) that a network tells between the sides of a split."""
    (found,) = module.outputs(data.split(split))
    shape = [len(side) for side in data.sides(split)]
    return np.asarray(found["prediction"].double().cpu().reshape(shape).numpy())


def correlation(module: Any, data: CloudPairs, split: str = "test") -> float:
    """Return Spearman's rank correlation of predicted and true distances of a split's pairs."""
    return rank(predicted(module, data, split), data.distances(split).numpy())


def trained(kind: str, seed: int, data: CloudPairs, **recipe: Any) -> Any:
    """Return the network of a kind and a seed on cells, the shipped one if there is one."""
    if seed == 0 and kind in SHIPPED and not recipe:
        return load(SHIPPED[kind])
    features, out = KINDS[kind]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        module: Any = create("oi-ds", features=features, dimension=data.dimension, out=out)
    fit(module, data, **recipe)
    return module


def cells(seed: int = 0, **recipe: Any) -> Finding:
    """Measure all three kinds of features in one run; the spread is over which cells are drawn."""
    data = dataset("cell-outlines")
    true = data.distances("test").numpy()
    found = {
        "Gram": predicted(trained("Gram", seed, data, **recipe), data),
        "radial": predicted(trained("radial", seed, data, **recipe), data),
        "k-means": predicted(trained("k-means", seed, data, **recipe), data),
        "principal axes": principal_axes(data),
    }
    drawn = {name: redrawn(each, true) for name, each in found.items()}
    figures = {name: rank(each, true) for name, each in found.items()}
    told = ", ".join(f"{name} {each:.3f}" for name, each in figures.items())
    return Finding(
        quantities={
            **{name: _spread(figures[name], drawn[name]) for name in KINDS},
            **{
                f"{one} minus {other}": _spread(
                    figures[one] - figures[other], drawn[one] - drawn[other]
                )
                for one, other in (("Gram", "radial"), ("radial", "principal axes"))
            },
        },
        told=f"one run, its spread over which test cells are drawn: {told}",
        figures=figures,
        seeds=(seed,),
    )


def redrawn(found: Array, true: Array, draws: int = 200) -> Array:
    """Return rank correlations (draws,) over cells of both sides, drawn with repetition."""
    rng = np.random.default_rng(0)
    sides = [[rng.integers(0, size, size) for size in true.shape] for _ in range(draws)]
    return np.array([rank(found[np.ix_(*each)], true[np.ix_(*each)]) for each in sides])


def rank(found: Array, true: Array) -> float:
    """Return Spearman's rank correlation of two tables of distances."""
    return float(spearmanr(found.ravel(), true.ravel()).statistic)


def _spread(measured: float, drawn: Array) -> Estimate:
    error = float(drawn.std(ddof=1))
    return Estimate(measured, error, 1.96 * error)


def hands(seeds: Sequence[int] = SEEDS, **recipe: Any) -> Finding:
    """Measure hands in three dimensions by seed."""
    data = dataset("hand-poses")
    found = []
    for seed in seeds:
        module = load("oi-ds-hands") if seed == 0 and not recipe else None
        found.append(correlation(module or trained("radial", seed, data, **recipe), data))
    return Finding(
        quantities={"radial": found},
        told=f"mean rank correlation {np.mean(found):.3f}; principal axes "
        f"{rank(principal_axes(data), data.distances('test').numpy()):.3f}",
        figures={"radial": found},
        seeds=tuple(seeds),
    )


def other_sizes(sizes: Sequence[int] = (50, 200)) -> Finding:
    """Measure the shipped networks on the validation outlines, with other numbers of points."""
    figures: dict[str, dict[str, float]] = {}
    for name in SHIPPED.values():
        module = load(name)
        figures[name] = {
            str(points): correlation(module, dataset("cell-outlines", points=points), "val")
            for points in (100, *sizes)
        }
    return Finding(
        quantities={
            f"{name}, {points} points over 100": each[str(points)] / each["100"]
            for name, each in figures.items()
            for points in sizes
        },
        told="on 169 pairs that no network was trained on",
        figures=figures,
    )


def principal_axes(data: CloudPairs, split: str = "test") -> Array:
    """Return how far the clouds' principal axes differ in length (a, b)."""
    one, other = (
        np.stack([np.linalg.svd(data.clouds[k], compute_uv=False) for k in side.tolist()])
        for side in data.sides(split)
    )
    one, other = (each / np.sqrt((each**2).sum(1, keepdims=True)) for each in (one, other))
    return np.asarray(np.linalg.norm(one[:, None] - other[None], axis=2))
