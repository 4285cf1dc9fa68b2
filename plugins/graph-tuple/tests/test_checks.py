"""The checks, on small networks: what they measure is what they say."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from torchmetrics.regression import R2Score
from zoo_graph_tuple.checks import clouds, molecules, theory
from zoo_graph_tuple.specs.claims import CAMELS, CLAIMS, QM7B

import zoo
from zoo_core import create


def claim(name):
    (found,) = [one for one in CLAIMS if one.name == name]
    return found


def few(data, counts):
    rows = {name: data.rows[name][:count] for name, count in counts.items()}
    return dataclasses.replace(data, rows=rows)


def test_the_linear_theory_holds_and_would_fail_for_operators_that_commute(monkeypatch):
    bounds = claim("linear-theory").bounds
    found = theory.spans(draws=3).quantities
    assert set(found) == set(bounds)
    assert all(bounds[name].judge(one) == "holds" for name, one in found.items())
    monkeypatch.setattr(
        theory, "symmetric", lambda draw, nodes: np.diag(draw.standard_normal(nodes))
    )
    found = theory.spans(draws=3).quantities
    assert bounds["rank of the seven words"].judge(found["rank of the seven words"]) == "fails"


def test_errors_of_molecules_are_those_of_the_metric(data_or_skip, monkeypatch):
    data = few(data_or_skip("qm7"), {"train": 60, "val": 20, "test": 40})
    torch.manual_seed(0)
    made = {
        name: create("gine-gt", hidden=4, expansion="paper", mean=[-1500.0 - place])
        for place, name in enumerate(molecules.SHIPPED.values())
    }
    monkeypatch.setattr(molecules, "dataset", lambda name: data)
    monkeypatch.setattr(molecules, "load", made.__getitem__)
    found = molecules.plain()
    assert set(found.quantities) == set(claim("molecules").bounds)
    for name, model in molecules.SHIPPED.items():
        (out,) = made[model].eval().outputs(data.split("test"))
        mean = float((out["prediction"] - out["target"]).detach().abs().mean())
        assert found.figures[name] == pytest.approx(mean, rel=1e-5)
    ratio = found.quantities["GINE-Gt over dense"]
    assert ratio.mean == pytest.approx(found.figures["GINE-Gt"] / found.figures["dense"])


def test_fair_networks_have_as_many_weights_and_are_trained_alike(data_or_skip, monkeypatch):
    data = few(data_or_skip("qm7"), {"train": 80, "val": 20, "test": 20})
    monkeypatch.setattr(molecules, "dataset", lambda name: data)
    tuple_, dense = (
        sum(one.numel() for one in create("gine-gt", **shape).parameters())
        for shape in molecules.FAIR.values()
    )
    assert 0.9 < tuple_ / dense < 1.1
    for shape in molecules.FAIR.values():
        monkeypatch.setitem(shape, "hidden", 4)
    found = molecules.fair(molecules=60, epochs=1, seeds=(0, 1))
    assert set(found.quantities) == set(claim("molecules-fair").bounds)
    one, other = (found.figures[name][1] for name in molecules.FAIR)
    assert found.quantities["GINE-Gt over fair dense"][1] == pytest.approx(one / other)


def test_a_ratio_of_errors_is_drawn_over_the_same_molecules():
    draw = np.random.default_rng(0)
    hard = draw.exponential(size=400)
    same = molecules.ratio(0.5 * hard, hard)
    assert same.mean == pytest.approx(0.5) and same.reach < 1e-12
    apart = molecules.ratio(0.5 * draw.exponential(size=400), hard)
    assert 0.02 < apart.reach < 0.2


def test_the_score_of_clouds_is_that_of_the_metric(monkeypatch):
    data = few(zoo.dataset("cosmo-mini-clouds", points=40), {"train": 6, "val": 2, "test": 6})
    torch.manual_seed(0)
    made = {
        name: create(
            "egnn-gt", hidden=4, layers=1, targets=["sigma_8"], mean=[0.8 + place], spread=[0.1]
        )
        for place, name in enumerate(clouds.SHIPPED.values())
    }
    module = made["egnn-gt-cosmo-mini"]
    monkeypatch.setattr(clouds, "dataset", lambda name, points: data)
    monkeypatch.setattr(clouds, "retrained", lambda name, seed: made[name])
    found = clouds.scales()
    assert set(found.quantities) == set(claim("clouds").bounds)
    (out,) = module.outputs(data.split("test"))
    expected = float(R2Score()(out["predicted sigma_8"], out["true sigma_8"]))
    assert found.figures["Gt(20, 40)"] == pytest.approx([expected], abs=1e-4)
    assert found.quantities["R2 of Gt(20, 40)"].reach > 0
    gap = found.quantities["Gt(20, 40) minus c = 40"]
    assert gap.mean == pytest.approx(found.figures["Gt(20, 40)"][0] - found.figures["c = 40"][0])
    true = np.random.default_rng(0).random(200)
    mean = np.full(200, true.mean())
    assert np.allclose(clouds.redrawn([(true, true)]), 1)
    assert abs(clouds.redrawn([(mean, true)]).mean()) < 0.03
    assert (
        clouds.redrawn([(mean, true), (true, true)]).std()
        > 5 * clouds.redrawn([(mean, true)] * 2).std()
    )


def test_published_tables_are_the_papers():
    ahead = [name for name, (_, strong, tuple_) in QM7B.items() if tuple_ < strong]
    assert len(QM7B) == 14 and set(QM7B) - set(ahead) == {"lumo_zindo", "ea_zindo", "lumo_pbe0"}
    assert all(tuple_ < dense for dense, _, tuple_ in QM7B.values())
    for table in CAMELS.values():
        single = max(value for name, value in table.items() if not name.startswith("Gt"))
        assert single >= max(value for name, value in table.items() if name.startswith("Gt"))
