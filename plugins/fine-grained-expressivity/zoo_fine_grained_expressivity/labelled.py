"""The graphs and classes of one split of a labelled set, for the classifiers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from zoo_graphs.graph_set import GraphSet

from zoo_core.errors import BadInput


def labelled_split(data: Any, split: str, class_names: Sequence[str]) -> tuple[GraphSet, Tensor]:
    """Return one split's graphs and classes (g,) int64.

    Raises:
        BadInput: not a labelled set of graphs, an unknown split, or classes of other names.
    """
    if not isinstance(data, GraphSet) or data.labels is None:
        raise BadInput(f"A {type(data).__name__} is no labelled set of graphs; give one.")
    if split not in data.splits:
        raise BadInput(f"There is no split {split!r}; use one of {', '.join(data.splits)}.")
    if list(data.class_names) != list(class_names):
        raise BadInput(
            f"The data's classes are {', '.join(data.class_names)}, but this model's are "
            f"{', '.join(class_names)}; give data with the same classes."
        )
    chosen = data.splits[split]
    return data.select(chosen), torch.from_numpy(data.labels[chosen])
