"""The registered datasets, and what rollouts are measured by."""

from __future__ import annotations

from typing import Any

from zoo_core import Dataset, File, Metric

CONVERTED = File(
    path="pusht-human/pusht_human_206.npz",
    sha256="e12fdcfa638e1fa69d69be7b22c6ba082ed5068cf58978df18fae0eca128be29",
)
"""State, action and episode ends of the archive, its images left out."""
ARCHIVE = File(
    path="pusht-human/pusht.zip",
    url="https://diffusion-policy.cs.columbia.edu/data/training/pusht.zip",
    sha256=None,
)
"""Diffusion Policy's own; what is read of it is checked, as the file's hash is not known."""

_DEMONSTRATIONS = (
    "206 episodes of 49 to 246 steps at 10 a second, in which people push a T onto its goal; from "
    "Diffusion Policy (Chi et al., RSS 2023), MIT licence"
)

DATASETS = [
    Dataset(
        name="pusht-human",
        title="PushT, people's demonstrations",
        factory="zoo_policies.pusht.data:pusht_human",
        license="MIT",
        source="https://diffusion-policy.cs.columbia.edu",
        task="imitation-learning",
        splits=("train", "test"),
        files=(CONVERTED, ARCHIVE),
        summary=f"{_DEMONSTRATIONS}. The last 20 episodes are held out. Images are drawn from the "
        "states by gym-pusht.",
    ),
    Dataset(
        name="pusht",
        title="PushT, the simulator",
        factory="zoo_policies.pusht.data:pusht_simulator",
        license="MIT",
        source="https://github.com/huggingface/gym-pusht",
        task="robot-control",
        options={"episodes": "how many of the 50 fixed seeds of each split are taken (50)"},
        test_options=("episodes",),
        files=(CONVERTED, ARCHIVE),
        summary="Episodes of gym-pusht with at most 300 steps, at 50 fixed seeds to choose by "
        "(200000 on) and 50 for the test (100000 on). To learn from there are the first 186 of "
        f"{_DEMONSTRATIONS}.",
    ),
]


def _mean(name: str, title: str, **more: Any) -> Metric:
    """Return the mean over episodes of what a rollout measures under that name."""
    return Metric(
        name=name,
        title=title,
        factory="torchmetrics.aggregation:MeanMetric",
        config={"nan_strategy": "error"},
        takes=(name,),
        higher_is_better=True,
        **more,
    )


_PERCENT: dict[str, Any] = {"scale": 100.0, "unit": "%"}

METRICS = [
    _mean("success", "Episodes in which the task was done", **_PERCENT),
    _mean("coverage", "Mean of an episode's largest coverage of the goal"),
    Metric(
        name="coverage-80",
        title="Episodes that covered more than 80 % of the goal",
        factory="zoo_policies.metrics:ShareAbove",
        config={"threshold": 0.8},
        takes=("coverage",),
        higher_is_better=True,
        **_PERCENT,
    ),
    _mean("score", "Mean of an episode's largest reward"),
    _mean("return", "Mean of an episode's sum of rewards"),
]
"""Each takes a value an episode; the mean of the largest reward is what PushT is scored by."""
