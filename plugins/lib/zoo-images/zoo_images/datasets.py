"""The registered datasets: pinned bytes to `ImageSet`."""

from __future__ import annotations

import dataclasses
from hashlib import file_digest, sha256
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from zoo_core import BadInput, DataError, fetch
from zoo_images import cifar, zipped
from zoo_images.human import human_labels, with_human_labels
from zoo_images.idx import read_idx
from zoo_images.image_set import ImageSet
from zoo_images.specs.sources import (
    CIFAR10N,
    CIFAR100,
    IDX_HASHES,
    OFFICIAL,
    OFFICIAL_MD5,
    idx_files,
)

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


def is_idx(folder: Path) -> bool:
    """Tell whether a folder holds IDX files, as MNIST and its relatives are published."""
    return _idx_file(folder, "train", "images-idx3") is not None


def idx_folder(folder: Path) -> ImageSet:
    """Return a relative of MNIST from its four IDX files, plain or gzipped.

    Classes are numbers; a tenth of the training is for validation. Raises `DataError` for a file
    that is missing or damaged, and for images and labels that do not belong together.
    """
    arrays = {}
    for part in ("train", "t10k"):
        for kind in ("images-idx3", "labels-idx1"):
            path = _idx_file(folder, part, kind)
            if path is None:
                raise DataError(f"{folder} lacks {part}-{kind}-ubyte; get the four files again.")
            arrays[part, kind] = read_idx(path)
    for part in ("train", "t10k"):
        images, labels = arrays[part, "images-idx3"], arrays[part, "labels-idx1"]
        if images.ndim != 3 or images.dtype != np.uint8 or labels.shape != images.shape[:1]:
            raise DataError(
                f"{folder} has {part} images {images.shape} of {images.dtype} and labels "
                f"{labels.shape}; expected bytes (n, height, width) and a label for each."
            )
    train, test = (
        (arrays[part, "images-idx3"][:, None], arrays[part, "labels-idx1"])
        for part in ("train", "t10k")
    )
    classes = tuple(map(str, range(int(max(train[1].max(), test[1].max())) + 1)))
    pixels = train[0][:10_000].astype(np.float64) / 255
    mean, std = (round(float(one), 4) for one in (pixels.mean(), pixels.std()))
    return official(train, test, classes, (mean,), (std,))


def _idx_file(folder: Path, part: str, kind: str) -> Path | None:
    names = [f"{part}-{kind}-ubyte", f"{part}-{kind.replace('-idx', '.idx')}-ubyte"]
    paths = [folder / (name + packed) for name in names for packed in ("", ".gz")]
    return next((path for path in paths if path.is_file()), None)


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


def cifar10n(labels: str = "worst", limit: int | None = None, full: bool = False) -> ImageSet:
    """Return 10,000 training images of CIFAR-10 with human labels, and 2,000 test images.

    `labels` is ``clean``, ``aggre`` (the majority of three people), ``random1`` to ``random3`` (one
    person each) or ``worst`` (a wrong one where there is one). Test labels are the clean ones. With
    `full` it is all 50,000 and 10,000, from the official archive, and `limit` is as for the others.
    """
    if full:
        data = published(read_official("cifar10"))
        return limited(with_human_labels(data, human_labels("cifar10n"), labels), limit)
    paths = {name: fetch(CIFAR10N[name]) for name in zipped.SUBSET}
    names, columns = zipped.read_labels(paths["train_labels.csv"])
    if labels not in columns:
        raise BadInput(f"labels={labels!r}; expected one of {', '.join(columns)}.")
    kept = names[: checked_limit(limit, len(names))]
    train = zipped.read_zip(paths["train_images.zip"], kept), columns[labels][: len(kept)]
    names, tests = zipped.read_labels(paths["test_labels.csv"])
    test = zipped.read_zip(paths["test_images.zip"], names), tests["clean"]
    data = official(train, test, cifar.CLASSES, cifar.MEAN, cifar.STD)
    truth = np.concatenate([columns["clean"][: len(kept)], test[1]]).astype(np.int64)
    return dataclasses.replace(data, truth=torch.from_numpy(truth), true_splits=("test",))


def cifar100(limit: int | None = None, full: bool = False) -> ImageSet:
    """Return 10,000 training images of CIFAR-100 with clean labels, and 2,000 test images.

    The 20 superclasses are its `groups`. The files have one class after the other; here every 100
    images have one of each class, and a tenth of each class is for validation. With `full` it is
    all 50,000 and 10,000, from the official archive and in its order.
    """
    if full:
        return limited(published(read_official("cifar100")), limit)
    paths = {name: fetch(file) for name, file in CIFAR100.items()}
    tree = zipped.read_hierarchy(paths["hierarchy.csv"])
    names, columns = zipped.read_labels(paths["train_labels.csv"])
    order = interleaved(columns["fine"])[: checked_limit(limit, len(names))]
    train = (
        zipped.read_zip(paths["train_images.zip"], [names[i] for i in order]),
        columns["fine"][order],
    )
    names, tests = zipped.read_labels(paths["test_labels.csv"])
    test = zipped.read_zip(paths["test_images.zip"], names), tests["fine"]
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


def read_official(name: str) -> cifar.Cifar:
    """Return ``cifar10`` or ``cifar100`` from the official archive; raises `DataError`."""
    path = fetch(OFFICIAL[name])
    with path.open("rb") as stream:
        found = file_digest(stream, "md5").hexdigest()
    if found != OFFICIAL_MD5[name]:
        raise DataError(
            f"{path} is not the official archive of {name}: its MD5 is {found}, expected "
            f"{OFFICIAL_MD5[name]}; get it from its official address."
        )
    return cifar.read_cifar(path)


def published(found: cifar.Cifar) -> ImageSet:
    """Return a published version of CIFAR as a dataset, in its order, superclasses with it.

    Raises `DataError` where a class has two superclasses.
    """
    fine = "labels" if "labels" in found.names else "fine_labels"
    train, test = (
        (found.parts[part]["images"], found.parts[part][fine]) for part in ("train", "test")
    )
    ten = fine == "labels"
    mean, std = (cifar.MEAN, cifar.STD) if ten else (cifar.MEAN_100, cifar.STD_100)
    data = official(train, test, found.names[fine], mean, std)
    if ten:
        return data
    pairs = {
        pair
        for part in found.parts.values()
        for pair in zip(part[fine].tolist(), part["coarse_labels"].tolist(), strict=True)
    }
    groups = dict(pairs)
    if len(groups) != len(pairs) or len(groups) != len(data.classes):
        raise DataError("A class of these images has two superclasses, or none; get them again.")
    return dataclasses.replace(
        data,
        groups=tuple(groups[i] for i in range(len(groups))),
        group_names=found.names["coarse_labels"],
    )


def limited(data: ImageSet, limit: int | None) -> ImageSet:
    """Return a dataset whose training is the first so many training images, the test unchanged."""
    count = len(data) - len(data.rows["test"])
    learnt, kept = validation_rows(checked_limit(limit, count))
    return dataclasses.replace(data, rows={**data.rows, "train": learnt, "val": kept})
