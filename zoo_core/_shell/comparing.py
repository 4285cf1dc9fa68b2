"""``zoo evaluate --retrain``: methods trained anew over runs, each row printed when it is known."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click

from zoo_core._shell.printing import cell
from zoo_core.errors import BadInput


def seeds_of(text: str | None) -> list[int] | None:
    """Return the seeds of a list such as "0,1,2"; raises `BadInput` for anything else."""
    if text is None:
        return None
    try:
        return [int(word) for word in text.split(",")]
    except ValueError as error:
        raise BadInput(f"--seeds {text!r} is no list of whole numbers; write --seeds 0,1,2.") from (
            error
        )


def retrain(
    names: Sequence[str], dataset: str | None, *, store: bool, as_json: bool, **arguments: Any
) -> None:
    """Compare each named model with its baselines, and print what is known as soon as it is.

    What is said of folds, baselines and intervals goes to standard error.
    """
    from zoo_core._authoring import comparison
    from zoo_core._measuring import folders
    from zoo_core._registry import results
    from zoo_core._registry.registry import registry

    everything: list[Mapping[str, Any]] = []
    for name in names:
        made = comparison.comparison(name, dataset, **arguments)
        folder = folders.opened(name)
        if store and folder is None and not made.own_protocol:
            raise BadInput(
                f"What {name} gives on other data is not kept with its plugin; leave --store out, "
                "or train on these data and store in the folder."
            )
        kept = folder.stored() if folder else results.stored(name) if _is_model(name) else []
        card = {row.key: row for row in kept}
        click.echo(f"zoo: {made.told}.", err=True)
        if len(made.recipes) == 1 and arguments["beside"]:
            click.echo(f"zoo: no baselines are registered beside {name}.", err=True)
        found, shown = [], []
        table = Lines(not as_json, max(map(len, made.recipes)))
        for row in made.rows():
            old = card.get(row.result.key) if row.result else None
            line = {
                "method": row.method,
                "dataset": made.runs.label,
                "split": "test",
                "metric": row.metric,
                "measured": row.shown,
                "card": old.shown(registry().metric(row.metric)) if old else None,
                "runs": len(row.result.values) if row.result else 0,
                "difference": row.ahead or None,
            }
            table.add(line)
            shown.append({**row.as_json(), **line, "difference": row.as_json()["difference"]})
            found += [row.result] if row.result else []
        everything += shown
        if store and folder is not None:
            folder.store(found, made.runs.source)
        elif store:
            results.store(found)
    if as_json:
        click.echo(json.dumps(everything, indent=1))


class Lines:
    """Rows printed one by one: tab-separated, or in columns of a fixed width on a terminal."""

    def __init__(self, wanted: bool, longest: int) -> None:
        self.wanted, self.first, self.wide = wanted, True, sys.stdout.isatty()
        self.widths = [longest]

    def add(self, row: Mapping[str, Any]) -> None:
        """Print a row, the names of the columns before the first."""
        if self.wanted and self.first:
            self._print(row.keys())
        if self.wanted:
            self._print(row.values())
        self.first = False

    def _print(self, values: Iterable[Any]) -> None:
        words = [cell(value) for value in values]
        if self.wide:
            widths = [*self.widths, *[14] * (len(words) - 1)]
            click.echo(
                "  ".join(f"{word:<{w}}" for word, w in zip(words, widths, strict=True)).rstrip()
            )
        else:
            click.echo("\t".join(words))


def _is_model(name: str) -> bool:
    from zoo_core._registry.registry import registry

    return name in registry().models
