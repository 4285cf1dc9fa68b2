"""The layers that learn Haar coefficients: their kernels, their recipe, their errors."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from zoo_mamba_selectivity import haar
from zoo_mamba_selectivity.haar_data import gaussian
from zoo_mamba_selectivity.haar_layers import HaarLayer
from zoo_mamba_selectivity.haar_train import train_layer

from zoo_core.errors import BadInput
from zoo_core.interfaces import Run

RECIPE = {"updates": 40, "warmup": 5, "batch_size": 16, "lr": 0.01, "step_lr": 10.0}


def made(mixer: str, **config) -> HaarLayer:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return HaarLayer(mixer, 32, [1, 5], channels=6, state_size=2, **config).eval()


def trained(mixer: str, seed: int = 0, **config) -> HaarLayer:
    data = gaussian(32, [1], signals=64)
    config = {"mixer": mixer, "channels": 4, "state_size": 1, **RECIPE, **config}
    return train_layer([Run(data=data, seed=seed)], config, lambda x, **_: x)[0]


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


@pytest.mark.parametrize("mixer", ["s6", "s4d"])
def test_training_learns_and_repeats_itself(mixer):
    first, again, other = trained(mixer), trained(mixer), trained(mixer, seed=1)
    for name, tensor in first.state_dict().items():
        assert torch.equal(tensor, again.state_dict()[name])
    assert any(not torch.equal(t, other.state_dict()[n]) for n, t in first.state_dict().items())
    assert first.config["coefficients"] == [1]
    assert not first.training

    def error(layer):
        with torch.no_grad():
            found, true = next(layer.outputs_and_targets(gaussian(32, [1], signals=64), "val"))
        return float((found - true).norm() / true.norm())

    assert error(first) < error(trained(mixer, updates=1))


def test_the_global_random_state_is_left_alone():
    before = torch.get_rng_state()
    trained("s6", updates=1)
    assert torch.equal(before, torch.get_rng_state())


def test_predict_stands_beside_the_exact_coefficient():
    layer = made("s6")
    x = np.random.default_rng(0).normal(size=32)
    rows = layer.predict(x)
    assert [(row["level"], row["shift"]) for row in rows] == [(0, 0), (2, 1)]
    np.testing.assert_allclose([row["exact"] for row in rows], haar.haar_coefficients(x)[[1, 5]])
    for bad in ((1, 2), ([],), ([float("nan")] * 32,)):
        with pytest.raises(BadInput):
            layer.predict(*bad)


def test_what_does_not_fit_is_refused():
    layer = made("s4d")
    with pytest.raises(BadInput, match="32 samples"):
        layer(torch.zeros(1, 31))
    for data in ("words", gaussian(64, [1, 5]), gaussian(32, [1])):
        with pytest.raises(BadInput):
            next(layer.outputs_and_targets(data, "test"))
    for config in (
        {"mixer": "rnn"},
        {"channels": 0},
        {"length": 31},
        {"coefficients": [32]},
    ):
        with pytest.raises(BadInput):
            HaarLayer(**{"mixer": "s6", "length": 32, "coefficients": [1], **config})
    with pytest.raises(BadInput, match="signals"):
        train_layer([Run(data="words", seed=0)], {"mixer": "s6", **RECIPE}, lambda x, **_: x)
