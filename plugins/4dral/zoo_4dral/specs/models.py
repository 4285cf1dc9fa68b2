"""The architectures with their recipes by default, and what is trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from zoo_4dral.specs.claims import (
    ALONE,
    CONTEXT,
    FLAGSHIP,
    SMALL,
    SMALL_ALONE,
    SMALL_TEACHER,
    TEACHER,
    TO_LIDAR,
    TO_LIDAR_ALONE,
)
from zoo_core import Architecture, Model, Start

HEAD = ("branch.", "unet.")
"""What a student has that its teacher has not."""
NARROW, WIDE = [16, 32, 64], [32, 64, 128]
"""Channels of the encoder's stages."""

RECIPE: Mapping[str, Any] = {
    "steps": 1000,
    "batch": 16,
    "learning_rate": 1e-3,
    "margin": 0.3,
    "rotation": 5.0,
    "about": "sensor",
    "flips": True,
    "until": 0.0,
    "lie": 0.0,
    "fdd": 0.0,
    "pie": 0.0,
    "rd": 0.0,
    "matrix": 0.0,
    "descriptor": 0.0,
}
"""Without distillation; the last six are the weights of the teacher's terms.

How images are turned was chosen on world 02, by small networks without a teacher after 220 steps
(seed 0, Recall@1 / @5 there): by 10 degrees about the image's centre 7.7 / 24.8 %, by 10 about the
sensor 15.0 / 38.5, by 5 about the centre 17.5 / 39.3, by 5 about the sensor 16.9 / 43.4; without
mirrors, 10 about the centre, 7.4 / 22.1.
"""
FIRST: Mapping[str, Any] = {"rotation": 10.0, "about": "centre"}
"""How images were turned for teachers and small networks, trained before that was chosen."""
WRITTEN: Mapping[str, float] = {"lie": 1.0, "fdd": 0.5, "rd": 1.0}
"""The weights that the paper's text suggests."""

INPUTS = {
    "pixels": 64,
    "metres": {"ahead": [0, 64], "left": [-32, 32]},
    "white": {"lidar points": 64, "radar points": 4},
    "radar scans": 5,
}
"""What an image is: a pixel is a square metre; 5 radar scans, 1 m of way apart, are gathered."""


_METRES, _WAYS = ("metres", "nearest"), ("same", "opposite")


def _architecture(name: str, summary: str, shape: Mapping[str, Any], **more: Any) -> Architecture:
    usual = {
        "cls": "zoo_4dral.networks.network:PlaceNetwork",
        "recipe": RECIPE,
        "train": "zoo_4dral.train:train_places",
        "head": HEAD,
        "pipeline_tag": "image-feature-extraction",
        "independent_rows": True,
        "exportable": True,
    }
    return Architecture(
        name=name,
        paper="4dral",
        task="place-recognition",
        summary=summary,
        shape=shape,
        dataset="streetsim",
        reader="zoo_4dral.reading.places:read_places",
        embeds="the descriptor of a scan, of unit norm",
        infinite=(*_METRES, *(f"{n}-{way}" for n in _METRES for way in _WAYS)),
        **{**usual, **more},
    )


_L2L = {"query": "lidar", "database": "lidar", "unet": 0, "branch": False}
_R2R = {"query": "radar", "database": "radar", "unet": 0, "branch": True}
_R2L = {"query": "radar", "database": "lidar", "unet": 0, "branch": False}

ARCHITECTURES = [
    _architecture(
        "4dral-l2l",
        "the teacher: a LiDAR scan to the descriptor of its place",
        {**_L2L, "widths": NARROW},
    ),
    _architecture(
        "4dral-r2r",
        "the student from radar to radar: a 4D-radar scan to the descriptor of its place",
        {**_R2R, "widths": NARROW},
    ),
    _architecture(
        "4dral-r2l",
        "the student from radar to LiDAR: one network for radar scans and a LiDAR map",
        {**_R2L, "widths": NARROW},
    ),
    _architecture(
        "4dral-resnet18",
        "the networks in the paper's size, ResNet-18 up to its layer3 on images of 200 x 200",
        {**_R2R, "encoder": "resnet18", "unet": 16, "size": 200},
    ),
    _architecture(
        "scancontext",
        "a radar scan by its brightest pixel in each ring and sector; nothing is learnt",
        {"query": "radar", "database": "radar"},
        cls="zoo_4dral.networks.context:ScanContext",
        recipe={},
        train="zoo_core:train_nothing",
        head=(),
        exportable=False,
        not_exported=dict.fromkeys(
            ("pt2", "onnx"), "the table of its rings and sectors is kept from call to call"
        ),
    ),
]


def _model(name: str, architecture: str, summary: str, **more: Any) -> Model:
    return Model(
        name=name,
        architecture=architecture,
        dataset="streetsim",
        license="CC-BY-NC-SA-3.0",
        summary=summary,
        metrics=(
            "place-recall-1",
            "place-recall-5",
            "place-recall-10",
            "place-recall-1-10m",
            "place-recall-5-10m",
            "place-recall-10-10m",
            "place-map",
            "place-max-f1",
        ),
        storage="float16",
        inputs=INPUTS,
        **more,
    )


CHOSEN: Mapping[str, float] = {"descriptor": 3.0, "until": 0.67}
"""What the flagship is taught by: descriptors, less and less, until 67 % of the steps."""
SMALL_CHOSEN: Mapping[str, Mapping[str, float]] = {
    "FDD": {"fdd": 5.0},
    "RD": {"rd": 1.0},
    "descriptors": CHOSEN,
}
"""The same for small networks, each term alone.

Chosen on world 02 (Recall@1 there after 250 steps, seed 0): without a teacher 8.5 %, descriptors
16.9 %, FDD with weight 5 11.1 %, the soft RD (`matrix`) with weight 5 7.0 %, so that RD stays the
margins, with the written weight. A softmax in place of the triplets had 16.3 %.
"""
STEPS = {
    "teacher": 700,
    "small teacher": 400,
    "wide": 1500,
    "small": 250,
    "written": 200,
}
"""Steps of training; what is compared has the same."""
FEW = 8
"""Pairs in a batch where a step is dear: with a U-Net."""


@dataclass(frozen=True)
class Arm:
    """A network that a claim compares: how it is trained, and as what that of seed 0 is shipped.

    `starts` says that its encoder begins with the teacher's weights.
    """

    architecture: str
    shape: Mapping[str, Any]
    recipe: Mapping[str, Any]
    shipped: str
    teacher: str | None = None
    starts: bool = False


def _as_trained(kind: str) -> Mapping[str, Any]:
    return {"steps": STEPS[kind], **({} if kind == "wide" else FIRST)}


_SMALL, _BIG = {"widths": NARROW}, {"widths": WIDE}


def _small(chosen: Mapping[str, float], shipped: str) -> Arm:
    recipe = {**_as_trained("small"), **chosen}
    teacher = SMALL_TEACHER if chosen else None
    return Arm("4dral-r2r", _SMALL, recipe, shipped, teacher, starts="descriptor" in chosen)


def _written(weights: Mapping[str, float], shipped: str) -> Arm:
    teacher = SMALL_TEACHER if {*weights} - {"lie"} else None
    recipe = {**_as_trained("written"), "batch": FEW, **weights}
    return Arm("4dral-r2r", {**_SMALL, "unet": 8}, recipe, shipped, teacher)


ARMS: Mapping[str, Arm] = {
    "teacher": Arm("4dral-l2l", _BIG, _as_trained("teacher"), TEACHER),
    "small teacher": Arm("4dral-l2l", _SMALL, _as_trained("small teacher"), SMALL_TEACHER),
    "taught": Arm(
        "4dral-r2r",
        _BIG,
        {**_as_trained("wide"), **CHOSEN},
        FLAGSHIP,
        TEACHER,
        starts=True,
    ),
    "alone": Arm("4dral-r2r", _BIG, _as_trained("wide"), ALONE),
    "to LiDAR": Arm(
        "4dral-r2l",
        _BIG,
        {**_as_trained("wide"), **CHOSEN},
        TO_LIDAR,
        TEACHER,
        starts=True,
    ),
    "to LiDAR, alone": Arm("4dral-r2l", _BIG, _as_trained("wide"), TO_LIDAR_ALONE),
    "small, none": _small({}, SMALL_ALONE),
    "small, FDD": _small(SMALL_CHOSEN["FDD"], "4dral-r2r-fdd-streetsim"),
    "small, RD": _small(SMALL_CHOSEN["RD"], "4dral-r2r-rd-streetsim"),
    "small, descriptors": _small(SMALL_CHOSEN["descriptors"], SMALL),
    "written, none": _written({}, "r2r-nokd-unet-streetsim"),
    "written, LIE": _written({"lie": WRITTEN["lie"]}, "4dral-r2r-lie-streetsim"),
    "written, all": _written(WRITTEN, "4dral-r2r-written-streetsim"),
}
"""What claims compare, by name."""

_SUMMARIES = {
    "teacher": "The teacher: recognises places by LiDAR in clear weather.",
    "small teacher": "A teacher of a quarter of the weights, for small students.",
    "taught": "Recognises places by 4D radar, taught by a LiDAR network at first.",
    "alone": "Recognises places by 4D radar, without a teacher.",
    "to LiDAR": "Finds 4D-radar scans in a map made by LiDAR: one network for both sensors.",
    "to LiDAR, alone": "Finds 4D-radar scans in a map made by LiDAR, without a teacher.",
    "written, none": "A small radar network with a U-Net before it, without a teacher.",
    "written, all": "A small radar network, taught by LIE, FDD and RD with the written weights.",
    "small, none": "A radar network of a quarter of the weights, without a teacher.",
    "small, descriptors": "A radar network of a quarter of the weights, taught as the flagship is.",
    "small, FDD": "A small radar network, taught by the distribution of features (FDD) alone.",
    "small, RD": "A small radar network, taught by distances between places (RD) alone.",
    "written, LIE": "A small radar network that makes its image look like a LiDAR's first (LIE).",
}


_SEEN = (
    "It had 1,500 steps, and images were turned by up to 5 degrees about the sensor, as was chosen "
    "on world 02. With turns of up to 10 degrees about the image's centre Recall@1 on the test "
    "world had been {before} after 600 steps and {then} after 1,500, which was seen."
)
_NARROW_BEFORE = (
    "It is trained as the wide radar networks are. One of half the channels, trained for 250 steps "
    "with turns of up to 10 degrees about the image's centre, had had {} Recall@1, which was seen."
)
_NOTES = {
    "to LiDAR": _NARROW_BEFORE.format("30.1 %"),
    "to LiDAR, alone": _NARROW_BEFORE.format("19.2 %"),
    "taught": _SEEN.format(before="35.5 %", then="43.5 %"),
    "alone": _SEEN.format(before="29.0 %", then="35.5 %"),
}


def _shipped(label: str, summary: str) -> Model:
    arm = ARMS[label]
    taught: dict[str, Any] = {"notes": _NOTES[label]} if label in _NOTES else {}
    if arm.teacher is not None:
        taught["given"] = {"teacher": arm.teacher}
    if arm.starts and arm.teacher is not None:
        taught["start"] = Start(source=arm.teacher, fresh=HEAD)
    return _model(
        arm.shipped, arm.architecture, summary, shape=arm.shape, recipe=arm.recipe, **taught
    )


MODELS = [
    *(_shipped(label, summary) for label, summary in _SUMMARIES.items()),
    _model(
        CONTEXT,
        "scancontext",
        "Scan Context on radar images: what needs no training, to be held against.",
    ),
]
