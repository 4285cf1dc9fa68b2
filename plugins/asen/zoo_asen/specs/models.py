"""The networks with their recipes by default, and what is trained."""

from __future__ import annotations

from zoo_core import Architecture, Model

_PACKAGE = "zoo_asen"

IMAGE_RECIPE = {
    "patches": [1, 2, 4, 14],
    "size": 14,
    "epochs": 12,
    "batch_size": 64,
    "learning_rate": 2e-3,
    "optimizer": "adamw",
    "weight_decay": 1e-2,
    "warmup": 0.1,
    "select": "loss",
}
POSE_RECIPE = {"epochs": 14, "batch_size": 64, "learning_rate": 1e-3}

ARCHITECTURES = [
    Architecture(
        name="asen-image",
        cls=f"{_PACKAGE}.images.classifier:PixelClassifier",
        paper="asen",
        task="image-classification",
        summary="a transformer on pixels, which cannot tell those of one patch apart",
        shape={"width": 64, "depth": 2, "heads": 2},
        recipe=IMAGE_RECIPE,
        train=f"{_PACKAGE}.images.selection:train",
        reader="zoo_images.reading:read_labelled",
        dataset="digits",
        head=("head.",),
        pipeline_tag="image-classification",
        symmetries=(f"{_PACKAGE}.images.acting:within_patches",),
        independent_rows=True,
        exportable=True,
    ),
    Architecture(
        name="asen-pose",
        cls=f"{_PACKAGE}.poses.network:PoseNetwork",
        paper="asen",
        task="pose-estimation",
        summary="2-D joints to 3-D joints, by attention whose symmetry is a group of the joints",
        shape={"group": "reflection", "hidden": 64, "layers": 4, "support": "dense"},
        recipe=POSE_RECIPE,
        train=f"{_PACKAGE}.poses.recipe:train",
        dataset="cmu-pose16",
        symmetries=(f"{_PACKAGE}.poses.groups:exchanged",),
        independent_rows=True,
        exportable=True,
    ),
]
MODELS = [
    Model(
        name="asen-fashion",
        architecture="asen-image",
        dataset="fashion-mnist",
        license="Apache-2.0",
        summary="Clothes at 14 x 14 pixels, by a transformer whose positions are shared within "
        "patches of 2 x 2: it is invariant to permutations of the four pixels of each.",
        shape={"patch": 2},
        options={"limit": 4000},
        storage="float16",
    ),
    Model(
        name="asen-cmupose",
        architecture="asen-pose",
        dataset="cmu-pose16",
        license="Apache-2.0",
        summary="Where 16 joints are in space, from where a camera sees them; left and right may "
        "be exchanged.",
        metrics=("mpjpe", "p-mpjpe"),
        storage="float16",
    ),
]
