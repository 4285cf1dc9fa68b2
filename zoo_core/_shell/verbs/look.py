"""Verbs that look: list, show, plugins."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import click

from zoo_core._shell import completing
from zoo_core._shell.group import cli
from zoo_core._shell.options import as_json, refuse_beside
from zoo_core._shell.printing import cell, print_json, print_rows, say, shown
from zoo_core.errors import BadInput

FIELDS = {
    "papers": ("name", "title", "year"),
    "architectures": ("name", "paper", "task", "summary"),
    "datasets": ("name", "title", "license"),
    "metrics": ("name", "title"),
}
"""What is listed of each kind besides models."""
TAKEN = {
    "papers": {"exclude"},
    "architectures": {"exclude", "paper", "task"},
    "datasets": {"exclude", "task", "license"},
    "metrics": {"exclude"},
}
"""The filters that fit them."""


@cli.command(
    "list",
    examples=[
        "zoo list --sort result",
        "zoo list '{wildcard}' --paper {paper}",
        "zoo list --task {task} --max-parameters 100000",
        "zoo list --datasets",
    ],
)
@click.argument("patterns", nargs=-1, shell_complete=completing.offer(completing.listed))
@click.option(
    "--exclude",
    multiple=True,
    help="Wildcard of names to leave out.",
    shell_complete=completing.offer(completing.listed),
)
@click.option(
    "--paper",
    help="Wildcard of the paper's name.",
    shell_complete=completing.offer(completing.papers),
)
@click.option(
    "--task",
    help="Wildcard of the task, such as node-classification.",
    shell_complete=completing.offer(completing.field("task")),
)
@click.option(
    "--dataset",
    help="Wildcard of the dataset.",
    shell_complete=completing.offer(completing.field("dataset")),
)
@click.option(
    "--metric",
    help="Wildcard of a metric that the model is measured by.",
    shell_complete=completing.offer(completing.field("metrics")),
)
@click.option(
    "--license",
    help="Wildcard of the licence, such as MIT.",
    shell_complete=completing.offer(completing.field("license")),
)
@click.option("--max-parameters", type=int, help="Only models of at most so many parameters.")
@click.option(
    "--sort",
    default="name",
    show_default=True,
    help="name, parameters or result.",
    shell_complete=completing.offer(completing.words("name", "parameters", "result")),
)
@click.option("--untrained", is_flag=True, help="Also models that have no weights yet.")
@click.option("--papers", is_flag=True, help="List papers instead.")
@click.option("--architectures", is_flag=True, help="List architectures.")
@click.option("--datasets", is_flag=True, help="List datasets instead.")
@click.option("--metrics", is_flag=True, help="List metrics instead.")
@as_json
def list_verb(patterns: tuple[str, ...], as_json: bool, **filters: Any) -> None:
    """List models (or papers, datasets, …) whose names fit the wildcards."""
    from zoo_core._registry import listing

    kinds = [name for name in TAKEN if filters.pop(name)]
    if len(kinds) > 1:
        raise BadInput(f"--{' and --'.join(kinds)} are several lists; ask for one at a time.")
    kind = kinds[0] if kinds else "models"
    if kind != "models":
        others = {name: filters.pop(name) for name in set(filters) - TAKEN[kind]}
        others["sort"] = others["sort"] != "name"
        given = {
            name: value not in (None, ()) and value is not False for name, value in others.items()
        }
        flags = {f"--{name.replace('_', '-')}": given[name] for name in sorted(given)}
        refuse_beside(f"--{kind}", f"lists {kind} by name", flags)
    wanted = patterns or ("*",)
    of_kind = listing.model_rows if kind == "models" else partial(listing.rows, kind)
    rows = of_kind(wanted, **filters)
    if not rows:
        from zoo_core._registry.emptiness import why

        told = why(kind, wanted, filters)
        if told:
            say(told)
    if as_json or not sys.stdout.isatty():
        print_rows(map(_model, rows) if kind == "models" else _listed(kind, rows), as_json)
    else:
        from zoo_core._shell import lists

        lists.show(kind, rows, grouped=filters.get("sort") == "name")
    if listing.some_broken() and not as_json:
        say("some plugins could not be loaded; see `zoo plugins`.")


def _listed(kind: str, rows: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield what is listed of papers, architectures, datasets or metrics."""
    return ({field: row[field] for field in FIELDS[kind]} for row in rows)


def _model(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is listed of a model; `result` is by its first metric."""
    result = row["results"].get(row["metrics"][0])
    names = ("name", "paper", "task", "dataset", "parameters")
    return {
        **{name: row[name] for name in names},
        "result": result and result["shown"],
        "license": row["license"],
        "fitted": row["fitted"],
    }


@cli.command(examples=["zoo show {model}", "zoo show {paper} {claim}", "zoo show {model} --card"])
@click.argument("name", shell_complete=completing.offer(completing.every_name))
@click.argument("claim", required=False, shell_complete=completing.offer(completing.claims_of_name))
@click.option("--card", is_flag=True, help="Print the model's card instead.")
@click.option(
    "--kind",
    type=click.Choice(["model", "paper", "architecture", "dataset", "metric"]),
    help="Which of several things of that name.",
)
@as_json
def show(name: str, claim: str | None, card: bool, kind: str | None, as_json: bool) -> None:
    """Show a model, paper, architecture, dataset or metric, or a CLAIM of a paper.

    What is printed is for people; --json has all that is known.
    """
    if card:
        from zoo_core._publishing import cards

        refuse_beside("--card", "prints a model's card", {"claim": claim, "--kind": kind})
        page = cards.render(name)
        if as_json:
            print_json({"name": name, "card": page})
        else:
            click.echo(shown(page))
    elif as_json:
        print_json(_facts(name, claim, kind))
    else:
        from zoo_core._shell import pages

        pages.of(name, claim, kind).print()


def _facts(name: str, claim: str | None, kind: str | None) -> dict[str, Any]:
    if claim is None:
        from zoo_core._registry import listing

        return listing.info(name, kind=kind)
    from zoo_core._measuring.verification import claims_of
    from zoo_core._publishing import shown

    paper, (one,) = claims_of(name, claim=claim)
    return shown.claim_facts(paper, one.name)


@cli.command(examples=["zoo plugins --verbose"])
@click.option("--verbose", "-v", is_flag=True, help="Also versions, errors and cache places.")
@as_json
def plugins(verbose: bool, as_json: bool) -> None:
    """List the installed plugins, what each brings, and why one could not be loaded."""
    from zoo_core._shell import environment

    rows = environment.plugin_rows(verbose)
    facts = environment.facts() if verbose else {}
    if as_json:
        print_json({"plugins": rows, **facts})
        return
    told = [{k: v for k, v in row.items() if k != "trace"} for row in rows]
    if sys.stdout.isatty():
        from zoo_core._shell import lists, pages

        pages.of_plugins(told, facts).print() if verbose else lists.show("plugins", told)
    else:
        print_rows(told, False)
        for key, value in facts.items():
            click.echo(f"{key}: {cell(value)}")
    for row in rows:
        if row.get("trace"):
            click.echo(f"\n{row['trace']}", err=True)
