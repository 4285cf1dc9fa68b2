"""The Weisfeiler-Leman tests and their variants (arXiv:2201.07083), with kernels and classifiers.

The rules are in `zoo_graphs.colour_refinement` (1-WL) and `refinement/tuples.py` (k = 2, 3), and
once more without hashing in `refinement/exact.py`; `verdicts.py` has the tests as modules,
`classifier.py` the fitted models, `kernels.py` the scikit-learn transformers.
"""

from zoo_core import hookimpl
from zoo_wl_tutorial.specs.data import DATASETS
from zoo_wl_tutorial.specs.models import ARCHITECTURES, MODELS
from zoo_wl_tutorial.specs.paper import PAPER

ZOO_API = 2

zoo_papers = hookimpl(lambda: (PAPER,))
zoo_architectures = hookimpl(lambda: ARCHITECTURES)
zoo_models = hookimpl(lambda: MODELS)
zoo_datasets = hookimpl(lambda: DATASETS)
