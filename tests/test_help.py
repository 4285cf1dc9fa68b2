"""The help of every verb: an example that can be run, and nothing cut off."""

from __future__ import annotations

import shlex
from pathlib import Path

import click
import pytest

from zoo_core._shell import examples
from zoo_core._shell.group import cli


def commands(command=cli, words=("zoo",)):
    """Yield every command and group of the shell with its words."""
    yield words, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from commands(command.get_command(context, name), (*words, name))


def parsed(line):
    """Return the words of the command that a line of the shell is read as, and its arguments."""
    words = shlex.split(line.partition(" > ")[0])
    context = cli.make_context("zoo", words[1:])
    path, command = [words[0]], cli
    while isinstance(command, click.Group):
        name, command, rest = command.resolve_command(
            context, [*context._protected_args, *context.args]
        )
        path.append(name)
        context = command.make_context(name, rest, parent=context)
    return path, context.params


ALL = {" ".join(words): command for words, command in commands()}


@pytest.fixture
def folders(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("zoo_mypaper").mkdir()


@pytest.mark.parametrize("words", ALL)
def test_every_verb_has_an_example_that_parses(toy, folders, words):
    command = ALL[words]
    lines = [line.format(**examples.installed()) for line in command.examples]
    ours = [line for line in lines if line.startswith("zoo ")]
    assert ours, f"{words} has no example"
    for line in (line for line in ours if not line.endswith(" --help")):
        path, _ = parsed(line)
        assert " ".join(path).startswith(words), f"{line} is no example of {words}"


@pytest.mark.parametrize("words", ALL)
def test_the_help_ends_with_its_examples(toy, zoo_here, words):
    told = zoo_here(*words.split()[1:], "--help")
    assert told.code == 0
    shown = told.out.rstrip().splitlines()
    lines = [line.format(**examples.installed()) for line in ALL[words].examples]
    assert [line.strip() for line in shown[-len(lines) :]] == lines
    assert shown[-len(lines) - 1] == "Examples:"
    assert "toy" in told.out or "{model}" not in " ".join(ALL[words].examples)
    assert "..." not in told.out.replace("]...", "").replace("FILE...", "").replace("NAMES...", "")


def test_a_line_that_is_no_command_does_not_parse():
    for line in ("zoo lust", "zoo list --nonsense", "zoo show"):
        with pytest.raises(click.ClickException):
            parsed(line)


def test_examples_without_a_plugin_say_what_to_write(site, zoo_here):
    site.use()
    assert "  zoo show MODEL" in zoo_here("show", "--help").out
    assert "  zoo verify PAPER CLAIM" in zoo_here("verify", "--help").out


def test_the_examples_are_of_what_is_installed(toy):
    names = examples.installed()
    assert names["model"] == "toy-a"
    assert names["paper"] == "toy-paper"
    assert names["wildcard"] == "toy*"
    assert set(names) == {"model", *examples.FIELDS}
