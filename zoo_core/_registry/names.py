"""How names are sorted and matched."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable
from typing import Any


def natural(name: str) -> list[Any]:
    """Return a sort key in which "net2" comes before "net10"."""
    return [(0, int(p), "") if p.isdigit() else (1, 0, p) for p in re.split(r"(\d+)", name)]


def matches(name: str, include: str | Iterable[str], exclude: str | Iterable[str] = ()) -> bool:
    """Tell whether a name fits one of the wildcards to include and none of those to exclude."""
    includes = [include] if isinstance(include, str) else list(include)
    excludes = [exclude] if isinstance(exclude, str) else list(exclude)
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in includes) and not any(
        fnmatch.fnmatchcase(name, pattern) for pattern in excludes
    )
