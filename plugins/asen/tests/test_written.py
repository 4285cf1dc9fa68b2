"""Sequences as people write them, one or several, and what is no sequence."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from zoo_asen.sequences.written import as_codes, as_numbers

from zoo_core import BadInput

PI = [3, 1, 4, 1, 5]


@pytest.mark.parametrize(
    "source",
    [
        "3 1 4 1 5",
        " 3,1, 4;1 5\n",
        "[3, 1, 4, 1, 5]",
        PI,
        tuple(PI),
        [str(one) for one in PI],
        np.array(PI),
        np.array([PI], dtype=np.float64),
        torch.tensor(PI),
        [PI],
        ["3 1 4 1 5"],
        {"sequence": ["3 1 4 1 5"]},
        pd.DataFrame({"sequence": ["3 1 4 1 5"], "other": ["x"]}),
    ],
    ids=lambda one: type(one).__name__,
)
def test_one_sequence_in_many_ways(source):
    assert as_codes(source, 5, 10).tolist() == [PI]


def test_several_sequences(tmp_path):
    two = [PI, PI[::-1]]
    lines = "3 1 4 1 5\n\n5 1 4 1 3\n"
    (tmp_path / "two.txt").write_text(lines)
    (tmp_path / "two.csv").write_text("sequence,note\n3 1 4 1 5,a\n5 1 4 1 3,b\n")
    np.savez(tmp_path / "two.npz", sequence=np.array(two))
    for source in (
        lines, two, np.array(two), torch.tensor(two), ["3 1 4 1 5", "5 1 4 1 3"],
        tmp_path / "two.txt", str(tmp_path / "two.txt"), tmp_path / "two.csv",
        tmp_path / "two.npz", [np.array(PI), PI[::-1]],
    ):  # fmt: skip
        assert as_codes(source, 5, 10).tolist() == two


def test_tokens_may_be_words():
    assert as_codes("A C G T A", 5, ["A", "C", "G", "T"]).tolist() == [[0, 1, 2, 3, 0]]
    assert as_codes("ACGTA", 5, ["A", "C", "G", "T"]).tolist() == [[0, 1, 2, 3, 0]]
    assert as_codes(["up", "down"], 2, ["down", "up"]).tolist() == [[1, 0]]
    with pytest.raises(BadInput, match="There is no token 'U'"):
        as_codes("ACGUA", 5, ["A", "C", "G", "T"])
    with pytest.raises(BadInput, match="did you mean 'down'"):
        as_codes("up dwn", 2, ["down", "up"])


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("3 1 4 1", "has 4 tokens; expected 5"),
        ([PI, PI[1:]], "Sequence 2 has 4 tokens"),
        ("", "no sequence"),
        ([], "no sequence|0 tokens"),
        ("3 1 4 1 10", "'10' is no token; expected whole numbers from 0 to 9"),
        ("3 1 4 1 -1", "'-1' is no token"),
        ("3 1 4 1 x", "'x' is no token"),
        ([3, 1, 4, 1, 5.5], "5.5 is no token"),
        ([3, 1, 4, 1, float("nan")], "nan is no token"),
        ([3, 1, 4, 1, float("inf")], "inf is no token"),
        ([3, 1, 4, 1, None], "None is no token"),
        (np.ones((2, 2, 5)), "shape"),
        (7, "int is no sequence"),
        ("nowhere.csv", "no file"),
        ("nowhere.txt", "cannot be read"),
        (pd.DataFrame({"seq": ["3 1 4 1 5"]}), "no column 'sequence'"),
        ({"seqence": ["1"]}, "did you mean"),
    ],
    ids=lambda one: str(one)[:20].replace("\n", " "),
)
def test_what_is_no_sequence_is_refused(source, told):
    with pytest.raises(BadInput, match=told):
        as_codes(source, 5, 10)


def test_numbers():
    assert as_numbers("3 -1.5 2e3", 3).tolist() == [[3, -1.5, 2000]]
    for source, told in (
        ("1 2", "expected 3"), ("1 2 x", "no number"), ([1, 2, float("nan")], "not finite"),
    ):  # fmt: skip
        with pytest.raises(BadInput, match=told):
            as_numbers(source, 3)
