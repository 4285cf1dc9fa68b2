"""What there is: names with wildcards, filters and sorting, and all that is known of one name."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from zoo_core._notices import Notice
from zoo_core._registry.registry import Registry, Shelf, matches, natural, registry
from zoo_core._registry.results import Result, stored, stored_claims
from zoo_core._registry.specs import Model
from zoo_core.errors import BadInput, PluginError, UnknownName, closest


def list_models(
    pattern: str | Iterable[str] = "*",
    *,
    exclude: str | Iterable[str] = (),
    paper: str | None = None,
    task: str | None = None,
    dataset: str | None = None,
    metric: str | None = None,
    license: str | None = None,
    max_parameters: int | None = None,
    sort: str = "name",
    untrained: bool = False,
) -> list[str]:
    """Return the names of the models that fit all filters, with wildcards in each.

    `sort` is "name" (natural order), "parameters" (smallest first) or "result" (best first, by
    the first metric, or `metric`). Models without weights are left out unless `untrained`. What is
    hidden because plugins clash or are broken is said by a `zoo_core.Notice`.
    """
    known = registry()
    for sentence in known.hidden:
        warnings.warn(sentence, Notice, stacklevel=2)
    tests: list[tuple[str | None, Callable[[Model], str | Iterable[str]]]] = [
        (paper, lambda spec: known.architecture(spec.architecture).paper),
        (task, lambda spec: known.architecture(spec.architecture).task),
        (dataset, lambda spec: spec.dataset),
        (license, lambda spec: spec.license),
        (metric, lambda spec: spec.metrics),
    ]
    found = []
    for spec in known.models.specs.values():
        lock = known.lock(spec)
        if not matches(spec.name, pattern, exclude) or (lock is None and not untrained):
            continue
        if spec.architecture not in known.architectures:
            continue
        if not all(_any(wanted, value(spec)) for wanted, value in tests if wanted):
            continue
        if max_parameters is not None and (not lock or lock["parameters"] > max_parameters):
            continue
        found.append(spec)
    return [spec.name for spec in _sorted(found, known, sort, metric)]


def _any(pattern: str, values: str | Iterable[str]) -> bool:
    several = [values] if isinstance(values, str) else values
    return any(matches(value, pattern) for value in several)


def _sorted(specs: list[Model], known: Registry, sort: str, metric: str | None) -> list[Model]:
    def parameters(spec: Model) -> Any:
        return ((known.lock(spec) or {}).get("parameters", 0), natural(spec.name))

    def result(spec: Model) -> Any:
        row = headline(spec, metric)
        if row is None or row.metric not in known.metrics:
            return (1, 0.0, natural(spec.name))
        better = known.metric(row.metric).higher_is_better
        return (0, -row.value if better else row.value, natural(spec.name))

    keys = {"name": lambda spec: natural(spec.name), "parameters": parameters, "result": result}
    if sort not in keys:
        raise BadInput(f"Cannot sort by {sort!r}{closest(sort, keys)} Expected {', '.join(keys)}.")
    return sorted(specs, key=keys[sort])


def headline(spec: Model, metric: str | None = None) -> Result | None:
    """Return the result that stands for a model: its checkpoint's, on its own test split."""
    wanted = metric or spec.metrics[0]
    try:
        rows = stored(spec.name)
    except PluginError:
        return None  # one plugin's unreadable results must not end the list of all
    for row in rows:
        if row.kind == "checkpoint" and row.split == "test" and row.metric == wanted:
            return row
    return None


def _names(shelf: Shelf[Any], pattern: str | Iterable[str]) -> list[str]:
    return [spec.name for spec in shelf if matches(spec.name, pattern)]


def list_architectures(pattern: str | Iterable[str] = "*") -> list[str]:
    """Return the names of the architectures that `zoo.create` makes."""
    return _names(registry().architectures, pattern)


def list_datasets(pattern: str | Iterable[str] = "*") -> list[str]:
    """Return the names of the datasets."""
    return _names(registry().datasets, pattern)


def list_metrics(pattern: str | Iterable[str] = "*") -> list[str]:
    """Return the names of the metrics."""
    return _names(registry().metrics, pattern)


def list_papers(pattern: str | Iterable[str] = "*") -> list[str]:
    """Return the names of the papers."""
    return _names(registry().papers, pattern)


def info(name: str) -> dict[str, Any]:
    """Return all that is known of a model, paper, architecture, dataset or metric, as JSON values.

    Raises `UnknownName` for a name that is none of these.
    """
    known = registry()
    shelves: Mapping[str, Shelf[Any]] = {
        "model": known.models,
        "paper": known.papers,
        "architecture": known.architectures,
        "dataset": known.datasets,
        "metric": known.metrics,
    }
    for kind, shelf in shelves.items():
        if name in shelf or name in shelf.clashes:
            spec = shelf.get(name)
            facts = {"kind": kind, **dataclasses.asdict(spec)}
            facts["distribution"] = shelf.owners[name].distribution
            if isinstance(spec, Model):
                facts["weights"] = known.lock(spec)
                facts["paper"] = known.paper_of(spec).name
                facts["results"] = [row.as_json() for row in stored(name)]
            if kind == "paper":
                facts["findings"] = stored_claims(name)
            return facts
    everything = [spec.name for shelf in shelves.values() for spec in shelf]
    raise UnknownName(
        f"There is nothing named {name!r} here{closest(name, everything)}{known.hint(name)}"
    )
