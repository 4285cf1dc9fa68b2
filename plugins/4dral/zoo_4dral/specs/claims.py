"""What the paper claims, sentence by sentence, and the bounds that each is judged by.

Recall@N is the share in percent of queries for which one of the first N answers is within 25 m (or
10 m, where that is said); queries without a positive are skipped. Networks are trained on three
worlds and measured on others: an interval is over blocks of 80 m of the drive and over the seeds of
the training, drawn together, where there are several. Rain takes 35 % of the radar's detections
where nothing else is said, fog has a density of 0.04 a metre; both are in the queries, the map is
of clear weather.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from zoo_core import Bound, claims_in, gain, value

FLAGSHIP, ALONE = "4dral-r2r-streetsim", "r2r-nokd-streetsim"
TEACHER, TO_LIDAR = "4dral-teacher-streetsim", "4dral-r2l-streetsim"
SMALL_TEACHER = "4dral-teacher-small-streetsim"
SMALL, SMALL_ALONE = "4dral-r2r-small-streetsim", "r2r-nokd-small-streetsim"
TO_LIDAR_ALONE = "r2l-nokd-streetsim"
WRITTEN = ("4dral-r2r-lie-streetsim", "4dral-r2r-written-streetsim", "r2r-nokd-unet-streetsim")
TERMS = ("4dral-r2r-fdd-streetsim", "4dral-r2r-rd-streetsim")
CONTEXT = "scancontext-streetsim"

AS_WRITTEN = ("LIE", "FDD", "RD", "all", "all chosen")
"""Modules of networks with a U-Net; of the last the weights are chosen, not written."""
AS_WRITTEN_TO_LIDAR = ("LIE", "RD", "all", "all chosen")
"""The paper teaches a network that finds radar in a map of LiDAR without FDD."""
CHOSEN_TERMS = ("FDD", "RD", "descriptors")
"""What small networks without a U-Net are taught by, each alone."""

WEATHERS = ("clear", "rain")
THREE = {"seeds": [0, 1, 2]}
"""Trainings: those of seeds 1 and 2 are made anew where they are not kept yet."""
_OURS = "the paper's experiments, on this project's simulated streets"
_claim = claims_in("zoo_4dral.checks")


def recall(count: int, more: str = "") -> str:
    """Return the name of what is measured: Recall@N, and what of."""
    return f"R@{count}{f', {more}' if more else ''}"


def _recalls(more: str, *least: float) -> Mapping[str, Bound]:
    """Return bounds on Recall@1, @5 and @10, as many as there are."""
    return {
        recall(count, more): value(at_least=bound)
        for count, bound in zip((1, 5, 10), least, strict=False)
    }


def _each_ahead(labels: Sequence[str]) -> Mapping[str, Bound]:
    """Return bounds on gains in Recall@1 over no distillation, in each weather."""
    return {
        f"R@1 of {label} minus none, {weather}": gain(at_least=0.0)
        for weather in WEATHERS
        for label in labels
    }


CLAIMS = (
    _claim(
        "teacher",
        "recall:teacher",
        "A LiDAR network, which is to teach, recognises nearly all places in clear weather.",
        _recalls("world 05", 97.0, 99.5),
        _OURS,
        models=(TEACHER,),
        minutes=2,
        slow=True,
    ),
    _claim(
        "weather",
        "recall:weather",
        "LiDAR fails in fog, and 4D radar holds in rain.",
        {
            "R@1 of radar in rain minus LiDAR in fog": gain(at_least=25.0),
            "R@1 of radar, clear minus rain": value(at_most=12.0, unit="points"),
        },
        _OURS,
        models=(TEACHER, FLAGSHIP),
        minutes=2,
        slow=True,
    ),
    _claim(
        "alone",
        "recall:alone",
        "A radar network without a teacher recognises places.",
        {
            **_recalls("world 05, clear", 52.0, 87.0, 95.0),
            **_recalls("world 05, rain", 46.0, 83.0),
        },
        _OURS,
        arguments=THREE,
        models=(ALONE,),
        minutes=20,
        slow=True,
    ),
    _claim(
        "flagship",
        "recall:flagship",
        "A radar network that a LiDAR network teaches recognises places.",
        {
            **_recalls("world 05, clear", 58.0, 89.0, 96.0),
            **_recalls("world 05, rain", 50.0, 86.0),
            "R@1, mean of worlds 05 to 07, clear": value(at_least=62.0),
            "R@1 within 10 m, world 05, clear": value(at_least=55.0),
        },
        _OURS,
        arguments=THREE,
        models=(FLAGSHIP,),
        minutes=20,
        slow=True,
    ),
    _claim(
        "distilling",
        "distilling:wide",
        "Distillation makes a radar network better: squared distances of descriptors, falling to "
        "nothing, and the teacher's encoder to start from.",
        {f"R@1 with minus without, {weather}": gain(at_least=2.0) for weather in WEATHERS},
        _OURS,
        arguments=THREE,
        models=(FLAGSHIP, ALONE),
        minutes=20,
        slow=True,
    ),
    _claim(
        "distilling-small",
        "distilling:narrow",
        "A small radar network gains more by distillation.",
        {f"R@1 with minus without, {weather}": gain(at_least=5.0) for weather in WEATHERS},
        _OURS,
        models=(SMALL, SMALL_ALONE, SMALL_TEACHER),
        arguments=THREE,
        minutes=4,
        slow=True,
    ),
    _claim(
        "as-written",
        "distilling:written",
        "Local image enhancement, features and responses, each alone and together, make a radar "
        "network better, with the weights that the text suggests (LIE 1, FDD 0.5, RD 1), and with "
        "chosen ones.",
        _each_ahead(AS_WRITTEN),
        _OURS,
        models=(*WRITTEN, SMALL_TEACHER),
        arguments=THREE,
        minutes=12,
        slow=True,
    ),
    _claim(
        "as-written-to-lidar",
        "distilling:written_to_lidar",
        "The same for a network that finds radar scans in a map made by LiDAR.",
        _each_ahead(AS_WRITTEN_TO_LIDAR),
        _OURS,
        models=(SMALL_TEACHER,),
        arguments=THREE,
        minutes=20,
        slow=True,
    ),
    _claim(
        "terms",
        "distilling:terms",
        "With weights chosen on a world of their own, features, responses and descriptors of the "
        "teacher make a small radar network better, each alone.",
        _each_ahead(CHOSEN_TERMS),
        _OURS,
        models=(*TERMS, SMALL, SMALL_ALONE, SMALL_TEACHER),
        arguments=THREE,
        minutes=6,
        slow=True,
    ),
    _claim(
        "terms-to-lidar",
        "distilling:terms_to_lidar",
        "The same for a small network that finds radar scans in a map made by LiDAR, with the "
        "weights that were chosen for maps made by radar.",
        _each_ahead(CHOSEN_TERMS),
        _OURS,
        models=(SMALL_TEACHER,),
        arguments=THREE,
        minutes=10,
        slow=True,
    ),
    _claim(
        "to-lidar",
        "recall:to_lidar",
        "The same framework finds radar scans in a map made by LiDAR, and better than in a map "
        "made by radar.",
        {
            **_recalls("world 05, clear", 56.0, 85.0),
            **_recalls("world 05, rain", 48.0, 80.0),
            **{
                f"R@1 with minus without distillation, {weather}": gain(at_least=0.0)
                for weather in WEATHERS
            },
            "R@1 in a LiDAR map minus a radar map, clear": gain(at_least=0.0),
        },
        _OURS,
        models=(TO_LIDAR, TO_LIDAR_ALONE, FLAGSHIP),
        arguments=THREE,
        minutes=40,
        slow=True,
    ),
    _claim(
        "opposite",
        "recall:opposite",
        "A front radar does not recognise a street that it looks at the other way round.",
        {"R@1 the same way minus the other way round, world 08": gain(at_least=25.0)},
        "this project, on sequence 08",
        models=(FLAGSHIP,),
        minutes=2,
        slow=True,
    ),
    _claim(
        "scan-context",
        "recall:untrained",
        "A trained radar network is far ahead of Scan Context, which needs no training.",
        {f"R@1 minus Scan Context, {weather}": gain(at_least=20.0) for weather in WEATHERS},
        _OURS,
        models=(FLAGSHIP, CONTEXT),
        minutes=1,
    ),
)
