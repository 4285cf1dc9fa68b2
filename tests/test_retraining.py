"""Registered models of other seeds and settings: trained once, and kept apart from each other."""

from __future__ import annotations

import pytest
import torch

import zoo
from zoo_core import BadInput, UnknownName, retrained
from zoo_core._authoring import retraining
from zoo_core._registry.registry import registry

NAME = "powerembed-sbm-dense"
SHORT = {"epochs": 1}


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """What trainings are asked for, in a home of their own."""
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    plain, seen = retraining.train, []
    monkeypatch.setattr(
        retraining,
        "train",
        lambda name, **how: (seen.append((how["seed"], how["config"])), plain(name, **how))[1],
    )
    return seen


def same(one, other):
    one, other = one.state_dict(), other.state_dict()
    return all(torch.equal(one[name], other[name]) for name in one)


def test_the_seed_0_is_what_is_shipped(asked):
    known = registry()
    spec = known.model(NAME)
    usual = {**known.architecture(spec.architecture).recipe, **spec.recipe}
    for config in (None, {"epochs": usual["epochs"]}):
        assert same(retrained(NAME, 0, config), zoo.load(NAME))
    assert asked == []


def test_other_seeds_and_settings_are_trained_once_each(asked, tmp_path):
    first = retrained(NAME, 1, SHORT)
    assert same(retrained(NAME, 1, SHORT), first) and asked == [(1, SHORT)]
    assert not same(retrained(NAME, 0, SHORT), first)
    assert not same(retrained(NAME, 1, {"epochs": 2}), first)
    assert asked == [(1, SHORT), (0, SHORT), (1, {"epochs": 2})]
    assert len(list((tmp_path / "made" / "powerembed").iterdir())) == 3


def test_what_is_no_registered_model_or_setting_is_refused(asked):
    with pytest.raises(UnknownName):
        retrained("powerembed-nowhere", 1)
    with pytest.raises(BadInput, match="epoch"):
        retrained(NAME, 0, {"epoch": 1})
