"""The pictures of the Haar wavelets and of the exact models' capacity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from zoo_core import models
from zoo_core.errors import BadInput
from zoo_core.results import stored_claims
from zoo_mamba_selectivity import haar
from zoo_mamba_selectivity.exact_claims import LEARNED_ROW

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS = {"S6": "#0072b2", "S4D": "#d55e00"}


def haar_rate() -> Figure:
    """Draw the best S4D-Lin error against the modes, and the selective channels' far below it."""
    found = _figures("haar-rate")
    modes, best = np.array(found["modes"]), np.array(found["best"])
    selective = {int(channels): error for channels, error in found["selective"].items()}
    figure = _figure(7.6, 3.0)
    for axes, low, title in zip(
        figure.subplots(1, 2), (0.03, 1e-11), ("time-invariant", "and selective"), strict=True
    ):
        guide = 0.6 * best[0] * (modes / modes[0]) ** -0.5
        axes.loglog(modes, best, "o-", color=COLOURS["S4D"], ms=4, label="S4D-Lin, N modes")
        axes.loglog(modes, guide, color="0.6", lw=1, ls="--", label="slope -1/2")
        axes.loglog(
            list(selective), list(selective.values()), "s", color=COLOURS["S6"], label="S6, built"
        )
        axes.set_ylim(low, 1)
        ticks = [4, 8, 16, 32, 64]
        axes.set_xticks(ticks, [str(one) for one in ticks])
        axes.minorticks_off()
        axes.set_title(title, fontsize=10)
        axes.set_xlabel("modes or channels")
        axes.grid(alpha=0.3)
    figure.axes[0].set_ylabel("relative error of the kernel")
    figure.axes[1].legend(frameon=False, fontsize=8, loc="center right")
    return figure


def haar_kernels() -> Figure:
    """Draw the memory kernels of the exact block and of both trained layers, in absolute time."""
    exact, selective, invariant = (
        models.load(name) for name in ("s6-haar-exact", "s6-haar", "s4d-haar")
    )
    length = 256
    # The coefficient is linear in the signal: its gradient is the weight of every sample.
    silence = torch.zeros(1, length, dtype=torch.float64, requires_grad=True)
    (kernel,) = torch.autograd.grad(exact(silence)[0, LEARNED_ROW], silence)
    wavelet = haar.haar_matrix(length)[LEARNED_ROW]
    curves = (
        ("S6, built", kernel[0], COLOURS["S6"]),
        ("S6, trained", selective.kernel()[0].detach(), COLOURS["S6"]),
        ("S4D, trained", invariant.kernel()[0].detach(), COLOURS["S4D"]),
    )
    figure = _figure(9, 2.6)
    for axes, (label, values, colour) in zip(
        figure.subplots(1, 3, sharey=True), curves, strict=True
    ):
        axes.step(np.arange(length), wavelet, color="0.7", lw=3, where="mid")
        axes.plot(values.numpy(), color=colour, lw=1.2)
        axes.set_title(label, fontsize=10)
        axes.set_xlabel("sample s")
        axes.grid(alpha=0.3)
    figure.axes[0].set_ylabel("weight of the sample")
    return figure


def recall_capacity() -> Figure:
    """Draw the accuracy over the bits of keys and values, a panel for each number of pairs."""
    found = _figures("recall-capacity")
    bits = found["bits"]
    figure = _figure(9, 2.3)
    panels = figure.subplots(1, len(found["pairs"]), sharey=True)
    for place, (axes, pairs) in enumerate(zip(panels, found["pairs"], strict=True)):
        table = [[found["accuracy"][f"{int(p)} {int(q)}"][place] for q in bits] for p in bits]
        image = axes.imshow(table, vmin=0, vmax=1, origin="lower", cmap="viridis")
        axes.set_title(f"{int(pairs)} pairs", fontsize=9)
        axes.set_xticks(range(len(bits)), [str(int(one)) for one in bits], fontsize=7)
        axes.set_yticks(range(len(bits)), [str(int(one)) for one in bits], fontsize=7)
        axes.set_xlabel("q", fontsize=8)
    panels[0].set_ylabel("p", fontsize=8)
    figure.colorbar(image, ax=panels, shrink=0.8, label="accuracy")
    return figure


def _figures(claim: str) -> Mapping[str, Any]:
    found = stored_claims("mamba-selectivity").get(claim)
    if found is None:
        raise BadInput(
            f"Claim {claim} has no stored finding; run `zoo verify mamba-selectivity --claim "
            f"{claim} --store` first."
        )
    figures: Mapping[str, Any] = found["figures"]
    return figures


def _figure(width: float, height: float) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")
