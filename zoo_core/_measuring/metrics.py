"""Metrics' factories, and the one place where torchmetrics is imported for them.

Torchmetrics imports torchvision and transformers wherever they are installed, for a few of its
image and text metrics: seconds that every evaluation would pay for. Here its question whether they
are installed is answered no while it is imported; what that leaves out is made up for when a
metric asks for it.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from zoo_core._loading import making

HIDDEN = frozenset({"torchvision", "transformers"})


def factory_of(import_string: str) -> Any:
    """Return what makes a metric; raises `PluginError` as `making.resolve` does."""
    prepare()
    name, _, attribute = import_string.partition(":")
    if name.startswith("torchmetrics.") and not hasattr(importlib.import_module(name), attribute):
        importlib.reload(sys.modules[name])  # asks again, and is now told the truth
    return making.resolve(import_string)


def prepare() -> None:
    """Import torchmetrics, unless it is there."""
    if "torchmetrics" not in sys.modules:
        with _not_available(HIDDEN):
            importlib.import_module("torchmetrics")


@contextmanager
def _not_available(names: frozenset[str]) -> Iterator[None]:
    """Let the availability checks that torchmetrics makes say no for some packages.

    The checks keep no answer that was given here. What is already imported costs nothing more, and
    is not hidden. A torchmetrics that checks in another way is slow again, and works.
    """
    try:
        from lightning_utilities.core import imports
    except ImportError:
        yield
        return

    # Its checks are of one class, whose answer is what bool() asks for.
    cache: Any = imports.RequirementCache
    hidden, truth = names - sys.modules.keys(), cache.__bool__

    def answer(check: Any) -> bool:
        known = str(check.requirement).partition(">")[0].strip() in hidden
        return not known and bool(truth(check))

    cache.__bool__ = answer
    try:
        yield
    finally:
        cache.__bool__ = truth
