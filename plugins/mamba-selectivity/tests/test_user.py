"""What a user does, as the README shows it."""

from __future__ import annotations

import pytest

import zoo
from zoo_core import BadInput


def test_a_prompt_is_answered_by_trained_and_exact_models():
    model = zoo.load("mamba2-mqar")
    rows = zoo.predict(model, "8 200 3 140 12 150 5 129 3 0 8")
    assert [(row["query"], row["answer"]) for row in rows] == [(3, 140), (8, 200)]
    asked = zoo.predict(model, {"pairs": [[8, 200], [3, 140]], "queries": [3, 8]})
    assert [row["query"] for row in asked] == [3, 8]
    exact = zoo.load("mamba-mqar-exact")
    assert [row["answer"] for row in zoo.predict(exact, "8 700 3 650 2 0 3 0 8")] == [650, 700]


def test_a_symbol_is_remembered():
    assert zoo.predict(zoo.load("s6-keepnth-exact"), "3 15 0 7 7 1", position=1)[0]["answer"] == 15
    (row,) = zoo.predict(zoo.load("mamba-keepnth"), [7, 2, 11, 5] * 64)
    assert (row["position"], row["answer"]) == (64, 7)


def test_a_signal_has_its_wavelet_coefficients():
    rows = zoo.predict(zoo.load("s6-haar-exact"), 4, 2, 5, 5)
    assert [row["coefficient"] for row in rows] == pytest.approx([8, -2, 2**0.5, 0], abs=1e-6)


def test_data_of_other_sizes_and_their_training_stream():
    task = zoo.dataset("mqar", length=64, pairs=8)
    assert task.part("test").tokens.shape == task.part("test").targets.shape == (1000, 64)
    assert next(task.stream(seed=5, batch=64)).tokens.shape == (64, 64)


def test_data_that_a_model_does_not_know_are_wrong_use():
    with pytest.raises(BadInput, match="option vocabulary=256"):
        zoo.evaluate("mamba2-mqar", options={"vocabulary": 64})
    with pytest.raises(BadInput, match="Token 256 is out of the vocabulary"):
        zoo.predict(zoo.load("mamba2-mqar"), "8 256 8")


def test_the_shell_answers_a_prompt_and_a_signal(zoo_here):
    found = zoo_here("predict", "mamba2-mqar", "8 200 3 140 12 150 5 129 3 0 8", "--json")
    assert found.code == 0
    assert [row["answer"] for row in found.json] == [140, 200]
    found = zoo_here("predict", "s6-haar-exact", "4", "2", "5", "5", "--json")
    assert found.json[0]["coefficient"] == pytest.approx(8, abs=1e-6)


def test_the_shell_trains_and_measures_what_it_trained(zoo_here, tmp_path):
    words = (
        "--dataset mqar --set mixer=mamba --set updates=2 --set stage_updates=1 --option pairs=2"
    )
    found = zoo_here("train", "recall-network", *words.split(), "--out", tmp_path / "mine")
    assert found.code == 0
    found = zoo_here("evaluate", tmp_path / "mine", "--json", "--batch-size", "500")
    assert 0 <= found.json[0]["value"] <= 1


def test_wrong_use_ends_with_its_exit_code(zoo_here):
    for words in (
        ("predict", "mamba2-mqar", "8 x 8"),
        ("evaluate", "s4d-mqar", "--split", "dev"),
        ("evaluate", "s6-haar-exact", "--metric", "accuracy"),
        ("evaluate", "mamba-keepnth", "--dataset", "haar"),
    ):
        found = zoo_here(*words)
        assert found.code == 2, found.err


def test_stored_claims_are_judged_by_their_bounds(zoo_here):
    rows = zoo_here("verify", "mamba-selectivity", "--stored", "--json").json
    assert len(rows) == 16
    assert {row["verdict"] for row in rows} <= {"holds", "fails", "not established"}
    assert sum(row["amendments"] for row in rows) == 3
