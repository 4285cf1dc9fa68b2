"""The group of verbs: what all of them have in common."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click

from zoo_core._shell import output
from zoo_core._shell.examples import WithExamples
from zoo_core._shell.options import with_traceback

VERBS: Mapping[str, str] = {
    "look": "list show plugins",
    "predict": "predict",
    "use": "evaluate demo",
    "make": "train import migrate new",
    "check": "verify cards draw",
    "share": "publish download install",
    "cached": "cache",
    "completion": "completion",
}
"""The modules that have the verbs; one is imported when its verb is asked for."""
WHOLE = 400
"""No verb's first sentence is longer."""


class Verb(WithExamples):
    """A command that also takes ``--traceback`` after its name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        with_traceback(self)
        self.params.extend(reversed(getattr(self, "__click_params__", [])))


class Verbs(WithExamples, click.Group):
    """A group of verbs, whose help has the first sentence of each."""

    command_class = Verb

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the names of the verbs, and what each does in as many lines as it takes."""
        verbs = {name: self.get_command(ctx, name) for name in self.list_commands(ctx)}
        rows = [(name, verb.get_short_help_str(WHOLE)) for name, verb in verbs.items() if verb]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


class Shell(Verbs):
    """The group of verbs; a reader that closes the pipe early, like ``head``, is no failure."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Read the arguments; ``--help`` prints here. Nothing is coloured where none is wanted."""
        if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
            kwargs.setdefault("color", False)
        with _while_read():
            return super().make_context(*args, **kwargs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a verb, from its module."""
        for module, names in VERBS.items():
            if cmd_name in names.split():
                _import(module)
        return super().get_command(ctx, cmd_name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all verbs."""
        for module in VERBS:
            _import(module)
        return super().list_commands(ctx)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a verb."""
        with _while_read():
            return super().invoke(ctx)


def _import(module: str) -> None:
    importlib.import_module(f"zoo_core._shell.verbs.{module}")


@contextmanager
def _while_read() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError as error:
        if output.failed() is None:  # which click would end without a word
            raise RuntimeError(f"a pipe that is not the shell's own broke ({error})") from error
        raise click.exceptions.Exit(0) from error


@click.group(
    cls=Shell,
    context_settings={"help_option_names": ["-h", "--help"]},
    examples=["zoo list", "zoo show {model}", "zoo demo"],
)
@click.version_option(package_name="zoo-core", prog_name="zoo")
@with_traceback
def cli() -> None:
    """Pretrained models from research papers: load by name, run, and check every claim."""
