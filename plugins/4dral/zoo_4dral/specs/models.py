"""The architectures with their recipes by default, and what is trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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

Chosen on world 02 (Recall@1 there after 250 steps, seed 0, images turned by 10 degrees about their
centre): without a teacher 8.5 %, descriptors 16.9 %, FDD with weight 5 11.1 %, the soft RD
(`matrix`) with weight 5 7.0 %, so that RD stays the margins, with the written weight. A softmax in
place of the triplets had 16.3 %.
"""
TOGETHER: Mapping[str, float] = {"lie": 0.2, "fdd": 5.0, **CHOSEN}
"""All together for networks with a U-Net: LIE a fifth of what is written, FDD ten times that, and
descriptors in RD's place."""
STEPS = {
    "teacher": 700,
    "small teacher": 600,
    "wide": 3000,
    "wide to LiDAR": 1500,
    "small": 600,
    "written": 200,
}
"""Steps of training; what is compared has the same.

A network from radar to LiDAR sees each batch from both sides, and so has half the steps. How long
wide networks learn and from how many worlds was chosen on world 02, by Recall@1 there without a
teacher (seed 0): 40.0 % after 1,500 steps on three worlds, 48.5 % after 3,000, and 52.9 % after
3,000 on seven.
"""
WORLDS = "00:1,00:11,00:21,00:31,09:12,09:22,09:32"
"""What wide students learn from: sequences, of which none is tested on, and seeds."""
FEW = 8
"""Pairs in a batch where a step is dear: with a U-Net."""


@dataclass(frozen=True)
class Arm:
    """A network that a claim compares: how it is trained, and as what that of seed 0 is shipped.

    One that is not shipped is trained for seed 0 too. `starts` says that its encoder begins with
    the teacher's weights; `options` are the dataset's, by default its own worlds.
    """

    architecture: str
    shape: Mapping[str, Any]
    recipe: Mapping[str, Any]
    shipped: str | None = None
    teacher: str | None = None
    starts: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)


_SMALL, _BIG = {"widths": NARROW}, {"widths": WIDE}


def _wide(way: str, steps: int, shipped: str, teacher: str | None = None) -> Arm:
    """Return a wide network, which begins from its teacher where it has one."""
    weights = CHOSEN if teacher else {}
    recipe = {"steps": steps, **weights}
    return Arm(
        f"4dral-{way}", _BIG, recipe, shipped, teacher, teacher is not None, {"train": WORLDS}
    )


def _small(weights: Mapping[str, float], shipped: str | None = None, way: str = "r2r") -> Arm:
    """Return a small network, taught by terms with weights, each alone."""
    return _taught(f"4dral-{way}", _SMALL, {"steps": STEPS["small"]}, weights, shipped)


def _written(weights: Mapping[str, float], shipped: str | None = None, way: str = "r2r") -> Arm:
    """Return a small network with a U-Net before it, which LIE needs."""
    recipe = {"steps": STEPS["written"], "batch": FEW}
    return _taught(f"4dral-{way}", {**_SMALL, "unet": 8}, recipe, weights, shipped)


def _taught(
    architecture: str,
    shape: Mapping[str, Any],
    recipe: Mapping[str, Any],
    weights: Mapping[str, float],
    shipped: str | None,
) -> Arm:
    teacher = SMALL_TEACHER if {*weights} - {"lie"} else None
    starts = "descriptor" in weights
    return Arm(architecture, shape, {**recipe, **weights}, shipped, teacher, starts)


ARMS: Mapping[str, Arm] = {
    "teacher": Arm("4dral-l2l", _BIG, {"steps": STEPS["teacher"]}, TEACHER),
    "small teacher": Arm("4dral-l2l", _SMALL, {"steps": STEPS["small teacher"]}, SMALL_TEACHER),
    "taught": _wide("r2r", STEPS["wide"], FLAGSHIP, TEACHER),
    "alone": _wide("r2r", STEPS["wide"], ALONE),
    "to LiDAR": _wide("r2l", STEPS["wide to LiDAR"], TO_LIDAR, TEACHER),
    "to LiDAR, alone": _wide("r2l", STEPS["wide to LiDAR"], TO_LIDAR_ALONE),
    "small, none": _small({}, SMALL_ALONE),
    "small, FDD": _small(SMALL_CHOSEN["FDD"], "4dral-r2r-fdd-streetsim"),
    "small, RD": _small(SMALL_CHOSEN["RD"], "4dral-r2r-rd-streetsim"),
    "small, descriptors": _small(SMALL_CHOSEN["descriptors"], SMALL),
    "written, none": _written({}, "r2r-nokd-unet-streetsim"),
    "written, LIE": _written({"lie": WRITTEN["lie"]}, "4dral-r2r-lie-streetsim"),
    "written, FDD": _written({"fdd": WRITTEN["fdd"]}),
    "written, RD": _written({"rd": WRITTEN["rd"]}),
    "written, all": _written(WRITTEN, "4dral-r2r-written-streetsim"),
    "written, all chosen": _written(TOGETHER),
    "small to LiDAR, none": _small({}, way="r2l"),
    **{
        f"small to LiDAR, {term}": _small(weights, way="r2l")
        for term, weights in SMALL_CHOSEN.items()
    },
    "written to LiDAR, none": _written({}, way="r2l"),
    "written to LiDAR, LIE": _written({"lie": WRITTEN["lie"]}, way="r2l"),
    "written to LiDAR, RD": _written({"rd": WRITTEN["rd"]}, way="r2l"),
    "written to LiDAR, all": _written({"lie": WRITTEN["lie"], "rd": WRITTEN["rd"]}, way="r2l"),
    "written to LiDAR, all chosen": _written(TOGETHER, way="r2l"),
}
"""What claims compare, by name; the paper teaches a network from radar to LiDAR without FDD."""

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
    "Its steps, its worlds and how images were turned were chosen on world 02, after Recall@1 on "
    "the test world had been seen of networks with fewer: {} with 1,500 steps on three worlds."
)
_SMALL_SEEN = (
    "How images are turned was chosen on world 02, and small networks have 600 steps, after "
    "figures on the test worlds had been seen of first ones with other turns and {}."
)
_FEWER = _SMALL_SEEN.format("fewer steps")
_AS_MANY = _SMALL_SEEN.format("as many steps")
_NOTES = {
    "teacher": _AS_MANY,
    **dict.fromkeys(("small teacher", "small, none", "small, descriptors"), _FEWER),
    **dict.fromkeys(("small, FDD", "small, RD"), _FEWER),
    **dict.fromkeys(("written, none", "written, LIE", "written, all"), _AS_MANY),
    "to LiDAR": _SEEN.format("62.7 %"),
    "to LiDAR, alone": _SEEN.format("65.6 %"),
    "taught": _SEEN.format("52.3 %"),
    "alone": _SEEN.format("51.7 %"),
}


def _shipped(label: str, summary: str) -> Model:
    arm = ARMS[label]
    assert arm.shipped is not None
    taught: dict[str, Any] = {"notes": _NOTES[label]} if label in _NOTES else {}
    if arm.teacher is not None:
        taught["given"] = {"teacher": arm.teacher}
    if arm.starts and arm.teacher is not None:
        taught["start"] = Start(source=arm.teacher, fresh=HEAD)
    return _model(
        arm.shipped,
        arm.architecture,
        summary,
        shape=arm.shape,
        recipe=arm.recipe,
        options=arm.options,
        **taught,
    )


MODELS = [
    *(_shipped(label, summary) for label, summary in _SUMMARIES.items()),
    _model(
        CONTEXT,
        "scancontext",
        "Scan Context on radar images: what needs no training, to be held against.",
    ),
]
