"""Figures of what is stored: true and predicted energies, learnt curves, distances of clouds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from zoo_core import dataset, load

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, ORANGE = "#0072b2", "#d55e00"
SHOWN = {"ds-ci-plus-qm7": "DS-CI+", "ds-ci-plus-paper-qm7": "published grid", "ds-ci-qm7": "DS-CI"}
CURVES = 6
"""How many of a curve's channels are drawn: those that vary most over the data."""


@torch.no_grad()
def energies() -> Figure:
    """Draw the test molecules' energies as each network tells them, less those of atoms."""
    data = dataset("qm7")
    figure = _figure(9.0, 3.2)
    for axes, (name, title) in zip(figure.subplots(1, 3, sharey=True), SHOWN.items(), strict=True):
        module: Any = load(name)
        counts = data.atom_counts(module.elements)[data.rows["test"]]
        atoms = (counts @ module.reference.double())[:, 0]
        parts = list(module.outputs(data.split("test")))
        true, found = (
            torch.cat([part[f"{kind} ae_pbe0"] for part in parts]).double() - atoms
            for kind in ("true", "predicted")
        )
        error = float((true - found).abs().mean())
        ends = [float(true.min()), float(true.max())]
        axes.plot(ends, ends, color="0.6", lw=0.8)
        axes.plot(true, found, ".", color=BLUE, ms=2.5)
        axes.set_title(f"{title}: {error:.1f} kcal/mol", fontsize=9)
        axes.set_xlabel("true, kcal/mol")
        axes.grid(alpha=0.3)
    figure.axes[0].set_ylabel("predicted, kcal/mol")
    return figure


@torch.no_grad()
def curves() -> Figure:
    """Draw what the flagship has learnt of each scalar: channels of phi_o, phi_d and mu."""
    data = dataset("qm7")
    module: Any = load("ds-ci-plus-qm7")
    matrices = data.matrices
    figure = _figure(9.0, 3.0)
    for axes, curve, scalars, label in zip(
        figure.subplots(1, 3),
        (module.phi_o, module.phi_d, module.mu),
        (matrices.entries, matrices.diagonal, matrices.glue()),
        ("X_ij", "X_ii", "f_*"),
        strict=True,
    ):
        grid = np.geomspace(float(scalars.min()) * 0.9, float(scalars.max()) * 1.1, 400)
        values = curve(torch.from_numpy(grid).float())
        chosen = curve(scalars[:20_000].float()).std(0).argsort(descending=True)[:CURVES]
        centred = values[:, chosen] - values[:, chosen].mean(0)
        axes.semilogx(grid, (centred / centred.abs().amax(0)).numpy(), lw=1)
        counts, edges = np.histogram(np.log(scalars.numpy()), bins=80)
        middles = np.exp((edges[1:] + edges[:-1]) / 2)
        axes.fill_between(middles, -1.1, -1.1 + 0.5 * counts / counts.max(), color="0.85")
        axes.set_xlabel(f"{label}, atomic units")
        axes.set_yticks([])
        axes.grid(alpha=0.3)
    figure.axes[0].set_ylabel("channels, scaled")
    return figure


@torch.no_grad()
def clouds() -> Figure:
    """Draw true and predicted distances of all test pairs, and the embedded outlines."""
    data = dataset("cell-outlines")
    figure = _figure(9.6, 3.0)
    panels = figure.subplots(1, 4)
    sides = data.sides("test")
    true = data.distances("test").numpy()
    order = [np.argsort(true.mean(axis)) for axis in (1, 0)]
    maps = {"exact": true}
    modules: dict[str, Any] = {
        "Gram": load("oi-ds-gram-cells"),
        "centroids": load("oi-ds-cells"),
    }
    for name, module in modules.items():
        (found,) = module.outputs(data.split("test"))
        maps[name] = found["prediction"].reshape(true.shape).numpy()
    for axes, (name, each) in zip(panels, maps.items(), strict=False):
        image = axes.imshow(each[np.ix_(*order)], vmin=0, vmax=true.max(), cmap="viridis")
        axes.set_title(name, fontsize=9)
        axes.set_xticks([])
        axes.set_yticks([])
    figure.colorbar(image, ax=list(panels[:3]), shrink=0.8, label="distance")
    _outlines(panels[3], modules["Gram"], data, torch.cat(sides))
    return figure


def _outlines(axes: Axes, module: Any, data: Any, rows: torch.Tensor) -> None:
    """Draw each outline where the two main directions of its vector put it."""
    found = module(*module.inputs_of([data.clouds[k] for k in rows.tolist()])).double().numpy()
    centred = found - found.mean(0)
    places = centred @ np.linalg.svd(centred, full_matrices=False)[2][:2].T
    size = 0.03 * np.ptp(places, axis=0).max()
    for place, row in zip(places, rows.tolist(), strict=True):
        colour = ORANGE if bool(data.second[row]) else BLUE
        outline = place + size * data.clouds[row]
        axes.fill(*outline.T, color=colour, alpha=0.6, lw=0)
    axes.set_title("embedded", fontsize=9)
    axes.set_aspect("equal", adjustable="datalim")
    axes.set_xticks([])
    axes.set_yticks([])


def _figure(width: float, height: float) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")
