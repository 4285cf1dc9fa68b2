"""Claims on distillation: networks with and without a teacher, of the same steps and seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from zoo_4dral.checks.arms import ONE, WEATHERS, gaps, outcomes
from zoo_4dral.checks.recall import EXTRA
from zoo_4dral.checks.scores import mean_of, over_blocks
from zoo_4dral.specs.claims import AS_WRITTEN, AS_WRITTEN_TO_LIDAR, CHOSEN_TERMS
from zoo_core import Finding


def ahead(
    arms: Mapping[str, str], baseline: str, weathers: Sequence[str], seeds: Sequence[int]
) -> Finding:
    """Measure how far arms are ahead of a baseline in Recall@1, the mean of worlds 05 to 07.

    `arms` maps quantities, with a place for the weather, to the labels of arms. The recall of each
    arm is told, and kept by weather and seed.
    """
    found = {
        (label, weather): outcomes(label, EXTRA, weather, seeds)
        for label in (baseline, *arms.values())
        for weather in weathers
    }
    figures = {
        f"{label}, {weather}": [
            mean_of([[world[k]] for world in worlds]) for k in range(len(seeds))
        ]
        for (label, weather), worlds in found.items()
    }
    told = ", ".join(f"{name} {sum(one) / len(one):.1f} %" for name, one in figures.items())
    spread = "; one training each" if len(seeds) == 1 else ""
    return Finding(
        quantities={
            name.format(weather=weather): over_blocks(
                gaps(found[label, weather], found[baseline, weather])
            )
            for name, label in arms.items()
            for weather in weathers
        },
        told=f"mean R@1: {told}{spread}",
        figures=figures,
        seeds=tuple(seeds),
    )


def wide(seeds: Sequence[int] = ONE) -> Finding:
    """Measure the flagship against the same network without a teacher."""
    arms = {"R@1 with minus without, {weather}": "taught"}
    return ahead(arms, "alone", tuple(WEATHERS), seeds)


def narrow(seeds: Sequence[int] = ONE) -> Finding:
    """Measure the same for networks of a quarter of the weights."""
    arms = {"R@1 with minus without, {weather}": "small, descriptors"}
    return ahead(arms, "small, none", tuple(WEATHERS), seeds)


def written(seeds: Sequence[int] = ONE) -> Finding:
    """Measure modules with their written weights, on small networks with a U-Net."""
    return _each("written", AS_WRITTEN, seeds)


def written_to_lidar(seeds: Sequence[int] = ONE) -> Finding:
    """Measure the same for networks that find radar in a map of LiDAR."""
    return _each("written to LiDAR", AS_WRITTEN_TO_LIDAR, seeds)


def terms(seeds: Sequence[int] = ONE) -> Finding:
    """Measure each term of a teacher with its chosen weight, on small networks without a U-Net."""
    return _each("small", CHOSEN_TERMS, seeds)


def terms_to_lidar(seeds: Sequence[int] = ONE) -> Finding:
    """Measure the same for networks that find radar in a map of LiDAR."""
    return _each("small to LiDAR", CHOSEN_TERMS, seeds)


def _each(kind: str, names: Sequence[str], seeds: Sequence[int]) -> Finding:
    arms = {f"R@1 of {name} minus none, {{weather}}": f"{kind}, {name}" for name in names}
    return ahead(arms, f"{kind}, none", tuple(WEATHERS), seeds)
