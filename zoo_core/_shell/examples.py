"""Examples in the help of verbs: with names of what is installed, so that they can be copied."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import click


class WithExamples(click.Command):
    """A command whose help ends with examples.

    In these ``{model}`` stands for a model that is installed, and `FIELDS` for what belongs to it.
    """

    def __init__(self, *args: Any, examples: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = tuple(examples)

    def named(self, ctx: click.Context) -> Mapping[str, str]:
        """Return what is to stand in examples instead of just any installed name."""
        return {}

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, each on a line of its own, however long."""
        super().format_epilog(ctx, formatter)
        if self.examples:
            names = {**installed(), **self.named(ctx)}
            with formatter.section("Examples"):
                for example in self.examples:
                    formatter.write(f"{'':{formatter.current_indent}}{example.format(**names)}\n")


FIELDS = ("architecture", "paper", "dataset", "task", "metric", "claim", "wildcard")
"""What else an example may name."""


def installed() -> dict[str, str]:
    """Return names of what is installed; where nothing is, what to write there, in capitals."""
    from zoo_core._registry import listing

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rows = listing.model_rows() or listing.model_rows(untrained=True)
        if not rows:
            return {name: name.upper() for name in ("model", *FIELDS)}
        claims = {row["name"]: row["claims"] for row in listing.rows("papers")}
    model: Mapping[str, Any] = rows[0]
    return {
        "model": model["name"],
        **{name: model[name] for name in ("architecture", "paper", "dataset", "task")},
        "metric": model["metrics"][0],
        "claim": next(iter(claims.get(model["paper"], ())), "CLAIM"),
        "wildcard": f"{model['name'].partition('-')[0]}*",
    }
