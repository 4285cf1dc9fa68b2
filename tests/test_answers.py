"""`zoo predict --output`: rows and media go to files, as the suffix says, whole or not at all."""

from __future__ import annotations

import csv
import json

import pytest

from zoo_core import BadInput, Media
from zoo_core._shell.answers import write_answer

ROWS = [{"node": 0, "label": "a, b", "parts": [1, 2]}, {"node": 1, "score": 0.25}]


def test_rows_are_written_as_the_suffix_says(tmp_path):
    for suffix in (".json", ".jsonl", ".csv", ".tsv", ".CSV"):
        write_answer(ROWS, tmp_path / f"rows{suffix}")
    assert json.loads((tmp_path / "rows.json").read_text()) == ROWS
    lines = (tmp_path / "rows.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == ROWS
    for suffix, delimiter in ((".csv", ","), (".tsv", "\t"), (".CSV", ",")):
        with (tmp_path / f"rows{suffix}").open(newline="") as stream:
            table = list(csv.reader(stream, delimiter=delimiter))
        assert table == [
            ["node", "label", "parts", "score"],
            ["0", "a, b", "[1, 2]", ""],
            ["1", "", "", "0.25"],
        ]


def test_texts_and_numbers(tmp_path):
    write_answer(["Once ", "upon"], tmp_path / "tale.txt")
    assert (tmp_path / "tale.txt").read_text() == "Once upon\n"
    write_answer(3.5, tmp_path / "number.json")
    assert json.loads((tmp_path / "number.json").read_text()) == 3.5


@pytest.mark.parametrize(
    ("answer", "name", "reason"),
    [
        (ROWS, "rows.xlsx", r"no suffix that is known.*\.csv"),
        (ROWS, "rows", "no suffix that is known"),
        ([1, 2], "rows.csv", "is no table"),
        (ROWS, "rows.txt", "is no text"),
        (Media({".png": b"x"}), "picture.jpg", r"expected \.png"),
        (Media({".png": b"x"}), "picture", r"expected \.png"),
    ],
)
def test_what_does_not_fit_is_told_and_nothing_is_written(tmp_path, answer, name, reason):
    with pytest.raises(BadInput, match=reason):
        write_answer(answer, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_media_that_fail_half_way_leave_what_was_there(tmp_path):
    def fail() -> bytes:
        raise RuntimeError("no film")

    (tmp_path / "film.gif").write_bytes(b"old")
    with pytest.raises(RuntimeError, match="no film"):
        write_answer(Media({".gif": fail}), tmp_path / "film.gif")
    assert (tmp_path / "film.gif").read_bytes() == b"old"
    write_answer(Media({".gif": lambda: b"new", ".png": b"x"}), tmp_path / "film.gif")
    assert (tmp_path / "film.gif").read_bytes() == b"new"
