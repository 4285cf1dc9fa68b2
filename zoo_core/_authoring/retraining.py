"""What a registered model's recipe gives with another seed, kept to be measured again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo_core._authoring.training import train
from zoo_core._loading.files import zoo_home
from zoo_core._loading.models import load
from zoo_core._registry.registry import registry
from zoo_core._registry.specs import Model

if TYPE_CHECKING:
    import torch


def retrained(name: str, seed: int, config: Mapping[str, Any] | None = None) -> torch.nn.Module:
    """Return a registered model as it is shipped for seed 0, or trained alike with another seed.

    `config` are hyperparameters of shape and recipe that are changed, as those of `train`. What is
    not shipped is trained when it is first asked for, and kept below ``ZOO_HOME/made/PAPER`` by all
    that it is made from: data, settings, and the weights of what it is given and starts from.
    Claims over several trainings measure these. Raises `UnknownName` for another name than a
    registered model's, and what `train` raises.

    >>> zoo_core.retrained("powerembed-sbm-dense", 0).training
    False
    """
    spec = registry().model(name)
    architecture = registry().architecture(spec.architecture)
    usual = {**architecture.shape, **architecture.recipe, **spec.shape, **spec.recipe}
    changed = {
        key: value
        for key, value in (config or {}).items()
        if key not in usual or usual[key] != value
    }
    if seed == 0 and not changed:
        return load(name)
    folder = _folder(spec, seed, changed)
    if not (folder / "config.json").is_file():
        train(name, out=folder, seed=seed, config=changed)
    return load(folder)


def _folder(spec: Model, seed: int, changed: Mapping[str, Any]) -> Path:
    known = registry()
    architecture = known.architecture(spec.architecture)
    sources = [*spec.given.values(), *([spec.start.source] if spec.start else [])]
    told = [
        spec.dataset,
        dict(spec.options),
        {**architecture.shape, **architecture.recipe, **spec.shape, **spec.recipe, **changed},
        sources,
        [known.lock(known.model(one)) for one in sources if one in known.models.specs],
    ]
    digest = sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:12]
    return zoo_home() / "made" / known.paper_of(spec).name / f"{spec.name}-{seed}-{digest}"
