"""What a user has, labelled images in folders, tables or arrays, to data whose noise is told."""

from __future__ import annotations

from typing import Any

from zoo_images.image_set import ImageSet
from zoo_images.reading import read_labelled
from zoo_label_noise.noisy import with_noise


def read_labelled_images(
    source: Any,
    *,
    inject: float | None = None,
    kind: str = "symmetric",
    noise_seed: int = 0,
    file: str = "file",
    label: str = "label",
    truth: str | None = None,
    fold: int = 0,
    folds: int = 5,
) -> ImageSet:
    """Return a user's images; see `zoo_images.reading.read_labelled` for what they may be.

    Labels are taken as they are. `inject` says that they are clean and makes that share of them
    wrong, with noise of a `kind` and a seed: training and validation labels become noisy, test
    labels stay clean. What is wrong in them already is no matter of the data: say so to the model,
    as ``assumed_rate``. Raises `BadInput`.
    """
    data = read_labelled(source, file=file, label=label, truth=truth, fold=fold, folds=folds)
    if inject is None:
        return data
    noisy: ImageSet = with_noise(data, kind, inject, noise_seed)
    return noisy
