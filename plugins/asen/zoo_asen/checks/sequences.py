"""Claims on sequences: networks that are shipped, and networks trained anew over seeds.

Both are measured on fresh sequences, drawn with a seed of their own, that no network has seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import torch
from torch import Tensor

from zoo_asen.data import Sequences
from zoo_asen.sequences.network import Asen
from zoo_asen.sequences.tasks import TASKS
from zoo_asen.specs.models import FEW_RECIPE
from zoo_asen.train import fit, labelled
from zoo_core import Finding, Split, bootstrap, create, dataset, load

THREE = ("palindrome", "cyclicsum", "intersect")
FRESH = 10_000
"""The seed of the sequences that are measured on; networks are trained on those of small seeds."""
COUNT = 5_000
SHARE = 0.4
"""Of the 1,750 training sequences of a task: 700."""
BEFORE, AFTER = 0.2, 0.15
"""Shares in transfer: 350 sequences of each task before, 262 of the one that is new."""
RATES = (0.004, 0.002)
"""A fifth of the published ones, of networks that have learnt other tasks, and that have not."""
PUBLISHED_RATES: Mapping[str, Any] = {"learning_rate": 0.01, "colour_rate": 0.03, "token_rate": 0.1}
Outcomes = Mapping[str, Tensor]
"""Of each sequence (m,): the share of right "positions", and 1 where all are right, "exact"."""


@torch.no_grad()
def judged(module: Asen, task: str, *, colours: str | None = None, count: int = COUNT) -> Outcomes:
    """Return how a network does on fresh sequences of a task, in percent.

    `colours` names the task whose colours it gets; by default its own.
    """
    data: Sequences = dataset("asen-sequences", tasks=[task], samples=count, seed=FRESH)
    module.eval()
    right = torch.cat(
        [
            module(module.rows_of_tokens(x, task), *module.colours(colours or task)).argmax(-1) == y
            for x, y in zip(
                torch.split(data.values, module.at_a_time),
                torch.split(data.targets, module.at_a_time),
                strict=True,
            )
        ]
    ).double()
    return {"positions": 100 * right.mean(1), "exact": 100 * right.prod(1)}


def trained(
    tasks: Sequence[str],
    seed: int,
    *,
    share: float = SHARE,
    group: str | None = None,
    start: Asen | None = None,
    **recipe: Any,
) -> Asen:
    """Return a network trained on some tasks as those that are shipped for comparison.

    Each task has its group, or all have one. `start` gives the tensors that are of no task.
    """
    data = dataset("asen-sequences", tasks=list(tasks), share=share, seed=seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        groups: dict[str, Any] = (
            {"tasks": data.groups} if group is None else {"tasks": list(tasks), "group": group}
        )
        module = cast(Asen, create("asen", **groups))
        if start is not None:
            shared = {
                name: tensor
                for name, tensor in start.state_dict().items()
                if not name.startswith(("tokens.", "edges."))
            }
            module.load_state_dict(shared, strict=False)
        fit(module, data, labelled(data), **{**FEW_RECIPE, **recipe})
    return module


def three_tasks() -> Finding:
    """Measure the shipped network, which learnt from 1,750 sequences of each task."""
    module: Any = load("asen-seq3")
    found = {"one network": {task: judged(module, task) for task in THREE}}
    return Finding(
        quantities={
            f"{task}, positions": bootstrap(outcomes["positions"].tolist())
            for task, outcomes in found["one network"].items()
        },
        told=f"{COUNT:,} fresh sequences a task",
        figures=_means(found),
    )


def few_sequences(seeds: Sequence[int]) -> Finding:
    """Measure one network with symmetry, one without, and separate ones; 700 sequences a task.

    Those of seed 0 are shipped, others are trained anew.
    """
    runs = [_arms(seed) for seed in seeds]
    ahead = {
        "with symmetry minus without: cyclicsum, whole sequences": [
            run["one network"]["cyclicsum"]["exact"] - run["without symmetry"]["cyclicsum"]["exact"]
            for run in runs
        ],
        "with symmetry minus without: palindrome, positions": [
            run["one network"]["palindrome"]["positions"]
            - run["without symmetry"]["palindrome"]["positions"]
            for run in runs
        ],
        "one network minus separate ones: mean of tasks, positions": [
            _together(run["one network"]) - _together(run["separate"]) for run in runs
        ],
    }
    figures: dict[str, list[float]] = {}
    for run in runs:
        for label, values in _means(run).items():
            figures.setdefault(label, []).extend(values)
    return Finding(
        quantities={name: [float(gap.mean()) for gap in gaps] for name, gaps in ahead.items()},
        told="1,280 steps for one task or three",
        figures=figures,
        seeds=tuple(seeds),
    )


def _arms(seed: int) -> dict[str, dict[str, Outcomes]]:
    def one(name: str, tasks: Sequence[str], group: str | None = None) -> Any:
        return load(name) if seed == 0 else trained(tasks, seed, group=group)

    every = one("asen-seq3-few", THREE)
    none = one("asen-seq3-noneq", THREE, "trivial")
    return {
        "one network": {task: judged(every, task) for task in THREE},
        "without symmetry": {task: judged(none, task) for task in THREE},
        "separate": {task: judged(one(f"asen1-{task}", [task]), task) for task in THREE},
    }


def rates(seed: int = 0) -> Finding:
    """Train at the published learning rates; the network at a fifth of them is shipped."""
    shipped: Any = load("asen-seq3-few")
    arms = {"a fifth": shipped, "published": trained(THREE, seed, **PUBLISHED_RATES)}
    found = {arm: {task: judged(one, task) for task in THREE} for arm, one in arms.items()}
    gaps = _together(found["a fifth"]) - _together(found["published"])
    return Finding(
        quantities={"a fifth minus published: mean of tasks, positions": bootstrap(gaps.tolist())},
        told="one run, its spread over sequences",
        figures=_means(found),
        seeds=(seed,),
    )


def linear_layers() -> Finding:
    """Measure coloured attention against equivariant linear layers, both as they are shipped."""
    arms = {"attention": load("asen-seq3-few"), "linear": load("asen-seq3-linear")}
    found = {arm: {task: judged(cast(Asen, one), task) for task in THREE}
             for arm, one in arms.items()}  # fmt: skip
    gaps = _together(found["attention"]) - _together(found["linear"])
    return Finding(
        quantities={"attention minus linear: mean of tasks, positions": bootstrap(gaps.tolist())},
        told="one run, its spread over sequences",
        figures=_means(found),
    )


def nine_tasks() -> Finding:
    """Measure the network of nine tasks."""
    module: Any = load("asen-seq9")
    found = {task: judged(module, task) for task in TASKS}
    every = torch.stack([outcomes["positions"] for outcomes in found.values()]).mean(0)
    worst = min(found, key=lambda task: float(found[task]["positions"].mean()))
    return Finding(
        quantities={
            "mean of tasks, positions": bootstrap(every.tolist()),
            "the worst task, positions": bootstrap(found[worst]["positions"].tolist()),
        },
        told=f"{COUNT:,} fresh sequences a task; the worst is {worst}",
        figures=_means({"one network": found}),
    )


def transfer(seeds: Sequence[int], task: str = "palindrome", epochs: int = 25) -> Finding:
    """Train on the eight other tasks, then on 262 sequences of one; or on these alone.

    Both arms have as many steps on the new task, at the same rates for all tensors; those on other
    tasks are 15 epochs.
    """
    others = [name for name in TASKS if name != task]
    gaps: dict[float, list[float]] = {rate: [] for rate in RATES}
    figures: dict[str, list[float]] = {}
    for seed in seeds:
        before = trained(others, seed, share=BEFORE, epochs=15)
        for rate in RATES:
            same: dict[str, Any] = dict.fromkeys(
                ("learning_rate", "colour_rate", "token_rate"), rate
            )
            arms = {
                arm: {
                    task: judged(
                        trained([task], seed, share=AFTER, start=start, epochs=epochs, **same), task
                    )
                }
                for arm, start in (("begun", before), ("anew", None))
            }
            gap = arms["begun"][task]["positions"] - arms["anew"][task]["positions"]
            gaps[rate].append(float(gap.mean()))
            for label, values in _means(arms).items():
                figures.setdefault(f"rate {rate}, {label}", []).extend(values)
    return Finding(
        quantities={
            f"begun minus anew, rate {rate}: {task}, positions": gaps[rate] for rate in RATES
        },
        told=f"{COUNT:,} fresh sequences",
        figures=figures,
        seeds=tuple(seeds),
    )


def wrong_colours() -> Finding:
    """Give the shipped network another task's colours."""
    module: Any = load("asen-seq3")
    found = {other: judged(module, "cyclicsum", colours=other)["positions"] for other in THREE}
    return Finding(
        quantities={
            f"cyclicsum with {other}'s colours, positions": bootstrap(found[other].tolist())
            for other in ("palindrome", "intersect")
        },
        told=f"{COUNT:,} fresh sequences",
        figures={f"with {other}'s colours": float(one.mean()) for other, one in found.items()},
    )


@torch.no_grad()
def numbers() -> Finding:
    """Measure the shipped regression, as mean absolute error in spreads of the targets."""
    module: Any = load("asen-numbers3")
    quantities, figures = {}, {}
    for task in module.tasks:
        data = dataset("asen-numbers", tasks=[task], samples=COUNT, seed=FRESH)
        found = torch.cat([one["prediction"] for one in module.outputs(_whole(data))])
        gaps = (found - data.targets).abs().double()
        label = f"{task}: mean absolute error"
        quantities[label] = bootstrap((gaps / data.targets.double().std()).tolist())
        figures[label] = float(gaps.mean())
    return Finding(quantities=quantities, told=f"{COUNT:,} fresh sequences a task", figures=figures)


def _whole(data: Sequences) -> Any:
    return Split(data, "all", torch.arange(len(data.values)))


def _together(found: Mapping[str, Outcomes]) -> Tensor:
    """Return the shares of right positions of all tasks, one after another."""
    return torch.cat([outcomes["positions"] for outcomes in found.values()])


def _means(found: Mapping[str, Mapping[str, Outcomes]]) -> dict[str, list[float]]:
    return {
        f"{arm}, {task}, {what}": [float(values.mean())]
        for arm, by_task in found.items()
        for task, outcomes in by_task.items()
        for what, values in outcomes.items()
    }
