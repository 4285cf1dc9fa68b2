"""The contract: all models and architectures, what is registered, and what is not imported."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
import zoo_pca_ols
from zoo_pca_ols.specs.models import ARCHITECTURES, MODELS
from zoo_pca_ols.specs.paper import PAPER

import zoo
from zoo_core.testing import check_listing, check_symmetries, for_each_check, untrained

NAMES = [spec.name for spec in MODELS]


@for_each_check("pca-ols", shapes={spec.name: {"in_features": 7} for spec in ARCHITECTURES})
def test_contract(check):
    check()


def test_what_is_registered():
    assert zoo_pca_ols.ZOO_API == 2
    counts = [len(ARCHITECTURES), len(MODELS), len(PAPER.claims), len(PAPER.pictures)]
    assert counts == [11, 24, 16, 4]
    assert set(NAMES) <= set(zoo.list_models("*"))


def test_listing_imports_nothing_heavy():
    check_listing("pca-ols")


def test_every_model_has_a_claim_and_small_weights():
    named = {name for claim in PAPER.claims for name in claim.models}
    assert named == set(NAMES)
    lock = Path(zoo_pca_ols.__file__).parent / "weights" / "lock.json"
    entries = json.loads(lock.read_text(encoding="utf-8"))
    assert set(entries) == set(NAMES)
    assert all(entry["size"] < 5e6 for entry in entries.values())


def test_symmetry_of_the_kit_catches_a_forgotten_mean():
    subject = untrained("min-norm-ols", in_features=3)
    make = subject.make

    def broken():
        module = make()
        module.forward = lambda x: (x**2).sum(dim=1)
        return module

    with pytest.raises(AssertionError, match="mix_rows"):
        check_symmetries(dataclasses.replace(subject, label="broken", make=broken))
