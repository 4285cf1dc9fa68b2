"""The plugin author's door: all that a plugin may use of the core is importable from here.

Everything is imported when it is first asked for, so that listing pays for none of it. What tests
need is in `zoo_core.testing`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zoo_core._authoring.best import BestEpoch
    from zoo_core._authoring.protocols import protocol
    from zoo_core._authoring.resuming import Progress
    from zoo_core._authoring.retraining import retrained
    from zoo_core._authoring.scaffold import create_plugin
    from zoo_core._authoring.training import train, train_nothing
    from zoo_core._disk import sha256_of, whole_file, write_json
    from zoo_core._loading.devices import device_of_module
    from zoo_core._loading.files import available, fetch, zoo_home
    from zoo_core._loading.models import create, inputs_of, load
    from zoo_core._loading.repositories import Repository
    from zoo_core._loading.weights import read_tensors
    from zoo_core._measuring.evaluation import evaluate, measure, metric, predict
    from zoo_core._measuring.judging import rounded
    from zoo_core._measuring.opening import dataset, split
    from zoo_core._notices import Notice, notice, strictly
    from zoo_core._plain import plain
    from zoo_core._publishing.registered import registered
    from zoo_core._publishing.spaces import publish_space
    from zoo_core._registry.bounds import Bound, exact, gain, order, value
    from zoo_core._registry.commands import Command
    from zoo_core._registry.hooks import hookimpl
    from zoo_core._registry.results import figures, stored
    from zoo_core._registry.specs import (
        API_LEVEL,
        Amendment,
        Architecture,
        Base,
        Claim,
        Contrast,
        Dataset,
        File,
        Metric,
        Model,
        Paper,
        Picture,
        Start,
        claims_in,
    )
    from zoo_core._shell.group import Verb, Verbs
    from zoo_core._shell.options import as_json
    from zoo_core._shell.printing import print_json
    from zoo_core._statistics import (
        bootstrap,
        estimate,
        paired,
        resampled,
        runs_needed,
        together,
    )
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
    from zoo_core.interfaces import Estimate, Finding, Make, Media, Quantity, Run, Split, Verdict

_HOMES = {
    "_authoring.best": "BestEpoch",
    "_authoring.protocols": "protocol",
    "_authoring.resuming": "Progress",
    "_authoring.retraining": "retrained",
    "_authoring.scaffold": "create_plugin",
    "_authoring.training": "train train_nothing",
    "_disk": "sha256_of whole_file write_json",
    "_loading.devices": "device_of_module",
    "_loading.files": "available fetch zoo_home",
    "_loading.models": "create inputs_of load",
    "_loading.repositories": "Repository",
    "_loading.weights": "read_tensors",
    "_measuring.judging": "rounded",
    "_notices": "Notice notice strictly",
    "_plain": "plain",
    "_measuring.evaluation": "evaluate measure metric predict",
    "_measuring.opening": "dataset split",
    "_statistics": "bootstrap estimate paired resampled runs_needed together",
    "_publishing.registered": "registered",
    "_publishing.spaces": "publish_space",
    "_registry.bounds": "Bound exact gain order value",
    "_registry.commands": "Command",
    "_registry.hooks": "hookimpl",
    "_registry.results": "figures stored",
    "_registry.specs": (
        "API_LEVEL Amendment Architecture Base Claim Contrast Dataset File Metric Model Paper "
        "Picture Start claims_in"
    ),
    "_shell.group": "Verb Verbs",
    "_shell.options": "as_json",
    "_shell.printing": "print_json",
    "errors": (
        "BadInput DataError HubError OutputError PluginError SpecError UnknownName WeightsError "
        "ZooError closest"
    ),
    "interfaces": "Estimate Finding Make Media Quantity Run Split Verdict",
}
_LATE = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = [
    "API_LEVEL",
    "Amendment",
    "Architecture",
    "BadInput",
    "Base",
    "BestEpoch",
    "Bound",
    "Claim",
    "Command",
    "Contrast",
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
    "Notice",
    "OutputError",
    "Paper",
    "Picture",
    "PluginError",
    "Progress",
    "Quantity",
    "Repository",
    "Run",
    "SpecError",
    "Split",
    "Start",
    "UnknownName",
    "Verb",
    "Verbs",
    "Verdict",
    "WeightsError",
    "ZooError",
    "as_json",
    "available",
    "bootstrap",
    "claims_in",
    "closest",
    "create",
    "create_plugin",
    "dataset",
    "device_of_module",
    "estimate",
    "evaluate",
    "exact",
    "fetch",
    "figures",
    "gain",
    "hookimpl",
    "inputs_of",
    "load",
    "measure",
    "metric",
    "notice",
    "order",
    "paired",
    "plain",
    "predict",
    "print_json",
    "protocol",
    "publish_space",
    "read_tensors",
    "registered",
    "resampled",
    "retrained",
    "rounded",
    "runs_needed",
    "sha256_of",
    "split",
    "stored",
    "strictly",
    "together",
    "train",
    "train_nothing",
    "value",
    "whole_file",
    "write_json",
    "zoo_home",
]


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module 'zoo_core' has no attribute {name!r}")
    found = getattr(importlib.import_module(f"zoo_core.{_LATE[name]}"), name)
    globals()[name] = found
    return found
