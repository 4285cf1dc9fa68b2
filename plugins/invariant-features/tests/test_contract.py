"""The contract: all models and architectures, what is registered, and what is not imported."""

from __future__ import annotations

import zoo_invariant_features
from zoo_invariant_features.specs.claims import ALL, CLAIMS
from zoo_invariant_features.specs.models import ARCHITECTURES, MODELS

import zoo
from zoo_core.testing import check_listing, for_each_check


@for_each_check("invariant-features")
def test_contract(check):
    check()


def test_what_is_registered():
    assert zoo_invariant_features.ZOO_API == 2
    assert [spec.name for spec in ARCHITECTURES] == ["ds-ci", "oi-ds"]
    assert {spec.name for spec in MODELS} <= set(zoo.list_models("*"))
    assert set(ALL) == {spec.name for spec in MODELS}
    assert {name for claim in CLAIMS for name in claim.models} == set(ALL)


def test_listing_imports_nothing_heavy():
    check_listing("invariant-features")
