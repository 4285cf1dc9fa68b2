"""What a verb prints: JSON when asked for, a table on a terminal, tab-separated otherwise."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any

import click


def print_rows(rows: Iterable[Mapping[str, Any]], as_json: bool) -> None:
    """Print rows: JSON when asked for, a table on a terminal, tab-separated otherwise."""
    listed = [dict(row) for row in rows]
    names = list(dict.fromkeys(name for row in listed for name in row))
    if as_json:
        click.echo(json.dumps(listed, indent=1, default=str))
    elif sys.stdout.isatty() and listed:
        from rich.console import Console
        from rich.table import Table

        table = Table(box=None, header_style="bold", pad_edge=False)
        for name in names:
            table.add_column(name, overflow="fold")
        for row in listed:
            table.add_row(*[cell(row.get(name)) for name in names])
        Console().print(table)
    elif listed:
        lines = ["\t".join(cell(row.get(name)) for name in names) for row in listed]
        click.echo("\n".join(["\t".join(names), *lines]))


def cell(value: Any) -> str:
    """Return a value as it stands in a table."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4g}"
    return json.dumps(value) if isinstance(value, dict | list | tuple) else str(value)
