"""A page for people: wrapped where the terminal ends, without colours and escapes when piped."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import click
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from zoo_core._shell import printing
from zoo_core._shell.lists import MODELS, as_shown
from zoo_core._shell.printing import cell, harmless, short
from zoo_core._shell.tables import GAP, Column, fitted, left_out, table

WIDEST = 100
"""Longer lines are hard to read, however wide the terminal is."""
MOST = 24
"""So many models are shown; a command lists the rest."""
NARROW = 50
"""Below that many columns, a fact stands under its name and not beside it."""
VERDICTS = {
    word: " ".join([*(["bold"] if style.get("bold") else []), style.get("fg", "")]).strip()
    for word, style in printing.VERDICTS.items()
}
"""Verdicts' styles, as rich calls them."""
_ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
_TRAILING = re.compile(rf"(?: |{_ESCAPE.pattern})+$", re.MULTILINE)


class Page:
    """A page that is written part by part, and printed at the end."""

    def __init__(self) -> None:
        self.console = Console(highlight=False)
        self.width = min(self.console.width, WIDEST)
        self.parts: list[Any] = []

    def title(self, name: str, kind: str, summary: str = "") -> None:
        """Begin with what it is: its name, its kind, and a sentence."""
        self.parts.append(Text.assemble((short(name), "bold"), (f"  {kind}", "dim")))
        self.text(summary)

    def section(self, heading: str) -> None:
        """Begin a section."""
        self.parts += ["", Text(heading, style="bold")]

    def text(self, words: str) -> None:
        """Write a paragraph; nothing for an empty one."""
        if words.strip():
            self.parts.append(Text(harmless(" ".join(words.split()))))

    def code(self, *lines: str) -> None:
        """Write lines to copy: never wrapped, and from the first column on."""
        self.parts += [Code(short(line)) for line in lines]

    def cite(self, bibtex: str) -> None:
        """Write BibTeX, which may be wrapped and still be copied."""
        for line in bibtex.strip().splitlines():
            inner = " " * (len(line) - len(line.lstrip()) + 4)
            self.code(*textwrap.wrap(line, self.width, subsequent_indent=inner))

    def facts(self, facts: Mapping[str, Any]) -> None:
        """Write names and what they stand for, without those that stand for nothing."""
        there = {name: value for name, value in facts.items() if cell(value)}
        texts = {
            name: value if isinstance(value, Text) else Text(short(cell(value)))
            for name, value in there.items()
        }
        if self.width < NARROW:
            for name, text in texts.items():
                self.parts += [Text(name, style="dim"), text]
            return
        grid = Table.grid(padding=(0, GAP, 0, 0), pad_edge=False)
        grid.add_column(style="dim", no_wrap=True)
        grid.add_column(overflow="fold")
        for name, text in texts.items():
            grid.add_row(name, text)
        self.parts.append(grid)

    def rows(self, rows: Sequence[Mapping[str, Any]], columns: Sequence[Column]) -> None:
        """Write a table."""
        widths = fitted(columns, rows, self.width)
        self.parts.append(table(widths, rows))
        missing = left_out(columns, rows, widths)
        if missing:
            self.text(f"(no room for {missing})")

    def models(self, rows: Sequence[Mapping[str, Any]], beside: str, listed: str) -> None:
        """Write the models that belong to it, with one more column; a command lists them all."""
        if not rows:
            return
        self.section("Models")
        wanted = ("name", "size", "value", "metric", beside)
        shown = [as_shown(row) for row in rows[:MOST]]
        self.rows(shown, [column for column in MODELS if column.name in wanted])
        if len(rows) > MOST:
            self.text(f"… and {len(rows) - MOST} more; to see them all:")
            self.code(listed)

    def entry(self, name: str, word: str, text: str) -> None:
        """Write a claim: its name and verdict, and its sentence below."""
        self.parts.append(Text.assemble((short(name), "bold"), "  ", verdict(word)))
        self.parts.append(Padding(Text(short(text)), (0, 0, 0, GAP)))

    def names(self, names: Sequence[str]) -> None:
        """Write names, none of them broken."""
        self.parts.append(Text(short(", ".join(names))))

    def print(self) -> None:
        """Print the page."""
        with self.console.capture() as captured:
            for part in self.parts:
                if isinstance(part, Code):
                    self.console.print(
                        Text(part, style="cyan"), no_wrap=True, overflow="ignore", crop=False
                    )
                else:
                    self.console.print(part, width=self.width)
        told = _TRAILING.sub(lambda end: "".join(_ESCAPE.findall(end[0])), captured.get())
        click.echo(told, nl=False)


class Code(str):
    """A line to copy."""


def verdict(word: str, count: int = 1) -> tuple[str, str]:
    """Return a verdict (of several claims) with its style, as `Text.assemble` takes it."""
    several = count != 1 and word in ("holds", "fails")
    return (word.removesuffix("s") if several else word, VERDICTS.get(word, "dim"))
