"""Pathfinder, as the Long Range Arena's archive has it: are two points joined by a dashed path?"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import torch

from zoo_core import BadInput
from zoo_images.files import Files, left_out, subfolders
from zoo_images.image_set import ImageSet
from zoo_images.splitting import stratified

CLASSES = ("not connected", "connected")
LEVELS = ("curv_baseline", "curv_contour_length_9", "curv_contour_length_14")
"""Easy, intermediate and hard; the Long Range Arena's own task is the last."""
FOLDS = 10
"""One to test on and one for validation: 80, 10 and 10 % as in the Long Range Arena."""
ARCHIVE = "lra_release.gz"
WHERE = (
    f"Pathfinder comes in the Long Range Arena's archive, {ARCHIVE} (7.7 GB, linked from "
    "https://github.com/google-research/long-range-arena); unpack it with tar -xzf and give one "
    f"level's folder, such as lra_release/lra_release/pathfinder32/{LEVELS[-1]}."
)


def is_pathfinder(folder: Path) -> bool:
    """Tell whether a folder is a level of Pathfinder, or has levels somewhere below it."""
    return _is_level(folder) or bool(_levels(folder))


def names_pathfinder(path: Path) -> bool:
    """Tell whether a path that is no folder is the archive, or was to be a folder out of it."""
    if path.is_file():
        return path.name == ARCHIVE
    return path.name == ARCHIVE or "pathfinder" in path.name.lower() or path.name in LEVELS


def read_pathfinder(folder: Path) -> ImageSet:
    """Return one level of Pathfinder: files ``imgs/0/sample_0.png``, listed by ``metadata/0.npy``.

    These are texts in spite of their names; the fourth word of a line is the label. 80 % of each
    class are to learn from, 10 % for validation and for the test, drawn with a fixed seed: the
    published split is in an order that the archive does not have. Files that are empty, as one of
    the archive's is, are left out with a notice. Raises `BadInput` for a folder of several levels,
    for metadata of another form, and for images that are missing.
    """
    if not _is_level(folder):
        raise BadInput(
            f"{folder} has several parts of Pathfinder ({', '.join(_levels(folder))}); give one of "
            f"them. The Long Range Arena's own task is {LEVELS[-1]}."
        )
    names, labels = [], []
    for path in sorted((folder / "metadata").glob("*.npy"), key=_number):
        for name, label in _lines(path):
            names.append(name)
            labels.append(label)
    Files(folder, names).check(str(folder / "metadata"))
    full = [i for i, name in enumerate(names) if os.path.getsize(folder / name)]
    left_out(folder, [names[i] for i in set(range(len(names))) - set(full)], "they are empty")
    found = torch.tensor([labels[i] for i in full], dtype=torch.int64)
    return ImageSet(
        images=Files(folder, [names[i] for i in full]),
        labels=found,
        classes=CLASSES,
        rows=stratified(found, CLASSES, 0, FOLDS),
    )


def _is_level(folder: Path) -> bool:
    return (folder / "imgs").is_dir() and any((folder / "metadata").glob("*.npy"))


def _levels(folder: Path) -> list[str]:
    """Return the levels below a folder, by their paths: two or three deep, as in the archive."""
    found = []
    for one in subfolders(folder):
        below = folder / one
        if _is_level(below):
            found.append(one)
        elif one.startswith(("pathfinder", "lra_release")):
            found += [f"{one}/{inner}" for inner in _levels(below)]
    return found


def _number(path: Path) -> tuple[int, str]:
    return (int(path.stem), "") if path.stem.isdecimal() else (-1, path.stem)


def _lines(path: Path) -> Iterator[tuple[str, int]]:
    """Yield the image's name below the level's folder, and its label."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is no text; get it again from the archive.") from error
    for number, line in enumerate(lines, 1):
        words = line.split()
        if not words:
            continue
        if len(words) < 4 or words[3] not in ("0", "1"):
            raise BadInput(
                f"{path}, line {number}, is {line[:60]!r}; expected a folder, a file, a number and "
                "the label 0 or 1, as the archive has them."
            )
        yield os.path.join(os.path.normpath(words[0]), words[1]), int(words[3])
