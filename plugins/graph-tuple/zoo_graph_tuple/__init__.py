"""Multi-view graph learning with graph-tuples (arXiv:2510.10341): the paper and its models.

Views of a graph are made in `views.py`, words over them in `words.py`; the layers are in `gine/`
and `egnn/`, and the linear theory in `filters/`.
"""

from zoo_core import hookimpl
from zoo_graph_tuple.specs.data import DATASETS, METRICS
from zoo_graph_tuple.specs.models import ARCHITECTURES, MODELS
from zoo_graph_tuple.specs.paper import PAPER

ZOO_API = 2

zoo_papers = hookimpl(lambda: [PAPER])
zoo_architectures = hookimpl(lambda: ARCHITECTURES)
zoo_models = hookimpl(lambda: MODELS)
zoo_datasets = hookimpl(lambda: DATASETS)
zoo_metrics = hookimpl(lambda: METRICS)
