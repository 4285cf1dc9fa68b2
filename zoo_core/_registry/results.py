"""Results as data: what was measured, with which seeds and versions, kept beside the specs.

Each plugin keeps ``results/MODEL.json`` (measured numbers and stored predictions of one model) and
``results/claims.json`` (the verdicts of its paper's claims). Cards and tables are made from these.
Listing reads them, so what only measuring and writing need is imported late.
"""

from __future__ import annotations

import functools
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from zoo_core._registry.registry import Plugin, registry
from zoo_core._registry.specs import Metric
from zoo_core.errors import BadInput, PluginError


@dataclass(frozen=True, kw_only=True)
class Result:
    """One measured number: model, dataset, split and metric, with spread and number of runs.

    `kind` is "checkpoint" for the shipped weights on their own split, "retrained" for the mean of
    the recipe over the protocol's runs. `method` is the model's name, or a baseline's label.
    `shape` and `recipe` are what was trained anew; `note` says what the number is not. `difference`
    is that of a baseline on data of one's own: the method minus it, as mean, low and high.
    """

    model: str
    method: str
    kind: Literal["checkpoint", "retrained"]
    dataset: str
    options: Mapping[str, Any]
    split: str
    metric: str
    values: Sequence[float]
    seeds: Sequence[int] = ()
    shape: Mapping[str, Any] = field(default_factory=dict)
    recipe: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    difference: Mapping[str, float] | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    date: str = ""
    seconds: float = 0.0
    command: str = ""

    @property
    def value(self) -> float:
        """The number: the mean over the runs."""
        return math.fsum(self.values) / len(self.values)

    @property
    def std(self) -> float | None:
        """The sample standard deviation over the runs; None for a single one."""
        return _std(tuple(self.values)) if len(self.values) > 1 else None

    @property
    def key(self) -> tuple[str, ...]:
        """What a newer measurement of the same thing replaces."""
        return (self.method, self.kind, self.dataset, self.split, self.metric)

    def shown(self, metric: Metric) -> str:
        """Return the number for people, in the metric's unit, with spread and number of runs."""
        text = f"{self.value * metric.scale:.{1 if metric.scale != 1 else 4}f}"
        if self.std is not None:
            text += f" ± {self.std * metric.scale:.{1 if metric.scale != 1 else 4}f}"
        return f"{text} {metric.unit}".rstrip()

    def ahead(self, metric: Metric) -> str:
        """Return the difference for people, ± half of its interval; "" where there is none."""
        if self.difference is None:
            return ""
        mean, low, high = (self.difference[key] * metric.scale for key in ("mean", "low", "high"))
        unit = "points" if metric.unit == "%" else metric.unit
        whole, half = ("+.1f", ".1f") if metric.scale != 1 else ("+.3g", ".2g")
        return f"{mean:{whole}} ± {(high - low) / 2:{half}} {unit}".rstrip()

    def as_row(self) -> dict[str, str]:
        """Return what people read of the result, by the names of a table's columns."""
        metrics = registry().metrics
        value = self.shown(metrics.get(self.metric)) if self.metric in metrics else self.value
        return {
            "method": self.method,
            "dataset": self.dataset,
            "options": ", ".join(f"{key} {one}" for key, one in self.options.items()),
            "split": self.split,
            "metric": self.metric,
            "measured": str(value),
            "runs": str(len(self.values)) if len(self.values) > 1 else "",
            "note": self.note,
        }

    def as_json(self) -> dict[str, Any]:
        """Return the result as JSON values, with its mean and standard deviation."""
        content = {**asdict(self), "value": self.value, "std": self.std}
        if self.difference is None:
            del content["difference"]
        return content


@functools.lru_cache(maxsize=4096)
def _std(values: tuple[float, ...]) -> float:
    """Return the sample standard deviation; exact, and so slow that it is kept."""
    import statistics

    return statistics.stdev(values)


def stored(model: str) -> list[Result]:
    """Return the results that a model's plugin keeps.

    `model` is a registered name. Raises `UnknownName`, and `PluginError` for a file of results that
    cannot be read.

    >>> {row.metric for row in zoo_core.stored("powerembed-sbm-dense")}
    {'accuracy'}
    """
    return stored_in(_file(model))


def stored_in(path: Path) -> list[Result]:
    """Return the results that a file keeps; none where there is no file."""
    return [result_of(row) for row in section(path, "measured", [])]


def result_of(row: Mapping[str, Any]) -> Result:
    """Return the result that `Result.as_json` made JSON values of."""
    names = Result.__dataclass_fields__
    return Result(**{key: row[key] for key in row if key in names})


def section(path: Path, name: str, default: Any) -> Any:
    """Return one part of what a file of results keeps."""
    return _read(path).get(name, default)


def store(results: Sequence[Result]) -> None:
    """Keep results with their models' plugins, in place of older ones of the same thing."""
    for model in {result.model for result in results}:
        store_in(_file(model), [result for result in results if result.model == model])


def store_in(path: Path, new: Sequence[Result], **sections: Any) -> None:
    """Keep results in a file, in place of older ones of the same thing, and other sections."""
    keys = {result.key for result in new}

    def added() -> dict[str, Any]:
        kept = [result for result in stored_in(path) if result.key not in keys]
        rows = [row.as_json() for row in sorted([*kept, *new], key=lambda row: row.key)]
        return {**sections, "measured": rows}

    _update(path, added)


def stored_predictions(model: str) -> dict[str, Any] | None:
    """Return the outputs on a fixed input that a model must still give, and their tolerance."""
    predictions: dict[str, Any] | None = _read(_file(model)).get("predictions")
    return predictions


def store_predictions(model: str, predictions: Mapping[str, Any]) -> None:
    """Keep the predictions of new weights; numbers measured with older weights are dropped."""

    def changed() -> dict[str, Any]:
        rows = [row.as_json() for row in stored(model) if row.kind != "checkpoint"]
        return {"predictions": dict(predictions), "measured": rows}

    _update(_file(model), changed)


def stored_claims(paper: str) -> dict[str, dict[str, Any]]:
    """Return the stored findings of a paper's claims, by the claims' names."""
    return _read(_claims_file(paper))


def figures(paper: str, claim: str) -> Mapping[str, Any]:
    """Return the stored figures of one claim, for pictures.

    Raises `UnknownName` for another paper, `BadInput` when nothing is stored of the claim.

    >>> paper = zoo.info("gcn")["paper"]
    >>> sorted(zoo_core.figures(paper, "T1"))[:1]
    ['sbm-dense all']
    """
    found: Mapping[str, Any] = stored_claims(paper).get(claim, {}).get("figures", {})
    if not found:
        raise BadInput(
            f"No figures of claim {claim!r} of {paper} are stored; run "
            f"`zoo verify {paper} --claim {claim} --store`."
        )
    return found


def store_claims(paper: str, findings: Mapping[str, Mapping[str, Any]]) -> None:
    """Keep findings in place of older ones of the same claims."""
    _update(_claims_file(paper), lambda: findings)


def stored_sizes(dataset: str) -> dict[str, Any]:
    """Return what is kept of the size of a registered dataset, {} where nothing is.

    "bytes" are those of the files that it takes by default, "splits" the items of each split.
    """
    sizes: dict[str, Any] = _read(_data_file(dataset)).get(dataset, {})
    return sizes


def store_sizes(dataset: str, sizes: Mapping[str, Any]) -> None:
    """Keep the size of a dataset with its plugin."""
    _update(_data_file(dataset), lambda: {dataset: dict(sizes)})


def provenance(plugin: Plugin, seconds: float, command: str) -> dict[str, Any]:
    """Return what is kept beside a number: versions, date, seconds, command."""
    import datetime

    return {
        "versions": versions(plugin),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "seconds": round(seconds, 1),
        "command": command,
    }


def versions(plugin: Plugin) -> dict[str, str]:
    """Return the versions of Python, the core, the plugin, and what the plugin requires."""
    import platform
    from importlib.metadata import PackageNotFoundError, version

    names = {"zoo-core", "torchmetrics", "safetensors"}
    for requirement in plugin.requires:
        if ";" not in requirement:
            names.add(re.split(r"[\s<>=!~\[(]", requirement, maxsplit=1)[0])
    found = {plugin.distribution: plugin.version}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return {"python": platform.python_version(), **dict(sorted(found.items()))}


def _file(model: str) -> Path:
    return registry().owner(registry().model(model)).results / f"{model}.json"


def _claims_file(paper: str) -> Path:
    known = registry()
    return known.papers.owners[known.paper(paper).name].results / "claims.json"


def _data_file(dataset: str) -> Path:
    known = registry()
    return known.datasets.owners[known.dataset(dataset).name].results / "data.json"


def _read(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise PluginError(f"{path} is not valid JSON ({error}); restore or delete it.") from error
    return content


def _update(path: Path, new: Callable[[], Mapping[str, Any]]) -> None:
    """Put sections in a file, made from what it has while no other process writes it."""
    from zoo_core._disk import one_writer, write_json

    with one_writer(path):
        write_json(path, {**_read(path), **new()})
