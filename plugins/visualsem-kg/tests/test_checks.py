"""The checks, on shipped models and small graphs: what they measure is what they say."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
import torch
from zoo_triples.known import Known
from zoo_visualsem_kg.checks import (
    ablations,
    graphs,
    made,
    retrieval,
    senses,
    spans,
    texts,
    tuples,
    unseen,
)
from zoo_visualsem_kg.checks.ranked import Ranked, gain_over_runs, over_runs
from zoo_visualsem_kg.data.multisense import SenseSet
from zoo_visualsem_kg.downstream.knowledge import Knowledge
from zoo_visualsem_kg.downstream.spans import SpanScore
from zoo_visualsem_kg.downstream.tagger import Tagger
from zoo_visualsem_kg.downstream.words import WIDTH
from zoo_visualsem_kg.reading.tagged import read_tagged
from zoo_visualsem_kg.specs.claims import CLAIMS, FLAGSHIP, NODE, TEXT
from zoo_visualsem_kg.text_links import TextLinks
from zoo_visualsem_kg.tuples import DistMult

import zoo
from zoo_core import bootstrap


def bounds(name):
    (claim,) = [one for one in CLAIMS if one.name == name]
    return set(claim.bounds)


def test_ranks_are_those_of_the_metric(graph):
    torch.manual_seed(0)
    module = DistMult(entities=40, relations=2, facts=len(graph.of("train")), dim=6).eval()
    module.carry(graph)
    found = Ranked(module.scorer(), graph)
    measured = {row.metric: row.value for row in zoo.evaluate(module, graph, metrics=["mrr",
                "mrr-tail", "hits-at-10"])}  # fmt: skip
    assert found.mrr().mean == pytest.approx(measured["mrr"], abs=1e-6)
    assert found.mrr("tail").mean == pytest.approx(measured["mrr-tail"], abs=1e-6)
    assert found.hits(10).mean == pytest.approx(100 * measured["hits-at-10"], abs=1e-4)
    told = found.figures(graph)["by relation"]
    assert sum(one["queries"] for one in told.values()) == 2 * len(graph.of("test"))
    assert len(Known(graph.triples, 40, 2)) == len(graph.triples)


def test_texts(data_or_skip):
    data_or_skip("wnvis")
    found = texts.zero_shot()
    assert set(found.quantities) == bounds("zero-shot-texts")
    assert len(found.figures) == 3
    assert set(texts.measured(TEXT).quantities) == bounds("texts-alone")


def test_graphs(data_or_skip):
    data_or_skip("wnvis")
    found = graphs.measured(FLAGSHIP)
    assert set(found.quantities) == bounds("flagship")
    counts = found.figures["gates"]
    assert sum(counts["gloss"]) == 7273 and sum(counts["image"]) == 1742
    told = found.figures["neighbourhood"]
    assert len(told["ranked"]) == 8 and len(told["around"]) >= 3
    assert all(told["head"] in (one[0], one[2]) for one in told["around"])
    found = graphs.beside_texts(FLAGSHIP, TEXT, NODE)
    assert set(found.quantities) == bounds("graph-beside-texts")
    assert sum(map(sum, found.figures["ranks"]["counts"])) == 2 * 1390


def test_a_model_is_measured_beside_another(data_or_skip):
    data_or_skip("wnvis")
    found = graphs.beside(NODE, TEXT)
    assert set(found.quantities) == {"MRR", "tail MRR", f"more than {TEXT}: MRR"}
    gap = found.quantities["MRR"].mean - texts.measured(TEXT).quantities["MRR"].mean
    assert found.quantities[f"more than {TEXT}: MRR"].mean == pytest.approx(gap)
    for name in ("paper-form", "attention"):
        assert len(bounds(name)) == 3


def test_triples_alone(data_or_skip):
    data_or_skip("codex-s")
    found = tuples.measured("transe-codexs")
    assert set(found.quantities) == bounds("published-transe-codexs")
    assert found.figures["chance that a true triple scores above a hard negative"] > 0.5


def test_retrieval(fake_minilm, sayings, tmp_path, monkeypatch):
    module = zoo.train("retriever", sayings, out=tmp_path / "m", config={"epochs": 0})
    monkeypatch.setattr(retrieval, "dataset", lambda _: sayings)
    monkeypatch.setattr(retrieval, "load", lambda _: module)
    found = retrieval.frozen("x")
    assert set(found.quantities) == bounds("retrieval-frozen") and len(found.figures) == 4
    trained = retrieval.trained("x")
    assert set(trained.quantities) == bounds("retrieval-trained")
    assert trained.quantities["trained minus frozen: Hits@1"].mean == 0
    named = retrieval.named("x")
    assert set(named.quantities) == bounds("retrieval-named")
    assert named.figures["sentences that name their entity"] == 100


@pytest.fixture
def knowledge(fake_minilm, graph):
    """Forty entities with names, of a graph that was never trained."""
    torch.manual_seed(0)
    found = Knowledge(entities=40, facts=3, text=6, width=6, dim=8)
    found.retriever.carry(graph)
    found.retriever.text.features.basis.copy_(torch.eye(6))
    found.retriever.begin()
    return found


class Shipped:
    def __init__(self, knowledge):
        self.knowledge = knowledge


def test_senses(knowledge, monkeypatch):
    verbs, phrases = ("lift",) * 40, tuple(f"thing {i % 20}" for i in range(40))
    labels, rows = torch.arange(40) % 2, torch.arange(40)
    data = SenseSet(verbs, phrases, phrases, labels, ("heben", "auf"),
                    {"train": rows, "val": rows[:5], "test": rows})  # fmt: skip
    monkeypatch.setattr(senses, "dataset", lambda *_, **__: data)
    monkeypatch.setattr(senses, "load", lambda _: Shipped(knowledge))
    monkeypatch.setattr(senses, "FOLDS", 2)
    monkeypatch.setattr(senses, "fit", partial(senses.fit, epochs=3, batch=20))
    found = senses.base("x")
    assert set(found.quantities) == bounds("senses-base")
    assert found.figures["published split, verb alone"] == [50, 50, 50]
    assert max(found.figures["published split"]) > 50
    assert set(senses.entities("x").quantities) == bounds("senses-entities")
    known = senses.identity("x")
    assert set(known.quantities) == bounds("senses-identity")


def test_spans(fake_minilm, monkeypatch):
    told = [[("Anna", "B-x"), ("ran", "O")], [("we", "O"), ("met", "O"), ("Bob", "B-x")]] * 3
    data = read_tagged(told, fractions="0.4,0.3,0.3")
    torch.manual_seed(0)
    module = Tagger(tags=len(data.names), width=WIDTH).eval()
    module.tags = data.names
    monkeypatch.setattr(spans, "dataset", lambda _: data)
    monkeypatch.setattr(spans, "load", lambda _: module)
    found = spans.measured("x")
    assert set(found.quantities) == bounds("ner-base")
    rows = zoo.evaluate(module, data, metrics=["span-f1"])
    assert found.quantities["WNUT-17: F1"] == pytest.approx(100 * rows[0].value)


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("concat", {"way": "concat"}),
        ("attend", {"way": "attend"}),
        ("small", {"way": "concat", "scale": 0.1}),
        ("tuned", {"way": "concat", "scale": 0.1, "tuned": True}),
    ],
    ids=["concat", "attend", "small", "tuned"],
)
def test_what_entities_add_to_names(knowledge, graph, monkeypatch, name, how):
    told = [[(name, "B-x"), ("ran", "O")] for name in ("Anna", "Bob", "Eve", "Dan", "Ida")] * 2
    data = read_tagged(told, fractions="0.4,0.3,0.3")
    monkeypatch.setattr(spans, "dataset", lambda _: data)
    monkeypatch.setattr(spans, "Knowledge", lambda **_: knowledge)
    monkeypatch.setattr(spans, "equip", lambda _: None)
    monkeypatch.setattr(spans, "SEEDS", 2)
    monkeypatch.setattr(spans, "TUNED_SEEDS", 2)
    found = spans.entities("wnut17", **how)
    assert set(found.quantities) == bounds(f"names-english-{name}")
    assert {name: len(values) for name, values in found.figures.items()} == {
        "without": 2, "entities": 2, "shuffled": 2,
    }  # fmt: skip
    assert spans.entities("wnut17", **how) == found
    monkeypatch.setattr(knowledge, "vectors", lambda numbers: torch.zeros(*numbers.shape, 8))
    gone = spans.entities("wnut17", **how)
    assert gone.quantities["WNUT-17: F1 with entities minus shuffled"].mean == 0


def test_gains_are_over_seeds_and_sentences():
    counts = np.array([[[1, 1, 1], [0, 1, 2], [2, 2, 2]], [[0, 1, 1], [1, 1, 2], [2, 3, 2]]])
    assert spans.f1_of(counts.sum(1)).tolist() == pytest.approx([600 / 9, 60])
    assert spans.f1_of(np.zeros(3)) == 0
    same = spans.gain_over(counts, counts)
    assert (same.mean, same.reach, same.runs) == (0, 0, 2)
    gain = spans.gain_over(counts, counts[::-1])
    assert gain.mean == pytest.approx(0) and gain.reach > 5
    perfect = counts.copy()
    perfect[:, :, :2] = counts[:, :, 2:]
    gain = spans.gain_over(perfect, counts)
    assert gain.mean == pytest.approx(100 - (600 / 9 + 60) / 2)
    # One sentence, so that seeds alone are drawn: the spread of two values' mean.
    one = spans.gain_over(perfect[:, 1:2], counts[:, 1:2])
    gaps = 100 - spans.f1_of(counts[:, 1])
    assert one.error == pytest.approx(np.std(gaps) / 2**0.5, rel=0.05)


def test_counts_are_those_of_the_metric():
    tags = ("O", "B-x", "I-x")
    pairs = [
        (torch.tensor([1, 2, 0]), torch.tensor([1, 2, 1])),
        (torch.tensor([0, 1]), torch.tensor([1, 1])),
    ]
    counts = spans.counts_of(pairs, tags)
    assert counts.tolist() == [[1, 1, 2], [1, 1, 2]]
    meter = SpanScore(tags)
    for found, true in pairs:
        meter.update(found[None], true[None])
    assert spans.f1_of(counts.sum(0)) == pytest.approx(100 * float(meter.compute()))


@pytest.fixture
def texts_alone(graph, monkeypatch):
    """A shipped model of texts of the forty things, and the graph under the name of wnvis."""
    torch.manual_seed(0)
    shipped = TextLinks(entities=40, relations=2, facts=3, text=6, width=6)
    for part in (shipped.features.glosses, shipped.features.names):
        part.take(torch.randn(40, 6))
    monkeypatch.setattr(made, "load", lambda _: shipped)
    monkeypatch.setattr(unseen, "dataset", lambda _: graph)
    return shipped


def test_unseen_entities(texts_alone, graph, monkeypatch):
    monkeypatch.setattr(unseen, "GRAPH", {"epochs": 1, "negatives": 10})
    found = unseen.measured("x")
    assert set(found.quantities) == bounds("unseen-entities")
    gone = unseen.unseen_of(graph)
    assert found.figures["unseen entities"] == int(gone.sum()) == 4
    left = unseen.without(graph, gone)
    for split in ("train", "val"):
        assert not gone[left.of(split)[:, [0, 2]]].any()
    ends = gone[graph.triples[:, [0, 2]]].sum(1)
    assert found.figures["queries of each kind"] == int((ends == 1).sum())
    again = unseen.measured("x")
    assert again.quantities == found.quantities


def test_recipes_are_tried_on_entities_that_are_not_tested(texts_alone, graph, monkeypatch):
    asked = []

    class Spied(unseen.Queries):
        def __init__(self, scorer, held, entities):
            asked.append((held, entities))
            super().__init__(scorer, held, entities)

    monkeypatch.setattr(unseen, "Queries", Spied)
    few = {"epochs": 1, "negatives": 10}
    monkeypatch.setattr(unseen, "TRIED", (({}, few), ({"dim": 8}, few)))
    assert all(0 < one < 1 for figures in unseen.tried("x") for one in figures)
    gone = unseen.unseen_of(graph)
    for held, entities in asked:
        assert int(entities.sum()) == 4 and not (entities & gone).any()
        assert not gone[held.triples[:, [0, 2]]].any() and not len(held.of("test"))


def test_runs_and_queries_are_drawn_anew():
    values = torch.rand(1, 200, generator=torch.Generator().manual_seed(0))
    one, plain = over_runs(values), bootstrap(values[0].tolist())
    assert one.runs == 1 and one.mean == pytest.approx(plain.mean, abs=1e-6)
    assert one.reach == pytest.approx(plain.reach, rel=0.1)
    same = over_runs(values.expand(3, -1))
    assert (same.runs, same.reach) == (3, pytest.approx(plain.reach, rel=0.1))
    apart = over_runs(torch.cat([values, values + 1]))
    assert apart.mean == pytest.approx(plain.mean + 0.5, abs=1e-6) and apart.reach > 0.4


@pytest.fixture
def few_epochs(texts_alone, graph, monkeypatch):
    """Small trainings on the forty things, of which some have images."""
    shipped = TextLinks(entities=40, relations=2, facts=3, text=6, width=6, images=20, image=4)
    for part in (shipped.features.glosses, shipped.features.names, shipped.features.images):
        part.take(torch.randn(part.values.shape))
    shipped.features.image_rows.copy_(torch.arange(20))
    monkeypatch.setattr(made, "load", lambda _: shipped)
    monkeypatch.setattr(ablations, "dataset", lambda _: graph)
    monkeypatch.setattr(ablations, "SEEDS", 2)
    tiny = {"epochs": 2, "negatives": 10}
    ways = {name: (shape, tiny) for name, (shape, _) in ablations.WAYS.items()}
    monkeypatch.setattr(ablations, "WAYS", ways)
    monkeypatch.setattr(ablations, "EDGE_RECIPE", tiny)
    return shipped


def test_what_images_add(few_epochs, graph):
    found = ablations.images("x")
    relations = {name for name in bounds("images-add") if name.partition(": ")[0] in
                 ("is-a", "has-part", "gloss-related")}  # fmt: skip
    assert set(found.quantities) == bounds("images-add") - relations
    assert all(one.runs == 2 for one in found.quantities.values())
    ends = graph.of("test")[:, [0, 2]]
    assert found.figures["queries whose ends have images"] == 2 * int((ends < 20).all(1).sum())
    gap = np.mean(found.figures["both"]["MRR"]) - np.mean(found.figures["gloss"]["MRR"])
    assert found.quantities["both minus gloss: MRR"].mean == pytest.approx(gap)
    queries = found.figures["node"]["by relation"].values()
    assert sum(one["queries"] for one in queries) == 2 * len(graph.of("test"))


def test_edge_gates_are_ranked_in_both_ways(few_epochs, graph):
    found = ablations.edge_gates("x")
    assert set(found.quantities) == bounds("edge-gating")
    told = found.figures
    assert told["official"]["tail MRR"] != told["official, ranked anew"]["tail MRR"]
    gap = np.mean(told["official"]["tail MRR"]) - np.mean(told["none"]["tail MRR"])
    assert found.quantities["official minus no gates: tail MRR"].mean == pytest.approx(gap)
    assert all(0 < one < 1 for one in told["openness"]["clean"])
    assert ablations.edge_gates("x") == found


def test_gains_are_of_the_queries_that_are_chosen(graph):
    torch.manual_seed(0)
    module = DistMult(entities=40, relations=2, facts=len(graph.of("train")), dim=6).eval()
    module.carry(graph)
    one, other = Ranked(module, graph), Ranked(module.scorer(), graph)
    assert torch.equal(one.rank, other.rank)
    other.reciprocal = torch.where(one.of("tail"), one.reciprocal - 1, one.reciprocal)
    assert gain_over_runs([one], [other], one.of("tail")).mean == pytest.approx(1)
    assert gain_over_runs([one], [other], one.of("head")).mean == 0
