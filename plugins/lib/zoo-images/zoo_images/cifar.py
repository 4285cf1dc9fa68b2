"""CIFAR-10 and CIFAR-100 as they are published: python and binary versions, folders or archives."""

from __future__ import annotations

import io
import pickle
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from zoo_core import DataError

CLASSES = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)
MEAN, STD = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)
MEAN_100, STD_100 = (0.5071, 0.4867, 0.4408), (0.2675, 0.2565, 0.2761)
"""Of the training pixels of CIFAR-10, and of CIFAR-100."""
PIXELS = 3 * 32 * 32
LARGEST = 2**28
"""Bytes of one member of an archive: ten times what the largest has."""

_ALLOWED: dict[tuple[str, str], Any] = {
    ("numpy", "dtype"): np.dtype,
    ("numpy", "ndarray"): np.ndarray,
    # NumPy 1 and 2 keep this function in different modules; this finds it in either.
    ("numpy.core.multiarray", "_reconstruct"): np.empty(0).__reduce__()[0],
    ("numpy._core.multiarray", "_reconstruct"): np.empty(0).__reduce__()[0],
    # What protocol 2 writes for bytes: it encodes a string, and runs nothing.
    ("_codecs", "encode"): lambda text, encoding: str(text).encode(str(encoding)),
}


@dataclass(frozen=True)
class Layout:
    """One of the four published versions: its members, and what its labels are called."""

    train: tuple[str, ...]
    test: str
    labels: tuple[str, ...]
    names: Mapping[str, str]
    """The member that holds the names of the classes, for each kind of label."""
    binary: bool


_TEN = tuple(f"data_batch_{i}" for i in range(1, 6))
LAYOUTS = (
    Layout(_TEN, "test_batch", ("labels",), {"labels": "batches.meta"}, binary=False),
    Layout(
        tuple(f"{name}.bin" for name in _TEN),
        "test_batch.bin",
        ("labels",),
        {"labels": "batches.meta.txt"},
        binary=True,
    ),
    Layout(
        ("train",),
        "test",
        ("coarse_labels", "fine_labels"),
        {"coarse_labels": "meta", "fine_labels": "meta"},
        binary=False,
    ),
    Layout(
        ("train.bin",),
        "test.bin",
        ("coarse_labels", "fine_labels"),
        {"coarse_labels": "coarse_label_names.txt", "fine_labels": "fine_label_names.txt"},
        binary=True,
    ),
)


@dataclass(frozen=True)
class Cifar:
    """What one published version holds: for each part images and labels, and the classes' names.

    `parts` has ``train`` and ``test``, each with ``images``, uint8 (n, 3, 32, 32), and ``labels``
    or ``fine_labels`` and ``coarse_labels``, int64 (n,), in the official order. `names` has those
    of each kind of label.
    """

    parts: dict[str, dict[str, np.ndarray]]
    names: dict[str, tuple[str, ...]]


class _Restricted(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise DataError(
                f"A file asks for {module}.{name}, which arrays have no need of and which could "
                "run code; it was refused: get it from its official address."
            ) from None


def unpickled(content: bytes, name: str) -> Any:
    """Return what a pickle of arrays, lists and strings holds; raises `DataError` for any other."""
    try:
        return _Restricted(io.BytesIO(content), encoding="bytes").load()
    except DataError:
        raise
    # A damaged pickle fails in as many ways as it has instructions.
    except Exception as error:
        raise DataError(f"{name} is no pickle of arrays ({error!r}); get it again.") from error


def read_batch(content: bytes, name: str) -> dict[str, np.ndarray]:
    """Return a batch of the official python version, a pickle of arrays and lists alone.

    ``images`` are uint8 (n, 3, 32, 32); ``labels``, or ``fine_labels`` and ``coarse_labels`` for
    CIFAR-100, are int64 (n,). Raises `DataError` for anything else.
    """
    found = unpickled(content, name)
    try:
        batch = {
            (key.decode() if isinstance(key, bytes) else key): value for key, value in found.items()
        }
        images = np.asarray(batch["data"], np.uint8).reshape(-1, 3, 32, 32)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise DataError(f"{name} is no batch of CIFAR ({error!r}); get it again.") from error
    labels = {
        key: np.asarray(batch[key], np.int64)
        for key in ("labels", "fine_labels", "coarse_labels")
        if key in batch
    }
    if not labels or any(len(values) != len(images) for values in labels.values()):
        raise DataError(f"{name} has no label for each of its {len(images)} images; get it again.")
    return {"images": images, **labels}


def read_binary(content: bytes, name: str, labels: Sequence[str]) -> dict[str, np.ndarray]:
    """Return a batch of the official binary version: a byte for each label, then 3,072 of pixels.

    Raises `DataError` for a length that is no multiple of that.
    """
    length = len(labels) + PIXELS
    if not content or len(content) % length:
        raise DataError(
            f"{name} has {len(content):,} bytes; expected a multiple of {length:,}, the bytes of "
            "an image and its labels. Get it again."
        )
    rows = np.frombuffer(content, np.uint8).reshape(-1, length)
    images = rows[:, len(labels) :].reshape(-1, 3, 32, 32)
    return {"images": images, **{key: rows[:, i].astype(int) for i, key in enumerate(labels)}}


def is_cifar(path: Path) -> bool:
    """Tell whether a folder holds one of the published versions, whole or in part."""
    return any((path / layout.test).is_file() for layout in LAYOUTS)


def read_cifar(path: Path) -> Cifar:
    """Return a published version of CIFAR-10 or CIFAR-100, from its folder or its archive.

    Raises `DataError` for an archive that is damaged, a batch that is missing, or labels that are
    none of the named classes.
    """
    members = _folder(path) if path.is_dir() else _archive(path)
    for layout in LAYOUTS:
        if layout.test in members:
            break
    else:
        raise DataError(
            f"{path} lacks training or test batches; expected the python or binary version of "
            "CIFAR-10 or CIFAR-100."
        )
    for name in layout.train:
        if name not in members:
            raise DataError(f"{path} lacks {name}; get the whole archive again.")

    def read(name: str) -> dict[str, np.ndarray]:
        label, content = f"{name} in {path}", members[name].read()
        if layout.binary:
            return read_binary(content, label, layout.labels)
        return read_batch(content, label)

    train = [read(name) for name in layout.train]
    parts = {
        "train": {key: np.concatenate([one[key] for one in train]) for key in train[0]},
        "test": read(layout.test),
    }
    names = {kind: _names(kind, layout, members, path) for kind in layout.labels}
    for part in parts.values():
        for kind, known in names.items():
            if kind not in part or part[kind].min() < 0 or part[kind].max() >= len(known):
                raise DataError(f"{path} has {kind} that are none of the {len(known)} classes.")
    return Cifar(parts, names)


@dataclass(frozen=True)
class _Member:
    """A file of a folder, or of an archive whose small members were read."""

    path: Path | None = None
    content: bytes = b""

    def read(self) -> bytes:
        """Return its bytes."""
        return self.content if self.path is None else self.path.read_bytes()


_KNOWN = {name for one in LAYOUTS for name in (*one.train, one.test, *one.names.values())}


def _folder(path: Path) -> dict[str, _Member]:
    return {name: _Member(path / name) for name in _KNOWN if (path / name).is_file()}


def _archive(path: Path) -> dict[str, _Member]:
    found = {}
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                name = Path(member.name).name
                if name not in _KNOWN or not member.isfile():
                    continue
                if member.size > LARGEST:
                    raise DataError(f"{member.name} in {path} is too large for a batch of CIFAR.")
                content = archive.extractfile(member)
                assert content is not None
                found[name] = _Member(content=content.read())
    except (tarfile.TarError, OSError, EOFError) as error:
        raise DataError(f"{path} is a damaged archive ({error}); get it again.") from error
    return found


def _names(
    kind: str, layout: Layout, members: Mapping[str, _Member], path: Path
) -> tuple[str, ...]:
    member = layout.names[kind]
    if member not in members:
        if kind == "labels":
            return CLASSES
        raise DataError(f"{path} lacks {member}, the names of the classes; get the whole archive.")
    content = members[member].read()
    if layout.binary:
        return tuple(line.strip() for line in content.decode().splitlines() if line.strip())
    key = {"labels": "label_names"}.get(kind, kind.replace("_labels", "_label_names"))
    found = unpickled(content, f"{member} in {path}")
    given = found.get(key.encode(), found.get(key)) if isinstance(found, dict) else None
    if not given:
        raise DataError(f"{member} in {path} has no {key}; get the whole archive.")
    return tuple(one.decode() if isinstance(one, bytes) else str(one) for one in given)
