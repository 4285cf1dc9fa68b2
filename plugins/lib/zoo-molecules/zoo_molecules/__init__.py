"""Molecules for the zoo: Coulomb matrices, expansions of scalars, QM7 and QM7b, files, units.

Only hooks live here; see `zoo_molecules.symmetric`, `coulomb`, `expansions`, `molecules`,
`reading`, `geometry` and `units` for what plugins use.
"""

from zoo_core import hookimpl
from zoo_molecules.specs.data import DATASETS, METRICS

ZOO_API = 2

zoo_datasets = hookimpl(lambda: DATASETS)
zoo_metrics = hookimpl(lambda: METRICS)
