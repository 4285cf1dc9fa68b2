"""The layers that learn Haar coefficients: their kernels, predictions and errors."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from zoo_mamba_selectivity.data.signals import gaussian
from zoo_mamba_selectivity.haar import basis
from zoo_mamba_selectivity.haar.layers import HaarLayer

from zoo_core import BadInput, Split


def made(mixer: str, **config) -> HaarLayer:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return HaarLayer(mixer, 32, [1, 5], channels=6, state_size=2, **config).eval()


@pytest.mark.parametrize("mixer", ["s6", "s4d"])
def test_the_kernel_is_the_slope_of_the_outputs(mixer):
    layer = made(mixer).double()
    kernel = layer.kernel()
    x = 1e-5 * torch.from_numpy(np.random.default_rng(0).normal(size=(1, 32)))
    with torch.no_grad():
        slope = (layer(x) - layer(-x))[0] / 2
    torch.testing.assert_close(kernel @ x[0], slope, rtol=1e-4, atol=1e-12)


def test_s4d_is_linear_in_the_signal_and_a_convolution():
    layer = made("s4d").double()
    rng = np.random.default_rng(1)
    x, y = (torch.from_numpy(rng.normal(size=(1, 32))) for _ in range(2))
    with torch.no_grad():
        zero = layer(torch.zeros_like(x))
        torch.testing.assert_close(layer(x + y) - zero, layer(x) + layer(y) - 2 * zero)
        poles = torch.complex(-layer.layer.A_log.exp(), layer.layer.A_imag)
        weights = torch.complex(layer.layer.C, layer.layer.C_imag)
        step = layer.layer.step_log.exp()[:, None]
        held = weights * ((step * poles).exp() - 1) / poles
        lag = torch.arange(31, -1, -1, dtype=torch.float64)
        modes = (step * poles)[..., None] * lag
        memory = 2 * (held[..., None] * modes.exp()).real.sum(1)  # (D, T)
        expected = layer.out.weight @ (memory * layer.layer.read.weight[:, 2:])
    torch.testing.assert_close(layer.kernel(), expected)


def test_predict_stands_beside_the_exact_coefficient():
    layer = made("s6")
    x = np.random.default_rng(0).normal(size=32)
    rows = layer.predict(x)
    assert [(row["level"], row["shift"]) for row in rows] == [(0, 0), (2, 1)]
    np.testing.assert_allclose([row["exact"] for row in rows], basis.haar_coefficients(x)[[1, 5]])
    for bad in ((1, 2), ([],), ([float("nan")] * 32,)):
        with pytest.raises(BadInput):
            layer.predict(*bad)


def test_what_does_not_fit_is_refused():
    layer = made("s4d")
    with pytest.raises(BadInput, match="32 samples"):
        layer(torch.zeros(1, 31))
    for data in ("words", gaussian(64, [1, 5]), gaussian(32, [1])):
        with pytest.raises(BadInput):
            next(layer.outputs(Split(data, "test")))
    for config in (
        {"mixer": "rnn"},
        {"channels": 0},
        {"length": 31},
        {"coefficients": [32]},
    ):
        with pytest.raises(BadInput):
            HaarLayer(**{"mixer": "s6", "length": 32, "coefficients": [1], **config})
