"""World Guidance (arXiv:2602.22010): the paper and its models.

The policy is in `policy.py`, its action head in `dit.py`, flow matching in `flow.py`, the formers
of conditions in `formers.py`, and what predicted conditions are asked in `conditions.py`.
"""

from zoo_core import hookimpl
from zoo_world_guidance.specs.data import DATASETS, METRICS
from zoo_world_guidance.specs.models import ARCHITECTURES, MODELS
from zoo_world_guidance.specs.paper import PAPER

ZOO_API = 2

zoo_papers = hookimpl(lambda: [PAPER])
zoo_architectures = hookimpl(lambda: ARCHITECTURES)
zoo_models = hookimpl(lambda: MODELS)
zoo_datasets = hookimpl(lambda: DATASETS)
zoo_metrics = hookimpl(lambda: METRICS)
