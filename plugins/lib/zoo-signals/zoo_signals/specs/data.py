"""The registered datasets and metrics, of every kind of signal."""

from __future__ import annotations

from zoo_signals.specs import poses, traffic

DATASETS = [*poses.DATASETS, *traffic.DATASETS]
METRICS = [*poses.METRICS, *traffic.METRICS]
