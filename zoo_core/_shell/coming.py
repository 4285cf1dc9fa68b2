"""What is known one by one, printed as it comes: an error later on loses none of what was found."""

from __future__ import annotations

import json
import os
import sys
import textwrap
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import Any

import click

from zoo_core._shell import output
from zoo_core._shell.options import TRACEBACK
from zoo_core._shell.printing import cell, say, short
from zoo_core.errors import ZooError


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
        self.widths, self.fresh = dict(widths), True

    def add(self, row: Mapping[str, Any], full: Mapping[str, Any] | None = None) -> None:
        """Print a row, the names of the columns before the first; JSON has all that is `full`."""
        if self.as_json:
            text = json.dumps(full or row, indent=1, default=str)
            click.echo("[" if self.count == 0 else ",")
            click.echo(textwrap.indent(text, " "), nl=False)
        else:
            words = [cell(value) for value in row.values()]
            for name, word in zip(row, words, strict=True):
                self.widths[name] = max(self.widths.get(name, 0), len(name), len(word))
            if self.fresh:
                self._line(row, row)
                self.fresh = False
            self._line(row, words)
        self.count += 1

    def _line(self, names: Iterable[str], words: Iterable[str]) -> None:
        if self.columns:
            padded = (f"{short(w):<{self.widths[n]}}" for n, w in zip(names, words, strict=True))
            click.echo("  ".join(padded).rstrip())
        else:
            click.echo("\t".join(words))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the list; where there is none to close and nothing failed, it is empty."""
        if self.as_json and self.count:
            click.echo("\n]")
        elif self.as_json and error is None:
            click.echo("[]")


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
