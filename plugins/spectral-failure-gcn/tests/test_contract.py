"""What the plugin registers keeps the contract, and the specs agree with each other."""

from __future__ import annotations

import subprocess
import sys

from zoo_spectral_failure_gcn.specs.models import MODELS
from zoo_spectral_failure_gcn.specs.paper import PAPER

from zoo_core.testing import for_each_check


@for_each_check(PAPER.name, shapes={name: {"k": 3, "nodes": 20} for name in ("ase", "lse")})
def test_contract(check):
    check()


def test_listing_imports_no_torch():
    code = (
        "import sys, zoo; assert 'spectral-failure-gcn' in zoo.list_papers() "
        "and 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_claims_name_registered_models_and_every_model_has_one():
    names = {spec.name for spec in MODELS}
    named = {model for claim in PAPER.claims for model in claim.models}
    assert named == names
    assert all(picture.models for picture in PAPER.pictures)
