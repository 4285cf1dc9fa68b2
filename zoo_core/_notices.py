"""Notices: what a reader drops, merges, renumbers or fills in is said once, or is an error."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from zoo_core.errors import BadInput

_STRICT = ContextVar("zoo_strict", default=False)
_SAID: ContextVar[set[str] | None] = ContextVar("zoo_said", default=None)
_COLLECTED: ContextVar[list[str] | None] = ContextVar("zoo_collected", default=None)


class Notice(UserWarning):
    """What was dropped, merged, filled in or left out; never what is merely slow or odd.

    >>> with warnings.catch_warnings(record=True) as said:
    ...     zoo_core.notice("3 self-loops were dropped.")
    >>> said[0].category is zoo_core.Notice
    True
    """


def notice(text: str) -> None:
    """Say what was dropped, merged, renumbered or filled in: one sentence, with its full stop.

    It is a warning of the category `zoo_core.Notice`, which the shell prints once on standard
    error. Inside of `strictly(True)` (``strict=True``, ``--strict``) it raises `BadInput` instead.

    `text` is what is said. Raises `BadInput` in strictness only.

    >>> with zoo_core.strictly():
    ...     zoo_core.notice("3 self-loops were dropped.")
    Traceback (most recent call last):
        ...
    zoo_core.errors.BadInput: 3 self-loops were dropped. That is refused because strict was...
    """
    if _STRICT.get():
        raise BadInput(f"{text} That is refused because strict was asked for.")
    said = _SAID.get()
    if said is not None:
        if text in said:
            return
        said.add(text)
    collected = _COLLECTED.get()
    if collected is not None:
        collected.append(text)
        return
    warnings.warn(text, Notice, stacklevel=2)


@contextmanager
def strictly(strict: bool = True) -> Iterator[None]:
    """Turn notices into errors, or not, while the block runs.

    `strict` is what holds inside. Raises nothing itself.

    >>> with zoo_core.strictly(False):
    ...     with warnings.catch_warnings(record=True) as said:
    ...         zoo_core.notice("A blank line was dropped.")
    >>> len(said)
    1
    """
    token = _STRICT.set(strict)
    try:
        yield
    finally:
        _STRICT.reset(token)


@contextmanager
def said_once(said: set[str]) -> Iterator[None]:
    """Leave out notices that were said before while the block runs: the same data, read again."""
    token = _SAID.set(said)
    try:
        yield
    finally:
        _SAID.reset(token)


def is_strict() -> bool:
    """Tell whether notices are errors here."""
    return _STRICT.get()


@contextmanager
def collected() -> Iterator[list[str]]:
    """Gather notices while the block runs, for somebody else to say: what another process says."""
    said: list[str] = []
    token = _COLLECTED.set(said)
    try:
        yield said
    finally:
        _COLLECTED.reset(token)
