"""What is registered, and the contract over all of it."""

from __future__ import annotations

import importlib
from collections import Counter

import pytest
import zoo_mamba_selectivity as plugin
from zoo_mamba_selectivity.specs.claims import CLAIMS
from zoo_mamba_selectivity.specs.data import DATASETS, METRICS
from zoo_mamba_selectivity.specs.models import ARCHITECTURES, MODELS
from zoo_mamba_selectivity.specs.paper import PAPER, PICTURES

from zoo_core.testing import UNTRAINED_CHECKS, check_listing, for_each_check, untrained

SHAPES = {
    "recall-exact": {"vocabulary": 64, "key_bits": 8, "value_bits": 8},
    "keepnth-exact": {"vocabulary": 5},
    "haar-exact": {"length": 16},
    "haar-layer": {"length": 16, "channels": 4},
    "recall-network": {"vocabulary": 32, "width": 16, "state_size": 4},
    "keep-network": {"vocabulary": 6, "position": 2, "length": 12},
}
OTHER_MIXERS = (
    ("haar-layer", "s4d"),
    ("recall-network", "mamba"),
    ("recall-network", "s4d-lin"),
)


@for_each_check("mamba-selectivity", shapes=SHAPES)
def test_contract(check):
    check()


def test_listing_imports_nothing_heavy():
    check_listing("mamba-selectivity")


@pytest.mark.parametrize(("name", "mixer"), OTHER_MIXERS)
@pytest.mark.parametrize("check", UNTRAINED_CHECKS, ids=lambda check: check.__name__)
def test_contract_with_other_mixers(check, name, mixer):
    check(untrained(name, **SHAPES[name], mixer=mixer))


def test_every_architecture_is_held_against_the_contract():
    assert set(SHAPES) == {one.name for one in ARCHITECTURES}


def test_all_that_is_registered():
    counts = [len(shelf) for shelf in (ARCHITECTURES, MODELS, DATASETS, METRICS, CLAIMS, PICTURES)]
    assert counts == [6, 14, 13, 1, 16, 6]
    for shelf in (ARCHITECTURES, MODELS, DATASETS, METRICS, CLAIMS, PICTURES):
        assert max(Counter(one.name for one in shelf).values()) == 1
    assert plugin.zoo_papers() == [PAPER]
    assert (PAPER.claims, PAPER.pictures) == (CLAIMS, PICTURES)


def test_every_model_is_claimed_and_every_check_exists():
    names = {model.name for model in MODELS}
    assert {model for claim in CLAIMS for model in claim.models} == names
    for claim in CLAIMS:
        module, _, function = claim.check.partition(":")
        assert callable(getattr(importlib.import_module(module), function))
    assert {model for picture in PICTURES for model in picture.models} <= names
