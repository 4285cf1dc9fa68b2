"""The user's door to the zoo: pretrained models from research papers, by name.

    import zoo
    model = zoo.load("powerembed-cora")

Everything is loaded lazily: importing this module, and listing, import no torch.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zoo_core._authoring.comparison import compare
    from zoo_core._authoring.training import train
    from zoo_core._authoring.verifying import verify
    from zoo_core._loading.models import create, load
    from zoo_core._measuring.evaluation import evaluate, metric, predict
    from zoo_core._measuring.opening import dataset
    from zoo_core._measuring.representations import embed
    from zoo_core._publishing.exporting import export
    from zoo_core._publishing.publishing import publish
    from zoo_core._registry.listing import (
        info,
        list_architectures,
        list_datasets,
        list_metrics,
        list_models,
        list_papers,
    )
    from zoo_core._rows import Rows
    from zoo_core.errors import (
        BadInput,
        DataError,
        HubError,
        OutputError,
        PluginError,
        UnknownName,
        WeightsError,
        WorkerError,
        ZooError,
    )

_HOMES = {
    "BadInput": "zoo_core.errors",
    "DataError": "zoo_core.errors",
    "HubError": "zoo_core.errors",
    "OutputError": "zoo_core.errors",
    "PluginError": "zoo_core.errors",
    "Rows": "zoo_core._rows",
    "UnknownName": "zoo_core.errors",
    "WeightsError": "zoo_core.errors",
    "WorkerError": "zoo_core.errors",
    "ZooError": "zoo_core.errors",
    "compare": "zoo_core._authoring.comparison",
    "create": "zoo_core._loading.models",
    "dataset": "zoo_core._measuring.opening",
    "embed": "zoo_core._measuring.representations",
    "evaluate": "zoo_core._measuring.evaluation",
    "export": "zoo_core._publishing.exporting",
    "info": "zoo_core._registry.listing",
    "list_architectures": "zoo_core._registry.listing",
    "list_datasets": "zoo_core._registry.listing",
    "list_metrics": "zoo_core._registry.listing",
    "list_models": "zoo_core._registry.listing",
    "list_papers": "zoo_core._registry.listing",
    "load": "zoo_core._loading.models",
    "metric": "zoo_core._measuring.evaluation",
    "predict": "zoo_core._measuring.evaluation",
    "publish": "zoo_core._publishing.publishing",
    "train": "zoo_core._authoring.training",
    "verify": "zoo_core._authoring.verifying",
}

__all__ = [
    "BadInput",
    "DataError",
    "HubError",
    "OutputError",
    "PluginError",
    "Rows",
    "UnknownName",
    "WeightsError",
    "WorkerError",
    "ZooError",
    "compare",
    "create",
    "dataset",
    "embed",
    "evaluate",
    "export",
    "info",
    "list_architectures",
    "list_datasets",
    "list_metrics",
    "list_models",
    "list_papers",
    "load",
    "metric",
    "predict",
    "publish",
    "train",
    "verify",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'zoo' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
