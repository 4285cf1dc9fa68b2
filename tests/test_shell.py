"""The shell: verbs, exit codes, one sentence for an error, and output that other programs read."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Optional

import pytest

from zoo_core._loading import making
from zoo_core.errors import DataError, PluginError, WeightsError


def told(outcome, code, *parts):
    """Check an outcome's exit code, and that its one sentence on stderr has all the parts."""
    assert outcome.code == code, outcome.err
    assert outcome.err.startswith("zoo: ")
    assert outcome.err.count("\n") == 1
    for part in parts:
        assert part in outcome.err
    assert "Traceback" not in outcome.err


JSON_VERBS = {
    "list": (["list"], lambda rows: rows[0]["name"] == "toy-a" and rows[0]["parameters"] == 15),
    "list --untrained": (
        ["list", "--untrained"],
        lambda rows: [row["name"] for row in rows] == ["toy-a", "toy-b"],
    ),
    "list nothing": (["list", "zzz*"], lambda rows: rows == []),
    "list --papers": (["list", "--papers"], lambda rows: rows[0]["title"] == "Toys"),
    "list --architectures": (["list", "--architectures"], lambda rows: rows[0]["task"] == "toying"),
    "list --datasets": (["list", "--datasets"], lambda rows: rows[0]["license"] == "MIT"),
    "list --metrics": (["list", "--metrics", "acc*"], lambda rows: rows[0]["name"] == "accuracy"),
    "show model": (["show", "toy-a"], lambda facts: facts["weights"]["parameters"] == 15),
    "show card": (
        ["show", "toy-a", "--card"],
        lambda facts: facts["name"] == "toy-a" and "\n# toy-a\n" in facts["card"],
    ),
    "show paper": (["show", "toy-paper"], lambda facts: facts["kind"] == "paper"),
    "show dataset": (["show", "toys"], lambda facts: facts["kind"] == "dataset"),
    "predict": (["predict", "toy-a"], lambda rows: len(rows) == 3 and rows[2]["row"] == 2),
    "predict stream": (
        ["predict", "toy-a", "--way", "stream"],
        lambda rows: rows == ["piece0 ", "piece1 ", "piece2 "],
    ),
    "evaluate": (["evaluate", "toy-a"], lambda rows: rows[0]["values"] == [1.0]),
    "evaluate options": (
        ["evaluate", "toy-a", "--dataset", "toys", "--option", "fold=1", "--split", "train"],
        lambda rows: rows[0]["options"] == {"fold": 1} and rows[0]["split"] == "train",
    ),
    "evaluate wildcard": (["evaluate", "toy-*", "toy-a"], lambda rows: len(rows) == 1),
    "download wildcard": (["download", "t?y-*"], lambda rows: rows[0]["model"] == "toy-a"),
    "cards wildcard": (["cards", "t?y-a"], lambda found: found == {"written": ["toy-a"]}),
    "evaluate --all": (["evaluate", "--all"], lambda rows: len(rows) == 1),
    "train": (["train", "toy-b", "--out", "here"], lambda facts: facts["shape"]["inputs"] == 4),
    "verify": (["verify", "toy-a"], lambda rows: rows[0]["verdict"] == "holds"),
    "cards": (["cards"], lambda facts: facts == {"written": ["toy-a"]}),
    "plugins": (["plugins"], lambda facts: facts["plugins"][1]["distribution"] == "zoo-toy"),
    "plugins -v": (["plugins", "-v"], lambda facts: facts["weights cache"]),
    "demo": (["demo"], lambda steps: steps[0]["step"] == "load"),
}


@pytest.mark.parametrize(("words", "fits"), JSON_VERBS.values(), ids=JSON_VERBS.keys())
def test_every_verb_prints_json(toy, zoo_here, words, fits):
    outcome = zoo_here(*words, "--json")
    assert outcome.code == 0, outcome.err
    assert fits(outcome.json), outcome.out


def test_what_is_piped_is_tab_separated(toy, zoo_here):
    header, row = (line.split("\t") for line in zoo_here("list").out.splitlines())
    assert dict(zip(header, row, strict=True))["name"] == "toy-a"
    assert "\x1b" not in zoo_here("verify", "toy-a").out


WRONG_USE = {
    "unknown model": (["show", "toy-x"], ["'toy-x'", "did you mean", "'toy-a'"]),
    "unknown to predict": (["predict", "toy-x"], ["no model 'toy-x'"]),
    "missing file": (["predict", "toy-a", "none.json"], ["no file 'none.json'", "give a JSON"]),
    "unknown predict option": (
        ["predict", "toy-a", "--cuont", "3"],
        ["predict of toy-a has no option 'cuont'", "did you mean 'count'", "source, way, count"],
    ),
    "option without value": (["predict", "toy-a", "--count"], ["--count has no value"]),
    "wrong sort": (["list", "--sort", "age"], ["'age'", "name, parameters, result"]),
    "two lists": (["list", "--papers", "--datasets"], ["--papers and --datasets are several"]),
    "a filter that papers have not": (["list", "--papers", "--sort", "nonsense"], ["no --sort"]),
    "a filter that metrics have not": (
        ["list", "--metrics", "--max-parameters", "0"],
        ["--metrics lists metrics by name, and takes no --max-parameters"],
    ),
    "a claim's card": (["show", "toy-paper", "holds", "--card"], ["takes no claim"]),
    "names and all": (["evaluate", "toy-a", "--all"], ["the names, or --all"]),
    "what a wildcard fits is not in the cache": (
        ["cache", "verify", "t?y-a"],
        ["toy-a is not in the cache", "zoo download toy-a"],
    ),
    "a wildcard that fits nothing": (
        ["evaluate", "tiy-*"],
        ["No name fits 'tiy-*'", "did you mean 'toy-a'", "zoo list"],
    ),
    "an architecture to evaluate": (["evaluate", "toy-a", "toy"], ["is an architecture, not"]),
    "a wrong name after a good one": (["evaluate", "toy-a", "toy-x"], ["no model 'toy-x'"]),
    "a wrong name to download": (["download", "toy-a", "toy-x"], ["no model 'toy-x'"]),
    "neither": (["verify"], ["the names, or --all"]),
    "unknown dataset": (["evaluate", "toy-a", "--dataset", "tois"], ["'tois'", "'toys'"]),
    "unknown dataset option": (
        ["evaluate", "toy-a", "--option", "flod=1"],
        ["Dataset toys has no option 'flod'", "it takes fold"],
    ),
    "unknown metric": (["evaluate", "toy-a", "--metric", "acuracy"], ["'acuracy'", "'accuracy'"]),
    "unknown claim": (["verify", "toy-paper", "--claim", "x"], ["no claim 'x'", "holds, fails"]),
    "unknown hyperparameter": (
        ["train", "toy-a", "--set", "stepz=3"],
        ["toy has no hyperparameter 'stepz'", "did you mean 'steps'"],
    ),
    "architecture without data": (["train", "toy"], ["toy is an architecture", "--dataset"]),
    "neither file nor dataset": (
        ["train", "toy", "--dataset", "tois"],
        ["'tois' is neither a file nor a dataset", "'toys'"],
    ),
    "unknown to install": (["install", "nothing-known"], ["'nothing-known'", "pip"]),
}


@pytest.mark.parametrize(("words", "parts"), WRONG_USE.values(), ids=WRONG_USE.keys())
def test_wrong_use_is_told_in_one_sentence(toy, zoo_here, words, parts):
    told(zoo_here(*words), 2, *parts)


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["list", "--nonsense"], "No such option"),
        (["nonsense"], "No such command"),
        (["show"], "Missing argument"),
        (["evaluate", "toy-a", "--option", "fold"], "is not KEY=VALUE"),
        (["list", "--max-parameters", "many"], "not a valid integer"),
        (["list", "--paper", "toy", "--paper", "other"], "--paper is given twice"),
        (["evaluate", "toy-a", "--option", "fold=0", "--option", "fold=1"], "fold is given twice"),
        (["predict", "toy-a", "--way", "a", "--way", "b"], "--way is given twice"),
    ],
)
def test_unknown_options_are_wrong_use(toy, zoo_here, words, part):
    outcome = zoo_here(*words)
    assert outcome.code == 2
    assert part.lower() in outcome.err.lower()
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize(
    ("error", "code"),
    [(PluginError, 3), (WeightsError, 3), (DataError, 3)],
)
def test_each_kind_of_error_has_its_exit_code(toy, zoo_here, monkeypatch, error, code):
    def fail(*args, **kwargs):
        raise error("it went wrong.")

    monkeypatch.setattr("zoo_core._registry.listing.found", fail)
    told(zoo_here("show", "toy-a"), code, "it went wrong.")


def test_what_one_model_lacks_does_not_lose_the_numbers_of_others(toy, zoo_here):
    done = zoo_here("evaluate", "toy-b", "toy-a", "--json")
    assert done.code == 3
    assert [row["method"] for row in done.json] == ["toy-a"]
    assert done.err.startswith("zoo: toy-b: toy-b has no weights yet")
    told(zoo_here("evaluate", "toy-b"), 3, "zoo: toy-b has no weights yet")


def test_an_unexpected_error_is_one_sentence_with_its_trace_one_flag_away(toy, zoo_here):
    words = ["predict", "toy-a", "--way", "bug"]
    told(zoo_here(*words), 3, "unexpected KeyError", "'nothing'", "--traceback")
    toy.monkeypatch.setenv("ZOO_TRACEBACK", "1")
    outcome = zoo_here(*words)
    assert outcome.code == 3
    assert "Traceback (most recent call last)" in outcome.err
    assert "zoo_toy/model.py" in outcome.err


@pytest.mark.parametrize(
    "words",
    [["--traceback", "show", "toy-x"], ["show", "toy-x", "--traceback"]],
    ids=["before the verb", "after it"],
)
def test_a_flag_shows_the_trace(toy, words):
    outcome = toy.zoo(*words)
    assert outcome.code == 2
    assert "Traceback" in outcome.err
    assert outcome.err.splitlines()[-1].startswith("zoo: ")


def test_help_and_version(toy, zoo_here):
    assert "Pretrained models" in zoo_here("--help").out
    assert zoo_here("--version").out.startswith("zoo, version ")
    verbs = (
        "list show predict evaluate train verify publish download draw cards plugins install "
        "new demo"
    ).split()
    for verb in [*verbs, "cache list", "cache verify", "cache clean"]:
        outcome = zoo_here(*verb.split(), "--help")
        assert outcome.code == 0
        assert "--json" in outcome.out, verb
        assert "--traceback" in outcome.out, verb


@pytest.mark.parametrize("verb", ["train", "evaluate"])
def test_an_interrupt_stops_with_130_and_leaves_nothing_half_written(site, verb):
    waiting = {
        "data.py": """
            import time
            def make(fold=0):
                print("started", flush=True)
                time.sleep(60)
        """
    }
    site.add_toy("toy-a", beyond=waiting)
    before = sorted(path for path in site.folder.rglob("*") if "__pycache__" not in path.parts)
    child = subprocess.Popen(
        [sys.executable, "-m", "zoo_core", verb, "toy-a"],
        env=site.env(),
        cwd=site.folder.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A test run in the background ignores interrupts, and so would its children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert child.stdout.readline() == "started\n"
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=30)
    assert child.returncode == 130
    assert "zoo: interrupted" in err
    assert "Traceback" not in err
    after = sorted(path for path in site.folder.rglob("*") if "__pycache__" not in path.parts)
    assert after == before
    assert not (site.folder.parent / "runs").exists()


@pytest.mark.parametrize("words", [["list", "--metrics"], ["--help"], ["show", "toy-a", "--json"]])
def test_a_reader_that_closes_the_pipe_is_no_error(toy, words):
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "zoo_core", *words],
        env=toy.env(),
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (0, "")


VERDICTS = {"holds": 0, "fails": 1, "open": 0, "nodata": 3}


@pytest.mark.parametrize(("claim", "code"), VERDICTS.items())
def test_a_claims_verdict_is_the_exit_code(toy, zoo_here, claim, code):
    outcome = zoo_here("verify", "toy-paper", "--claim", claim)
    assert outcome.code == code
    verdict = {"open": "not established", "nodata": "skipped"}.get(claim, claim)
    assert outcome.out.startswith(verdict)
    assert "expected it at least 1 % (paper)" in outcome.out


def test_a_failing_claim_outweighs_a_skipped_one(site, zoo_here):
    odd = 'verdicts = ("holds", "fails", "open", "nodata", "odd")'
    package = site.add_toy("toy-a")
    source = (package / "__init__.py").read_text()
    (package / "__init__.py").write_text(source.replace(odd, odd.replace(', "odd"', "")))
    site.use()
    assert zoo_here("verify", "toy-paper").code == 1
    quick = zoo_here("verify", "toy-paper", "--quick")
    assert quick.code == 3, "the failing claim is slow, the skipped one is left"
    assert "set ZOO_DATA_MIRROR" in quick.out


def test_a_check_that_returns_no_finding_is_told(toy, zoo_here):
    outcome = zoo_here("verify", "toy-paper", "--claim", "odd")
    told(outcome, 3, "claim odd of toy-paper returned a str", "expected a zoo_core.Finding")


def test_findings_are_stored_for_the_card(toy, zoo_here):
    assert zoo_here("verify", "toy-paper", "--claim", "holds", "--store").code == 0
    stored = json.loads((toy.folder / "zoo_toy" / "results" / "claims.json").read_text())
    assert stored["holds"]["verdict"] == "holds"
    assert stored["holds"]["command"] == "zoo verify toy-paper --claim holds"
    assert stored["holds"]["versions"]["zoo-toy"] == "1.0"
    assert "**holds**" in zoo_here("show", "toy-a", "--card").out


def test_a_number_that_is_not_found_again_fails(toy, zoo_here):
    zoo_here("evaluate", "toy-a", "--store")
    assert zoo_here("verify", "toy-a").code == 0
    path = toy.folder / "zoo_toy" / "results" / "toy-a.json"
    content = json.loads(path.read_text())
    content["measured"][0]["values"] = [0.5]
    path.write_text(json.dumps(content))
    outcome = zoo_here("verify", "toy-a")
    assert outcome.code == 1
    assert "expected 50.0 % (its card)" in outcome.out
    assert "measured 100.0 %" in outcome.out


def test_cards_are_written_checked_and_pruned(toy, zoo_here):
    folder = Path("model_cards")
    told(zoo_here("cards", "--check"), 1, "out of step: toy-a", "zoo cards")
    assert not folder.exists()
    assert "Written: toy-a" in zoo_here("cards").out
    assert "# toy-a" in (folder / "toy-a.md").read_text()
    assert zoo_here("cards", "--check").code == 0
    (folder / "gone-a.md").write_text((folder / "toy-a.md").read_text())
    (folder / "README.md").write_text("# About these cards\n")
    told(zoo_here("cards", "--check"), 1, "out of step: gone-a;")
    assert (folder / "gone-a.md").exists()
    zoo_here("cards")
    assert sorted(path.name for path in folder.iterdir()) == ["README.md", "toy-a.md"]
    (folder / "toy-a.md").write_text("edited by hand")
    told(zoo_here("cards", "--check"), 1, "out of step: toy-a")
    told(zoo_here("show", "toy-b", "--card"), 3, "toy-b has no weights yet")


def test_streams_are_printed_as_they_come(toy, zoo_here):
    outcome = zoo_here("predict", "toy-a", "--way", "stream", "--count", "2")
    assert outcome.out == "piece0 piece1 \n"


def test_predictions_are_cut_for_people_and_whole_in_a_file(toy, zoo_here, tmp_path):
    words = ["predict", "toy-a", "--count", "30"]
    outcome = zoo_here(*words)
    assert len(outcome.out.splitlines()) == 1 + 20
    assert "10 more rows" in outcome.err
    assert len(zoo_here(*words, "--limit", "0").out.splitlines()) == 1 + 30
    assert len(zoo_here(*words, "--json").json) == 30
    zoo_here(*words, "--output", tmp_path / "out.json")
    assert len(json.loads((tmp_path / "out.json").read_text())) == 30


def test_predicting_on_a_users_file(toy, zoo_here, tmp_path):
    path = tmp_path / "rows.json"
    path.write_text("[[0.0, 9.0, 0.0, 0.0], [9.0, 0.0, 0.0, 0.0]]")
    rows = zoo_here("predict", "toy-a", path, "--json").json
    assert [row["label"] for row in rows] == [1, 0]


@pytest.fixture
def users_file(tmp_path):
    rows = [[float(i % 5), float(i % 3), 1.0] for i in range(20)]
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"x": rows, "y": [i % 2 for i in range(20)]}))
    return path


def test_the_score_is_told_after_training(toy, zoo_here, users_file):
    words = ["train", "toy", "--dataset", users_file, "--inputs", "3", "--classes", "3"]
    done = zoo_here(*words)
    assert done.code == 0, done.err
    first, last = done.out.splitlines()
    assert first.startswith("Accuracy on the test split: ")
    assert first.endswith(" %")
    assert last.startswith("Written to ")
    found = zoo_here(*words, "--force", "--json").json
    assert found["split"] == "test"
    (row,) = zoo_here("evaluate", "./runs/toy-mine", "--json").json
    assert found["metrics"] == {"accuracy": row["value"]}


@pytest.mark.parametrize(
    ("splits", "told"),
    [
        (("train", "val"), "Accuracy on the val split: "),
        (("train",), "nothing was measured: the data have no split "),
    ],
)
def test_what_cannot_be_measured_on_test_is_told(site, zoo_here, users_file, splits, told):
    package = site.add_toy("toy-a")
    source = (package / "data.py").read_text()
    first, second = '{"train": (x[:half], y[:half]), ', '"test": (x[half:], y[half:])}'
    assert first + second in source
    more = '"val": (x[half:], y[half:])}' if "val" in splits else "}"
    (package / "data.py").write_text(source.replace(first + second, first + more))
    site.use()
    done = zoo_here("train", "toy", "--dataset", users_file, "--inputs", "3", "--classes", "3")
    assert done.code == 0, done.err
    assert told in done.out + done.err
    assert "Written to runs/toy-mine" in done.out


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_a_terminal_without_the_characters_shows_what_it_can(site, zoo_here, encoding, monkeypatch):
    package = site.add_toy("toy-a")
    told = "A.  ά ⟨ε⟩ → ℝ 😀"
    for path in package.glob("*.py"):
        text = path.read_text(encoding="utf-8").replace("A toy.", told).replace("Toys", told)
        path.write_text(
            text.replace(f"class {told}", "class Toys").replace(f"return {told}(", "return Toys("),
            encoding="utf-8",
        )
    site.use()
    verbs = [words for words, _ in JSON_VERBS.values()]
    verbs += [["show", "toy-a", "--card"], ["show", "tόy"], ["evaluate", "toy-a", "--metric", "→"]]
    for words in verbs:
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding=encoding) for _ in range(2))
        monkeypatch.setattr("sys.stdout", out)
        monkeypatch.setattr("sys.stderr", err)
        code = zoo_here(*words).code
        out.flush(), err.flush()
        assert code != 3, (words, err.buffer.getvalue())
        assert b"bug" not in err.buffer.getvalue()
        if words == ["show", "toy-a", "--card"]:
            assert b"toy-a" in out.buffer.getvalue()


@pytest.mark.parametrize(
    "words", [["evaluate", "toy-a", "--again"], ["train", "toy-a", "--out", "o", "--force"]]
)
def test_a_strict_verb_refuses_what_is_noticed(site, zoo_here, words):
    package = site.add_toy("toy-a")
    source = (package / "data.py").read_text()
    made = "def make(fold=0):"
    assert made in source
    noting = f'{made}\n    __import__("zoo_core").notice("2 rows were dropped.")'
    (package / "data.py").write_text(source.replace(made, noting))
    site.use()
    for _ in range(2):
        done = zoo_here(*words, "--json")
        assert (done.code, done.err) == (0, "zoo: 2 rows were dropped.\n")
        assert done.json
    done = zoo_here(*words, "--strict")
    told(done, 2, "2 rows were dropped. That is refused because strict was asked for.")
    assert zoo_here(*words, "--json").code == 0, "strictness ends with its command"


def test_training_on_a_users_file_through_the_architectures_reader(toy, zoo_here, users_file):
    words = ["train", "toy", "--dataset", users_file, "--set", "inputs=3", "--set", "classes=2"]
    outcome = zoo_here(*words)
    assert outcome.code == 0, outcome.err
    assert "zoo.load('./runs/toy-mine')" in outcome.out
    config = json.loads(Path("runs/toy-mine/config.json").read_text())
    assert config.pop("zoo")["architecture"] == "toy"
    assert config == {"inputs": 3, "classes": 2}
    content = Path("runs/toy-mine/model.safetensors").read_bytes()
    told(zoo_here(*words), 2, "runs/toy-mine has a trained model already", "--out", "--force")
    assert Path("runs/toy-mine/model.safetensors").read_bytes() == content
    assert zoo_here(*words, "--force", "--seed", "1").code == 0
    assert Path("runs/toy-mine/model.safetensors").read_bytes() != content


@pytest.mark.parametrize(
    "words",
    [
        ["--steps", "0", "--inputs=4", "--seed", "3"],
        ["--seed", "3", "--set", "steps=9", "--inputs", "4", "--steps=0"],
        ["--set", "inputs=4", "--steps", "0", "--seed=3"],
    ],
    ids=["after the name", "over --set", "both"],
)
def test_further_options_of_train_are_hyperparameters(toy, zoo_here, words):
    wanted = zoo_here("train", "toy-b", "--set", "steps=0", "--seed", "3", "--out", "one")
    assert wanted.code == 0, wanted.err
    found = zoo_here("train", "toy-b", *words, "--out", "two")
    assert found.code == 0, found.err
    one, two = (Path(out) / "model.safetensors" for out in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()
    facts = json.loads(Path("two/config.json").read_text())["zoo"]
    assert facts["recipe"] == {"steps": 0}
    assert facts["seed"] == 3


WRONG_HYPERPARAMETERS = {
    "unknown": (["--stepz", "3"], ["no hyperparameter 'stepz'", "'steps'", "classes, inputs, st"]),
    "hyphens": (["--no-such=3"], ["no hyperparameter 'no_such'"]),
    "without a value": (["--steps"], ["Option --steps has no value; write --steps VALUE"]),
    "a word": (["toys"], ["'toys' is no option; write zoo train toy-a --dataset NAME|FILE"]),
    "a second value": (["--steps", "3", "4"], ["'4' is no option"]),
    "one hyphen": (["-steps", "3"], ["'-steps' is no option"]),
    "no number": (["--steps", "many"], ["toy-a cannot be trained so"]),
}


@pytest.mark.parametrize(
    ("words", "parts"), WRONG_HYPERPARAMETERS.values(), ids=WRONG_HYPERPARAMETERS.keys()
)
def test_wrong_hyperparameters_are_told(toy, zoo_here, words, parts):
    told(zoo_here("train", "toy-a", *words, "--out", "out"), 2, *parts)
    assert not Path("out").exists()


def test_an_architectures_own_dataset_is_trained_on(site, zoo_here, users_file):
    package = site.add_toy("toy-a")
    source = (package / "__init__.py").read_text()
    (package / "__init__.py").write_text(source.replace("task=", 'dataset="toys", task=', 1))
    site.use()
    assert "zoo.load('./runs/toy-toys')" in zoo_here("train", "toy").out
    assert json.loads(Path("runs/toy-toys/config.json").read_text())["zoo"]["dataset"] == "toys"
    words = ["train", "toy", "--dataset", users_file, "--inputs", "3", "--classes", "2"]
    assert "runs/toy-mine" in zoo_here(*words).out, "another one can be asked for"


TEXTUAL = """
    from typing import Any, Optional

    import torch

    class Toy(torch.nn.Module):
        def __init__(self, inputs: int, classes: int):
            super().__init__()
            self.layer = torch.nn.Linear(inputs, classes)

        def predict(
            self,
            *sources: str,
            prompt: str | None = None,
            name: Optional[str] = None,
            count: int = 1,
            mixed: str | int = 1,
            free=None,
        ) -> list[dict[str, Any]]:
            return [{"prompt": prompt, "name": name, "count": count, "mixed": mixed, "free": free}]
"""


@pytest.mark.parametrize("text", ["123", "true", "", "null", "[1]", '"a"', "-1", "plain"])
def test_options_that_take_text_get_it_as_it_is(site, zoo_here, text):
    site.add_toy("toy-a", beyond={"model.py": TEXTUAL})
    site.use()
    (row,) = zoo_here("predict", "toy-a", "--prompt", text, f"--name={text}", "--json").json
    assert row["prompt"] == row["name"] == text


def test_other_options_are_read_as_json_where_they_are(site, zoo_here):
    site.add_toy("toy-a", beyond={"model.py": TEXTUAL})
    site.use()
    words = ["--count", "3", "--mixed", "7", "--free", '{"a": [true, null]}', "--json"]
    (row,) = zoo_here("predict", "toy-a", *words).json
    assert row == {
        "prompt": None,
        "name": None,
        "count": 3,
        "mixed": 7,
        "free": {"a": [True, None]},
    }
    (row,) = zoo_here("predict", "toy-a", "--mixed", "word", "--free", "", "--json").json
    assert (row["mixed"], row["free"]) == ("word", "")


def test_which_options_take_text():
    # The rules that are switched off name what authors write all the same, and what is told apart.
    def call(a: str, b: str | None, *, c: int | str = 1, d: Any = 2, e=3, f: Optional[str] = None):  # noqa: UP045
        """Take some text."""

    def unresolved(a: str, b: Unknown):  # noqa: F821
        """Take what is not known."""

    assert making.text_options(call) == {"a", "b", "f"}
    assert making.text_options(unresolved) == set()
    assert making.text_options(None) == set()

    def several(a: list[str], b: Sequence[str] | None, c: str):
        """Take texts."""

    assert making.text_options(several) == {"c"}


def test_a_users_file_that_cannot_be_read_is_told(toy, zoo_here, tmp_path):
    (tmp_path / "bad.json").write_text("{")
    told(zoo_here("train", "toy", "--dataset", tmp_path / "bad.json"), 2, "is not a toy file")
