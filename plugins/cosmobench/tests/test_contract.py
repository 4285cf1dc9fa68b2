"""The contract: all models and architectures, what is registered, and what is not imported."""

from __future__ import annotations

import zoo_cosmobench
from zoo_cosmobench.specs.claims import CLAIMS
from zoo_cosmobench.specs.models import ARCHITECTURES, MODELS

import zoo
from zoo_core.testing import check_listing, for_each_check


@for_each_check("cosmobench")
def test_contract(check):
    check()


def test_what_is_registered():
    assert zoo_cosmobench.ZOO_API == 2
    assert [spec.name for spec in ARCHITECTURES] == [
        "cosmo-lls-param", "cosmo-2pcf-mlp", "cosmo-gnn-param", "cosmo-lls-velocity",
        "cosmo-linear-theory", "cosmo-gnn-velocity", "cosmo-deepset-trees", "cosmo-mpnn-trees",
        "cosmo-mpnn-infill",
    ]  # fmt: skip
    assert {spec.name for spec in MODELS} <= set(zoo.list_models("*"))
    assert {name for claim in CLAIMS for name in claim.models} == {spec.name for spec in MODELS}


def test_listing_imports_nothing_heavy():
    check_listing("cosmobench")
