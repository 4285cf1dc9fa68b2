"""Any-subgroup equivariant networks (arXiv:2603.19486): the paper and its models.

Colours of pairs are in `colours.py`, attention that sees them in `attention.py`.
"""

from zoo_asen.specs.data import DATASETS, METRICS
from zoo_asen.specs.models import ARCHITECTURES, MODELS
from zoo_asen.specs.paper import PAPER
from zoo_core import hookimpl

ZOO_API = 2

zoo_papers = hookimpl(lambda: [PAPER])
zoo_architectures = hookimpl(lambda: ARCHITECTURES)
zoo_models = hookimpl(lambda: MODELS)
zoo_datasets = hookimpl(lambda: DATASETS)
zoo_metrics = hookimpl(lambda: METRICS)
