"""The contract: all models and architectures, what is registered, and what is not imported."""

from __future__ import annotations

import pytest
import zoo_hierarchical_label_noise
from zoo_hierarchical_label_noise.specs.models import ARCHITECTURES, MODELS
from zoo_hierarchical_label_noise.specs.paper import PAPER

import zoo
from zoo_core import available
from zoo_core.testing import check_listing, for_each_check

NAMES = [spec.name for spec in MODELS]
BASES = {spec.name: [base.file for base in spec.base] for spec in MODELS if spec.base}


@for_each_check("hierarchical-label-noise")
def test_contract(check):
    label = getattr(check.args[0], "label", check.args[0])
    for file in BASES.get(label, []):
        pytest.importorskip("timm")
        if available(file) is None:
            pytest.skip(f"{label} stands on {file.path}, which is not at hand")
    check()


def test_what_is_registered():
    assert zoo_hierarchical_label_noise.ZOO_API == 2
    assert [spec.name for spec in ARCHITECTURES] == ["hierlabel", "flatlabel"]
    assert set(NAMES) <= set(zoo.list_models("*"))
    assert {name for claim in PAPER.claims for name in claim.models} == set(NAMES)


def test_listing_imports_nothing_heavy():
    check_listing("hierarchical-label-noise")
