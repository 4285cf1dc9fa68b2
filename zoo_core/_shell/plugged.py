"""Verbs that plugins add: known by name and sentence, imported when one is asked for."""

from __future__ import annotations

import importlib
import warnings
from typing import Any

import click

from zoo_core.errors import BadInput, PluginError


def rows() -> dict[str, dict[str, Any]]:
    """Return the rows of plugins' verbs by name; nothing of a plugin is imported where lists are.

    What is hidden or broken is said by lists, and not here.
    """
    from zoo_core._registry import listing

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {row["name"]: row for row in listing.rows("commands")}


def command(name: str) -> click.Command | None:
    """Import a plugin's verb; None where no plugin has one of that name.

    Raises `PluginError` for one that cannot be imported, and for what is no command.
    """
    row = rows().get(name)
    if row is None:
        return None
    module, _, attribute = row["command"].partition(":")
    try:
        found = getattr(importlib.import_module(module), attribute)
    except Exception as error:
        raise PluginError(
            f"The verb {name!r} cannot be loaded ({type(error).__name__}: {error}); "
            f"{_owner(name)} brings it: install it again, or take it out."
        ) from error
    if not isinstance(found, click.Command):
        raise PluginError(
            f"The verb {name!r} is a {type(found).__name__}; expected that {_owner(name)} names a "
            "click.Command."
        )
    return found


def run(name: str, verb: str, **arguments: Any) -> None:
    """Run a verb of a group that a plugin adds; raises `BadInput` where no plugin brings it."""
    group = command(name)
    if group is None:
        raise BadInput(f"No plugin here brings the verb `zoo {name}`.{hint(name)}")
    context = click.get_current_context()
    found = group.get_command(context, verb) if isinstance(group, click.Group) else None
    if found is None:
        raise PluginError(f"`zoo {name}`, which {_owner(name)} brings, has no verb {verb!r}.")
    context.invoke(found, **arguments)


def hint(name: str) -> str:
    """Say why a verb is not there, or what would bring it; "" where nothing is known to."""
    from zoo_core._registry.registry import catalogue, registry

    known = registry()
    if name in known.commands.clashes:
        return f" {known.commands.clash(name)}"
    listed = any(name in names for names in catalogue().values())
    return known.hint(name) if listed or known.broken else ""


def _owner(name: str) -> str:
    from zoo_core._registry.registry import registry

    owner = registry().commands.owners.get(name)
    return owner.distribution if owner else "a plugin"
