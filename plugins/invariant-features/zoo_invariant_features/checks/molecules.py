"""Claims on QM7: each network by its epoch of least validation error, on the 710 test molecules."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from zoo_molecules.expansions import Expansion
from zoo_molecules.molecules import Molecules

from zoo_core import Finding, bootstrap, dataset, load
from zoo_invariant_features.baselines import KERNELS, count_errors, kernel_errors, mean_errors

Array = NDArray[np.float64]
ENERGY = "ae_pbe0"
FLAGSHIP = "ds-ci-plus-qm7"
SHIPPED = {"fitted": FLAGSHIP, "paper": "ds-ci-plus-paper-qm7", "none": "ds-ci-qm7"}
"""The networks that are compared: of one width, trained for as many epochs."""


@torch.no_grad()
def errors_of(module: Any, data: Molecules, name: str = ENERGY, split: str = "test") -> Array:
    """Return the absolute error of a network on each molecule of a split (m,)."""
    parts = [
        (one[f"predicted {name}"] - one[f"true {name}"]).abs().double()
        for one in module.outputs(data.split(split))
    ]
    return np.asarray(torch.cat(parts).cpu().numpy())


def energy() -> Finding:
    """Measure the flagship beside the training mean and counts of atoms."""
    data = dataset("qm7")
    own = errors_of(load(FLAGSHIP), data)
    counts, mean = count_errors(data, ENERGY), mean_errors(data, ENERGY)
    return Finding(
        quantities={
            "ds-ci-plus-qm7": bootstrap(own.tolist()),
            "counts of atoms minus ds-ci-plus-qm7": bootstrap((counts - own).tolist()),
        },
        told=f"{own.mean():.2f} kcal/mol; counts of atoms {counts.mean():.2f}, the training mean "
        f"{mean.mean():.1f}",
        figures={"ds-ci-plus-qm7": own.mean(), "atoms": counts.mean(), "mean": mean.mean()},
    )


def kernel_ridge() -> Finding:
    """Measure kernel ridge regression of both kernels on the same molecules."""
    data = dataset("qm7")
    own = errors_of(load(FLAGSHIP), data)
    found = {kernel: kernel_errors(data, ENERGY, kernel) for kernel in KERNELS}
    told = ", ".join(f"{name} {each.mean():.2f}" for name, each in found.items())
    return Finding(
        quantities={
            f"{kernel} kernel minus ds-ci-plus-qm7": bootstrap((each - own).tolist())
            for kernel, each in found.items()
        },
        told=f"kernel ridge: {told}; ds-ci-plus-qm7 {own.mean():.2f} kcal/mol",
        figures={kernel: each.mean() for kernel, each in found.items()},
    )


def expansions() -> Finding:
    """Measure the fitted and the published grid and no expansion, in one run of each."""
    data = dataset("qm7")
    found = {name: errors_of(load(shipped), data) for name, shipped in SHIPPED.items()}
    fitted, paper, none = (found[name] for name in ("fitted", "paper", "none"))
    ratio = float(fitted.mean() / none.mean())
    # The ratio of two means is to first order this mean, by which it is resampled.
    shares = ratio + (fitted - ratio * none) / none.mean()
    means = ", ".join(f"{name} {each.mean():.2f}" for name, each in found.items())
    return Finding(
        quantities={
            "fitted over none": bootstrap(shares.tolist()),
            "none minus fitted": bootstrap((none - fitted).tolist()),
            "paper minus fitted": bootstrap((paper - fitted).tolist()),
        },
        told=f"one run of each, its spread over test molecules, in kcal/mol: {means}",
        figures={name: float(each.mean()) for name, each in found.items()},
    )


def saturation() -> Finding:
    """Compare the rows that each grid makes of f_*, and of the diagonals of oxygen and sulphur."""
    data = dataset("qm7")
    glue = data.matrices.glue()
    heavy = 0.5 * torch.tensor([8.0, 16.0], dtype=torch.float64) ** 2.4
    quantities: dict[str, Any] = {
        "least f_* over the end of the grid": float(glue.min())
        / float(Expansion("paper").centres.max())
    }
    for kind, told in (("paper", "published"), ("fitted", "fitted")):
        for scalars, known, what in (
            (glue, glue, "f_*"),
            (heavy, data.matrices.diagonal, "O and S"),
        ):
            rows = Expansion(kind).double().fit(known)(scalars)
            gap = (rows.amax(0) - rows.amin(0)).max()
            quantities[f"largest difference of {told} rows of {what}"] = float(gap)
    return Finding(quantities=quantities, told=f"f_* is {glue.min():.0f} to {glue.max():.0f}")


def seven() -> Finding:
    """Measure the network of seven targets beside their mean and counts of atoms."""
    data, module = dataset("qm7"), load("ds-ci-plus-qm7-multi")
    quantities, figures, told = {}, {}, []
    for name, unit in data.units.items():
        own, counts, mean = (
            errors_of(module, data, name),
            count_errors(data, name),
            mean_errors(data, name),
        )
        for baseline, errors in (("counts of atoms", counts), ("mean", mean)):
            key = f"{baseline} minus network, {name}"
            quantities[key] = bootstrap((errors - own).tolist())
        figures[name] = [own.mean(), counts.mean(), mean.mean()]
        told.append(f"{name} {own.mean():.3g} ({counts.mean():.3g}, {mean.mean():.4g}) {unit}")
    return Finding(
        quantities=quantities,
        told="network (counts of atoms, mean): " + "; ".join(told),
        figures=figures,
    )


@torch.no_grad()
def tables() -> Finding:
    """Compare energies from tables of phi with the network's own."""
    data = dataset("qm7")
    module: Any = load(FLAGSHIP)
    inputs = module.inputs_of(data.matrices.take(data.rows["test"]))
    exact, found = module(*inputs).double(), module.tabulated()(*inputs).double()
    gap = ((found - exact).abs() / exact.abs()).max()
    return Finding(quantities={"largest relative difference on the test": float(gap)})
