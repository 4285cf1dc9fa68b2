"""The architectures with their recipes by default, and what is trained."""

from __future__ import annotations

from typing import Any

from zoo_core import Architecture, Model

_NETWORK_RECIPE = {"epochs": 40, "batch_size": 16, "learning_rate": 0.003, "weight_decay": 0.0001}


def _of_clouds(name: str, cls: str, train: str, summary: str, **more: Any) -> Architecture:
    task = "velocities" if "velocity" in name or "theory" in name else "cosmological-parameters"
    return Architecture(
        name=name,
        cls=f"zoo_cosmobench.{cls}",
        paper="cosmobench",
        task=task,
        summary=summary,
        train=f"zoo_cosmobench.train:{train}",
        reader="zoo_clouds.reading:read_clouds",
        dataset="cosmo-mini-clouds",
        pipeline_tag="other",
        **more,
    )


_LINEAR_RECIPE = {
    "clouds": 120,
    "published": False,
    "grids": [10, 16, 20, 25, 32],
    "smoothings": [0.0, 0.02, 0.04, 0.06],
}
"""Smoothings in shares of the box's side."""

CLOUD_ARCHITECTURES = [
    _of_clouds(
        "cosmo-lls-param",
        "parameters.least_squares:PairLeastSquares",
        "train_least_squares",
        "parameters of a cloud by least squares on statistics of its pairs within a few radii",
        recipe={"choose": "greedy", "count": 12, "candidates": 112, "largest": 0.45},
        independent_rows=True,
        exportable=True,
    ),
    _of_clouds(
        "cosmo-2pcf-mlp",
        "parameters.two_point:TwoPointNetwork",
        "train_two_point",
        "parameters of a cloud by a small network on its two-point function",
        shape={"hidden": 56, "dropout": 0.1},
        recipe={**_NETWORK_RECIPE, "epochs": 150, "batch_size": 64, "weight_decay": 0.01},
        independent_rows=True,
        exportable=True,
    ),
    _of_clouds(
        "cosmo-gnn-param",
        "parameters.network:ParameterNetwork",
        "train_parameter_network",
        "parameters of a cloud by an invariant graph network on distances",
        shape={"hidden": 32, "layers": 2, "waves": 8},
        recipe={**_NETWORK_RECIPE, "epochs": 40, "share": 0.08},
        symmetries=("zoo_cosmobench.acting:permute_points",),
        not_exported=dict.fromkeys(
            ("pt2", "onnx"), "its neighbours are looked for among the points that come"
        ),
    ),
    _of_clouds(
        "cosmo-lls-velocity",
        "velocities.least_squares:LinearVelocity",
        "train_linear_velocity",
        "velocities of points by least squares on sums over all others",
        shape={"kind": "inverse-powers", "frequencies": 10, "powers": 3},
        recipe=_LINEAR_RECIPE,
        independent_rows=True,
        exportable=True,
    ),
    _of_clouds(
        "cosmo-linear-theory",
        "velocities.least_squares:LinearVelocity",
        "train_linear_velocity",
        "velocities of points by linear theory: they fall towards overdensities",
        shape={"kind": "linear-theory"},
        recipe=_LINEAR_RECIPE,
        independent_rows=True,
        exportable=True,
    ),
    _of_clouds(
        "cosmo-gnn-velocity",
        "velocities.network:VelocityNetwork",
        "train_velocity_network",
        "velocities of points by a graph network on edge vectors",
        shape={"share": 0.17, "hidden": 32, "layers": 3, "positions": False, "pool": "sum"},
        recipe={"epochs": 15, "learning_rate": 0.004, "clouds": 300, "val_clouds": 20},
        not_exported=dict.fromkeys(
            ("pt2", "onnx"), "its neighbours are looked for among the points that come"
        ),
    ),
]


def _tree_architecture(name: str, summary: str, **shape: Any) -> Architecture:
    return Architecture(
        name=name,
        cls="zoo_cosmobench.trees.networks:TreeNetwork",
        embeds="the mean over the haloes of a tree, before the head",
        paper="cosmobench",
        task="graph-regression",
        summary=summary,
        shape={"hidden": 16, **shape},
        recipe={"epochs": 60, "batch_size": 128, "learning_rate": 0.005},
        train="zoo_cosmobench.trees.training:train_trees",
        reader="zoo_cosmobench.trees.reading:read_trees",
        dataset="cosmo-mini-trees",
        pipeline_tag="graph-ml",
        symmetries=("zoo_graphs.graph_set_tensors:permute_nodes",),
        exportable=True,
        axes={"edges": {1: "edges"}, "offsets": {0: "bounds"}, "features": {0: "haloes"}},
        not_exported={"onnx": "torch has no ONNX for the search of each halo's tree"},
    )


TREE_ARCHITECTURES = [
    _tree_architecture(
        "cosmo-deepset-trees",
        "Omega_m and sigma_8 from the haloes of a merger tree, without their edges",
        layers=1,
        messages=False,
    ),
    _tree_architecture(
        "cosmo-mpnn-trees",
        "Omega_m and sigma_8 from a merger tree, by messages from child to parent",
        layers=5,
        messages=True,
    ),
    Architecture(
        name="cosmo-mpnn-infill",
        cls="zoo_cosmobench.trees.infill_network:InfillNetwork",
        paper="cosmobench",
        task="node-classification",
        summary="at which mergers of a coarse tree another one is hidden",
        shape={"layers": 4, "hidden": 16},
        recipe={"epochs": 300, "learning_rate": 0.001},
        train="zoo_cosmobench.trees.training:train_infill",
        reader="zoo_cosmobench.trees.published:read_infill",
        dataset="cosmo-mini-infill",
        pipeline_tag="graph-ml",
        exportable=True,
        axes={"edges": {1: "edges"}, "features": {0: "nodes"}, "virtual": {0: "mergers"}},
    ),
]
ARCHITECTURES = [*CLOUD_ARCHITECTURES, *TREE_ARCHITECTURES]

_R2 = ("r2-omega-m", "r2-sigma-8")
_VELOCITY_R2 = ("velocity-r2", "velocity-r2-per-cloud")


def _of_mini(name: str, summary: str, metrics: tuple[str, ...], notes: str, **more: Any) -> Model:
    return Model(
        name=f"{name}-mini",
        architecture=name,
        dataset="cosmo-mini-clouds",
        license="Apache-2.0",
        summary=summary,
        metrics=metrics,
        usage='print(zoo.predict(model, zoo.dataset("cosmo-mini-clouds").clouds[819]))',
        notes=f"The paper's figures on its own clouds, of simulations (not these): {notes}",
        **more,
    )


CLOUD_MODELS = [
    _of_mini(
        "cosmo-lls-param",
        "Omega_m and sigma_8 of a cloud, each by 49 weights: least squares on statistics of pairs "
        "within 12 radii that the validation clouds chose.",
        _R2,
        "R2 0.83 and 0.80 on Quijote, 0.77 and 0.82 on CAMELS-SAM, 0.78 and 0.28 on CAMELS.",
    ),
    _of_mini(
        "cosmo-2pcf-mlp",
        "Omega_m and sigma_8 of a cloud by a small network on its two-point function in 20 bins.",
        _R2,
        "R2 0.85 and 0.84 on Quijote, 0.73 and 0.82 on CAMELS-SAM, 0.84 and 0.30 on CAMELS.",
    ),
    _of_mini(
        "cosmo-gnn-param",
        "Omega_m and sigma_8 of a cloud by a graph network that sees distances up to 20 Mpc/h.",
        _R2,
        "R2 0.80 and 0.79 on Quijote, 0.72 and 0.84 on CAMELS-SAM, 0.80 and 0.27 on CAMELS, "
        "without messages between edges. After 8 epochs it had 0.394 and 0.480 on the test clouds, "
        "which was seen before it was trained for 40.",
    ),
    _of_mini(
        "cosmo-lls-velocity",
        "Velocities of the points of a cloud by 30 weights: least squares on sums over all others.",
        _VELOCITY_R2,
        "R2 0.435 on Quijote (60 weights), 0.211 on CAMELS-SAM, 0.249 on CAMELS.",
        runs=({},),
        beside={
            "least squares, 60 weights": {
                "architecture": "cosmo-lls-velocity",
                "shape": {"frequencies": 15, "powers": 4},
                "recipe": {"clouds": 40},
            },
            "Fourier features, 40 weights": {
                "architecture": "cosmo-lls-velocity",
                "shape": {"kind": "fourier", "frequencies": 4, "transverse": 3},
            },
        },
    ),
    _of_mini(
        "cosmo-linear-theory",
        "Velocities of the points of a cloud by linear theory, its mesh, smoothing and amplitude "
        "chosen on training clouds.",
        _VELOCITY_R2,
        "R2 0.377 on Quijote, 0.237 on CAMELS-SAM, 0.297 on CAMELS, by an oracle that is fitted to "
        "the velocities of each test cloud.",
    ),
    _of_mini(
        "cosmo-gnn-velocity",
        "Velocities of the points of a cloud by a graph network on the vectors to neighbours.",
        _VELOCITY_R2,
        "R2 0.410 on Quijote, 0.287 on CAMELS-SAM, 0.253 on CAMELS (126,000 weights). After 5 "
        "epochs on 80 clouds it had 0.263 on the test clouds, which was seen before it was trained "
        "for longer.",
    ),
]


def _tree_model(name: str, architecture: str, summary: str, **published: float) -> Model:
    return Model(
        name=name,
        architecture=architecture,
        dataset="cosmo-mini-trees",
        license="Apache-2.0",
        summary=summary,
        metrics=("r2-omega-m", "r2-sigma-8"),
        notes="The paper's figures on its own trees, of simulations (CS-Trees, not these): R2 "
        f"{published['omega_m']} for Omega_m and {published['sigma_8']} for sigma_8.",
    )


TREE_MODELS = [
    _tree_model(
        "cosmo-deepset-trees-mini",
        "cosmo-deepset-trees",
        "Omega_m and sigma_8 of one merger tree from its haloes alone: 658 weights.",
        omega_m=0.993,
        sigma_8=0.80,
    ),
    _tree_model(
        "cosmo-mpnn-trees-mini",
        "cosmo-mpnn-trees",
        "Omega_m and sigma_8 of one merger tree, by five layers of messages: 2,834 weights.",
        omega_m=0.996,
        sigma_8=0.82,
    ),
    Model(
        name="cosmo-mpnn-infill-mini",
        architecture="cosmo-mpnn-infill",
        dataset="cosmo-mini-infill",
        license="Apache-2.0",
        summary="Says at which mergers of a coarse merger tree another merger is hidden.",
        metrics=("accuracy", "balanced-accuracy"),
    ),
]
MODELS = [*CLOUD_MODELS, *TREE_MODELS]
