"""The networks with their recipes by default, and what is trained."""

from __future__ import annotations

from typing import Any

from zoo_core import Architecture, Model

_PACKAGE = "zoo_approx_equivariant"
_SYMMETRY = f"{_PACKAGE}.acting"

DCRNN_RECIPE = {
    "epochs": 5,
    "batch_size": 32,
    "learning_rate": 0.01,
    "decay": 2000.0,
    "clip": 5.0,
}
"""`decay` is that of scheduled sampling, `clip` the longest gradient."""

ARCHITECTURES = [
    Architecture(
        name="gnet",
        cls=f"{_PACKAGE}.gnet:GNet",
        paper="approx-equivariant",
        task="image-to-image",
        summary="an image network that commutes with permutations of the pixels within patches",
        shape={"cut": 14, "hidden": 28, "layers": 2, "mirrored": False},
        recipe={"epochs": 500, "learning_rate": 0.01, "patience": 100},
        train=f"{_PACKAGE}.train:train",
        reader=f"{_PACKAGE}.reading:read_images",
        dataset="fashion-inpainting",
        pipeline_tag="image-to-image",
        symmetries=(f"{_SYMMETRY}:within_patches",),
        independent_rows=True,
        exportable=True,
        dtypes=("float32", "float64", "float16", "bfloat16"),
    ),
    Architecture(
        name="symmetry-chain",
        cls=f"{_PACKAGE}.chain:SymmetryChain",
        paper="approx-equivariant",
        task="signal-regression",
        summary="a network on signals of one fixed graph, with the group that serves them best",
        shape={"hidden": 16, "layers": 2},
        recipe={
            "epochs": 500,
            "learning_rate": 0.01,
            "patience": 50,
            "runs": 5,
            "most_weights": 5_000_000,
        },
        train=f"{_PACKAGE}.selection:train_chain",
        reader=f"{_PACKAGE}.reading:read_signals",
        dataset="planted-signals",
        pipeline_tag="graph-ml",
        independent_rows=True,
        exportable=True,
        dtypes=("float32", "float64", "float16", "bfloat16"),
    ),
    Architecture(
        name="semgcn",
        cls=f"{_PACKAGE}.pose.semgcn:GSemGCN",
        paper="approx-equivariant",
        task="pose-estimation",
        summary="a network from 2-D joints to 3-D joints, with a chosen symmetry of the skeleton",
        shape={"group": "Aut", "graph_op": "self", "hidden": 32, "blocks": 4},
        recipe={"epochs": 30, "learning_rate": 0.001, "batch": 64},
        train=f"{_PACKAGE}.pose.training:train_poses",
        reader="zoo_signals.pose_reading:read_poses",
        dataset="cmu-pose16",
        pipeline_tag="graph-ml",
        independent_rows=True,
        exportable=True,
    ),
    Architecture(
        name="dcrnn",
        cls=f"{_PACKAGE}.traffic.dcrnn:AutDCRNN",
        paper="approx-equivariant",
        task="traffic-forecasting",
        summary="a recurrent network on a road graph, with weights that sensors of a cluster share",
        shape={"hidden": 64, "steps": 1, "tied": False},
        recipe=DCRNN_RECIPE,
        train=f"{_PACKAGE}.traffic.training:train_forecasts",
        reader=f"{_PACKAGE}.traffic.reading:read_clustered",
        dataset="metr-la-week",
        pipeline_tag="time-series-forecasting",
        independent_rows=True,
        exportable=True,
        not_exported={"onnx": "torch has no ONNX for its sums over roads"},
    ),
    Architecture(
        name="persistence",
        cls=f"{_PACKAGE}.traffic.persistence:Persistence",
        paper="approx-equivariant",
        task="traffic-forecasting",
        summary="speeds stay as they were last known; nothing is learnt",
        shape={"horizon": 3},
        train="zoo_core:train_nothing",
        dataset="metr-la-week",
        pipeline_tag="time-series-forecasting",
        independent_rows=True,
        differentiable=False,
        exportable=True,
    ),
]
"""For images; for signals on any graph, which chooses its group; for poses."""

_PUBLISHED = {
    ("fashion", 1): 23.48,
    ("fashion", 4): 16.94,
    ("fashion", 7): 15.16,
    ("fashion", 14): 14.47,
    ("mnist", 1): 41.56,
    ("mnist", 14): 33.67,
}


def _model(name: str, cut: int, data: str, summary: str, **more: Any) -> Model:
    published = more.pop("published", _PUBLISHED.get((data, cut)))
    return Model(
        **{
            "name": f"{name}-{data}",
            "architecture": "gnet",
            "dataset": f"{data}-inpainting",
            "license": "Apache-2.0",
            "summary": summary,
            "shape": {"cut": cut},
            "options": {"run": 0},
            "metrics": ("signal-mse-x100",),
            "storage": "float16",
            "tryit": "inpainting" if data == "fashion" else None,
            "published": {
                "signal-mse-x100": (round(published / 100, 6), "mean of 3 runs, its notebooks")
            },
            **more,
        }
    )


def _pose(method: str, group: str, summary: str) -> Model:
    return Model(
        name=f"{method}-cmupose",
        architecture="semgcn",
        dataset="cmu-pose16",
        license="Apache-2.0",
        summary=summary,
        shape={"group": group},
        metrics=("mpjpe", "p-mpjpe"),
        storage="float16",
        usage='print(zoo.predict(model, zoo.dataset("cmu-pose16").inputs[0, 0]))',
    )


_TRAFFIC = (
    (
        "dcrnn-metrla",
        1,
        "Speeds of 207 sensors in Los Angeles, 15 minutes ahead, by one set of weights for all.",
    ),
    (
        "autdcrnn2-metrla",
        2,
        "The same forecasts with weights of their own for two clusters, of 130 and 77 sensors.",
    ),
    (
        "autdcrnn9-metrla",
        9,
        "The same forecasts with weights of their own for nine clusters of 8 to 71 sensors.",
    ),
    (
        "persistence-metrla",
        None,
        "What every forecast is held against: speeds stay as they are.",
    ),
)

MODELS = [
    _model(
        "gnet14",
        14,
        "fashion",
        "Restores a hidden square of 20 x 20 pixels in pictures of clothes; pixels move within "
        "patches of 2 x 2, the best of the five groups measured.",
    ),
    _model(
        "gnet1",
        1,
        "fashion",
        "The same task with the largest group, all permutations of the pixels: 141 weights.",
    ),
    _model(
        "gnet4",
        4,
        "fashion",
        "The same task with permutations within patches of 7 x 7 pixels.",
    ),
    _model(
        "gnet7",
        7,
        "fashion",
        "The same task with permutations within patches of 4 x 4 pixels.",
    ),
    _model(
        "gnetrf14",
        14,
        "fashion",
        "Pixels move within patches of 2 x 2, and left and right change places; trained on "
        "pictures that are mirrored with probability 1/2.",
        shape={"cut": 14, "mirrored": True},
        options={"run": 0, "flip": True},
        published=14.56,
    ),
    _model(
        "gnet14",
        14,
        "mnist",
        "Restores a hidden square of 14 x 14 pixels in handwritten digits; pixels move within "
        "patches of 2 x 2, the best group of the published chain.",
    ),
    _model(
        "gnet1",
        1,
        "mnist",
        "The same task on digits with the largest group, all permutations of the pixels.",
    ),
    Model(
        name="symmetrychain-planted",
        architecture="symmetry-chain",
        dataset="planted-signals",
        license="Apache-2.0",
        summary="Chose, of seven groups, permutations within the six communities of a random graph "
        "in which the signals' symmetry was planted.",
        options={"seed": 0},
        metrics=("signal-mse-x100",),
        usage="print(zoo.predict(model))",
    ),
    _pose(
        "autsemgcn",
        "Aut",
        "Lifts 16 joints from an image into space, in millimetres; its linear maps commute with "
        "the swaps of legs and of arms, the skeleton's automorphisms.",
    ),
    _pose(
        "relaxsemgcn",
        "relaxed",
        "The same task with two weights for each joint that sends: S_16, relaxed.",
    ),
    _pose(
        "semgcn",
        "S_N",
        "The same task with the largest group: linear maps commute with all permutations of the "
        "joints.",
    ),
    *(
        Model(
            name=name,
            architecture="persistence" if clusters is None else "dcrnn",
            dataset="metr-la-week",
            license="Apache-2.0",
            summary=summary,
            options={} if clusters is None else {"clusters": clusters},
            metrics=(
                "speed-mae",
                "speed-mae-1",
                "speed-mae-2",
                "speed-mae-3",
                "speed-rmse",
                "speed-mape",
            ),
            storage="float16",
        )
        for name, clusters, summary in _TRAFFIC
    ),
]
"""The chain on clothes, its ends on digits, one that mirrors, one that chose its group."""
