"""Text tables: what is certain is inferred, what is not is asked for in one sentence."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile

import numpy as np
import pandas as pd
import pytest
from zoo_tables import read_table

from zoo_core import BadInput, Notice


def read(content, /, **told):
    return read_table(io.StringIO(content), **told)


def lists(table):
    return [
        [None if value is None or value != value else value for value in column.tolist()]
        for column in table.columns
    ]


NA = None
CERTAIN = {
    "words above numbers": ("a,b\n1,2.5\n", {}, ("a", "b"), [[1], [2.5]]),
    "an expected name": ("900,902,y\n1,2,3\n", {"columns": ["y"]}, ("900", "902", "y"),
                         [[1], [2], [3]]),
    "expected numbers as names": ("900,902\n1,2\n", {"columns": ["902", "900.0"]},
                                  ("900", "902"), [[1], [2]]),
    "an expected word above words": ("who,whom\nbob,eve\n", {"columns": ["who"]},
                                     ("who", "whom"), [["bob"], ["eve"]]),
    "told": ("900,902\n1,2\n", {"header": True}, ("900", "902"), [[1], [2]]),
    "told none": ("900,902\n1,2\n", {"header": False}, None, [[900, 1], [902, 2]]),
    "a hole in the first row": ("1.0,,3.0\n2.0,5.0,6.0", {}, None, [[1, 2], [NA, 5], [3, 6]]),
    "NA in the first row": ("1.0,NA,3.0\n2.0,5.0,6.0", {"header": False}, None,
                            [[1, 2], [NA, 5], [3, 6]]),
    "a word told to be missing in the first row": ("1,-\n2,5\n", {"missing": "-"}, None,
                                                   [[1, 2], [NA, 5]]),
    "a repeated number": ("0,1,0\n3,4,5\n", {}, None, [[0, 3], [1, 4], [0, 5]]),
    "as many rows": ("1,2\n3,4\n", {"rows": 2}, None, [[1, 3], [2, 4]]),
    "one row more": ("1,2\n3,4\n", {"rows": 1}, ("1", "2"), [[3], [4]]),
    "semicolons": ("a;b\n1;2\n", {}, ("a", "b"), [[1], [2]]),
    "tabs": ("a\tb\n1\t2\n", {}, ("a", "b"), [[1], [2]]),
    "bars": ("a|b\n1|2\n", {}, ("a", "b"), [[1], [2]]),
    "spaces": ("  a   b\n 1   2\n3 \t 4 \n", {}, ("a", "b"), [[1, 3], [2, 4]]),
    "spaces after commas": ("a, b\n1, 2\n3,  4\n", {}, ("a", "b"), [[1, 3], [2, 4]]),
    "blank lines": ("a,b\n\n1,2\n\n\n3,4\n\n", {}, ("a", "b"), [[1, 3], [2, 4]]),
    "Windows' lines": ("a,b\r\n1,2\r\n", {}, ("a", "b"), [[1], [2]]),
    "old lines": ("a,b\r1,2\r3,4\r", {}, ("a", "b"), [[1, 3], [2, 4]]),
    "one column": ("y\n1\n2\n", {}, ("y",), [[1, 2]]),
    "decimal comma": ("a;b\n1,5;2,25\n", {}, ("a", "b"), [[1.5], [2.25]]),
    "decimal comma, accents": (";À\n0;0,0\n", {}, ("À",), [[0]]),
    "decimal comma, spaces": ("a b\n1,5 2,5\n", {}, ("a", "b"), [[1.5], [2.5]]),
    "thousands told": ("a;b\n1.234,5;2\n", {"thousands": ".", "decimal": ","}, ("a", "b"),
                       [[1234.5], [2]]),
    "decimal told": ("a;b\n1,500;2\n", {"decimal": ","}, ("a", "b"), [[1.5], [2]]),
    "quotes": ('a,"b, c"\n"1","x, ""y"""\n2,z\n', {}, ("a", "b, c"), [[1, 2], ['x, "y"', "z"]]),
    "row names of pandas": (",a,b\n0,1,2\n1,3,4\n", {}, ("a", "b"), [[1, 3], [2, 4]]),
    "row names of R": ('"a","b"\n"r1",1,2\n"r2",3,4\n', {}, ("a", "b"), [[1, 3], [2, 4]]),
    "row numbers of R": ('"a","b"\n"1",5,2\n"2",3,4\n', {}, ("a", "b"), [[5, 3], [2, 4]]),
    "tabs and spaces": ("a\tb c\n1\t2 3\n", {}, ("a", "b c"), [[1], ["2 3"]]),
    "an index that pandas read": ("Unnamed: 0,a\n0,5\n1,6\n", {}, ("a",), [[5, 6]]),
    "other digits": ("a,b\n\u0661,2\n", {}, ("a", "b"), [["\u0661"], [2]]),
    "a separator too many": ("a,b,\n1,2,\n3,4,\n", {}, ("a", "b"), [[1, 3], [2, 4]]),
    "truth values": ("f,v\nTrue,1\nFalse,2\n", {}, ("f", "v"), [[True, False], [1, 2]]),
    "truth values with holes": ("f,v\nTRUE,1\n,2\n", {}, ("f", "v"), [[1, NA], [1, 2]]),
    "words for missing": ("a,b\nNA,1\nnull,2\n#N/A,nan\n5,\n", {}, ("a", "b"),
                          [[NA, NA, NA, 5], [1, 2, NA, NA]]),
    "told words for missing": ("a,b\n-999,1\n?,2\n5,3\n", {"missing": ["?", -999]}, ("a", "b"),
                               [[NA, NA, 5], [1, 2, 3]]),
    "NA is a word among words": ("n,v\nNA,1\nbob,2\n,3\n", {}, ("n", "v"),
                                 [["NA", "bob", NA], [1, 2, 3]]),
    "columns that stay text": ("id,n\n01,5\n1,6\n", {"text": ["id"]}, ("id", "n"),
                               [["01", "1"], [5, 6]]),
    "all stays text": ("id,n\n01,5\n1,NA\n", {"text": True}, ("id", "n"),
                       [["01", "1"], ["5", "NA"]]),
    "comments": ("# by hand\na,b\n1,2\n# a, b, c\n3,4\n", {}, ("a", "b"), [[1, 3], [2, 4]]),
    "a cross after a tab": ("\t#\t0\n0\t5\t5\n", {"header": True}, ("#", "0"), [[5], [5]]),
    "other comments": ("% by hand\na,b\n1,2\n", {"comment": "%"}, ("a", "b"), [[1], [2]]),
    "names of savetxt": ("# a,b\n1,2\n3,4\n", {"columns": ["a", "b"]}, ("a", "b"),
                         [[1, 3], [2, 4]]),
    "names with a cross": ("#a,b\n1,2\n", {"comment": ""}, ("#a", "b"), [[1], [2]]),
    "large numbers": ("a,b\n9007199254740993,1e300\n-5,2\n", {}, ("a", "b"),
                      [[9007199254740993, -5], [1e300, 2]]),
    "larger numbers": ("a,b\n99999999999999999999,1\n5,2\n", {}, ("a", "b"), [[1e20, 5], [1, 2]]),
    "infinity": ("a,b\ninf,1\n-inf,2\n", {}, ("a", "b"), [[np.inf, -np.inf], [1, 2]]),
}  # fmt: skip


@pytest.mark.parametrize("case", CERTAIN)
@pytest.mark.filterwarnings("ignore::zoo_core.Notice")
def test_what_is_certain(case):
    text, told, names, columns = CERTAIN[case]
    table = read(text, **told)
    assert (table.names, lists(table)) == (names, columns)


REFUSED = {
    "numbers first": ("900,902\n1,2\n", {}, "'900', '902'.*header=true or header=false"),
    "numbers and a word first": ("900,902,y\n1,2,3\n", {}, "header=true or header=false"),
    "NA first, a name or a hole": ("1.0,NA,3.0\n2.0,5.0,6.0", {}, "header=true or header=false"),
    "an unknown word for missing": ("1.0,-,3.0\n2.0,5.0,6.0\n", {}, "header=true or"),
    "1_2 is no number": ("1_2,3\n4,5\n", {}, "header=true or header=false"),
    "words only": ("bob,eve\nann,joe\n", {}, "header=true or header=false"),
    "grouped or decimal": ("a;b\n1,500;2,500\n", {}, "'1,500'.*decimal=, or thousands=,"),
    "grouped and decimal": ("a;b\n1.234,5;2\n", {}, "decimal=.*thousands="),
    "commas and semicolons": ("a;b,c\nx;y,z\n", {}, "separated by.*separator="),
    "fewer names than cells": ("x,y\n1.5,2,5\n2.5,3,5\n", {}, "2 names for 3 cells a row"),
    "a very long cell": ("x" * 200_000 + ",b\n1,2\n", {}, "more than 131,072 characters"),
    "one name for two cells": ("y\n1,5\n2,5\n", {}, "1 names for 2 cells"),
    "too few cells": ("a,b,c\n1,2,3\n1,2\n", {}, "2 cells in row 1, but 3 columns"),
    "too few quoted cells": ('a,b,c\n"1",2,3\n1,2\n', {}, "2 cells in row 1, but 3 columns"),
    "too many cells": ("a,b\n1,2\n1,2,3\n", {}, "3 cells in row 1, but 2 columns"),
    "repeated names": ("a,a,y\n1,2,3\n", {}, "more than one column named 'a'"),
    "expected names, one repeated": (
        "900,900,904\n1,2,3\n",
        {"columns": ["900", "902", "904"]},
        "header=true or header=false",
    ),
    "a column without a name": ("a,,b\n1,2,3\n", {"header": True}, "no name for column 1"),
    "row names that repeat": (",a,b\n5,1,2\n5,3,4\n", {}, "no name, and repeats"),
    "names or comment": ("# a,b\n1,2\n3,4\n", {}, "may be a comment, or names"),
    "names or comment, told": ("# a,b\n1,2\n3,4\n", {"header": True}, "may be a comment"),
    "row or comment": ("n,v\nx,1\n#ff,2\n", {}, "may be a comment"),
    "no rows": ("a,b\n", {}, "no rows"),
    "nothing": (" \n\n", {}, "no rows"),
    "a word for header": ("a\n1\n", {"header": "maybe"}, "expected true or false"),
    "a long separator": ("a\n1\n", {"separator": "::"}, "expected one character"),
    "a strange decimal": ("a\n1\n", {"decimal": "-"}, "decimal is '-'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_certain_is_asked_for(case):
    text, told, message = REFUSED[case]
    with pytest.raises(BadInput, match=message) as caught:
        read(text, **told)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("cell", "column"), [("1_2", "a"), ("1+2j", "a"), ("2020-01-31", "a"), ("0x10", "a")]
)
def test_what_is_no_number_stays_text_and_is_no_number(cell, column):
    table = read(f"a,b\n4,1\n{cell},5\n")
    assert table.column(column).tolist() == ["4", cell]
    with pytest.raises(BadInput, match=r"text .* in row"):
        table.numbers()


def test_a_named_column_that_is_taken_for_row_names_is_told(tmp_path):
    text = "Unnamed: 0,a\n0,5\n1,6\n"
    for source in (io.StringIO(text), pd.read_csv(io.StringIO(",a\n0,5\n1,6\n"))):
        with pytest.warns(Notice, match="'Unnamed: 0' of .* was taken for row names"):
            table = read_table(source)
        assert (table.names, table.index.tolist()) == (("a",), [0, 1])
    assert read(text, index=False).names == ("Unnamed: 0", "a")


def test_row_names_are_kept():
    assert read(",a,b\nx,1,2\ny,3,4\n").index.tolist() == ["x", "y"]
    assert read("a,b\nx,1,2\ny,3,4\n").index.tolist() == ["x", "y"]
    table = read("n,a\n5,1\n5,2\n", index=True)
    assert (table.names, table.index.tolist()) == (("a",), [5, 5])


def packed(name):
    content = b"a,b\n1,2\n"
    if name == "zip":
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr("it.csv", content)
            archive.writestr("__MACOSX/._it.csv", b"\0")
        return stream.getvalue()
    return {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}[name](content)


@pytest.mark.parametrize("name", ["gz", "bz2", "xz", "zip"])
def test_packed_files_whatever_their_names(tmp_path, name):
    for file in (f"it.csv.{name}", "it.csv"):
        (tmp_path / file).write_bytes(packed(name))
        assert lists(read_table(tmp_path / file)) == [[1], [2]]
    (tmp_path / "cut.csv").write_bytes(packed(name)[:-12])
    with pytest.raises(BadInput, match="damaged or cut off"):
        read_table(tmp_path / "cut.csv")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_encodings_that_say_so(tmp_path, encoding):
    (tmp_path / "it.csv").write_bytes("é,b\n1,2\n".encode(encoding))
    assert read_table(tmp_path / "it.csv").names == ("é", "b")


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16-le"])
def test_encodings_that_must_be_told(tmp_path, encoding):
    (tmp_path / "it.csv").write_bytes("é,b\n1,2\n".encode(encoding))
    with pytest.raises(BadInput, match="say encoding="):
        read_table(tmp_path / "it.csv")
    assert read_table(tmp_path / "it.csv", encoding=encoding).names == ("é", "b")
    with pytest.raises(BadInput, match="no encoding 'utf-9'"):
        read_table(tmp_path / "it.csv", encoding="utf-9")
