"""The hooks that a plugin implements, all optional, each called once when the registry is read.

A plugin is a module behind an entry point of the group ``zoo``. It states ``ZOO_API = 2`` (the
API level it was written for) and marks any of these functions with `zoo_core.hookimpl`. A hook
takes no argument and returns an iterable of specs; it must not import anything heavy, and what it
returns follows from the files of its package alone (lists are kept until one of these changes). A
hook that raises or returns something else takes its own plugin out of the registry, and no other:
the error is kept for ``zoo plugins`` and for look-ups.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pluggy

from zoo_core._registry.commands import Command
from zoo_core._registry.specs import Architecture, Dataset, Metric, Model, Paper

GROUP = "zoo"
hookspec = pluggy.HookspecMarker(GROUP)
hookimpl = pluggy.HookimplMarker(GROUP)
"""Marks a function of a plugin as its implementation of the hook of that name."""


@hookspec
def zoo_papers() -> Iterable[Paper]:  # type: ignore[empty-body]  # a hook spec has no body
    """Return the papers, with their claims, that this plugin ships (usually one)."""


@hookspec
def zoo_architectures() -> Iterable[Architecture]:  # type: ignore[empty-body]
    """Return the module classes that `zoo.create` makes and that models name."""


@hookspec
def zoo_models() -> Iterable[Model]:  # type: ignore[empty-body]
    """Return the pretrained checkpoints; their hashes are in ``weights/lock.json``."""


@hookspec
def zoo_datasets() -> Iterable[Dataset]:  # type: ignore[empty-body]
    """Return the datasets, real or generated."""


@hookspec
def zoo_metrics() -> Iterable[Metric]:  # type: ignore[empty-body]
    """Return the metrics beyond those that the core brings."""


@hookspec
def zoo_kinds() -> Iterable[Path]:  # type: ignore[empty-body]
    """Return folders of templates, each one kind of plugin that ``zoo new --kind`` can write.

    A folder's name is the kind's. Its files lie over those that every new plugin has; see
    ``zoo_core/_authoring/templates``.
    """


@hookspec
def zoo_commands() -> Iterable[Command]:  # type: ignore[empty-body]
    """Return verbs that this plugin adds to the shell, each ``zoo NAME``.

    Their code is imported when a verb is asked for; see `zoo_core.Command`.
    """
