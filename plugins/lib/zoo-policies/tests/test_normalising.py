"""Normalisation: back and forth, constants, and statistics that travel with the weights."""

import json

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from zoo_policies.normalising import Normaliser, Statistics

from zoo_core import BadInput, Notice

DRAWN = np.random.default_rng(0).normal([5.0, -300.0], [2.0, 90.0], (500, 2))


@given(st.sampled_from(["quantiles", "range", "standard"]), st.integers(0, 499))
def test_a_round_trip_gives_values_back(mode, row):
    scale = Normaliser(2).fit(Statistics.of(DRAWN), mode)
    values = torch.from_numpy(DRAWN[row]).float()
    assert torch.allclose(scale.undo(scale(values)), values, rtol=1e-5, atol=1e-4)
    low, high = np.quantile(DRAWN, [0.01, 0.99], axis=0)
    inside = (low < DRAWN) & (high > DRAWN)
    if mode == "range" or (mode == "quantiles" and inside[row].all()):
        assert scale(values).abs().max() <= 1


def test_modes_are_what_they_are_called():
    values = torch.from_numpy(DRAWN).float()
    standard = Normaliser(2).fit(Statistics.of(DRAWN), "standard")(values)
    assert standard.mean(0).abs().max() < 1e-4 and (standard.std(0) - 1).abs().max() < 2e-3
    beyond = Normaliser(2).fit(Statistics.of(DRAWN))(values).abs() > 1
    assert beyond.float().mean(0).tolist() == pytest.approx([0.02, 0.02], abs=0.003)


def test_a_constant_dimension_is_told_and_divides_by_nothing():
    values = np.concatenate([DRAWN, np.full((500, 1), 7.0)], 1)
    with pytest.warns(Notice, match="Dimension 2 of action is constant"):
        scale = Normaliser(3).fit(Statistics.of(values), name="action")
    given = torch.tensor([[5.0, -300.0, 9.0]])
    assert scale(given)[0, 2] == 0 and scale.undo(scale(given))[0, 2] == 7
    with pytest.raises(BadInput, match="All values are constant"):
        Normaliser(1).fit(Statistics.of(np.full((9, 1), 512.0)))


def test_statistics_travel_as_buffers_and_as_json():
    known = Statistics.of(DRAWN)
    again = Statistics.from_dict(json.loads(json.dumps(known.to_dict())))
    first, second = Normaliser(2), Normaliser(2)
    first.fit(known)
    with pytest.raises(BadInput, match="statistics of normalisation are missing"):
        second.ready()
    second.load_state_dict(first.state_dict())
    assert torch.equal(second.ready().spread, Normaliser(2).fit(again).spread)


@pytest.mark.parametrize(
    ("data", "mode", "said"),
    [
        ({"min": [0, 0], "max": [1, 1]}, "quantiles", "have no q01 and q99"),
        ({"min": [0, 0, 0], "max": [1, 1, 1]}, "range", "3 dimensions; expected 2"),
        ({"min": [0, 0], "max": [1, 1]}, "extremes", "expected quantiles, range, standard"),
        ({"min": [2, 0], "max": [1, 1]}, "range", "lies below its lower one"),
        ({"min": [0, 0], "max": [1, 1, 1]}, "range", "unlike numbers"),
        ({"mean": [0, None]}, "standard", "not finite|no list of numbers"),
        ({"mean": ["a"]}, "standard", "mean is no list of numbers"),
        ([0, 1], "range", "are a list; expected them by name"),
        ({"count": [9]}, "standard", "none of min, max"),
    ],
    ids=["missing", "other", "mode", "turned", "unlike", "nan", "text", "list", "none"],
)
def test_statistics_that_normalise_nothing_are_refused(data, mode, said):
    with pytest.raises(BadInput, match=said):
        Normaliser(2).fit(Statistics.from_dict(data), mode)


def test_statistics_of_unknown_actions_are_refused():
    for bad in (np.full((3, 2), np.nan), np.zeros((0, 2)), np.zeros(3)):
        with pytest.raises(BadInput, match="give no statistics"):
            Statistics.of(bad)
