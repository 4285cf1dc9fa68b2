"""numpy's numbers, made Python's: once, where a user's values come in."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any


def plain(value: Any) -> Any:
    """Return a value whose numbers are Python's: numpy's scalars and arrays of no dimension.

    Lists, tuples and dictionaries are gone through; anything else (an array, a graph, what behaves
    like a mapping) stays itself.

    `value` may be anything. Raises nothing.

    >>> zoo_core.plain({"mean": numpy.float64(0.5), "seeds": [numpy.int64(3)]})
    {'mean': 0.5, 'seeds': [3]}
    """
    if type(value) is dict:
        return {key: plain(item) for key, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(plain(item) for item in value)
    if hasattr(value, "dtype") and getattr(value, "shape", None) == () and hasattr(value, "item"):
        return value.item()
    return value


def plain_json(value: Any) -> Any:
    """Return a value as JSON takes it, as far as it can be: arrays and tensors become lists."""
    value = plain(value)
    if isinstance(value, Mapping):
        return {key: plain_json(item) for key, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(plain_json(item) for item in value)
    if hasattr(value, "dtype") and hasattr(value, "tolist"):
        return value.tolist()
    return os.fspath(value) if isinstance(value, os.PathLike) else value
