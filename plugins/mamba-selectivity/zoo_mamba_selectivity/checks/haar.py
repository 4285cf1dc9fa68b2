"""Haar wavelets: what one selective layer has exactly, and what one without selection misses."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import fmean

import numpy as np
import torch
from zoo_ssm.s4d import s4d_lin_poles

from zoo_core import Finding, load, protocol, rounded
from zoo_mamba_selectivity.data.signals import measured, pywavelets
from zoo_mamba_selectivity.exact.thresholds import haar_ramps, ramps
from zoo_mamba_selectivity.haar import basis

Array = np.ndarray
SIGNALS = ("ecg", "blocks", "nino")
GRID = 2048
"""Samples on which the best approximation of the Haar mother wavelet is computed."""
MODES = (4, 6, 8, 12, 16, 24, 32, 48, 64)
HORIZONS = (0.5, 1.0, 1.5, 1.7, 1.8, 1.9, 1.95, 2.0, 2.5, 3.0)
"""Values of τT, the length of the signal on the time scale of S4D-Lin's poles."""
LEARNED_ROW = 5
"""The wavelet of level 2 and shift 1: a quarter of the signal, away from its ends."""
LEARNED_SEEDS = 5


def haar_signals() -> Finding:
    """Hold the shipped model against PyWavelets on an electrocardiogram, Blocks and El Niño."""
    model = load("s6-haar-exact")
    oracle = pywavelets()
    figures = {}
    for name in SIGNALS:
        x = measured(name, 256).part("test")
        expected = np.concatenate(oracle.wavedec(x[0], "haar", mode="periodization"))
        with torch.no_grad():
            found = model(torch.from_numpy(x))[0].numpy()
        worst = float(np.abs(found - expected).max())
        relative = float(np.linalg.norm(found - expected) / np.linalg.norm(expected))
        figures[name] = {"max_absolute": worst, "relative_l2": relative}
    errors = {name: row["max_absolute"] for name, row in figures.items()}
    return Finding(
        quantities={"largest error of a coefficient": max(errors.values())},
        told=", ".join(f"{name} {error:.1e}" for name, error in errors.items())
        + ", of 256 coefficients each (float64, standardised signals)",
        figures=figures,
    )


def lin_error(modes: int, horizon: float, wavelet: Array) -> float:
    """Return the relative L2 error of the best S4D-Lin kernel for a wavelet, by least squares.

    At the last of T samples the kernel of N modes is Σ_n Re c_n exp(λ_n τ (T - s)); `horizon` is
    τT. The weights c_n are complex and free, C and b̄ together; twice the real part makes no
    difference.
    """
    poles = s4d_lin_poles(modes).to(torch.complex128).numpy()
    ago = horizon * (1 - (np.arange(len(wavelet)) + 0.5) / len(wavelet))
    curves = np.exp(np.outer(ago, poles))
    design = np.concatenate([curves.real, curves.imag[:, 1:]], axis=1)  # λ_0 is real
    best = design @ np.linalg.lstsq(design, wavelet, rcond=None)[0]
    return float(np.linalg.norm(best - wavelet) / np.linalg.norm(wavelet))


def selective_error(row: int, length: int = GRID) -> tuple[float, int]:
    """Return the relative L2 error of the S6 kernel for a wavelet, and its number of channels.

    The kernel is measured: the outputs of the scan for each unit impulse.
    """
    thresholds, weights = haar_ramps(length, [row])
    with torch.no_grad():
        found = ramps(
            torch.eye(length, dtype=torch.float64),
            torch.from_numpy(thresholds),
            decay=1e-17,
        )
    kernel = found.numpy() @ weights[0] / math.sqrt(basis.widths(length)[row])
    wavelet = basis.haar_matrix(length)[row]
    return float(np.linalg.norm(kernel - wavelet)), len(thresholds)


def haar_rate() -> Finding:
    """Fit how the best S4D-Lin error for the Haar mother wavelet falls with the modes."""
    mother = np.repeat([1.0, -1.0], GRID // 2)
    errors = {h: [lin_error(n, h, mother) for n in MODES] for h in HORIZONS}
    best = np.min(list(errors.values()), axis=0)
    slope = float(np.polyfit(np.log(MODES), np.log(best), 1)[0])
    # The mother needs four channels, because P_0 = 0; the wavelet of level 2, shift 1 needs six.
    (selective, four), (inner, six) = selective_error(1), selective_error(5)
    return Finding(
        quantities={
            "distance of the slope from -1/2": abs(slope + 0.5),
            "S4D-Lin's relative error at N = 64": float(best[-1]),
            "S6's relative error": max(selective, inner),
            "S6's channels": max(four, six),
        },
        told=f"S4D-Lin falls as N^{slope:.3f}, the best of {len(HORIZONS)} step sizes; S6 errs by "
        f"{selective:.1e} with {four} channels, by {inner:.1e} with {six} for a wavelet inside",
        figures=rounded(
            {
                "modes": list(MODES),
                "best": best,
                "slope": slope,
                "by_horizon": errors,
                "selective": {str(four): selective, str(six): inner},
            }
        ),
    )


def haar_learned() -> Finding:
    """Train S6 and S4D layers with the same D N on one Haar coefficient, five seeds each."""
    runs = [{"coefficients": [LEARNED_ROW]} for _ in range(LEARNED_SEEDS)]
    errors = {
        mixer: protocol(
            "haar-layer",
            "haar",
            runs,
            shape={"mixer": mixer},
            recipe=recipe,
            metric="relative-error",
        )
        for mixer, recipe in (("s6", {}), ("s4d", {"updates": 1600, "lr": 0.02}))
    }
    return _of_learned({mixer: [error**2 for error in row] for mixer, row in errors.items()})


def _of_learned(squared: Mapping[str, Sequence[float]]) -> Finding:
    """Return the finding of relative squared errors by mixer and seed."""
    pairs = zip(squared["s4d"], squared["s6"], strict=True)
    return Finding(
        quantities={"S4D's squared error less S6's": [100 * (s4d - s6) for s4d, s6 in pairs]},
        told=f"relative squared error S6 {fmean(squared['s6']):.3f}, S4D "
        f"{fmean(squared['s4d']):.3f}",
        figures=squared,
        seeds=list(range(LEARNED_SEEDS)),
    )
