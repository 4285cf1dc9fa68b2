"""The facts of each plugin are kept with the user until something that they are made from changes.

One file a plugin, in ``ZOO_HOME/site``: the key of what its papers and models were told from, and
what was told. A file that cannot be read counts as none, and one that cannot be written is not
kept: all can be made again.
"""

from __future__ import annotations

import contextlib
import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import zoo_core
from zoo_core import whole_file, zoo_home
from zoo_site.made_from import Inputs, package_of_plugin

TOLD = ("papers", "models")
"""The kinds whose facts take long to tell: claims are judged, and cards written."""


def registered(made_from: Inputs) -> dict[str, Any]:
    """Return what `zoo_core.registered` does, from what is kept where nothing has changed."""
    keys = {plugin: made_from.of(package) for plugin, package in package_of_plugin().items()}
    kept = {plugin: found for plugin, key in keys.items() if (found := _read(plugin, key))}
    facts = dict(zoo_core.registered(briefly=kept))
    new: dict[str, dict[str, Any]] = defaultdict(lambda: {kind: {} for kind in TOLD})
    for kind in TOLD:
        for one in facts[kind]:
            if one["plugin"] not in kept:
                new[one["plugin"]][kind][one["name"]] = one
        facts[kind] = [
            kept[one["plugin"]][kind][one["name"]] if one["plugin"] in kept else one
            for one in facts[kind]
        ]
    for plugin, told in new.items():
        if plugin in keys:
            with contextlib.suppress(OSError), whole_file(place_of(plugin)) as part:
                part.write_text(json.dumps({"key": keys[plugin], **told}), encoding="utf-8")
    return facts


def place_of(plugin: str) -> Path:
    """Return the file in which the facts of a plugin are kept."""
    return folder() / f"{plugin}.json"


def folder() -> Path:
    """Return the folder for what can be made again."""
    return zoo_home() / "site"


def _read(plugin: str, key: str) -> Mapping[str, Any] | None:
    try:
        content = json.loads(place_of(plugin).read_bytes())
        same = content["key"] == key and all(isinstance(content[kind], dict) for kind in TOLD)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return content if same else None
