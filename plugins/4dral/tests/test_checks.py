"""The claims: hits by hand, intervals that are as wide as they should be, arms that are alike."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from zoo_4dral.checks import arms, distilling, recall, scores
from zoo_4dral.specs.claims import CLAIMS
from zoo_4dral.specs.models import ARMS, MODELS

FAR = np.inf


def outcomes(rate, seeds=3, queries=300, seed=0):
    rng = np.random.default_rng(seed)
    return [100.0 * (rng.random(queries) < rate) for _ in range(seeds)]


def test_hits_are_by_the_official_rule():
    found = {
        "metres": np.array([[30.0, 10, 40], [5, 50, 60], [70, 80, 90], [70, 80, 90]]),
        "nearest": np.array([10.0, 5, 20, 26]),
    }
    assert scores.hits(found).tolist() == [0, 100, 0], "a query without a positive is skipped"
    assert scores.hits(found, 2).tolist() == [100, 100, 0]
    assert scores.hits(found, 3, 9.0).tolist() == [100]


def test_intervals_are_as_wide_as_the_draws():
    found = scores.over_blocks([outcomes(0.4)])
    assert found.mean == pytest.approx(np.mean(outcomes(0.4))) and found.runs == 3
    # Outcomes here are independent: drawing seeds as well counts a part of their spread twice.
    assert 1.0 < found.error / (100 * np.sqrt(0.24 / 900)) < 1.7
    assert scores.over_blocks([outcomes(0.4), outcomes(0.8, seed=1)]).mean == pytest.approx(
        (np.mean(outcomes(0.4)) + np.mean(outcomes(0.8, seed=1))) / 2
    )
    blocked = [np.repeat(one[:30], 10) for one in outcomes(0.4)]
    assert scores.over_blocks([blocked]).error > 2 * found.error, "neighbours go together"
    assert scores.over_blocks(arms.gaps([outcomes(0.4)], [outcomes(0.4)])).reach == 0


def test_what_is_compared_differs_in_what_is_claimed():
    """Steps, widths and data are the same; only a teacher's terms and its weights are others."""
    for first, second in (
        ("taught", "alone"),
        ("to LiDAR", "to LiDAR, alone"),
        ("small, descriptors", "small, none"),
        ("small, FDD", "small, none"),
        ("small, RD", "small, none"),
        ("written, all", "written, none"),
        ("written, all chosen", "written, none"),
        ("small to LiDAR, descriptors", "small to LiDAR, none"),
        ("written to LiDAR, all", "written to LiDAR, none"),
    ):
        one, other = ARMS[first], ARMS[second]
        assert (one.architecture, one.shape) == (other.architecture, other.shape)
        assert one.options == other.options
        assert {key: one.recipe[key] for key in other.recipe} == other.recipe
        assert one.teacher is not None and other.teacher is None
        assert set(other.recipe) <= {"steps", "batch"}


def test_shipped_models_are_those_of_the_arms():
    specs = {spec.name: spec for spec in MODELS}
    for arm in ARMS.values():
        if arm.shipped is None:
            continue
        spec = specs[arm.shipped]
        assert (spec.shape, spec.recipe) == (arm.shape, arm.recipe)
        assert spec.options == arm.options
        assert spec.given == ({"teacher": arm.teacher} if arm.teacher else {})
        assert (spec.start is not None) == arm.starts


@pytest.fixture
def measured(monkeypatch):
    """Each arm finds what its name says: those with a teacher more, in rain and by fog less."""

    def found(label, seed, world, fog=0.0, drop=0.0):
        rng = np.random.default_rng([seed, int(world)])
        rate = 0.4 + 0.2 * (not label.endswith(("alone", "none"))) - 0.1 * (drop > 0) - 8 * fog
        metres = np.where(rng.random((200, 10)) < rate, 5.0, FAR)
        each = {"metres": metres, "nearest": np.full(200, 5.0)}
        turned = {"metres": np.full((200, 10), FAR), "nearest": each["nearest"]}
        return each | {
            f"{name}-{way}": one[name]
            for way, one in (("same", each), ("opposite", turned))
            for name in ("metres", "nearest")
        }

    monkeypatch.setattr(arms, "found", found)
    monkeypatch.setattr(recall, "found", found)
    monkeypatch.setattr(recall, "load", lambda name: None)
    nothing = {"metres": np.full((200, 10), FAR), "nearest": np.full(200, 5.0)}
    monkeypatch.setattr(recall, "found_in", lambda *more, **how: nothing)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_each_check_measures_what_its_bounds_ask_for(measured, claim):
    module, _, name = claim.check.rpartition(".")[2].partition(":")
    finding = getattr({"recall": recall, "distilling": distilling}[module], name)(**claim.arguments)
    assert set(finding.quantities) == set(claim.bounds)
    for quantity, estimate in finding.quantities.items():
        if "minus" in quantity and "map" not in quantity:
            assert estimate.mean > 0, quantity
        assert claim.bounds[quantity].judge(estimate) in ("holds", "fails", "not established")


def test_networks_of_other_seeds_are_trained_once(monkeypatch, tmp_path):
    asked = []

    def trained(arm, seed, folder):
        asked.append((arm.shipped, seed))
        folder.mkdir(parents=True)
        (folder / "config.json").write_text("{}")

    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    monkeypatch.setattr(arms, "trained", trained)
    monkeypatch.setattr(arms, "load", lambda source: source)
    first, again = (arms.network.__wrapped__("alone", 1) for _ in range(2))
    assert first == again and asked == [("r2r-nokd-streetsim", 1)]
    assert tmp_path in first.parents
    changed = replace(ARMS["alone"], recipe={**ARMS["alone"].recipe, "steps": 3})
    assert len({arms.kept_at(ARMS["alone"], 2), arms.kept_at(changed, 1), first}) == 3


def test_what_is_not_shipped_is_trained_for_seed_0_too(monkeypatch, tmp_path):
    asked = []
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    monkeypatch.setattr(arms, "trained", lambda arm, seed, folder: asked.append((arm, seed)))
    monkeypatch.setattr(arms, "load", lambda source: source)
    found = [arms.network.__wrapped__(one, 0) for one in ("small to LiDAR, none", "small, none")]
    assert asked == [(ARMS["small to LiDAR, none"], 0)] and found[1] == ARMS["small, none"].shipped


def test_networks_of_an_arm_are_trained_by_its_recipe(monkeypatch, tmp_path):
    asked = {}
    monkeypatch.setattr(arms, "train", lambda name, **how: asked.update(how, name=name))
    arms.trained(replace(ARMS["small, descriptors"], recipe={"steps": 3}), 2, tmp_path)
    assert asked["name"] == "4dral-r2r" and asked["seed"] == 2
    assert asked["config"] == {"widths": [16, 32, 64], "steps": 3}
    assert asked["given"] == {"teacher": "4dral-teacher-small-streetsim"}
    assert asked["start"] == "4dral-teacher-small-streetsim"
