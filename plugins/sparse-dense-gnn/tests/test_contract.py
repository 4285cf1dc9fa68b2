"""What the plugin registers keeps the contract, and the specs agree with each other."""

from __future__ import annotations

from zoo_sparse_dense_gnn.specs.models import MODELS as SPECS
from zoo_sparse_dense_gnn.specs.paper import PAPER

import zoo
from zoo_core.testing import check_listing, for_each_check

MODELS = {spec.name: spec for spec in SPECS}


@for_each_check(
    PAPER.name,
    shapes={
        "graph-filter": {"in_features": 6, "num_classes": 3},
        "spectral-mlp": {
            "in_features": 20,
            "num_classes": 3,
            "own_nodes": 60,
            "k": 6,
            "kappa": 4,
        },
    },
)
def test_contract(check):
    check()


def test_listing_imports_nothing_heavy():
    check_listing("sparse-dense-gnn")


def test_every_model_is_named_by_a_claim_and_a_picture_knows_its_models():
    claimed = {name for claim in PAPER.claims for name in claim.models}
    assert claimed == set(MODELS)
    assert {name for picture in PAPER.pictures for name in picture.models} <= set(MODELS)


def test_weights_are_small():
    sizes = {name: zoo.info(name)["weights"]["size"] for name in MODELS}
    assert max(sizes.values()) < 5e6 and sum(sizes.values()) < 10e6


def test_parameter_counts_are_the_papers():
    def count(name):
        return zoo.info(name)["weights"]["parameters"]

    assert count("dsgm-gnn-dense") == count("dsgm-gnn-sparse") == 178
    assert count("dsgm-lin-sparse") == 176  # no slopes
    assert count("sparse-gnn-chameleon") == 2 * 2325 * 128 + 1 + 128 * 5
