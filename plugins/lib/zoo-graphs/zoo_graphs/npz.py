"""Reading .npz archives lazily and without ever unpickling."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

# RuntimeError is what zipfile raises for encrypted members and unknown compression.
_DAMAGE = (
    ValueError,
    EOFError,
    OSError,
    RuntimeError,
    MemoryError,
    zipfile.BadZipFile,
    zlib.error,
)


class Archive(Mapping[str, np.ndarray]):
    """An open .npz: arrays are read when asked for, so keys that are not used are never touched.

    Raises `ValueError` when an array that is asked for is missing, damaged, or holds pickled
    objects.
    """

    def __init__(self, files: Any, name: str) -> None:
        self._files = files
        self._name = name

    def __getitem__(self, key: str) -> np.ndarray:
        if key not in self._files:
            raise KeyError(key)
        try:
            return np.asarray(self._files[key])
        except _DAMAGE as error:
            if "allow_pickle" in str(error):
                raise ValueError(
                    f"{self._name} holds pickled objects under {key!r}, which are never read "
                    "because they can run code; save plain arrays of numbers"
                ) from None
            raise ValueError(f"{self._name} is damaged at {key!r} ({error})") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._files.files)

    def __len__(self) -> int:
        return len(self._files.files)

    def __contains__(self, key: object) -> bool:
        return key in self._files  # Mapping's own version would read the array

    def first(self, *keys: str) -> np.ndarray | None:
        """Return the array of the first key that is there, or None."""
        return next((self[key] for key in keys if key in self), None)

    def csr(self, prefix: str) -> sparse.csr_array | None:
        """Return the CSR matrix under PREFIX_{data,indices,indptr,shape}, or None if not there.

        PREFIX_data may be missing: then every stored entry is 1.
        """
        if f"{prefix}_indptr" not in self or f"{prefix}_indices" not in self:
            return None
        indices, indptr = self[f"{prefix}_indices"], self[f"{prefix}_indptr"]
        data = self.first(f"{prefix}_data")
        shape = self.first(f"{prefix}_shape")
        if shape is None:
            raise ValueError(f"{self._name} has {prefix}_indptr, but {prefix}_shape is missing")
        parts = (np.ones(len(indices), np.float32) if data is None else data, indices, indptr)
        try:
            matrix = sparse.csr_array(parts, shape=tuple(int(size) for size in shape))
            matrix.check_format(full_check=True)  # or out-of-range indices would read wild memory
        except (ValueError, TypeError) as error:
            raise ValueError(
                f"{self._name} has no valid CSR matrix under {prefix}_* ({error})"
            ) from None
        return matrix


@contextmanager
def open_npz(path: Path) -> Iterator[Archive]:
    """Open an .npz file without allowing pickles.

    Raises `ValueError` when the file is no .npz archive.
    """
    try:
        files = np.load(path, allow_pickle=False)
    except _DAMAGE as error:
        raise ValueError(f"{path.name} is not an .npz archive ({error})") from None
    if not isinstance(files, np.lib.npyio.NpzFile):
        raise ValueError(f"{path.name} is not an .npz archive but a single array")
    with files:
        yield Archive(files, path.name)


def directed_edges(matrix: sparse.csr_array) -> tuple[np.ndarray, np.ndarray]:
    """Return the (2, m) positions and the (m,) values of a matrix's entries other than zero."""
    entries = matrix.tocoo()
    entries.sum_duplicates()
    entries.eliminate_zeros()
    return np.stack([entries.row, entries.col]).astype(np.int64), entries.data
