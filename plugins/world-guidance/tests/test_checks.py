"""The claims' measures: the dead injection, arms compared, conditions that copy."""

from __future__ import annotations

import numpy as np
import pytest
from zoo_world_guidance.checks import arms, episodes
from zoo_world_guidance.checks.structure import asking, change_by_mean, sizes, trained_head
from zoo_world_guidance.specs.claims import CLAIMS, COUNTS


def test_the_released_injection_stays_dead_and_ours_learns():
    dead, alive = (trained_head(kind, steps=20) for kind in ("released", "learning"))
    assert asking(dead) == 0.0 < asking(alive)
    assert change_by_mean(dead) < 1e-5 < change_by_mean(alive)


def test_counts_are_those_of_the_published_layers():
    assert sizes().quantities == {
        f"{size}, {way} conditions": count
        for size, counts in COUNTS.items()
        for way, count in zip(("without", "with"), counts, strict=True)
    }


def test_arms_are_compared_episode_by_episode(monkeypatch):
    known = {"a": np.linspace(0, 1, 50), "b": np.linspace(0, 1, 50) - 0.2}
    monkeypatch.setattr(
        arms,
        "episodes",
        lambda model, seed, changed: {"score": known[model], "coverage": known[model]},
    )
    monkeypatch.setattr(episodes, "episodes", arms.episodes)
    found = episodes.compared(
        {"WoG": "a", "base": "b"}, [0, 1], ["WoG", "WoG minus base"]
    ).quantities
    # Episodes differ by 1, their difference does not.
    assert found["WoG"].reach > 0.05 and found["WoG minus base"].reach == pytest.approx(0)
    assert found["WoG minus base"].mean == pytest.approx(0.2)


def test_changes_go_where_they_belong():
    changes = {"labelled": 186, "steps": 5, "loss": "written"}
    shape, recipe, options = arms.settings("wog-pusht-state", changes)
    assert (shape["loss"], recipe["steps"], options["labelled"]) == ("written", 5, 186)
    assert arms._folder("m", 0, shape) != arms._folder("m", 1, shape)


def test_an_interval_over_seeds_is_wider_than_over_episodes():
    rng = np.random.default_rng(0)
    values = rng.random((3, 50)) * 0.1 + np.array([[0.0], [0.5], [1.0]])
    assert arms.mean_of(values).reach > 3 * arms.mean_of(values[:1]).reach


def test_claims_call_checks_with_what_they_take():
    import importlib
    import inspect

    for claim in CLAIMS:
        module, _, name = claim.check.partition(":")
        check = getattr(importlib.import_module(module), name)
        inspect.signature(check).bind(**claim.arguments)
