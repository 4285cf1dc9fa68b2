"""What the tests share: a small graph with glosses and images, and vectors of sentences."""

from __future__ import annotations

from hashlib import sha256
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch.nn import functional
from zoo_triples.splitting import random_rows
from zoo_triples.triples import TripleSet, Vocabulary
from zoo_visualsem_kg import sentences
from zoo_visualsem_kg.data.sentence_sets import SentenceSet
from zoo_visualsem_kg.downstream import pieces, words
from zoo_visualsem_kg.train import graphs

ENTITIES, RELATIONS, WIDTH = 40, 2, 6


@pytest.fixture(autouse=True)
def surroundings(no_network, monkeypatch):
    monkeypatch.delenv("ZOO_TRACEBACK", raising=False)


def _encode(texts, encoder="minilm", progress=None):
    """A vector of its own for each text, in place of the encoder's."""
    assert encoder == "minilm"
    rows = []
    for text in texts:
        seed = int.from_bytes(sha256(text.encode()).digest()[:4], "big")
        rows.append(np.random.default_rng(seed).standard_normal(WIDTH))
    return functional.normalize(
        torch.tensor(np.array(rows).reshape(-1, WIDTH), dtype=torch.float32), dim=1
    )


@pytest.fixture
def fake_sentences(monkeypatch):
    monkeypatch.setattr(graphs, "encode", _encode)


@pytest.fixture
def fake_minilm(monkeypatch, tmp_path):
    """Vectors of sentences and of words by their letters alone, and nothing kept beyond a test."""
    monkeypatch.setenv("ZOO_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(sentences, "_minilm", _encode)

    def encoded(texts, lengths, progress):
        found = _encode([word.lower() for one in texts for word in one])
        return functional.pad(found, (0, words.WIDTH - WIDTH))

    monkeypatch.setattr(words, "_encoded", encoded)
    monkeypatch.setattr(pieces, "minilm", lambda longest: (_Bert(), _Tokenizer()))
    monkeypatch.setattr(pieces.LastLayer, "begin", lambda self: self)


class _Bert:
    """A vector for each word piece, in place of the states that enter MiniLM's last layer."""

    config = SimpleNamespace(hidden_size=words.WIDTH)

    def __call__(self, input_ids, attention_mask, output_hidden_states):
        table = torch.randn(1000, words.WIDTH, generator=torch.Generator().manual_seed(0))
        return SimpleNamespace(hidden_states=(table[input_ids], None))


class _Tokenizer:
    """Pieces of three letters, between two pieces of no word."""

    def no_padding(self):
        pass

    def encode_batch(self, sentences, is_pretokenized):
        found = []
        for sentence in sentences:
            parts = [(n, w[i : i + 3]) for n, w in enumerate(sentence) for i in range(0, len(w), 3)]
            ids = [2 + sha256(part.encode()).digest()[0] for _, part in parts]
            numbers = [None, *(number for number, _ in parts), None]
            found.append(SimpleNamespace(ids=[0, *ids, 1], word_ids=numbers, overflowing=[]))
        return found


@pytest.fixture
def sayings(graph):
    """A sentence or two of each of the forty things, which name them or not."""
    said = [f"look at {name} there" for name in graph.entities.names]
    said += [f"what is called {name} indeed" for name in graph.entities.names[:20]]
    rows = torch.arange(60)
    everything = torch.arange(ENTITIES)
    return SentenceSet(
        tuple(said),
        rows % ENTITIES,
        graph.entities,
        graph.texts,
        {"train": rows[:40], "val": rows[40:50], "test": rows[50:]},
        dict.fromkeys(("train", "val", "test"), everything),
    )


@pytest.fixture(scope="session")
def graph():
    """Forty entities on a line and a ring, so that links can be learned."""
    line = [(i, 0, i + 1) for i in range(ENTITIES - 1)]
    ring = [(i, 1, (i + 5) % ENTITIES) for i in range(ENTITIES)]
    triples = torch.tensor(line + ring)
    has = torch.arange(ENTITIES) % 3 == 0
    images = torch.randn(ENTITIES, 4, generator=torch.Generator().manual_seed(0))
    return TripleSet(
        triples,
        Vocabulary(
            tuple(f"n{i:02}" for i in range(ENTITIES)),
            tuple(f"thing {i}" for i in range(ENTITIES)),
        ),
        Vocabulary(("next", "fifth"), kind="relation"),
        random_rows(triples),
        tuple(f"what is called thing {i}" for i in range(ENTITIES)),
        (has, images * has[:, None]),
    )


@pytest.fixture
def files(tmp_path, graph):
    """The same graph as a person has it: triples and glosses, as tables."""
    ids, kinds = graph.entities.ids, graph.relations.ids
    lines = [f"{ids[h]}\t{kinds[r]}\t{ids[t]}" for h, r, t in graph.triples.tolist()]
    (tmp_path / "mine.tsv").write_text("\n".join(lines) + "\n")
    rows = zip(ids, graph.entities.names, graph.texts, strict=True)
    (tmp_path / "names.tsv").write_text("\n".join("\t".join(row) for row in rows) + "\n")
    return tmp_path
