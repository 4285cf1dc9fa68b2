"""The weights of the best epoch, kept while a recipe trains on."""

from __future__ import annotations

import copy
from collections.abc import Mapping

from torch import Tensor, nn

from zoo_core.errors import BadInput


class BestEpoch:
    """The weights that a module had at its least validation error.

    `least` is that error, and `since` how many epochs have passed after it.

    >>> from torch import nn
    >>> module = nn.Linear(1, 1)
    >>> best = zoo_core.BestEpoch(module)
    >>> for error in (0.5, 0.2, 0.3):
    ...     best.saw(error)
    >>> best.since, best.restore()
    (1, 0.2)
    """

    def __init__(self, module: nn.Module) -> None:
        self.module, self.least, self.since = module, float("inf"), 0
        self._weights: Mapping[str, Tensor] = {}

    def saw(self, error: float) -> None:
        """Take an epoch's validation error; NaN is never the least."""
        self.since += 1
        if error < self.least:
            self.least, self.since = error, 0
            self._weights = copy.deepcopy(self.module.state_dict())

    def restore(self) -> float:
        """Give the module these weights, in eval mode, and return their error.

        Raises `BadInput` where the error never was a number.
        """
        if not self._weights:
            raise BadInput("Training diverged: the error was never a number; lower learning_rate.")
        self.module.load_state_dict(self._weights)
        self.module.eval()
        return self.least
