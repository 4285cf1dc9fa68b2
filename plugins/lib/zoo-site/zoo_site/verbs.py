"""``zoo site``: build the website, or serve it on this machine."""

from __future__ import annotations

from pathlib import Path

import click

from zoo_core import Verbs, as_json, print_json


@click.group(cls=Verbs, examples=["zoo site build ./site", "zoo site serve"])
def site() -> None:
    """Make a website of all that is registered here, or serve it on this machine."""


@site.command(examples=["zoo site build ./site"])
@click.argument("out", type=click.Path(path_type=Path))
@as_json
def build(out: Path, as_json: bool) -> None:
    """Write the whole site into the folder OUT: it opens from there, and from any host.

    Where OUT has a site, only what has changed is written.
    """
    from zoo_site import building

    built = building.build(out)
    if as_json:
        print_json(built.as_json())
        return
    more = f", {built.removed} removed" if built.removed else ""
    click.echo(
        f"{built.pages} pages and {built.files} files in {out} ({built.written} written{more}); "
        f"open {out / 'index.html'}"
    )
