"""Every model and architecture against the contract, and the specs against each other."""

from __future__ import annotations

import json
import typing

import pytest
from zoo_attention_to_mamba.specs.claims import STUDENTS, TEACHER
from zoo_attention_to_mamba.specs.models import MODELS
from zoo_attention_to_mamba.specs.paper import PAPER

from zoo_core import Verdict, building, stored_claims
from zoo_core.testing import check_model


@pytest.mark.parametrize("name", [spec.name for spec in MODELS])
def test_contract(name):
    check_model(name)


def test_every_model_is_named_by_a_claim_and_every_name_is_a_model():
    names = {spec.name for spec in MODELS}
    assert {name for claim in PAPER.claims for name in claim.models} == names
    assert all(picture.models and set(picture.models) <= names for picture in PAPER.pictures)
    assert all(callable(building.resolve(one.check)) for one in PAPER.claims)
    agreement = next(one for one in PAPER.claims if one.name == "agreement")
    assert set(agreement.models) == {TEACHER, *STUDENTS}


def test_stored_findings_are_whole():
    stored = stored_claims("attention-to-mamba")
    known = {claim.name for claim in PAPER.claims}
    assert set(stored) <= known
    for found in stored.values():
        assert found["verdict"] in typing.get_args(Verdict) and found["measured"]
        assert len(json.dumps(found["figures"])) < 40_000
