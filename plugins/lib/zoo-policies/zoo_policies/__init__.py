"""Robot policies for the zoo: episodes, windows, rollouts in lockstep, chunks of actions, films.

Only hooks live here; see `zoo_policies.episodes`, `normalising`, `rollouts`, `chunks`, `reading`,
`films` and `pusht` for what plugins use.
"""

from zoo_core import hookimpl
from zoo_policies.specs.data import DATASETS, METRICS

ZOO_API = 2

zoo_datasets = hookimpl(lambda: DATASETS)
zoo_metrics = hookimpl(lambda: METRICS)
