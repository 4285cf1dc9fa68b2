"""Random tables, written by pandas and numpy in each way that they can, are read back equal."""

from __future__ import annotations

import io
import math
import tempfile
import unicodedata
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow
import pytest
import scipy.sparse
import torch
from hypothesis import given
from hypothesis import strategies as st
from zoo_tables import read_table

from zoo_core import BadInput

NAMES = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=8),
    st.sampled_from(["900", "904.0", "a,b", "a;b", 'a"b', "'a'", "#a", "NA", "nan", "True", "1e5",
                     "a\tb", "a|b", "wave length", "Ж", "y", "1_2", "-", "a\nb"]),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.integers(-(10**20), 10**20).map(str),
)  # fmt: skip
WORDS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=8),
    st.sampled_from(["red", "NA", "01", "1", 'q"q', "a,b", "a;b", "two words", "l\nl", "1,5"]),
).map(str.strip)
COLUMNS = {
    "floats": st.floats(allow_nan=True, allow_infinity=True, width=64),
    "whole": st.integers(-(2**63), 2**63 - 1),
    "few": st.integers(-3, 3),
    "bool": st.booleans(),
    "words": WORDS.filter(bool),
}


def plain(name):
    return unicodedata.normalize("NFC", name).strip()


@st.composite
def frames(draw, kinds=("floats", "whole", "few", "bool", "words")):
    """A frame of one to four columns, at least one of numbers, with names and missing values."""
    rows = draw(st.integers(1, 6))
    names = draw(st.lists(NAMES.filter(plain), min_size=1, max_size=4, unique_by=plain))
    columns = {}
    for number, name in enumerate(names):
        kind = draw(st.sampled_from(["floats", "few"] if number == 0 else kinds))
        values = draw(st.lists(COLUMNS[kind], min_size=rows, max_size=rows))
        if kind in ("floats", "few", "bool", "words") and draw(st.booleans()):
            values[draw(st.integers(0, rows - 1))] = None
        if kind in ("floats", "few"):
            values = [math.nan if value is None else value for value in values]
        columns[name] = pd.Series(values, dtype=object if kind in ("bool", "words") else None)
    return pd.DataFrame(columns)


def same(table, frame):
    """Whether a table has a frame's names and values: numbers as numbers, text as text."""
    assert table.names == tuple(map(plain, frame.columns))
    for column, name in zip(table.columns, frame, strict=True):
        expected = frame[name].tolist()
        assert len(column) == len(expected)
        for found, value in zip(column.tolist(), expected, strict=True):
            if value is None or value != value:
                assert found is None or found != found
            elif isinstance(value, str):
                assert found == value
            else:
                assert not isinstance(found, str) and found == value
                assert math.copysign(1, found) == math.copysign(1, value)


def texts_of(frame):
    """The names of columns of text, which a text file does not tell from numbers."""
    return [name for name in frame if any(isinstance(value, str) for value in frame[name])]


@given(
    frames(),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from([".", ","]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le"]),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
    st.sampled_from([0, 1]),
)
def test_text_files_that_pandas_writes(frame, separator, decimal, encoding, end, index, quoting):
    if separator == decimal:
        return
    stream = io.BytesIO()
    frame.to_csv(stream, sep=separator, decimal=decimal, encoding=encoding, lineterminator=end,
                 index=index, quoting=quoting)  # fmt: skip
    stream.seek(0)
    told = {"separator": separator, "decimal": decimal, "text": texts_of(frame), "header": True}
    told |= {"comment": "", "encoding": encoding if encoding == "utf-16-le" else None}
    same(read_table(stream, **told), frame)


@given(frames(), st.sampled_from([",", ";", "\t"]), st.sampled_from([".", ","]), st.booleans())
def test_text_files_untold_are_read_so_or_refused(frame, separator, decimal, index):
    """Whatever is inferred is right: the names and numbers are the frame's, or a sentence comes."""
    if separator == decimal:
        return
    stream = io.StringIO()
    frame.to_csv(stream, sep=separator, decimal=decimal, index=index)
    stream.seek(0)
    try:
        table = read_table(stream, text=texts_of(frame))
    except BadInput as error:
        assert "\n" not in str(error) and len(str(error)) < 400
        return
    same(table, frame)


@given(frames())
def test_parquet_and_feather(frame):
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("parquet", "feather"):
            getattr(frame, f"to_{kind}")(Path(folder) / f"it.{kind}")
            same(read_table(Path(folder) / f"it.{kind}"), frame)


IN_MEMORY = {
    "frame": lambda frame: frame,
    "nullable": lambda frame: frame.convert_dtypes(),
    "Arrow": lambda frame: frame.convert_dtypes(dtype_backend="pyarrow"),
    "objects": lambda frame: frame.astype(object),
    "categories": lambda frame: frame.astype("category"),
    "other index": lambda frame: frame.set_index(np.arange(len(frame))[::-1]),
    "columns": lambda frame: {name: frame[name] for name in frame},
    "lists": lambda frame: frame.to_dict("list"),
    "records": lambda frame: frame.to_dict("records"),
    "structured": lambda frame: frame.to_records(index=False),
    "Arrow table": pyarrow.Table.from_pandas,
}


@given(frames(), st.sampled_from(sorted(IN_MEMORY)))
def test_tables_in_memory(frame, kind):
    same(read_table(IN_MEMORY[kind](frame)), frame)


@given(frames(kinds=("floats", "few")))
def test_arrays_without_names(frame):
    values = frame.to_numpy(dtype=float)
    sources = [values, np.asfortranarray(values), values.tolist(), list(map(tuple, values))]
    sources += [
        list(values),
        torch.tensor(values),
        torch.tensor(values).requires_grad_(),
    ]
    sources += [np.ma.masked_where(np.isnan(values), values), scipy.sparse.csr_array(values)]
    for source in sources:
        table = read_table(source)
        assert table.names is None
        np.testing.assert_array_equal(table.numbers(), values)
    for dtype in (torch.float32, torch.float16, torch.bfloat16, torch.float8_e5m2):
        tensor = torch.tensor(values).to(dtype)
        np.testing.assert_array_equal(read_table(tensor).numbers(), tensor.double().numpy())


@pytest.mark.filterwarnings("ignore:Stored array in format 3.0")
@given(frames(kinds=("floats", "few")))
def test_files_of_arrays(frame):
    values = frame.to_numpy(dtype=float)
    with np.errstate(over="ignore"):
        small = values.astype(np.float32)
    with tempfile.TemporaryDirectory() as folder:
        np.save(Path(folder) / "it.npy", values)
        np.savez(Path(folder) / "it.npz", X=values, feature_names=list(frame.columns))
        np.savez(Path(folder) / "other.npz", z=small)
        np.save(Path(folder) / "named.npy", frame.to_records(index=False))
        np.testing.assert_array_equal(read_table(Path(folder) / "it.npy").numbers(), values)
        same(read_table(Path(folder) / "it.npz"), frame)
        same(read_table(Path(folder) / "named.npy"), frame)
        found = read_table(Path(folder) / "other.npz", key="z").numbers()
        np.testing.assert_array_equal(found, small)
        np.savetxt(Path(folder) / "it.txt", values)
        np.testing.assert_array_equal(
            read_table(Path(folder) / "it.txt", header=False).numbers(), values
        )


@given(frames(), st.sampled_from(["gzip", "bz2", "xz", "zip"]))
def test_packed_text_files(frame, packed):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "it.csv"
        frame.to_csv(path, index=False, compression=packed)
        same(read_table(path, header=True, separator=",", comment="", text=texts_of(frame)), frame)
