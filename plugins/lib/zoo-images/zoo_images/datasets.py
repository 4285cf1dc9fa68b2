"""The registered datasets: pinned bytes to `ImageSet`."""

from __future__ import annotations

import dataclasses
from hashlib import sha256

import numpy as np
import torch
from torch import Tensor

from zoo_core import BadInput, DataError, fetch
from zoo_images import cifar
from zoo_images.idx import read_idx
from zoo_images.image_set import ImageSet
from zoo_images.specs.sources import CIFAR10N, CIFAR100, IDX_HASHES, idx_files

VALIDATION = 10
"""Every so many training images one is for validation: those whose index ends in 9."""

FASHION = (
    *("T-shirt/top", "trouser", "pullover", "dress", "coat"),
    *("sandal", "shirt", "sneaker", "bag", "ankle boot"),
)
NORMALISATION = {"fashion-mnist": (0.2860, 0.3530), "mnist": (0.1307, 0.3081)}
"""Mean and standard deviation of the training pixels."""


def fashion_mnist(limit: int | None = None) -> ImageSet:
    """Return Fashion-MNIST; `limit` takes the first so many of the 60,000 training images."""
    return _idx("fashion-mnist", FASHION, limit)


def mnist(limit: int | None = None) -> ImageSet:
    """Return MNIST; `limit` takes the first so many of the 60,000 training images."""
    return _idx("mnist", tuple(map(str, range(10))), limit)


def _idx(name: str, classes: tuple[str, ...], limit: int | None) -> ImageSet:
    arrays = {stem: _pinned(name, stem) for stem in IDX_HASHES[name]}
    train, test = (
        (arrays[f"{part}-images-idx3"][:, None], arrays[f"{part}-labels-idx1"])
        for part in ("train", "t10k")
    )
    mean, std = NORMALISATION[name]
    return official(train, test, classes, (mean,), (std,), limit)


def _pinned(name: str, stem: str) -> np.ndarray:
    """Return an array whose content is what its hash promises, however it was gzipped."""
    path = fetch(idx_files(name)[stem])
    array = read_idx(path)
    expected = IDX_HASHES[name][stem]
    header = bytes((0, 0, 8, array.ndim)) + np.array(array.shape, ">u4").tobytes()
    found = sha256(header + array.tobytes()).hexdigest()
    if found != expected:
        raise DataError(
            f"{path} does not hold the {stem} of {name}: the SHA-256 of its content is "
            f"{found[:12]}…, expected {expected[:12]}…; get it from its official address."
        )
    return array


def official(
    train: tuple[np.ndarray, np.ndarray],
    test: tuple[np.ndarray, np.ndarray],
    classes: tuple[str, ...],
    mean: tuple[float, ...],
    std: tuple[float, ...],
    limit: int | None = None,
) -> ImageSet:
    """Return images (N, C, H, W) with an official split, a tenth of the training for validation.

    Raises `BadInput` for a limit that leaves less than one validation image.
    """
    count = checked_limit(limit, len(train[0]))
    images = np.concatenate([train[0][:count], test[0]])
    labels = np.concatenate([train[1][:count], test[1]]).astype(np.int64)
    learnt, kept = validation_rows(count)
    return ImageSet(
        images=torch.from_numpy(images),
        labels=torch.from_numpy(labels),
        classes=classes,
        rows={"train": learnt, "val": kept, "test": torch.arange(count, len(labels))},
        mean=mean,
        std=std,
    )


def checked_limit(limit: int | None, available: int) -> int:
    """Return how many training images are taken; raises `BadInput` for a limit that leaves none."""
    count = available if limit is None else limit
    if not VALIDATION <= count <= available:
        raise BadInput(
            f"limit={limit}; expected a number from {VALIDATION} to {available}, of training "
            "images."
        )
    return count


def validation_rows(count: int) -> tuple[Tensor, Tensor]:
    """Return the indices to learn from and those to validate on, of so many training images."""
    rows = torch.arange(count)
    kept = rows % VALIDATION == VALIDATION - 1
    return rows[~kept], rows[kept]


def cifar10n(labels: str = "worst", limit: int | None = None) -> ImageSet:
    """Return 10,000 training images of CIFAR-10 with human labels, and 2,000 test images.

    `labels` is ``clean``, ``aggre`` (the majority of three people), ``random1`` to ``random3`` (one
    person each) or ``worst`` (a wrong one where there is one). Test labels are the clean ones.
    """
    paths = {name: fetch(CIFAR10N[name]) for name in cifar.SUBSET}
    names, columns = cifar.read_labels(paths["train_labels.csv"])
    if labels not in columns:
        raise BadInput(f"labels={labels!r}; expected one of {', '.join(columns)}.")
    kept = names[: checked_limit(limit, len(names))]
    train = cifar.read_zip(paths["train_images.zip"], kept), columns[labels][: len(kept)]
    names, tests = cifar.read_labels(paths["test_labels.csv"])
    test = cifar.read_zip(paths["test_images.zip"], names), tests["clean"]
    data = official(train, test, cifar.CLASSES, cifar.MEAN, cifar.STD)
    truth = np.concatenate([columns["clean"][: len(kept)], test[1]]).astype(np.int64)
    return ImageSet(**{**vars(data), "truth": torch.from_numpy(truth), "true_splits": ("test",)})


def cifar100(limit: int | None = None) -> ImageSet:
    """Return 10,000 training images of CIFAR-100 with clean labels, and 2,000 test images.

    The 20 superclasses are its `groups`. The files have one class after the other; here every 100
    images have one of each class, and a tenth of each class is for validation.
    """
    paths = {name: fetch(file) for name, file in CIFAR100.items()}
    tree = cifar.read_hierarchy(paths["hierarchy.csv"])
    names, columns = cifar.read_labels(paths["train_labels.csv"])
    order = interleaved(columns["fine"])[: checked_limit(limit, len(names))]
    train = (
        cifar.read_zip(paths["train_images.zip"], [names[i] for i in order]),
        columns["fine"][order],
    )
    names, tests = cifar.read_labels(paths["test_labels.csv"])
    test = cifar.read_zip(paths["test_images.zip"], names), tests["fine"]
    for found in (columns, tests):
        if not np.array_equal(np.array(tree.groups)[found["fine"]], found["coarse"]):
            raise DataError(
                f"{paths['hierarchy.csv']} gives other superclasses than the labels have."
            )
    data = official(train, test, tree.classes, cifar.MEAN_100, cifar.STD_100)
    return dataclasses.replace(data, groups=tree.groups, group_names=tree.group_names)


def interleaved(labels: np.ndarray) -> np.ndarray:
    """Return an order (n,) in which the classes take turns, each round beginning one class later.

    So every beginning has its share of every class, and so has every tenth image.
    """
    classes = int(labels.max()) + 1
    turn = np.empty(len(labels), np.int64)
    for label, count in enumerate(np.bincount(labels)):
        turn[labels == label] = np.arange(count)
    order: np.ndarray = np.lexsort(((labels + turn) % classes, turn))
    return order
