"""Signals on one fixed graph, and the paper's inpainting tasks with its very images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from zoo_tables import open_arrays

from zoo_approx_equivariant.painting import hide_squares, squares_at
from zoo_approx_equivariant.specs.data import EXACT, IMAGES_SHA256, SQUARE
from zoo_core import BadInput, DataError, Split, available, dataset

LEARNT = 80
"""Of the paper's 100 training images; the others choose the epoch."""
NORMALISATION = {"fashion-mnist": (0.5, 0.5), "mnist": (0.1307, 0.3081)}
_SPLIT_STATE = 999
"""Of the paper's stratified split, by scikit-learn."""


@dataclass(frozen=True)
class Signals:
    """What is given and what is wanted on the N nodes of one graph: (M, N, in) and (M, N, out).

    `rows` maps each split to its indices. `partitions` are partitions (N,) from the coarsest to the
    finest that may be tried, and `generators` the graph's own automorphisms, where they are known.
    `size`, `mean`, `std` and `square` are those of images.
    """

    inputs: Tensor
    targets: Tensor
    rows: Mapping[str, Tensor]
    size: tuple[int, int] | None = None
    mean: float = 0.0
    std: float = 1.0
    square: int = 0
    partitions: Sequence[NDArray[np.intp]] = ()
    generators: Sequence[Sequence[int]] = ()
    facts: Mapping[str, int | str] = field(default_factory=dict)

    @property
    def splits(self) -> tuple[str, ...]:
        """The names of the splits."""
        return tuple(self.rows)

    def split(self, name: str) -> Split:
        """Return the view of one split."""
        return Split(self, name, self.rows[name])


def fashion_inpainting(
    run: int = 0, flip: bool = False, square: int = SQUARE["fashion-mnist"]
) -> Signals:
    """Return the paper's 100 + 1,000 images of Fashion-MNIST with a square hidden in each."""
    return inpainting("fashion-mnist", run, flip, square)


def mnist_inpainting(run: int = 0, flip: bool = False, square: int = SQUARE["mnist"]) -> Signals:
    """Return the paper's 100 + 1,000 images of MNIST with a square hidden in each."""
    return inpainting("mnist", run, flip, square)


def inpainting(name: str, run: int, flip: bool, square: int) -> Signals:
    """Return the images of a run, which draws masks, flips, and the 80 that are learnt from.

    Masks are drawn once, for all splits, and stay; with `flip` every image is mirrored with
    probability 1/2.
    """
    if not isinstance(run, int) or isinstance(run, bool) or run < 0:
        raise BadInput(f"run={run!r}; expected a whole number from 0, the seed of masks and split.")
    train, test = exact_images(name)
    images = np.concatenate([train, test])
    rng = np.random.default_rng((run, 1))
    order = torch.from_numpy(rng.permutation(len(train)))
    if flip:
        turned = rng.random(len(images)) < 0.5
        images = np.where(turned[:, None, None], images[:, :, ::-1], images)
    rows = {
        "train": order[:LEARNT],
        "val": order[LEARNT:],
        "test": torch.arange(len(train), len(images)),
    }
    return hidden_signals(images, rows, *NORMALISATION[name], square, run)


def hidden_signals(
    images: NDArray[np.uint8],
    rows: Mapping[str, Tensor],
    mean: float,
    std: float,
    square: int,
    seed: int,
) -> Signals:
    """Return images (n, H, W) as targets, and as inputs with a square of each hidden.

    Raises `BadInput` for a square that does not fit.
    """
    pixels = (torch.from_numpy(np.ascontiguousarray(images)).float() / 255 - mean) / std
    size = (pixels.shape[1], pixels.shape[2])
    corners = squares_at(len(pixels), size, square, seed)
    hidden = hide_squares(pixels, corners, square)
    return Signals(
        inputs=hidden.flatten(1)[..., None],
        targets=pixels.flatten(1)[..., None],
        rows=rows,
        size=size,
        mean=mean,
        std=std,
        square=square,
        facts={"images": len(pixels), "pixels": size[0] * size[1]},
    )


def exact_images(name: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the paper's 100 training and 1,000 test images (n, 28, 28).

    They are those of a mirror's subset, or else chosen from the full data set as the paper's
    notebooks do; both are checked against one hash. Raises `DataError` where neither is at hand.
    """
    path = available(EXACT[name])
    train, test = _subset(path) if path is not None else _chosen(name)
    found = sha256(train.tobytes() + test.tobytes()).hexdigest()
    if found != IMAGES_SHA256[name]:
        raise DataError(
            f"The images chosen from {name} are not the paper's (SHA-256 {found[:12]}…, expected "
            f"{IMAGES_SHA256[name][:12]}…); set ZOO_DATA_MIRROR to a folder with "
            f"{EXACT[name].path}."
        )
    return train, test


def _subset(path: Path) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    with open_arrays(path) as arrays:
        return arrays["train100_images"], arrays["test1000_images"]


def _chosen(name: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Split the full data set as the notebooks do: stratified, by scikit-learn's random state."""
    from sklearn.model_selection import train_test_split

    data: Any = dataset(name)
    images, labels = data.images[:, 0].numpy(), data.labels.numpy()
    count = len(labels) - len(data.rows["test"])
    known = {"shuffle": True, "random_state": _SPLIT_STATE}
    train, _ = train_test_split(np.arange(count), train_size=100, stratify=labels[:count], **known)
    test, _ = train_test_split(
        np.arange(count, len(labels)), test_size=0.9, stratify=labels[count:], **known
    )
    return images[train], images[test]
