"""The test kit for plugin authors.

    from zoo_core.testing import for_each_check

    @for_each_check("mypaper", shapes={"mynet": {"in_features": 16, "num_classes": 3}})
    def test_contract(check):
        check()

makes one pytest item of each property of each model and architecture of a paper. Each of the
`CHECKS` can also be called alone, with a model's name. `make_run` returns what a recipe gets, and
`check_listing` tells whether the plugin is light to list.

A symmetry, as `Architecture.symmetries` names it, is a function ``symmetry(inputs, generator)``
that returns ``(inputs2, act)`` such that ``module(*inputs2) == act(module(*inputs))``: it draws a
group element from the generator, applies it to the inputs of `forward`, and says how the outputs
follow. Inputs and outputs are tensors, dense or sparse, or nested tuples, lists and mappings.

Installed with the core is a pytest plugin with the fixtures `zoo_here` (the shell, in this
process), `no_network` (data come from the mirror and the cache alone) and `data_or_skip` (a dataset
by name), and the hypothesis profile "zoo" (``--hypothesis-profile=zoo``): the same examples in
every run, and no verdict on a busy machine's speed.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zoo_core.testing.checks import (
        CHECKS,
        UNTRAINED_CHECKS,
        Subject,
        check_complete,
        trained,
        untrained,
    )
    from zoo_core.testing.fixtures import Outcome
    from zoo_core.testing.items import for_each_check, make_run
    from zoo_core.testing.listing import HEAVY, check_listing

_HOMES = {
    "CHECKS": "checks",
    "HEAVY": "listing",
    "Outcome": "fixtures",
    "Subject": "checks",
    "UNTRAINED_CHECKS": "checks",
    "check_complete": "checks",
    "check_listing": "listing",
    "for_each_check": "items",
    "make_run": "items",
    "trained": "checks",
    "untrained": "checks",
}

__all__ = [
    "CHECKS",
    "HEAVY",
    "UNTRAINED_CHECKS",
    "Outcome",
    "Subject",
    "check_complete",
    "check_listing",
    "for_each_check",
    "make_run",
    "trained",
    "untrained",
]


def __getattr__(name: str) -> Any:
    # The pytest plugin is in this package: a test run that needs no torch must not import it.
    home = _HOMES.get(name, "checks" if name.startswith("check_") else None)
    if home is None:
        raise AttributeError(f"module 'zoo_core.testing' has no attribute {name!r}")
    return getattr(importlib.import_module(f"zoo_core.testing.{home}"), name)
