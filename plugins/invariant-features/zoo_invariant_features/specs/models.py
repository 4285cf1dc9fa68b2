"""The networks with their recipes by default, and what is trained."""

from __future__ import annotations

from typing import Any

from zoo_core import Architecture, Model

_PACKAGE = "zoo_invariant_features"

ARCHITECTURES = [
    Architecture(
        name="ds-ci",
        cls=f"{_PACKAGE}.ds_ci:DSCI",
        embeds="what the network makes of the three kinds of invariants of a matrix, side by side",
        not_exported=dict.fromkeys(
            ("pt2", "onnx"), "it takes matrices of unlike sizes as one ragged batch"
        ),
        paper="invariant-features",
        task="graph-regression",
        summary="DeepSets on the diagonal, the off-diagonal entries and one glue invariant of a "
        "symmetric matrix",
        shape={"expansion": "fitted", "hidden": 64, "centres": 64},
        recipe={
            "epochs": 150,
            "learning_rate": 0.004,
            "batch_size": 128,
            "weight_decay": 0.01,
            "knots": 1024,
        },
        train=f"{_PACKAGE}.train:train",
        reader=f"{_PACKAGE}.reading:read_training",
        dataset="qm7",
        pipeline_tag="graph-ml",
        symmetries=(f"{_PACKAGE}.acting:relabelled",),
    ),
    Architecture(
        name="oi-ds",
        cls=f"{_PACKAGE}.clouds.oi_ds:OIDS",
        embeds="the vector of a cloud, by which distances are told",
        not_exported=dict.fromkeys(
            ("pt2", "onnx"), "it takes clouds of unlike sizes as one ragged batch"
        ),
        paper="invariant-features",
        task="distance-regression",
        summary="distances of point clouds in a space that DeepSets embed them in, the same "
        "however they are turned and ordered",
        shape={"features": "radial", "dimension": 2, "hidden": 16, "out": 8},
        recipe={"epochs": 400, "learning_rate": 0.003, "head_rate": 0.01},
        train=f"{_PACKAGE}.clouds.training:train",
        reader=f"{_PACKAGE}.clouds.reading:read_clouds",
        dataset="cell-outlines",
        pipeline_tag="graph-ml",
        symmetries=(f"{_PACKAGE}.acting:turned",),
    ),
]

ENERGY = ("ae_pbe0",)
MULTI = ("ae_pbe0", "homo", "lumo", "gap", "ip", "ea", "dipole")


def _molecules(name: str, summary: str, **more: Any) -> Model:
    return Model(
        **{
            "name": name,
            "architecture": "ds-ci",
            "dataset": "qm7",
            "license": "Apache-2.0",
            "summary": summary,
            "metrics": ("mae-ae-pbe0",),
            "inputs": {"positions": "angstrom", "matrices": "atomic units"},
            "usage": "print(zoo.predict(model, ([8, 1, 1], [[0, 0, 0.119], [0, 0.763, -0.477], "
            "[0, -0.763, -0.477]])))",
            **more,
        }
    )


def _clouds(name: str, dataset: str, summary: str, **shape: Any) -> Model:
    return Model(
        name=name,
        architecture="oi-ds",
        dataset=dataset,
        license="Apache-2.0",
        summary=summary,
        shape=shape,
        metrics=("spearman", "mean-squared-error"),
        usage=f'print(zoo.predict(model, *zoo.dataset("{dataset}").clouds[:2]))',
    )


MODELS = [
    _molecules(
        "ds-ci-plus-qm7",
        "PBE0 atomisation energies of small organic molecules in kcal/mol, of the entries of their "
        "Coulomb matrices, expanded in grids that are fitted to the data.",
        shape={"targets": [*ENERGY]},
        tryit="molecule",
    ),
    _molecules(
        "ds-ci-plus-paper-qm7",
        "The same task with the published expansion, whose grid ends at 49: sulphur and oxygen, "
        "and all f_*, look alike to it.",
        shape={"expansion": "paper", "targets": [*ENERGY]},
    ),
    _molecules(
        "ds-ci-qm7",
        "The same task without an expansion: scalars as they are, scaled.",
        shape={"expansion": "none", "targets": [*ENERGY]},
        tryit="molecule",
    ),
    _molecules(
        "ds-ci-plus-qm7-multi",
        "Seven properties at once: the PBE0 atomisation energy, and orbital energies, ionisation, "
        "affinity and dipole by GFN2-xTB.",
        metrics=("mae-ae-pbe0", *(f"mae-{name}" for name in MULTI[1:])),
        shape={"targets": [*MULTI]},
    ),
    _clouds(
        "oi-ds-cells",
        "cell-outlines",
        "Gromov-Wasserstein lower bounds between outlines of cells, of O(n) inner products with "
        "vectors that turn with the outline.",
        features="radial",
        dimension=2,
        out=8,
    ),
    _clouds(
        "oi-ds-gram-cells",
        "cell-outlines",
        "The same task of all O(n^2) inner products of points.",
        features="gram",
        dimension=2,
        out=16,
    ),
    _clouds(
        "oi-ds-hands",
        "hand-poses",
        "The same bounds between hands in space, 22 joints each.",
        features="radial",
        dimension=3,
        out=8,
    ),
]
"""The energy by each expansion, seven targets at once, and distances of clouds."""
