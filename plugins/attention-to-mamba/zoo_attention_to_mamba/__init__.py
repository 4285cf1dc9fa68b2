"""Attention to Mamba (arXiv:2604.14191): Transformers distilled into state-space models.

Only specs live here, in `paper.py`, `datasets_registered.py` and `models_registered.py`. One class,
`model.py`, is teacher and student; `hedgemamba.py` is the student's mixer; `alignment.py` and
`language_modelling.py` are the two stages, `distill.py` the recipe; `tokenizer.py`, `text.py` and
`checkpoints.py` bring in what is read.
"""

from __future__ import annotations

from zoo_attention_to_mamba.datasets_registered import DATASETS
from zoo_attention_to_mamba.models_registered import ARCHITECTURES, MODELS
from zoo_attention_to_mamba.paper import PAPER
from zoo_core import Architecture, Dataset, Metric, Model, Paper, hookimpl

ZOO_API = 1


@hookimpl
def zoo_papers() -> list[Paper]:
    """Return the paper."""
    return [PAPER]


@hookimpl
def zoo_architectures() -> list[Architecture]:
    """Return the Transformers that teach, and the recipe that turns them into Mambas."""
    return list(ARCHITECTURES)


@hookimpl
def zoo_models() -> list[Model]:
    """Return the teachers and their students."""
    return list(MODELS)


@hookimpl
def zoo_datasets() -> list[Dataset]:
    """Return the texts."""
    return list(DATASETS)


@hookimpl
def zoo_metrics() -> list[Metric]:
    """Return the measure of language models."""
    return [
        Metric(
            name="perplexity",
            title="Perplexity",
            factory="torchmetrics.text:Perplexity",
            higher_is_better=False,
        )
    ]
