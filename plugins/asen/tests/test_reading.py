"""What a user has: tables of sequences with labels or numbers, of one task or several."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from zoo_asen.reading import read_sequences

from zoo_core import BadInput, Notice


def table(count=20, n=4, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.integers(5, size=(count, n))
    y = (x == x[:, ::-1]).astype(int)
    return x, y


def words(rows):
    return [" ".join(map(str, row)) for row in rows]


@pytest.fixture
def frame():
    x, y = table()
    return pd.DataFrame({"sequence": words(x), "labels": words(y)})


def test_a_table_in_every_form(frame, tmp_path):
    x, y = table()
    frame.to_csv(tmp_path / "mine.csv", index=False)
    frame.to_csv(tmp_path / "mine.tsv", index=False, sep="\t")
    frame.to_parquet(tmp_path / "mine.parquet")
    np.savez(tmp_path / "mine.npz", sequence=x, labels=y)
    for source in (
        frame, tmp_path / "mine.csv", str(tmp_path / "mine.tsv"), tmp_path / "mine.parquet",
        tmp_path / "mine.npz", {"sequence": x, "labels": y}, dict(frame),
        {"sequence": x.tolist(), "labels": words(y)},
    ):  # fmt: skip
        data = read_sequences(source)
        assert data.values.tolist() == x.tolist() and data.targets.tolist() == y.tolist()
        assert (data.tokens, data.classes, data.groups) == (5, 2, {"labels": []})
        assert {name: len(rows) for name, rows in data.rows.items()} == {
            "train": 14, "val": 3, "test": 3,
        }  # fmt: skip
    again = read_sequences(frame, seed=1)
    assert again.rows["test"].tolist() != data.rows["test"].tolist()


def test_one_label_or_number_for_a_sequence(frame):
    x, _ = table()
    data = read_sequences({"sequence": x, "label": ["yes", "no"] * 10})
    assert data.classes == ["no", "yes"] and data.targets.tolist() == [1, 0] * 10
    data = read_sequences({"sequence": x, "label": [2, 0] * 10})
    assert data.classes == 3
    data = read_sequences({"sequence": x + 0.5, "target": x.sum(1)})
    assert data.values.is_floating_point() and data.targets.tolist() == x.sum(1).tolist()


def test_tokens_of_any_kind_and_several_tasks(frame):
    frame["sequence"] = [one.translate(str.maketrans("01234", "ACGTN")) for one in frame.sequence]
    frame["task"] = ["one", "two", "two", "one"] * 5
    with pytest.raises(BadInput, match="There are 10 sequences of a task"):
        read_sequences(frame)
    frame["split"] = ["train", "train", "val", "test"] * 5
    data = read_sequences(frame)
    assert data.tokens == list("ACGNT") and list(data.groups) == ["one", "two"]
    assert data.rows["val"].tolist() == list(range(2, 20, 4))
    with pytest.warns(Notice, match="Not used: note"):
        read_sequences(frame.assign(note=1))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"labels": None}, "No column of targets is given"),
        ({"label": ["1"] * 20}, "labels and label are given"),
        ({"sequence": ["1 2 3 4"] * 19 + ["1 2 3"]}, "Sequence 20 has 3 tokens; expected 4"),
        ({"sequence": ["1"] * 20}, "has 1 tokens; expected 2 to 200"),
        ({"sequence": ["1 2 3 4"] * 19 + [""]}, "Row 20 has 0 sequences"),
        ({"labels": ["0 1 0 1"] * 19 + ["0 1"]}, "Row 20 has 2 labels for 4 positions"),
        ({"labels": ["0 0 0 0"] * 20}, "All labels are the same"),
        ({"labels": None, "target": ["x"] + ["1"] * 19}, "'x' is no number"),
        ({"labels": None, "target": [float("nan")] + [1.0] * 19}, "Row 1 has no target|not finite"),
        ({"labels": None, "label": [None] + ["1"] * 19}, "Row 1 has no label"),
        ({"split": ["train"] * 20}, "No row is in the split val"),
        ({"split": ["train", "dev"] * 10}, "Row 2 is in the split 'dev'"),
        ({"sequnce": ["1"] * 20, "sequence": None}, "did you mean"),
    ],
    ids=lambda one: str(one)[:40] if isinstance(one, str) else "-".join(one),
)
def test_what_does_not_fit_is_refused(frame, change, told):
    for name, column in change.items():
        frame = frame.drop(columns=name) if column is None else frame.assign(**{name: column})
    with pytest.raises(BadInput, match=told):
        read_sequences(frame)


def test_shares_and_few_sequences(frame):
    for options in ({"test": 0}, {"val": -0.1}, {"test": 0.5, "val": 0.4}):
        with pytest.raises(BadInput, match="expected shares"):
            read_sequences(frame, **options)
    with pytest.raises(BadInput, match="expected 12 or more"):
        read_sequences(frame[:11])
    with pytest.raises(BadInput, match=r"labels has 3 rows"):
        read_sequences({"sequence": table()[0], "labels": table()[1][:3]})
    with pytest.raises(BadInput, match="nan is no token"):
        read_sequences({"sequence": np.full((20, 4), np.nan), "labels": table()[1]})
