"""The metrics that the core brings: those that no one field owns."""

from zoo_core._registry.specs import Metric

METRICS = (
    Metric(
        name="accuracy",
        title="Accuracy",
        factory="torchmetrics.classification:MulticlassAccuracy",
        config={"average": "micro"},
        higher_is_better=True,
        takes=("logits", "target"),
        scale=100.0,
        unit="%",
    ),
    Metric(
        name="mae",
        title="Mean absolute error",
        factory="torchmetrics.regression:MeanAbsoluteError",
        higher_is_better=False,
    ),
    Metric(
        name="r2",
        title="Coefficient of determination",
        factory="torchmetrics.regression:R2Score",
        higher_is_better=True,
    ),
)
