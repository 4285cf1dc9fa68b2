"""Claims on recall: what teacher and students find, in clear weather, rain and fog."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from zoo_4dral.checks.arms import ONE, WEATHERS, found, gaps, outcomes
from zoo_4dral.checks.scores import found_in, hits, mean_of, over_blocks
from zoo_4dral.networks.context import Correlation
from zoo_4dral.retrieval.ranking import RADIUS
from zoo_4dral.specs.claims import CONTEXT, recall
from zoo_core import Estimate, Finding, load

TEST, EXTRA = "05", ("05", "06", "07")
COUNTS = (1, 5, 10)
NEAR = 10.0
"""The stricter radius, in metres."""
FOGS = (0.0, 0.02, 0.04)
DROPS = (0.0, 0.35, 0.6, 0.8)


def measured(
    label: str, weather: str, counts: Sequence[int], seeds: Sequence[int]
) -> dict[str, Estimate]:
    """Return the recalls of an arm on the test world."""
    return {
        recall(count, f"world {TEST}, {weather}"): over_blocks(
            outcomes(label, (TEST,), weather, seeds, count=count)
        )
        for count in counts
    }


def curves(
    label: str, seeds: Sequence[int], weathers: Sequence[str] = tuple(WEATHERS)
) -> dict[str, Any]:
    """Return what pictures and readers need of an arm: recalls of all test worlds, in percent."""
    return {
        f"world {world}, {weather}, {radius:g} m": [
            mean_of(outcomes(label, (world,), weather, seeds, count=n, radius=radius))
            for n in COUNTS
        ]
        for world in (*EXTRA, "08")
        for weather in weathers
        for radius in (RADIUS, NEAR)
    }


def teacher(seeds: Sequence[int] = ONE) -> Finding:
    """Measure the teacher on the test world, in clear weather."""
    quantities = {
        recall(count, f"world {TEST}"): over_blocks(
            outcomes("teacher", (TEST,), "clear", seeds, count=count)
        )
        for count in (1, 5)
    }
    return Finding(
        quantities=quantities, figures=curves("teacher", seeds, ["clear"]), seeds=tuple(seeds)
    )


def weather(seeds: Sequence[int] = ONE) -> Finding:
    """Measure the teacher in fog and the taught student in rain, on the test world."""
    fogged = [[hits(found("teacher", seed, TEST, fog=0.04)) for seed in seeds]]
    clear, rain = (outcomes("taught", (TEST,), one, seeds) for one in ("clear", "rain"))
    by_fog = [float(hits(found("teacher", 0, TEST, fog=fog)).mean()) for fog in FOGS]
    by_drop = [float(hits(found("taught", 0, TEST, drop=drop)).mean()) for drop in DROPS]
    told = ", ".join(f"{one:.1f} %" for one in by_fog)
    also = ", ".join(f"{one:.1f} %" for one in by_drop)
    return Finding(
        quantities={
            "R@1 of radar in rain minus LiDAR in fog": over_blocks(gaps(rain, fogged)),
            "R@1 of radar, clear minus rain": over_blocks(gaps(clear, rain)),
        },
        told=f"R@1 of seed 0 by LiDAR at fog {', '.join(map(str, FOGS))} a metre: {told}; by radar "
        f"where {', '.join(f'{100 * one:g}' for one in DROPS)} % is lost: {also}",
        figures={"fogs": FOGS, "by fog": by_fog, "drops": DROPS, "by drop": by_drop},
        seeds=tuple(seeds),
    )


def alone(seeds: Sequence[int] = ONE) -> Finding:
    """Measure the radar network without a teacher on the test world."""
    return Finding(
        quantities={
            **measured("alone", "clear", COUNTS, seeds),
            **measured("alone", "rain", COUNTS[:2], seeds),
        },
        figures=curves("alone", seeds),
        seeds=tuple(seeds),
    )


def flagship(seeds: Sequence[int] = ONE) -> Finding:
    """Measure the taught radar network on all test worlds."""
    near = outcomes("taught", (TEST,), "clear", seeds, radius=NEAR)
    return Finding(
        quantities={
            **measured("taught", "clear", COUNTS, seeds),
            **measured("taught", "rain", COUNTS[:2], seeds),
            "R@1, mean of worlds 05 to 07, clear": over_blocks(
                outcomes("taught", EXTRA, "clear", seeds)
            ),
            "R@1 within 10 m, world 05, clear": over_blocks(near),
        },
        figures=curves("taught", seeds),
        seeds=tuple(seeds),
    )


def to_lidar(seeds: Sequence[int] = ONE) -> Finding:
    """Measure radar queries in a map of LiDAR, with a teacher and without, and in one of radar."""
    in_radar = outcomes("taught", (TEST,), "clear", seeds)
    both = {
        weather: [
            outcomes(label, (TEST,), weather, seeds) for label in ("to LiDAR", "to LiDAR, alone")
        ]
        for weather in WEATHERS
    }
    return Finding(
        quantities={
            **measured("to LiDAR", "clear", COUNTS[:2], seeds),
            **measured("to LiDAR", "rain", COUNTS[:2], seeds),
            **{
                f"R@1 with minus without distillation, {weather}": over_blocks(gaps(*pair))
                for weather, pair in both.items()
            },
            "R@1 in a LiDAR map minus a radar map, clear": over_blocks(
                gaps(both["clear"][0], in_radar)
            ),
        },
        figures={**curves("to LiDAR", seeds), "alone": curves("to LiDAR, alone", seeds)},
        seeds=tuple(seeds),
    )


def opposite(seeds: Sequence[int] = ONE) -> Finding:
    """Measure places on sequence 08 that are looked at the same way, and the other way round."""
    same, turned = (
        over_blocks(outcomes("taught", ("08",), "clear", seeds, way=way))
        for way in ("-same", "-opposite")
    )
    gap = Estimate(
        same.mean - turned.mean,
        (same.error**2 + turned.error**2) ** 0.5,
        (same.reach**2 + turned.reach**2) ** 0.5,
        len(seeds),
    )
    return Finding(
        quantities={"R@1 the same way minus the other way round, world 08": gap},
        told=f"{same.mean:.1f} % the same way, {turned.mean:.1f} % the other way round; other "
        "queries on each side",
        seeds=tuple(seeds),
    )


def untrained(seeds: Sequence[int] = ONE) -> Finding:
    """Measure the taught radar network against Scan Context on the test world.

    What the correlation of the images themselves finds is told beside it.
    """
    quantities, told = {}, []
    for weather in WEATHERS:
        known, raw = (
            hits(found_in(module, TEST, **WEATHERS[weather]))
            for module in (load(CONTEXT), Correlation())
        )
        taught = outcomes("taught", (TEST,), weather, seeds)
        quantities[f"R@1 minus Scan Context, {weather}"] = over_blocks(
            gaps(taught, [[known] * len(seeds)])
        )
        told.append(
            f"Scan Context {known.mean():.1f} % and the images' correlation {raw.mean():.1f} % "
            f"({weather})"
        )
    return Finding(quantities=quantities, told=", ".join(told), seeds=tuple(seeds))
