"""The verb completion: what makes bash, zsh and fish complete names."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from zoo_core._shell.group import cli
from zoo_core._shell.options import as_json
from zoo_core._shell.printing import print_json
from zoo_core.errors import BadInput

VARIABLE = "_ZOO_COMPLETE"
PLACES = {
    "bash": """echo 'eval "$(zoo completion bash)"' >> ~/.bashrc""",
    "zsh": """echo 'eval "$(zoo completion zsh)"' >> ~/.zshrc""",
    "fish": "zoo completion fish > ~/.config/fish/completions/zoo.fish",
}
"""What switches it on for good, by shell."""


@cli.command(examples=["zoo completion bash", 'eval "$(zoo completion bash)"', *PLACES.values()])
@click.argument("shell", type=click.Choice(list(PLACES)), required=False)
@as_json
def completion(shell: str | None, as_json: bool) -> None:
    """Print the script that makes a SHELL complete verbs, options and names (default: yours)."""
    from click.shell_completion import get_completion_class

    chosen = shell or Path(os.environ.get("SHELL", "")).name
    made = get_completion_class(chosen) if chosen in PLACES else None
    if made is None:
        raise BadInput(
            f"SHELL is {chosen!r}; say which script you want: zoo completion {'|'.join(PLACES)}."
        )
    script = made(cli, {}, "zoo", VARIABLE).source()
    if as_json:
        print_json({"shell": chosen, "script": script, "place": PLACES[chosen]})
        return
    click.echo(script)
    if sys.stdout.isatty():
        click.echo(f"zoo: to switch it on: {PLACES[chosen]}", err=True)
