"""What lists show of the registry: a plain row a name, in natural order.

Rows are JSON values, so that `zoo_core._registry.index` can keep them: a list needs no plugin then.
What a list or a completion shows or filters by has to be in a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zoo_core._registry.registry import Registry
from zoo_core._registry.results import Result, stored
from zoo_core._registry.specs import Model
from zoo_core.errors import PluginError

Row = dict[str, Any]
FIELDS: Mapping[str, tuple[str, ...]] = {
    "papers": ("name", "title", "year"),
    "architectures": ("name", "paper", "task", "summary"),
    "datasets": ("name", "title", "license", "task"),
    "metrics": ("name", "title"),
    "commands": ("name", "summary", "command"),
}
"""What a row of each kind has of its spec; rows of papers and models have more (see below)."""


def rows_of(known: Registry) -> dict[str, list[Row]]:
    """Return the rows of each kind: models, papers, architectures, datasets, metrics, commands."""
    rows = {
        kind: [{name: getattr(spec, name) for name in fields} for spec in getattr(known, kind)]
        for kind, fields in FIELDS.items()
    }
    for row, paper in zip(rows["papers"], known.papers, strict=True):
        row["claims"] = {claim.name: claim.statement for claim in paper.claims}
        row["pictures"] = {picture.name: picture.caption for picture in paper.pictures}
    for row, dataset in zip(rows["datasets"], known.datasets, strict=True):
        row["splits"] = list(dataset.splits)
    models = [spec for spec in known.models if spec.architecture in known.architectures]
    return {"models": [_model(spec, known) for spec in models], **rows}


def _model(spec: Model, known: Registry) -> Row:
    """Return a model's row; `parameters` and `size` are None while it has no weights.

    `fitted` counts the values that an estimator without parameters was fitted to, and is None for
    any other model. `converted` says that the weights are made of upstream files (``zoo import``),
    `exports` which formats it can be written in.
    `results` maps each metric that is measured of the checkpoint on its own test split to the
    `value`, to it as it is `shown` to people, and to whether `higher` is better (None where the
    plugin that brings the metric is missing).
    """
    architecture = known.architecture(spec.architecture)
    lock = known.lock(spec) or {}
    return {
        "name": spec.name,
        "summary": spec.summary,
        "architecture": spec.architecture,
        "paper": architecture.paper,
        "task": architecture.task,
        "dataset": spec.dataset,
        "license": spec.license,
        "metrics": list(spec.metrics),
        "parameters": lock.get("parameters"),
        "fitted": lock.get("buffers", 0) if lock and not lock["parameters"] else None,
        "size": lock.get("size"),
        "converted": spec.convert is not None,
        "exports": list(architecture.formats),
        "results": {row.metric: _result(row, known) for row in reversed(headlines(spec))},
    }


def headlines(spec: Model) -> list[Result]:
    """Return the results that stand for a model: its checkpoint's, on its own test split."""
    try:
        rows = stored(spec.name)
    except PluginError:
        return []  # one plugin's unreadable results must not end the list of all
    return [row for row in rows if row.kind == "checkpoint" and row.split == "test"]


def _result(row: Result, known: Registry) -> Row:
    # A list goes on when the plugin that brings a metric is broken; the number is shown as it is.
    metric = known.metric(row.metric) if row.metric in known.metrics else None
    return {
        "value": row.value,
        "shown": f"{row.metric} {row.shown(metric) if metric else row.value}",
        "higher": metric.higher_is_better if metric else None,
    }
