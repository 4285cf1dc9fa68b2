"""Verbs that measure a model: evaluate, demo."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import click

from zoo_core._shell import completing
from zoo_core._shell.coming import Coming, Several
from zoo_core._shell.elsewhere import elsewhere, opened, run
from zoo_core._shell.group import cli
from zoo_core._shell.options import (
    as_json,
    check_models,
    chosen_names,
    in_dtype,
    is_strict,
    on_device,
    pairs,
    refuse_beside,
)
from zoo_core._shell.printing import harmless, say
from zoo_core.errors import BadInput


@cli.command(
    examples=[
        "zoo evaluate {model}",
        "zoo evaluate '{wildcard}' --metric {metric}",
        "zoo evaluate --all --jobs 4",
        "zoo evaluate {architecture} --dataset FILE --retrain --folds 5",
    ]
)
@click.argument("names", nargs=-1, shell_complete=completing.offer(completing.measured, path="dir"))
@click.option("--all", "every", is_flag=True, help="Every model that has weights.")
@click.option(
    "--dataset",
    help="A dataset's name, or a file (default: the model's own).",
    shell_complete=completing.offer(completing.datasets, path="file"),
)
@click.option("--option", multiple=True, callback=pairs, help="KEY=VALUE for the dataset.")
@click.option(
    "--split",
    help="A split of the data (default: test).",
    shell_complete=completing.offer(completing.splits),
)
@click.option(
    "--metric",
    "metrics",
    multiple=True,
    help="A metric's name (default: its own).",
    shell_complete=completing.offer(completing.metrics),
)
@click.option("--batch-size", type=click.IntRange(1), help="For models that take batches.")
@is_strict
@on_device
@in_dtype
@click.option("--retrain", is_flag=True, help="Train anew over runs, its baselines beside it.")
@click.option("--alone", is_flag=True, help="With --retrain: without the baselines beside it.")
@click.option("--folds", type=int, help="With --retrain: so many folds, where data bring none.")
@click.option("--seeds", help="With --retrain: the seeds of each fold, as 0,1,2.")
@click.option("--set", "config", multiple=True, callback=pairs, help="With --retrain: KEY=VALUE.")
@click.option("--store", is_flag=True, help="Keep the results, for the card.")
@elsewhere
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
    dtype: str | None,
    retrain: bool,
    alone: bool,
    folds: int | None,
    seeds: str | None,
    config: dict[str, Any],
    store: bool,
    jobs: int | None,
    cluster: str | None,
    again: bool,
    as_json: bool,
) -> None:
    """Measure models on a dataset, and show the card's number beside each as soon as it is known.

    NAMES are models, wildcards of their names ('method-*'), folders and repositories.

    With --retrain the method and its baselines are trained anew: over the protocol that the card
    states, or over the folds of other data (--dataset NAME|FILE). NAME may then be an architecture.

    What the same code has measured before on the same data is not measured again, but with --again.
    """
    from zoo_core._measuring import each, folders, opening
    from zoo_core._registry import listing
    from zoo_core._registry.registry import registry
    from zoo_core._running import running
    from zoo_core._shell import comparing

    chosen = chosen_names(names, every, listing.list_models)
    for metric in metrics:
        registry().metric(metric)
    if dataset is not None:
        opening.check_there(dataset)
    if retrain:
        refuse_beside(
            "--retrain",
            "measures the test split in float32",
            {"--split": split, "--batch-size": batch_size, "--dtype": dtype},
        )
        refuse_beside(
            "--retrain",
            "trains in this process each time",
            {"--jobs": jobs, "--cluster": cluster, "--again": again},
        )
        code = comparing.retrain(
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
        sys.exit(code)
    for flag, value in (
        ("--alone", alone),
        ("--folds", folds),
        ("--seeds", seeds),
        ("--set", config),
    ):
        if value:
            raise BadInput(f"{flag} is for --retrain; give both, or neither.")
    if store:
        refuse_beside("--store", "keeps what is measured in float32", {"--dtype": dtype})
    check_models(chosen)
    several = Several(chosen)
    widths = {
        "method": max(map(len, chosen), default=0),
        "dataset": _longest_dataset(chosen, dataset),
    }
    how: dict[str, Any] = {"split": split or "test", "metrics": metrics, "options": option}
    how |= {"device": device, "dtype": dtype, "batch_size": batch_size}
    asked: dict[str, Any] = {}
    stored: dict[str, Any] = {}
    with Coming(as_json, widths) as coming, opened(jobs, cluster) as place:
        for name in chosen:
            with several.one(name):
                folder = folders.opened(name)
                stored |= {name: {one.key: one for one in _stored(name, folder)}}
                asked[name] = each.evaluation_task(name, dataset, **how)
        for ended, name in zip(run([*asked.values()], place, again=again), asked, strict=True):
            found: list[Any] = []
            with several.one(name):
                if ended.error is not None:
                    raise ended.error
                found = ended.value
            for row in found:
                shown = _beside(row, stored[name].get(row.key))
                coming.add(shown, {**row.as_json(), **shown, "ago": running.ago(ended.outcome)})
            for note in {row.note for row in found if row.note}:
                say(f"{note}.")
            # What was printed is not lost where it cannot be kept.
            with several.one(name):
                if store and found:
                    each.store(name, found, dataset)
    sys.exit(several.code)


def _beside(row: Any, card: Any) -> dict[str, Any]:
    """Return a measured number as it is shown, with that of the card where it is of the same."""
    from zoo_core._registry.registry import registry

    metric = registry().metric(row.metric)
    same = card is not None and card.options == dict(row.options)
    return {
        "method": row.method,
        "dataset": row.dataset,
        "split": row.split,
        "metric": row.metric,
        "measured": row.shown(metric),
        "card": card.shown(metric) if same else None,
        "runs": len(row.values),
    }


def _longest_dataset(names: Sequence[str], given: str | None) -> int:
    """Return how long the longest name is of the data that models are measured on."""
    from zoo_core._registry.registry import registry

    models = registry().models
    known = [given] if given else [models.get(name).dataset for name in names if name in models]
    return max(map(len, known), default=0)


def _stored(name: str, folder: Any) -> list[Any]:
    """Return the results that are kept of a folder, or with a registered model's plugin."""
    from zoo_core._registry import results
    from zoo_core._registry.registry import registry

    if folder is not None:
        found: list[Any] = folder.stored()
        return found
    return results.stored(name) if name in registry().models else []


@cli.command(examples=["zoo demo {model}"])
@click.argument("name", required=False, shell_complete=completing.offer(completing.models))
@as_json
def demo(name: str | None, as_json: bool) -> None:
    """Load a model, predict, and measure it beside its card's number where data can be had."""
    from zoo_core._shell.demo import steps

    with Coming(as_json) as coming:
        for step, text in steps(name):
            if as_json:
                coming.add({"step": step, "text": text})
            else:
                click.secho(f"{step:<10}", bold=True, nl=False)
                click.echo(harmless(text))
