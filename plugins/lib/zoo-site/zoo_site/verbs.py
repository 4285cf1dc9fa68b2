"""``zoo site``: build the website, serve it on this machine, publish it, draw its board."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path
from typing import Any

import click

from zoo_core import Verbs, as_json, print_json

NAME, TITLE = "zoo-site", "zoo: papers whose claims are checked"
"""The Space's name, unless another is given, and its title."""


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


@site.command(examples=["zoo site serve", "zoo site serve ./site --port 8080"])
@click.argument("out", type=click.Path(path_type=Path), required=False)
@click.option("--port", default=8000, show_default=True, help="The port (0: any that is free).")
@as_json
def serve(out: Path | None, port: int, as_json: bool) -> None:
    """Serve the site on this machine alone, built anew when results change; Ctrl-C ends it.

    It is built in the folder OUT, or in one that is removed at the end.
    """
    from zoo_site import building, serving

    with tempfile.TemporaryDirectory(prefix="zoo-site-") as passing:
        folder = out or Path(passing)
        building.build(folder)
        with serving.server(folder, port) as running:
            address = f"http://{serving.HOST}:{running.server_port}/"
            if as_json:
                print_json({"address": address, "folder": str(folder)})
            else:
                click.echo(f"{address} (Ctrl-C ends it)")
            stop = threading.Event()
            told = (lambda text: None) if as_json else click.echo
            watching = threading.Thread(target=serving.watch, args=(folder, stop, told))
            watching.start()
            try:
                running.serve_forever()
            except KeyboardInterrupt:
                click.echo("ended.", err=True)
            finally:
                stop.set()
                watching.join()


@site.command(
    examples=["zoo site publish --namespace my-lab --dry-run", "zoo site publish --as my-lab/zoo"]
)
@click.option("--as", "repo", metavar="OWNER/NAME", help="Another name than NAMESPACE/zoo-site.")
@click.option("--namespace", help="User or organization (default: ZOO_NAMESPACE, settings, you).")
@click.option("--private/--public", default=None, help="Who may see it (default: as it is).")
@click.option("--message", help="The commit's message.")
@click.option("--dry-run", is_flag=True, help="Only show what would be done.")
@as_json
def publish(as_json: bool, **arguments: Any) -> None:
    """Publish the site as a static Space of the Hub: one commit, or none without a change."""
    from zoo_core import publish_space
    from zoo_site import building

    with tempfile.TemporaryDirectory(prefix="zoo-site-") as folder:
        building.build(Path(folder))
        files = {
            path.relative_to(folder).as_posix(): path
            for path in sorted(Path(folder).rglob("*"))
            if path.is_file() and path.name != building.MANIFEST
        }
        done = publish_space(files, name=NAME, title=TITLE, **arguments)
    if as_json:
        print_json(done.as_json())
        return
    would = "would be " if arguments["dry_run"] and done.action != "unchanged" else ""
    at = f" at {done.revision[:12]}" if done.revision else ""
    counts = f"{len(done.changed)} files to write, {len(done.deleted)} to delete"
    click.echo(f"{done.repo}: {would}{done.action}{at} ({counts})  {done.url}")


@site.command(examples=["zoo site board board.svg"])
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@as_json
def board(out: Path, as_json: bool) -> None:
    """Draw the board of claims as one picture, the SVG file OUT: for a README."""
    from zoo_core import whole_file
    from zoo_site import picture
    from zoo_site.catalogue import Catalogue

    drawn = picture.board(Catalogue.here())
    with whole_file(out) as part:
        part.write_text(drawn, encoding="utf-8")
    if as_json:
        print_json({"written": str(out)})
    else:
        click.echo(f"{out} written")
