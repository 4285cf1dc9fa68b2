"""The contract: all models and architectures, what is registered, and what is not imported."""

from __future__ import annotations

import zoo_approx_equivariant
from zoo_approx_equivariant.specs.claims import ALL, CLAIMS
from zoo_approx_equivariant.specs.models import ARCHITECTURES, MODELS

import zoo
from zoo_core.testing import check_listing, for_each_check


@for_each_check("approx-equivariant")
def test_contract(check):
    check()


def test_what_is_registered():
    assert zoo_approx_equivariant.ZOO_API == 2
    assert [spec.name for spec in ARCHITECTURES] == [
        "gnet", "symmetry-chain", "semgcn", "dcrnn", "persistence",
    ]  # fmt: skip
    assert {spec.name for spec in MODELS} <= set(zoo.list_models("*"))
    assert set(ALL) < {spec.name for spec in MODELS}
    assert {name for claim in CLAIMS for name in claim.models} == {spec.name for spec in MODELS}


def test_listing_imports_nothing_heavy():
    check_listing("approx-equivariant")
