"""The data: PushT with demonstrations that may lack actions; metrics of chunks and conditions."""

from __future__ import annotations

from zoo_policies.specs.data import ARCHIVE, CONVERTED

from zoo_core import Dataset, Metric

DATASETS = [
    Dataset(
        name="pusht-play",
        title="PushT, demonstrations with and without actions, and the simulator",
        factory="zoo_world_guidance.data:pusht",
        license="MIT",
        source="https://diffusion-policy.cs.columbia.edu",
        task="imitation-learning",
        splits=("train", "held-out", "val", "test"),
        options={
            "labelled": "of how many of the 186 demonstrations the actions are known (186)",
            "episodes": "how many of the 50 fixed seeds of each split are taken (50)",
        },
        files=(CONVERTED, ARCHIVE),
        summary="186 demonstrations by people to learn from and 20 held out, from pusht-human; 50 "
        "fixed seeds of the simulator to choose by and 50 for the test, from pusht. With labelled "
        "below 186 the other demonstrations are like videos: states and images are known, actions "
        "are not.",
    ),
]

METRICS = [
    Metric(
        name="action-mse",
        title="Mean squared error of actions on recorded episodes, in squared units of actions",
        factory="torchmetrics.regression:MeanSquaredError",
        higher_is_better=False,
    ),
    Metric(
        name="condition-cosine",
        title="Cosine of predicted and true conditions, the mean over tokens",
        factory="torchmetrics.aggregation:MeanMetric",
        config={"nan_strategy": "error"},
        takes=("cosine",),
        higher_is_better=True,
    ),
    Metric(
        name="condition-r2",
        title="Share of the conditions' variance that predictions explain",
        factory="zoo_world_guidance.measures:Explained",
        takes=("error", "variance"),
        higher_is_better=True,
    ),
]
"""What is measured in the simulator has the metrics of zoo-policies."""
