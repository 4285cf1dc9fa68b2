"""4DRaL (arXiv:2603.26206): place recognition by 4D radar, distilled from LiDAR.

The simulated street is in `streetsim/`, what users bring in `reading/`, ranking, metrics and the
index in `retrieval/`, the networks in `networks/`, the losses and recipes in `distilling/`.
"""

from zoo_4dral.specs.data import DATASETS, METRICS
from zoo_4dral.specs.models import ARCHITECTURES, MODELS
from zoo_4dral.specs.paper import PAPER
from zoo_core import hookimpl

ZOO_API = 2

zoo_papers = hookimpl(lambda: [PAPER])
zoo_architectures = hookimpl(lambda: ARCHITECTURES)
zoo_models = hookimpl(lambda: MODELS)
zoo_datasets = hookimpl(lambda: DATASETS)
zoo_metrics = hookimpl(lambda: METRICS)
