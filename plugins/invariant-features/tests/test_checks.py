"""The checks: their quantities are those of the claims, and what they measure is what they say."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr
from zoo_invariant_features import baselines
from zoo_invariant_features.checks import clouds, molecules
from zoo_invariant_features.specs.claims import CLAIMS
from zoo_invariant_features.specs.models import MODELS

import zoo
from zoo_core import BadInput


def bounds(name):
    (claim,) = [one for one in CLAIMS if one.name == name]
    return set(claim.bounds)


@pytest.fixture
def few(data_or_skip, monkeypatch):
    """QM7 with 300 molecules to learn from, 60 to choose by and 60 to test on."""
    data = data_or_skip("qm7")
    sizes = {"train": 300, "val": 60, "test": 60}
    rows = {name: data.rows[name][:size] for name, size in sizes.items()}
    data = dataclasses.replace(data, rows=rows)
    monkeypatch.setattr(molecules, "dataset", lambda name: data)
    return data


def test_energies_beside_baselines(few):
    found = molecules.energy()
    assert set(found.quantities) == bounds("energy")
    own = found.quantities["ds-ci-plus-qm7"].mean
    module = zoo.load("ds-ci-plus-qm7")
    (batch,) = module.outputs(few.split("test"))
    assert own == pytest.approx(float((batch["prediction"] - batch["target"]).abs().mean()))
    gap = found.quantities["counts of atoms minus ds-ci-plus-qm7"].mean
    assert gap == pytest.approx(found.figures["atoms"] - own)
    assert found.figures["atoms"] < 0.3 * found.figures["mean"]


def test_kernel_ridge_is_a_fair_one(few):
    found = molecules.kernel_ridge()
    assert set(found.quantities) == bounds("kernel-ridge")
    assert found.figures["Laplacian"] < found.figures["Gaussian"] < 60
    with pytest.raises(BadInput, match="Gaussian or Laplacian"):
        baselines.kernel_errors(few, "ae_pbe0", "linear")


def test_sorted_coulomb_matrices_do_not_hear_the_names_of_atoms(few):
    rows = baselines.sorted_coulomb(few)
    dense = few.matrices.dense().numpy()[3]
    order = np.random.default_rng(0).permutation(len(dense))
    norms = np.linalg.norm(dense, axis=1)
    assert len(set(norms[norms > 0].round(9))) > 1
    by_hand = dense[np.ix_(order, order)]
    by_hand = by_hand[np.ix_(*[np.argsort(-np.linalg.norm(by_hand, axis=1))] * 2)]
    assert np.allclose(np.sort(by_hand[np.triu_indices(23)]), np.sort(rows[3]))
    assert np.allclose(np.diag(by_hand).max(), rows[3][0])


def test_expansions_are_compared_at_equal_width_and_epochs(few):
    found = molecules.expansions()
    assert set(found.quantities) == bounds("expansion")
    fitted, paper, none = (found.figures[name] for name in ("fitted", "paper", "none"))
    assert found.quantities["fitted over none"].mean == pytest.approx(fitted / none)
    assert found.quantities["none minus fitted"].mean == pytest.approx(none - fitted)
    assert found.quantities["paper minus fitted"].mean == pytest.approx(paper - fitted)
    made = [zoo.load(shipped) for shipped in molecules.SHIPPED.values()]
    assert [one.phi_o.expansion.kind for one in made] == list(molecules.SHIPPED)
    assert len({one.rho_o.out_features for one in made}) == 1
    specs = [spec for spec in MODELS if spec.name in molecules.SHIPPED.values()]
    assert len(specs) == 3 and not any("epochs" in spec.recipe for spec in specs)


def test_the_published_grid_is_blind_where_it_is_said(few):
    found = molecules.saturation()
    assert set(found.quantities) == bounds("saturation")
    assert found.quantities["largest difference of published rows of f_*"] < 1e-6
    assert found.quantities["largest difference of fitted rows of f_*"] > 0.5


def test_seven_targets_and_tables(few):
    found = molecules.seven()
    assert set(found.quantities) == bounds("seven-targets")
    assert len(found.figures["dipole"]) == 3
    found = molecules.tables()
    assert set(found.quantities) == bounds("tables")
    assert 0 < found.quantities["largest relative difference on the test"] < 1e-4


@pytest.fixture
def outlines(data_or_skip, monkeypatch):
    """Outlines of 16 points, 6 of each class in a split."""

    @functools.cache
    def small(name, points=16):
        points = {100: 16, 50: 8, 200: 32}.get(points, points)
        data = data_or_skip(name, **({"points": points} if name == "cell-outlines" else {}))
        rows = {}
        for split in data.rows:
            rows[split] = torch.cat([side[:6] for side in data.sides(split)])
        return dataclasses.replace(data, rows=rows, _known={})

    monkeypatch.setattr(clouds, "dataset", small)
    return small


def test_correlations_are_those_of_all_pairs(outlines):
    found = clouds.cells(seed=1, epochs=2)
    assert set(found.quantities) == bounds("clouds")
    assert -1 <= found.figures["principal axes"] <= 1
    found = clouds.hands(seeds=(0,))
    assert set(found.quantities) == bounds("hands")
    found = clouds.other_sizes()
    assert set(found.quantities) == bounds("other-sizes")
    data, module = outlines("cell-outlines"), zoo.load("oi-ds-gram-cells")
    (batch,) = module.outputs(data.split("test"))
    expected = spearmanr(batch["prediction"].detach(), data.distances("test").flatten()).statistic
    assert clouds.correlation(module, data) == pytest.approx(expected)
    axes = found.figures["oi-ds-gram-cells"]
    assert found.quantities["oi-ds-gram-cells, 50 points over 100"] == axes["50"] / axes["100"]
