"""Verbs that plugins add: offered by name, imported when asked for, and harmless when broken."""

from __future__ import annotations

import re
import sys

import pytest

from zoo_core import Command, SpecError
from zoo_core._registry.verbs import OWN
from zoo_core._shell.group import cli

HOOKS = """
from zoo_core import Command, hookimpl
ZOO_API = 2
@hookimpl
def zoo_commands():
    return [Command(name="{name}", command="zoo_{plugin}.verbs:{name}", summary="Do it.")]
"""
VERBS = """
import click
from zoo_core import BadInput, Verb, Verbs, as_json, print_json

@click.group(cls=Verbs, examples=["zoo atlas draw {model}"])
def atlas():
    "Maps of what is here."

@atlas.command(examples=["zoo atlas draw {model}"])
@click.argument("name")
@as_json
def draw(name, as_json):
    "Draw a map of NAME."
    if name == "nowhere":
        raise BadInput("There is no map of 'nowhere'; name a model.")
    print_json({"drawn": name}) if as_json else click.echo(f"drew {name}")
"""


@pytest.fixture
def atlas(site):
    site.add_toy("toy-a")
    files = {"__init__.py": HOOKS.format(name="atlas", plugin="atlas"), "verbs.py": VERBS}
    site.add("atlas", files)
    site.use()
    return site


def test_a_verb_of_a_plugin_is_one_of_the_shell(atlas, zoo_here):
    assert re.search(r"^  atlas +Do it\.$", zoo_here("--help").out, re.MULTILINE)
    assert "zoo_atlas.verbs" not in sys.modules  # the spec says enough for help
    assert zoo_here("atlas", "draw", "toy-a").out == "drew toy-a\n"
    assert zoo_here("atlas", "draw", "toy-a", "--json").json == {"drawn": "toy-a"}
    assert zoo_here("atlas", "draw", "nowhere").code == 2


def test_its_help_and_errors_are_like_all_others(atlas, zoo_here):
    told = zoo_here("atlas", "draw", "--help")
    assert told.out.endswith("Examples:\n  zoo atlas draw toy-a\n")
    assert "--traceback" in told.out and "--json" in told.out
    assert "draw  Draw a map of NAME." in zoo_here("atlas", "--help").out
    wrong = zoo_here("atlas", "drow")
    assert wrong.code == 2 and "No such command 'drow'" in wrong.err


def test_what_it_brings_is_listed(atlas, zoo_here):
    rows = {row["name"]: row for row in zoo_here("plugins", "--json").json["plugins"]}
    assert rows["atlas"]["brings"] == "1 command"


def offered(words, incomplete):
    from click.shell_completion import ShellComplete

    asked = ShellComplete(cli, {}, "zoo", "_ZOO_COMPLETE")
    return [item.value for item in asked.get_completions(words, incomplete)]


def test_completion_offers_verbs_and_what_follows_them(atlas):
    assert offered([], "at") == ["atlas"]
    assert "zoo_atlas.verbs" not in sys.modules
    assert offered(["atlas"], "d") == ["draw"]
    assert offered(["atlas", "draw"], "--js") == ["--json"]
    assert offered([], "") == sorted([*OWN, "atlas"])


BROKEN = {
    "raises": ("raise RuntimeError('no luck')", "RuntimeError: no luck"),
    "has none": ("x = 1", "AttributeError: module 'zoo_abel.verbs' has no attribute 'abel'"),
    "is none": ("abel = 7", "The verb 'abel' is a int; expected that zoo-abel names a click"),
}


@pytest.mark.parametrize(("source", "told"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_verb_breaks_no_other(site, zoo_here, source, told):
    site.add_toy("toy-a")
    files = {"__init__.py": HOOKS.format(name="abel", plugin="abel"), "verbs.py": source}
    site.add("abel", files)
    site.use()
    whole = zoo_here("--help")
    assert whole.code == 0 and whole.err == ""
    assert re.search(r"^  abel +Do it\.$", whole.out, re.MULTILINE)
    assert zoo_here("list").code == 0
    assert "abel" in offered(["abel"], "a")  # click offers verbs again after one it has not
    asked = zoo_here("abel")
    assert asked.code != 0 and told in asked.err and "Traceback" not in asked.err
    assert asked.err.count("\n") == 1 and "zoo-abel" in asked.err


def test_a_broken_plugin_is_told_of_where_its_verb_is_missing(site, zoo_here):
    site.add("abel", "raise RuntimeError('no luck')")
    site.use()
    assert zoo_here("--help").code == 0
    asked = zoo_here("atlas")
    assert asked.code == 2
    assert "No such command 'atlas'" in asked.err and "'abel' could not be loaded" in asked.err


def test_two_plugins_with_one_verb_have_none(site, zoo_here):
    for plugin in ("abel", "cain"):
        files = {"__init__.py": HOOKS.format(name="atlas", plugin=plugin), "verbs.py": VERBS}
        site.add(plugin, files)
    known = site.use()
    assert "atlas" not in known.commands
    assert known.hidden == [known.commands.clash("atlas")]
    assert "The verb 'atlas' is registered by zoo-abel and by zoo-cain" in zoo_here("atlas").err
    rows = {row["name"]: row for row in zoo_here("plugins", "--json").json["plugins"]}
    assert rows["atlas"]["error"] == "verb registered by zoo-abel and zoo-cain"


WRONG = {
    "of the core": ({"name": "list"}, "zoo itself has a verb of that name"),
    "no name": ({"name": "Site!"}, "name='Site!' is wrong; expected lower-case words"),
    "no import string": ({"command": "zoo_x.verbs"}, "expected 'package.module:attribute'"),
    "no sentence": ({"summary": "builds"}, "expected a sentence"),
    "not of text": ({"summary": None}, "expected a sentence"),
    "long": ({"summary": f"{'x' * 200}."}, "expected a sentence, at most 100 long"),
    "escapes": ({"summary": "Red \x1b[31m."}, "do not print"),
}


@pytest.mark.parametrize(("more", "told"), WRONG.values(), ids=WRONG.keys())
def test_a_verb_that_cannot_be_one_is_refused(more, told):
    good = {"name": "atlas", "command": "zoo_x.verbs:atlas", "summary": "Draw it."}
    assert Command(**good).name == "atlas"
    with pytest.raises(SpecError, match=re.escape(told)):
        Command(**{**good, **more})


def test_help_of_all_verbs_imports_no_verb_of_a_plugin(atlas):
    code = (
        "import sys\nfrom zoo_core._shell.shell import main\nsys.argv = ['zoo', '--help']\n"
        "try:\n    main()\nfinally:\n    print('zoo_atlas.verbs' in sys.modules, file=sys.stderr)\n"
    )
    done = atlas.python(code)
    assert "atlas" in done.out and done.err.splitlines()[-1] == "False"
