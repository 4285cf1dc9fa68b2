"""Claims on the shipped models: their accuracy on clean labels, and what noisy ones tell of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from zoo_images.training import predict
from zoo_label_noise.accuracy import NoiseCorrectedAccuracy
from zoo_label_noise.corruption import corrupt
from zoo_label_noise.noisy import NOISY_TEST
from zoo_label_noise.transitions import asymmetric, pair, symmetric

from zoo_core import BadInput, Finding, bootstrap, dataset, load

OF = {
    "symnoise-fashion-mnist-p40": ("noisy-fashion-mnist", {"rate": 0.4}),
    "symnoise-mnist": ("noisy-mnist", {"rate": 0.8}),
    "symnoise-under-mnist-p40": ("noisy-mnist", {"rate": 0.4, "limit": 10_000}),
    "symnoise-over-mnist-p40": ("noisy-mnist", {"rate": 0.4, "limit": 10_000}),
    "symnoise-lite0-cifar10": ("noisy-cifar10n", {"rate": 0.4}),
    "symnoise-gauss4-p60": ("gauss4", {"rate": 0.6}),
}
"""The data of each model; the seed of the noise is 0."""


def answers(name: str) -> tuple[Tensor, Tensor, Tensor, Any]:
    """Return a model's logits on the test set, its clean labels, noisy ones, and the noise."""
    source, options = OF[name]
    data, module = dataset(source, **options), load(name)
    rows = data.rows["test"]
    inputs = data.images[rows] if source == "gauss4" else data.tensors(rows, module.preprocessing)
    logits = predict(module, inputs, 250)
    return logits, data.targets("test"), data.targets(NOISY_TEST), data.noise


def clean_accuracy(models: Sequence[str]) -> Finding:
    """Measure models on clean test labels, with a bootstrap over the test set."""
    quantities: dict[str, Any] = {}
    for name in models:
        logits, truth, _, _ = answers(name)
        quantities[name] = bootstrap((100.0 * (logits.argmax(1) == truth)).tolist())
    return Finding(quantities=quantities)


def corrected_estimate(models: Sequence[str], draws: int = 400, seed: int = 0) -> Finding:
    """Hold the accuracy that noisy labels tell against the one on clean labels of the same images.

    The noisy test labels chose nothing: neither weights nor epoch.
    """
    distances, figures = [], {}
    for name in models:
        logits, truth, noisy, noise = answers(name)
        accuracy = float((logits.argmax(1) == truth).double().mean())
        found = _estimate(logits, noisy, noise.transition)
        distances.append(abs(found.mean - accuracy) / max(found.error, 1e-12))
        figures[name] = {"clean": accuracy, "estimate": found.mean, "error": found.error}
    logits, truth, _, _ = answers(models[0])
    accuracy = float((logits.argmax(1) == truth).double().mean())
    general = []
    for matrix in (pair(0.3, 10), asymmetric(0.3, 10, {0: 6, 6: 0, 2: 4, 5: 7})):
        noisy = torch.from_numpy(corrupt(truth.numpy(), matrix, seed).labels)
        found = _estimate(logits, noisy, matrix)
        general.append(abs(found.mean - accuracy) / found.error)
    return Finding(
        quantities={
            "largest distance of the estimates": max(distances),
            "largest distance under pair and asymmetric noise": max(general),
            "refused where noise leaves no signal": _refused(logits, truth),
            "intervals that hold the truth, the rate being estimated": bootstrap(
                [100.0 * one for one in _covered(logits, truth, accuracy, draws, seed)]
            ),
        },
        figures=figures,
        seeds=(seed,),
    )


def _estimate(logits: Tensor, labels: Tensor, transition: Any, error: float = 0.0) -> Any:
    meter = NoiseCorrectedAccuracy(logits.shape[1], transition=transition, rate_error=error)
    meter.update(logits, labels)
    return meter.estimate()


def _refused(logits: Tensor, truth: Tensor) -> bool:
    try:
        _estimate(logits, truth, symmetric(0.9, 10))
    except BadInput:
        return True
    return False


def _covered(logits: Tensor, truth: Tensor, accuracy: float, draws: int, seed: int) -> list[bool]:
    """Tell for each draw whether the interval holds the truth when the rate is estimated too.

    Images are drawn anew from the test set, whose accuracy is then that of the population; the rate
    is the share of wrong labels among 500 that somebody looked at.
    """
    rng = np.random.default_rng(seed)
    guesses, looked_at, rate = logits.argmax(1), 500, 0.4
    found = []
    for draw in range(draws):
        rows = torch.from_numpy(rng.integers(0, len(truth), 2_000))
        noisy = corrupt(truth[rows].numpy(), symmetric(rate, 10), seed + draw)
        told = rng.binomial(looked_at, rate) / looked_at
        error = float(np.sqrt(told * (1 - told) / looked_at))
        meter = NoiseCorrectedAccuracy(10, rate=told, rate_error=error)
        meter.update(guesses[rows], torch.from_numpy(noisy.labels))
        estimate = meter.estimate()
        found.append(estimate.low <= accuracy <= estimate.high)
    return found
