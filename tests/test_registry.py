"""Plugins are read each on its own: what is broken is set aside, named, and takes nobody down."""

from __future__ import annotations

import json

import pytest

import zoo
from zoo_core import Notice
from zoo_core._registry import listing, origin
from zoo_core._registry import registry as registry_module
from zoo_core._registry.names import natural
from zoo_core._registry.registry import registry
from zoo_core.errors import BadInput, PluginError, UnknownName

GOOD = """
from zoo_core import Dataset, hookimpl
ZOO_API = 2
@hookimpl
def zoo_datasets():
    return [Dataset(name="{name}", title="T", factory="m:f", license="MIT", source="s", task="t")]
"""
HEAD = "from zoo_core import Dataset, Model, Paper, hookimpl\nZOO_API = 2\n@hookimpl\n"
MODEL = 'Model(name="m", architecture="a", dataset="d", license="{}", summary="s")'

BROKEN = {
    "raises": ("raise RuntimeError('no luck')", "RuntimeError: no luck"),
    "exits": ("import sys; sys.exit('bye')", "SystemExit: bye"),
    "syntax": ("def broken(:\n", "SyntaxError"),
    "an error without words": ("raise ValueError\n", "ValueError."),
    "an error that cannot be told": (
        "class Odd(Exception):\n    def __str__(self): raise KeyError\nraise Odd\n",
        "Odd: (its message cannot be shown).",
    ),
    "missing module": ("import a_module_that_is_not_there", "a_module_that_is_not_there"),
    "no level": ("x = 1", "API level None, and this zoo-core speaks level 2"),
    "level 1": ("ZOO_API = 1", "its author sets ZOO_API = 2, splits each `config`"),
    "specs of level 1": (
        "from zoo_core import Claim\nZOO_API = 1\nClaim(name='a', expected='1')",
        "its author sets ZOO_API = 2, splits each `config`",
    ),
    "other level": ("ZOO_API = 99", "API level 99, and this zoo-core speaks level 2"),
    "hook raises": (HEAD + "def zoo_models(): return [1 / 0]", "ZeroDivisionError"),
    "no list": (HEAD + "def zoo_models(): return 7", "zoo_models returned a int; expected a list"),
    "none": (HEAD + "def zoo_models(): [1]", "zoo_models returned None; expected a list of Model"),
    "wrong kind": (
        HEAD + "def zoo_models(): return ['toy-a']",
        "zoo_models returned 'toy-a'; expected a Model",
    ),
    "lazy error": (
        HEAD + "def zoo_models():\n    yield 1\n    raise OSError('lost')",
        "OSError: lost",
    ),
    "bad spec": (
        HEAD + f"def zoo_models(): return [{MODEL.format('free')}]",
        "Model 'm': license='free' is wrong; expected an SPDX identifier",
    ),
    "a kind that is a text": (
        HEAD + "def zoo_kinds(): return ['kind']",
        "zoo_kinds returned 'kind'; expected a Path",
    ),
    "a kind that is not there": (
        "from pathlib import Path\n" + HEAD + "def zoo_kinds(): return [Path('/nowhere/kind')]",
        "zoo_kinds returned '/nowhere/kind', which has no templates",
    ),
    "a kind without a name": (
        "from pathlib import Path\n" + HEAD + "def zoo_kinds(): return [Path('/nowhere/A kind')]",
        "expected a folder whose name is lower-case",
    ),
    "unknown hook": (HEAD + "def zoo_moodels(): return []", "zoo_moodels"),
    "wrong arguments": (HEAD + "def zoo_models(config): return []", "{'config'}"),
    "not marked": ("ZOO_API = 2\ndef zoo_models(): return []", "put @zoo_core.hookimpl above it"),
}


@pytest.mark.parametrize(("source", "reason"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_plugin_is_reported_and_takes_nobody_down(site, source, reason):
    site.add("abel", source)
    site.add("cain", GOOD.format(name="fine"))
    known = site.use()
    (broken,) = known.broken
    assert broken.name == "abel"
    assert reason in broken.error
    assert "zoo-abel" in broken.error
    assert "Traceback" in broken.trace
    assert listing.list_datasets() == ["fine"]
    assert known.datasets.owners["fine"].name == "cain"


@pytest.mark.parametrize("raised", ["BaseException('odd')", "SystemExit(3)", "GeneratorExit()"])
def test_whatever_an_import_raises_is_that_plugins_error(site, raised):
    site.add("abel", f"raise {raised}")
    site.add("cain", GOOD.format(name="fine"))
    (broken,) = site.use().broken
    assert raised.partition("(")[0] in broken.error
    assert listing.list_datasets() == ["fine"]


def test_metadata_that_cannot_be_read_do_not_end_the_list_of_plugins(site, zoo_here):
    site.add("abel", GOOD.format(name="fine"))
    (site.folder / "zoo_abel-1.0.dist-info" / "METADATA").write_bytes(
        b"Name: ab\xe9l\nVersion: 1\n"
    )
    site.use()
    done = zoo_here("plugins", "--verbose", "--json")
    rows = {row["name"]: row for row in done.json["plugins"]}
    assert rows["abel"]["error"] is None
    assert rows["abel"]["distribution"] == "the distribution of plugin abel"
    assert listing.list_datasets() == ["fine"]


def test_what_a_plugin_prints_at_import_spoils_no_json(site):
    site.add("loud", "print('hello from loud')\n" + GOOD.format(name="fine"))
    done = site.zoo("list", "--datasets", "--json")
    assert [row["name"] for row in json.loads(done.out)] == ["fine"]
    assert "hello from loud" in done.err


def test_what_a_clash_hides_is_said_once(site):
    """A clash of architectures takes their models off the list."""
    site.add_toy("toy-a", "toy-b")
    site.add(
        "thief",
        HEAD
        + "@hookimpl\ndef zoo_architectures():\n"
        + "    from zoo_core import Architecture\n"
        + "    return [Architecture(name='toy', cls='a:b', paper='toy', task='t', summary='s')]\n",
    )
    done = site.zoo("list")
    assert done.code == 0
    assert "The architecture 'toy' is registered by" in done.err
    assert "2 models are not listed, for want of the architecture 'toy'" in done.err
    assert len(done.err.splitlines()) == 2


def test_half_a_broken_plugin_is_not_given_to_the_next_one(site):
    """What a plugin offers before its hook fails is neither kept nor ascribed to another."""
    site.add("abel", GOOD.format(name="half") + "@hookimpl\ndef zoo_papers(x): return []\n")
    site.add("beth", GOOD.format(name="other") + "@hookimpl\ndef zoo_papers(): return [1]\n")
    site.add("cain", GOOD.format(name="fine"))
    known = site.use()
    assert [plugin.name for plugin in known.broken] == ["abel", "beth"]
    assert listing.list_datasets() == ["fine"]


def test_an_entry_point_must_be_a_module(site):
    site.add("odd", GOOD.format(name="x"))
    site.write("zoo_odd-1.0.dist-info/entry_points.txt", "[zoo]\nodd = zoo_odd:zoo_datasets\n")
    (broken,) = site.use().broken
    assert "is a function; expected a module" in broken.error


def test_two_plugins_of_one_name_are_both_set_aside(site):
    site.add("same", GOOD.format(name="one"), distribution="zoo-first")
    site.add("same", GOOD.format(name="two"), distribution="zoo-second")
    site.add("other", GOOD.format(name="fine"))
    known = site.use()
    assert listing.list_datasets() == ["fine"]
    assert len(known.broken) == 2
    for plugin in known.broken:
        assert "zoo-first and zoo-second" in plugin.error
        assert "uninstall one" in plugin.error


def test_a_name_of_two_plugins_belongs_to_neither(site, zoo_here):
    for name in ("first", "second", "third"):
        site.add(name, GOOD.format(name="shared"))
    site.add("other", GOOD.format(name="fine"))
    site.use()
    assert listing.list_datasets() == ["fine"]
    for ask in (zoo.dataset, zoo.info):
        with pytest.raises(PluginError, match="zoo-first and by zoo-second and by zoo-third"):
            ask("shared")
    table = zoo_here("plugins")
    row = next(line for line in table.out.splitlines() if line.startswith("shared"))
    header = table.out.splitlines()[0].split("\t")
    assert "dataset registered by zoo-first" in row.split("\t")[header.index("error")]


def test_an_unreadable_lock_file_is_its_own_plugins_error(site):
    package = site.add_toy("toy-a")
    site.add("fine", GOOD.format(name="fine"))
    for content, reason in (("{", "is not valid JSON"), ("[]", "is not a mapping")):
        (package / "weights" / "lock.json").write_text(content)
        (broken,) = site.use().broken
        assert broken.name == "toy"
        assert "lock.json" in broken.error
        assert reason in broken.error
        assert listing.list_datasets() == ["fine"]


def test_unreadable_results_do_not_end_the_list(toy, zoo_here):
    path = toy.folder / "zoo_toy" / "results" / "toy-a.json"
    path.parent.mkdir()
    path.write_text("{")
    assert [row["name"] for row in zoo_here("list", "--json").json] == ["toy-a"]
    assert zoo.list_models(sort="result") == ["toy-a"]
    shown = zoo_here("show", "toy-a")
    assert shown.code == 3
    assert "toy-a.json is not valid JSON" in shown.err


def test_a_metric_of_a_broken_plugin_does_not_end_the_list(toy, zoo_here):
    row = {
        "model": "toy-a",
        "method": "toy-a",
        "kind": "checkpoint",
        "dataset": "toys",
        "options": {},
        "split": "test",
        "metric": "glee",
        "values": [0.5],
    }
    path = toy.folder / "zoo_toy" / "results" / "toy-a.json"
    path.parent.mkdir()
    path.write_text(json.dumps({"measured": [row]}))
    source = (toy.folder / "zoo_toy" / "__init__.py").read_text()
    changed = source.replace('summary="A toy."', 'summary="A toy.", metrics=("glee",)')
    (toy.folder / "zoo_toy" / "__init__.py").write_text(changed)
    toy.use()
    for sort in ("name", "result"):
        (listed,) = zoo_here("list", "--json", "--sort", sort).json
        assert listed["result"] == "glee 0.5"


def test_the_shell_works_with_broken_plugins(site):
    site.add("broken", "raise RuntimeError('no luck')")
    site.add("fine", GOOD.format(name="fine"))
    assert site.zoo("--help").code == 0
    listed = site.zoo("plugins")
    assert listed.code == 0
    assert "RuntimeError: no luck" in listed.out
    assert "Traceback" not in listed.out + listed.err
    verbose = site.zoo("plugins", "--verbose")
    assert "Traceback" in verbose.err
    assert "raise RuntimeError" in verbose.err
    datasets = site.zoo("list", "--datasets")
    assert "fine" in datasets.out
    assert "some plugins could not be loaded; see `zoo plugins`" in datasets.err
    asked = site.zoo("show", "unheard-of")
    assert asked.code == 2
    assert "'broken' could not be loaded and may have it" in asked.err
    assert "zoo plugins --verbose" in asked.err


def test_many_broken_plugins_are_one_sentence(site, zoo_here):
    for name in "abcde":
        site.add(name, "raise RuntimeError('no luck')")
    site.use()
    told = zoo_here("show", "unheard-of").err
    assert "Plugins 'a', 'b', 'c' and 2 more could not be loaded and may have it" in told
    assert told.count("zoo plugins --verbose") == 1


@pytest.mark.parametrize(("allowed", "expected"), [("", []), ("a", ["a"]), (" b , zzz ", ["b"])])
def test_a_variable_restricts_the_plugins(site, allowed, expected):
    for name in ("a", "b"):
        site.add(name, GOOD.format(name=name))
    site.use(ZOO_PLUGINS=allowed)
    assert listing.list_datasets() == expected
    assert "accuracy" in listing.list_metrics()


def test_a_name_in_the_variable_that_nobody_has_is_said(site):
    site.add("abel", GOOD.format(name="fine"))
    with pytest.warns(Notice, match="ZOO_PLUGINS names 'abol', which is not installed; did you"):
        site.use(ZOO_PLUGINS="abol")


def test_without_the_variable_all_plugins_are_read(site):
    site.add("a", GOOD.format(name="only-here"))
    site.use()
    site.monkeypatch.delenv("ZOO_PLUGINS")
    registry.cache_clear()
    assert "only-here" in listing.list_datasets()


def test_an_unknown_name_says_what_is_close_and_what_to_install(toy, tmp_path, monkeypatch):
    path = tmp_path / "catalogue.json"
    path.write_text(json.dumps({"zoo-far": ["far-model", "far-data"], "zoo-toy": ["gone"]}))
    monkeypatch.setattr(registry_module, "CATALOGUE", path)
    with pytest.raises(UnknownName, match=r"no model 'toy-c' here; did you mean 'toy-[ab]'"):
        zoo.load("toy-c")
    with pytest.raises(UnknownName, match=r"zoo-far brings it: `pip install \. && zoo install"):
        zoo.load("far-model")
    monkeypatch.setattr(origin, "PUBLISHED", True)
    with pytest.raises(UnknownName, match=r"zoo-far brings it: `pip install zoo-far`\."):
        zoo.dataset("far-data")
    with pytest.raises(UnknownName) as caught:
        zoo.load("gone")
    assert "brings it" not in str(caught.value)


@pytest.mark.parametrize("ask", [zoo.load, zoo.create, zoo.dataset, zoo.metric, zoo.info])
def test_unknown_names_are_look_up_errors_too(toy, ask):
    with pytest.raises(LookupError, match="unheard-of"):
        ask("unheard-of")


def test_loading_an_architecture_says_what_to_do(toy):
    with pytest.raises(UnknownName, match=r"zoo.create\('toy'\).*toy-a, toy-b"):
        zoo.load("toy")


@pytest.fixture
def shelf(in_memory, make_spec):
    """Eleven models of two architectures, with locks, in memory."""
    names = [f"net{i}-data" for i in (1, 2, 10)]
    models = [make_spec("models", name, architecture="net") for name in names]
    models.append(make_spec("models", "big-words", architecture="big", dataset="words"))
    models.append(make_spec("models", "new-words", architecture="big", dataset="words"))
    models.append(make_spec("models", "orphan-words", architecture="gone"))
    sizes = {"net1-data": 50, "net2-data": 5, "net10-data": 5, "big-words": 1000}
    return in_memory(
        locks={name: {"parameters": size} for name, size in sizes.items()},
        here={
            "papers": [make_spec("papers", "nets"), make_spec("papers", "bigs")],
            "architectures": [
                make_spec("architectures", "net", paper="nets", task="seeing"),
                make_spec("architectures", "big", paper="bigs", task="reading"),
            ],
            "models": models,
        },
    )


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, ["big-words", "net1-data", "net2-data", "net10-data"]),
        ({"untrained": True, "paper": "bigs"}, ["big-words", "new-words"]),
        ({"pattern": "net?-*"}, ["net1-data", "net2-data"]),
        ({"pattern": ["big*", "net1-*"]}, ["big-words", "net1-data"]),
        ({"pattern": "net*", "exclude": ["*2*", "*10*"]}, ["net1-data"]),
        ({"paper": "net*"}, ["net1-data", "net2-data", "net10-data"]),
        ({"task": "read*"}, ["big-words"]),
        ({"dataset": "words"}, ["big-words"]),
        ({"license": "Apache*"}, []),
        ({"metric": "acc*", "task": "reading"}, ["big-words"]),
        ({"max_parameters": 50}, ["net1-data", "net2-data", "net10-data"]),
        ({"max_parameters": 49, "untrained": True}, ["net2-data", "net10-data"]),
        ({"sort": "parameters"}, ["net2-data", "net10-data", "net1-data", "big-words"]),
        ({"pattern": "nothing*"}, []),
    ],
)
def test_wildcards_filters_and_sorting(shelf, arguments, expected):
    assert listing.list_models(**arguments) == expected


def test_a_wrong_sort_says_which_there_are(shelf):
    with pytest.raises(BadInput, match=r"'result'.*Expected name, parameters, result"):
        listing.list_models(sort="resutl")


def test_sorting_by_result_puts_the_best_first_and_the_unmeasured_last(site):
    package = site.add_toy("toy-a", "toy-b")
    base = {"kind": "checkpoint", "dataset": "toys", "options": {}, "split": "test"}
    (package / "results").mkdir()

    def measured(model: str, **values: float) -> None:
        rows = [
            {**base, "model": model, "method": model, "metric": metric, "values": [value]}
            for metric, value in values.items()
        ]
        (package / "results" / f"{model}.json").write_text(json.dumps({"measured": rows}))

    measured("toy-b", accuracy=0.9, mae=0.9)
    site.use()
    assert listing.list_models(sort="result") == ["toy-b", "toy-a"]
    measured("toy-a", accuracy=0.95, mae=0.95)
    assert listing.list_models(sort="result") == ["toy-a", "toy-b"]
    metrics = (package / "__init__.py").read_text()
    (package / "__init__.py").write_text(
        metrics.replace('summary="A toy."', 'summary="A toy.", metrics=("accuracy", "mae")')
    )
    site.use()
    assert listing.list_models(sort="result", metric="mae") == ["toy-b", "toy-a"]


def test_natural_order_reads_numbers_as_numbers():
    assert sorted(["net10", "net2", "9", "net2b", "a"], key=natural) == [
        "9",
        "a",
        "net2",
        "net2b",
        "net10",
    ]


def test_every_plugin_knows_its_distribution_and_version(toy):
    (plugin,) = (plugin for plugin in registry().plugins if plugin.name == "toy")
    assert (plugin.distribution, plugin.version) == ("zoo-toy", "1.0")
    assert zoo.info("toy-a")["distribution"] == "zoo-toy"
    assert zoo.info("toy-paper")["kind"] == "paper"
