"""Standard output and standard error: closed, full, or with a reader that went away."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Any


class Stream:
    """A stream that remembers why it took nothing more; what it is told to swallow, it drops."""

    def __init__(self, stream: Any, *, swallows: bool) -> None:
        self.stream, self.swallows = stream, swallows
        self.failed: OSError | None = None

    def write(self, text: str) -> int:
        """Write a text."""
        with self._watched():
            self.stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Write what is waiting."""
        with self._watched():
            self.stream.flush()

    @contextlib.contextmanager
    def _watched(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError) as error:  # a plugin may even have closed it
            if isinstance(error, OSError):
                self.failed = error
            if not self.swallows:
                raise

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


@contextlib.contextmanager
def watched() -> Iterator[Stream]:
    """Watch both streams while the block runs; give standard output.

    Work goes on when nobody reads what is said on standard error.
    """
    before = sys.stdout, sys.stderr
    made: Any = Stream(sys.stdout, swallows=False), Stream(sys.stderr, swallows=True)
    sys.stdout, sys.stderr = made
    try:
        yield made[0]
    finally:
        sys.stdout, sys.stderr = before


_ANSWERS: list[Any] = []


@contextlib.contextmanager
def answers_alone() -> Iterator[None]:
    """Let nothing but answers come to standard output: what plugins print goes beside it."""
    _ANSWERS.append(sys.stdout)
    sys.stdout = sys.stderr
    try:
        yield
    finally:
        sys.stdout = _ANSWERS.pop()


def answers() -> Any:
    """Return the stream that answers go to: standard output, whatever stands in its place."""
    return _ANSWERS[-1] if _ANSWERS else sys.stdout


def failed() -> OSError | None:
    """Return why standard output took nothing more; None while it does."""
    found: OSError | None = getattr(answers(), "failed", None)
    return found


def finish(stream: Stream) -> OSError | None:
    """Write what is waiting, and return why it could not be written.

    What could not goes nowhere, or the interpreter would complain at its end.
    """
    with contextlib.suppress(OSError):
        stream.flush()
    if stream.failed is not None:
        with contextlib.suppress(OSError):  # a stream that is no file of the operating system
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
    return stream.failed


def fill_gaps() -> bool:
    """Put nothing in place of closed streams; tell whether there is a standard output.

    A file that is opened later would otherwise take the number of a closed one, and get what others
    print.
    """
    there = sys.stdout is not None
    for number, stream in enumerate((sys.stdin, sys.stdout, sys.stderr)):
        if stream is None:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened == number:  # the lowest one that is free; programs that are run get it, too
                os.set_inheritable(opened, True)
            else:
                os.close(opened)
    if sys.stderr is None:
        # No `with`, which the rule asks for: it stays open until the process ends.
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    return there
