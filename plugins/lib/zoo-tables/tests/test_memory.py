"""Tables in memory, tables as objects, and files that are no text."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import torch
from zoo_tables import Table, read_column, read_table

from zoo_core import BadInput, Notice, strictly


def test_each_column_keeps_its_type():
    table = read_table([[1, 2.5, True, "a"], [2, None, False, None]])
    assert [column.dtype.kind for column in table.columns] == ["i", "f", "b", "O"]
    assert table.columns[3].tolist() == ["a", None]
    frame = pd.DataFrame({"d": pd.to_datetime(["2020-01-01"]), "c": [1j], "n": [2**64 - 1]})
    assert [column.dtype.kind for column in read_table(frame).columns] == ["M", "c", "u"]


def test_numbers_of_other_kinds():
    found = read_table({"a": [Decimal("0.5"), Fraction(1, 4), np.float32(2), np.int8(3)]})
    assert found.column("a").tolist() == [0.5, 0.25, 2, 3]
    assert read_table({"a": [torch.tensor(2.0), 1]}).column("a").tolist() == [2, 1]


def test_columns_by_name_by_number_and_by_the_number_that_a_name_is():
    table = read_table({"900": [1], "902.0": [2], "b": [3]})
    assert [table.place(name) for name in ("900", "902", 902.0, "9.02e2", " b ")] == [0, 1, 1, 1, 2]
    assert table.arranged(["b", "902"]).names == ("b", "902.0")
    assert table.has(["b"]) and not table.has(["b", "c"])
    assert table.drop(0).names == ("902.0", "b")
    with pytest.raises(BadInput, match=r"no column 'bb'; did you mean 'b'\?"):
        table.column("bb")
    with pytest.raises(BadInput, match="lacks the columns 'c'; it has '900'"):
        table.arranged(["b", "c"])
    unnamed = read_table(np.eye(3))
    assert [unnamed.place(number) for number in (0, -1, np.int64(1))] == [0, 2, 1]
    for name in ("0", 3):
        with pytest.raises(BadInput, match=r"no column names.*0 to 2"):
            unnamed.place(name)


def test_one_column_is_not_taken_for_two_names():
    table = read_table({"904": [1], "x": [2]})
    with pytest.raises(BadInput, match=r"lacks the columns '904.0'"):
        table.arranged(["904", "904.0"])
    both = read_table({"904": [1], "904.0": [2]})
    assert both.arranged(["904.0", "904"]).numbers().tolist() == [[2, 1]]


def test_whole_numbers_that_float64_rounds_are_told():
    table = read_table([[2**53 + 1], [2**53], [-(2**53) - 1]])
    with pytest.warns(Notice, match="2 whole numbers of The table are too large"):
        table.numbers()
    with strictly(), pytest.raises(BadInput, match="strict"):
        table.numbers()
    with pytest.warns(Notice, match="1 whole numbers"):
        read_table([[2**70 + 1], [1]])
    with pytest.warns(Notice, match="2 whole numbers of The file were rounded"):
        table = read_table(io.StringIO("a,b\n9007199254740993,1\n,2\n9007199254740995,3\n"))
    assert table.columns[0].tolist()[::2] == [2.0**53, 2.0**53 + 4]
    with pytest.raises(BadInput, match="beyond what float64 holds"):
        read_table([[10**400], [1]])


REFUSED = {
    "one axis": (np.ones(3), r"shape \(3,\)"),
    "three axes": (np.ones((2, 2, 2)), r"shape \(2, 2, 2\)"),
    "no rows": (np.ones((0, 3)), r"shape \(0, 3\)"),
    "no columns": (pd.DataFrame(index=[0, 1]), r"shape \(2, 0\)"),
    "ragged": ([[1, 2], [3]], "rows of 1 to 2 cells"),
    "other lengths": ({"a": [1], "b": [1, 2]}, "columns of 1 to 2 rows"),
    "other names": ([{"a": 1}, {"b": 1}], "Row 1 of The table has other names"),
    "levels": (pd.DataFrame(np.eye(2), columns=pd.MultiIndex.from_tuples([(1, 2), (1, 3)])),
               "names of 2 levels"),
    "a series": (pd.Series([1, 2]), "may be a row or a column"),
    "a number": (5, "is a int; expected a file"),
    "None": (None, "is a NoneType"),
    "wide columns": ({"a": np.eye(2)}, r"Column 'a' of The table has shape \(2, 2\)"),
    "no name": (pd.DataFrame(np.eye(2), columns=["a", np.nan]), "no name for column 1"),
    "other rows": ({"a": pd.Series([1, 2]), "b": pd.Series([1, 2], index=[1, 0])},
                   "other row names"),
    "cells for columns": ({"a": 1}, "Column 'a' of The table is a int"),
    "repeated": (pd.DataFrame(np.eye(2), columns=["a", "a"]), "more than one column named 'a'"),
    "empty dictionary": ({}, "no columns"),
    "text option": (pd.DataFrame({"a": [1]}), "no text file: header means nothing"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_table(case):
    source, message = REFUSED[case]
    with pytest.raises(BadInput, match=message) as caught:
        read_table(source, header=True if case == "text option" else None)
    assert "\n" not in str(caught.value)


def test_one_column():
    for source in (
        [1, 2], np.array([1, 2]), np.array([[1], [2]]), [[1], [2]], pd.Series([1, 2]),
        pd.DataFrame({"a": [1, 2]}), torch.tensor([1, 2]), {"a": [1, 2]},
        pd.Series([1, 2], name="a"),
    ):  # fmt: skip
        assert read_column(source).columns[0].tolist() == [1, 2]
    assert read_column(pd.Series([1], name="a")).names == ("a",)
    assert read_column(pd.Series([1])).names is None
    assert read_column(["a", None]).columns[0].tolist() == ["a", None]
    for source, message in ((np.eye(2), "2 columns; expected one"), ([], "no rows")):
        with pytest.raises(BadInput, match=message):
            read_column(source, label="y")


class Unpickled:
    def __reduce__(self):
        return (exec, ("raise SystemExit",))


@pytest.mark.parametrize("suffix", [".xlsx", ".pkl", ".json", ".mat", ".h5"])
def test_other_kinds_of_files_are_named(tmp_path, suffix):
    (tmp_path / f"it{suffix}").write_bytes(b"x")
    with pytest.raises(BadInput, match=r"save the table as .csv, .parquet or .npz"):
        read_table(tmp_path / f"it{suffix}")


def test_damaged_files(tmp_path):
    for name in ("it.npz", "it.npy", "it.parquet", "it.feather"):
        (tmp_path / name).write_bytes(b"nothing of the kind")
        with pytest.raises(BadInput, match=r"is not an|is no"):
            read_table(tmp_path / name)
        with pytest.raises(BadInput, match="There is no file"):
            read_table(tmp_path / "other" / name)
    np.save(tmp_path / "it.npy", np.array([[Unpickled()]]), allow_pickle=True)
    with pytest.raises(BadInput, match="plain arrays"):
        read_table(tmp_path / "it.npy")
    np.savez(tmp_path / "it.npz", X=np.array([[Unpickled()]]))
    with pytest.raises(BadInput, match="no plain array under 'X'"):
        read_table(tmp_path / "it.npz")
    np.savez(tmp_path / "it.npz", A=np.eye(2))
    with pytest.raises(BadInput, match=r"no array X \(n, p\); it has A"):
        read_table(tmp_path / "it.npz")
    with pytest.raises(BadInput, match="is a folder"):
        read_table(tmp_path)


def test_a_table_is_itself():
    table = Table((np.arange(2),), ("a",))
    assert read_table(table) is table
    assert (len(table), table.shape) == (2, (2, 1))


def test_importing_is_light():
    code = "import sys, zoo_tables, json; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert not {"pandas", "torch", "pyarrow"} & set(json.loads(done.stdout))
