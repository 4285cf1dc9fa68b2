"""The checks, on small sizes: what they measure is what they say."""

from __future__ import annotations

import pytest
import torch
from zoo_hierarchical_label_noise.checks import (
    comparing,
    features,
    measured,
    networks,
    theory,
    tuned,
)
from zoo_hierarchical_label_noise.specs.claims import CLAIMS
from zoo_hierarchical_label_noise.specs.models import MODELS
from zoo_images import probe
from zoo_images.specs.sources import LITE0_WHEEL

from zoo_core import available


def bounds(name):
    (claim,) = [one for one in CLAIMS if one.name == name]
    return set(claim.bounds)


def test_the_laws_hold_to_rounding():
    found = theory.laws(trials=30)
    assert set(found.quantities) == bounds("laws-of-the-tree")
    assert found.quantities["largest error of the product of exact conditionals"] < 1e-12
    assert found.quantities["singletons lost by topdown at 0.70, of two"] == 2


@pytest.mark.parametrize("claim", ["across", "within", "symmetric"])
def test_networks_side_by_side(data_or_skip, claim, monkeypatch):
    data_or_skip("noisy-fashion-mnist", rate=0.4, limit=600)
    monkeypatch.setattr(networks, "_mlp", lambda _: {"backbone": "mlp", "options": {"widths": [4]}})
    found = getattr(networks, claim)(seeds=1, limit=600, tests=200)
    assert set(found.quantities) == bounds(f"{claim}-noise")
    # Of a product the root decides what the sums say.
    assert found.figures["product, coarse summed"] == found.figures["product, coarse direct"]


def test_convolutions_side_by_side(data_or_skip):
    data_or_skip("noisy-fashion-mnist", rate=0.4, limit=300)
    found = networks.convolutions(seeds=1, epochs=1, limit=300, tests=100)
    assert set(found.quantities) == bounds("convolutions")


def test_both_are_tuned_alike(data_or_skip):
    data_or_skip("noisy-fashion-mnist", rate=0.4, limit=600)
    found = tuned.both_tuned(
        seeds=1, limit=600, tests=200, epochs=2, rates=(0.05,), smoothings=(0.0,)
    )
    assert set(found.quantities) == bounds("tuned")
    assert {len(settings) for settings in found.figures["chosen"].values()} == {1}


def test_the_exact_test_of_two_answers():
    first = torch.tensor([True] * 9 + [False])
    assert comparing.mcnemar(first, ~first) == pytest.approx(2 * (1 + 10) / 2**10)
    assert comparing.mcnemar(first, first) == 1


def frozen_or_skip(data_or_skip, name, **options):
    pytest.importorskip("timm")
    data_or_skip(name, **options)
    if available(LITE0_WHEEL) is None:
        pytest.skip("the weights of the frozen backbone are not at hand")


def test_heads_on_frozen_features(data_or_skip, monkeypatch):
    frozen_or_skip(data_or_skip, "noisy-cifar10n", limit=200)
    monkeypatch.setattr(probe, "STEPS", 10)  # not fitted to the end: the way is what is tested
    found = features.human(limit=200, every=40)
    assert set(found.quantities) == bounds("human-noise")
    assert found.figures["worst: flat"] > 25
    found = features.against_the_best(limit=200, every=40)
    assert set(found.quantities) == bounds("state-of-the-art")
    found = features.induced(limit=200)
    assert set(found.quantities) == bounds("induced-tree")
    assert len(found.figures["clean: five"]) == 10


def test_the_official_tree(data_or_skip, monkeypatch):
    frozen_or_skip(data_or_skip, "noisy-cifar100", limit=200)
    monkeypatch.setattr(probe, "STEPS", 10)
    found = features.official(seeds=1, limit=200, every=100)
    assert set(found.quantities) == bounds("official-tree")


def test_beside_hiclass(data_or_skip):
    pytest.importorskip("hiclass", reason="hiclass is not installed")
    frozen_or_skip(data_or_skip, "noisy-cifar10n", limit=200)
    found = features.beside_hiclass(limit=200, every=40)
    assert set(found.quantities) == bounds("beside-hiclass")
    assert found.figures["hiclass"] > 25


def test_shipped_models_on_clean_labels(data_or_skip):
    data_or_skip("noisy-fashion-mnist", kind="across", rate=0.6)
    found = measured.clean_accuracy(["hierlabel-fashion-mnist"])
    assert found.quantities["hierlabel-fashion-mnist"].mean > 75


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_every_claim_says_where_it_is_from(claim):
    assert claim.source
    assert set(claim.models) <= {spec.name for spec in MODELS}
