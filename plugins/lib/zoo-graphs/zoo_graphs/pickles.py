"""A restricted unpickler for the Planetoid files, which are Python 2 pickles."""

from __future__ import annotations

import collections
import pickle
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from zoo_core import DataError

# NumPy 1 and 2 keep this function in different modules; this finds it in either.
_RECONSTRUCT = np.empty(0).__reduce__()[0]

_ALLOWED: dict[tuple[str, str], Any] = {
    ("numpy", "dtype"): np.dtype,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy.core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("numpy._core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("scipy.sparse.csr", "csr_matrix"): sparse.csr_matrix,
    ("scipy.sparse._csr", "csr_matrix"): sparse.csr_matrix,
    ("collections", "defaultdict"): collections.defaultdict,
    ("__builtin__", "list"): list,
    ("builtins", "list"): list,
}


class _Restricted(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise DataError(
                f"A pickle asks for {module}.{name}, which a graph's data has no need of and which "
                "could run code; the file was refused: get it from its official address."
            ) from None


def load_pickle(path: Path) -> Any:
    """Read a pickle of NumPy arrays, CSR matrices and dicts of lists, and of nothing else.

    Raises `DataError` when the pickle asks for anything else, and `ValueError`, `UnpicklingError`,
    `EOFError` when it is damaged.
    """
    with path.open("rb") as stream:
        value = _Restricted(stream, encoding="latin1").load()
    if sparse.issparse(value):
        value.check_format(full_check=True)  # or out-of-range indices would read wild memory
    return value
