"""What the Hugging Face cache has of the zoo: list, verify, clean."""

from __future__ import annotations

import sys

import click

from zoo_core._shell import completing
from zoo_core._shell.coming import Coming
from zoo_core._shell.group import Verbs, cli
from zoo_core._shell.options import as_json
from zoo_core._shell.printing import print_rows, say


@cli.group(cls=Verbs, examples=["zoo cache list", "zoo cache verify --repair"])
def cache() -> None:
    """What the Hugging Face cache has of the zoo: list, verify, clean."""


@cache.command("list", examples=["zoo cache list --json"])
@as_json
def cache_list(as_json: bool) -> None:
    """List the cached revisions, and what interrupted downloads left."""
    from zoo_core._loading import cache as hub_cache

    rows = [entry.as_json() for entry in hub_cache.entries()]
    if not rows:
        say("the cache has nothing of the zoo; `zoo download NAME` fetches weights into it.")
    print_rows(rows, as_json)


@cache.command("verify", examples=["zoo cache verify --repair", "zoo cache verify {model}"])
@click.argument("names", nargs=-1, shell_complete=completing.offer(completing.models))
@click.option("--repair", is_flag=True, help="Download damaged and missing files again.")
@as_json
def cache_verify(names: tuple[str, ...], repair: bool, as_json: bool) -> None:
    """Hash every cached file of the zoo, or those of NAMES, and tell which are missing."""
    from zoo_core._loading import cache_verifying

    found = set()
    with Coming(as_json) as coming:
        for check in cache_verifying.verify(names, repair=repair):
            coming.add(check.as_json())
            found.add(check.verdict)
    bad = " and ".join(sorted(found & {"damaged", "incomplete"}))
    if bad:
        click.echo(f"zoo: {bad}; repair with `zoo cache verify --repair`.", err=True)
        sys.exit(1)


@cache.command("clean", examples=["zoo cache clean --dry-run"])
@click.option("--all", "every", is_flag=True, help="Everything of the zoo, pinned revisions too.")
@click.option("--dry-run", is_flag=True, help="Only show what would be deleted.")
@as_json
def cache_clean(every: bool, dry_run: bool, as_json: bool) -> None:
    """Delete what interrupted downloads left, and revisions that no plugin names any more."""
    from zoo_core._loading import cache_cleaning

    with Coming(as_json) as coming:
        for entry in cache_cleaning.clean(every=every, dry_run=dry_run):
            coming.add(entry.as_json())
