"""The registered metrics: clean accuracy estimated from noisy labels, and its standard error."""

from __future__ import annotations

from zoo_core import Metric

_TAKES = ("logits", "target", "transition", "rate_error")

METRICS = [
    Metric(
        name="noise-corrected-accuracy",
        title="Accuracy on clean labels, estimated from noisy ones",
        factory="zoo_label_noise.accuracy:NoiseCorrectedAccuracy",
        higher_is_better=True,
        takes=_TAKES,
        scale=100.0,
        unit="%",
    ),
    Metric(
        name="noise-corrected-accuracy-error",
        title="Standard error of the noise-corrected accuracy",
        factory="zoo_label_noise.accuracy:NoiseCorrectedAccuracyError",
        higher_is_better=False,
        takes=_TAKES,
        scale=100.0,
        unit="points",
    ),
]
