"""The Mamba block that computes Haar coefficients: against PyWavelets, and what follows."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from zoo_mamba_selectivity.data.signals import gaussian, measured
from zoo_mamba_selectivity.exact.haar import ExactHaar
from zoo_mamba_selectivity.haar import basis
from zoo_mamba_selectivity.haar.relative_error import RelativeError

from zoo_core import BadInput, Split

pywt = pytest.importorskip("pywt")
MODEL = ExactHaar(64).eval()


def signal(seed: int, length: int = 64) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=length)


def transform(x: np.ndarray, module: ExactHaar = MODEL) -> np.ndarray:
    with torch.no_grad():
        return module.transform(torch.from_numpy(np.atleast_2d(x))).numpy()


def oracle(x: np.ndarray) -> np.ndarray:
    return np.concatenate(pywt.wavedec(x, "haar", mode="periodization"))


@given(seed=st.integers(0, 10**6), power=st.integers(1, 6))
def test_every_length_agrees_with_pywavelets(seed, power):
    x = signal(seed, 2**power)
    np.testing.assert_allclose(transform(x)[0], oracle(x), atol=1e-7)


@given(seed=st.integers(0, 10**6))
def test_parseval_linearity_and_constants(seed):
    x, y = signal(seed), signal(seed + 1)
    first, second, both, flat = transform(np.stack([x, y, x - 2 * y, np.full(64, 5.0)]))
    assert np.sum(first**2) == pytest.approx(np.sum(x**2), abs=1e-6)
    np.testing.assert_allclose(both, first - 2 * second, atol=1e-6)
    np.testing.assert_allclose(flat[1:], 0.0, atol=1e-6)


@pytest.mark.parametrize("name", ["ecg", "nino", "blocks"])
def test_real_signals(name):
    x = measured(name, 64).part("test")[0]
    np.testing.assert_allclose(transform(x)[0], oracle(x), atol=1e-6)


def test_the_kernel_is_the_wavelet():
    with torch.no_grad():
        kernel = MODEL(torch.eye(64, dtype=torch.float64)).numpy().T
    np.testing.assert_allclose(kernel, basis.haar_matrix(64), atol=1e-8)


def test_chosen_coefficients_have_few_channels():
    few = ExactHaar(64, [5, 0]).eval()
    x = signal(3)
    with torch.no_grad():
        found = few(torch.from_numpy(x)[None])[0].numpy()
    np.testing.assert_allclose(found, oracle(x)[[5, 0]], atol=1e-7)
    # Sums P_16, P_24, P_32 and P_64: two thresholds each, two channels a threshold, three more.
    assert few.block.inner == 2 * 2 * 4 + 3
    with pytest.raises(BadInput, match="chosen"):
        few.transform(torch.from_numpy(x)[None])


def test_weights_survive_float32():
    half = ExactHaar(64)
    half.load_state_dict(
        {
            name: tensor.float() if tensor.is_floating_point() else tensor
            for name, tensor in half.state_dict().items()
        }
    )
    x = signal(1)
    assert half.block.A_log.dtype == torch.float64
    np.testing.assert_allclose(transform(x, half)[0], oracle(x), atol=1e-7)


def test_the_decay_is_what_errs():
    x = torch.from_numpy(signal(2)[None])
    errors = []
    for decay in (1e-12, 1e-11, 1e-10):
        with torch.no_grad():
            found = ExactHaar(64, decay=decay)(x)[0].numpy()
        errors.append(np.abs(found - oracle(x[0].numpy())).max())
    ratios = np.array(errors[1:]) / np.array(errors[:-1])
    np.testing.assert_allclose(ratios, 10.0, rtol=0.05)


def test_predict_gives_rows_and_refuses_the_rest(tmp_path):
    rows = MODEL.predict(4, 2, 5, 5)
    assert [(row["level"], row["shift"]) for row in rows] == [(None, 0), (0, 0), (1, 0), (1, 1)]
    np.testing.assert_allclose([row["coefficient"] for row in rows], [8, -2, 2**0.5, 0], atol=1e-6)
    np.save(tmp_path / "x.npy", signal(0))
    assert len(MODEL.predict(tmp_path / "x.npy")) == 64
    assert len(MODEL.predict()) == 64
    for bad in ((1, 2, 3), (1,), list(range(128)), (1, float("nan")), ("words",)):
        with pytest.raises(BadInput):
            MODEL.predict(*bad)


def test_measured_on_signals_only():
    outputs = next(MODEL.outputs(gaussian(64, signals=3).split("test")))
    metric = RelativeError()
    metric.update(outputs["prediction"], outputs["target"])
    assert 0 < float(metric.compute()) < 1e-7
    outputs = next(MODEL.outputs(gaussian(16, [3, 1], signals=3).split("val")))
    found, true = outputs["prediction"], outputs["target"]
    assert found.shape == true.shape == (3, 2)
    torch.testing.assert_close(found, true, atol=1e-7, rtol=0)
    for data in ([1], gaussian(128, signals=1)):
        with pytest.raises(BadInput):
            next(MODEL.outputs(Split(data, "test")))
    few = ExactHaar(64, [5])
    with pytest.raises(BadInput, match="coefficients"):
        next(few.outputs(gaussian(64, [4], signals=1).split("test")))


@pytest.mark.parametrize(
    "config",
    [
        {"length": 12},
        {"coefficients": []},
        {"coefficients": [64]},
        {"decay": 0.0},
        {"sharpness": 0},
    ],
    ids=["length", "none", "row", "decay", "sharpness"],
)
def test_sizes_that_do_not_fit_are_refused(config):
    with pytest.raises(BadInput):
        ExactHaar(**{"length": 64, **config})
