"""The pictures, drawn from the stored figures of the claims; the Haar kernels from the weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from zoo_core import figures, load
from zoo_mamba_selectivity.checks.haar import LEARNED_ROW
from zoo_mamba_selectivity.haar import basis

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PAPER = "mamba-selectivity"
S6, S4D = "#0072b2", "#d55e00"
STATES = ("#9ecae1", "#6baed6", "#2171b5", "#08306b")
"""Light to dark for small to large states; S6 and S4D have Okabe and Ito's colours."""


def components() -> Figure:
    """Draw the accuracies of whole layers and of layers that lack a part."""
    found, s4d = figures(PAPER, "components"), figures(PAPER, "recall-s4d")
    rows = {
        "Mamba-2": found["all"],
        "Mamba-2\nno gate": found["no gate"],
        "Mamba-2\nno convolution": found["no convolution"],
        "Mamba (S6)": figures(PAPER, "recall-mamba")["accuracy"],
        "S4D, wide": s4d["accuracy with gate"],
        "S4D, wide\nno gate": s4d["accuracy with no gate"],
    }
    figure = _figure(7.6, 3.2)
    axes = figure.subplots()
    for place, (label, values) in enumerate(rows.items()):
        colour = S4D if label.startswith("S4D") else S6
        axes.bar(place, np.mean(values), color=colour, alpha=0.45, width=0.6)
        spread = place + 0.08 * (np.arange(len(values)) - (len(values) - 1) / 2)
        axes.plot(spread, values, "o", color=colour, ms=4)
    axes.axhline(0.25, color="0.4", ls=":", lw=1)
    axes.set_xticks(range(len(rows)), list(rows), fontsize=8)
    axes.set(ylim=(0, 1.04), ylabel="accuracy on MQAR")
    axes.grid(axis="y", alpha=0.3)
    return figure


def capacity() -> Figure:
    """Draw accuracy against the number of pairs for each size of the state."""
    figure = _figure(5.4, 3.2)
    axes = figure.subplots()
    for (size, rows), colour in zip(figures(PAPER, "capacity").items(), STATES, strict=True):
        pairs = [int(one) for one in rows]
        values = np.array(list(rows.values()))
        axes.plot(pairs, values.mean(axis=1), "o-", color=colour, ms=3.5, label=f"N = {size}")
        axes.fill_between(
            pairs, values.min(axis=1), values.max(axis=1), color=colour, alpha=0.2, lw=0
        )
    axes.set(xlabel="number of pairs κ", ylabel="accuracy on MQAR", ylim=(0, 1.03))
    axes.set_xticks(pairs)
    axes.grid(alpha=0.3)
    axes.legend(frameon=False, fontsize=8)
    return figure


def memory() -> Figure:
    """Draw the sensitivity to the token asked for, and accuracies by length."""
    figure = _figure(8.6, 3.2)
    left, right = figure.subplots(1, 2)
    by_length = figures(PAPER, "keep-learned")["by length"]
    lengths = [int(one) for one in by_length]
    found = figures(PAPER, "sensitivity")
    for name, colour in (("S4D", S4D), ("S6", S6)):
        for i, row in enumerate(found["modes"][name]):
            left.plot(found["lags"], row, color=colour, lw=1, label=None if i else name)
        values = np.array([by_length[str(length)][name] for length in lengths])
        right.plot(lengths, values.mean(axis=1), "o-", color=colour, ms=3.5, label=name)
        right.fill_between(
            lengths, values.min(axis=1), values.max(axis=1), color=colour, alpha=0.2, lw=0
        )
    left.set(
        yscale="log",
        ylim=(1e-4, 1.5),
        xlabel="tokens since token 64",
        ylabel="sensitivity (relative)",
    )
    right.axvline(256, color="0.4", ls=":", lw=1)
    right.set(xscale="log", xlabel="length T", ylabel="accuracy on keep-n-th", ylim=(0, 1.04))
    right.set_xticks([64, 128, 256, 512, 1024], ["64", "128", "256", "512", "1024"])
    right.minorticks_off()
    for axes in (left, right):
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8, framealpha=0.9, loc="lower right" if axes is left else "best")
    return figure


def haar_rate() -> Figure:
    """Draw the best S4D-Lin error against the modes, and the selective channels' far below it."""
    found = figures(PAPER, "haar-rate")
    modes, best = np.array(found["modes"]), np.array(found["best"])
    selective = {int(channels): error for channels, error in found["selective"].items()}
    figure = _figure(7.6, 3.0)
    for axes, low, title in zip(
        figure.subplots(1, 2),
        (0.03, 1e-11),
        ("time-invariant", "and selective"),
        strict=True,
    ):
        guide = 0.6 * best[0] * (modes / modes[0]) ** -0.5
        axes.loglog(modes, best, "o-", color=S4D, ms=4, label="S4D-Lin, N modes")
        axes.loglog(modes, guide, color="0.6", lw=1, ls="--", label="slope -1/2")
        axes.loglog(list(selective), list(selective.values()), "s", color=S6, label="S6, built")
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
    models: list[Any] = [load(name) for name in ("s6-haar-exact", "s6-haar", "s4d-haar")]
    exact, selective, invariant = models
    length = 256
    # The coefficient is linear in the signal: its gradient is the weight of every sample.
    silence = torch.zeros(1, length, dtype=torch.float64, requires_grad=True)
    (kernel,) = torch.autograd.grad(exact(silence)[0, LEARNED_ROW], silence)
    wavelet = basis.haar_matrix(length)[LEARNED_ROW]
    curves = (
        ("S6, built", kernel[0], S6),
        ("S6, trained", selective.kernel()[0].detach(), S6),
        ("S4D, trained", invariant.kernel()[0].detach(), S4D),
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
    found = figures(PAPER, "recall-capacity")
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


def _figure(width: float, height: float) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")
