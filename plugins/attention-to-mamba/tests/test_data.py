"""The texts with a name: their splits, their tokens, their files."""

from __future__ import annotations

import pytest
from zoo_attention_to_mamba import data as loaders
from zoo_attention_to_mamba.specs.data import DATASETS, STORIES260K_TOKENIZER, TINYSTORIES
from zoo_attention_to_mamba.tokenizer import Tokenizer

from zoo_core import BadInput, DataError, available, dataset


@pytest.fixture(params=DATASETS, ids=lambda spec: spec.name)
def spec(request):
    if any(available(file) is None for file in request.param.files):
        pytest.skip(f"{request.param.name} is not here; set ZOO_DATA_MIRROR to a mirror of it")
    return request.param


def test_specs_are_what_the_factories_make(spec):
    made = dataset(spec.name)
    assert made.name == spec.name and made.window == 512
    assert list(made.splits) == list(spec.splits)
    assert dataset(spec.name, window=64).window == 64
    for option in spec.options:
        with pytest.raises(BadInput, match=option):
            dataset(spec.name, **{option: -1})
        with pytest.raises(BadInput, match=option):
            dataset(spec.name, **{option: "many"})
    assert all(file.sha256 and file.url.startswith("https://") for file in spec.files)


def test_tinystories_is_split_by_story(data_or_skip):
    data = data_or_skip("tinystories-sample")
    assert [len(data.text(split)) for split in ("train", "val", "test")] == [2000, 100, 216]
    every = [story for split in ("train", "val", "test") for story in data.text(split)]
    assert every[0].startswith("One day, a little girl named Lily found a needle")
    assert all(story == story.strip() and "<|endoftext|>" not in story for story in every)
    whole = data_or_skip("tinystories-sample", validation=0)
    assert whole.text("train") == tuple(every[:2100]) and whole.text("test") == data.text("test")
    with pytest.raises(BadInput, match=r"no split 'val'.* It has train, test"):
        whole.text("val")
    with pytest.raises(BadInput, match="validation=2100"):
        data_or_skip("tinystories-sample", validation=2100)


def test_tinystories_has_the_published_tokens(data_or_skip):
    path = available(STORIES260K_TOKENIZER)
    if path is None:
        pytest.skip("the tokenizer is not here")
    tokenizer = Tokenizer.from_llama2c(path)
    data = data_or_skip("tinystories-sample", validation=0)
    assert len(data.stream(tokenizer, "train")) == 888_258
    tokens = data.stream(tokenizer, "test")
    assert len(tokens) == 143_435 and int((tokens == 1).sum()) == 216
    inputs, targets = data.windows(tokenizer, "test", 256)
    assert inputs.shape == targets.shape == (560, 256)
    assert len(tokens) - 1 - inputs.numel() == 74
    assert tokenizer.decode(tokens[: tokens[1:].tolist().index(1) + 1]) == data.text("test")[0]


def test_tinyshakespeare_is_split_by_character(data_or_skip):
    data = data_or_skip("tinyshakespeare")
    parts = {split: data.text(split)[0] for split in ("train", "val", "test")}
    assert {split: len(part) for split, part in parts.items()} == {
        "train": 953_661,
        "val": 50_193,
        "test": 111_540,
    }
    whole = data_or_skip("tinyshakespeare", validation=0)
    assert whole.text("train")[0] == parts["train"] + parts["val"]
    tokenizer = Tokenizer.from_characters(parts["train"])
    assert tokenizer.size == 65
    tokens = data.stream(tokenizer, "test")
    assert len(tokens) == 111_540 and tokenizer.decode(tokens) == parts["test"]


def test_wikitext_keeps_its_unknown_words(data_or_skip):
    data = data_or_skip("wikitext-2")
    assert data.text("val")[0].startswith(" \n = Homarus gammarus = \n")
    assert data.text("test")[0].count("<unk>") > 1000
    with pytest.raises(BadInput, match=r"no split 'train'.* It has val, test"):
        data.text("train")


def test_another_number_of_stories_is_told(tmp_path, monkeypatch):
    (tmp_path / "few.txt").write_text("one<|endoftext|>two<|endoftext|>cu")
    monkeypatch.setattr(loaders, "fetch", lambda file: tmp_path / "few.txt")
    with pytest.raises(DataError, match="has 2 stories, expected 2316"):
        loaders.tinystories()


def test_files_are_checked_against_their_hash(tmp_path, monkeypatch):
    wrong = tmp_path / TINYSTORIES.path
    wrong.parent.mkdir()
    wrong.write_text("not the stories")
    monkeypatch.setenv("ZOO_DATA_MIRROR", str(tmp_path))
    with pytest.raises(DataError, match="is not the file that was expected"):
        loaders.tinystories()
