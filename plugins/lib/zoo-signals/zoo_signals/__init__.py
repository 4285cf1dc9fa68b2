"""Signals on one fixed graph, for the zoo: poses on a skeleton, traffic on road sensors.

Only hooks live here; see `zoo_signals.poses`, `skeleton`, `cameras`, `pose_metrics`,
`motion_capture`, `traffic`, `sensors`, `windows` and `traffic_metrics` for what plugins use.
"""

from zoo_core import hookimpl
from zoo_signals.specs.data import DATASETS, METRICS

ZOO_API = 2

zoo_datasets = hookimpl(lambda: DATASETS)
zoo_metrics = hookimpl(lambda: METRICS)
