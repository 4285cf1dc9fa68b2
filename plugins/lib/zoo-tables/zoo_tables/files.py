"""Files of tables: numpy's, parquet and feather, and text, compressed or not."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from zoo_core import BadInput
from zoo_tables.memory import from_frame, from_memory
from zoo_tables.table import Table

DESIGNS = ("X", "x", "features")
NAMES = ("feature_names", "columns", "names")
ARCHIVE = ".npz"
ARRAY = ".npy"
FRAMES = {".parquet": "read_parquet", ".pq": "read_parquet", ".feather": "read_feather",
          ".arrow": "read_feather"}  # fmt: skip
_OTHERS = {
    ".xlsx": "a spreadsheet", ".xls": "a spreadsheet", ".ods": "a spreadsheet",
    ".pkl": "a pickle, which may run code", ".pickle": "a pickle, which may run code",
    ".mat": "a MATLAB file", ".rdata": "an R file", ".rds": "an R file", ".json": "a JSON file",
    ".h5": "an HDF5 file", ".hdf5": "an HDF5 file", ".pt": "a torch file, which may run code",
}  # fmt: skip


def content_of(path: Path) -> bytes:
    """Return the bytes of a text file, unpacked where they are gzip, bzip2, xz or zip.

    Raises `BadInput` where there is no such file, or it is another kind of file, or damaged.
    """
    if (kind := _OTHERS.get(path.suffix.lower())) is not None:
        raise BadInput(f"{path.name} is {kind}; save the table as .csv, .parquet or .npz.")
    content = _bytes(path)
    try:
        return unpacked(content, path.name)
    except BadInput:
        raise
    except (
        OSError,
        EOFError,
        ValueError,
        RuntimeError,
        zlib.error,
        lzma.LZMAError,
        zipfile.BadZipFile,
    ) as error:
        raise BadInput(
            f"{path.name} cannot be unpacked ({type(error).__name__}: {error}); it is damaged or "
            "cut off."
        ) from error


def unpacked(content: bytes, label: str) -> bytes:
    """Return bytes as they are, or what is in them where they are compressed."""
    if content.startswith(b"\x1f\x8b"):
        return gzip.decompress(content)
    if content.startswith(b"BZh"):
        return bz2.decompress(content)
    if content.startswith(b"\xfd7zXZ\x00"):
        return lzma.decompress(content)
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [
                name
                for name in archive.namelist()
                if not name.endswith("/") and not name.startswith(("__MACOSX/", "."))
            ]
            if len(members) != 1:
                raise BadInput(
                    f"{label} holds {len(members)} files ({', '.join(members[:3])}"
                    f"{' …' if len(members) > 3 else ''}); expected a zip of one table."
                )
            return archive.read(members[0])
    return content


def from_file(path: Path, key: str | Sequence[str] | None = None) -> Table | None:
    """Return the table of an array, archive, parquet or feather file; None for other files.

    Raises `BadInput` for a file that is not there or not what its name says.
    """
    suffix = path.suffix.lower()
    if suffix in FRAMES:
        import pandas as pd

        _bytes(path, 1)
        try:
            frame = getattr(pd, FRAMES[suffix])(path)
        except ImportError as error:
            raise BadInput(
                f"Reading {path.name} needs pyarrow; install it with `pip install pyarrow`."
            ) from error
        except Exception as error:  # pyarrow raises many kinds for what is no such file
            raise BadInput(
                f"{path.name} is no {suffix[1:]} file, or is damaged ({type(error).__name__})."
            ) from error
        return from_frame(frame, path.name)
    if suffix not in (ARCHIVE, ARRAY):
        return None
    with open_arrays(path) as arrays:
        return _of_arrays(arrays, path.name, (key,) if isinstance(key, str) else key)


def open_arrays(path: Path) -> Arrays:
    """Open an .npz, or an .npy as an archive of one array, to be closed by ``with``."""
    return Arrays(path)


class Arrays:
    """The arrays of a file by their names; read when they are asked for, never unpickled."""

    def __init__(self, path: Path) -> None:
        self.label = path.name
        _bytes(path, 1)
        try:
            self._found: Any = np.load(path, allow_pickle=False)
        except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
            raise BadInput(
                f"{path.name} is not an {path.suffix[1:]} file of plain arrays "
                f"({type(error).__name__}); save numbers, never objects."
            ) from error
        self.names = tuple(getattr(self._found, "files", ("",)))

    def __enter__(self) -> Arrays:
        return self

    def __exit__(self, *error: object) -> None:
        if self.names != ("",):
            self._found.close()

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def __getitem__(self, name: str) -> Any:
        try:
            return self._found if self.names == ("",) else self._found[name]
        except (ValueError, EOFError, OSError, zipfile.BadZipFile) as error:
            raise BadInput(
                f"{self.label} holds no plain array under {name!r}; save numbers, never objects."
            ) from error


def _of_arrays(arrays: Arrays, label: str, keys: Sequence[str] | None) -> Table:
    """Return the design of an archive, with its names where there are as many."""
    if arrays.names == ("",):
        return from_memory(_plane(arrays[""], "it", label), label)
    wanted = tuple(keys or DESIGNS)
    key = next((key for key in wanted if key in arrays), None)
    if key is None:
        raise BadInput(
            f"{label} has no array {wanted[0]} (n, p); it has {', '.join(arrays.names) or 'none'}."
        )
    table = from_memory(_plane(arrays[key], key, label), label)
    for name in NAMES:
        if name in arrays and name != key and table.names is None:
            names = arrays[name]
            if names.shape == (len(table.columns),):
                return Table(table.columns, tuple(map(str, names.tolist())), label)
    return table


def _plane(values: Any, key: str, label: str) -> Any:
    if values.dtype.names is None and (values.ndim != 2 or 0 in values.shape):
        raise BadInput(f"{label} has {key} of shape {values.shape}; expected (n, p), each from 1.")
    return values


def _bytes(path: Path, most: int = -1) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(most)
    except FileNotFoundError as error:
        raise BadInput(f"There is no file {str(path)!r}; give a table of numbers.") from error
    except IsADirectoryError as error:
        raise BadInput(f"{str(path)!r} is a folder; give a table of numbers.") from error
    except (OSError, ValueError) as error:
        raise BadInput(
            f"{str(path)[:80]!r} cannot be read ({type(error).__name__}); give a table of numbers."
        ) from error
