"""The data, and the metrics beyond the core's."""

from __future__ import annotations

from zoo_core import Dataset, Metric

DATASETS: list[Dataset] = []
METRICS: list[Metric] = []
