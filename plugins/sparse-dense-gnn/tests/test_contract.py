"""What the plugin registers keeps the contract, and the specs agree with each other."""

from __future__ import annotations

import pytest
from zoo_sparse_dense_gnn.specs.models import MODELS as SPECS
from zoo_sparse_dense_gnn.specs.paper import PAPER

from zoo_core.registry import registry
from zoo_core.testing import check_model

MODELS = {spec.name: spec for spec in SPECS}


@pytest.mark.parametrize("name", MODELS)
def test_models_keep_the_contract(name):
    check_model(name)


def test_every_model_is_named_by_a_claim_and_a_picture_knows_its_models():
    claimed = {name for claim in PAPER.claims for name in claim.models}
    assert claimed == set(MODELS)
    assert {name for picture in PAPER.pictures for name in picture.models} <= set(MODELS)


def test_weights_are_small():
    sizes = {name: registry().lock(spec)["size"] for name, spec in MODELS.items()}
    assert max(sizes.values()) < 5e6 and sum(sizes.values()) < 10e6


def test_parameter_counts_are_the_papers():
    def count(name):
        return registry().lock(MODELS[name])["parameters"]

    assert count("dsgm-gnn-dense") == count("dsgm-gnn-sparse") == 178
    assert count("sparse-gnn-chameleon") == 2 * 2325 * 128 + 1 + 128 * 5
