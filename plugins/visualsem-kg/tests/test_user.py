"""What a user does: train on their own graph, rank, look for names, in Python and in the shell."""

from __future__ import annotations

import pytest
import torch
from zoo_visualsem_kg.graph_links import GraphLinks
from zoo_visualsem_kg.tuples import DistMult

import zoo
from zoo_core import BadInput

TINY = ("--set", "epochs=2", "--set", "dim=8", "--set", "negatives=20")


@pytest.fixture
def module(graph):
    torch.manual_seed(0)
    found = DistMult(entities=40, relations=2, facts=len(graph.of("train")), dim=6).eval()
    found.carry(graph)
    return found


def test_train_predict_and_evaluate_in_the_shell(fake_sentences, files, zoo_here, monkeypatch):
    monkeypatch.chdir(files)
    words = ["train", "sage", "--dataset", "mine.tsv", "--option", "glosses=names.tsv"]
    done = zoo_here(*words, *TINY, "--out", "model")
    assert done.code == 0, done.err
    rows = zoo_here("predict", "./model", "thing 3", "next", "--json").json
    assert list(rows[0]) == ["tail", "id", "score"] and len(rows) == 10
    assert all(row["id"] != "n03" for row in rows)
    heads = zoo_here("predict", "./model", "?", "next", "thing 3", "--top", "2", "--json")
    assert [list(row) for row in heads.json] == [["head", "id", "score"]] * 2
    measured = zoo_here("evaluate", "./model", "--json")
    assert {"mrr", "hits-at-10"} <= {row["metric"] for row in measured.json}
    wrong = zoo_here("predict", "./model", "thing3", "next")
    assert wrong.code == 2 and "did you mean 'thing 3'" in wrong.err


def test_a_graph_without_glosses_is_told_what_it_lacks(files, zoo_here, monkeypatch):
    monkeypatch.chdir(files)
    refused = zoo_here("train", "sage", "--dataset", "mine.tsv", *TINY, "--out", "model")
    assert refused.code == 2 and "glosses=FILE" in refused.err
    done = zoo_here("train", "sage", "--dataset", "mine.tsv", *TINY, "--set", "gating=node",
                    "--set", "residual=false", "--out", "model")  # fmt: skip
    assert done.code == 0, done.err


def test_what_is_open_is_ranked(module, graph):
    ring = {(h, t) for h, r, t in graph.of("train").tolist() if r == 1}
    head = next(iter(ring))[0]
    name = graph.entities.names[head]
    rows = module.predict(name, "fifth", top=100)
    assert (head, graph.entities.numbers[rows[0]["id"]]) not in ring
    assert len(rows) == 40 - sum(h == head for h, _ in ring)
    every = module.predict(name, "fifth", top=100, known=True)
    assert [row["known"] for row in every].count(True) == sum(h == head for h, _ in ring)
    assert {row["relation"] for row in module.predict("n00", "?", "n01", known=True)} == {
        "next", "fifth",
    }  # fmt: skip
    judged = module.predict("n00", "next", "n07")[0]
    assert 1 <= judged["tail rank"] <= 40 and judged["known"] is False


def test_new_triples_are_the_best_of_all(module, graph):
    rows = module.predict(top=5)
    scores = torch.stack(
        [module.score_tails(module.encode(), torch.arange(40), torch.full((40,), r))
         for r in range(2)], 1)  # fmt: skip
    heads, relations, tails = graph.of("train").unbind(1)
    scores[heads, relations, tails] = -torch.inf
    best = scores.detach().flatten().topk(5).values
    assert [row["score"] for row in rows] == pytest.approx(best.tolist(), abs=1e-4)
    assert {row["relation"] for row in module.predict(top=5, relations="next")} == {"next"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("n00",), "relation and tail are open"),
        (("n00", "nxt"), "did you mean 'next'"),
        (("n0", "next"), "no entity 'n0'"),
    ],
    ids=["one", "relation", "entity"],
)
def test_questions_that_cannot_be_answered(module, words, told):
    with pytest.raises(BadInput, match=told):
        module.predict(*words)


def test_no_answers_cannot_be_asked_for(module):
    with pytest.raises(BadInput, match="top=0"):
        module.predict("n00", "next", top=0)


def test_names_that_several_things_have(module, graph):
    from dataclasses import replace

    names = ("bank", "bank", *graph.entities.names[2:])
    module.entities = replace(graph.entities, names=names)
    with pytest.raises(BadInput, match="2 things are called 'bank': n00"):
        module.predict("bank", "next")
    assert module.predict("n00", "next", top=1)


def test_vectors_of_entities(module):
    assert torch.equal(module.embed("n03", "thing 5"), module.entity[[3, 5]])


def test_other_data_are_ranked_by_name_and_strange_ones_refused(module, graph):
    from dataclasses import replace

    order = torch.arange(39, -1, -1)
    moved = graph.triples.clone()
    moved[:, [0, 2]] = order[moved[:, [0, 2]]]
    turned = replace(
        graph,
        triples=moved,
        entities=replace(graph.entities, ids=graph.entities.ids[::-1], names=()),
    )
    assert torch.equal(module.own_numbers(turned), graph.triples)
    own, other = (
        [row.value for row in zoo.evaluate(module, data, metrics=["mrr"])]
        for data in (graph, turned)
    )
    assert own == pytest.approx(other)
    strange = replace(graph, entities=replace(graph.entities, ids=("x", *graph.entities.ids[1:])))
    with pytest.raises(BadInput, match="'x'"):
        module.own_numbers(strange)


def test_names_travel_with_the_weights(module):
    torch.manual_seed(1)
    other = GraphLinks(entities=40, gating="node", residual=False, text=0, image=0)
    other.use_assets(module.assets())
    assert other.entities.find("thing 3") == 3 and other.relations.ids == ("next", "fifth")


def test_sentences_find_a_user_s_entities_in_the_shell(fake_minilm, files, zoo_here, monkeypatch):
    monkeypatch.chdir(files)
    lines = [f"n{i:02}\tlook at thing {i} there\n" for i in range(40)]
    (files / "said.tsv").write_text("id\tsentence\n" + "".join(lines))
    words = ("--dataset", "said.tsv", "--option", "glosses=names.tsv", "--out", "found")
    done = zoo_here("train", "retriever", *words, "--set", "epochs=2", "--set", "batch=8")
    assert done.code == 0, done.err
    rows = zoo_here("predict", "./found", "where is thing 7?", "--top", "3", "--json").json
    assert [list(row) for row in rows] == [["entity", "id", "score", "gloss"]] * 3
    measured = zoo_here("evaluate", "./found", "--json")
    assert {"recall-at-1", "retrieval-mrr"} <= {row["metric"] for row in measured.json}
    wrong = zoo_here("predict", "./found", "...")
    assert wrong.code == 2 and "There is no word" in wrong.err
    bare = zoo_here("train", "retriever", "--dataset", "said.tsv", "--out", "bare")
    assert bare.code == 2 and "a table of sentences; give the table of entities" in bare.err


def test_names_and_senses_of_one_s_own_in_the_shell(fake_minilm, tmp_path, zoo_here, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = "Anna B-PER\nsaw O\nParis B-LOC\n\nParis B-LOC\nis O\nfar O\n\n" * 10
    (tmp_path / "mine.conll").write_text(text)
    done = zoo_here("train", "span-tagger", "--dataset", "mine.conll", "--out", "names",
                    "--set", "epochs=15", "--set", "batch=8", "--set", "dropout=0")  # fmt: skip
    assert done.code == 0, done.err
    rows = zoo_here("predict", "./names", "Anna saw Paris", "--json").json
    assert [(row["span"], row["type"], row["start"], row["end"]) for row in rows] == [
        ("Anna", "PER", 0, 1), ("Paris", "LOC", 2, 3),
    ]  # fmt: skip
    measured = zoo_here("evaluate", "./names", "--json").json
    assert {row["metric"]: row["value"] for row in measured}["span-f1"] == 1
    lines = ["lift\ta baby\theben", "lift\ta ban\taufheben"] * 20
    (tmp_path / "verbs.tsv").write_text("\n".join(lines))
    done = zoo_here("train", "verb-senses", "--dataset", "verbs.tsv", "--out", "verbs",
                    "--set", "epochs=5")  # fmt: skip
    assert done.code == 0, done.err
    best = zoo_here("predict", "./verbs", "lift", "a ban", "--json").json
    assert best[0]["verb"] == "aufheben" and len(best) == 2
    assert sum(row["probability"] for row in best) == pytest.approx(1, abs=1e-3)
    told = zoo_here("predict", "./verbs", "carry", "a ban", "--json")
    assert "'carry' is none of the 1 that were trained on" in told.err
    for model, asked in (("./verbs", "?"), ("./names", " ")):
        refused = zoo_here("predict", model, asked)
        assert refused.code == 2 and "no word" in refused.err
