"""`dataset`, `metric`, `predict` and `evaluate`: data to a model, what it yields to a metric."""

from __future__ import annotations

import inspect
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo_core._loading import making
from zoo_core._loading.models import Source, load
from zoo_core._measuring import calling
from zoo_core._measuring.metrics import factory_of
from zoo_core._registry.registry import registry
from zoo_core._registry.results import Result, provenance
from zoo_core._registry.specs import Model
from zoo_core.errors import BadInput, OutputError, closest

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
    return making.resolve(spec.factory)(**{**spec.config, **options})


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
    read = making.resolve(reader)
    making.check_arguments(read, {"path": name, **options}, f"the reader of {name}")
    return read(path=name, **options)


def split(data: Any, name: str, *, of: str | None = None) -> Any:
    """Return the view of one split of a dataset; every name is checked here.

    `of` is the registered dataset's name, whose spec lists the splits where the object does not.
    Raises `BadInput` for a split that the data do not have.
    """
    names = getattr(data, "splits", None)
    if names is None and of is not None and of in registry().datasets:
        names = registry().dataset(of).splits
    label = of or type(data).__name__
    if not callable(getattr(data, "split", None)) or names is None:
        raise BadInput(f"{label} has no splits; see zoo_core.interfaces.Dataset.")
    if name not in names:
        raise BadInput(
            f"{label} has no split {name!r}{closest(name, names)} It has {', '.join(names)}."
        )
    return data.split(name)


def metric(name: str, **options: Any) -> torchmetrics.Metric:
    """Return a fresh `torchmetrics.Metric` by name; `options` go to its constructor.

    Raises `UnknownName`, and `BadInput` when the constructor refuses the options.
    """
    spec = registry().metric(name)
    try:
        made: torchmetrics.Metric = factory_of(spec.factory)(**{**spec.config, **options})
    except (TypeError, ValueError) as error:
        raise BadInput(f"Metric {name} cannot be made with {options}: {error}.") from error
    return made


def predict(
    model: str | torch.nn.Module,
    *sources: Any,
    device: str | int | torch.device | None = None,
    **options: Any,
) -> Any:
    """Return what a model makes of what a person has (a graph, a file, a prompt).

    `model` is a module or a name, `device` where it runs (a module goes back to where it was). See
    the module's own `predict` for sources and options. Raises `BadInput` for anything unusable, and
    what `load` raises.
    """
    module = load(model) if isinstance(model, str) else model
    method = _method(module, "predict")
    label = f"predict of {label_of(module)}"
    making.check_options(method, options, label)
    try:
        inspect.signature(method).bind(*sources, **options)
    except TypeError as error:
        raise BadInput(f"{label} cannot be called so: {error}.") from error
    with calling.undisturbed(module, device):
        answer = method(*sources, **options)
    return calling.piecewise(module, device, answer) if isinstance(answer, Iterator) else answer


def evaluate(
    model: str | torch.nn.Module,
    data: Any = None,
    *,
    split: str = "test",
    metrics: Sequence[str] = (),
    options: Mapping[str, Any] | None = None,
    device: str | int | torch.device | None = None,
    batch_size: int | None = None,
    **more: Any,
) -> list[Result]:
    """Measure a model on a split of a dataset: one `Result` for each metric.

    `data` is a dataset's name or object, or a file that the architecture reads (default: what
    the model was trained on, with the same options). `metrics` are by default those of the model,
    or of the registered models of its architecture. `options` go to the dataset; those whose names
    are no argument's here may be keywords. A result says so in its `note` when the data are those
    that the model was trained on, cut in another way. Raises what `load` and `dataset` raise,
    `BadInput`, and `OutputError` when the model gives NaN.
    """
    options = {**(options or {}), **more}
    module = load(model) if isinstance(model, str) else model
    label = label_of(module)
    source: Source | None = vars(module).get("zoo_source")
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
    found = measure(
        module,
        loaded,
        split,
        metrics or _usual_metrics(spec, source),
        of=named,
        device=device,
        batch_size=batch_size,
    )
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
            note=_seen_before(source, named, options),
            **known,
        )
        for name, value in found.items()
    ]


def _seen_before(source: Source | None, named: str, options: Mapping[str, Any]) -> str:
    """Say when data are those of the training, cut in another way; "" otherwise."""
    if source is None or named != source.dataset or dict(options) == dict(source.options):
        return ""
    own, now = (
        ", ".join(f"{k}={v}" for k, v in one.items()) or "the default options"
        for one in (source.options, options)
    )
    return (
        f"{source.label} was trained on {named} with {own}: what is measured with {now} may hold "
        "data that it was trained on, so this is no test result"
    )


def _usual_metrics(spec: Model | None, source: Source | None) -> Sequence[str]:
    """Return a model's metrics, or those of the registered models of the same architecture."""
    if spec is None and source is not None:
        alike = (m for m in registry().models if m.architecture == source.architecture.name)
        spec = next(alike, None)
    return spec.metrics if spec else ("accuracy",)


def measure(
    module: torch.nn.Module,
    data: Any,
    split_name: str,
    metrics: Sequence[str],
    *,
    of: str | None = None,
    device: str | int | torch.device | None = None,
    batch_size: int | None = None,
) -> dict[str, float]:
    """Return the values of the metrics for one module on one split of a loaded dataset.

    `of` is the dataset's registered name. Raises `BadInput` for a split that the data do not have
    and for metrics that do not take what the model yields, `OutputError` for NaN.
    """
    view = split(data, split_name, of=of)
    specs = [registry().metric(name) for name in metrics]
    given = getattr(data, "metric_options", {})
    label = label_of(module)
    method = _method(module, "outputs")
    more = {} if batch_size is None else {"batch_size": batch_size}
    making.check_options(method, more, label)
    meters: dict[str, torchmetrics.Metric] = {}
    with calling.undisturbed(module, device):
        for number, outputs in enumerate(method(view, **more)):
            _check_numbers(module, outputs, f"batch {number} of the split {split_name!r}")
            for spec in specs:
                taken = [_output(outputs, name, spec.name, label) for name in spec.takes]
                if spec.name not in meters:
                    # Made late: what is wrong with the data the module tells better than a metric.
                    meters[spec.name] = metric(spec.name, **_taken(spec.name, given))
                    calling.follow(meters[spec.name], taken)
                _update(meters[spec.name], taken, spec.name, label)
        if not meters:
            raise BadInput(f"{label} found nothing to measure in the split {split_name!r}.")
        return {name: float(meter.compute()) for name, meter in meters.items()}


def _output(outputs: Mapping[str, Any], name: str, metric_name: str, label: str) -> Any:
    if not isinstance(outputs, Mapping):
        raise BadInput(
            f"outputs of {label} yielded a {type(outputs).__name__}; expected outputs by name, "
            "such as {'logits': …, 'target': …}."
        )
    if name not in outputs:
        raise BadInput(
            f"Metric {metric_name} takes {name!r}, which {label} does not yield; it yields "
            f"{', '.join(outputs)}. Choose another --metric (`zoo list --metrics`)."
        )
    return outputs[name]


def _update(meter: torchmetrics.Metric, taken: Sequence[Any], name: str, label: str) -> None:
    try:
        meter.update(*taken)
    except (ValueError, RuntimeError, TypeError, IndexError) as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        raise BadInput(
            f"Metric {name} cannot take what {label} yields ({reason}); choose another --metric."
        ) from error


def _check_numbers(module: torch.nn.Module, outputs: Any, where: str) -> None:
    """Raise `OutputError` for NaN, and for infinities in outputs that do not declare them."""
    import torch

    if not isinstance(outputs, Mapping):
        return
    infinite = making.infinite_outputs(module)
    for name, value in outputs.items():
        if not isinstance(value, torch.Tensor) or not value.is_floating_point():
            continue
        bad = value.isnan() if name in infinite else ~value.isfinite()
        if bool(bad.any()):
            what = "NaN" if bool(value.isnan().any()) else "an infinite value"
            raise OutputError(
                f"{label_of(module)} gave {what} as {name!r} in {where}: that is no result. Look "
                "at its weights and at these data."
            )


def _taken(name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of a dataset's metric options that this metric takes."""
    parameters = inspect.signature(factory_of(registry().metric(name).factory)).parameters
    return {key: value for key, value in options.items() if key in parameters}


def _method(module: torch.nn.Module, name: str) -> Any:
    method = getattr(module, name, None)
    if method is None:
        raise BadInput(f"{label_of(module)} has no {name}; see zoo_core.interfaces.Model.")
    return method


def label_of(module: torch.nn.Module) -> str:
    """Return the name that a module was loaded by, or its class's name."""
    source: Source | None = vars(module).get("zoo_source")
    return source.label if source else type(module).__name__
