"""Facts about this installation: plugins and their errors, versions, cache places, installs."""

from __future__ import annotations

import os
import sys
from typing import Any

from zoo_core._loading.files import zoo_home
from zoo_core._registry.registry import registry
from zoo_core._registry.results import versions


def plugin_rows(verbose: bool = False) -> list[dict[str, Any]]:
    """Return one row a plugin: name, distribution, version, what it brings, its error."""
    known = registry()
    rows = []
    for plugin in known.plugins:
        brought = [
            f"{len(specs)} {hook.removeprefix('zoo_').removesuffix('s' * (len(specs) == 1))}"
            for hook, specs in plugin.specs.items()
            if specs
        ]
        row: dict[str, Any] = {
            "name": plugin.name,
            "distribution": plugin.distribution,
            "version": plugin.version,
            "brings": ", ".join(brought),
            "error": plugin.error,
        }
        if verbose:
            row["versions"] = versions(plugin)
            row["trace"] = plugin.trace or None
        rows.append(row)
    shelves = (known.papers, known.architectures, known.models, known.datasets, known.metrics)
    for shelf in (*shelves, known.kinds, known.commands):
        for name, owners in shelf.clashes.items():
            both = " and ".join(owner.distribution for owner in owners)
            rows.append({"name": name, "error": f"{shelf.kind} registered by {both}"})
    return rows


def facts() -> dict[str, Any]:
    """Return where things are kept and which variables are set."""
    from huggingface_hub import constants

    names = ("ZOO_HOME", "ZOO_DATA_MIRROR", "ZOO_PLUGINS", "HF_HOME", "HF_ENDPOINT")
    return {
        "python": sys.executable,
        "data cache": str(zoo_home() / "data"),
        "weights cache": str(constants.HF_HUB_CACHE),
        "offline": bool(constants.HF_HUB_OFFLINE),
        "set": {name: os.environ[name] for name in names if name in os.environ},
    }
