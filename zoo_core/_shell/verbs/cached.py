"""What is kept of the zoo: list, verify, clean; weights in the Hugging Face cache, and parts."""

from __future__ import annotations

import sys

import click

from zoo_core._shell import completing
from zoo_core._shell.coming import Coming
from zoo_core._shell.group import Verbs, cli
from zoo_core._shell.options import as_json, chosen_names
from zoo_core._shell.printing import print_rows, say


@cli.group(cls=Verbs, examples=["zoo cache list", "zoo cache verify --repair"])
def cache() -> None:
    """What is kept of the zoo: list, verify, clean.

    That is weights in the Hugging Face cache, and what verify, evaluate and train measured.
    """


@cache.command("list", examples=["zoo cache list --json"])
@as_json
def cache_list(as_json: bool) -> None:
    """List the cached revisions, what interrupted downloads left, and what was measured."""
    from zoo_core._loading import cache as hub_cache
    from zoo_core._running import kept

    rows = [entry.as_json() for entry in hub_cache.entries()]
    rows += [entry.as_json() for entry in kept.entries()]
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
    from zoo_core._registry import listing

    found = set()
    chosen = chosen_names(names, False, listing.list_models) if names else names
    with Coming(as_json) as coming:
        for check in cache_verifying.verify(chosen, repair=repair):
            coming.add(check.as_json())
            found.add(check.verdict)
    bad = " and ".join(sorted(found & {"damaged", "incomplete"}))
    if bad:
        click.echo(f"zoo: {bad}; repair with `zoo cache verify --repair`.", err=True)
        sys.exit(1)


@cache.command("clean", examples=["zoo cache clean --dry-run"])
@click.option("--all", "every", is_flag=True, help="Pinned revisions and today's figures, too.")
@click.option("--dry-run", is_flag=True, help="Only show what would be deleted.")
@as_json
def cache_clean(every: bool, dry_run: bool, as_json: bool) -> None:
    """Delete what interrupted downloads left, old revisions, and what other code has measured.

    Old are revisions that no plugin names any more; what was measured is of no use once its code,
    or what that requires, has changed.
    """
    from zoo_core._loading import cache_cleaning
    from zoo_core._running import kept

    with Coming(as_json) as coming:
        for clean in (kept.clean, cache_cleaning.clean):
            for entry in clean(every=every, dry_run=dry_run):
                coming.add(entry.as_json())
