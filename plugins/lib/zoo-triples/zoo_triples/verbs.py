"""``zoo leaks``: what the training triples give away of a split, in the shell."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from zoo_core import Verb, as_json, print_json


@click.command(
    cls=Verb,
    examples=["zoo leaks wn9-img", "zoo leaks mine.tsv --columns head,tail,relation"],
)
@click.argument("source")
@click.option("--columns", help="The order of the columns, such as head,tail,relation.")
@click.option("--test", help="A file of test triples; else the source is split.")
@click.option("--split", default="test", show_default=True, help="The split that is asked about.")
@click.option(
    "--threshold", default=0.8, show_default=True, help="Share of a relation that another tells."
)
@as_json
def leaks(
    source: str, columns: str | None, test: str | None, split: str, threshold: float, as_json: bool
) -> None:
    """Tell which relations of a knowledge graph give its test triples away.

    SOURCE is a registered dataset, a file of triples, or a folder with files train, valid and test.
    """
    from zoo_core import dataset
    from zoo_triples.leakage import leakage
    from zoo_triples.reading.reader import read_triples

    own = Path(source).expanduser().exists() or Path(source).suffix
    data = read_triples(source if own else dataset(source), columns=columns, test=test)
    found = leakage(data, threshold, split)
    if as_json:
        print_json(asdict(found))
        return
    for leak in found.leaks:
        of = "its own reverse" if leak.kind == "symmetric" else f"{leak.kind} of {leak.other}"
        click.echo(
            f"{leak.relation}: {of} in {100 * leak.share:.1f} % of {leak.triples} triples; train "
            f"gives {leak.given} of {leak.tested} {split} triples away"
        )
    share = 100 * found.given / max(found.tested, 1)
    click.echo(
        f"{found.given} of {found.tested} {split} triples ({share:.1f} %) are given away by such "
        f"relations; of {found.trivial} train joins the two ends in some way."
    )
    if found.repeated:
        click.echo(f"{found.repeated} {split} triples are in train.")
    for name, count in found.unseen.items():
        if count:
            click.echo(f"{count} triples of {name} name an entity that train lacks.")
