"""An index on disk of what lists show: a list or a completion then reads no plugin.

It holds the rows of `zoo_core._registry.rows` and the times, sizes and numbers of all files that
they were made from: the folders on the path, the distributions' entry points, the files of the
plugins' packages and of what these import, and the core's. It is used while all of these are as
they were, and made anew otherwise. In doubt there is none, and the plugins are read as ever: where
one is broken, clashes or warns (which has to be said each time), where a file is so young that it
may change without its time changing, where the process had imported what may be older than its
file, and where distributions are elsewhere than in folders.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import sys
import time
import warnings
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from zoo_core._home import home
from zoo_core._registry import discovery

if TYPE_CHECKING:
    from zoo_core._registry.registry import Registry
    from zoo_core._registry.rows import Row

FORMAT = 3
YOUNG = 2.0
"""Seconds within which a file can change twice and keep its time, on the coarsest file systems."""
MOST = 10_000
"""Checking more files than that takes as long as reading the plugins."""
KEPT = 8
"""So many indices (of other environments, and of other folders to start from) are kept."""
HARMLESS = frozenset(
    "zoo zoo_core click pluggy platformdirs rich sitecustomize usercustomize".split()
)
"""What may be imported before: nothing of a plugin, nor of what plugins share."""
STARTED = time.time()

Stamp = list[int] | None


def listed() -> tuple[dict[str, list[Row]], Registry | None]:
    """Return the rows of each kind, and the registry unless they are the index's.

    A process that has read its plugins lists what it has read.
    """
    read = sys.modules.get("zoo_core._registry.registry")
    place = None if read is not None and read.registry.cache_info().currsize else _place()
    if place is None:
        return _from_plugins()
    rows = _read(place)
    return (rows, None) if rows is not None else _anew(place)


def _from_plugins() -> tuple[dict[str, list[Row]], Registry]:
    from zoo_core._registry.registry import registry
    from zoo_core._registry.rows import rows_of

    known = registry()
    return rows_of(known), known


def _anew(place: str) -> tuple[dict[str, list[Row]], Registry]:
    """Read the plugins and, where nothing is in doubt, write the index."""
    before = {name.partition(".")[0] for name in sys.modules}
    with warnings.catch_warnings(record=True) as said:
        rows, known = _from_plugins()
    for one in said:
        warnings.showwarning(one.message, one.category, one.filename, one.lineno)
    alone = all(name.startswith("_") for name in before - sys.stdlib_module_names - HARMLESS)
    if alone and not (said or known.broken or known.hidden):
        stamps = _stamps(known, before)
        if stamps is not None:
            _write(place, {"key": _key(), "stamps": stamps, "rows": rows})
    return rows, known


def _key() -> list[Any]:
    """Return what an index is for: a reader and an environment."""
    path = list(map(os.path.abspath, sys.path))
    return [FORMAT, sys.version, sys.prefix, path, os.environ.get("ZOO_PLUGINS"), _user()]


def _user() -> int | None:
    return os.getuid() if hasattr(os, "getuid") else None


def _place() -> str | None:
    """Return the path of this environment's index; None where none can be trusted."""
    if not discovery.only_folders():
        return None
    number = zlib.crc32(json.dumps(_key()).encode())
    return os.path.join(home(), "index", f"{number:08x}.json")


def _read(place: str) -> dict[str, list[Row]] | None:
    """Return the rows of an index that is whole, ours, and of the files as they are; or None."""
    try:
        facts = os.stat(place)
        if not stat.S_ISREG(facts.st_mode) or _user() not in (None, facts.st_uid):
            return None
        with open(place, "rb") as stream:
            check, _, body = stream.read().partition(b"\n")
        if int(check, 16) != zlib.crc32(body):
            return None
        content = json.loads(body)
        fresh = content["key"] == _key() and all(
            _stamp(path) == stamp for path, stamp in content["stamps"].items()
        )
        rows: dict[str, list[Row]] = content["rows"]
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return rows if fresh else None


def _write(place: str, content: dict[str, Any]) -> None:
    from zoo_core._disk import whole_file
    from zoo_core.errors import WeightsError

    body = json.dumps(content).encode()
    # A folder that cannot be written to, or a full disk, makes lists slower, and no less right.
    with contextlib.suppress(WeightsError, OSError):
        from pathlib import Path

        path = Path(place)
        with whole_file(path) as part:
            part.write_bytes(b"%08x\n" % zlib.crc32(body) + body)
        for old in sorted(path.parent.glob("*.json"), key=os.path.getmtime)[:-KEPT]:
            old.unlink(missing_ok=True)


def _stamp(path: str) -> Stamp:
    """Return what changes with a file; None where there is none."""
    try:
        facts = os.stat(path)
    except OSError:
        return None
    return [facts.st_mtime_ns, facts.st_ctime_ns, facts.st_size, facts.st_ino]


def _stamps(known: Registry, before: set[str]) -> dict[str, Stamp] | None:
    """Return the stamps of all that the rows were made from; None where that is in doubt."""
    stamps: dict[str, Stamp] = {}
    folders = {str(plugin.folder) for plugin in known.plugins}
    if not folders.isdisjoint(map(os.path.abspath, sys.path)):
        return None  # a plugin that is no package: what is beside it may be anybody's
    for path in _sources(known, before):
        stamp = stamps[path] = _stamp(path)
        young = stamp is not None and max(stamp[:2]) > (STARTED - YOUNG) * 1e9
        if young or len(stamps) > MOST:
            return None
    return stamps


def _sources(known: Registry, before: set[str]) -> Iterator[str]:
    yield from map(os.path.abspath, sys.path)
    for info in discovery.metadata_folders():
        yield os.path.abspath(os.path.join(info, "entry_points.txt"))
    for name, module in list(sys.modules.items()):
        top = name.partition(".")[0]
        if getattr(module, "__file__", None) and top not in sys.stdlib_module_names:
            if top == "zoo_core":
                yield str(module.__file__)
            elif name == top and top not in before:
                yield str(module.__file__)
                for folder in getattr(module, "__path__", ()):
                    yield from _below(folder)


def _below(folder: str) -> Iterator[str]:
    """Yield a folder and all that is in it, but for byte code."""
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__"]
        yield place
        yield from (os.path.join(place, name) for name in files)
