"""Options that verbs share, and how their words are read."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from zoo_core._notices import strictly
from zoo_core._shell import completing, output
from zoo_core.errors import BadInput, closest

TRACEBACK = "ZOO_TRACEBACK"


def _show_traces(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value:
        os.environ[TRACEBACK] = "1"


on_device = click.option(
    "--device",
    help="Where it runs: cpu, cuda, cuda:1, or a GPU's number.",
    shell_complete=completing.offer(completing.words("cpu", "cuda")),
)


in_dtype = click.option(
    "--dtype",
    help="The floating type it runs in: float16, bfloat16, float32 or float64.",
    shell_complete=completing.offer(completing.floating_types),
)


def _be_strict(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value:
        context.with_resource(strictly())


is_strict = click.option(
    "--strict",
    is_flag=True,
    expose_value=False,
    callback=_be_strict,
    help="Refuse what would be dropped, merged or filled in.",
)


def _nothing_else(context: click.Context, parameter: click.Parameter, value: bool) -> bool:
    if value:
        context.with_resource(output.answers_alone())
    return value


_json = click.option("--json", "as_json", is_flag=True, callback=_nothing_else, help="Print JSON.")


def as_json(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a verb the option ``--json``, which it gets as its argument `as_json`.

    `command` is the function, below its `click.command`. With the option standard output is for
    what `zoo_core.print_json` prints, and whatever else is printed goes to standard error. Raises
    nothing.

    >>> import click
    >>> @click.command(cls=zoo_core.Verb)
    ... @zoo_core.as_json
    ... def mine(as_json):
    ...     "Do what is mine."
    >>> [option.name for option in mine.params if option.name == "as_json"]
    ['as_json']
    """
    decorated: Callable[..., Any] = _json(command)
    return decorated


with_traceback = click.option(
    "--traceback",
    is_flag=True,
    expose_value=False,
    callback=_show_traces,
    help="Show the stack trace of an error.",
)


def pairs(context: Any, parameter: Any, values: Sequence[str]) -> dict[str, Any]:
    """Return ``key=value`` options as a mapping; values are JSON where they parse as such."""
    found = {}
    for value in values:
        key, equals, text = value.partition("=")
        if not equals:
            raise click.BadParameter(f"{value!r} is not KEY=VALUE")
        if key in found:
            raise click.BadParameter(f"{key} is given twice; give it once.")
        found[key] = literal(text)
    return found


def literal(text: str) -> Any:
    """Return a word as the JSON value that it is, or as the text that it is otherwise."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def split_options(words: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Return plain words and ``--KEY VALUE`` options; raises `BadInput` for a wrong one.

    An option without a value is wrong, and one that is given twice.
    """
    files: list[str] = []
    options: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        if not word.startswith("--"):
            files.append(word)
            continue
        key, equals, value = word[2:].partition("=")
        text = value if equals else next(rest, None)
        if text is None:
            raise BadInput(f"Option {word} has no value; write {word} VALUE.")
        name = key.replace("-", "_")
        if name in options:
            raise BadInput(f"Option --{key} is given twice; give it once.")
        options[name] = text
    return files, options


def chosen_names(
    names: Sequence[str], every: bool, listed: Callable[[], list[str]]
) -> Sequence[str]:
    """Return the names that were given, wildcards filled in, or with ``--all`` every one.

    Raises `BadInput` for both, and for a wildcard that no name fits.
    """
    if every == bool(names):
        raise BadInput("Give the names, or --all, and not both.")
    if every:
        everything = listed()
        if not everything:
            from zoo_core._registry.left_out import advice

            raise BadInput(f"--all is nothing here, as no plugin that is read has any; {advice()}.")
        return everything
    found: dict[str, None] = {}
    for name in names:
        found |= dict.fromkeys(_fitting(name, listed) if _is_pattern(name) else [name])
    return list(found)


def check_models(names: Sequence[str], *, folders_too: bool = True) -> None:
    """Check all names before anything is done with the first.

    Raises `UnknownName` for one that is no registered model's, and `BadInput` for a folder that is
    none of `zoo train`. Repositories of the Hub are looked up when their turn comes.
    """
    from zoo_core._loading.models import spec_of
    from zoo_core._measuring import folders
    from zoo_core._registry import references

    for name in names:
        if folders_too and folders.is_path(name):
            folders.opened(name)
        elif references.parse(name) is None:
            spec_of(name)


def _is_pattern(name: str) -> bool:
    return any(sign in name for sign in "*?[") and not name.startswith(("./", "../", "/", "~"))


def _fitting(pattern: str, listed: Callable[[], list[str]]) -> list[str]:
    from zoo_core._registry.names import matches

    found = [name for name in listed() if matches(name, pattern)]
    if not found:
        near = closest(pattern.strip("*?"), listed())
        raise BadInput(f"No name fits {pattern!r}{near} See `zoo list`.")
    return found


def refuse_beside(flag: str, does: str, others: Mapping[str, Any]) -> None:
    """Raise `BadInput` for options that a flag has no use for: nothing is dropped in silence."""
    for name, value in others.items():
        if value:
            raise BadInput(f"{flag} {does}, and takes no {name}; leave one of the two out.")
