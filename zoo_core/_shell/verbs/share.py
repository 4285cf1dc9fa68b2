"""Verbs of the Hub and of packages: publish, download, install."""

from __future__ import annotations

import sys
from typing import Any

import click

from zoo_core._shell import completing, plugged
from zoo_core._shell.coming import Coming, Several
from zoo_core._shell.group import cli
from zoo_core._shell.options import as_json, check_models, chosen_names, refuse_beside
from zoo_core._shell.printing import print_json, shown


@cli.command(
    examples=[
        "zoo publish {model} --namespace my-lab --dry-run",
        "zoo publish ./runs/x --as my-lab/x",
        "zoo publish --site --namespace my-lab --dry-run",
    ]
)
@click.argument("names", nargs=-1, shell_complete=completing.offer(completing.models, path="dir"))
@click.option("--all", "every", is_flag=True, help="Every model that has weights.")
@click.option("--site", is_flag=True, help="The website of all that is here, as a static Space.")
@click.option("--as", "repo", metavar="OWNER/NAME", help="The repository of a single one.")
@click.option("--namespace", help="User or organization (default: ZOO_NAMESPACE, settings, you).")
@click.option("--private/--public", default=None, help="Who may see it (default: as it is).")
@click.option(
    "--gated", type=click.Choice(["auto", "manual", "no"]), help="Whether readers must ask first."
)
@click.option("--message", help="The commit's message.")
@click.option("--dry-run", is_flag=True, help="Only show what would be done.")
@as_json
def publish(
    names: tuple[str, ...],
    every: bool,
    site: bool,
    gated: str | None,
    as_json: bool,
    **arguments: Any,
) -> None:
    """Publish models on the Hugging Face Hub: weights, config, card and results in one commit.

    NAMES are registered models, or folders that `zoo train` wrote, such as ./runs/x.
    """
    from zoo_core._publishing import publishing
    from zoo_core._registry import listing

    if site:
        others = {"names": names, "--all": every, "--gated": gated}
        refuse_beside("--site", "publishes the website", others)
        plugged.run("site", "publish", as_json=as_json, **arguments)
        return
    chosen = chosen_names(names, every, listing.list_models)
    access: Any = False if gated == "no" else gated
    with Coming(as_json) as coming:
        for one in publishing.one_by_one(chosen, gated=access, **arguments):
            if as_json:
                coming.add(one.as_json())
            else:
                _tell(one, dry_run=arguments["dry_run"])


def _tell(one: Any, *, dry_run: bool) -> None:
    """Print what publishing a model did."""
    would = "would be " if dry_run and one.action != "unchanged" else ""
    at = f" at {one.revision[:12]}" if one.revision else ""
    click.echo(f"{one.name}: {would}{one.action}{at}  {one.url}")
    for sign, paths in (("+", one.changed), ("-", one.deleted)):
        for path in paths:
            click.echo(shown(f"  {sign} {path}"))


@cli.command(examples=["zoo download {model}", "zoo download '{wildcard}'"])
@click.argument("names", nargs=-1, shell_complete=completing.offer(completing.models))
@click.option("--all", "every", is_flag=True, help="Every model that has weights.")
@as_json
def download(names: tuple[str, ...], every: bool, as_json: bool) -> None:
    """Fetch models' weights into the cache, for a machine that will be offline.

    NAMES are models, wildcards of their names ('method-*'), and repositories.
    """
    from zoo_core._loading import cache as hub_cache
    from zoo_core._registry import listing

    chosen = chosen_names(names, every, listing.list_models)
    check_models(chosen, folders_too=False)
    several = Several(chosen)
    with Coming(as_json, {"model": max(map(len, chosen), default=0)}) as coming:
        for name in chosen:
            path = None
            with several.one(name):
                path = hub_cache.download(name)
            if path is not None:
                place = "package" if hub_cache.is_embedded(name) else "cache"
                size = path.stat().st_size
                coming.add({"model": name, "in": place, "size": size, "path": str(path)})
    sys.exit(several.code)


@cli.command(examples=["zoo install {paper} --from FOLDER"])
@click.argument(
    "names", nargs=-1, required=True, shell_complete=completing.offer(completing.installable)
)
@click.option(
    "--from",
    "source",
    help="A folder of wheels or a copy of projects, git+ADDRESS[@REVISION], or an index's address.",
)
@click.option("--dry-run", is_flag=True, help="Only print the command.")
@as_json
def install(names: tuple[str, ...], source: str | None, dry_run: bool, as_json: bool) -> None:
    """Install the plugins that bring the named papers, models or datasets (with pip).

    What comes is looked at: a distribution that brings no plugin is taken out again.
    """
    from zoo_core._shell import installing

    with installing.planned(names, source) as plan:
        if as_json:
            told = {"distributions": list(plan.distributions), "command": plan.command}
            print_json(told)
        else:
            click.echo(" ".join(plan.command))
        if not dry_run:
            installing.install(plan)
