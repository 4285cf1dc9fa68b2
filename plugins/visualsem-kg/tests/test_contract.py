"""The contract: all models and architectures, what is registered, and what is not imported."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import zoo_visualsem_kg
from zoo_images.specs.sources import LITE0_WHEEL
from zoo_visualsem_kg.linking import LinkModel
from zoo_visualsem_kg.sentences import MINILM_WHEEL
from zoo_visualsem_kg.specs.models import ARCHITECTURES, MODELS
from zoo_visualsem_kg.specs.paper import PAPER

import zoo
from zoo_core import DataError, available
from zoo_core.testing import check_listing, for_each_check

MANY = 10_000
WHEELS = (MINILM_WHEEL, LITE0_WHEEL)
NAMES = [spec.name for spec in MODELS]


@pytest.fixture(autouse=True)
def few_new_triples(monkeypatch):
    """The best new triples of 40,943 entities take a minute: one relation's are enough here."""
    every = LinkModel._new_triples

    def some(self, top, relations):
        one = self.relations.ids[0] if len(self.entities) > MANY else ""
        return every(self, top, relations or one)

    monkeypatch.setattr(LinkModel, "_new_triples", some)


@for_each_check("visualsem-kg")
def test_contract(check):
    try:
        check()
    except AssertionError as error:
        missing = [wheel.path for wheel in WHEELS if available(wheel) is None]
        if isinstance(error.__cause__, DataError) and missing:
            pytest.skip(f"{' and '.join(missing)} are not at hand")
        raise


def test_what_is_registered():
    assert zoo_visualsem_kg.ZOO_API == 2
    assert [spec.name for spec in ARCHITECTURES] == [
        "sage", "gat", "text-links", "distmult", "transe", "complex", "tucker", "retriever",
        "photo-finder", "verb-senses", "span-tagger",
    ]  # fmt: skip
    assert set(NAMES) <= set(zoo.list_models("*"))
    assert {name for claim in PAPER.claims for name in claim.models} == set(NAMES)


def test_listing_imports_nothing_heavy():
    check_listing("visualsem-kg")


def test_features_are_stored_once_and_weights_are_small():
    lock = Path(zoo_visualsem_kg.__file__).parent / "weights" / "lock.json"
    entries = json.loads(lock.read_text(encoding="utf-8"))
    assert set(entries) == set(NAMES)
    assert all(entry["size"] < 5e6 for entry in entries.values())
    assert entries["sage-wnvis-both"]["size"] < 2.2e6 < entries["text-wnvis"]["size"]
