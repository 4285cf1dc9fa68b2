"""Claims on the shipped models: their accuracy on clean labels, and what noisy ones tell of it."""

from __future__ import annotations

import tempfile
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

from zoo_core import BadInput, Finding, bootstrap, dataset, load, train
from zoo_symmetric_label_noise.specs.models import MODELS

SPECS = {spec.name: spec for spec in MODELS}


def answers(name: str, module: Any = None) -> tuple[Tensor, Tensor, Tensor, Any]:
    """Return logits on the test set, its clean labels, noisy ones, and the noise.

    They are those of the model as it is shipped, or of another `module` for the same data.
    """
    spec = SPECS[name]
    data, module = dataset(spec.dataset, **spec.options), load(name) if module is None else module
    rows, points = data.rows["test"], spec.dataset == "gauss4"
    inputs = data.images[rows] if points else data.tensors(rows, module.preprocessing)
    logits = predict(module, inputs, 250)
    return logits, data.targets("test"), data.targets(NOISY_TEST), data.noise


def clean_accuracy(model: str, anew: int = 2) -> Finding:
    """Measure a model on clean test labels: as it is shipped, and trained anew over its next runs.

    Run i has seed i for the wrong labels, the first weights and the batches; what is shipped is run
    0. Where nothing is trained anew, the spread is a bootstrap's over the test set.
    """
    right = [_right(model)]
    for seed in range(1, anew + 1):
        with tempfile.TemporaryDirectory() as folder:
            options = SPECS[model].runs[seed]
            right.append(_right(model, train(model, out=folder, seed=seed, options=options)))
    found = right[0].tolist() if not anew else [float(one.mean()) for one in right]
    return Finding(
        quantities={"clean accuracy": found if anew else bootstrap(found)},
        seeds=tuple(range(anew + 1)),
    )


def _right(name: str, module: Any = None) -> Tensor:
    logits, truth, _, _ = answers(name, module)
    return 100 * (logits.argmax(1) == truth).double()


def cost_of_noise(clean: str, noisy: str) -> Finding:
    """Measure how much accuracy wrong labels cost, on the same test images."""
    lost = _right(clean) - _right(noisy)
    return Finding(quantities={"lost": bootstrap(lost.tolist())})


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
