"""Sentences to entities: names in them, exact search, ranks that do not flatter."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional
from zoo_triples.triples import Vocabulary
from zoo_visualsem_kg.retrieval.lemmas import Lemmas, singulars
from zoo_visualsem_kg.retrieval.metrics import RecallAt, ReciprocalRank
from zoo_visualsem_kg.retrieval.retriever import Retriever
from zoo_visualsem_kg.sentences import encode
from zoo_visualsem_kg.train.retrieval import BONUSES

import zoo
from zoo_core import BadInput, Notice


@pytest.fixture
def retriever(fake_minilm, sayings, tmp_path):
    return zoo.train("retriever", sayings, out=tmp_path / "m", config={"epochs": 0})


def test_names_are_found_as_whole_words_and_in_plurals():
    known = Vocabulary(
        ("a", "b", "c", "d"), ("lynx", "Sea_lion", "fly", "glass"), (("catamount",), (), (), ())
    )
    lemmas = Lemmas(known)
    assert lemmas.found("Two CATAMOUNTS watch sea lions and flies!") == {0, 1, 2}
    assert lemmas.found("the lynxes' sealion, a glass") == {0, 3}
    assert lemmas.found("") == lemmas.found("the sea, a lion") == set()
    assert lemmas.matches(["fly", "", "lynx fly"]).tolist() == [[0, 2, 2], [2, 0, 2]]
    assert singulars("gas") == ("gas",) and "bus" in singulars("buses")


def test_before_training_scores_are_cosines_of_the_encoder(retriever, graph):
    asked = ["what is called thing 3", "thing 8"]
    vectors = zoo.predict(retriever, *asked, top=40, lemmas=False)
    assert len(vectors) == 80 and vectors[0]["sentence"] == asked[0]
    found = next(iter(retriever.search(retriever.index(), asked, lemmas=False)))
    held = retriever.text.features.texts()
    half = functional.normalize(held.sum(1), dim=1)
    expected = encode(asked) @ half.T
    assert torch.allclose(found, expected, atol=1e-3)
    assert zoo.predict(retriever, "thing 8", top=1)[0]["id"] == "n08"


def test_a_query_s_own_name_comes_first_and_no_entity_twice(retriever):
    rows = zoo.predict(retriever, "thing 12", top=100)
    assert rows[0]["entity"] == "thing 12" and rows[0]["gloss"] == "what is called thing 12"
    assert len({row["id"] for row in rows}) == len(rows) == 40


def test_a_named_entity_gains_the_bonus(retriever):
    retriever.lemma.data.fill_(0.25)
    index, said = retriever.index(), ["look, THING 7!"]
    plain, more = (next(iter(retriever.search(index, said, lemmas=on))) for on in (False, True))
    gained = torch.zeros(40)
    gained[7] = 0.25
    assert torch.allclose(more[0] - plain[0], gained, atol=1e-6)


def test_search_does_not_depend_on_how_many_go_at_once(retriever):
    said = [f"thing {i} here" for i in range(7)]
    whole, parts = (
        torch.cat(list(retriever.search(retriever.index(), said, batch_size=size)))
        for size in (7, 2)
    )
    assert torch.allclose(whole, parts, atol=1e-6)


def test_training_learns_what_sentences_are_about(fake_minilm, sayings, retriever, tmp_path):
    config = {"epochs": 15, "batch": 10, "learning_rate": 0.03, "dropout": 0.0}
    module = zoo.train("retriever", sayings, out=tmp_path / "t", config=config)

    def ranked(one, split):
        return {row.metric: row.value for row in zoo.evaluate(one, sayings, split=split)}

    assert ranked(module, "train")["retrieval-mrr"] > ranked(retriever, "train")["retrieval-mrr"]
    assert any(abs(module.lemma.item() - one) < 1e-6 for one in BONUSES)
    found = ranked(module, "test")
    assert 0 < found["recall-at-1"] <= found["recall-at-5"] <= found["recall-at-10"] <= 1


def test_the_rows_of_a_split_are_those_of_its_sentences(retriever, sayings):
    found = zoo.embed(retriever, sayings, split="test")
    one_by_one = zoo.embed(retriever, *sayings.sentences[50:])
    assert found.shape == (10, 6) and abs(found - one_by_one).max() < 1e-6


def test_other_candidates_are_read_from_their_texts(retriever, sayings):
    from dataclasses import replace

    fewer = replace(sayings, among={**sayings.among, "test": torch.arange(30)})
    own, other = (
        {row.metric: row.value for row in zoo.evaluate(retriever, data)}
        for data in (sayings, fewer)
    )
    assert other["retrieval-mrr"] >= own["retrieval-mrr"] - 0.02


def test_the_metrics_share_ties_and_count_all():
    better, equal = torch.tensor([0, 0, 4]), torch.tensor([0, 1, 0])
    first, five, mean = RecallAt(1), RecallAt(5), ReciprocalRank()
    for meter in (first, five, mean):
        meter.update(better[:1], equal[:1])
        meter.update(better[1:], equal[1:])
    assert float(first.compute()) == pytest.approx(1 / 3)
    assert float(five.compute()) == 1
    assert float(mean.compute()) == pytest.approx((1 + 1 / 1.5 + 1 / 5) / 3)
    with pytest.raises(ValueError, match="k=0"):
        RecallAt(0)


def test_an_index_alone_needs_no_sentence(fake_minilm, files, tmp_path):
    with pytest.warns(Notice, match="no sentences to learn from"):
        module = zoo.train("retriever", files / "names.tsv", out=tmp_path / "i")
    rows = zoo.predict(module, "thing 12", top=40)
    assert {row["entity"] for row in rows} == {f"thing {i}" for i in range(40)}
    again = zoo.load(tmp_path / "i")
    assert torch.equal(zoo.load(tmp_path / "i").asked.weight, module.asked.weight)
    assert again.entities == module.entities and again.glosses == module.glosses


@pytest.mark.parametrize(
    ("asked", "more", "told"),
    [
        ((), {}, "Give a sentence"),
        (("  ",), {}, "no word in"),
        (("?!",), {}, "no word in"),
        ((3,), {}, "not a int"),
        (("a cat",), {"top": 0}, "top=0"),
        (("a cat",), {"top": "x"}, "top='x'"),
        (("a cat",), {"lemmas": "maybe"}, "lemmas='maybe'"),
    ],
    ids=["none", "empty", "signs", "number", "top", "word", "flag"],
)
def test_what_cannot_be_searched_is_refused(retriever, asked, more, told):
    with pytest.raises(BadInput, match=told):
        zoo.predict(retriever, *asked, **more)


def test_entities_without_texts_are_refused():
    with pytest.raises(BadInput, match="glosses"):
        Retriever(text=0)


def test_data_of_another_kind_are_refused(retriever, graph, tmp_path):
    with pytest.raises(BadInput, match="Sentences with their entities"):
        zoo.train("retriever", graph, out=tmp_path / "x")
    with pytest.raises(BadInput, match="Sentences with their entities"):
        zoo.evaluate(retriever, graph)
