"""`ImageSet`: labelled images in memory or in files, with named splits."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from zoo_core import BadInput, Split
from zoo_images.decoding import decode_all
from zoo_images.preprocessing import Preprocessing

ROOM = 2**31
"""Bytes of memory that a training's images may take before they are read anew in each epoch."""


@dataclass(frozen=True)
class ImageSet:
    """Images with labels, and which of them are in which split.

    `images` is a uint8 tensor (N, C, H, W), or the N files, which are read when they are needed.
    `labels` (N,) are class indices as they were given, wrong ones included; `truth` (N,) the
    correct ones, where these are known to differ. `rows` maps the name of each split to its
    indices; the splits in `true_splits` are measured against `truth`. `noise` says how `labels`
    came to differ from the truth, for the methods that ask. Where classes have an official
    hierarchy, `groups` holds the superclass of each class, an index into `group_names`.

    Raises `BadInput` when these do not fit together.
    """

    images: Tensor | Sequence[Path]
    labels: Tensor
    classes: tuple[str, ...]
    rows: Mapping[str, Tensor]
    truth: Tensor | None = None
    true_splits: tuple[str, ...] = ()
    noise: Any = None
    mean: tuple[float, ...] = field(default=())
    std: tuple[float, ...] = field(default=())
    groups: tuple[int, ...] = field(default=())
    group_names: tuple[str, ...] = field(default=())
    told: set[str] = field(default_factory=set, repr=False, compare=False)
    """What was said of files already: what is lost of many is said of the first."""

    def __post_init__(self) -> None:
        for name in ("labels", "truth"):
            values = getattr(self, name)
            if values is None:
                continue
            if values.shape != (len(self.images),):
                raise BadInput(
                    f"There are {len(self.images)} images and {name} of shape "
                    f"{tuple(values.shape)}; expected one label an image."
                )
            if len(values) and not 0 <= int(values.min()) <= int(values.max()) < len(self.classes):
                raise BadInput(
                    f"Some {name} are outside of 0 to {len(self.classes) - 1}; expected the index "
                    f"of one of the {len(self.classes)} classes."
                )
        if self.groups and (
            len(self.groups) != len(self.classes)
            or not 0 <= min(self.groups) <= max(self.groups) < len(self.group_names)
        ):
            raise BadInput(
                f"There are {len(self.groups)} groups' numbers for {len(self.classes)} classes and "
                f"{len(self.group_names)} names of groups; expected the group of each class."
            )

    def __len__(self) -> int:
        return len(self.images)

    @property
    def splits(self) -> tuple[str, ...]:
        """The names of the splits."""
        return tuple(self.rows)

    @property
    def metric_options(self) -> dict[str, Any]:
        """What metrics of these data need: the number of classes."""
        return {"num_classes": len(self.classes)}

    @property
    def channels(self) -> int:
        """1 for grey images in memory, 3 for colour; files are read as what a model takes."""
        return self.images.shape[1] if isinstance(self.images, Tensor) else 3

    def split(self, name: str) -> Split:
        """Return the view of one split."""
        return Split(self, name, self.rows[name])

    def targets(self, name: str) -> Tensor:
        """Return what a split is measured against: the truth, or the labels as they were given."""
        labels = self.truth if name in self.true_splits and self.truth is not None else self.labels
        return labels[self.rows[name]]

    def tensors(self, rows: Tensor, preprocessing: Preprocessing) -> Tensor:
        """Return images as a model takes them, float32 (n, C, H, W), in the order of `rows`.

        Raises `BadInput` that names a file that cannot be read.
        """
        if isinstance(self.images, Tensor):
            return preprocessing(self.images[rows])
        files = [self.images[row] for row in rows.tolist()]
        found = torch.empty(len(files), preprocessing.channels, *preprocessing.size)
        for place, image in enumerate(decode_all(files, preprocessing, self.told)):
            found[place] = image[0]
        return found

    def inputs(self, rows: Tensor, preprocessing: Preprocessing) -> Tensor | Decoded:
        """Return images for a training that goes over them again and again.

        They are tensors in memory, as `tensors` gives them; files that would take more than
        `ROOM` bytes stay files, and are read each time that a batch asks for them.
        """
        kept = Decoded(self, rows, preprocessing)
        if isinstance(self.images, Tensor) or 4 * math.prod(kept.shape) <= ROOM:
            return self.tensors(rows, preprocessing)
        return kept


@dataclass(frozen=True)
class Decoded:
    """Images of a dataset that are read from their files each time they are asked for.

    It has as much of a tensor (n, C, H, W) as a training needs: a length, a shape, and batches by
    their indices (b,).
    """

    data: ImageSet
    rows: Tensor
    preprocessing: Preprocessing

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape that all of them together have."""
        return (len(self.rows), self.preprocessing.channels, *self.preprocessing.size)

    def part(self, rows: Tensor) -> Decoded:
        """Return those of some indices (b,), still in their files."""
        return replace(self, rows=self.rows[rows])

    def __getitem__(self, rows: Tensor) -> Tensor:
        return self.data.tensors(self.rows[rows.cpu()], self.preprocessing)
