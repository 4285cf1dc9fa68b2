"""Texts: the real ones' splits and windows, a user's own files, and what is wrong with them."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from zoo_attention_to_mamba import text
from zoo_attention_to_mamba.datasets_registered import DATASETS
from zoo_attention_to_mamba.sources import STORIES260K_TOKENIZER, TINYSTORIES
from zoo_attention_to_mamba.text import Text, read_text
from zoo_attention_to_mamba.tokenizer import Tokenizer

from zoo_core import files as zoo_files
from zoo_core.building import resolve
from zoo_core.errors import BadInput, DataError
from zoo_core.files import available

STEADY = settings(deadline=None, max_examples=60, derandomize=True)
PROSE = "It was a bright cold day in April, and the clocks were striking thirteen.\n" * 30


@pytest.fixture(params=DATASETS, ids=lambda spec: spec.name)
def spec(request):
    if any(available(file) is None for file in request.param.files):
        pytest.skip(f"{request.param.name} is not here; set ZOO_DATA_MIRROR to a mirror of it")
    return request.param


@pytest.fixture
def load(monkeypatch):
    def refuse(file, url):
        pytest.skip(f"{file.path} is not here; set ZOO_DATA_MIRROR to a mirror that has it")

    monkeypatch.setattr(zoo_files, "_download", refuse)
    return {spec.name: resolve(spec.factory) for spec in DATASETS}


def characters(content="abc"):
    return Tokenizer.from_characters(content)


def with_start():
    """Return a tokenizer of characters whose id 0 is a start token."""
    return characters("\0abc ").with_ends(0, None)


def test_specs_are_what_the_factories_make(spec):
    made = resolve(spec.factory)(**spec.config)
    assert made.name == spec.name and made.window == 256
    assert {split for split, several in made.documents.items() if several} == set(spec.splits)
    assert resolve(spec.factory)(window=64).window == 64
    for option in spec.options:
        with pytest.raises(BadInput, match=option):
            resolve(spec.factory)(**{option: -1})
        with pytest.raises(BadInput, match=option):
            resolve(spec.factory)(**{option: "many"})
    assert all(file.sha256 and file.url.startswith("https://") for file in spec.files)


def test_tinystories_is_split_by_story(load):
    data = load["tinystories-sample"]()
    assert [len(data.text(split)) for split in ("train", "val", "test")] == [2000, 100, 216]
    every = [story for split in ("train", "val", "test") for story in data.text(split)]
    assert every[0].startswith("One day, a little girl named Lily found a needle")
    assert all(story == story.strip() and "<|endoftext|>" not in story for story in every)
    whole = load["tinystories-sample"](validation=0)
    assert whole.text("train") == tuple(every[:2100]) and whole.text("test") == data.text("test")
    with pytest.raises(BadInput, match="nothing in a split 'val'; use one of train, test"):
        whole.text("val")
    with pytest.raises(BadInput, match="validation=2100"):
        load["tinystories-sample"](validation=2100)


def test_tinystories_has_the_published_tokens(load):
    path = available(STORIES260K_TOKENIZER)
    if path is None:
        pytest.skip("the tokenizer is not here")
    tokenizer = Tokenizer.from_llama2c(path)
    data = load["tinystories-sample"](validation=0)
    assert len(data.stream(tokenizer, "train")) == 888_258
    tokens = data.stream(tokenizer, "test")
    assert len(tokens) == 143_435 and int((tokens == 1).sum()) == 216
    inputs, targets = data.windows(tokenizer, "test", 256)
    assert inputs.shape == targets.shape == (560, 256)
    assert len(tokens) - 1 - inputs.numel() == 74
    assert tokenizer.decode(tokens[: tokens[1:].tolist().index(1) + 1]) == data.text("test")[0]


def test_tinyshakespeare_is_split_by_character(load):
    data = load["tinyshakespeare"]()
    parts = {split: data.text(split)[0] for split in ("train", "val", "test")}
    assert {split: len(part) for split, part in parts.items()} == {
        "train": 953_661,
        "val": 50_193,
        "test": 111_540,
    }
    whole = load["tinyshakespeare"](validation=0)
    assert whole.text("train")[0] == parts["train"] + parts["val"]
    tokenizer = characters(parts["train"])
    assert tokenizer.size == 65
    tokens = data.stream(tokenizer, "test")
    assert len(tokens) == 111_540 and tokenizer.decode(tokens) == parts["test"]


def test_wikitext_keeps_its_unknown_words(load):
    data = load["wikitext-2"]()
    assert data.text("val")[0].startswith(" \n = Homarus gammarus = \n")
    assert data.text("test")[0].count("<unk>") > 1000
    with pytest.raises(BadInput, match="nothing in a split 'train'; use one of val, test"):
        data.text("train")


def test_another_number_of_stories_is_told(tmp_path, monkeypatch):
    (tmp_path / "few.txt").write_text("one<|endoftext|>two<|endoftext|>cu")
    monkeypatch.setattr(text, "fetch", lambda file: tmp_path / "few.txt")
    with pytest.raises(DataError, match="has 2 stories, expected 2316"):
        text.tinystories()


def test_files_are_checked_against_their_hash(tmp_path, monkeypatch):
    wrong = tmp_path / TINYSTORIES.path
    wrong.parent.mkdir()
    wrong.write_text("not the stories")
    monkeypatch.setenv("ZOO_DATA_MIRROR", str(tmp_path))
    with pytest.raises(DataError, match="is not the file that was expected"):
        text.tinystories()


@STEADY
@given(
    documents=st.lists(st.text("abc ", max_size=9), min_size=1, max_size=6),
    context=st.integers(1, 12),
)
def test_windows_follow_one_another(documents, context):
    tokenizer = with_start()
    data = Text({"test": documents})
    stream = [i for document in documents for i in [0, *tokenizer.encode(document, start=False)]]
    assert data.stream(tokenizer, "test").tolist() == stream
    if len(stream) <= context:
        with pytest.raises(BadInput, match="too few for a window"):
            data.windows(tokenizer, "test", context)
        return
    inputs, targets = data.windows(tokenizer, "test", context)
    count = (len(stream) - 1) // context
    assert inputs.dtype == targets.dtype == torch.int64
    assert inputs.tolist() == [stream[i * context :][:context] for i in range(count)]
    assert targets.tolist() == [stream[i * context + 1 :][:context] for i in range(count)]
    assert len(stream) - 1 - count * context < context


def test_streams_are_kept_for_each_tokenizer():
    data = Text({"train": ["abcabc"], "test": ["cab"]})
    first = data.stream(characters(), "train")
    assert data.stream(characters(), "train") is first, "an equal tokenizer"
    assert data.stream(characters("abcd"), "train") is not first
    assert data.stream(characters("_abc"), "train").tolist() == [i + 1 for i in first.tolist()]
    assert data.stream(characters(), "test").tolist() == [2, 0, 1]
    with pytest.raises(BadInput, match="no token for 'c'; it knows the 2 characters"):
        data.stream(characters("ab"), "train")


def test_unusable_requests():
    data = Text({"train": ["abc"], "val": []}, name="small")
    with pytest.raises(BadInput, match="small has nothing in a split 'val'; use one of train"):
        data.stream(characters(), "val")
    with pytest.raises(BadInput, match="small has nothing in a split 'exam'"):
        data.windows(characters(), "exam", 2)
    with pytest.raises(BadInput, match="has 3 tokens, too few for a window of 3"):
        data.windows(characters(), "train", 3)
    with pytest.raises(BadInput, match="context=0"):
        data.windows(characters(), "train", 0)
    with pytest.raises(BadInput, match="window=0"):
        Text({}, window=0)


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
    assert data.name == "novel.txt" and data.window == 256 and "novel.txt" in repr(data)
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
