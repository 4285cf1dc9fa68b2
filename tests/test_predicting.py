"""`zoo predict` on many sources: row by row, whole or not at all, and each error by its source."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path

import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo_core import BadInput, Media
from zoo_core._shell import predicting
from zoo_core._shell.predicting import Given, Refused
from zoo_core._shell.rows import SUFFIXES, rows_to

MODEL = """
    import json
    from pathlib import Path

    import torch

    from zoo_core import BadInput, Media, notice

    class Toy(torch.nn.Module):
        def __init__(self, inputs: int, classes: int):
            super().__init__()
            self.layer = torch.nn.Linear(inputs, classes)

        def predict(self, table=None, *, way: str = "rows", times: int = 1):
            \"\"\"Label the rows of a table.

            Rows are ``{"row": i, "label": name}``.
            \"\"\"
            if way == "media":
                return Media({".png": b"x"})
            if way == "note":
                notice("2 loops were dropped.")
            if way == "stream":
                return iter([Path(table).read_text()[:1], "!"])
            try:
                rows = json.loads(Path(table).read_text()) * times
            except ValueError as error:
                raise BadInput(f"This is no JSON ({error.__class__.__name__}).") from error
            return rows[0] if way == "first" else rows
"""


@pytest.fixture
def many(site):
    """A model whose predict takes one table, and three tables of which the second is none."""
    site.add_toy("toy-a", beyond={"model.py": MODEL})
    site.use()
    Path("a.json").write_text('[{"row": 0, "label": "α"}, {"row": 1, "label": "b"}]')
    Path("bad.json").write_text("{")
    Path("c.json").write_text('[{"row": 0, "score": 0.5, "parts": [1, 2]}]')
    return site


ROWS = [
    {"source": "a.json", "row": 0, "label": "α"},
    {"source": "a.json", "row": 1, "label": "b"},
    {"source": "c.json", "row": 0, "score": 0.5, "parts": [1, 2]},
]


def read(path: Path):
    """Return the rows of a file, with nothing where a table has an empty cell."""
    text = path.read_text(encoding="utf-8") if path.suffix != ".parquet" else ""
    if path.suffix == ".json":
        return json.loads(text)
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in text.splitlines()]
    if path.suffix == ".parquet":
        frame = pandas.read_parquet(path)
        return [
            {k: v for k, v in row.items() if pandas.notna(v)} for row in frame.to_dict("records")
        ]
    delimiter = "\t" if path.suffix == ".tsv" else ","
    rows = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    return [{k: v for k, v in row.items() if v} for row in rows]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_many_sources_are_written_with_the_source_beside(many, zoo_here, suffix):
    path = Path(f"out{suffix}")
    done = zoo_here("predict", "toy-a", "a.json", "c.json", "--output", path)
    assert (done.code, done.out) == (0, ""), done.err
    found = read(path)
    if suffix in (".json", ".jsonl"):
        assert found == ROWS
    else:
        assert [row["source"] for row in found] == ["a.json", "a.json", "c.json"]
        assert found[0]["label"] == "α"
        assert float(found[2]["score"]) == 0.5
        assert json.loads(found[2]["parts"]) == [1, 2]
    assert zoo_here("predict", "toy-a", "a.json", "c.json", "--json").json == ROWS


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_one_bad_source_is_named_and_nothing_is_left(many, zoo_here, suffix):
    path = Path(f"out{suffix}")
    path.write_text("before")
    done = zoo_here("predict", "toy-a", "a.json", "bad.json", "c.json", "--output", path)
    assert done.code == 2
    assert done.err == "zoo: bad.json: This is no JSON (JSONDecodeError).\n"
    assert path.read_text() == "before"
    done = zoo_here("predict", "toy-a", "a.json", "none.json", "--output", path)
    assert done.code == 2
    assert done.err == "zoo: none.json cannot be read (No such file or directory).\n"
    assert sorted(p.name for p in Path().glob(".out*")) == []


def test_errors_can_be_skipped_and_are_told(many, zoo_here):
    words = ["predict", "toy-a", "a.json", "bad.json", "none.json", "c.json", "--skip-errors"]
    done = zoo_here(*words, "--output", "out.jsonl")
    assert done.code == 1
    assert read(Path("out.jsonl")) == ROWS
    assert [line.partition(" ")[2] for line in done.err.splitlines()] == [
        "bad.json: This is no JSON (JSONDecodeError).",
        "none.json cannot be read (No such file or directory).",
        "written to out.jsonl.",
        "2 of 4 sources were left out.",
    ]
    done = zoo_here(*words, "--json")
    assert (done.code, done.json) == (1, ROWS)
    done = zoo_here("predict", "toy-a", "bad.json", "--skip-errors", "--output", "none.csv")
    assert done.code == 1
    assert "none of 1 sources could be used" in done.err
    assert not Path("none.csv").exists()


def test_a_single_source_is_as_it_was_unless_each_is_asked_for(many, zoo_here):
    (row,) = zoo_here("predict", "toy-a", "c.json", "--json").json
    assert "source" not in row
    (row,) = zoo_here("predict", "toy-a", "c.json", "--each", "--json").json
    assert row == ROWS[2]
    done = zoo_here("predict", "toy-a", "a.json", "c.json", "--limit", "2")
    assert done.out.splitlines()[0].split("\t")[0] == "source"
    assert len(done.out.splitlines()) == 3
    assert "1 more rows" in done.err


def test_other_answers_become_rows(many, zoo_here):
    words = ["predict", "toy-a", "a.json", "c.json", "--json"]
    assert zoo_here(*words, "--way", "first").json == [ROWS[0], ROWS[2]]
    assert zoo_here(*words, "--way", "stream").json == [
        {"source": "a.json", "text": "[!"},
        {"source": "c.json", "text": "[!"},
    ]
    done = zoo_here(*words, "--way", "media")
    assert done.code == 2
    assert "a.json: the answer is no row, but a file (.png)" in done.err


def test_a_notice_is_said_once_whatever_the_number_of_sources(many, zoo_here):
    for _ in range(2):
        done = zoo_here("predict", "toy-a", "a.json", "c.json", "--way", "note", "--json")
        assert done.json == ROWS
        assert done.err == "zoo: 2 loops were dropped.\n"
    done = zoo_here("predict", "toy-a", "a.json", "c.json", "--way", "note", "--strict")
    assert done.code == 2
    assert "a.json: 2 loops were dropped. That is refused because strict" in done.err


def test_standard_input_is_a_source(many, zoo_here, monkeypatch):
    def typed(text):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

    typed('[{"row": 7}]')
    assert zoo_here("predict", "toy-a", "-", "--json").json == [{"row": 7}]
    typed('[{"row": 7}]')
    rows = zoo_here("predict", "toy-a", "a.json", "-", "--as", "json", "--json").json
    assert rows[2] == {"source": "-", "row": 7}
    typed("{")
    done = zoo_here("predict", "toy-a", "-", "--each")
    assert done.code == 2
    assert "-: This is no JSON" in done.err
    for words, part in (
        (["-", "-"], "can be read once"),
        (["a.json", "--as", "csv"], "--as says what standard input is"),
    ):
        done = zoo_here("predict", "toy-a", *words)
        assert (done.code, part in done.err) == (2, True), done.err


def test_sources_that_go_together_go_together(site, zoo_here):
    model = """
        import torch
        from zoo_core import BadInput

        class Toy(torch.nn.Module):
            def __init__(self, inputs: int, classes: int):
                super().__init__()
                self.layer = torch.nn.Linear(inputs, classes)

            def predict(self, *sources):
                if "bad" in sources:
                    raise BadInput("One is bad.")
                return [{"count": len(sources)}]
    """
    site.add_toy("toy-a", beyond={"model.py": model})
    site.use()
    words = ["predict", "toy-a", "x", "y", "z", "--json"]
    assert zoo_here(*words).json == [{"count": 3}]
    assert zoo_here(*words, "--each").json == [{"source": s, "count": 1} for s in "xyz"]
    done = zoo_here("predict", "toy-a", "x", "bad")
    assert (
        "One is bad. (The 2 sources went into one call; --each takes each by itself.)" in done.err
    )


def test_help_behind_a_name_has_the_models_own_options(many, zoo_here):
    told = zoo_here("predict", "toy-a", "--help").out
    assert "Sources and options of toy-a" in told
    assert "[TABLE] --table VALUE, --way VALUE (default: rows), --times VALUE (default: 1)" in (
        " ".join(told.split())
    )
    assert "Label the rows of a table." in told
    assert "Sources and options of" not in zoo_here("predict", "--help").out
    assert zoo_here("predict", "toy-x", "--help").code == 0


def test_predict_takes_one_model(toy, zoo_here):
    done = zoo_here("predict", "toy-*", "x")
    assert done.code == 2
    assert "'toy-*' names several" in done.err


def test_rows_are_not_kept_while_they_are_written():
    made = []

    def predict(source):
        made.append(source)
        return [{"row": 0}]

    rows = predicting.each(predict, [Given(str(i), str(i)) for i in range(3)], Refused(False))
    for count, row in enumerate(rows, 1):
        assert row == {"source": str(count - 1), "row": 0}
        assert len(made) == count


def test_a_model_s_own_source_is_kept():
    rows = predicting.each(lambda source: {"source": "web"}, [Given("a", "a")], Refused(False))
    assert list(rows) == [{"file": "a", "source": "web"}]


def test_a_bug_on_one_source_names_it(many, zoo_here):
    def predict(source):
        return {}["x"]

    with pytest.raises(RuntimeError, match=r"a\.json gave KeyError: 'x'"):
        list(predicting.each(predict, [Given("a.json", "a")], Refused(False)))
    with pytest.raises(BadInput, match=r"a\.json: the answer is no row"):
        list(
            predicting.each(lambda s: Media({".png": b""}), [Given("a.json", "a")], Refused(False))
        )


def test_parquet_without_pyarrow_is_told_first(many, zoo_here, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    done = zoo_here("predict", "toy-a", "a.json", "c.json", "--output", "out.parquet")
    assert done.code == 2
    assert "needs pyarrow" in done.err
    done = zoo_here("predict", "toy-a", "a.json", "c.json", "--output", "out.xlsx")
    assert done.code == 2
    assert "no suffix that is known" in done.err


CELLS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=5)
)
TABLES = st.lists(st.dictionaries(st.sampled_from("abc"), CELLS, min_size=1), min_size=1)


@given(TABLES)
def test_rows_come_back_from_every_format(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("rows")
    for suffix in SUFFIXES:
        with rows_to(folder / f"rows{suffix}") as write:
            for row in rows:
                write(row)
    assert json.loads((folder / "rows.json").read_text(encoding="utf-8")) == rows
    lines = (folder / "rows.jsonl").read_text(encoding="utf-8").split("\n")
    assert [json.loads(line) for line in lines if line] == rows
    names = list(dict.fromkeys(name for row in rows for name in row))
    with (folder / "rows.csv").open(newline="", encoding="utf-8") as stream:
        table = list(csv.reader(stream))
    assert table[0] == names
    assert len(table) == len(rows) + 1
    import pyarrow.parquet

    found = pyarrow.parquet.read_table(folder / "rows.parquet").to_pylist()
    for row, back in zip(rows, found, strict=True):
        for name in names:
            wanted = row.get(name)
            same = back[name] == wanted or str(back[name]) in (str(wanted), json.dumps(wanted))
            assert same, (wanted, back[name])
