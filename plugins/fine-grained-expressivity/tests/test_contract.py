"""The contract, for all that is registered."""

from __future__ import annotations

import pytest
from zoo_fine_grained_expressivity.specs.claims import CLAIMS
from zoo_fine_grained_expressivity.specs.models import ARCHITECTURES, MODELS

import zoo
from zoo_core.testing import UNTRAINED_CHECKS, check_listing, for_each_check, untrained

NAMES = [model.name for model in MODELS]
NETWORK = {"in_features": 3, "num_classes": 2, "hidden": 8}
NETWORKS = [name for name in NAMES if name.startswith(("trained-", "untrained-"))]


@for_each_check("fine-grained-expressivity", shapes={"mpnn-gin": NETWORK, "mpnn-gc": NETWORK})
def test_contract(check):
    check()


@pytest.mark.parametrize("check", UNTRAINED_CHECKS)
@pytest.mark.parametrize("convolution", ["gc", "gin"])
def test_contract_without_normalisation_by_size(convolution, check):
    check(untrained(f"mpnn-{convolution}", **NETWORK, size_norm=False))


def test_what_is_registered():
    assert len(NAMES) == len(set(NAMES)) == 14 and len(NETWORKS) == 11
    assert len(ARCHITECTURES) == 5 and len(CLAIMS) == 21
    assert set(NAMES) <= set(zoo.list_models())


def test_listing_imports_nothing_heavy():
    check_listing("fine-grained-expressivity")


def test_frozen_parameters_are_said_to_be_frozen():
    for name in NETWORKS:
        module = zoo.load(name)
        frozen = {parameter.requires_grad for parameter in module.convolutions.parameters()}
        assert frozen == {name.startswith("trained-")}


def test_every_model_stands_in_a_claim():
    claimed = {name for claim in CLAIMS for name in claim.models}
    assert claimed == set(NAMES)
