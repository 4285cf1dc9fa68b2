"""Verbs that use a model: predict, evaluate, demo."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import click

from zoo_core._shell.group import cli
from zoo_core._shell.options import (
    as_json,
    chosen_names,
    literal,
    on_device,
    pairs,
    refuse_beside,
    split_options,
)
from zoo_core._shell.printing import print_rows
from zoo_core.errors import BadInput


@cli.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@click.argument("name")
@click.argument("sources", nargs=-1, type=click.UNPROCESSED)
@click.option("--limit", default=20, show_default=True, help="Rows to print; 0 for all.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write here, as its suffix says: .json, .jsonl, .csv, .tsv, .txt, or an image's.",
)
@on_device
@as_json
def predict(
    name: str,
    sources: tuple[str, ...],
    limit: int,
    output: Path | None,
    device: str | None,
    as_json: bool,
) -> None:
    """Predict on SOURCES (files, as the model takes them), or on what the model itself carries.

    Further options, --KEY VALUE, go to the model's own predict.
    """
    from zoo_core._loading import making, models
    from zoo_core._measuring.evaluation import predict as run
    from zoo_core._shell.answers import write_answer
    from zoo_core.interfaces import Media

    files, words = split_options(sources)
    module = models.load(name, device=device)
    texts = making.text_options(getattr(module, "predict", None))
    options = {key: word if key in texts else literal(word) for key, word in words.items()}
    answer = run(module, *files, **options)
    if isinstance(answer, Iterator) and not (output or as_json):
        for piece in answer:
            click.echo(piece, nl=False)
        click.echo()
        return
    answer = list(answer) if isinstance(answer, Iterator) else answer
    if output:
        write_answer(answer, output)
        click.echo(f"zoo: written to {output}.", err=True)
    elif isinstance(answer, Media):
        suffixes = ", ".join(answer.contents)
        raise BadInput(f"This is no table; write it to a file with --output PATH ({suffixes}).")
    elif as_json or not _is_table(answer):
        plain = isinstance(answer, str) and not as_json
        click.echo(answer if plain else json.dumps(answer, indent=1))
    else:
        rows = answer if isinstance(answer, list) else [answer]
        print_rows(islice(rows, limit or None), False)
        if limit and len(rows) > limit:
            more = (
                f"zoo: {len(rows) - limit:,} more rows; see them with --limit 0, --json, --output."
            )
            click.echo(more, err=True)


def _is_table(answer: Any) -> bool:
    rows = answer if isinstance(answer, list) else [answer]
    return all(isinstance(row, Mapping) for row in rows)


@cli.command()
@click.argument("names", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Every model that has weights.")
@click.option("--dataset", help="A dataset's name (default: the model's own).")
@click.option("--option", multiple=True, callback=pairs, help="KEY=VALUE for the dataset.")
@click.option("--split", help="A split of the data (default: test).")
@click.option("--metric", "metrics", multiple=True, help="A metric's name (default: its own).")
@click.option("--batch-size", type=click.IntRange(1), help="For models that take batches.")
@on_device
@click.option("--retrain", is_flag=True, help="Train anew over runs, its baselines beside it.")
@click.option("--alone", is_flag=True, help="With --retrain: without the baselines beside it.")
@click.option("--folds", type=int, help="With --retrain: so many folds, where data bring none.")
@click.option("--seeds", help="With --retrain: the seeds of each fold, as 0,1,2.")
@click.option("--set", "config", multiple=True, callback=pairs, help="With --retrain: KEY=VALUE.")
@click.option("--store", is_flag=True, help="Keep the results, for the card.")
@as_json
def evaluate(
    names: tuple[str, ...],
    every: bool,
    dataset: str | None,
    option: dict[str, Any],
    split: str | None,
    metrics: tuple[str, ...],
    batch_size: int | None,
    device: str | None,
    retrain: bool,
    alone: bool,
    folds: int | None,
    seeds: str | None,
    config: dict[str, Any],
    store: bool,
    as_json: bool,
) -> None:
    """Measure models on a dataset, and show the card's number beside each.

    With --retrain the method and its baselines are trained anew: over the protocol that the card
    states, or over the folds of other data (--dataset NAME|FILE). NAME may then be an architecture.
    """
    from zoo_core._measuring import evaluation, folders
    from zoo_core._registry import listing, results
    from zoo_core._registry.registry import registry
    from zoo_core._shell import comparing

    chosen = chosen_names(names, every, listing.list_models)
    if retrain:
        refuse_beside(
            "--retrain", "measures the test split", {"--split": split, "--batch-size": batch_size}
        )
        comparing.retrain(
            chosen,
            dataset,
            store=store,
            as_json=as_json,
            beside=not alone,
            folds=folds,
            seeds=comparing.seeds_of(seeds),
            config=config,
            options=option,
            metrics=metrics,
            device=device,
        )
        return
    for flag, value in (
        ("--alone", alone),
        ("--folds", folds),
        ("--seeds", seeds),
        ("--set", config),
    ):
        if value:
            raise BadInput(f"{flag} is for --retrain; give both, or neither.")
    rows = []
    for name in chosen:
        folder = folders.opened(name)
        stored = {row.key: row for row in (folder.stored() if folder else _stored(name))}
        found = evaluation.evaluate(
            name,
            dataset,
            split=split or "test",
            metrics=metrics,
            options=option,
            device=device,
            batch_size=batch_size,
        )
        if folder:
            found = folder.renamed(found)
        if store and folder:
            folder.store(found, dataset or folder.source())
        elif store:
            results.store(found)
        for row in found:
            metric = registry().metric(row.metric)
            card = stored.get(row.key)
            same = card is not None and card.options == dict(row.options)
            shown = {
                "method": row.method,
                "dataset": row.dataset,
                "split": row.split,
                "metric": row.metric,
                "measured": row.shown(metric),
                "card": card.shown(metric) if card and same else None,
                "runs": len(row.values),
            }
            rows.append({**row.as_json(), **shown} if as_json else shown)
        for note in {row.note for row in found if row.note}:
            click.echo(f"zoo: {note}.", err=True)
    print_rows(rows, as_json)


def _stored(name: str) -> list[Any]:
    from zoo_core._registry import results
    from zoo_core._registry.registry import registry

    return results.stored(name) if name in registry().models else []


@cli.command()
@click.argument("name", required=False)
@as_json
def demo(name: str | None, as_json: bool) -> None:
    """Load a model, predict, and measure it beside its card's number where data can be had."""
    from zoo_core._shell.demo import steps

    told = []
    for step, text in steps(name):
        told.append({"step": step, "text": text})
        if not as_json:
            click.secho(f"{step:<10}", bold=True, nl=False)
            click.echo(text)
    if as_json:
        click.echo(json.dumps(told, indent=1))
