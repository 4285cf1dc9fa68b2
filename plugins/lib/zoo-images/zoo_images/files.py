"""Image files in folders: found, listed in little memory, and told from what lies beside them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, overload

from zoo_core import BadInput, notice
from zoo_images.decoding import SUFFIXES

SYSTEM = ("thumbs.db", "desktop.ini", "__macosx", "@eadir")
"""What systems leave in folders, beside names that begin with a dot."""


class Files(Sequence[Path]):
    """Files by their names below a folder: a sequence of paths, each made when it is asked for.

    A million of them take some 100 MB, a quarter of what as many paths take.
    """

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self.folder, self.names = folder, names

    def __len__(self) -> int:
        return len(self.names)

    @overload
    def __getitem__(self, index: int) -> Path: ...
    @overload
    def __getitem__(self, index: slice) -> Files: ...
    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return Files(self.folder, self.names[index])
        return self.folder / self.names[index]

    def __iter__(self) -> Iterator[Path]:
        return (self.folder / name for name in self.names)

    def check(self, source: str) -> None:
        """Raise `BadInput` that names the first file that is not there; `source` lists them."""
        place = os.fspath(self.folder)
        gone = [name for name in self.names if not os.path.isfile(os.path.join(place, name))]
        if gone:
            more = f" ({len(gone):,} of {len(self):,} are missing)" if len(gone) > 1 else ""
            raise BadInput(f"{source} names {self.folder / gone[0]}, which is not there{more}.")


def is_hidden(name: str) -> bool:
    """Tell whether a file or folder is a system's own: ``.DS_Store``, ``._x``, ``Thumbs.db``."""
    return name.startswith(".") or name.lower() in SYSTEM


def is_image(name: str) -> bool:
    """Tell whether a name is that of an image, by its suffix."""
    return name.lower().endswith(SUFFIXES)


def subfolders(folder: Path) -> list[str]:
    """Return the names of the folders in a folder, sorted, without a system's own."""
    with os.scandir(folder) as entries:
        return sorted(one.name for one in entries if one.is_dir() and not is_hidden(one.name))


def image_names(folder: Path) -> list[str]:
    """Return the images of a folder and its subfolders, by their names below it, in order.

    What is no image by its suffix is left out, which a notice says. Raises `BadInput` for none.
    """
    found: list[str] = []
    others: list[str] = []
    place = os.fspath(folder)
    for base, inside, names in os.walk(place):
        inside[:] = [one for one in inside if not is_hidden(one)]
        below = "" if base == place else os.path.relpath(base, place) + os.sep
        for name in names:
            if not is_hidden(name):
                (found if is_image(name) else others).append(below + name)
    if not found:
        raise BadInput(f"{folder} has no image ({', '.join(SUFFIXES)}); give another folder.")
    left_out(folder, others)
    return sorted(found, key=lambda name: name.split(os.sep))


def left_out(folder: Path, names: Sequence[str], why: str = "no images by their suffix") -> None:
    """Say which files are not used, if there are any."""
    if names:
        some = ", ".join(sorted(names)[:3]) + (", …" if len(names) > 3 else "")
        files = "1 file was" if len(names) == 1 else f"{len(names):,} files were"
        notice(f"{files} left out of {folder}: {why} ({some}).")
