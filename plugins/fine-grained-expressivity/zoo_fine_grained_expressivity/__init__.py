"""Graph distances from iterated degree measures (arXiv:2306.03698), and the networks they bound.

The distances are in `idm`; the two other ways to see the same topology are the homomorphism
densities and distances of `trees`, and the message-passing `networks`.
"""

from __future__ import annotations

from zoo_core import hookimpl
from zoo_fine_grained_expressivity.specs.data import DATASETS
from zoo_fine_grained_expressivity.specs.models import ARCHITECTURES, MODELS
from zoo_fine_grained_expressivity.specs.paper import PAPER

ZOO_API = 2

zoo_papers = hookimpl(lambda: [PAPER])
zoo_architectures = hookimpl(lambda: ARCHITECTURES)
zoo_models = hookimpl(lambda: MODELS)
zoo_datasets = hookimpl(lambda: DATASETS)
