"""What the checks of the claims are made of, and what their findings tell."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from zoo_mamba_selectivity.checks import (
    capacity,
    haar,
    haar_start,
    measuring,
    memory,
    parts,
    recall,
)
from zoo_mamba_selectivity.data.keepnth import keepnth
from zoo_mamba_selectivity.data.mqar import Recall, mqar
from zoo_mamba_selectivity.exact.recall import ExactRecall
from zoo_mamba_selectivity.networks.keepnth import KeepNetwork
from zoo_mamba_selectivity.networks.recall import RecallNetwork
from zoo_mamba_selectivity.specs.claims import CLAIMS

from zoo_core import figures, measure

MOTHER = np.repeat([1.0, -1.0], 256)


def test_more_modes_approximate_better_but_slowly():
    errors = [haar.lin_error(modes, 1.0, MOTHER) for modes in (4, 8, 16)]
    assert errors[0] > errors[1] > errors[2] > 0.1
    assert 1.2 < errors[0] / errors[2] < 2.5


def test_the_best_approximation_cannot_be_beaten_by_projecting():
    # A combination of the modes is approximated exactly, and what is left is orthogonal to them.
    ago = 1 - (np.arange(512) + 0.5) / 512
    inside = np.exp(-ago / 2) * (1 + 2 * np.cos(np.pi * ago) - np.sin(2 * np.pi * ago))
    assert haar.lin_error(3, 1.0, inside) < 1e-7
    assert haar.lin_error(2, 1.0, inside) > 0.01


@pytest.mark.parametrize("row", [0, 1, 5, 63])
def test_the_selective_kernel_is_the_wavelet(row):
    error, channels = haar.selective_error(row, 64)
    assert error < 1e-6
    assert channels <= 6


@pytest.mark.parametrize(
    ("accuracies", "expected"),
    [([1.0, 1.0, 1.0], None), ([0.5, 0.4, 0.3], None), ([1.0, 0.8, 0.1], 2**0.5 * 4)],
    ids=["never", "always", "between"],
)
def test_the_point_where_accuracy_falls(accuracies, expected):
    found = capacity.half_point([4, 8, 16], accuracies, 0.9)
    assert found == (None if expected is None else pytest.approx(expected))


def test_accuracy_counts_queries():
    module = ExactRecall("mamba2", 64, 5, None, distinct_keys=True).eval()
    data = Recall(length=16, pairs=4, vocabulary=64, sequences=10)
    assert measuring.accuracy(module, data) == 1.0
    with torch.no_grad():
        module.embedding.weight.zero_()
    assert measuring.accuracy(module, data) == 0.0


def test_what_is_followed_is_one_where_nothing_is_forgotten():
    tokens = torch.from_numpy(keepnth(256, 64, vocabulary=4, sequences=2).part("test").tokens)
    for mixer in ("mamba", "s4d-real"):
        module = KeepNetwork(4, 64, 256, mixer, width=8, state_size=2).double().eval()
        found = memory._followed(module, tokens)
        assert max(found["kept"]) < 1 and found["gap"] < 1e-9
        assert (found["bend"] < 1e-6) == (mixer == "s4d-real")
        with torch.no_grad():
            module.blocks[0].A_log.fill_(-60.0)
        assert memory._followed(module, tokens)["kept"] == pytest.approx([1, 1])


def test_bend_is_zero_for_exponentials_and_not_for_others():
    lag = torch.arange(9, -1, -1, dtype=torch.float64)[:, None, None]
    rates = torch.tensor([[0.1, 0.5], [1.0, 0.0]], dtype=torch.float64)
    assert memory._bend(0.3 * (-lag * rates).exp()) < 1e-12
    bent = 0.3 * (-lag * rates).exp()
    bent[4, 1, 1] *= math.e
    assert memory._bend(bent) > 0.5


def test_accuracies_by_sequence_have_the_accuracy_as_their_mean():
    torch.manual_seed(0)
    for module, data in (
        (RecallNetwork(8, width=8, state_size=2), mqar(4, 1, 8, sequences=600)),
        (RecallNetwork(40, width=8, state_size=2), mqar(32, 5, 40, sequences=260)),
        (KeepNetwork(3, 2, 8, width=8, state_size=2), keepnth(8, 2, vocabulary=3, sequences=50)),
    ):
        rows = measuring.by_sequence(module.eval(), data)
        assert len(rows) == data.sequences
        expected = measure(module, data, "test", ["accuracy"])["accuracy"]
        assert np.mean(rows) == pytest.approx(100 * expected, abs=1e-4)


def test_several_seeds_are_judged_by_their_spread_and_one_by_its_sequences():
    ones = [100.0, 100.0, 90.0, 90.0]
    alone = recall._of_trained({"accuracy": [ones]}, [0])
    assert (alone.quantities["accuracy"].mean, alone.quantities["accuracy"].runs) == (95, 1)
    several = recall._of_trained({"accuracy": [ones, [80.0] * 4, [98.0] * 4]}, [0, 1, 2])
    assert several.quantities == {"accuracy": [95, 80, 98]}
    assert several.told.startswith("by seed 95.0 / 80.0 / 98.0 %")
    assert several.figures == {"accuracy": [0.95, 0.8, 0.98]}


def test_reach_is_where_accuracy_first_falls():
    def reach(*values):
        rows = {str(2**i): [value] for i, value in enumerate(values)}
        return capacity._reach(rows)

    assert reach(1.0, 0.95, 0.9) == 4
    assert reach(1.0, 0.95, 0.5) == 2
    assert reach(1.0, 0.5, 0.95) == 1
    assert reach(0.5, 0.5, 0.5) == 0


def _capacities(*means):
    """Accuracies that fall with the pairs; three seeds a hundredth apart."""
    return {
        str(size): {
            str(pairs): [mean + shift - 0.001 * pairs for shift in (-0.01, 0.0, 0.01)]
            for pairs in capacity.PAIRS
        }
        for size, mean in zip(capacity.STATES, means, strict=True)
    }


@pytest.mark.parametrize(
    ("means", "verdict"),
    [((0.2, 0.4, 0.6, 0.8), "holds"), ((0.8, 0.6, 0.4, 0.2), "fails")],
    ids=["rising", "falling"],
)
def test_capacity_is_judged_by_what_each_doubling_adds(means, verdict):
    finding = capacity._of_capacity(_capacities(*means))
    (claim,) = (one for one in CLAIMS if one.name == "capacity")
    ((name, quantity),) = finding.quantities.items()
    assert claim.bounds[name].judge(quantity) == verdict
    gain = 100 * (means[-1] - means[0]) / 3
    assert f"a doubling of N adds {gain:.1f} points" in finding.told


def _stored(name):
    return figures("mamba-selectivity", name)


@pytest.mark.parametrize(
    ("name", "finding"),
    [
        ("components", lambda: parts._of_components(_stored("components"))),
        ("capacity", lambda: capacity._of_capacity(_stored("capacity"))),
        ("sensitivity", lambda: memory._of_sensitivity(_stored("sensitivity"), [0, 1, 2])),
        ("haar-learned", lambda: haar._of_learned(_stored("haar-learned"))),
        ("no-convolution", lambda: parts._of_convolution(*_stored("no-convolution").values())),
        ("no-gate", lambda: parts._of_gate(*_stored("no-gate").values())),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_stored_figures_give_the_quantities_of_the_bounds(name, finding):
    (claim,) = (one for one in CLAIMS if one.name == name)
    found = finding().quantities
    assert found.keys() == claim.bounds.keys()
    for quantity, bound in claim.bounds.items():
        assert bound.judge(found[quantity]) in ("holds", "fails", "not established")


def test_a_layer_can_have_the_constructions_weights_and_training_may_lose_them(monkeypatch):
    data = haar_start.gaussian(haar_start.LENGTH, [haar_start.LEARNED_ROW])
    assert haar_start._squared_error(haar_start.constructed(), data) < 1e-3
    assert haar_start._squared_error(haar_start.constructed(4.0), data) > 1
    monkeypatch.setattr(haar_start, "RECIPE", {**haar_start.RECIPE, "updates": 3, "warmup": 1})
    small, large = (haar_start.trained_error(0.0, rate, 0) for rate in (1e-9, 0.1))
    assert small < 1e-3 < 1 < large
    assert haar_start._best({0.1: [1.0, 4.0], 0.2: [2.0, 3.0]}) == [1.0, 3.0]
