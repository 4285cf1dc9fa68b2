"""A user's own texts: how they are split, and what is wrong with them."""

from __future__ import annotations

import numpy as np
import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from zoo_attention_to_mamba.reading.text import read_text

from zoo_core import BadInput

STEADY = settings(max_examples=60)
PROSE = "It was a bright cold day in April, and the clocks were striking thirteen.\n" * 30


def together(data):
    return "".join(one for split in ("train", "val", "test") for one in data.documents[split])


@STEADY
@given(
    lengths=st.lists(st.integers(1, 90), min_size=1, max_size=45),
    shares=st.tuples(st.floats(0, 1), st.floats(0, 1)).filter(lambda s: sum(s) <= 1 and s[0] < 1),
)
def test_a_file_is_split_in_order(tmp_path_factory, lengths, shares):
    words = [f"{i:x}." + "x" * n for i, n in enumerate(lengths)]
    path = tmp_path_factory.mktemp("own") / "own.txt"
    path.write_text("\n<|endoftext|>\n".join(words))
    if sum(map(len, words)) < 100:
        with pytest.raises(BadInput, match="expected at least 100"):
            read_text(path)
        return
    data = read_text(path, validation=shares[0], test=shares[1])
    assert together(data) == "".join(words)
    whole = len(words) if len(words) >= 20 else sum(map(len, words))
    measure = (lambda several: len(several)) if len(words) >= 20 else (lambda s: len("".join(s)))
    for split, share in zip(("val", "test"), shares, strict=True):
        assert abs(measure(data.documents[split]) - share * whole) <= 1
    if len(words) >= 20:
        assert set().union(*data.documents.values()) == set(words)


def test_one_document(tmp_path):
    path = tmp_path / "novel.txt"
    path.write_text(PROSE)
    data = read_text(path)
    assert [len(data.text(split)[0]) for split in ("train", "val", "test")] == [1998, 111, 111]
    assert data.name == "novel.txt" and data.window == 512 and "novel.txt" in repr(data)
    everything = read_text(str(path), validation=0, test=1, window=32)
    assert everything.text("test") == (PROSE,) and everything.window == 32
    assert everything.documents["train"] == everything.documents["val"] == ()


def test_separators_line_ends_and_marks(tmp_path):
    path = tmp_path / "own.txt"
    lines = ["<|endoftext|>", " first ", "story", "  <|endoftext|> ", "", "<|endoftext|>"]
    lines += ["second <|endoftext|> one", "." * 80]
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    data = read_text(path, validation=0, test=0)
    assert data.text("train") == ("first \nstory", "second <|endoftext|> one\n" + "." * 80)


def test_a_folder(tmp_path):
    for name, content in {"b.txt": "second" * 20, "a.TXT": "first" * 20, "c.md": "no"}.items():
        (tmp_path / name).write_text(content)
    data = read_text(tmp_path, validation=0, test=0)
    assert data.text("train") == ("first" * 20, "second" * 20)
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match=r"has no .txt files"):
        read_text(tmp_path / "empty")


@pytest.mark.parametrize(
    "content, reason",
    [
        (b"", "has 0 characters"),
        (b" \n\t\n" * 90, "has 0 characters"),
        (b"short", "has 5 characters"),
        (b"<|endoftext|>\n" * 50, "has 0 characters"),
        (b"\x80" * 200, "is not text in UTF-8 .byte 0"),
        ("é".encode("latin-1") * 200, "is not text in UTF-8"),
        (b"abc\0" * 200, "is binary"),
        (PROSE.encode("utf-16"), "is not text in UTF-8"),
    ],
    ids=range(8),
)
def test_files_that_are_no_text(tmp_path, content, reason):
    path = tmp_path / "own.txt"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=reason):
        read_text(path)


@pytest.mark.parametrize("count", [1, 3, 25])
def test_folds_test_everything_once(count):
    documents = [f"{i:02}" * 80 for i in range(count)]
    whole = "".join(documents)
    tested = []
    for fold in range(np.int64(4)):
        data = read_text(documents, folds=np.int64(4), fold=fold, validation=0.1)
        parts = {name: "".join(several) for name, several in data.documents.items()}
        assert sorted("".join(parts.values())) == sorted(whole)
        rest = len(whole) - len(parts["test"])
        assert abs(len(parts["val"]) - 0.1 * rest) <= 160
        tested.append(parts["test"])
    assert "".join(tested) == whole
    assert data.folds is None


def test_texts_in_memory(tmp_path):
    path = tmp_path / "own.txt"
    path.write_text("\n<|endoftext|>\n".join([PROSE, PROSE[:300]]))
    documents = [PROSE.strip(), PROSE[:300].strip(), "  "]
    on_disk = read_text(path)
    for source in (documents, tuple(documents), np.array(documents), pandas.Series(documents)):
        assert read_text(source).documents == on_disk.documents
    for wrong in (3, [1, 2], {"a": "b"}, np.zeros(3), pandas.DataFrame({"a": [1]})):
        with pytest.raises(BadInput, match="is no text; give a file, a folder, or a list"):
            read_text(wrong)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"fold": 1}, "fold=1 would change nothing"),
        ({"folds": 1}, "folds=1 is no number of folds"),
        ({"folds": True}, "folds=True is no number"),
        ({"folds": 3, "fold": 3}, "fold=3 is none of 3 folds; give 0 to 2"),
        ({"folds": 3, "fold": -1}, "fold=-1 is none"),
        ({"folds": 3, "fold": 0.5}, r"fold=0\.5 is none"),
    ],
)
def test_folds_that_are_none(options, reason):
    with pytest.raises(BadInput, match=reason):
        read_text([PROSE], **options)


def test_paths_and_shares_that_are_none(tmp_path):
    with pytest.raises(BadInput, match=r"cannot be read .No such file"):
        read_text(tmp_path / "none.txt")
    path = tmp_path / "own.txt"
    path.write_text(PROSE)
    for wrong in ({"test": 1.5}, {"test": "all"}, {"validation": 1}, {"validation": True}):
        with pytest.raises(BadInput, match="is no share"):
            read_text(path, **wrong)
    with pytest.raises(BadInput, match="more than 1 together"):
        read_text(path, validation=0.6, test=0.6)
    with pytest.raises(BadInput, match="window="):
        read_text(path, window="256")
