"""The contract: all models and architectures, what is registered, and what is not imported."""

from __future__ import annotations

import subprocess
import sys

import pytest
import zoo_symmetric_label_noise
from zoo_symmetric_label_noise.specs.models import ARCHITECTURES, MODELS
from zoo_symmetric_label_noise.specs.paper import PAPER

import zoo
from zoo_core import available
from zoo_core.testing import check_listing, for_each_check

NAMES = [spec.name for spec in MODELS]
BASES = {spec.name: [base.file for base in spec.base] for spec in MODELS if spec.base}
TIMM = {spec.name for spec in MODELS if spec.shape.get("backbone", "mlp") != "mlp"}


@for_each_check("symmetric-label-noise")
def test_contract(check):
    label = getattr(check.args[0], "label", check.args[0])
    if label in TIMM:
        pytest.importorskip("timm")
    for file in BASES.get(label, []):
        if available(file) is None:
            pytest.skip(f"{label} stands on {file.path}, which is not at hand")
    check()


def test_what_is_registered():
    assert zoo_symmetric_label_noise.ZOO_API == 2
    assert [spec.name for spec in ARCHITECTURES] == ["symnoise", "symnoise-points"]
    assert set(NAMES) <= set(zoo.list_models("*"))
    assert {name for claim in PAPER.claims for name in claim.models} == set(NAMES)


def test_listing_imports_nothing_heavy():
    check_listing("symmetric-label-noise")


def test_recipes_import_no_timm_for_small_networks():
    code = (
        "import sys, zoo; zoo.create('symnoise'); import zoo_symmetric_label_noise.train; "
        "assert not {'timm', 'torchvision', 'PIL'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
