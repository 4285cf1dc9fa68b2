"""What the checks of the exact claims are made of."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from zoo_mamba_selectivity import exact_claims, exact_pictures
from zoo_mamba_selectivity.exact_recall import ExactRecall
from zoo_mamba_selectivity.exact_registered import CLAIMS, MODELS, PICTURES
from zoo_mamba_selectivity.mqar import Recall

from zoo_core import building
from zoo_core.errors import BadInput

MOTHER = np.repeat([1.0, -1.0], 256)


def test_more_modes_approximate_better_but_slowly():
    errors = [exact_claims.lin_error(modes, 1.0, MOTHER) for modes in (4, 8, 16)]
    assert errors[0] > errors[1] > errors[2] > 0.1
    assert 1.2 < errors[0] / errors[2] < 2.5


def test_the_best_approximation_cannot_be_beaten_by_projecting():
    # A combination of the modes is approximated exactly, and what is left is orthogonal to them.
    ago = 1 - (np.arange(512) + 0.5) / 512
    inside = np.exp(-ago / 2) * (1 + 2 * np.cos(np.pi * ago) - np.sin(2 * np.pi * ago))
    assert exact_claims.lin_error(3, 1.0, inside) < 1e-7
    assert exact_claims.lin_error(2, 1.0, inside) > 0.01


@pytest.mark.parametrize("row", [0, 1, 5, 63])
def test_the_selective_kernel_is_the_wavelet(row):
    error, channels = exact_claims.selective_error(row, 64)
    assert error < 1e-6
    assert channels <= 6


@pytest.mark.parametrize(
    ("accuracies", "expected"),
    [([1.0, 1.0, 1.0], None), ([0.5, 0.4, 0.3], None), ([1.0, 0.8, 0.1], 2**0.5 * 4)],
    ids=["never", "always", "between"],
)
def test_the_point_where_accuracy_falls(accuracies, expected):
    found = exact_claims.half_point([4, 8, 16], accuracies, 0.9)
    assert found == (None if expected is None else pytest.approx(expected))


def test_accuracy_counts_queries():
    module = ExactRecall("mamba2", 64, 5, None, distinct_keys=True).eval()
    data = Recall(length=16, pairs=4, vocabulary=64, sequences=10)
    assert exact_claims.accuracy(module, data) == 1.0
    with torch.no_grad():
        module.embedding.weight.zero_()
    assert exact_claims.accuracy(module, data) == 0.0


def test_figures_are_plain_numbers():
    assert exact_claims.short({1: np.array([1 / 3]), "b": (2,)}) == {
        "1": [0.33333],
        "b": [2.0],
    }


def test_every_model_is_claimed_and_every_check_exists():
    claimed = {model for claim in CLAIMS for model in claim.models}
    assert claimed == {model.name for model in MODELS}
    for claim in CLAIMS:
        assert callable(getattr(exact_claims, claim.check.partition(":")[2]))
    assert {model for picture in PICTURES for model in picture.models} <= claimed


@pytest.mark.parametrize("picture", PICTURES, ids=[picture.name for picture in PICTURES])
def test_pictures_are_drawn_from_what_is_stored(picture):
    pytest.importorskip("matplotlib")
    figure = building.resolve(picture.draw)()
    assert figure.axes
    assert all(axes.has_data() for axes in figure.axes)


def test_a_picture_without_its_finding_says_what_to_run(monkeypatch):
    monkeypatch.setattr(exact_pictures, "stored_claims", lambda paper: {})
    with pytest.raises(BadInput, match="zoo verify mamba-selectivity --claim haar-rate --store"):
        exact_pictures.haar_rate()
