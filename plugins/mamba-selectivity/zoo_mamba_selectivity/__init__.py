"""What input selectivity buys Mamba (arXiv:2506.11891): exact and trained S6, Mamba-2, S4D models.

The hooks only: what they return is in `specs`. The mixers themselves are in `zoo_ssm`.
"""

from __future__ import annotations

from zoo_core import hookimpl
from zoo_mamba_selectivity.specs.data import DATASETS, METRICS
from zoo_mamba_selectivity.specs.models import ARCHITECTURES, MODELS
from zoo_mamba_selectivity.specs.paper import PAPER

ZOO_API = 2

zoo_papers = hookimpl(lambda: [PAPER])
zoo_architectures = hookimpl(lambda: ARCHITECTURES)
zoo_models = hookimpl(lambda: MODELS)
zoo_datasets = hookimpl(lambda: DATASETS)
zoo_metrics = hookimpl(lambda: METRICS)
