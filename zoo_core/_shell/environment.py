"""Facts about this installation: plugins and their errors, versions, cache places, installs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from zoo_core._loading.files import zoo_home
from zoo_core._registry.registry import catalogue, registry
from zoo_core._registry.results import versions
from zoo_core.errors import BadInput, PluginError, closest


def plugin_rows(verbose: bool = False) -> list[dict[str, Any]]:
    """Return one row a plugin: name, distribution, version, what it brings, its error."""
    known = registry()
    rows = []
    for plugin in known.plugins:
        brought = [
            f"{len(specs)} {hook.removeprefix('zoo_')}"
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
    for shelf in (*shelves, known.kinds):
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


def install_command(names: Sequence[str]) -> list[str]:
    """Return the pip command that installs what brings the names; raises `BadInput`."""
    wanted = []
    for name in names:
        found = [d for d, brought in catalogue().items() if name in (d, *brought)]
        if not found:
            everything = [entry for d, brought in catalogue().items() for entry in (d, *brought)]
            raise BadInput(
                f"No known plugin brings {name!r}{closest(name, everything)} A plugin from "
                "elsewhere is installed with pip."
            )
        wanted.append(found[0])
    return [sys.executable, "-m", "pip", "install", *dict.fromkeys(wanted)]


def run_install(command: Sequence[str]) -> None:
    """Run pip; raises `PluginError` when it fails (pip itself has said why)."""
    if subprocess.run(command, check=False).returncode != 0:
        raise PluginError("pip could not install it (see above); nothing was changed by zoo.")
