"""The contract: all models and architectures, what is registered, and what is not imported."""

from __future__ import annotations

import subprocess
import sys

import pytest
from zoo_pca_ols.specs.models import ARCHITECTURES, MODELS

from zoo_core.registry import registry
from zoo_core.testing import check_architecture, check_model, check_symmetries, untrained

NAMES = [spec.name for spec in MODELS]


@pytest.mark.parametrize("name", NAMES)
def test_pretrained_models_keep_the_contract(name):
    check_model(name)


@pytest.mark.parametrize("spec", ARCHITECTURES, ids=lambda spec: spec.name)
def test_untrained_architectures_keep_the_contract(spec):
    check_architecture(spec.name, in_features=7)


def test_listing_imports_nothing_heavy():
    code = (
        "import sys, zoo; zoo.list_models('pca-ols-*'); "
        "assert not {'torch', 'sklearn', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_model_has_a_claim_and_small_weights():
    named = {name for claim in registry().paper("pca-ols").claims for name in claim.models}
    assert named == set(NAMES)
    for spec in MODELS:
        lock = registry().lock(spec)
        assert lock is not None and lock["size"] < 5e6


def test_symmetry_of_the_kit_catches_a_forgotten_mean():
    subject = untrained("min-norm-ols", in_features=3)
    make = subject.make

    def broken():
        module = make()
        module.forward = lambda x: (x**2).sum(dim=1)
        return module

    with pytest.raises(AssertionError, match="mix_rows"):
        check_symmetries(type(subject)("broken", subject.architecture, broken))
