"""The claims on trees: what is measured, on small data, by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from zoo_cosmobench.checks import trees as checks
from zoo_cosmobench.specs.claims import TREE_CLAIMS
from zoo_cosmobench.trees.infilling import Infill, questions
from zoo_cosmobench.trees.preparation import binarised
from zoo_cosmobench.trees.samples import example_forest
from zoo_cosmobench.trees.splitting import assembled

import zoo


@pytest.fixture
def data():
    forest = example_forest(0, (9, 12, 7) * 8)
    rng = np.random.default_rng(0)
    targets = np.repeat(rng.uniform(0.1, 0.5, (6, 2)), 4, 0)
    places = {"train": torch.arange(8), "val": torch.arange(8, 12), "test": torch.arange(12, 24)}
    return assembled(forest, targets, np.repeat(np.arange(6), 4), places)


@pytest.fixture
def infill():
    forest = binarised(example_forest(0, (40,) * 12))
    asked = questions(forest)
    mass = asked.local[:, 0]
    labels = torch.from_numpy((mass > np.median(mass)).astype(np.int64))
    rows = {"train": torch.arange(6), "val": torch.arange(6, 9), "test": torch.arange(9, 12)}
    return Infill((asked, labels), rows)


@pytest.fixture(autouse=True)
def small(monkeypatch, data, infill):
    known = {"cosmo-mini-trees": data, "cosmo-mini-infill": infill}
    monkeypatch.setattr(checks, "dataset", known.__getitem__)

    def untrained(model, seed):
        torch.manual_seed(seed)
        return zoo.create(model.removesuffix("-mini"))

    monkeypatch.setattr(checks, "retrained", untrained)


@pytest.mark.parametrize("claim", TREE_CLAIMS, ids=lambda claim: claim.name)
def test_each_claim_measures_what_it_is_judged_by(claim):
    module, _, name = claim.check.partition(":")
    assert module == checks.__name__
    finding = getattr(checks, name)(seeds=(0, 1))
    assert set(finding.quantities) == set(claim.bounds)
    for bound, quantity in claim.bounds.items():
        assert quantity.judge(finding.quantities[bound]) in ("holds", "fails", "not established")


def test_r2_is_that_of_scikit_learn(data):
    from sklearn.metrics import r2_score

    target = data.targets[data.rows["test"]]
    found = target + torch.tensor([0.1, -0.2]) * torch.randn(
        target.shape, generator=torch.Generator().manual_seed(0)
    )
    expected = r2_score(target, found, multioutput="raw_values")
    assert checks.r2(found - target, target) == pytest.approx(expected.tolist(), rel=1e-4)


def test_trees_of_a_universe_are_averaged(data):
    rows = data.rows["test"]
    error = torch.arange(24.0).reshape(12, 2)
    mean, target = checks.by_universe(data, error, rows)
    assert mean.tolist() == [[3, 4], [11, 12], [19, 20]]
    assert torch.allclose(target, data.targets[rows][::4])


def test_baselines_stand_beside(infill):
    finding = checks.infilling(seeds=(0, 1))
    truth = infill.labels[infill.mergers_of(infill.rows["test"])].float().mean()
    learnt = infill.labels[infill.mergers_of(infill.rows["train"])].float().mean()
    commoner = 100 * float(truth if learnt > 0.5 else 1 - truth)
    assert finding.figures["the commoner answer"] == pytest.approx(commoner)
    assert finding.figures["nearest neighbours, all features"] > commoner + 10
    assert finding.figures["gradient boosting"] > commoner + 10
    assert "balanced accuracy" in finding.told
