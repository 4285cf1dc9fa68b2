"""What can go wrong, as the user meets it: one clear sentence and an exit code of the shell.

Every message says what was wrong, what was expected, and what to do next.
"""

from __future__ import annotations

from collections.abc import Iterable


class ZooError(Exception):
    """Base of every error that the zoo raises on purpose; `exit_code` is the shell's.

    >>> try:
    ...     zoo.load("no-such-model")
    ... except zoo.ZooError as error:
    ...     print(error.exit_code)
    2
    """

    exit_code = 3


class BadInput(ZooError, ValueError):
    """The caller gave something unusable: a bad option, file, value or shape.

    >>> zoo.list_models(sort="colour")
    Traceback (most recent call last):
        ...
    zoo_core.errors.BadInput: Cannot sort by 'colour'. Expected name, parameters, result.
    """

    exit_code = 2


class UnknownName(BadInput, LookupError):
    """No registered object has this name; the message gives the closest ones.

    >>> zoo.metric("acuracy")
    Traceback (most recent call last):
        ...
    zoo_core.errors.UnknownName: There is no metric 'acuracy' here; did you mean 'accuracy'...
    """


class SpecError(ZooError, ValueError):
    """A spec is invalid; the message names the spec, the field and what was expected.

    >>> zoo_core.Metric(name="Not a name", title="T", factory="a:b", higher_is_better=True)
    Traceback (most recent call last):
        ...
    zoo_core.errors.SpecError: Metric 'Not a name': name='Not a name' is wrong; expected...
    """


class PluginError(ZooError):
    """A plugin could not be used: it failed to import, clashes, or is of another API level.

    >>> zoo.PluginError("It is of another API level.").exit_code
    3
    """


class WeightsError(ZooError):
    """Weights cannot be had, or are not what the spec promises.

    >>> path = Path("odd.safetensors")
    >>> path.write_text("no tensors")
    10
    >>> zoo_core.read_tensors(path)
    Traceback (most recent call last):
        ...
    zoo_core.errors.WeightsError: ...
    """


class HubError(WeightsError):
    """The Hugging Face Hub refused, or cannot be reached.

    >>> issubclass(zoo.HubError, zoo.WeightsError)
    True
    """


class WorkerError(ZooError):
    """A process or machine that ran a part of the work was lost, or is not fit for it.

    >>> raise zoo.WorkerError("Its process was killed.")
    Traceback (most recent call last):
        ...
    zoo_core.errors.WorkerError: Its process was killed.
    """


class OutputError(ZooError):
    """A model gave something that is no result: NaN, or an infinity that it does not declare.

    >>> raise zoo.OutputError("The model gave NaN.")
    Traceback (most recent call last):
        ...
    zoo_core.errors.OutputError: The model gave NaN.
    """


class DataError(ZooError):
    """A dataset's files cannot be had, or are not what their hashes promise.

    >>> zoo_core.fetch(zoo_core.File(path="mine/table.csv", sha256="0" * 64))
    Traceback (most recent call last):
        ...
    zoo_core.errors.DataError: mine/table.csv has no public address and is not in the mirror...
    """


def closest(name: str, known: Iterable[str]) -> str:
    """Return how a sentence about an unknown name ends: "; did you mean 'a' or 'b'?", or ".".

    `name` is what was written and `known` what there is; by the ratio of matching letters
    (`difflib`), at most three. Raises nothing.

    >>> zoo_core.closest("acuracy", ["accuracy", "mae"])
    "; did you mean 'accuracy'?"
    >>> zoo_core.closest("colour", ["accuracy", "mae"])
    '.'
    """
    import difflib

    found = difflib.get_close_matches(name, list(known), n=3, cutoff=0.6)
    return f"; did you mean {' or '.join(repr(match) for match in found)}?" if found else "."
