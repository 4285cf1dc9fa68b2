"""The verb embed: representations to a file or to the terminal."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import click

from zoo_core._shell import completing
from zoo_core._shell.group import cli
from zoo_core._shell.options import (
    as_json,
    in_dtype,
    is_strict,
    literal,
    on_device,
    split_options,
)
from zoo_core._shell.printing import print_json, print_rows
from zoo_core._shell.verbs.predict import OfModel


class Embed(OfModel):
    """``zoo embed``, whose help behind a model's name has that model's own options."""

    method = "embed"


@cli.command(
    cls=Embed,
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    examples=[
        "zoo embed {model} FILE --output rows.npy",
        "zoo embed {model} {dataset} --split test --output rows.parquet",
        "zoo embed {model} --help",
    ],
)
@click.argument("name", shell_complete=completing.offer(completing.models, path="dir"))
@click.argument(
    "sources",
    nargs=-1,
    type=click.UNPROCESSED,
    shell_complete=completing.offer(completing.datasets, path="file"),
)
@click.option(
    "--split",
    help="The source is a dataset, and this one of its splits.",
    shell_complete=completing.offer(completing.splits),
)
@click.option(
    "--limit", type=click.IntRange(0), default=20, show_default=True, help="Rows; 0 for all."
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write here, as its suffix says: .npy, .npz, .csv, .tsv, .parquet, .jsonl or .json.",
)
@click.option(
    "--as",
    "suffix",
    help="What - is, as a file's suffix: csv, json, txt.",
    shell_complete=completing.offer(completing.words("csv", "json", "txt")),
)
@is_strict
@on_device
@in_dtype
@as_json
def embed(
    name: str,
    sources: tuple[str, ...],
    split: str | None,
    limit: int,
    output: Path | None,
    suffix: str | None,
    device: str | None,
    dtype: str | None,
    as_json: bool,
) -> None:
    """Give the representation that a model has of each thing in SOURCES: a row of numbers.

    SOURCES are what `zoo predict` takes. An array goes to .npy, or as "embedding" to .npz; a table
    has a column for each number. Further options, --KEY VALUE, go to the model's own embed; `zoo
    embed NAME --help` tells them, and what the numbers are.
    """
    from zoo_core._loading import making, models
    from zoo_core._measuring import representations
    from zoo_core._shell import arrays, predicting

    if output:
        arrays.check_suffix(output)
    words, options = split_options(sources)
    module = models.load(name, device=device, dtype=dtype)
    texts = making.text_options(getattr(module, "embed", None))
    values: dict[str, Any] = {
        key: word if key in texts else literal(word) for key, word in options.items()
    }
    with predicting.given(words, suffix) as given:
        run = partial(representations.embed, module, split=split, **values)
        rows = run(*(source.value for source in given))
    if output:
        arrays.write(rows, output)
        click.echo(f"zoo: {len(rows):,} rows of {rows.shape[1]:,} written to {output}.", err=True)
    elif as_json:
        print_json(rows.tolist())
    else:
        count = len(rows) if limit == 0 else min(limit, len(rows))
        print_rows(
            [{"row": i, "embedding": " ".join(f"{v:.4g}" for v in rows[i])} for i in range(count)],
            False,
        )
        if count < len(rows):
            more = len(rows) - count
            click.echo(
                f"zoo: {more:,} more rows; see them with --limit 0, --json, --output.", err=True
            )
