"""Texts: their windows, their streams, and what cannot be asked of them."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from zoo_attention_to_mamba.text import Text
from zoo_attention_to_mamba.tokenizer import Tokenizer

from zoo_core import BadInput

STEADY = settings(max_examples=60)


def characters(content="abc"):
    return Tokenizer.from_characters(content)


def with_start():
    """Return a tokenizer of characters whose id 0 is a start token."""
    return characters("\0abc ").with_ends(0, None)


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
    with pytest.raises(BadInput, match=r"no split 'val'.* It has train\."):
        data.stream(characters(), "val")
    with pytest.raises(BadInput, match="no split 'exam'"):
        data.windows(characters(), "exam", 2)
    with pytest.raises(BadInput, match="has 3 tokens, too few for a window of 3"):
        data.windows(characters(), "train", 3)
    with pytest.raises(BadInput, match="context=0"):
        data.windows(characters(), "train", 0)
    with pytest.raises(BadInput, match="window=0"):
        Text({}, window=0)


def test_a_split_is_a_view_of_the_whole():
    data = Text({"train": ["abc", "cab"], "val": [], "test": ["a"]})
    view = data.split("train")
    assert list(data.splits) == ["train", "test"]
    assert view.data is data and view.name == "train"
    assert [data.documents["train"][i] for i in view.indices] == ["abc", "cab"]
