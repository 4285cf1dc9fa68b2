"""Lists on a terminal: models by paper, with as many columns as there is room for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.text import Text

from zoo_core._registry import listing
from zoo_core._shell.printing import short, tell_left_out
from zoo_core._shell.tables import Column, fitted, left_out, table

Row = Mapping[str, Any]
STEPS = (("k", 10**3), ("M", 10**6), ("G", 10**9))


def human(number: float | None) -> str:
    """Return a count for people: 802, 26.0 k, 1.3 M; "" for None."""
    if number is None:
        return ""
    # What would be rounded to 1000.0 of a unit is 1.0 of the next one.
    for sign, step in reversed(STEPS):
        if number >= 0.99995 * step:
            return f"{number / step:,.1f} {sign}"
    return f"{number:,}"


MODELS = (
    Column(name="name", heading="model"),
    Column(name="size", rank=3, right=True, heading="parameters"),
    Column(name="value", rank=1, right=True, heading="result"),
    Column(name="metric", rank=2, overflow="cut", heading=""),
    Column(name="dataset", rank=4, overflow="cut"),
    Column(name="task", rank=5, overflow="cut"),
    Column(name="license", rank=6, overflow="cut", heading="licence"),
    Column(name="paper", rank=7, overflow="cut"),
)
COLUMNS: Mapping[str, Sequence[Column]] = {
    "models": MODELS,
    "papers": (
        Column(name="name", heading="paper"),
        Column(name="year", rank=2, right=True),
        Column(name="title", rank=1, overflow="cut"),
    ),
    "architectures": (
        Column(name="name", heading="architecture"),
        Column(name="task", rank=2, overflow="cut"),
        Column(name="summary", rank=1, overflow="cut"),
        Column(name="paper", rank=3, overflow="cut"),
    ),
    "datasets": (
        Column(name="name", heading="dataset"),
        Column(name="title", rank=1, overflow="cut"),
        Column(name="license", rank=2, overflow="cut", heading="licence"),
    ),
    "metrics": (
        Column(name="name", heading="metric"),
        Column(name="title", rank=1, overflow="cut"),
    ),
    "plugins": (
        Column(name="name", heading="plugin"),
        Column(name="version", rank=2),
        Column(name="error", rank=0, overflow="fold"),
        Column(name="brings", rank=1, overflow="fold"),
        Column(name="distribution", rank=3),
    ),
}


def as_shown(row: Row) -> Row:
    """Return a model's row with what people read: a human size, the result apart from its metric.

    A fitted estimator has the number of its fitted values in the place of parameters.
    """
    result = row["results"].get(row["metrics"][0])
    metric, _, value = result["shown"].partition(" ") if result else ("", "", "")
    fit = row["fitted"]
    size = human(row["parameters"]) if fit is None else f"{human(fit)} fitted" if fit else "none"
    return {**row, "size": size, "metric": metric, "value": value}


def show(kind: str, rows: Sequence[Row], *, grouped: bool = False) -> None:
    """Print rows of a kind ("models", "papers", …), models under their papers if `grouped`."""
    console = Console()
    columns = COLUMNS[kind]
    if kind == "models":
        rows = [as_shown(row) for row in rows]
        columns = [one for one in columns if not (grouped and one.name == "paper")]
    widths = fitted(columns, rows, console.width)
    if kind == "models" and grouped and rows:
        _by_paper(console, widths, rows)
    elif rows:
        console.print(table(widths, rows))
    if rows:
        tell_left_out(left_out(columns, rows, widths))


def _by_paper(console: Console, widths: Mapping[Column, int], rows: Sequence[Row]) -> None:
    papers = {row["name"]: f"{row['title']} ({row['year']})" for row in listing.rows("papers")}
    console.print(table(widths, []))
    ordered = sorted(rows, key=lambda row: row["paper"])
    for paper, several in groupby(ordered, key=lambda row: row["paper"]):
        heading = Text(short(paper), style="bold")
        heading.append(f"  {short(papers.get(paper, ''))}", style="not bold dim")
        console.print()
        console.print(heading, no_wrap=True, overflow="ellipsis")
        console.print(table(widths, list(several), header=False))
