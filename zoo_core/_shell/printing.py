"""What a verb prints: JSON when asked for, a table on a terminal, tab-separated otherwise."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

import click

from zoo_core._shell import output

LONGEST = 2_000
"""So many characters of one text are shown on a terminal; what is piped has all of them."""
INDENT = 16
"""Where what is below a verdict begins."""

# Control characters (escapes of a terminal among them), and marks that turn the direction of text.
_MARKS = "\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff"
_UNSEEN = re.compile(f"[\x00-\x1f{_MARKS}]+")
_ESCAPES = re.compile(f"[\x00-\x08\x0b-\x1f{_MARKS}]+")


def harmless(text: str) -> str:
    """Return a text that may be a stranger's as it can be shown: one line, and no escapes."""
    return text if text.isprintable() else _UNSEEN.sub(" ", text)


def short(text: str) -> str:
    """Return a harmless text, cut where it is long."""
    return harmless(text if len(text) <= LONGEST else text[: LONGEST - 1] + "…")


def shown(text: str) -> str:
    """Return a text of several lines as a terminal can show it; what is piped stays as it is."""
    return _ESCAPES.sub(" ", text) if sys.stdout.isatty() else text


VERDICTS: Mapping[str, Mapping[str, Any]] = {
    "holds": {"fg": "green"},
    "fails": {"fg": "red", "bold": True},
    "not established": {"bold": True},
}
"""Colours that can be read on dark and on light ground; the words say the same without."""


def say(text: str) -> None:
    """Print a sentence on standard error; on a terminal no word, and so no name, is broken."""
    tell(f"zoo: {short(text)}")


def tell(text: str) -> None:
    """Print what is no sentence of the zoo's own, as `say` does: a count, a summary."""
    click.echo(_filled(text, sys.stderr), err=True)


def print_verdict(verdict: str, text: str, *more: str) -> None:
    """Print a verdict and what it is about, and further lines below, wrapped on a terminal."""
    first, *rest = (
        _filled(harmless(line), sys.stdout, " " * INDENT)
        for line in (f"{verdict:<{INDENT}}{text}", *(f"{'':{INDENT}}{line}" for line in more))
    )
    word = first[: len(verdict)]
    click.echo(click.style(word, **VERDICTS.get(word, {})) + first[len(word) :])
    for line in rest:
        click.echo(line)


def _filled(text: str, stream: TextIO, indent: str = "") -> str:
    """Return a text in lines that a terminal does not break; what is piped stays one line."""
    if not stream.isatty():
        return text
    import shutil
    import textwrap

    return textwrap.fill(
        text,
        max(shutil.get_terminal_size().columns, 20),
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def print_json(value: Any) -> None:
    """Print a value as JSON, and where JSON was asked for: nothing else stands there.

    Of `value`, what is no JSON is printed as text. Raises nothing.

    >>> zoo_core.print_json({"pages": 3})
    {
     "pages": 3
    }
    """
    click.echo(json.dumps(value, indent=1, default=str), file=output.answers())


def print_rows(rows: Iterable[Mapping[str, Any]], as_json: bool) -> None:
    """Print rows: JSON when asked for, a table on a terminal, tab-separated otherwise."""
    listed = [dict(row) for row in rows]
    names = list(dict.fromkeys(name for row in listed for name in row))
    if as_json:
        print_json(listed)
    elif sys.stdout.isatty() and listed:
        from rich.console import Console

        from zoo_core._shell import tables

        console = Console()
        wanted = tables.columns_of(listed)
        widths = tables.fitted(wanted, listed, console.width)
        console.print(tables.table(widths, listed))
        tell_left_out(tables.left_out(wanted, listed, widths))
    elif listed:
        lines = ["\t".join(cell(row.get(name)) for name in names) for row in listed]
        click.echo("\n".join(["\t".join(map(harmless, names)), *lines]))


def tell_left_out(names: str) -> None:
    """Say which columns a narrow terminal does not show."""
    if names:
        say(f"no room for {names}; --json has all.")


def cell(value: Any) -> str:
    """Return a value as it stands in a table."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4g}"
    return harmless(json.dumps(value) if isinstance(value, dict | list | tuple) else str(value))
