"""Verbs that check and show what was checked: verify, cards, draw."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from zoo_core._shell import completing
from zoo_core._shell.coming import Coming, Several
from zoo_core._shell.elsewhere import elsewhere, opened, run, tell_minutes
from zoo_core._shell.group import cli
from zoo_core._shell.options import (
    as_json,
    check_models,
    chosen_names,
    is_strict,
    pairs,
    refuse_beside,
)
from zoo_core._shell.printing import print_json, print_rows, print_verdict, say, tell
from zoo_core.errors import BadInput


@cli.command(
    examples=[
        "zoo verify {paper} --stored",
        "zoo verify {paper} {claim}",
        "zoo verify {model}",
        "zoo verify --all --quick --jobs 4",
        "zoo verify {paper} {claim} --dataset FILE",
    ]
)
@click.argument("names", nargs=-1, shell_complete=completing.offer(completing.checked, path="dir"))
@click.option("--all", "every", is_flag=True, help="Every paper.")
@click.option("--quick", is_flag=True, help="Leave out the claims that are marked slow.")
@click.option(
    "--claim", help="Only this claim.", shell_complete=completing.offer(completing.claims)
)
@click.option("--retrain", is_flag=True, help="Also run the protocol of the named models again.")
@click.option("--store", is_flag=True, help="Keep the findings with the plugin, for the cards.")
@click.option("--stored", is_flag=True, help="Run nothing: judge the stored findings again.")
@click.option("--plan", is_flag=True, help="Run nothing: tell how many runs would settle a claim.")
@click.option(
    "--dataset",
    help="Ask the claims on these data: a dataset's name, or your file.",
    shell_complete=completing.offer(completing.datasets, path="file"),
)
@click.option("--folds", type=int, help="With --dataset: so many folds, where data bring none.")
@click.option("--seeds", help="With --dataset: the seeds of each fold, as 0,1,2.")
@click.option("--option", multiple=True, callback=pairs, help="KEY=VALUE for the dataset.")
@elsewhere
@is_strict
@as_json
def verify(
    names: tuple[str, ...],
    every: bool,
    quick: bool,
    claim: str | None,
    retrain: bool,
    store: bool,
    stored: bool,
    plan: bool,
    dataset: str | None,
    folds: int | None,
    seeds: str | None,
    option: dict[str, Any],
    jobs: int | None,
    cluster: str | None,
    again: bool,
    as_json: bool,
) -> None:
    """Check the claims of papers, and the numbers on models' cards.

    NAMES are papers, models, folders that `zoo train` wrote, and claims of the paper before them.
    With --dataset: does what the paper claims of its method and a baseline hold on these data?
    What the same code has measured before is not measured again, but with --again.
    """
    from zoo_core._authoring import verifying
    from zoo_core._measuring import verification
    from zoo_core._measuring.judging import NOT_MEASURED
    from zoo_core._registry import listing
    from zoo_core._shell import comparing

    if retrain and claim:
        raise BadInput("--retrain is of whole models, and --claim of one claim; leave one out.")
    if (retrain and (stored or plan)) or (plan and (store or stored)):
        raise BadInput("--stored runs nothing, and --plan runs and keeps nothing; ask for one.")
    if dataset is not None:
        refuse_beside(
            "--dataset",
            "asks claims on other data, of which nothing is stored",
            {"--store": store, "--stored": stored, "--plan": plan, "--retrain": retrain},
        )
    chosen = verifying.names_and_claims(chosen_names(names, every, listing.list_papers), claim)
    if plan:
        lines = [
            verification.plan(name, quick=quick, claim=one)
            for name, claims in chosen
            for one in _each(claims)
        ]
        print_rows([line.as_json() for several in lines for line in several], as_json)
        return
    if stored:
        refuse_beside("--stored", "runs nothing", {"--jobs": jobs, "--cluster": cluster})
        refuse_beside("--stored", "runs nothing", {"--again": again})
    if dataset is not None:
        verifying.check_run_here(jobs=jobs, cluster=cluster, again=again)
    for name, claims in chosen:
        _check_name(name, quick, claims, on_other_data=dataset is not None)
    with Coming(as_json) as coming:
        if stored or dataset is not None:
            how: dict[str, Any] = {"dataset": dataset, "folds": folds, "options": option}
            how |= {"seeds": comparing.seeds_of(seeds), "quick": quick, "stored": stored}
            checks, code = _one_by_one(chosen, coming, store=store, **how)
        else:
            if folds is not None or seeds is not None or (option and not _all_folders(chosen)):
                raise BadInput("Folds, seeds and options are of other data; give a dataset too.")
            with opened(jobs, cluster) as place:
                how = {"quick": quick, "store": store, "options": option, "retrain": retrain}
                checks, code = _in_parts(chosen, coming, place, again, **how)
    tell(verification.summary(checks))
    verdicts = {check.verdict for check in checks}
    worst = 1 if "fails" in verdicts else 3 if verdicts & {"skipped", NOT_MEASURED} else 0
    sys.exit(max(code, worst))


Chosen = Sequence[tuple[str, Sequence[str] | None]]


def _in_parts(
    chosen: Chosen, coming: Coming, place: Any, again: bool, *, retrain: bool, **how: Any
) -> tuple[list[Any], int]:
    """Run all parts of what was chosen, through one executor; return the checks, and a code."""
    from zoo_core._authoring import protocols, verifying

    asked: list[Any] = []
    making = Several([name for name, _ in chosen])
    for name, claims in chosen:
        with making.one(name):
            asked += verifying.tasks(name, claims=_each(claims), **how)
            asked += protocols.tasks(name) if retrain else []
    tell_minutes(asked, again=again)
    checks = []
    several = Several([task.part.label for task in asked])
    for ended in run(asked, place, again=again):
        with several.one(ended.label):
            found = ended.value if isinstance(ended.value, list) else [ended.value]
            checks += [_tell(check, coming) for check in found if check is not None]
            if ended.error is not None:
                raise ended.error
    return checks, max(making.code, several.code)


def _one_by_one(chosen: Chosen, coming: Coming, **how: Any) -> tuple[list[Any], int]:
    """Judge what is stored, or ask claims of other data; return the checks, and a code."""
    from zoo_core._authoring import verifying

    checks = []
    several = Several([name for name, _ in chosen])
    for name, claims in chosen:
        told = ""
        with several.one(name):
            for check in verifying.verify(name, claim=claims, **how):
                if check.data != told:
                    told = check.data
                    say(f"{told}.")
                checks.append(_tell(check, coming))
    return checks, several.code


def _all_folders(chosen: Chosen) -> bool:
    from zoo_core._measuring import folders

    return all(folders.is_path(name) for name, _ in chosen)


def _check_name(
    name: str, quick: bool, claims: Sequence[str] | None, *, on_other_data: bool
) -> None:
    """Raise `UnknownName` or `BadInput` for what cannot be verified, before anything is run."""
    from zoo_core._authoring import verifying
    from zoo_core._measuring import folders, verification

    if folders.opened(name) is None:
        look_up = verifying.askable if on_other_data else verification.claims_of
        for claim in _each(claims):
            look_up(name, quick=quick, claim=claim)


def _each(claims: Sequence[str] | None) -> Sequence[str | None]:
    """Return the claims that were named, or None once: all of them."""
    return claims or [None]


def _tell(check: Any, coming: Coming) -> Any:
    """Print a check as soon as it is known: some take minutes."""
    if coming.as_json:
        coming.add(check.as_json())
    else:
        print_verdict(
            check.verdict,
            f"{check.name}: {check.statement}",
            f"expected {check.expected}",
            f"measured {check.measured}  [{check.seconds:.0f} s{_since(check)}]",
        )
    return check


def _since(check: Any) -> str:
    return f", from {check.ago}" if check.ago else ""


@cli.command(examples=["zoo cards --check", "zoo cards {model} --folder cards"])
@click.argument("names", nargs=-1, shell_complete=completing.offer(completing.models, path="dir"))
@click.option("--check", is_flag=True, help="Write nothing; fail when a card is out of step.")
@click.option(
    "--folder",
    default="model_cards",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
)
@as_json
def cards(names: tuple[str, ...], check: bool, folder: Path, as_json: bool) -> None:
    """Write the models' cards from specs and stored results, or check that they are in step.

    The card of a folder that `zoo train` wrote, such as ./runs/x, is its README.md.
    """
    from zoo_core._measuring import folders
    from zoo_core._publishing import cards as pages
    from zoo_core._publishing import run_cards
    from zoo_core._registry import listing

    listed = listing.list_models
    chosen = chosen_names(names, False, listed) if names else listed()
    check_models(chosen)
    own = [name for name in chosen if folders.is_path(name)]
    models = [name for name in chosen if name not in own]
    stale: list[str] = []
    whole = False
    try:
        if models:
            stale += pages.write_all(models, folder, check=check, prune=not names)
        for name in own:
            stale += [name] if run_cards.write(folders.given(name), check=check) else []
        whole = True
    finally:  # what was written is told, whatever became of the others
        if as_json and (stale or whole):
            print_json({"stale" if check else "written": stale})
        elif whole and not stale:
            click.echo("All cards are in step.")
        elif stale and not (check or as_json):
            click.echo(f"Written: {', '.join(stale)}.")
    if check and stale:
        again = " ".join(["zoo cards", *own])
        click.echo(f"zoo: out of step: {', '.join(stale)}; run `{again}`.", err=True)
        sys.exit(1)


@cli.command(examples=["zoo draw {paper}"])
@click.argument("names", nargs=-1, shell_complete=completing.offer(completing.drawn))
@click.option("--all", "every", is_flag=True, help="Every paper that has pictures.")
@click.option(
    "--picture", help="Only this picture.", shell_complete=completing.offer(completing.pictures)
)
@as_json
def draw(names: tuple[str, ...], every: bool, picture: str | None, as_json: bool) -> None:
    """Draw the pictures of papers that their models' cards show."""
    from zoo_core._publishing import pictures
    from zoo_core._registry.registry import registry

    chosen = chosen_names(names, every, lambda: [p.name for p in registry().papers if p.pictures])
    for name in chosen:
        pictures.chosen(name, only=picture)
    drawn: list[str] = []
    whole = False
    several = Several(chosen)
    try:
        for name in chosen:
            with several.one(name):
                for path in pictures.draw(name, only=picture):
                    drawn.append(str(path))
                    if not as_json:
                        click.echo(path)
        whole = True
    finally:
        if as_json and (drawn or whole):
            print_json({"drawn": drawn})
    sys.exit(several.code)
