"""Attention to Mamba (arXiv:2604.14191): Transformers distilled into state-space models.

One class, `causal_lm.CausalLM`, is teacher and student; `hedgemamba` is the student's mixer,
`train.distillation` the recipe of two stages.
"""

from __future__ import annotations

from zoo_attention_to_mamba.specs.data import DATASETS, METRICS
from zoo_attention_to_mamba.specs.models import ARCHITECTURES, MODELS
from zoo_attention_to_mamba.specs.paper import PAPER
from zoo_core import hookimpl

ZOO_API = 2

zoo_papers = hookimpl(lambda: [PAPER])
zoo_architectures = hookimpl(lambda: ARCHITECTURES)
zoo_models = hookimpl(lambda: MODELS)
zoo_datasets = hookimpl(lambda: DATASETS)
zoo_metrics = hookimpl(lambda: METRICS)
