"""The group of verbs: what all of them have in common."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from zoo_core._registry.verbs import VERBS
from zoo_core._shell import output, plugged
from zoo_core._shell.examples import WithExamples
from zoo_core._shell.options import with_traceback
from zoo_core.errors import PluginError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

WHOLE = 400
"""No verb's first sentence is longer."""


class Verb(WithExamples):
    """A command that also takes ``--traceback`` after its name, and whose help has `examples`.

    An option that takes one value and is given twice is refused: none is dropped in silence.

    >>> import click
    >>> @click.command(cls=zoo_core.Verb, examples=["zoo mine {model}"])
    ... def mine():
    ...     "Do what is mine."
    >>> mine.get_short_help_str()
    'Do what is mine.'
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        with_traceback(self)
        self.params.extend(reversed(getattr(self, "__click_params__", [])))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments; raises `click.UsageError` for wrong ones."""
        if not ctx.resilient_parsing:
            _, _, order = self.make_parser(ctx).parse_args(list(args))
            for one in order:
                single = isinstance(one, click.Option) and not (one.multiple or one.is_flag)
                if single and order.count(one) > 1:
                    told = f"{one.opts[0]} is given twice; give it once."
                    raise click.UsageError(told, ctx)
        return super().parse_args(ctx, args)


class Verbs(WithExamples, click.Group):
    """A group of verbs, whose help has the first sentence of each.

    >>> import click
    >>> @click.group(cls=zoo_core.Verbs, examples=["zoo mine one"])
    ... def mine():
    ...     "What is mine."
    >>> mine.command_class is zoo_core.Verb
    True
    """

    command_class = Verb

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the names of the verbs, and what each does in as many lines as it takes."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self.told(ctx).items()))

    def told(self, ctx: click.Context) -> dict[str, str]:
        """Return what each verb does, by name."""
        verbs = {name: self.get_command(ctx, name) for name in self.list_commands(ctx)}
        return {name: verb.get_short_help_str(WHOLE) for name, verb in verbs.items() if verb}


class Shell(Verbs):
    """The group of verbs; a reader that closes the pipe early, like ``head``, is no failure.

    Help and completion show plugins' verbs by what their specs say, so that no broken one can break
    them, and no slow one slows them.
    """

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Read the arguments; ``--help`` prints here. Nothing is coloured where none is wanted."""
        if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
            kwargs.setdefault("color", False)
        with _while_read():
            return super().make_context(*args, **kwargs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a verb, from its module: the core's, or else a plugin's."""
        for module, names in VERBS.items():
            if cmd_name in names.split():
                _import(module)
        found = super().get_command(ctx, cmd_name)
        if found is not None:
            return found
        try:
            return plugged.command(cmd_name)
        except PluginError:
            if ctx.resilient_parsing:  # something is being completed: nothing is offered
                return None
            raise

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb; of one that is not there it is said what would bring it."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            hint = plugged.hint(args[0])
            if not hint:
                raise
            raise click.UsageError(f"{error.format_message()}{hint}", ctx) from error

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the core's verbs."""
        for module in VERBS:
            _import(module)
        return super().list_commands(ctx)

    def told(self, ctx: click.Context) -> dict[str, str]:
        """Return what each verb does, plugins' verbs among them, in the order of their names."""
        more = {name: row["summary"] for name, row in plugged.rows().items()}
        return dict(sorted({**super().told(ctx), **more}.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Offer the verbs' names."""
        from click.shell_completion import CompletionItem

        offered = [
            CompletionItem(name, help=told)
            for name, told in self.told(ctx).items()
            if name.startswith(incomplete)
        ]
        return offered + click.Command.shell_complete(self, ctx, incomplete)

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
