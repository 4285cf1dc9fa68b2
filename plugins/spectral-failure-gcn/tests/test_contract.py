"""What the plugin registers keeps the contract, and the specs agree with each other."""

from __future__ import annotations

from zoo_spectral_failure_gcn.specs.models import MODELS
from zoo_spectral_failure_gcn.specs.paper import PAPER

from zoo_core.testing import check_listing, for_each_check


@for_each_check(PAPER.name, shapes={name: {"k": 3, "nodes": 20} for name in ("ase", "lse")})
def test_contract(check):
    check()


def test_listing_imports_nothing_heavy():
    check_listing("spectral-failure-gcn")


def test_claims_name_registered_models_and_every_model_has_one():
    names = {spec.name for spec in MODELS}
    named = {model for claim in PAPER.claims for model in claim.models}
    assert named == names
    assert all(picture.models for picture in PAPER.pictures)
