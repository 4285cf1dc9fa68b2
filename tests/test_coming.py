"""Verbs that do several things: names are checked first, rows come one by one, errors lose none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from zoo_core._authoring import verifying
from zoo_core._loading import cache
from zoo_core._measuring import evaluation
from zoo_core._publishing import pictures, publishing
from zoo_core._registry.registry import registry
from zoo_core._shell.coming import Coming
from zoo_core.errors import BadInput, DataError, HubError, OutputError, PluginError, WeightsError

FAILURES = {
    "no data": (DataError("toys.bin is nowhere."), 3, "toy-b: toys.bin is nowhere."),
    "no weights": (WeightsError("There are none."), 3, "toy-b: There are none."),
    "no network": (HubError("The network is down."), 3, "toy-b: The network is down."),
    "no number": (OutputError("It gave NaN."), 3, "toy-b: It gave NaN."),
    "wrong use": (BadInput("It has no such split."), 2, "toy-b: It has no such split."),
    "a plugin's bug": (KeyError("nothing"), 3, "toy-b: unexpected KeyError: 'nothing'"),
}


@pytest.fixture
def two(site):
    """Two models with weights."""
    site.add_toy("toy-a", "toy-b", "toy-c")
    package = site.folder / "zoo_toy" / "__init__.py"
    package.write_text(package.read_text().replace('"ab"', '"abc"'))
    site.use()
    return site


def failing(monkeypatch, module, name, error, at="toy-b"):
    """Let a function of a module fail for one name; return the list of what happened."""
    happened = []
    real, add = getattr(module, name), Coming.add

    def call(first, *args, **kwargs):
        happened.append(str(first))
        if str(first) == at:
            raise error
        return real(first, *args, **kwargs)

    def noting(self, row, *more):
        happened.append("row")
        add(self, row, *more)

    monkeypatch.setattr(module, name, call)
    monkeypatch.setattr(Coming, "add", noting)
    return happened


@pytest.mark.parametrize("words", [["toy-a", "toy-b", "toy-c"], ["--all"]], ids=["named", "all"])
@pytest.mark.parametrize("case", FAILURES)
def test_what_was_measured_is_printed_when_another_fails(two, zoo_here, monkeypatch, words, case):
    error, code, told = FAILURES[case]
    happened = failing(monkeypatch, evaluation, "evaluate", error)
    done = zoo_here("evaluate", *words)
    assert done.code == code
    assert [line.partition("\t")[0] for line in done.out.splitlines()] == [
        "method",
        "toy-a",
        "toy-c",
    ]
    assert done.err == f"zoo: {told}\n"
    assert happened == ["toy-a", "row", "toy-b", "toy-c", "row"]
    rows = zoo_here("evaluate", *words, "--json").json
    assert [row["method"] for row in rows] == ["toy-a", "toy-c"]


def test_the_highest_code_of_several_failures_is_given(two, zoo_here, monkeypatch):
    def fail(name, *args, **kwargs):
        raise BadInput("no") if name == "toy-a" else DataError("none")

    monkeypatch.setattr(evaluation, "evaluate", fail)
    done = zoo_here("evaluate", "--all", "--json")
    assert (done.code, done.json) == (3, [])
    assert done.err.count("\n") == 3


def test_a_failure_to_store_loses_no_row(two, zoo_here, monkeypatch):
    def refuse(found):
        raise WeightsError("The disk is full.")

    monkeypatch.setattr("zoo_core._registry.results.store", refuse)
    done = zoo_here("evaluate", "toy-a", "toy-b", "--store", "--json")
    assert (done.code, len(done.json)) == (3, 2)
    assert done.err == "zoo: toy-a: The disk is full.\nzoo: toy-b: The disk is full.\n"


FIRST = {
    "evaluate": ["evaluate", "toy-a", "toy-x"],
    "evaluate, metric": ["evaluate", "--all", "--metric", "acuracy"],
    "evaluate, data": ["evaluate", "--all", "--dataset", "tois"],
    "evaluate, folder": ["evaluate", "toy-a", "./runs/none"],
    "retrain": ["evaluate", "toy-a", "toy-x", "--retrain"],
    "retrain, folder": ["evaluate", "toy-a", "./runs/none", "--retrain"],
    "download": ["download", "toy-a", "toy-x"],
    "download, folder": ["download", "toy-a", "./runs/none"],
    "verify": ["verify", "toy-a", "toy-x"],
    "verify, folder": ["verify", "toy-a", "./runs/none"],
    "verify, claim": ["verify", "toy-a", "toy-paper", "--claim", "fails"],
    "cards": ["cards", "toy-a", "toy-x"],
    "cards, folder": ["cards", "toy-a", "./runs/none"],
    "draw": ["draw", "toy-paper", "toy-x"],
    "publish": ["publish", "toy-a", "toy-x", "--dry-run", "--namespace", "me"],
}


@pytest.mark.parametrize("words", FIRST.values(), ids=FIRST.keys())
def test_names_are_checked_before_anything_is_done(two, zoo_here, monkeypatch, words):
    def never(*args, **kwargs):
        raise AssertionError("it was begun")

    for module, name in (
        (evaluation, "evaluate"),
        (cache, "download"),
        (verifying, "verify"),
        (pictures, "_draw"),
        (publishing, "_hashes"),
    ):
        monkeypatch.setattr(module, name, never)
    monkeypatch.setattr("zoo_core._authoring.comparison.comparison", never)
    done = zoo_here(*words)
    assert (done.code, done.out) == (2, ""), done.err
    assert done.err.count("\n") == 1
    assert not Path("model_cards").exists()


def test_what_was_downloaded_is_printed_when_another_cannot_be(two, zoo_here, monkeypatch):
    happened = failing(monkeypatch, cache, "download", HubError("The network is down."))
    done = zoo_here("download", "--all", "--json")
    assert (done.code, [row["model"] for row in done.json]) == (3, ["toy-a", "toy-c"])
    assert done.err == "zoo: toy-b: The network is down.\n"
    assert happened == ["toy-a", "row", "toy-b", "toy-c", "row"]


def test_what_was_verified_is_printed_when_another_cannot_be(two, zoo_here, monkeypatch):
    happened = failing(monkeypatch, verifying, "verify", PluginError("It gave no finding."))
    words = ["verify", "toy-a", "toy-b", "toy-c", "--stored", "--json"]
    done = zoo_here(*words)
    assert done.code == 3
    assert [row["name"] for row in done.json] == ["holds"]
    assert done.err.startswith("zoo: toy-b: It gave no finding.\n1 claim: ")
    assert happened == ["toy-a", "row", "toy-b", "toy-c"]


def test_claims_before_one_that_breaks_are_in_the_list(two, zoo_here):
    """The paper's last claim returns no finding: what came before is JSON, and so is its end."""
    done = zoo_here("verify", "toy-paper", "--json")
    assert done.code == 3
    assert [row["verdict"] for row in done.json] == ["holds", "fails", "not established", "skipped"]
    assert "claim odd of toy-paper returned a str" in done.err


def test_a_number_whose_weights_cannot_be_had_is_skipped(two, zoo_here):
    assert zoo_here("evaluate", "toy-a", "--store").code == 0
    (two.folder / "zoo_toy" / "weights" / "toy-a.safetensors").unlink()
    done = zoo_here("verify", "toy-a", "toy-b", "--json")
    assert done.code == 3
    number = next(row for row in done.json if row["kind"] == "number")
    assert number["verdict"] == "skipped"
    assert "neither in its plugin's package nor on the Hub" in number["measured"]


def test_what_was_trained_anew_is_printed_when_another_cannot_be(two, zoo_here, monkeypatch):
    from zoo_core._authoring import comparison

    failing(monkeypatch, comparison, "comparison", DataError("toys.bin is nowhere."))
    done = zoo_here("evaluate", "toy-a", "toy-b", "--retrain", "--json")
    assert done.code == 3
    assert [row["method"] for row in done.json] == ["toy-a", "lazy"]
    assert done.err.endswith("zoo: toy-b: toys.bin is nowhere.\n")
    lines = zoo_here("evaluate", "toy-a", "toy-c", "--retrain", "--alone").out.splitlines()
    assert [line.partition("\t")[0] for line in lines] == ["method", "toy-a", "method", "toy-c"]


def test_what_was_published_before_an_error_is_in_the_list(two, zoo_here, monkeypatch):
    def one_by_one(names, *args, **kwargs):
        yield publishing.Publication(
            name="toy-a",
            repo="me/toy-a",
            action="created",
            revision="1" * 40,
            changed=[],
            deleted=[],
            url="u",
        )
        raise HubError("The network is down.")

    monkeypatch.setattr(publishing, "one_by_one", one_by_one)
    done = zoo_here("publish", "--all", "--json")
    assert (done.code, done.err) == (3, "zoo: The network is down.\n")
    assert [row["repo"] for row in done.json] == ["me/toy-a"]


def test_cards_that_were_written_before_an_error_are_told(two, zoo_here, tmp_path):
    words = ["train", "toy-a", "--out", "mine"]
    assert zoo_here(*words).code == 0
    Path("mine/README.md").write_text("Somebody's own page.")
    done = zoo_here("cards", "toy-a", "./mine", "--json")
    assert done.code == 2
    assert done.json == {"written": ["toy-a"]}
    assert "not made by the zoo" in done.err


def test_sources_before_one_that_cannot_be_used_are_printed(two, zoo_here):
    Path("good.json").write_text("[[0.0, 9.0, 0.0, 0.0]]")
    words = ["predict", "toy-a", "good.json", "bad.json", "--each"]
    done = zoo_here(*words)
    assert done.code == 2
    assert done.out == "source\trow\tlabel\ngood.json\t0\t1\n"
    done = zoo_here(*words, "--json")
    assert done.json == [{"source": "good.json", "row": 0, "label": 1}]


def test_nothing_is_printed_where_nothing_was_found(two, zoo_here):
    for words in (["evaluate", "toy-x"], ["verify", "toy-x"], ["download", "toy-x"]):
        assert zoo_here(*words, "--json").out == ""


def test_a_list_that_comes_is_the_same_json(capsys):
    rows = [{"a": 1, "b": {"c": [1, 2]}}, {"a": 'x"\n', "b": None}]
    for several in ([], rows[:1], rows):
        with Coming(True) as coming:
            for row in several:
                coming.add(row)
        assert capsys.readouterr().out == json.dumps(several, indent=1) + "\n"


def test_columns_are_as_wide_as_what_came(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    with Coming(False, {"name": 6}) as coming:
        coming.add({"name": "a", "value": "1"})
        coming.add({"name": "b", "value": "1234567"})
        coming.add({"name": "c\x1b[31m", "value": "1"})
    assert capsys.readouterr().out.splitlines() == [
        "name    value",
        "a       1",
        "b       1234567",
        "c [31m  1",
    ]


def test_a_trace_is_one_flag_away_for_each(two, zoo_here, monkeypatch):
    failing(monkeypatch, evaluation, "evaluate", KeyError("nothing"))
    monkeypatch.setenv("ZOO_TRACEBACK", "1")
    done = zoo_here("evaluate", "--all")
    assert "Traceback (most recent call last)" in done.err
    assert registry().models.get("toy-c").name in done.out
