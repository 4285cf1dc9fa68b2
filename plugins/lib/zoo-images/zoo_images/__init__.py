"""Images for the zoo: readers, preprocessing, backbones, training, and pinned datasets.

Only hooks live here, so that registering imports nothing heavy; see `zoo_images.image_set`,
`zoo_images.reading`, `zoo_images.preprocessing` and `zoo_images.classifier` for what plugins use.
"""

from zoo_core import hookimpl
from zoo_images.specs.data import DATASETS

ZOO_API = 2

zoo_datasets = hookimpl(lambda: DATASETS)
