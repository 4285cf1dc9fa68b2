"""The plugin author's door: all that a plugin may use of the core is importable from here.

Specs and the hook marker are light; everything else is imported when it is first asked for, so
that listing pays for none of it. What tests need is in `zoo_core.testing`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from zoo_core._registry.hooks import hookimpl
from zoo_core._registry.specs import (
    API_LEVEL,
    Architecture,
    Base,
    Claim,
    Dataset,
    File,
    Metric,
    Model,
    Paper,
    Picture,
    Start,
)

if TYPE_CHECKING:
    from zoo_core._authoring.protocols import protocol
    from zoo_core._authoring.resuming import Progress
    from zoo_core._authoring.training import train
    from zoo_core._disk import sha256_of, whole_file, write_json
    from zoo_core._loading.devices import device_of_module
    from zoo_core._loading.files import available, fetch
    from zoo_core._loading.models import create, inputs_of, load
    from zoo_core._loading.repositories import Repository
    from zoo_core._loading.weights import read_tensors
    from zoo_core._measuring.evaluation import dataset, evaluate, measure, metric, predict, split
    from zoo_core._measuring.statistics import Estimate, estimate, paired, together
    from zoo_core._registry.results import stored, stored_claims
    from zoo_core.errors import (
        BadInput,
        DataError,
        HubError,
        OutputError,
        PluginError,
        SpecError,
        UnknownName,
        WeightsError,
        ZooError,
        closest,
    )
    from zoo_core.interfaces import Finding, Make, Media, Run, Split, Verdict

_HOMES = {
    "_authoring.protocols": "protocol",
    "_authoring.resuming": "Progress",
    "_authoring.training": "train",
    "_disk": "sha256_of whole_file write_json",
    "_loading.devices": "device_of_module",
    "_loading.files": "available fetch",
    "_loading.models": "create inputs_of load",
    "_loading.repositories": "Repository",
    "_loading.weights": "read_tensors",
    "_measuring.evaluation": "dataset evaluate measure metric predict split",
    "_measuring.statistics": "Estimate estimate paired together",
    "_registry.results": "stored stored_claims",
    "errors": (
        "BadInput DataError HubError OutputError PluginError SpecError UnknownName WeightsError "
        "ZooError closest"
    ),
    "interfaces": "Finding Make Media Run Split Verdict",
}
_LATE = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = [
    "API_LEVEL",
    "Architecture",
    "BadInput",
    "Base",
    "Claim",
    "DataError",
    "Dataset",
    "Estimate",
    "File",
    "Finding",
    "HubError",
    "Make",
    "Media",
    "Metric",
    "Model",
    "OutputError",
    "Paper",
    "Picture",
    "PluginError",
    "Progress",
    "Repository",
    "Run",
    "SpecError",
    "Split",
    "Start",
    "UnknownName",
    "Verdict",
    "WeightsError",
    "ZooError",
    "available",
    "closest",
    "create",
    "dataset",
    "device_of_module",
    "estimate",
    "evaluate",
    "fetch",
    "hookimpl",
    "inputs_of",
    "load",
    "measure",
    "metric",
    "paired",
    "predict",
    "protocol",
    "read_tensors",
    "sha256_of",
    "split",
    "stored",
    "stored_claims",
    "together",
    "train",
    "whole_file",
    "write_json",
]


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module 'zoo_core' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"zoo_core.{_LATE[name]}"), name)
    globals()[name] = value
    return value
