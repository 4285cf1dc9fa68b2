"""Deep learning with label noise, a hierarchical approach (arXiv:2205.14299): paper and models.

The tree is in `hierarchy.py`, its files in `files.py`, one that is induced in `induction.py`; the
classifier is in `classifier.py`, its recipes in `train.py`, the noise at each level in
`noise_levels.py`.
"""

from zoo_core import hookimpl
from zoo_hierarchical_label_noise.specs.data import DATASETS, METRICS
from zoo_hierarchical_label_noise.specs.models import ARCHITECTURES, MODELS
from zoo_hierarchical_label_noise.specs.paper import PAPER

ZOO_API = 2

zoo_papers = hookimpl(lambda: [PAPER])
zoo_architectures = hookimpl(lambda: ARCHITECTURES)
zoo_models = hookimpl(lambda: MODELS)
zoo_datasets = hookimpl(lambda: DATASETS)
zoo_metrics = hookimpl(lambda: METRICS)
