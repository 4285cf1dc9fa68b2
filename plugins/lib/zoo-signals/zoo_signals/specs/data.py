"""The registered datasets and metrics, of every kind of signal."""

from __future__ import annotations

from zoo_signals.specs import poses

DATASETS = [*poses.DATASETS]
METRICS = [*poses.METRICS]
