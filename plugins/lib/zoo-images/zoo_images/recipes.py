"""What recipes for classifiers of images share: what the data decide, and what they must have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from zoo_core import BadInput
from zoo_images.backbones import OWN, create_backbone
from zoo_images.preprocessing import Preprocessing
from zoo_images.training import Schedule

SCHEDULE = Schedule.__dataclass_fields__


def schedule_of(recipe: Mapping[str, Any]) -> Schedule:
    """Return the part of a recipe that says how a network is trained."""
    return Schedule(**{name: value for name, value in recipe.items() if name in SCHEDULE})


def check_classes(data: Any) -> None:
    """Raise `BadInput` for data that leave nothing to tell apart, or a class nothing shows."""
    seen = torch.bincount(data.targets("train"), minlength=len(data.classes))
    if len(data.classes) < 2:
        raise BadInput(f"There is one class only ({data.classes[0]}); give two or more.")
    if bool((seen == 0).any()):
        missing = ", ".join(data.classes[i] for i in (seen == 0).nonzero().flatten().tolist())
        raise BadInput(f"No training image is labelled {missing}; give some, or leave it out.")


def inputs_for(data: Any, backbone: str, options: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the preprocessing that data and backbone call for, as JSON values.

    The data's own size and normalisation where they have them, else what the backbone was trained
    with, else 32 x 32 pixels.
    """
    if data.mean:
        size = list(data.images.shape[2:])
        made = Preprocessing(tuple(size), data.channels, data.mean, data.std)
        return made.as_json()
    if backbone in OWN:
        half = (0.5,) * data.channels
        return Preprocessing((32, 32), data.channels, half, half).as_json()
    with torch.device("meta"):
        return Preprocessing.of_timm(create_backbone(backbone, 3, (224, 224), options)).as_json()
