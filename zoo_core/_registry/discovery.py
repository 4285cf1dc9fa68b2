"""Finds installed entry points without `importlib.metadata`, which costs a third of ``zoo list``.

It reads the same ``entry_points.txt`` in the folders of `sys.path`, by the same rules. Where
distributions may be elsewhere (zip files, other finders), the standard library is asked.
"""

from __future__ import annotations

import functools
import importlib
import os
import re
import sys
from collections.abc import Iterator
from importlib.machinery import PathFinder
from typing import Any, NamedTuple


class Point(NamedTuple):
    """One line of an ``entry_points.txt``; `info` is the folder of metadata that it is in."""

    name: str
    value: str
    info: str

    def load(self) -> Any:
        """Import and return what the entry point names: a module, or something in it."""
        module, _, attributes = self.value.partition(":")
        names = filter(None, attributes.strip().split("."))
        return functools.reduce(getattr, names, importlib.import_module(module.strip()))

    @property
    def dist(self) -> Any:
        """The distribution, as `importlib.metadata` knows it."""
        from importlib.metadata import Distribution

        return Distribution.at(self.info)


def entry_points(group: str) -> list[Any]:
    """Return the entry points of a group, of the first distribution of each name on the path."""
    if not only_folders():
        from importlib import metadata

        return list(metadata.entry_points(group=group))
    seen: set[str] = set()
    found = []
    for info in metadata_folders():
        stem = os.path.splitext(os.path.basename(info))[0].partition("-")[0]
        name = re.sub(r"[-_.]+", "-", stem).lower()
        if name not in seen:
            seen.add(name)
            found += [Point(*line, info) for line in _lines(info, group)]
    return found


def only_folders() -> bool:
    """Tell whether nothing but folders on the path can have distributions."""
    finders = [finder for finder in sys.meta_path if hasattr(finder, "find_distributions")]
    return finders == [PathFinder] and not any(os.path.isfile(place) for place in sys.path)


def metadata_folders() -> Iterator[str]:
    """Yield the folders of distributions' metadata, in the order of the path."""
    for folder in dict.fromkeys(sys.path):
        try:
            names = os.listdir(folder or ".")
        except OSError:
            continue
        for name in names:
            if name.endswith((".dist-info", ".egg-info")):
                yield os.path.join(folder or ".", name)


def _lines(info: str, group: str) -> Iterator[tuple[str, str]]:
    """Yield the names and values of one group in an ``entry_points.txt``."""
    try:
        # A byte-order mark is skipped; other bytes that are no UTF-8 make a plugin that is told of.
        with open(
            os.path.join(info, "entry_points.txt"), encoding="utf-8-sig", errors="replace"
        ) as stream:
            text = stream.read()
    except OSError:
        return
    if f"[{group}]" not in text:
        return
    section = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            section = line.strip("[]")
        elif section == group and line and not line.startswith(("#", ";")):
            name, _, value = line.partition("=")
            # What follows in brackets are extras, which say nothing about what to import.
            yield name.strip(), value.partition("[")[0].strip()
