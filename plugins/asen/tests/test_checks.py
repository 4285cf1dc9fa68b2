"""The checks, on small sizes: what they measure is what they say."""

from __future__ import annotations

import pytest
import torch
from zoo_asen.checks import colours, sequences
from zoo_asen.specs.claims import CLAIMS, SEQUENCE_CLAIMS

import zoo


def bounds(name):
    (claim,) = [one for one in CLAIMS if one.name == name]
    return set(claim.bounds)


def test_colours_are_counted(monkeypatch):
    monkeypatch.setitem(colours.PAPER, ("cyclic", 6), 7)
    found = colours.colours()
    assert set(found.quantities) == bounds("colours")
    assert {name for name, count in found.quantities.items() if count} == {
        "groups with other numbers of colours than the paper's",
        "colours of A_3, which is C_3",
        "colours of S_3",
    }


def test_equivariance_is_measured(monkeypatch):
    found = colours.equivariance()
    assert set(found.quantities) == bounds("equivariance")
    assert max(found.quantities.values()) < 1e-5
    # A group that is taken for a larger one is found out.
    monkeypatch.setattr(colours.zs, "preserves", lambda *_: False)
    found = colours.equivariance()
    assert found.quantities["permutations outside of the 2-closure that it commutes with"] > 0


@pytest.fixture
def small(monkeypatch):
    """Networks that are hardly trained, and few sequences to measure on."""
    monkeypatch.setattr(sequences, "COUNT", 30)
    for name in ("SHARE", "BEFORE", "AFTER"):
        monkeypatch.setattr(sequences, name, 0.02)
    monkeypatch.setattr(sequences.judged, "__kwdefaults__", {"colours": None, "count": 30})
    create = sequences.create
    monkeypatch.setattr(
        sequences, "create", lambda name, **shape: create(name, hidden=16, layers=1, **shape)
    )
    fit = sequences.fit
    monkeypatch.setattr(
        sequences, "fit", lambda *given, **recipe: fit(*given, **{**recipe, "epochs": 1})
    )


def test_networks_trained_anew(small):
    found = sequences.few_sequences([0, 1])
    assert set(found.quantities) == bounds("few-sequences")
    assert len(found.figures) == 18 and len(found.figures["separate, intersect, exact"]) == 2
    found = sequences.rates()
    assert set(found.quantities) == bounds("rates")


def test_transfer_takes_all_but_the_tables(small, monkeypatch):
    starts = []
    trained = sequences.trained

    def watched(tasks, seed, **how):
        module = trained(tasks, seed, **how)
        starts.append((len(module.tasks), how.get("start")))
        return module

    monkeypatch.setattr(sequences, "trained", watched)
    found = sequences.transfer([0])
    assert set(found.quantities) == bounds("transfer")
    assert [(count, start is not None) for count, start in starts] == [
        (8, False), *[(1, True), (1, False)] * 2,
    ]  # fmt: skip
    before = starts[1][1]
    same = {"learning_rate": 1e-9, "colour_rate": 1e-9, "token_rate": 1e-9}
    begun = trained(["palindrome"], 0, start=before, **same)
    for name, tensor in begun.state_dict().items():
        table = name.startswith(("tokens.", "edges."))
        if not table:
            assert torch.allclose(tensor, before.state_dict()[name], atol=1e-5), name
    assert begun.edges.num_embeddings == 50


def test_shipped_networks_are_measured(small):
    assert set(sequences.three_tasks().quantities) == bounds("three-tasks")
    assert set(sequences.wrong_colours().quantities) == bounds("wrong-colours")
    assert set(sequences.numbers().quantities) == bounds("numbers")
    found = sequences.nine_tasks()
    assert set(found.quantities) == bounds("nine-tasks")
    mean, worst = (found.quantities[f"{name}, positions"].mean for name in
                   ("mean of tasks", "the worst task"))  # fmt: skip
    each = [value for name, (value,) in found.figures.items() if name.endswith("positions")]
    assert len(each) == 9 and mean == pytest.approx(sum(each) / 9) and worst == min(each)
    assert set(sequences.linear_layers().quantities) == bounds("linear-layers")


def test_outcomes_are_those_of_evaluation():
    module = zoo.load("asen-seq3")
    data = zoo.dataset("asen-sequences", tasks="cyclicsum", samples=60, seed=sequences.FRESH)
    found = sequences.judged(module, "cyclicsum", count=60)
    whole = sequences._whole(data)
    (outputs,) = module.outputs(whole)
    right = (outputs["logits"].argmax(1) == outputs["target"]).double()
    assert float(found["positions"].mean()) == pytest.approx(100 * float(right.mean()))
    assert float(found["exact"].mean()) == pytest.approx(100 * float(outputs["exact"].mean()))


@pytest.mark.parametrize("claim", SEQUENCE_CLAIMS, ids=lambda claim: claim.name)
def test_every_claim_says_where_it_is_from(claim):
    assert claim.source and claim.models
