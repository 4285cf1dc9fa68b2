"""Sources of ``zoo predict``: which go into one call together, and each by itself in turn."""

from __future__ import annotations

import contextlib
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zoo_core._shell.printing import say
from zoo_core.errors import BadInput, ZooError
from zoo_core.interfaces import Media

STANDARD_INPUT = "-"


@dataclass(frozen=True)
class Given:
    """A source as it was typed, and what the model gets for it."""

    told: str
    value: str | Path


@contextlib.contextmanager
def given(words: Sequence[str], suffix: str | None) -> Iterator[list[Given]]:
    """Give the sources; ``-`` is a file with what stands on standard input, of that suffix.

    Raises `BadInput` for ``-`` twice, and for a suffix without ``-``.
    """
    if words.count(STANDARD_INPUT) > 1:
        raise BadInput("Standard input can be read once; give - once.")
    if STANDARD_INPUT not in words:
        if suffix is not None:
            raise BadInput("--as says what standard input is; give - as a source, or leave it out.")
        yield [Given(word, word) for word in words]
        return
    if sys.stdin is None:
        raise BadInput("Standard input is closed, and - is what stands on it; give a file.")
    with tempfile.TemporaryDirectory(prefix="zoo-") as folder:
        ending = "" if suffix is None else f".{suffix.removeprefix('.')}"
        path = Path(folder, f"standard-input{ending}")
        path.write_bytes(sys.stdin.buffer.read())
        try:
            yield [Given(w, path if w == STANDARD_INPUT else w) for w in words]
        except ZooError as error:
            raise type(error)(str(error).replace(str(path), "standard input")) from error


@dataclass
class Refused:
    """The sources that could not be used, where that is no reason to stop."""

    goes_on: bool
    count: int = 0

    def tell(self, error: Exception) -> None:
        """Print why a source was left out."""
        self.count += 1
        say(str(error))


def each(
    predict: Callable[[Any], Any], sources: Sequence[Given], refused: Refused
) -> Iterator[dict[str, Any]]:
    """Yield the rows of each source in turn, with the source in a column; none is kept.

    An error names its source; where `refused` goes on, the source is left out and told of.
    """
    for source in sources:
        # A source whose rows come one by one may fail after some: they are then left out, too.
        try:
            rows = list(_rows(predict(source.value)))
        except Exception as error:
            named = _naming(source, error)
            if not refused.goes_on:
                raise named from error
            refused.tell(named)
            continue
        for row in rows:
            yield {"file" if "source" in row else "source": source.told, **row}


def _naming(source: Given, error: Exception) -> Exception:
    """Return an error whose sentence names the source."""
    if isinstance(error, ZooError):
        if re.search(rf"(?<!\w){re.escape(source.told)}(?!\w)", str(error)):
            return error
        return type(error)(f"{source.told}: {error}")
    if isinstance(error, OSError):
        return BadInput(f"{source.told} cannot be read ({error.strerror or error}).")
    return RuntimeError(f"{source.told} gave {type(error).__name__}: {error}")


def _rows(answer: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(answer, Media):
        raise BadInput(
            f"the answer is no row, but a file ({', '.join(answer.contents)}); give one source at "
            "a time."
        )
    pieces = list(answer) if isinstance(answer, Iterator) else answer
    if isinstance(answer, Iterator) and all(isinstance(piece, str) for piece in pieces):
        pieces = "".join(pieces)
    for row in pieces if isinstance(pieces, list) else [pieces]:
        if isinstance(row, Mapping):
            yield row
        else:
            yield {"text" if isinstance(row, str) else "value": row}
