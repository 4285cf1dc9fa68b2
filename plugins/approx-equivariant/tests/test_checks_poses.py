"""The checks on poses, on small networks: what they measure is what they say."""

from __future__ import annotations

import pytest
import torch
from zoo_approx_equivariant.checks import poses
from zoo_approx_equivariant.pose.training import errors
from zoo_approx_equivariant.specs.claims import CLAIMS
from zoo_signals.pose_metrics import PoseError

import zoo


def bounds(name):
    (claim,) = [one for one in CLAIMS if one.name == name]
    return claim.bounds


@pytest.fixture
def quick(data_or_skip, monkeypatch):
    """Networks of eight channels that are not trained; one test pose in fifty."""
    import dataclasses

    data = data_or_skip("cmu-pose16")
    data = dataclasses.replace(data, rows={**data.rows, "test": data.rows["test"][::50]})
    monkeypatch.setattr(poses, "dataset", lambda name: data)
    create = poses.create
    monkeypatch.setattr(poses, "create", lambda *a, **b: create(*a, **b, hidden=4, blocks=1))
    seen = []
    monkeypatch.setattr(
        poses, "fit_poses", lambda module, data, seed, epochs: seen.append((seed, epochs))
    )
    return data, seen


def test_the_quantities_are_those_of_the_claims(quick):
    _, seen = quick
    found = poses.groups("full", 3, seeds=(0, 1))
    assert set(found.quantities) == set(bounds("poses"))
    assert seen == [(seed, 3) for seed in (0, 1) for _ in range(4)]
    assert list(found.figures) == ["S_16", "relaxed", "Aut", "trivial"]
    gap = [a - b for a, b in zip(found.figures["Aut"], found.figures["trivial"], strict=True)]
    assert found.quantities["Aut minus trivial"] == gap
    assert 0.4 < found.quantities["weights of Aut over those of trivial"] < 0.6
    found = poses.between("pt", 2, tied=False, seeds=(0, 1))
    assert set(found.quantities) == set(bounds("poses-between"))
    gap = [a - b for a, b in zip(found.figures["S_16"], found.figures["Aut"], strict=True)]
    assert found.quantities["S_16 minus Aut"] == gap
    found = poses.operations(2, tied=False)
    assert set(found.quantities) == set(bounds("poses-operations"))
    assert list(found.figures) == ["self", *poses.OPERATIONS]
    gap = found.figures["gc"] - found.figures["self"]
    assert found.quantities["gc minus self"].mean == pytest.approx(gap, abs=1e-3)


def test_what_is_shipped_is_not_trained_again(quick):
    """A claim's networks of seed 0 are the shipped ones, which its arguments made."""
    data, seen = quick
    (claim,) = [one for one in CLAIMS if one.name == "poses"]
    found = poses.groups(**claim.arguments, seeds=(0,))
    assert seen == [(0, 30)]
    for name, shipped in poses.SHIPPED.items():
        module = zoo.load(shipped)
        assert module.zoo_made.shape["group"] == poses.GROUPS[name]
        expected = 1000 * float(errors(module, data, "test").mean())
        assert found.figures[name] == [pytest.approx(expected)]


def test_errors_are_those_of_the_metric_and_of_half_the_bits(quick):
    """What claims measure is what is stored; float16 rounds weights by 2^-11 of their size."""
    data, _ = quick
    module = zoo.load("semgcn-cmupose")
    metric = PoseError()
    with torch.no_grad():
        for one in module.outputs(data.split("test")):
            metric.update(one["prediction"], one["target"])
    before = float(errors(module, data, "test").mean())
    assert before == pytest.approx(float(metric.compute()), rel=1e-4)
    with torch.no_grad():
        for one in module.parameters():
            one.mul_(1 + 2.0**-11 * (2 * torch.rand_like(one) - 1))
    assert float(errors(module, data, "test").mean()) == pytest.approx(before, abs=5e-4)
