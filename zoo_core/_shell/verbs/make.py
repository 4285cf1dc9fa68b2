"""Verbs of authors: train, import, migrate, new."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from zoo_core._shell import completing
from zoo_core._shell.coming import Coming, Several
from zoo_core._shell.elsewhere import elsewhere, opened, run
from zoo_core._shell.group import cli
from zoo_core._shell.options import (
    as_json,
    in_dtype,
    is_strict,
    literal,
    on_device,
    pairs,
    split_options,
)
from zoo_core._shell.printing import print_json, say, tell
from zoo_core.errors import BadInput


@cli.command(
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    examples=[
        "zoo train {architecture} --dataset FILE",
        "zoo train {model} --seed 1 --out runs/again",
        "zoo train {model} --seeds 0,1,2 --jobs 3",
        "zoo train {architecture} --dataset FILE --start {model}",
    ],
)
@click.argument("name", shell_complete=completing.offer(completing.trained))
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="")
@click.option(
    "--dataset",
    help="A dataset's name, or a file that the architecture reads.",
    shell_complete=completing.offer(completing.datasets, path="file"),
)
@click.option("--set", "config", multiple=True, callback=pairs, help="Hyperparameter KEY=VALUE.")
@click.option("--option", multiple=True, callback=pairs, help="KEY=VALUE for the dataset.")
@click.option("--seed", default=0, show_default=True)
@click.option("--seeds", help="Several trainings, as 0,1,2, each in a folder of its own.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder to write.")
@click.option("--given", multiple=True, callback=pairs, help="KEY=MODEL: what the recipe gets.")
@click.option(
    "--start",
    help="A model, folder or file whose tensors the training starts from.",
    shell_complete=completing.offer(completing.models, path="file"),
)
@click.option("--embed", is_flag=True, help="Put a model's weights into its plugin's package.")
@click.option("--force", is_flag=True, help="Overwrite a trained model in the folder.")
@is_strict
@on_device
@in_dtype
@elsewhere
@as_json
def train(
    name: str,
    words: tuple[str, ...],
    config: dict[str, Any],
    option: dict[str, Any],
    seeds: str | None,
    jobs: int | None,
    cluster: str | None,
    again: bool,
    as_json: bool,
    **arguments: Any,
) -> None:
    """Train a model's recipe again, or an architecture on a dataset or your own file.

    What was trained is measured on the test split, or on val where there is no test. Further
    options, --KEY VALUE, are hyperparameters, as --set KEY=VALUE.

    With --seeds trainings are parts that --jobs and --cluster run beside each other, in the folders
    OUT-seed0, OUT-seed1, …; one that is there as the same code left it is not run again.
    """
    from zoo_core._authoring import leaving, training
    from zoo_core._loading import making
    from zoo_core._measuring import evaluation

    unknown, more = split_options(words)
    if unknown:
        raise BadInput(f"{unknown[0]!r} is no option; write zoo train {name} --dataset NAME|FILE.")
    config |= {key: literal(text) for key, text in more.items()}
    if seeds is not None:
        if arguments.pop("seed"):
            raise BadInput("--seed is one, and --seeds are several; give one of both.")
        how = {**arguments, "config": config, "options": option}
        with opened(jobs, cluster) as where:
            sys.exit(_over_seeds(name, seeds, where, again, as_json, how))
    for flag, value in (("--jobs", jobs), ("--cluster", cluster), ("--again", again)):
        if value:
            raise BadInput(f"{flag} is for several trainings; give --seeds 0,1,2 as well.")
    module = training.train(name, **arguments, config=config, options=option)
    place = evaluation.label_of(module)
    embedded = arguments["embed"]
    scores = {} if embedded else leaving.stored_scores(Path(place))
    if as_json:
        shape = dict(making.made_of(module).shape)
        print_json({"trained": place, "shape": shape, **scores})
    elif embedded:
        click.echo(f"Embedded; now measure it: zoo evaluate {name} --store")
    else:
        for metric, value in scores.get("metrics", {}).items():
            click.echo(_shown(metric, value, scores["split"]))
        text = place if place.startswith(("/", ".")) else f"./{place}"
        click.echo(f"Written to {place}; load it with zoo.load({text!r}).")
    if "told" in scores:
        click.echo(f"zoo: nothing was measured: {scores['told']}.", err=True)


def _over_seeds(
    name: str, seeds: str, where: Any, again: bool, as_json: bool, how: dict[str, Any]
) -> int:
    """Train with several seeds, and print a row for each; return the exit code."""
    from zoo_core._authoring import seeds as trainings
    from zoo_core._shell.comparing import seeds_of

    asked = trainings.tasks(name, seeds=seeds_of(seeds) or [], **how)
    several = Several([task.part.label for task in asked])
    rows = []
    with Coming(as_json) as coming:
        for ended in run(asked, where, again=again):
            with several.one(ended.label):
                if ended.error is not None:
                    raise ended.error
                rows.append(ended.value)
                coming.add(ended.value.as_row(), ended.value.as_json())
    for row in rows:
        if "told" in row.scores:
            say(f"nothing was measured with seed {row.seed}: {row.scores['told']}.")
    for line in trainings.summary(rows):
        tell(line)
    return several.code


def _shown(name: str, value: float, split: str) -> str:
    """Return a score as a line for people."""
    from zoo_core._registry.registry import registry

    metric = registry().metric(name)
    number = f"{value * metric.scale:.{1 if metric.scale != 1 else 4}f} {metric.unit}".rstrip()
    return f"{metric.title} on the {split} split: {number}"


@cli.command("import", examples=["zoo import {model}"])
@click.argument("name", shell_complete=completing.offer(completing.converted))
@as_json
def import_verb(name: str, as_json: bool) -> None:
    """Convert a model's upstream weights and put them into its plugin's package."""
    from zoo_core._authoring import embedding
    from zoo_core._loading import making

    shape = dict(making.made_of(embedding.import_weights(name)).shape)
    if as_json:
        print_json({"imported": name, "shape": shape})
    else:
        click.echo(f"Imported; now measure it: zoo evaluate {name} --store")


@cli.command(examples=["zoo migrate zoo_mypaper"])
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@as_json
def migrate(folder: Path, as_json: bool) -> None:
    """Bring the lock file and stored results of a plugin's package to this API level."""
    from zoo_core._authoring.migrating import migrate_package

    changed = [str(path) for path in migrate_package(folder)]
    if as_json:
        print_json({"changed": changed})
    else:
        click.echo("\n".join(changed) or "Nothing to change.")


class KindOption(click.Option):
    """``--kind``, whose help tells which kinds are installed (read when help is asked for)."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the option and its help."""
        from zoo_core._registry.registry import registry

        there = ", ".join(folder.name for folder in registry().kinds)
        self.help = f"What it is an example of: {there}."
        return super().get_help_record(ctx)


@cli.command(examples=["zoo new mypaper --kind estimator", "zoo new mypaper --folder plugins"])
@click.argument("name")
@click.option(
    "--kind",
    cls=KindOption,
    default="estimator",
    show_default=True,
    shell_complete=completing.offer(completing.kinds),
)
@click.option(
    "--folder",
    default=".",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to write the folder NAME (default: here).",
)
@as_json
def new(name: str, kind: str, folder: Path, as_json: bool) -> None:
    """Write a new plugin, NAME, that installs and passes its own tests."""
    from zoo_core._authoring.scaffold import create_plugin

    path = create_plugin(name, folder, kind)
    if as_json:
        print_json({"folder": str(path)})
    else:
        click.echo(f"Written to {path}; its README.md says how to go on.")
