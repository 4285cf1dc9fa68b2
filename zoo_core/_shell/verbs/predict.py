"""The verb predict: one source or many, printed or written as they come."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import click

from zoo_core._plain import plain_json
from zoo_core._shell import completing
from zoo_core._shell.coming import Coming
from zoo_core._shell.group import Verb, cli
from zoo_core._shell.options import (
    as_json,
    in_dtype,
    is_strict,
    literal,
    on_device,
    split_options,
)
from zoo_core._shell.printing import print_json, print_rows, shown
from zoo_core.errors import BadInput, ZooError


class OfModel(Verb):
    """A verb whose help behind a model's name has the options of that model's own `method`."""

    method = "predict"

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Remember the words: help is asked for before they are read."""
        ctx.meta["zoo.words"] = list(args)
        return super().parse_args(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options of the verb, and then those of the model that is named."""
        super().format_options(ctx, formatter)
        name = _first(ctx)
        method = _method_of(name, self.method) if name else None
        if method is None:
            return
        with formatter.section(f"Sources and options of {name}"):
            formatter.write_text(_signature(method))
            for paragraph in (inspect.getdoc(method) or "").split("\n\n"):
                formatter.write_paragraph()
                formatter.write_text(paragraph)

    def named(self, ctx: click.Context) -> Mapping[str, str]:
        """Let the examples be of the model that is named."""
        name = _first(ctx)
        return {"model": name} if name else {}


def _first(ctx: click.Context) -> str | None:
    """Return the first word that is no option."""
    return next((word for word in ctx.meta["zoo.words"] if not word.startswith("-")), None)


def _method_of(name: str, method: str) -> Any:
    """Return a method of the class of a registered model; None where none is known."""
    from zoo_core._loading import making
    from zoo_core._registry.registry import registry

    known = registry()
    try:
        architecture = known.architecture(known.model(name).architecture)
        return getattr(making.resolve(architecture.cls), method, None)
    except ZooError:
        return None


def _signature(method: Any) -> str:
    """Return how the shell takes a method's parameters: words, and options with their defaults."""
    words, options = [], []
    for parameter in list(inspect.signature(method).parameters.values())[1:]:
        if parameter.kind is parameter.VAR_POSITIONAL:
            words.append(f"[{parameter.name.upper()}]...")
            continue
        if parameter.kind is not parameter.KEYWORD_ONLY:
            words.append(f"[{parameter.name.upper()}]")
        default = parameter.default
        usual = "" if default in (None, parameter.empty) else f" (default: {default})"
        options.append(f"--{parameter.name.replace('_', '-')} VALUE{usual}")
    return " ".join([*words, ", ".join(options)])


@cli.command(
    cls=OfModel,
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    examples=[
        "zoo predict {model}",
        "zoo predict {model} FILE --output rows.csv",
        "zoo predict {model} FILE... --each --skip-errors --output rows.parquet",
        "zoo predict {model} --help",
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
    "--limit", type=click.IntRange(0), default=20, show_default=True, help="Rows; 0 for all."
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write here, as its suffix says: .json, .jsonl, .csv, .tsv, .parquet, .txt, or an "
    "image's.",
)
@click.option("--each", is_flag=True, help="Predict on each source by itself.")
@click.option(
    "--skip-errors", is_flag=True, help="Leave out the sources that cannot be used (with --each)."
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
def predict(
    name: str,
    sources: tuple[str, ...],
    limit: int,
    output: Path | None,
    each: bool,
    skip_errors: bool,
    suffix: str | None,
    device: str | None,
    dtype: str | None,
    as_json: bool,
) -> None:
    """Predict on SOURCES (files, as the model takes them), or on what the model itself carries.

    A source - is standard input. Sources go to the model together where it takes so many in one
    call. Otherwise, and with --each, each is predicted on by itself: its rows are written as they
    come, with the source in a column, and the file stands there when all are done. Exit code 1 says
    that sources were left out.

    Further options, --KEY VALUE, go to the model's own predict; `zoo predict NAME --help` tells
    them.
    """
    from zoo_core._loading import making, models
    from zoo_core._measuring import calling, evaluation
    from zoo_core._shell import predicting

    if any(sign in name for sign in "*?["):
        raise BadInput(f"zoo predict takes one model, and {name!r} names several; give its name.")
    words, options = split_options(sources)
    module = models.load(name, device=device, dtype=dtype)
    method = getattr(module, "predict", None)
    texts = making.text_options(method)
    values: dict[str, Any] = {
        key: word if key in texts else literal(word) for key, word in options.items()
    }
    run = partial(evaluation.predict, module, **values)
    room = calling.room(method) if method else 0
    with predicting.given(words, suffix) as given:
        if not (each or skip_errors or len(given) > max(room, 1)):
            _one(_together(run, given), limit, output, as_json)
            return
        refused = predicting.Refused(skip_errors)
        _many(predicting.each(run, given, refused), refused, len(given), limit, output, as_json)
    if refused.count:
        sys.exit(1)


def _together(run: Any, given: Sequence[Any]) -> Any:
    """Return the answer for all sources at once; an error says so where there are several."""
    try:
        return run(*(source.value for source in given))
    except BadInput as error:
        if len(given) < 2:
            raise
        raise type(error)(
            f"{error} (The {len(given)} sources went into one call; --each takes each by itself.)"
        ) from error


def _many(
    rows: Iterator[Mapping[str, Any]],
    refused: Any,
    count: int,
    limit: int,
    output: Path | None,
    as_json: bool,
) -> None:
    """Write or print the rows of many sources."""
    from zoo_core._shell.rows import rows_to

    if output:
        with rows_to(output) as write:
            for row in rows:
                write(row)
            if refused.count == count > 0:
                click.echo(f"zoo: none of {count:,} sources could be used.", err=True)
                sys.exit(1)
        click.echo(f"zoo: written to {output}.", err=True)
    elif as_json:
        with Coming(as_json) as coming:
            for row in rows:
                coming.add(plain_json(row))
    else:
        _print_table(rows, limit)
    if refused.count:
        click.echo(f"zoo: {refused.count:,} of {count:,} sources were left out.", err=True)


def _one(answer: Any, limit: int, output: Path | None, as_json: bool) -> None:
    """Write or print the answer of one call."""
    from zoo_core._shell.answers import write_answer
    from zoo_core.interfaces import Media

    if isinstance(answer, Iterator) and not (output or as_json):
        for piece in answer:
            click.echo(shown(str(piece)), nl=False)
        click.echo()
        return
    answer = list(answer) if isinstance(answer, Iterator) else answer
    if output:
        write_answer(answer, output)
        told = shown(answer.told.rstrip(".")) if isinstance(answer, Media) else ""
        click.echo(f"zoo: written to {output}{told and f': {told}'}.", err=True)
    elif isinstance(answer, Media):
        suffixes = ", ".join(answer.contents)
        raise BadInput(f"This is no table; write it to a file with --output PATH ({suffixes}).")
    elif isinstance(answer, str) and not as_json:
        click.echo(shown(answer))
    elif as_json or not _is_table(answer):
        print_json(plain_json(answer))
    else:
        _print_table(answer if isinstance(answer, list) else [answer], limit)


def _print_table(rows: Iterable[Mapping[str, Any]], limit: int) -> None:
    """Print rows up to a limit, and say how many more there are.

    The columns are those of all rows; where an error ends them, those that came are printed.
    """
    rest, found = iter(rows), []
    try:
        for row in islice(rest, limit or None):
            found.append(row)
    finally:
        print_rows(found, False)
    more = sum(1 for _ in rest)
    if more:
        click.echo(f"zoo: {more:,} more rows; see them with --limit 0, --json, --output.", err=True)


def _is_table(answer: Any) -> bool:
    rows = answer if isinstance(answer, list) else [answer]
    return all(isinstance(row, Mapping) for row in rows)
