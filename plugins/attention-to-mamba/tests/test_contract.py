"""Every model and architecture against the contract, and the specs against each other."""

from __future__ import annotations

import json

import pytest
from zoo_attention_to_mamba.checks import (
    ablations,
    checkpoints,
    decoding,
    lengths,
    starting_state,
)
from zoo_attention_to_mamba.specs.claims import STUDENTS, TEACHER
from zoo_attention_to_mamba.specs.models import MODELS
from zoo_attention_to_mamba.specs.paper import PAPER

from zoo_core import BadInput, figures
from zoo_core.testing import check_listing, for_each_check

CHECKS = {one.__name__: one for one in (ablations, checkpoints, decoding, lengths, starting_state)}
STUDENT = {
    "family": "llama",
    "vocabulary": 17,
    "width": 12,
    "layers": 2,
    "heads": 4,
    "kv_heads": 2,
    "head_width": 6,
    "hidden": 20,
    "context": 64,
    "rotary": 6,
    "features": 5,
}


@for_each_check("attention-to-mamba", shapes={"attention-to-mamba": STUDENT})
def test_contract(check):
    check()


def test_listing_imports_nothing_heavy():
    check_listing("attention-to-mamba")


def test_every_model_is_named_by_a_claim_and_every_name_is_a_model():
    names = {spec.name for spec in MODELS}
    assert {name for claim in PAPER.claims for name in claim.models} == names
    assert all(picture.models and set(picture.models) <= names for picture in PAPER.pictures)
    agreement = next(one for one in PAPER.claims if one.name == "agreement")
    assert set(agreement.models) == {TEACHER, *STUDENTS}


@pytest.mark.parametrize("claim", PAPER.claims, ids=lambda claim: claim.name)
def test_checks_are_there(claim):
    module, _, name = claim.check.partition(":")
    assert callable(getattr(CHECKS[module], name))


@pytest.mark.parametrize("claim", PAPER.claims, ids=lambda claim: claim.name)
def test_stored_findings_are_whole(claim):
    found = figures(PAPER.name, claim.name)
    assert found and len(json.dumps(found)) < 40_000


def test_no_figures_are_stored_of_what_is_no_claim():
    with pytest.raises(BadInput, match="none"):
        figures(PAPER.name, "none")
