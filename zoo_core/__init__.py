"""The plugin author's door: the hook marker, the specs, the errors, and where files come from.

A plugin imports from here alone (and from `zoo_core.testing` in its tests); users ``import zoo``.
"""

from typing import TYPE_CHECKING, Any

from zoo_core.hooks import hookimpl
from zoo_core.specs import (
    API_LEVEL,
    Architecture,
    Claim,
    Dataset,
    File,
    Metric,
    Model,
    Paper,
    Picture,
)

if TYPE_CHECKING:
    from zoo_core.interfaces import Finding, Run

__all__ = [
    "API_LEVEL",
    "Architecture",
    "Claim",
    "Dataset",
    "File",
    "Finding",
    "Metric",
    "Model",
    "Paper",
    "Picture",
    "Run",
    "hookimpl",
]


def __getattr__(name: str) -> Any:
    # Only checks and recipes need these two; every command would pay for importing them.
    if name not in ("Finding", "Run"):
        raise AttributeError(f"module 'zoo_core' has no attribute {name!r}")
    from zoo_core import interfaces

    return getattr(interfaces, name)
