"""Figures of episodes and conditions, made from stored findings and from the shipped policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from zoo_core import dataset, figures, load

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PAPER = "world-guidance"
COLOURS = {"WoG": "#0072b2", "future features": "#009e73", "base": "#d55e00"}
SEED = 100_003
_DRAWS = 500
Array = NDArray[Any]


def coverage() -> Figure:
    """Draw the share of episodes that covered more of the goal than a threshold, by arm."""
    figure = _figure(8.4, 3.2)
    both = (("from positions", "few-actions"), ("from images", "from-images"))
    for axes, (title, claim) in zip(figure.subplots(1, 2, sharey=True), both, strict=True):
        found: dict[str, Any] = dict(figures(PAPER, claim)["coverage"])
        if claim == "few-actions":
            found |= dict(figures(PAPER, "few-actions-features")["coverage"])
        for arm, colour in COLOURS.items():
            if arm in found:
                _curve(axes, np.array(found[arm]), colour, arm)
        axes.set_title(title, fontsize=9)
        axes.set_xlabel("coverage of the goal", fontsize=8)
        axes.legend(frameon=False, fontsize=7)
    figure.axes[0].set_ylabel("share of episodes above it", fontsize=8)
    return figure


def _curve(axes: Axes, values: Array, colour: str, label: str) -> None:
    grid = np.linspace(0, 1, 101)
    rng = np.random.default_rng(0)
    runs, count = values.shape

    def above(given: Array) -> Array:
        share: Array = (given.reshape(-1, 1) > grid).mean(0)
        return share

    drawn = np.stack(
        [
            above(values[rng.integers(0, runs, runs)][:, rng.integers(0, count, count)])
            for _ in range(_DRAWS)
        ]
    )
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    axes.plot(grid, above(values), color=colour, lw=1.5, label=label)
    axes.fill_between(grid, low, high, color=colour, alpha=0.15, lw=0)
    axes.grid(alpha=0.3)


def strips() -> Figure:
    """Draw one episode of the test as each policy from images plays it, eight frames each."""
    from zoo_policies.films import strip
    from zoo_policies.rollouts import rollout

    names = ("wog-pusht", "futurefeat-pusht", "base-pusht")
    figure = _figure(8.4, 3.6)
    for axes, name in zip(figure.subplots(len(names), 1), names, strict=True):
        module: Any = load(name)
        environment = dataset("pusht-play").environment(module.size)
        found = rollout(module, environment, [SEED], film=[SEED], camera="film")
        axes.imshow(strip(found.films[SEED][:, ::3, ::3]))
        axes.set_title(f"{name}: score {found.measured['score'][0]:.2f}", fontsize=8)
        axes.axis("off")
    return figure


def conditions() -> Figure:
    """Draw conditions of held-out steps in their two main directions, their mean taken out."""
    found = figures(PAPER, "condition-mean")
    places, moves = np.array(found["places"]), np.array(found["moves"])
    figure = _figure(8.4, 3.4)
    first, second = figure.subplots(1, 2, gridspec_kw={"width_ratios": [1.2, 1]})
    shown = first.scatter(*places.T, c=moves, cmap="twilight", s=5, vmin=-np.pi, vmax=np.pi)
    shown.set_rasterized(True)
    first.set_title("conditions, less their mean", fontsize=9)
    first.set_xlabel("first direction", fontsize=8)
    first.set_ylabel("second direction", fontsize=8)
    bar = figure.colorbar(shown, ax=first)
    bar.set_label("agent's direction, in radians", fontsize=8)
    shares = np.array(found["directions"])
    second.bar(np.arange(len(shares)) + 1, shares, color=COLOURS["WoG"])
    second.set_xticks(range(1, len(shares) + 1, 3))
    second.set_title("share of what varies", fontsize=9)
    second.set_xlabel("direction", fontsize=8)
    return figure


def _figure(width: float, height: float) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")
