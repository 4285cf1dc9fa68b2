"""Deep learning is provably robust to symmetric label noise (arXiv:2210.15083): paper and models.

The classifier is in `classifier.py`, its recipes in `train.py`, the simulations with a known Bayes
rule in `simulations.py`, nearest neighbours in `neighbours.py`, wrong labels found in `issues.py`.
"""

from zoo_core import hookimpl
from zoo_symmetric_label_noise.specs.data import DATASETS, METRICS
from zoo_symmetric_label_noise.specs.models import ARCHITECTURES, MODELS
from zoo_symmetric_label_noise.specs.paper import PAPER

ZOO_API = 2

zoo_papers = hookimpl(lambda: [PAPER])
zoo_architectures = hookimpl(lambda: ARCHITECTURES)
zoo_models = hookimpl(lambda: MODELS)
zoo_datasets = hookimpl(lambda: DATASETS)
zoo_metrics = hookimpl(lambda: METRICS)
