"""What the tests share: no network, a folder of small pictures, small files as CIFAR's are."""

from __future__ import annotations

import io
import pickle
import tarfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image


@pytest.fixture(autouse=True)
def surroundings(no_network):
    """Data come from the mirror and the cache alone."""


@pytest.fixture
def folder(tmp_path):
    """Two classes of twelve pictures each, told apart by their brightness; sizes vary."""
    rng = np.random.default_rng(0)
    for name, level in (("dark", 40), ("light", 200)):
        (tmp_path / "pictures" / name).mkdir(parents=True)
        for i in range(12):
            pixels = level + rng.integers(-30, 30, (20 + i, 24, 3))
            Image.fromarray(pixels.astype(np.uint8)).save(tmp_path / "pictures" / name / f"{i}.png")
    return tmp_path / "pictures"


@pytest.fixture(scope="session")
def official():
    """Small files in the four formats in which CIFAR is published: what makes them."""
    return SimpleNamespace(
        ten=ten,
        hundred=hundred,
        packed=packed,
        pixels=pixels,
        fine=FINE,
        coarse=COARSE,
        train=TRAIN,
        test=TEST,
    )


FINE, COARSE = ("apple", "bear", "cup", "dolphin"), ("animals", "things")
GROUPS = np.array([1, 0, 1, 0])
TRAIN, TEST = 40, 12


def pixels(count: int, seed: int = 0) -> np.ndarray:
    """Random images (n, 3072)."""
    return np.random.default_rng(seed).integers(0, 255, (count, 3072)).astype(np.uint8)


def ten(folder: Path, *, binary: bool) -> Path:
    """CIFAR-10's: five batches of eight images, twelve test images, labels 0 to 9 in turn."""
    folder.mkdir(parents=True)
    images, labels = pixels(TRAIN), np.arange(TRAIN) % 10
    tests, wanted = pixels(TEST, 1), np.arange(TEST) % 10
    batches = {f"data_batch_{i + 1}": np.s_[8 * i : 8 * i + 8] for i in range(5)}
    for name, part in batches.items():
        _write(folder, name, images[part], {"labels": labels[part]}, binary)
    _write(folder, "test_batch", tests, {"labels": wanted}, binary)
    names = [f"class {i}" for i in range(10)]
    if binary:
        (folder / "batches.meta.txt").write_text("\n".join(names) + "\n\n")
    else:
        meta = {b"label_names": [one.encode() for one in names]}
        (folder / "batches.meta").write_bytes(pickle.dumps(meta, protocol=2))
    return folder


def hundred(folder: Path, *, binary: bool) -> Path:
    """CIFAR-100's, of four classes in two superclasses, in turn."""
    folder.mkdir(parents=True)
    for name, count, seed in (("train", TRAIN, 0), ("test", TEST, 1)):
        fine = np.arange(count) % 4
        labels = {"coarse_labels": GROUPS[fine], "fine_labels": fine}
        _write(folder, name, pixels(count, seed), labels, binary)
    if binary:
        (folder / "fine_label_names.txt").write_text("\n".join(FINE) + "\n")
        (folder / "coarse_label_names.txt").write_text("\n".join(COARSE) + "\n")
    else:
        meta = {"fine_label_names": list(FINE), "coarse_label_names": list(COARSE)}
        (folder / "meta").write_bytes(pickle.dumps(meta, protocol=2))
    return folder


def packed(folder: Path) -> Path:
    """The same as an archive."""
    path = folder.with_suffix(".tar.gz")
    with tarfile.open(path, "w:gz") as stream:
        for file in sorted(folder.iterdir()):
            content = file.read_bytes()
            info = tarfile.TarInfo(f"{folder.name}/{file.name}")
            info.size = len(content)
            stream.addfile(info, io.BytesIO(content))
    return path


def _write(
    folder: Path, name: str, images: np.ndarray, labels: dict[str, np.ndarray], binary: bool
) -> None:
    if binary:
        columns = [values.astype(np.uint8)[:, None] for values in labels.values()]
        (folder / f"{name}.bin").write_bytes(np.concatenate([*columns, images], 1).tobytes())
        return
    told = {key.encode(): values.tolist() for key, values in labels.items()}
    # Protocol 2, byte strings for keys: what the published files have.
    (folder / name).write_bytes(pickle.dumps({b"data": images, **told}, protocol=2))
