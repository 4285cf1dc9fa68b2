"""Plugins that are installed and yet not read, since ``ZOO_PLUGINS`` leaves them out."""

from __future__ import annotations

import os

from zoo_core._registry import hooks
from zoo_core._registry.discovery import entry_points
from zoo_core._registry.registry import Plugin, catalogue

VARIABLE = "ZOO_PLUGINS"


def left_out() -> list[Plugin]:
    """Return the installed plugins that are left out."""
    if VARIABLE not in os.environ:
        return []
    allowed = {name.strip() for name in os.environ[VARIABLE].split(",")}
    points = entry_points(hooks.GROUP)
    return [Plugin(point.name, point) for point in points if point.name not in allowed]


def hint(name: str) -> str:
    """Say which plugin that is left out brings a name, or how many may; "" where none is."""
    aside = left_out()
    for plugin in aside:
        if name in catalogue().get(plugin.distribution, ()):
            return (
                f" Plugin {plugin.name!r} brings it, which is installed, and which {VARIABLE} "
                "leaves out; add it there."
            )
    return f" {VARIABLE} leaves out {_count(aside)}, which may have it." if aside else ""


def advice() -> str:
    """Say what to do where no installed plugin has what was looked for."""
    aside = left_out()
    return f"{VARIABLE} leaves out {_count(aside)}" if aside else "see `zoo plugins`, `zoo install`"


def _count(plugins: list[Plugin]) -> str:
    if len(plugins) == 1:
        return f"the installed plugin {plugins[0].name!r}"
    return f"{len(plugins)} installed plugins"
