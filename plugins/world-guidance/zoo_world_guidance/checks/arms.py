"""Policies that claims compare: trained alike with some seed, and what came of their episodes.

The shipped policy is seed 0. Others are trained when they are first asked for, and kept with their
episodes below ``ZOO_HOME/made``, by all that they are made from: `python -m
zoo_world_guidance.checks.arms MODEL SEED` makes one beforehand.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from tqdm import tqdm

from zoo_core import Estimate, Run, create, dataset, load, whole_file, write_json, zoo_home
from zoo_world_guidance.acting import MEASURED
from zoo_world_guidance.specs.models import ARCHITECTURES, MODELS
from zoo_world_guidance.train import train

ARCHITECTURE = ARCHITECTURES[0]
DRAWS = 4000
Array = NDArray[Any]


@cache
def policy(model: str, seed: int = 0, changed: str = "{}") -> Any:
    """Return the policy of a registered model's recipe with another seed, or other settings.

    `changed` are settings of shape, recipe and data as JSON.
    """
    changes: dict[str, Any] = json.loads(changed)
    if seed == 0 and not changes:
        return load(model)
    shape, recipe, options = settings(model, changes)
    folder = _folder(model, seed, shape, recipe, options)
    weights, made = folder / "model.safetensors", folder / "made.json"
    if not weights.is_file():
        shapes: list[Mapping[str, Any]] = []

        def make(**decided: Any) -> Any:
            torch.manual_seed(seed)
            shapes.append({**shape, **decided})
            return create(ARCHITECTURE.name, **shapes[-1])

        data = dataset("pusht-play", **options)
        run = Run(data=data, seed=seed, make=make, shape=shape, recipe=recipe, folder=folder)
        with torch.random.fork_rng(devices=[]):
            trained = train(run, tqdm)
        write_json(made, dict(shapes[-1]))
        with whole_file(weights) as part:
            save_file(trained.state_dict(), part)
    module = create(ARCHITECTURE.name, **json.loads(made.read_text(encoding="utf-8")))
    module.load_state_dict(load_file(weights))
    return module.eval()


def settings(
    model: str, changes: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Return shape, recipe and data options of a model, each updated by what belongs to it."""
    (spec,) = (one for one in MODELS if one.name == model)
    shape = {**ARCHITECTURE.shape, **spec.shape}
    recipe = {**ARCHITECTURE.recipe, **spec.recipe}
    options = dict(spec.options)
    for name, value in changes.items():
        room = recipe if name in recipe else options if name in options else shape
        room[name] = value
    return shape, recipe, options


@cache
def episodes(model: str, seed: int = 0, changed: str = "{}") -> dict[str, Array]:
    """Return score, coverage, success and return of the 50 episodes of the test, (50,) each.

    They are kept by the policy's tensors.
    """
    module = policy(model, seed, changed)
    digest = sha256()
    for tensor in module.state_dict().values():
        digest.update(tensor.numpy().tobytes())
    kept = _place(f"episodes-{digest.hexdigest()[:16]}.json")
    if kept.is_file():
        known = json.loads(kept.read_text(encoding="utf-8"))
        return {name: np.array(values) for name, values in known.items()}
    found = module.rolled_out(dataset("pusht-play").split("test"))
    measured = {name: np.asarray(found.measured[name], float) for name in MEASURED}
    write_json(kept, {name: values.tolist() for name, values in measured.items()})
    return measured


def scores(model: str, seeds: tuple[int, ...], changed: str = "{}") -> Array:
    """Return the scores (seeds, 50) of some seeds of the training."""
    return np.stack([episodes(model, seed, changed)["score"] for seed in seeds])


def mean_of(values: Array) -> Estimate:
    """Return the mean of values (seeds, episodes), by bootstrap over episodes and seeds.

    Both are drawn anew; where there is one seed its episodes alone are.
    """
    rng = np.random.default_rng(0)
    runs, count = values.shape
    found = np.array(
        [
            values[rng.integers(0, runs, runs)][:, rng.integers(0, count, count)].mean()
            for _ in range(DRAWS)
        ]
    )
    middle = float(values.mean())
    low, high = np.quantile(found, [0.025, 0.975])
    return Estimate(
        middle, float(found.std(ddof=1)), max(middle - low, high - middle, 0.0), runs=runs
    )


def _folder(model: str, seed: int, *parts: Mapping[str, Any]) -> Path:
    known = json.dumps([model, seed, *parts], sort_keys=True)
    return _place(f"{model}-{seed}-{sha256(known.encode()).hexdigest()[:12]}")


def _place(name: str) -> Path:
    return zoo_home() / "made" / "world-guidance" / name


if __name__ == "__main__":
    name, number, *more = sys.argv[1:]
    print(name, number, more, mean_of(scores(name, (int(number),), *more)))
