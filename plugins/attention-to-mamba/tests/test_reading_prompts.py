"""Prompts: a file is what stands in it, a text is itself, and what is neither is told."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np
import pytest
from zoo_attention_to_mamba.reading.prompts import read_prompts

import zoo
from zoo_core import BadInput

TALE = "Once upon a time"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("tale.txt").write_text(TALE + "\n")
    Path("tale").write_text(TALE)
    return tmp_path


def test_a_file_is_its_text_and_a_text_is_itself(here):
    for source in ("tale.txt", Path("tale.txt"), str(here / "tale.txt"), "./tale.txt", "tale"):
        assert read_prompts([source]) == [TALE]
    Path("marked.md").write_bytes(b"\xef\xbb\xbf" + b"a\r\nb\n\n")
    assert read_prompts(["marked.md", "One day, Tom said: go."]) == [
        "a\nb\n",
        "One day, Tom said: go.",
    ]
    for text in ("The end.", "e.g. this", "a/b c.txt", "x" * 9999, "a\0b", "", "Hello.World", "-"):
        assert read_prompts([text]) == [text]


@pytest.mark.parametrize("word", ["tail.txt", "./tale2", "../x", "/tmp/none/x", "~/none", "a/b.md"])
def test_a_word_that_looks_like_a_file_and_is_none_is_told(word):
    with pytest.raises(BadInput, match=r"There is no file .*the text itself with prompt"):
        read_prompts([word])


def test_files_that_are_no_prompt():
    Path("empty.txt").write_text("\n")
    Path("binary.txt").write_bytes(b"a\0b")
    Path("latin.txt").write_bytes("é".encode("latin-1"))
    for name, reason in (("empty", "has no text"), ("binary", "binary"), ("latin", "in UTF-8")):
        with pytest.raises(BadInput, match=reason):
            read_prompts([f"{name}.txt"])
    with pytest.raises(BadInput, match="cannot be read"):
        read_prompts([Path()])
    with pytest.raises(BadInput, match="must be a text, not 3"):
        read_prompts([3])


def test_a_language_model_in_the_shell_reads_files(zoo_here, monkeypatch):
    words = ["predict", "stories260k-tinystories", "--tokens", "3", "--temperature", "0"]
    wanted = zoo_here(*words, "--prompt", TALE).out
    assert wanted.startswith(TALE)
    assert zoo_here(*words, "tale.txt").out == wanted
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TALE.encode())))
    assert zoo_here(*words, "-").out == wanted
    assert zoo_here(*words, "--prompt", "tale.txt").out.startswith("tale.txt")
    done = zoo_here(*words, "tail.txt")
    assert (done.code, done.out) == (2, "")
    assert "no file 'tail.txt'" in done.err
    rows = zoo_here(*words, "tale.txt", "tale", "--each", "--json").json
    assert rows == [{"source": name, "text": wanted[:-1]} for name in ("tale.txt", "tale")]
    rows = zoo_here(*words, "tale.txt", "Tom was", "--json").json
    assert [row["prompt"] for row in rows] == [TALE, "Tom was"]


def test_numpy_s_numbers_are_numbers():
    model = zoo.load("stories260k-tinystories")
    wanted = "".join(model.predict(TALE, tokens=3, seed=1, temperature=0.5))
    found = model.predict(
        TALE, tokens=np.int64(3), seed=np.int32(1), temperature=np.float32(0.5), top_k=np.int8(0)
    )
    assert "".join(found) == wanted
