"""Signals: the same bytes for the same seed, real ones from PyWavelets, clear refusals."""

from __future__ import annotations

import builtins

import numpy as np
import pytest
from zoo_mamba_selectivity.data.signals import gaussian, measured, raw_signal
from zoo_mamba_selectivity.haar import basis

import zoo_core
from zoo_core import BadInput, DataError


def test_splits_are_fixed_and_differ():
    data = gaussian(16, signals=5)
    for split in ("train", "val", "test"):
        np.testing.assert_array_equal(data.part(split), gaussian(16, signals=5).part(split))
    assert not np.array_equal(data.part("val"), data.part("test"))
    assert not np.array_equal(data.part("test"), gaussian(16, signals=5, seed=1).part("test"))
    # Pinned, so that no other version of numpy draws other signals unseen.
    np.testing.assert_allclose(
        data.part("test")[0, :3], np.random.default_rng([0, 2]).standard_normal(3)
    )


def test_training_never_repeats_what_a_split_has():
    data = gaussian(16, signals=4)
    drawn = [next(data.stream(seed, 4)) for seed in (0, 1, 2)]
    parts = [data.part(split) for split in ("train", "val", "test")]
    every = [*drawn, *parts]
    for i, one in enumerate(every):
        assert not any(np.array_equal(one, other) for other in every[:i])
    stream = data.stream(0, 4)
    assert not np.array_equal(next(stream), next(stream))


def test_targets_are_the_wanted_rows():
    data = gaussian(8, [5, 1], signals=3)
    x = data.part("test")
    np.testing.assert_allclose(data.targets(x), basis.haar_coefficients(x)[:, [5, 1]])


@pytest.mark.parametrize("name", ["ecg", "nino", "blocks"])
def test_real_signals_are_standardised(name):
    pytest.importorskip("pywt")
    x = measured(name).part("test")
    assert x.shape == (1, 256)
    assert abs(x.mean()) < 1e-12
    assert x.std() == pytest.approx(1.0)
    with pytest.raises(BadInput, match=r"no split 'train'.* It has test"):
        zoo_core.split(measured(name), "train")
    with pytest.raises(BadInput, match="testing only"):
        measured(name).stream(0, 1)


def test_real_signals_have_the_lengths_that_are_told():
    pytest.importorskip("pywt")
    assert [len(raw_signal(name, 512)) for name in ("ecg", "nino", "blocks")] == [1024, 264, 512]
    with pytest.raises(BadInput, match="264 samples"):
        measured("nino", 256, start=9).part("test")


def test_without_pywavelets_the_error_says_how_to_install_it(monkeypatch):
    plain = builtins.__import__

    def refuse(name, *arguments, **options):
        if name.startswith("pywt"):
            raise ImportError(name)
        return plain(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(DataError, match="pip install PyWavelets"):
        measured("ecg").part("test")


@pytest.mark.parametrize(
    "options",
    [
        {"length": 12},
        {"length": 8, "coefficients": [8]},
        {"length": 8, "coefficients": []},
        {"signals": 0},
        {"seed": -1},
    ],
    ids=["length", "row", "no-row", "none", "seed"],
)
def test_sizes_that_do_not_fit_are_refused(options):
    with pytest.raises(BadInput):
        gaussian(**options)
