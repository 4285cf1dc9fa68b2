"""`zoo migrate`: what a plugin stored at API level 1, as level 2 keeps it.

One bag of settings becomes shape and recipe; numbers, hashes and dates stay as they are.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from zoo_core._disk import write_json
from zoo_core._loading import making
from zoo_core._registry.registry import registry
from zoo_core.errors import BadInput


def migrate_package(folder: Path) -> Iterator[Path]:
    """Bring the lock file and the results in a plugin's package to level 2; yield what changed.

    The lock file is first: until it is migrated, the plugin cannot be read. Raises `BadInput` for a
    folder that has neither.
    """
    lock = folder / "weights" / "lock.json"
    results = sorted((folder / "results").glob("*.json"))
    if not lock.is_file() and not results:
        raise BadInput(
            f"{folder} has no weights/lock.json and no results; give the folder of a plugin's "
            "package, such as plugins/NAME/zoo_NAME."
        )
    if lock.is_file() and _migrate_lock(lock):
        yield lock
        registry.cache_clear()
    for path in results:
        if path.name != "claims.json" and _migrate_results(path):
            yield path


def _migrate_lock(path: Path) -> bool:
    entries = _read(path)
    new = {
        name: {"shape" if key == "config" else key: value for key, value in entry.items()}
        for name, entry in entries.items()
    }
    changed = bool(new != entries)
    if changed:
        write_json(path, new)
    return changed


def _migrate_results(path: Path) -> bool:
    content = _read(path)
    rows = content.get("measured", [])
    new = [_row(row) for row in rows]
    changed = bool(new != rows)
    if changed:
        write_json(path, {**content, "measured": new})
    return changed


def _row(row: dict[str, Any]) -> dict[str, Any]:
    if "config" not in row:
        return row
    config = row["config"]
    names = _shape_names(row) if config else set()
    halves = {
        "shape": {key: value for key, value in config.items() if key in names},
        "recipe": {key: value for key, value in config.items() if key not in names},
    }
    migrated: dict[str, Any] = {}
    for key, value in row.items():
        migrated |= halves if key == "config" else {key: value}
    return migrated


def _shape_names(row: Mapping[str, Any]) -> set[str]:
    """Return the names that the constructor of a row's method takes."""
    known = registry()
    spec = known.model(row["model"])
    beside = spec.beside.get(row["method"])
    architecture = known.architecture(beside["architecture"] if beside else spec.architecture)
    taken = inspect.signature(making.resolve(architecture.cls)).parameters
    return {*architecture.shape, *taken} - set(architecture.recipe)


def _read(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_bytes())
    except ValueError as error:
        raise BadInput(f"{path} is not valid JSON ({error}); restore it.") from error
    return content
