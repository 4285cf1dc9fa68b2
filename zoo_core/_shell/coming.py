"""What is known one by one, printed as it comes: an error later on loses none of what was found."""

from __future__ import annotations

import json
import os
import shutil
import sys
import textwrap
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import Any

import click

from zoo_core._shell import output
from zoo_core._shell.options import TRACEBACK
from zoo_core._shell.printing import cell, say, short, tell_left_out
from zoo_core.errors import ZooError

GAP = "  "
GIVING_WAY = ("split", "runs", "dataset", "metric", "card")
"""What a narrow terminal leaves out, the first first, until the rest has room."""


class Coming(AbstractContextManager["Coming"]):
    """Rows that are printed one by one: as a JSON list, or as lines of a table.

    The list is closed whatever ends it, so that what was printed is JSON; where an error came
    before the first row, nothing is printed. A table is tab-separated, or in columns on a
    terminal, which are as wide as what came so far: `widths` are those that are known before.
    """

    def __init__(self, as_json: bool, widths: Mapping[str, int] | None = None) -> None:
        self.as_json, self.count = as_json, 0
        self.begin(widths or {})
        self.columns = sys.stdout.isatty()

    def begin(self, widths: Mapping[str, int]) -> None:
        """Begin a table anew, whose columns have these widths at least."""
        self.widths, self.fresh, self.left_out = dict(widths), True, list[str]()

    def add(self, row: Mapping[str, Any], full: Mapping[str, Any] | None = None) -> None:
        """Print a row, the names of the columns before the first; JSON has all that is `full`."""
        if self.as_json:
            text = json.dumps(full or row, indent=1, default=str)
            click.echo("[" if self.count == 0 else ",", file=output.answers())
            click.echo(textwrap.indent(text, " "), nl=False, file=output.answers())
        else:
            words = {name: cell(value) for name, value in row.items()}
            for name, word in words.items():
                self.widths[name] = max(self.widths.get(name, 0), len(name), len(word))
            if self.fresh:
                self.left_out = self._too_many(list(row)) if self.columns else []
                tell_left_out(", ".join(self.left_out))
                self._line({name: name for name in row})
                self.fresh = False
            self._line(words)
        self.count += 1

    def _too_many(self, names: Sequence[str]) -> list[str]:
        """Return the columns that a narrow terminal has no room for."""
        room, kept = shutil.get_terminal_size().columns, list(names)
        for name in GIVING_WAY:
            if sum(self.widths[one] + len(GAP) for one in kept) - len(GAP) > room and name in kept:
                kept.remove(name)
        return [name for name in names if name not in kept]

    def _line(self, words: Mapping[str, str]) -> None:
        if self.columns:
            there = {name: word for name, word in words.items() if name not in self.left_out}
            padded = (f"{short(word):<{self.widths[name]}}" for name, word in there.items())
            click.echo(GAP.join(padded).rstrip())
        else:
            click.echo("\t".join(words.values()))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the list; where there is none to close and nothing failed, it is empty."""
        if self.as_json and self.count:
            click.echo("\n]", file=output.answers())
        elif self.as_json and error is None:
            click.echo("[]", file=output.answers())


class Several:
    """Things done one after the other: what fails of one is told, and ends none of the others.

    `code` is the highest exit code of those that failed. A single one's error is raised as it is.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.alone, self.code = len(names) == 1, 0

    @contextmanager
    def one(self, name: str) -> Iterator[None]:
        """Do what belongs to one name."""
        try:
            yield
        except Exception as error:
            if self.alone or output.failed() is not None:
                raise
            if isinstance(error, ZooError):
                told, code = str(error), error.exit_code
            else:
                told, code = f"unexpected {type(error).__name__}: {error}", 3
            if os.environ.get(TRACEBACK):
                traceback.print_exc()
            say(f"{name}: {told}")
            self.code = max(self.code, code)
