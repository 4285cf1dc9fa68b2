"""The released lists of positives: pickles, by an unpickler that makes plain data and no more."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np

from zoo_core import BadInput

# NumPy 1 and 2 keep these functions in different modules; this finds them in either.
_RECONSTRUCT: Any = np.empty(0).__reduce__()[0]


def _scalar(kind: np.dtype[Any], content: bytes) -> Any:
    """Return one number; NumPy's own function would take objects too."""
    if not isinstance(content, bytes) or kind.hasobject:
        raise ValueError("no number")
    return np.frombuffer(content, kind, 1)[0]


_ALLOWED: dict[tuple[str, str], Any] = {
    ("numpy", "dtype"): np.dtype,
    ("numpy", "ndarray"): np.ndarray,
    **{(f"numpy.{core}.multiarray", "_reconstruct"): _RECONSTRUCT for core in ("core", "_core")},
    **{(f"numpy.{core}.multiarray", "scalar"): _scalar for core in ("core", "_core")},
}


class _Restricted(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise BadInput(
                f"A pickle asks for {module}.{name}, which lists of places have no need of and "
                "which could run code; the file was refused."
            ) from None


def read_queries(path: Path) -> list[dict[str, Any]]:
    """Return the queries of a released file of positives, in their order.

    Each is a mapping with "positives", the numbers (k,) of the places that are the same, and
    "index", the number of its image (its place in the list where it is not told). Raises `BadInput`
    for what is no such file, and for a pickle that asks for more than plain data and arrays.
    """
    try:
        with path.open("rb") as stream:
            found = _Restricted(stream).load()
    except BadInput:
        raise
    except Exception as error:
        raise BadInput(
            f"{path.name} is no pickle of queries, or is damaged ({type(error).__name__})."
        ) from error
    if isinstance(found, dict):
        found = [found.get(number) for number in range(len(found))]
    if not isinstance(found, list) or not found:
        raise BadInput(f"{path.name} has no list of queries.")
    return [_query(one, number, path.name) for number, one in enumerate(found)]


def _query(one: Any, number: int, label: str) -> dict[str, Any]:
    try:
        positives = np.asarray(one["positives"], np.int64).reshape(-1)
        return {"positives": positives, "index": int(one.get("index", number))}
    except (TypeError, KeyError, AttributeError, ValueError):
        raise BadInput(f"{label} has a query {number} without a list of positives.") from None
