"""What can go wrong, as the user meets it: one clear sentence and an exit code of the shell.

Every message says what was wrong, what was expected, and what to do next.
"""

from __future__ import annotations

from collections.abc import Iterable


class ZooError(Exception):
    """Base of every error that the zoo raises on purpose; `exit_code` is the shell's."""

    exit_code = 3


class BadInput(ZooError, ValueError):
    """The caller gave something unusable: a bad option, file, value or shape."""

    exit_code = 2


class UnknownName(BadInput, LookupError):
    """No registered object has this name; the message gives the closest ones."""


class SpecError(ZooError, ValueError):
    """A spec is invalid; the message names the spec, the field and what was expected."""


class PluginError(ZooError):
    """A plugin could not be used: it failed to import, clashes, or is of another API level."""


class WeightsError(ZooError):
    """Weights cannot be had, or are not what the spec promises."""


class HubError(WeightsError):
    """The Hugging Face Hub refused, or cannot be reached."""


class OutputError(ZooError):
    """A model gave something that is no result: NaN, or an infinity that it does not declare."""


class DataError(ZooError):
    """A dataset's files cannot be had, or are not what their hashes promise."""


def closest(name: str, known: Iterable[str]) -> str:
    """Return how a sentence about an unknown name ends: "; did you mean 'a' or 'b'?", or "."."""
    import difflib

    found = difflib.get_close_matches(name, list(known), n=3, cutoff=0.6)
    return f"; did you mean {' or '.join(repr(match) for match in found)}?" if found else "."
