"""CosmoBench (arXiv:2507.03707): cosmology from clouds of points and from merger trees.

Parameters of a cloud are in `parameters/`, velocities of its points in `velocities/`, merger trees
in `trees/`; what all of them need of points is the library `zoo_clouds`.
"""

from zoo_core import hookimpl
from zoo_cosmobench.specs.data import DATASETS, METRICS
from zoo_cosmobench.specs.models import ARCHITECTURES, MODELS
from zoo_cosmobench.specs.paper import PAPER

ZOO_API = 2

zoo_papers = hookimpl(lambda: [PAPER])
zoo_architectures = hookimpl(lambda: ARCHITECTURES)
zoo_models = hookimpl(lambda: MODELS)
zoo_datasets = hookimpl(lambda: DATASETS)
zoo_metrics = hookimpl(lambda: METRICS)
