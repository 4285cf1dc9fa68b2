"""The checks, on small sizes: what they measure is what they say."""

from __future__ import annotations

import pytest
import torch
from zoo_approx_equivariant.checks import chains, inpainting, theory
from zoo_approx_equivariant.specs.claims import CLAIMS, CUTS

import zoo
from zoo_core import BadInput, available
from zoo_core.testing import make_run


def bounds(name):
    (claim,) = [one for one in CLAIMS if one.name == name]
    return claim.bounds


def test_the_formula_holds_and_is_drawn():
    found = theory.bias_variance(runs=40_000, drawn=200)
    assert set(found.quantities) == set(bounds("bias-variance"))
    assert found.quantities["largest distance of a simulation from the formula"] < 2
    assert found.quantities["S_3 ahead of S_2 for n < n*, behind it beyond"] is True
    assert len(found.figures["(1, 1, 1), S_3"]) == len(theory.SIZES)


def test_dimensions_are_counted(monkeypatch):
    monkeypatch.setattr(theory, "COUNTS", {1: 141, 2: 1_149, 4: 15_260})
    found = theory.dimensions()
    assert set(found.quantities) == set(bounds("dimensions"))
    wrong = {name: value for name, value in found.quantities.items() if value > 1e-4}
    assert wrong == {"networks with other numbers of weights than published": 1}


@pytest.fixture
def data(data_or_skip):
    data_or_skip("fashion-inpainting")
    data_or_skip("mnist-inpainting")


@pytest.fixture
def quick(data, monkeypatch):
    """One epoch, whatever is asked for."""
    fit = inpainting.fit
    monkeypatch.setattr(inpainting, "fit", lambda *pairs, **_: fit(*pairs, epochs=1))


def test_chains_over_runs_and_images(quick):
    found = inpainting.chain("fashion", [1, 4], runs=(0, 1))
    assert set(found.figures) == {"c = 1", "c = 4"}
    names = {name for name in bounds("fashion-chain") if not name.startswith("c = 14")}
    assert {name for name in found.quantities if "c = 4 minus" not in name} <= names
    found = inpainting.between(1, 2, 4)
    assert found.quantities["c = 4 minus c = 2"].runs == 1
    assert found.figures["c = 2"][0] > 0


def test_the_quantities_are_those_of_the_claims(quick, monkeypatch):
    images = {cut: torch.rand(1000) + 100 / cut for cut in (*CUTS, 28)}
    monkeypatch.setattr(inpainting, "first_run", images.__getitem__)
    monkeypatch.setattr(inpainting, "errors", lambda data, run, cut=14, **_: images[cut] + run)
    assert set(inpainting.chain("fashion", CUTS).quantities) == set(bounds("fashion-chain"))
    assert set(inpainting.chain("mnist", CUTS).quantities) == set(bounds("mnist-chain"))
    assert set(inpainting.between().quantities) == set(bounds("between-clothes"))
    assert set(inpainting.one_layer().quantities) == set(bounds("one-layer"))
    assert set(inpainting.reflection().quantities) == set(bounds("reflection"))
    assert inpainting.between().quantities["c = 1 minus c = 14"].mean > 0


def test_what_is_shipped_is_the_first_run(data):
    """The error that claims take from a shipped network is that of its own evaluation."""
    for cut, model in inpainting.SHIPPED.items():
        made = zoo.load(model)
        assert made.zoo_made.shape["cut"] == cut and not made.zoo_made.shape["mirrored"]
        assert made.zoo_source.dataset == "fashion-inpainting"
        assert made.zoo_source.options == {"run": 0}
    (row,) = zoo.evaluate("gnet7-fashion")
    found = inpainting.first_run(7)
    assert float(found.mean()) == pytest.approx(100 * row.value, abs=1e-3)


def test_storage_in_half_the_bits_changes_nothing(data, tmp_path):
    """Float16 rounds weights by 5e-4 of their size: the error moves by less than 0.1 points."""
    data = zoo.dataset("fashion-inpainting")
    rows = data.rows["test"][:200]
    module = make_run("gnet", data, shape={"cut": 4}).make(size=[28, 28])
    before = inpainting._by_image(module, data.inputs[rows][:250], data.targets[rows][:250])
    module.half().float()
    after = inpainting._by_image(module, data.inputs[rows][:250], data.targets[rows][:250])
    assert float((before - after).abs().mean()) < 0.1


def test_a_planted_symmetry_is_found():
    found = chains.planted(0, epochs=3, runs=2)
    assert set(found.quantities) == set(bounds("between"))
    assert len(found.figures) == 7
    told = found.quantities["no symmetry minus the chosen group"]
    # Of Student's t with one degree of freedom, at 97.5 %.
    assert told.reach == pytest.approx(12.706 * told.error, rel=1e-4)


def test_comparisons_alone_are_asked_of_other_images(home):
    with pytest.raises(BadInput, match="fashion-chain"):
        list(zoo.verify("approx-equivariant", claim="reflection", dataset=home / "pictures"))


def test_the_files_of_the_exact_images_are_pinned():
    from zoo_approx_equivariant.specs.data import EXACT

    assert all(file.sha256 for file in EXACT.values())
    assert all(available(file) is None or available(file).is_file() for file in EXACT.values())


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_every_claim_says_where_it_is_from(claim):
    assert claim.source and claim.models
