"""PowerEmbed (arXiv:2209.12054): the paper, its architectures, pretrained models and claims.

The method is in `power.py` and `powerembed.py`, what it is compared with in `baselines/`, the
recipes in `train.py`; each model's operator, hops and mode were chosen on validation data by
`select.py`, whose figures are in `results/selection`.
"""

from zoo_core import hookimpl
from zoo_powerembed.specs.models import ARCHITECTURES, MODELS
from zoo_powerembed.specs.paper import PAPER

ZOO_API = 2

zoo_papers = hookimpl(lambda: (PAPER,))
zoo_architectures = hookimpl(lambda: ARCHITECTURES)
zoo_models = hookimpl(lambda: MODELS)
