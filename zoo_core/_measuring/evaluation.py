"""`metric`, `predict` and `evaluate`: data to a model, what it yields to a metric."""

from __future__ import annotations

import inspect
import os
import shlex
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any

from zoo_core._loading import making
from zoo_core._loading.devices import dtype_of, in_dtype, name_of, supported_dtype
from zoo_core._loading.models import Source, load
from zoo_core._measuring import calling, opening
from zoo_core._measuring.metrics import factory_of
from zoo_core._plain import plain
from zoo_core._registry.registry import registry
from zoo_core._registry.results import Result, provenance
from zoo_core._registry.specs import Architecture, Model
from zoo_core._rows import Rows
from zoo_core.errors import BadInput, OutputError

if TYPE_CHECKING:
    import torch
    import torchmetrics


def metric(name: str, **options: Any) -> torchmetrics.Metric:
    """Return a fresh `torchmetrics.Metric` by name; `options` go to its constructor.

    Raises `UnknownName`, and `BadInput` when the constructor refuses the options.

    >>> type(zoo.metric("accuracy", num_classes=2)).__name__
    'MulticlassAccuracy'
    """
    spec = registry().metric(name)
    try:
        made: torchmetrics.Metric = factory_of(spec.factory)(**{**spec.config, **plain(options)})
    except (TypeError, ValueError) as error:
        raise BadInput(f"Metric {name} cannot be made with {options}: {error}.") from error
    return made


def predict(
    model: str | os.PathLike[str] | torch.nn.Module,
    *sources: Any,
    device: str | int | torch.device | None = None,
    dtype: str | torch.dtype | None = None,
    strict: bool = False,
    **options: Any,
) -> Any:
    """Return what a model makes of what a person has: a file, a graph, a table, a prompt.

    `model` is a module, or what `zoo.load` takes; `device` where it runs (a module goes back to
    where it was), `dtype` the floating type in which it does (a module stays in its own). A source
    is one of these, as the module's own `predict` takes them:

    =====================  ===========================================================
    a dataset's name       "cora": the registered dataset (not for models that take texts)
    a file or folder       "mine.npz", ``Path("folder")``
    a Dataset object       what `zoo.dataset` returns
    anything in memory     networkx and PyG graphs, ``(edges, features)``, arrays, tensors, data
                           frames, lists of graphs, texts
    =====================  ===========================================================

    `strict` makes an error of everything that would be dropped, merged or filled in with a notice
    (`zoo_core.Notice`). `options` are the module's own. Raises `BadInput` for anything unusable,
    and what `load` raises.

    `sources` are one or several; without one, a model that carries data of its own predicts these.

    >>> rows = zoo.predict("powerembed-sbm-dense")  # the nodes that the model carries
    >>> sorted(rows[0])
    ['label', 'node', 'score']
    """
    module = prepared(model, dtype)
    method = _method(module, "predict")
    label = f"predict of {label_of(module)}"
    making.check_options(method, options, label)
    options = plain(options)
    sources = tuple(calling.opened(method, sources))
    try:
        inspect.signature(method).bind(*sources, **options)
    except TypeError as error:
        raise BadInput(f"{label} cannot be called so: {error}.") from error
    with calling.undisturbed(module, device), calling.strictly_if(strict):
        answer = method(*sources, **options)
    if not isinstance(answer, Iterator):
        return answer
    return calling.piecewise(module, device, answer, strict=strict)


def evaluate(
    model: str | os.PathLike[str] | torch.nn.Module | Sequence[str | os.PathLike[str]],
    data: Any = None,
    *,
    split: str = "test",
    metrics: Sequence[str] = (),
    options: Mapping[str, Any] | None = None,
    device: str | int | torch.device | None = None,
    dtype: str | torch.dtype | None = None,
    batch_size: int | None = None,
    strict: bool = False,
    jobs: int | None = None,
    cluster: str | None = None,
    executor: Executor | None = None,
    again: bool = False,
    **more: Any,
) -> Rows[Result]:
    """Measure a model on a split of some data: one `Result` for each metric.

    They come in a list that prints as a table; the `value` of a list of one is its number.

    `model` is a module, or what `zoo.load` takes. `data` are one of these (default: what the model
    was trained on, with the same options):

    =====================  ===========================================================
    a dataset's name       "cora"; `options` are the dataset's (a fold, say)
    a file or folder       "mine.npz", ``Path("folder")``, read by the architecture's reader;
                           `options` are the reader's
    a Dataset object       what `zoo.dataset` returns, or any object with splits
    anything in memory     networkx and PyG graphs, ``(edges, features)``, arrays, data frames,
                           lists of graphs, as the architecture's reader takes them
    =====================  ===========================================================

    `metrics` are by default those of the model, or of the registered models of its architecture,
    and what the module's `more_metrics` adds for the split. Options whose names are no argument's
    here may be keywords (`more`). `strict` makes an error of everything that would be dropped,
    merged or filled in with a notice (`zoo_core.Notice`). A result says so in its `note` when the
    data are those that the model was trained on, cut in another way. Raises what `load` and
    `dataset` raise, `BadInput`, and `OutputError` when the model gives NaN.

    `device` is where the model is run, `dtype` the floating type in which it is (a result in half
    precision says so), and `batch_size` how many examples go at once, where the model has batches.

    `model` may be a list of names. Each is a part by itself, as a single name is with one of
    `jobs` (so many processes), `cluster` (the address of a Dask scheduler) or `executor` (any
    `concurrent.futures.Executor`). What the same code has measured before on the same data is then
    not measured again, unless `again`; what a part raised is raised when all others are done.

    >>> measured = zoo.evaluate("powerembed-sbm-dense", split="test")
    >>> measured[0].metric, round(measured.value, 2)
    ('accuracy', 0.99)
    """
    options = plain({**(options or {}), **more})
    elsewhere = {"jobs": jobs, "cluster": cluster, "executor": executor}
    in_parts = again or any(one is not None for one in elsewhere.values())
    if in_parts or (isinstance(model, Sequence) and not isinstance(model, str)):
        from zoo_core._measuring import each  # late: it measures with what is here

        how = {"split": split, "metrics": metrics, "options": options, "strict": strict}
        how |= {"device": device, "dtype": dtype, "batch_size": batch_size}
        return Rows(each.evaluate_each(model, data, again=again, elsewhere=elsewhere, **how))
    module = prepared(model, dtype)
    label = label_of(module)
    source: Source | None = vars(module).get("zoo_source")
    if data is None:
        data, options = _own_data(source, label), {**(source.options if source else {}), **options}
    started = time.perf_counter()
    architecture = _architecture_of(module)
    spec = registry().model(label) if label in registry().models else None
    with calling.strictly_if(strict):
        loaded = opening.open_data(data, options, architecture.reader if architecture else None)
        named = opening.recorded(data)
        found = measure(
            module,
            loaded,
            split,
            metrics
            or with_more(usual_metrics(spec, architecture), module, loaded, split, of=named),
            of=named,
            device=device,
            batch_size=plain(batch_size),
        )
    known, others, seen = {}, _of_others(source), _seen_before(source, named, options)
    if spec is not None and not others:
        seconds = time.perf_counter() - started
        command = _command(spec, data, options, split, dtype)
        known = provenance(registry().owner(spec), seconds, command)
    return Rows(
        Result(
            model=label,
            method=label,
            kind="checkpoint",
            dataset=named,
            options=opening.as_recorded(options),
            split=split,
            metric=name,
            values=[value],
            note=", ".join(filter(None, [others or seen, _in_half(module)])),
            **known,
        )
        for name, value in found.items()
    )


def prepared(
    model: str | os.PathLike[str] | torch.nn.Module, dtype: str | torch.dtype | None
) -> torch.nn.Module:
    """Return a model to be run in a floating type: loaded in it, or a given module's copy.

    Raises what `load` raises, and `BadInput` for a type that is not declared.
    """
    if isinstance(model, str | os.PathLike):
        return load(model, dtype=dtype)
    return in_dtype(model, supported_dtype(dtype, _architecture_of(model), label_of(model)))


def _in_half(module: torch.nn.Module) -> str:
    """Say when a module computes in half precision; "" otherwise."""
    kinds = {name_of(tensor.dtype) for tensor in (*module.parameters(), *module.buffers())}
    return "".join(f"measured in {kind}" for kind in ("float16", "bfloat16") if kind in kinds)


def _own_data(source: Source | None, label: str) -> str:
    """Return the data that a model was trained on; raises `BadInput` where they are not kept."""
    if source is None:
        raise BadInput(f"{label} has no dataset of its own; write evaluate(model, 'NAME').")
    if source.dataset is None:
        raise BadInput(
            f"{label} was trained on data in memory ({source.in_memory}), which are not kept; give "
            "data: evaluate(model, DATA)."
        )
    return source.dataset


def _architecture_of(module: torch.nn.Module) -> Architecture | None:
    """Return the architecture that made a module; None for a module from elsewhere."""
    made: making.Made | None = vars(module).get("zoo_made")
    return registry().architecture(made.architecture) if made else None


def _command(
    spec: Model,
    data: Any,
    options: Mapping[str, Any],
    split: str,
    dtype: str | torch.dtype | None,
) -> str:
    """Return the command that measures so again; for data in memory, what was called."""
    kind, asked = opening.not_kept(data, options), dtype_of(dtype)
    if kind:
        told = f", dtype={name_of(asked)!r}" if asked else ""
        return f"zoo.evaluate({spec.name!r}, DATA, split={split!r}{told}) in Python, DATA a {kind}"
    words = ["zoo evaluate", spec.name]
    if not (opening.recorded(data) == spec.dataset and options == dict(spec.options)):
        words += ["--dataset", shlex.quote(opening.recorded(data))]
        words += [f"--option {shlex.quote(f'{k}={v}')}" for k, v in options.items()]
    words += [] if split == "test" else ["--split", split]
    return " ".join([*words, *(["--dtype", name_of(asked)] if asked else [])])


def _of_others(source: Source | None) -> str:
    """Say when weights are not those that a model's name stands for; "" otherwise."""
    if source is None or source.sha256 is not None:
        return ""
    return f"the weights are those of {source.path}, not {source.label}'s own"


def _seen_before(source: Source | None, named: str, options: Mapping[str, Any]) -> str:
    """Say when data are those of the training, cut in another way; "" otherwise."""
    if source is None or named != source.dataset:
        return ""
    registered = registry().datasets.specs.get(named)
    harmless = registered.test_options if registered else ()
    before, after = (
        {key: value for key, value in one.items() if key not in harmless}
        for one in (source.options, opening.as_recorded(options))
    )
    if before == after:
        return ""
    own, now = (
        ", ".join(f"{k}={v}" for k, v in one.items()) or "the default options"
        for one in (before, after)
    )
    return (
        f"{source.label} was trained on {named} with {own}: what is measured with {now} may hold "
        "data that it was trained on, so this is no test result"
    )


def usual_metrics(spec: Model | None, architecture: Architecture | None) -> Sequence[str]:
    """Return a model's metrics, or those of the registered models of the same architecture."""
    if spec is None and architecture is not None:
        alike = (m for m in registry().models if m.architecture == architecture.name)
        spec = next(alike, None)
    return spec.metrics if spec else ("accuracy",)


def with_more(
    metrics: Sequence[str], module: torch.nn.Module, data: Any, split: str, *, of: str | None
) -> list[str]:
    """Return the usual metrics, and those that a module adds for a split of a loaded dataset."""
    more = getattr(module, "more_metrics", None)
    added = () if more is None else more(opening.split(data, split, of=of))
    return list(dict.fromkeys([*metrics, *added]))


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

    `module` is measured as it is, in eval mode, where `device` says (default: where it is); `data`
    is a Dataset object, `split_name` one of its splits, `metrics` registered names, and
    `batch_size` how many examples go through at once, where the model has batches. The values are
    the metrics' own, without their scale: 0.874 for 87.4 %.

    >>> module = zoo.load("powerembed-sbm-dense")
    >>> graph = zoo.dataset("sbm-dense", fold=0)
    >>> found = zoo_core.measure(module, graph, "test", ["accuracy"], of="sbm-dense")
    >>> round(found["accuracy"], 2)
    0.99
    """
    view = opening.split(data, split_name, of=of)
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
                taken = [_wide(_output(outputs, name, spec.name, label)) for name in spec.takes]
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


def _wide(value: Any) -> Any:
    """Return half-precision outputs in float32, as a metric's sums are beyond their range."""
    import torch

    half = (torch.float16, torch.bfloat16)
    return value.float() if isinstance(value, torch.Tensor) and value.dtype in half else value


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
