"""The recipes, on small graphs."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from zoo_triples.known import Known
from zoo_triples.ranking import ranks
from zoo_visualsem_kg.downstream.knowledge import Knowledge, equip
from zoo_visualsem_kg.downstream.tagger import Tagger
from zoo_visualsem_kg.downstream.words import WIDTH
from zoo_visualsem_kg.reading.tagged import read_tagged
from zoo_visualsem_kg.specs.models import WNVIS_SIZES
from zoo_visualsem_kg.train import graphs, spans, tuples
from zoo_visualsem_kg.train.common import Validation, both_directions
from zoo_visualsem_kg.tuples import DistMult

import zoo
from zoo_core import BadInput, Notice

TINY = {"epochs": 2, "batch": 40, "negatives": 20, "check": 1, "dim": 8}


def trained(architecture, data, tmp_path, seed=0, **config):
    return zoo.train(architecture, data, out=tmp_path / f"{architecture}{seed}", seed=seed,
                     config=config)  # fmt: skip


@pytest.mark.parametrize("architecture", ["sage", "gat"])
def test_models_of_graphs_learn(fake_sentences, graph, tmp_path, architecture):
    few = trained(architecture, graph, tmp_path, 0, **{**TINY, "epochs": 1, "gating": "both"})
    more = trained(architecture, graph, tmp_path, 1, **{**TINY, "epochs": 15, "gating": "both"})
    validation = Validation(graph)
    assert validation(more) > validation(few)


@pytest.mark.parametrize("loss", ["softmax", "binary", "margin"])
@pytest.mark.parametrize("architecture", ["distmult", "transe", "complex", "tucker"])
def test_models_of_triples_train(graph, tmp_path, architecture, loss):
    module = trained(architecture, graph, tmp_path, epochs=2, dim=4, loss=loss, check=1)
    assert all(bool(tensor.isfinite().all()) for tensor in module.parameters())
    assert torch.equal(module.facts.long(), graph.of("train"))


@pytest.mark.parametrize("gates", ["clean", "official"])
def test_edge_gates_are_trained(fake_sentences, graph, tmp_path, gates):
    config = {"gating": "gloss", "edge_gating": gates, "residual": False, "encoder": "none"}
    few, more = (
        trained("sage", graph, tmp_path, epochs, **{**TINY, **config, "epochs": epochs,
                "learning_rate": 3e-2, "check": epochs})
        for epochs in (1, 60)
    )  # fmt: skip
    asked = graph.of("train")
    known = Known(asked, 40, 2)

    def ranked(module):
        return torch.cat([1 / ranks(part) for part in module.validated(asked, known)]).mean()

    assert ranked(more) > 1.5 * ranked(few)


def test_entities_without_edges_are_learnt_about(fake_sentences, graph, tmp_path, monkeypatch):
    """A share of entities passes no messages, others with each batch; none does by default."""
    seen = []
    encode = graphs.GraphLinks.encode

    def watched(self, keep=None):
        if keep is not None:
            seen.append(int(keep.sum()))
        return encode(self, keep)

    monkeypatch.setattr(graphs.GraphLinks, "encode", watched)
    edges = len(graph.of("train"))
    config = {**TINY, "epochs": 4, "batch": edges // 2, "remove_edges": False}
    trained("sage", graph, tmp_path, 0, **config)
    assert set(seen) == {edges}
    seen.clear()
    trained("sage", graph, tmp_path, 1, **config, alone=0.5)
    assert max(seen) < edges and len(set(seen)) > 1
    assert 0.1 < sum(seen) / len(seen) / edges < 0.5  # a quarter is expected
    with pytest.raises(BadInput, match="alone=1"):
        trained("sage", graph, tmp_path, 2, **config, alone=1.0)


def test_softmax_over_as_many_negatives_as_entities_is_that_over_all(graph):
    torch.manual_seed(0)
    module = DistMult(entities=40, relations=2, facts=len(graph.of("train")), dim=6, scale=1.0)
    part, known = graph.of("train")[:20], Known(graph.of("train"), 40, 2)
    generator = torch.Generator().manual_seed(0)
    everything = tuples._softmax(module, graph, known)(part, generator)
    assert torch.allclose(tuples._sampled(module, graph, known, 40)(part, generator), everything)
    assert tuples._sampled(module, graph, known, 20)(part, generator) < everything


def test_negatives_are_of_softmax_alone(graph, tmp_path):
    few, more = (
        trained("complex", graph, tmp_path, epochs, epochs=epochs, dim=8, negatives=20, batch=20)
        for epochs in (1, 20)
    )
    validation = Validation(graph)
    assert validation(more) > validation(few)
    with pytest.raises(BadInput, match="no use with loss=margin"):
        trained("transe", graph, tmp_path, negatives=20, loss="margin")
    with pytest.raises(BadInput, match="negatives=-1"):
        trained("complex", graph, tmp_path, negatives=-1)


def test_training_again_gives_the_same_tensors(fake_sentences, graph, tmp_path):
    first, again = (
        trained("sage", graph, tmp_path / str(number), **TINY).state_dict() for number in (0, 1)
    )
    assert all(torch.equal(again[name], tensor) for name, tensor in first.items())


def test_texts_train_their_weights_alone(fake_sentences, graph, tmp_path):
    module = trained("text-links", graph, tmp_path, epochs=1, batch=40, negatives=20)
    assert [name for name, _ in module.named_parameters()] == ["weights"]
    assert module.exclude_self


def test_loops_in_the_data_are_told(fake_sentences, graph, tmp_path):
    loops = torch.tensor([[3, 0, 3]])
    last = torch.tensor([len(graph.triples)])
    rows = {**graph.rows, "train": torch.cat([graph.rows["train"], last])}
    data = replace(graph, triples=torch.cat([graph.triples, loops]), rows=rows)
    with pytest.warns(Notice, match="1 training triples lead from an entity to itself"):
        assert trained("sage", data, tmp_path, **TINY).exclude_self
    kept = trained("sage", data, tmp_path, 1, **TINY, exclude_self=False)
    assert not kept.exclude_self


def test_both_directions_are_asked():
    given, direction, target = both_directions(torch.tensor([[1, 0, 2]]), 3)
    assert [one.tolist() for one in (given, direction, target)] == [[1, 2], [0, 3], [2, 1]]


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"epochs": 0}, "epochs=0"),
        ({"loss": "hinge"}, "loss='hinge'"),
        ({"learning_rate": 0.0}, "learning_rate=0.0"),
    ],
    ids=["epochs", "loss", "rate"],
)
def test_recipes_that_make_no_sense_are_refused(fake_sentences, graph, tmp_path, config, told):
    for architecture in ("sage", "distmult"):
        with pytest.raises(BadInput, match=told):
            trained(architecture, graph, tmp_path, **{"dim": 8, **config})


def test_features_that_are_not_numbers_are_refused(monkeypatch, graph, tmp_path):
    nan = torch.full((40, 6), float("nan"))
    monkeypatch.setattr(graphs, "encode", lambda texts, encoder, progress: nan)
    with pytest.raises(BadInput, match="not finite"):
        trained("sage", graph, tmp_path, **TINY)


def test_data_of_another_kind_and_other_graphs_are_refused(graph, tmp_path):
    with pytest.raises(BadInput, match="knowledge graph"):
        trained("distmult", zoo.dataset("gauss4", n=100, tests=10), tmp_path)


@pytest.mark.parametrize("way", ["concat", "attend"])
def test_taggers_are_trained_with_entities(fake_minilm, graph, tmp_path, monkeypatch, way):
    def equip(knowledge):
        knowledge.retriever.carry(graph)
        knowledge.retriever.text.features.basis.fill_(0.1)
        knowledge.retriever.begin()

    def read(sentences, k, keep=True):
        numbers = torch.arange(len(sentences))[:, None].expand(-1, k) % 40
        return Knowledge.vectors(held[0], numbers), numbers

    held = []
    monkeypatch.setattr(spans, "WNVIS_SIZES", {"entities": 40, "facts": 3, "text": 6, "dim": 8})
    monkeypatch.setattr(spans, "equip", lambda one: (equip(one), held.append(one)))
    monkeypatch.setattr(Knowledge, "read", lambda self, *a, **k: read(*a, **k))
    told = [[("Anna", "B-x"), ("ran", "O")], [("we", "O"), ("met", "O"), ("Bob", "B-x")]] * 4
    module = trained("span-tagger", read_tagged(told), tmp_path, way=way, epochs=2, batch=4)
    assert all(bool(one.isfinite().all()) for one in module.parameters())
    row = zoo.predict(module, "Anna met Bob")[:1]
    assert not row or "entities" in row[0]


def test_the_last_layer_is_trained_with_a_tagger(fake_minilm, tmp_path):
    told = [[("Anna", "B-x"), ("ran", "O")], [("we", "O"), ("met", "O"), ("Bob", "B-x")]] * 8
    data = read_tagged(told)
    config = {"tuned": True, "epochs": 30, "batch": 8, "dropout": 0.0}
    module = trained("span-tagger", data, tmp_path, **config)
    torch.manual_seed(0)
    begun = Tagger(tags=3, width=WIDTH, tuned=True).last
    assert not torch.equal(module.last.asked.weight, begun.asked.weight)
    (row,) = zoo.evaluate(module, data, metrics=["span-f1"])
    assert row.value == 1
    again = zoo.load(tmp_path / "span-tagger0")
    assert zoo.predict(again, "Anna met Bob") == zoo.predict(module, "Anna met Bob")
    assert [one["span"] for one in zoo.predict(module, "Bob ran")] == ["Bob"]


def test_entities_are_those_of_the_shipped_models():
    knowledge = Knowledge(**WNVIS_SIZES)
    equip(knowledge)
    shipped = zoo.load("sage-wnvis-both")
    assert torch.equal(knowledge.graph.vectors(), shipped.vectors())
    assert knowledge.names([0, -1]) == [shipped.entities.names[0]]


def test_without_validation_the_last_epoch_is_kept(graph, sayings, fake_minilm, tmp_path):
    without = replace(graph, rows={**graph.rows, "val": graph.rows["val"][:0]})
    with pytest.warns(Notice, match="nothing to validate on"):
        few = trained("distmult", without, tmp_path / "a", epochs=1, cosine=False, check=1)
    with pytest.warns(Notice):
        more = trained("distmult", without, tmp_path / "b", epochs=3, cosine=False, check=1)
    assert not torch.equal(few.entity, more.entity)
    said = replace(sayings, rows={**sayings.rows, "val": sayings.rows["val"][:0]})
    with pytest.warns(Notice):
        found = trained("retriever", said, tmp_path / "c", epochs=1)
    assert not torch.equal(found.asked.weight, found.text.features.basis.T)


def test_one_sentence_is_enough_for_a_tagger(fake_minilm, tmp_path):
    with pytest.warns(Notice, match="nothing to validate on"):
        trained("span-tagger", read_tagged([[("Anna", "B-x")]]), tmp_path, epochs=1)
