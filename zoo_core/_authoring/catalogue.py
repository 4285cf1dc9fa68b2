"""Writes ``catalogue.json``: which distribution brings which name, installed or not.

Run where all plugins of this repository are installed:
``python -m zoo_core._authoring.catalogue [--check]``.
"""

from __future__ import annotations

import sys

from zoo_core._disk import write_json
from zoo_core._registry.registry import CATALOGUE, catalogue, registry


def current() -> dict[str, list[str]]:
    """Return the names that each installed plugin of this project's core and papers registers."""
    found: dict[str, list[str]] = {}
    for plugin in registry().plugins:
        names = {spec.name for specs in plugin.specs.values() for spec in specs}
        if plugin.point is not None:
            found[plugin.distribution] = sorted(names | set(found.get(plugin.distribution, ())))
    return dict(sorted(found.items()))


def main() -> None:
    """Write the catalogue, or, with ``--check``, fail when it is out of step."""
    if "--check" in sys.argv[1:]:
        sys.exit(0 if catalogue() == current() else f"{CATALOGUE.name} is out of step.")
    write_json(CATALOGUE, current())


if __name__ == "__main__":
    main()
