"""What there is: names with wildcards, filters and sorting, and all that is known of one name.

Lists need only rows (`zoo_core._registry.index`), so nothing that reads plugins is imported here
before it is needed.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from zoo_core._notices import Notice
from zoo_core._registry import index
from zoo_core._registry.names import matches
from zoo_core.errors import BadInput, UnknownName, closest

if TYPE_CHECKING:
    from zoo_core._registry.registry import Shelf
    from zoo_core._registry.rows import Row


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
    hidden because plugins clash or are broken is said by a `zoo_core.Notice`. Licences are
    compared without case. A fitted estimator counts by its fitted values, having no parameters.

    `pattern` and `exclude` are wildcards, one or several, and `paper`, `task`, `dataset`, `metric`
    and `license` a wildcard each; `max_parameters` is a number of parameters. Raises `BadInput` for
    a wrong `sort`.

    >>> zoo.list_models("powerembed-sbm-*", task="node-*")
    ['powerembed-sbm-dense']
    """
    rows = model_rows(
        pattern,
        exclude=exclude,
        paper=paper,
        task=task,
        dataset=dataset,
        metric=metric,
        license=license,
        max_parameters=max_parameters,
        sort=sort,
        untrained=untrained,
    )
    return [row["name"] for row in rows]


def model_rows(
    pattern: str | Iterable[str] = "*",
    *,
    exclude: str | Iterable[str] = (),
    max_parameters: int | None = None,
    sort: str = "name",
    metric: str | None = None,
    untrained: bool = False,
    **filters: str | None,
) -> list[Row]:
    """Return what lists show of the models that `list_models` names."""
    filters |= {"metrics": metric}
    patterns = [pattern] if isinstance(pattern, str) else list(pattern)
    excludes = [exclude] if isinstance(exclude, str) else list(exclude)
    rows, known = index.listed()
    for sentence in known.hidden if known else ():
        warnings.warn(sentence, Notice, stacklevel=3)
    found = []
    for row in rows["models"]:
        there = row["parameters"] is not None
        if not matches(row["name"], patterns, excludes) or not (there or untrained):
            continue
        if not _fits(row, filters):
            continue
        if max_parameters is not None and not (there and _size(row) <= max_parameters):
            continue
        found.append(row)
    return _sorted(found, sort, metric)


def _fits(row: Row, filters: Mapping[str, str | None]) -> bool:
    """Tell whether a row's fields fit their wildcards; those of licences without case."""
    return all(
        _any(wanted.casefold(), row[name].casefold())
        if name == "license"
        else _any(wanted, row[name])
        for name, wanted in filters.items()
        if wanted
    )


def _any(pattern: str, values: str | Iterable[str]) -> bool:
    several = [values] if isinstance(values, str) else values
    return any(matches(value, pattern) for value in several)


def _size(row: Row) -> int:
    """Return how many parameters a model has, or fitted values where it has no parameters."""
    return row["parameters"] or row["fitted"] or 0


def _sorted(rows: list[Row], sort: str, metric: str | None) -> list[Row]:
    def result(row: Row) -> tuple[int, float]:
        found = row["results"].get(metric or row["metrics"][0])
        if found is None or found["higher"] is None:
            return (1, 0.0)
        return (0, -found["value"] if found["higher"] else found["value"])

    keys: dict[str, Callable[[Row], Any]] = {
        "name": lambda row: 0,  # rows come in natural order, and sorting is stable
        "parameters": _size,
        "result": result,
    }
    if sort not in keys:
        raise BadInput(f"Cannot sort by {sort!r}{closest(sort, keys)} Expected {', '.join(keys)}.")
    return sorted(rows, key=keys[sort])


def rows(
    kind: str,
    pattern: str | Iterable[str] = "*",
    *,
    exclude: str | Iterable[str] = (),
    **filters: str | None,
) -> list[Row]:
    """Return what lists show of papers, architectures, datasets or metrics."""
    patterns = [pattern] if isinstance(pattern, str) else list(pattern)
    excludes = [exclude] if isinstance(exclude, str) else list(exclude)
    return [
        row
        for row in index.listed()[0][kind]
        if matches(row["name"], patterns, excludes) and _fits(row, filters)
    ]


def _names(kind: str, pattern: str | Iterable[str], **filters: Any) -> list[str]:
    return [row["name"] for row in rows(kind, pattern, **filters)]


def list_architectures(
    pattern: str | Iterable[str] = "*",
    *,
    exclude: str | Iterable[str] = (),
    paper: str | None = None,
    task: str | None = None,
) -> list[str]:
    """Return the names of the architectures that `zoo.create` makes, and that fit all filters.

    `pattern` and `exclude` are wildcards, one or several, `paper` and `task` a wildcard each.
    Raises nothing: an empty list says that nothing fits.

    >>> zoo.list_architectures("gc*", task="node-classification")
    ['gcn', 'gcnii']
    """
    return _names("architectures", pattern, exclude=exclude, paper=paper, task=task)


def list_datasets(
    pattern: str | Iterable[str] = "*",
    *,
    exclude: str | Iterable[str] = (),
    task: str | None = None,
    license: str | None = None,
) -> list[str]:
    """Return the names of the datasets that fit all filters.

    `pattern` and `exclude` are wildcards, one or several, `task` and `license` a wildcard each.
    Raises nothing: an empty list says that nothing fits.

    >>> zoo.list_datasets("sbm-dense")
    ['sbm-dense']
    """
    return _names("datasets", pattern, exclude=exclude, task=task, license=license)


def list_metrics(
    pattern: str | Iterable[str] = "*", *, exclude: str | Iterable[str] = ()
) -> list[str]:
    """Return the names of the metrics.

    `pattern` and `exclude` are wildcards, one or several. Raises nothing: an empty list says that
    nothing fits.

    >>> zoo.list_metrics(["accuracy", "m?e"], exclude="mse")
    ['accuracy', 'mae']
    """
    return _names("metrics", pattern, exclude=exclude)


def list_papers(
    pattern: str | Iterable[str] = "*", *, exclude: str | Iterable[str] = ()
) -> list[str]:
    """Return the names of the papers.

    `pattern` and `exclude` are wildcards, one or several. Raises nothing: an empty list says that
    nothing fits.

    >>> zoo.info("gcn")["paper"] in zoo.list_papers()
    True
    """
    return _names("papers", pattern, exclude=exclude)


def some_broken() -> bool:
    """Tell whether a plugin could not be loaded; asks only what a list has read before."""
    # An index is used only where no plugin is broken, and then nothing has read them.
    read = sys.modules.get("zoo_core._registry.registry")
    return read is not None and bool(read.registry().broken)


def info(name: str, *, kind: str | None = None) -> dict[str, Any]:
    """Return all that is known of a model, paper, architecture, dataset or metric, as JSON values.

    `kind` is one of these words, for a name that several things have (default: the first of
    them). Raises `UnknownName` for a name that is none of these.

    >>> facts = zoo.info("powerembed-sbm-dense")
    >>> facts["kind"], facts["dataset"]
    ('model', 'sbm-dense')
    """
    import dataclasses

    from zoo_core._registry.registry import registry
    from zoo_core._registry.results import stored, stored_claims
    from zoo_core._registry.specs import Model

    kind, spec = found(name, kind)
    facts = {"kind": kind, **dataclasses.asdict(spec)}
    known = registry()
    facts["distribution"] = _shelves()[kind].owners[name].distribution
    if isinstance(spec, Model):
        facts["weights"] = known.lock(spec)
        facts["paper"] = known.paper_of(spec).name
        facts["results"] = [row.as_json() for row in stored(name)]
    if kind == "paper":
        facts["findings"] = stored_claims(name)
    return facts


def kinds_of(name: str) -> list[str]:
    """Return the kinds of things that have a name: "model", "paper", …"""
    return [kind for kind, shelf in _shelves().items() if name in shelf or name in shelf.clashes]


def found(name: str, kind: str | None = None) -> tuple[str, Any]:
    """Return the kind and the spec of what has a name; raises `UnknownName`, as `info` does."""
    from zoo_core._registry.registry import registry

    shelves = _shelves()
    if kind is not None:
        if kind not in shelves:
            raise BadInput(f"There is no kind {kind!r}{closest(kind, shelves)} See `zoo.info`.")
        return kind, shelves[kind].get(name, registry().hint)
    for kind in kinds_of(name):
        return kind, shelves[kind].get(name)
    everything = [spec.name for shelf in shelves.values() for spec in shelf]
    raise UnknownName(
        f"There is nothing named {name!r} here{closest(name, everything)}{registry().hint(name)}"
    )


def _shelves() -> Mapping[str, Shelf[Any]]:
    from zoo_core._registry.registry import registry

    known = registry()
    return {
        "model": known.models,
        "paper": known.papers,
        "architecture": known.architectures,
        "dataset": known.datasets,
        "metric": known.metrics,
    }
