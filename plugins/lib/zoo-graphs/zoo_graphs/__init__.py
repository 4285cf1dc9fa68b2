"""Graphs for the zoo: the `Graph` and `GraphSet` types, readers, and pinned datasets.

Only hooks live here, so that registering imports nothing heavy; see `zoo_graphs.graph`,
`zoo_graphs.reading` and `zoo_graphs.sbm` for what plugins use.
"""

from pathlib import Path

from zoo_core import hookimpl
from zoo_graphs.specs.data import DATASETS

ZOO_API = 2

zoo_datasets = hookimpl(lambda: DATASETS)
zoo_kinds = hookimpl(lambda: [Path(__file__).parent / "kinds" / "graph"])
