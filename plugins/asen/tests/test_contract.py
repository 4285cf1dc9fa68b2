"""The contract: all models and architectures, what is registered, and what is not imported."""

from __future__ import annotations

import zoo_asen
from zoo_asen.specs.claims import CLAIMS
from zoo_asen.specs.models import ARCHITECTURES, MODELS

import zoo
from zoo_core.testing import check_listing, for_each_check


@for_each_check("asen")
def test_contract(check):
    check()


def test_what_is_registered():
    assert zoo_asen.ZOO_API == 2
    assert {"asen", "asen-regression"} <= {spec.name for spec in ARCHITECTURES}
    assert {spec.name for spec in MODELS} <= set(zoo.list_models("*"))
    assert {name for claim in CLAIMS for name in claim.models} == {spec.name for spec in MODELS}


def test_listing_imports_nothing_heavy():
    check_listing("asen")
