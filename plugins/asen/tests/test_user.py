"""What a user does with sequences: label them, train on their own, with a group of their own."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import torch

import zoo
from zoo_core import BadInput

SMALL = ("--set", "hidden=16", "--set", "layers=1", "--set", "epochs=1")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with sequences whose labels commute with reversal."""
    folder = tmp_path_factory.mktemp("home")
    x = np.random.default_rng(0).integers(5, size=(40, 5))
    rows = [
        f"{' '.join(map(str, one))},{' '.join(map(str, (one == one[::-1]).astype(int)))}"
        for one in x
    ]
    (folder / "mine.csv").write_text("sequence,labels\n" + "\n".join(rows) + "\n")
    (folder / "generators.txt").write_text("# reversal\n4 3 2 1 0\n")
    sums = [f"{' '.join(map(str, one))},{one.sum()}" for one in x]
    (folder / "sums.csv").write_text("sequence,target\n" + "\n".join(sums) + "\n")
    return folder


@pytest.fixture
def run(home, monkeypatch, zoo_here):
    """The shell, in the user's folder."""
    monkeypatch.chdir(home)
    return zoo_here


def test_sequences_and_a_group_of_ones_own(run, tmp_path):
    done = run(
        "train", "asen", "--dataset", "mine.csv", "--group", "generators.txt", *SMALL,
        "--out", tmp_path / "it",
    )  # fmt: skip
    assert done.code == 0, done.err
    module = zoo.load(tmp_path / "it")
    # The generators are kept, and not the name of a file.
    assert module.zoo_made.shape["group"] == [[4, 3, 2, 1, 0]]
    assert module.edges.num_embeddings == 13
    rows = run("predict", tmp_path / "it", "0 1 2 3 4", "4 3 2 1 0", "--json").json
    first, second = (row["labels"] for row in rows)
    assert first == second[::-1]
    (one,) = run("predict", tmp_path / "it", "0 1 2 3 4", "--group", "symmetric", "--json").json
    assert len(one["labels"]) == 5
    done = run("predict", tmp_path / "it", "0 1 2 3 4", "--group", "cyclic")
    assert done.code == 2 and "train with --group" in done.err and "Traceback" not in done.err
    done = run("predict", tmp_path / "it", "0 1 2 3 9")
    assert done.code == 2 and "'9' is no token; expected whole numbers from 0 to 4" in done.err


def test_numbers_of_ones_own(run, tmp_path):
    done = run(
        "train", "asen-regression", "--dataset", "sums.csv", "--group", "symmetric", *SMALL,
        "--out", tmp_path / "it",
    )  # fmt: skip
    assert done.code == 0, done.err
    rows = run("predict", tmp_path / "it", "0 1 2 3 4", "4 2 3 1 0", "--json").json
    assert rows[0]["prediction"] == pytest.approx(rows[1]["prediction"], abs=1e-3)
    assert rows[0]["sequence"] == "0 1 2 3 4"
    done = run("train", "asen", "--dataset", "sums.csv", *SMALL, "--out", tmp_path / "no")
    assert done.code == 2 and "train asen-regression" in done.err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("3 2 1 0\n", "moves 4 points"),
        ("4 3 2 1 1\n", "no permutation"),
        ("1 2 3 4 5\n", "numbers the points from 1; number them from 0"),
        ("4 3 two 1 0\n", "whole numbers"),
    ],
    ids=["short", "twice", "from one", "words"],
)
def test_what_is_no_group_is_refused(run, home, text, told):
    (home / "wrong.txt").write_text(text)
    done = run("train", "asen", "--dataset", "mine.csv", "--group", "wrong.txt", *SMALL)
    assert done.code == 2 and told in done.err and "Traceback" not in done.err, done.err


def test_pretrained_networks_label_sequences(run):
    (row,) = run(
        "predict", "asen-seq3", "7 1 4 4 1 0 9 8 3 6", "--task", "palindrome", "--json"
    ).json
    assert row["labels"] == [0, 1, 1, 1, 1, 0, 0, 0, 0, 0] and row["probability"] > 0.5
    done = run("predict", "asen-seq3", "7 1 4 4 1 0 9 8 3 6")
    assert done.code == 2 and "Say which task: palindrome, cyclicsum, intersect" in done.err
    done = run("predict", "asen-seq3", "7 1 4 4 1", "--task", "palindrome")
    assert done.code == 2 and "has 5 tokens; expected 10" in done.err
    done = run("predict", "asen-seq3", "7 1 4 4 1 0 9 8 3 81", "--task", "palindrome")
    assert done.code == 2 and "'81' is no token" in done.err
    module = zoo.load("asen-seq3")
    with pytest.raises(BadInput, match="such as '0 1 2 3"):
        module.predict(task="palindrome")
    found = module.predict(np.arange(20).reshape(2, 10) % 7, task="intersect")
    assert [one["labels"] for one in found] == [[1, 1, 1, 0, 0, 0, 0, 1, 1, 1]] * 2


def test_data_of_others_are_refused():
    module = zoo.load("asen1-cyclicsum")
    with pytest.raises(BadInput, match="no task 'palindrome'"):
        zoo.evaluate(module, "asen-sequences", tasks="palindrome")
    with pytest.raises(BadInput, match="8 positions; the model takes 10"):
        zoo.evaluate(module, "asen-numbers")


def test_the_readmes_python_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(0)
    text = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    for code in re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL):
        exec(code, {})
