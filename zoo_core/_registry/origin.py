"""Where distributions are to be had: declared once, and told by cards, errors and `zoo install`.

A name that is not registered on a package index can be claimed there by anybody. So nothing tells a
user to install from one by name what this file does not say is there.
"""

from __future__ import annotations

from zoo_core._registry.registry import Plugin, catalogue

PUBLISHED = False
"""Whether this project's distributions are on the package index, each under its name."""
REPOSITORY: str | None = None
"""The public git address of this project, once it has one."""
_SOURCE = ("source", "repository", "source code")


def is_ours(distribution: str) -> bool:
    """Tell whether a distribution is one of this project's."""
    return distribution == "zoo-core" or distribution in catalogue()


def told(distribution: str, plugin: Plugin | None = None) -> str:
    """Return how a distribution is installed: a command in Markdown, and what is to be known of it.

    Of other projects the address is told that the plugin's own metadata give as their source.
    """
    if not is_ours(distribution):
        source = _source(plugin) if plugin else None
        if source:
            return f"`pip install '{distribution} @ git+{source}'`"
        return f"`pip install FOLDER` with the folder or wheel of {distribution}"
    if PUBLISHED:
        return f"`pip install {distribution}`"
    if REPOSITORY:
        where = f"git+{REPOSITORY}"
        return f"`pip install {where} && zoo install {distribution} --from {where}`"
    return (
        f"`pip install . && zoo install {distribution} --from .` in a copy of the project (it is "
        "on no package index yet)"
    )


def _source(plugin: Plugin) -> str | None:
    """Return the address of the source that a plugin's metadata give."""
    for one in plugin.urls:
        label, _, address = one.partition(",")
        if label.strip().lower() in _SOURCE:
            return address.strip()
    return None
