"""Verbs that check and show what was checked: verify, cards, draw."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from zoo_core._shell.group import cli
from zoo_core._shell.options import as_json, chosen_names
from zoo_core._shell.printing import print_rows
from zoo_core.errors import BadInput


@cli.command()
@click.argument("names", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Every paper.")
@click.option("--quick", is_flag=True, help="Leave out the claims that are marked slow.")
@click.option("--claim", help="Only this claim.")
@click.option("--retrain", is_flag=True, help="Also run the protocol of the named models again.")
@click.option("--store", is_flag=True, help="Keep the findings with the plugin, for the cards.")
@click.option("--stored", is_flag=True, help="Run nothing: judge the stored findings again.")
@click.option("--plan", is_flag=True, help="Run nothing: tell how many runs would settle a claim.")
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
    as_json: bool,
) -> None:
    """Check the claims of papers, and the numbers on models' cards."""
    from zoo_core._authoring import protocols
    from zoo_core._measuring import verification
    from zoo_core._measuring.judging import NOT_MEASURED
    from zoo_core._registry import listing

    if (retrain and (stored or plan)) or (plan and (store or stored)):
        raise BadInput("--stored runs nothing, and --plan runs and keeps nothing; ask for one.")
    chosen = chosen_names(names, every, listing.list_papers)
    if plan:
        lines = [verification.plan(name, quick=quick, claim=claim) for name in chosen]
        print_rows([line.as_json() for several in lines for line in several], as_json)
        return
    checks = []
    for name in chosen:
        _, claims = verification.claims_of(name, quick=quick, claim=claim)
        minutes = sum(one.minutes for one in claims)
        if minutes >= 1 and not stored:
            click.echo(f"zoo: {name}: {len(claims)} claims, about {minutes:g} minutes.", err=True)
        for check in verification.verify(
            name, quick=quick, claim=claim, store=store, stored=stored
        ):
            checks.append(_tell(check, as_json))
        if retrain and name not in listing.list_papers():
            for check in protocols.verify_retrained(name):
                checks.append(_tell(check, as_json))
    if as_json:
        click.echo(json.dumps([check.as_json() for check in checks], indent=1))
    click.echo(verification.summary(checks), err=True)
    verdicts = {check.verdict for check in checks}
    sys.exit(1 if "fails" in verdicts else 3 if verdicts & {"skipped", NOT_MEASURED} else 0)


def _tell(check: Any, as_json: bool) -> Any:
    """Print a check as soon as it is known: some take minutes."""
    if not as_json:
        colour = {"holds": "green", "fails": "red"}.get(check.verdict, "yellow")
        click.secho(f"{check.verdict:<16}", fg=colour, nl=False)
        click.echo(f"{check.name}: {check.statement}")
        click.echo(f"{'':16}expected {check.expected}")
        click.echo(f"{'':16}measured {check.measured}  [{check.seconds:.0f} s]")
    return check


@cli.command()
@click.argument("names", nargs=-1)
@click.option("--check", is_flag=True, help="Write nothing; fail when a card is out of step.")
@click.option(
    "--folder",
    default="model_cards",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
)
@as_json
def cards(names: tuple[str, ...], check: bool, folder: Path, as_json: bool) -> None:
    """Write the models' cards from specs and stored results, or check that they are in step."""
    from zoo_core._publishing import cards as pages
    from zoo_core._registry import listing

    stale = pages.write_all(names or listing.list_models(), folder, check=check, prune=not names)
    if as_json:
        click.echo(json.dumps({"stale" if check else "written": stale}))
    elif not stale:
        click.echo("All cards are in step.")
    elif not check:
        click.echo(f"Written: {', '.join(stale)}.")
    if check and stale:
        click.echo(f"zoo: out of step: {', '.join(stale)}; run `zoo cards`.", err=True)
        sys.exit(1)


@cli.command()
@click.argument("names", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Every paper that has pictures.")
@click.option("--picture", help="Only this picture.")
@as_json
def draw(names: tuple[str, ...], every: bool, picture: str | None, as_json: bool) -> None:
    """Draw the pictures of papers that their models' cards show."""
    from zoo_core._publishing import pictures
    from zoo_core._registry.registry import registry

    drawn = []
    for name in chosen_names(
        names, every, lambda: [p.name for p in registry().papers if p.pictures]
    ):
        for path in pictures.draw(name, only=picture):
            drawn.append(str(path))
            if not as_json:
                click.echo(path)
    if as_json:
        click.echo(json.dumps({"drawn": drawn}))
