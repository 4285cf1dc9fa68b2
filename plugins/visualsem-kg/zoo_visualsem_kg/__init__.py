"""Language models with multimodal knowledge graphs (arXiv:2206.13163): paper, models and claims.

The entities' gates are in `gates.py`, messages in `convolutions.py`, the models in `text_links.py`,
`graph_links.py` and `tuples.py`, and what all of them do for people in `linking.py`; sentences find
their entities in `retrieval/`, which verbs and names are told with in `downstream/`.
"""

from zoo_core import hookimpl
from zoo_visualsem_kg.specs.data import DATASETS, METRICS
from zoo_visualsem_kg.specs.models import ARCHITECTURES, MODELS
from zoo_visualsem_kg.specs.paper import PAPER

ZOO_API = 2

zoo_papers = hookimpl(lambda: [PAPER])
zoo_architectures = hookimpl(lambda: ARCHITECTURES)
zoo_models = hookimpl(lambda: MODELS)
zoo_datasets = hookimpl(lambda: DATASETS)
zoo_metrics = hookimpl(lambda: METRICS)
