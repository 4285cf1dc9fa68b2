"""What the plugin registers: every model and architecture keeps the core's contract."""

from __future__ import annotations

import pytest
import torch
from zoo_wl_tutorial.specs.models import ARCHITECTURES, MODELS

import zoo
from zoo_core.testing import check_listing, for_each_check

FITTED = [spec.name for spec in MODELS if spec.architecture != "wl-test"]


@for_each_check("wl-tutorial")
def test_contract(check):
    check()


def test_what_is_registered():
    assert {spec.name for spec in MODELS} <= set(zoo.list_models())
    assert (len(ARCHITECTURES), len(MODELS), len(FITTED)) == (4, 13, 8)


def test_listing_imports_nothing_heavy():
    check_listing("wl-tutorial")


@pytest.mark.parametrize("name", FITTED)
def test_vocabularies_are_sorted_and_weights_small(name):
    module = zoo.load(name)
    vocabulary = module.vocabulary
    assert vocabulary.numel() > 1000 and bool((vocabulary[1:] > vocabulary[:-1]).all())
    assert sum(map(torch.numel, module.parameters())) == (1 + vocabulary.numel()) * len(
        module.machines
    )
