"""What a user has, labelled images and perhaps a hierarchy of their classes, to data."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from zoo_images.image_set import ImageSet
from zoo_images.reading import read_labelled
from zoo_label_noise.noisy import with_noise

from zoo_hierarchical_label_noise.files import read_hierarchy
from zoo_hierarchical_label_noise.hierarchy import Hierarchy


@dataclass(frozen=True)
class HierarchicalImageSet(ImageSet):
    """Images whose classes have a hierarchy of any depth."""

    hierarchy: Hierarchy | None = None


def read_labelled_images(
    source: Any,
    *,
    hierarchy: Any = None,
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

    `hierarchy` is what `files.read_hierarchy` takes: a file (CSV, JSON, is-a list) or a tree in
    memory. Labels are taken as they are. `inject` says that they are clean and makes that share of
    them wrong, with noise of a `kind` and a seed (``within`` and ``across`` go by the superclasses
    below the root): training and validation labels become noisy, test labels stay clean. What is
    wrong in them already is no matter of the data: say so to the model, as ``assumed_rate``. Raises
    `BadInput`.
    """
    data = read_labelled(source, file=file, label=label, truth=truth, fold=fold, folds=folds)
    if hierarchy is not None:
        tree = read_hierarchy(hierarchy, data.classes)
        data = HierarchicalImageSet(
            **{
                **vars(data),
                "groups": tuple(tree.groups.tolist()),
                "group_names": tree.group_names,
                "hierarchy": tree,
            }
        )
    if inject is None:
        return data
    groups = data.groups or None
    noisy: ImageSet = with_noise(data, kind, inject, noise_seed, groups=groups)
    return noisy


def hierarchy_of(data: Any) -> Hierarchy | None:
    """Return the hierarchy that comes with data: a tree, or superclasses; None for neither."""
    tree: Hierarchy | None = getattr(data, "hierarchy", None)
    groups = getattr(data, "groups", ())
    if tree is None and groups:
        tree = Hierarchy.of_groups(groups, data.classes, data.group_names)
    return tree


def without_hierarchy(data: Any) -> Any:
    """Return data as they would be without the superclasses that come with them."""
    more = {"hierarchy": None} if hasattr(data, "hierarchy") else {}
    return dataclasses.replace(data, groups=(), group_names=(), **more)
