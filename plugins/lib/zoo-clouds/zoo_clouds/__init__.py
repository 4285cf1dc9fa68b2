"""Clouds of points in open and periodic boxes, for the zoo.

Only hooks live here; see `zoo_clouds.box`, `clouds`, `pairs`, `correlation`, `cosmology` and
`lognormal` for what plugins use.
"""

from zoo_clouds.specs.data import DATASETS
from zoo_core import hookimpl

ZOO_API = 2

zoo_datasets = hookimpl(lambda: DATASETS)
