"""`dataset`, `metric`, `predict` and `evaluate`: data to a model, what it yields to a metric."""

from __future__ import annotations

import inspect
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo_core._loading import building
from zoo_core._loading.models import Source, load
from zoo_core._registry.registry import registry
from zoo_core._registry.results import Result, provenance
from zoo_core._registry.specs import Model
from zoo_core.errors import BadInput, closest

if TYPE_CHECKING:
    import torch
    import torchmetrics


def dataset(name: str, **options: Any) -> Any:
    """Return a dataset by name; `options` are those that its spec lists (a fold, say).

    Raises `UnknownName`, `BadInput` for an option it does not take, `DataError` when its files
    cannot be had or are not what their hashes promise.
    """
    spec = registry().dataset(name)
    for key in options:
        if key not in spec.options:
            takes = ", ".join(spec.options) or "none"
            raise BadInput(f"Dataset {name} has no option {key!r}; it takes {takes}.")
    return building.resolve(spec.factory)(**{**spec.config, **options})


def open_data(name: str, options: Mapping[str, Any], reader: str | None) -> Any:
    """Return the registered dataset of that name, or what an architecture's reader makes of a file.

    Raises what `dataset` raises, and `BadInput` for a name that is neither.
    """
    if reader is None or name in registry().datasets:
        return dataset(name, **options)
    if not Path(name).exists():
        raise BadInput(
            f"{name!r} is neither a file nor a dataset"
            f"{closest(name, registry().datasets.specs)} See `zoo list --datasets`."
        )
    read = building.resolve(reader)
    building.check_config(read, {"path": name, **options}, f"the reader of {name}")
    return read(path=name, **options)


def metric(name: str, **options: Any) -> torchmetrics.Metric:
    """Return a fresh `torchmetrics.Metric` by name; `options` go to its constructor.

    Raises `UnknownName`, and `BadInput` when the constructor refuses the options.
    """
    spec = registry().metric(name)
    try:
        made: torchmetrics.Metric = building.resolve(spec.factory)(**{**spec.config, **options})
    except (TypeError, ValueError) as error:
        raise BadInput(f"Metric {name} cannot be made with {options}: {error}.") from error
    return made


def predict(model: str | torch.nn.Module, *sources: Any, **options: Any) -> Any:
    """Return what a model makes of what a person has (a graph, a file, a prompt).

    `model` is a module or a name. See the module's own `predict` for sources and options.
    Raises `BadInput` for anything unusable, and what `load` raises.
    """
    module = load(model) if isinstance(model, str) else model
    method = _method(module, "predict")
    label = f"predict of {label_of(module)}"
    building.check_options(method, options, label)
    try:
        inspect.signature(method).bind(*sources, **options)
    except TypeError as error:
        raise BadInput(f"{label} cannot be called so: {error}.") from error
    return method(*sources, **options)


def evaluate(
    model: str | torch.nn.Module,
    data: Any = None,
    *,
    split: str = "test",
    metrics: Sequence[str] = (),
    options: Mapping[str, Any] | None = None,
    **more: Any,
) -> list[Result]:
    """Measure a model on a split of a dataset: one `Result` for each metric.

    `data` is a dataset's name or object, or a file that the architecture reads (default: what
    the model was trained on, with the same options). `metrics` are by default those of the model,
    or of the registered models of its architecture. `options` go to the dataset; those whose names
    are no argument's here may be keywords. Raises what `load` and `dataset` raise, and `BadInput`.
    """
    options = {**(options or {}), **more}
    module = load(model) if isinstance(model, str) else model
    label = label_of(module)
    source: Source | None = getattr(module, "zoo_source", None)
    if data is None:
        if source is None:
            raise BadInput(f"{label} has no dataset of its own; write evaluate(model, 'NAME').")
        data, options = source.dataset, {**source.options, **options}
    started = time.perf_counter()
    named, loaded = type(data).__name__, data
    if isinstance(data, str):
        reader = source.architecture.reader if source else None
        named, loaded = data, open_data(data, options, reader)
    spec = registry().model(label) if label in registry().models else None
    found = measure(module, loaded, split, metrics or _usual_metrics(spec, source))
    known = {}
    if spec is not None:
        words = ["zoo evaluate", label]
        if (named, options) != (spec.dataset, dict(spec.options)):
            words += ["--dataset", named, *(f"--option {k}={v}" for k, v in options.items())]
        words += [] if split == "test" else ["--split", split]
        seconds = time.perf_counter() - started
        known = provenance(registry().owner(spec), seconds, " ".join(words))
    return [
        Result(
            model=label,
            method=label,
            kind="checkpoint",
            dataset=named,
            options=options,
            split=split,
            metric=name,
            values=[value],
            **known,
        )
        for name, value in found.items()
    ]


def _usual_metrics(spec: Model | None, source: Source | None) -> Sequence[str]:
    """Return a model's metrics, or those of the registered models of the same architecture."""
    if spec is None and source is not None:
        alike = (m for m in registry().models if m.architecture == source.architecture.name)
        spec = next(alike, None)
    return spec.metrics if spec else ("accuracy",)


def measure(
    module: torch.nn.Module, data: Any, split: str, metrics: Sequence[str]
) -> dict[str, float]:
    """Return the values of the metrics for one module on one split of a loaded dataset."""
    import torch

    given = getattr(data, "metric_options", {})
    meters: dict[str, torchmetrics.Metric] = {}
    with torch.no_grad():
        for batch in _method(module, "outputs_and_targets")(data, split):
            # Made late: what is wrong with the data the module tells better than a metric.
            meters = meters or {name: metric(name, **_taken(name, given)) for name in metrics}
            for meter in meters.values():
                meter.update(*batch)
    if not meters:
        raise BadInput(f"{label_of(module)} found nothing to measure in the split {split!r}.")
    return {name: float(meter.compute()) for name, meter in meters.items()}


def _taken(name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of a dataset's metric options that this metric takes."""
    parameters = inspect.signature(building.resolve(registry().metric(name).factory)).parameters
    return {key: value for key, value in options.items() if key in parameters}


def _method(module: torch.nn.Module, name: str) -> Any:
    method = getattr(module, name, None)
    if method is None:
        raise BadInput(f"{label_of(module)} has no {name}; see zoo_core.interfaces.Model.")
    return method


def label_of(module: torch.nn.Module) -> str:
    """Return the name that a module was loaded by, or its class's name."""
    source: Source | None = getattr(module, "zoo_source", None)
    return source.label if source else type(module).__name__


def over_runs(
    modules: Sequence[torch.nn.Module], data: Sequence[Any], metrics: Sequence[str]
) -> dict[str, list[float]]:
    """Return each metric's values over runs: module i measured on the test split of data i."""
    rows = [measure(m, d, "test", metrics) for m, d in zip(modules, data, strict=True)]
    return {name: [row[name] for row in rows] for name in metrics}
