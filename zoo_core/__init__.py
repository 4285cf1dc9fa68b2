"""The plugin author's door: the hook marker, the specs, the errors, and where files come from.

A plugin imports from here alone (and from `zoo_core.testing` in its tests); users ``import zoo``.
"""

from zoo_core.hooks import hookimpl
from zoo_core.interfaces import Finding, Run
from zoo_core.specs import (
    API_LEVEL,
    Architecture,
    Claim,
    Dataset,
    File,
    Metric,
    Model,
    Paper,
)

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
    "Run",
    "hookimpl",
]
