"""Claims that are identities: checked on random posteriors, in numbers that must agree."""

from __future__ import annotations

import numpy as np
import torch
from zoo_label_noise import theory, transitions
from zoo_label_noise.losses import label_smoothing

from zoo_core import Finding


def invariance(trials: int = 10_000, seed: int = 0) -> Finding:
    """Hold the laws of symmetric noise against random posteriors, classifiers and rates."""
    rng = np.random.default_rng(seed)
    moved = kept = violated = 0
    affine = 0.0
    for _ in range(trials):
        size = int(rng.integers(2, 12))
        rate = float(rng.uniform(0, 1))
        matrix, c = transitions.symmetric(rate, size), transitions.signal(rate, size)
        eta = rng.dirichlet(np.full(size, 0.5), 8)
        noisy = theory.noisy_posterior(eta, matrix)
        if abs(c) > 1e-3:
            wanted = eta.argmax(1) if c > 0 else eta.argmin(1)
            moved += int((noisy.argmax(1) != wanted).sum())
            kept += len(eta)
        guesses = rng.integers(0, size, len(eta))
        rows = np.arange(len(eta))
        clean, given = eta[rows, guesses].mean(), noisy[rows, guesses].mean()
        affine = max(affine, abs(given - theory.noisy_accuracy(clean, c, size)))
        if c > 1e-3:
            h = rng.dirichlet(np.ones(size), len(eta))
            bound = theory.plug_in_bound(h, noisy, c)
            violated += theory.excess_risk(h, eta) > bound + 1e-12
    return Finding(
        quantities={
            "Bayes decisions that symmetric noise changes": moved,
            "largest error of the affine law of accuracy": affine,
            "violations of the plug-in bound": violated,
            "largest distance of expected cross-entropy and label smoothing": _smoothing(rng),
        },
        told=f"{kept:,} posteriors of 2 to 11 classes",
        seeds=(seed,),
    )


def _smoothing(rng: np.random.Generator) -> float:
    worst = 0.0
    for _ in range(100):
        size, rate = int(rng.integers(2, 12)), float(rng.uniform(0, 1))
        logits = torch.from_numpy(rng.standard_normal((1, size)) * 3)
        matrix, y = transitions.symmetric(rate, size), int(rng.integers(size))
        expected = float((torch.from_numpy(matrix[y]) * -logits.log_softmax(1)[0]).sum())
        # torch refuses shares above 1, which rates above the threshold have: affine, so extended.
        share = theory.smoothing_of(matrix)
        plain, smooth = (
            float(label_smoothing(one)(logits, torch.tensor([y]))) for one in (0.0, 1.0)
        )
        worst = max(worst, abs(expected - ((1 - share) * plain + share * smooth)))
    return worst
