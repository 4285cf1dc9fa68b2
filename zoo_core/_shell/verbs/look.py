"""Verbs that look: list, show, plugins."""

from __future__ import annotations

import json
from typing import Any

import click

from zoo_core._shell.group import cli
from zoo_core._shell.options import as_json
from zoo_core._shell.printing import cell, print_rows


@cli.command("list")
@click.argument("patterns", nargs=-1)
@click.option("--exclude", multiple=True, help="Wildcard of names to leave out.")
@click.option("--paper", help="Wildcard of the paper's name.")
@click.option("--task", help="Wildcard of the task, such as node-classification.")
@click.option("--dataset", help="Wildcard of the dataset.")
@click.option("--metric", help="Wildcard of a metric that the model is measured by.")
@click.option("--license", help="Wildcard of the licence, such as MIT.")
@click.option("--max-parameters", type=int, help="Only models of at most so many parameters.")
@click.option("--sort", default="name", show_default=True, help="name, parameters or result.")
@click.option("--untrained", is_flag=True, help="Also models that have no weights yet.")
@click.option("--papers", "kind", flag_value="papers", help="List papers instead.")
@click.option("--architectures", "kind", flag_value="architectures", help="List architectures.")
@click.option("--datasets", "kind", flag_value="datasets", help="List datasets instead.")
@click.option("--metrics", "kind", flag_value="metrics", help="List metrics instead.")
@as_json
def list_verb(patterns: tuple[str, ...], kind: str | None, as_json: bool, **filters: Any) -> None:
    """List models (or papers, datasets, …) whose names fit the wildcards."""
    from zoo_core._registry import listing
    from zoo_core._registry.registry import registry

    wanted = patterns or ("*",)
    if kind is None:
        names = listing.list_models(wanted, **filters)
        print_rows(map(_model_row, names), as_json)
    else:
        shelf = getattr(registry(), kind)
        names = getattr(listing, f"list_{kind}")(wanted)
        fields = {"papers": ("title", "year"), "architectures": ("paper", "task", "summary")}
        shown = fields.get(kind, ("title",)) + (("license",) if kind == "datasets" else ())
        specs = [shelf.get(name) for name in names]
        print_rows(({"name": s.name, **{f: getattr(s, f) for f in shown}} for s in specs), as_json)
    if registry().broken and not as_json:
        click.echo("zoo: some plugins could not be loaded; see `zoo plugins`.", err=True)


def _model_row(name: str) -> dict[str, Any]:
    from zoo_core._registry.listing import headline
    from zoo_core._registry.registry import registry

    known = registry()
    spec = known.model(name)
    architecture = known.architecture(spec.architecture)
    row = headline(spec)
    return {
        "name": name,
        "paper": architecture.paper,
        "task": architecture.task,
        "dataset": spec.dataset,
        "parameters": (known.lock(spec) or {}).get("parameters"),
        "result": _shown(row) if row else None,
        "license": spec.license,
    }


def _shown(row: Any) -> str:
    from zoo_core._registry.registry import registry

    metrics = registry().metrics
    # A list goes on when the plugin that brings a metric is broken; the number is shown as it is.
    value = row.shown(metrics.get(row.metric)) if row.metric in metrics else row.value
    return f"{row.metric} {value}"


@cli.command()
@click.argument("name")
@click.option("--card", is_flag=True, help="Print the model's card instead.")
@as_json
def show(name: str, card: bool, as_json: bool) -> None:
    """Show all that is known of a model, paper, architecture, dataset or metric."""
    from zoo_core._publishing import cards
    from zoo_core._registry import listing

    if card:
        click.echo(cards.render(name))
        return
    facts = listing.info(name)
    if as_json:
        click.echo(json.dumps(facts, indent=1, default=str))
        return
    print_rows(({"field": key, "value": value} for key, value in facts.items() if value), False)


@cli.command()
@click.option("--verbose", "-v", is_flag=True, help="Also versions, errors and cache places.")
@as_json
def plugins(verbose: bool, as_json: bool) -> None:
    """List the installed plugins, what each brings, and why one could not be loaded."""
    from zoo_core._shell import environment

    rows = environment.plugin_rows(verbose)
    facts = environment.facts() if verbose else {}
    if as_json:
        click.echo(json.dumps({"plugins": rows, **facts}, indent=1, default=str))
        return
    print_rows([{k: v for k, v in row.items() if k != "trace"} for row in rows], False)
    for row in rows:
        if row.get("trace"):
            click.echo(f"\n{row['trace']}", err=True)
    for key, value in facts.items():
        click.echo(f"{key}: {cell(value)}")
