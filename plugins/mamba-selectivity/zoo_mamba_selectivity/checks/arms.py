"""The networks that claims measure: the shipped ones of seed 0, and others that are trained alike.

The others are kept below ``ZOO_HOME/made``, by all that they are made from: `python -m
zoo_mamba_selectivity.checks.arms MODEL SEED` makes one beforehand.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from zoo_core import load, train, zoo_home
from zoo_mamba_selectivity.specs.models import ARCHITECTURES, MODELS


def networks(model: str, seeds: Sequence[int]) -> list[Any]:
    """Return the networks of a registered model's recipe, one of each seed."""
    return [network(model, seed) for seed in seeds]


def network(model: str, seed: int) -> Any:
    """Return the network of a model's recipe: the shipped one for seed 0, or one that is kept."""
    if seed == 0:
        return load(model)
    folder = kept_at(model, seed)
    if not (folder / "config.json").is_file():
        train(model, out=folder, seed=seed)
    return load(folder)


def kept_at(model: str, seed: int) -> Path:
    """Return the folder of a model's network, named by its data and settings."""
    (spec,) = (one for one in MODELS if one.name == model)
    (architecture,) = (one for one in ARCHITECTURES if one.name == spec.architecture)
    told = [
        spec.dataset,
        dict(spec.options),
        {**architecture.shape, **spec.shape},
        {**architecture.recipe, **spec.recipe},
    ]
    digest = sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:12]
    return zoo_home() / "made" / "mamba-selectivity" / f"{model}-{seed}-{digest}"


if __name__ == "__main__":
    network(sys.argv[1], int(sys.argv[2]))
