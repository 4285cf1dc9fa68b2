"""Model cards: Markdown pages for the Hub, made from specs and stored results, never typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined

from zoo_core.errors import WeightsError
from zoo_core.registry import Registry, registry
from zoo_core.results import Result, stored, stored_claims
from zoo_core.specs import Model, Paper
from zoo_core.weights import whole_file

TEMPLATE = "card.md.j2"
_OURS = "\nlibrary_name: zoo\n"


def render(name: str) -> str:
    """Return a model's card: a YAML header that the Hub reads, and the page.

    Raises `UnknownName`, and `WeightsError` for a model that has no weights yet.
    """
    known = registry()
    spec = known.model(name)
    lock = known.lock(spec)
    if lock is None:
        raise WeightsError(
            f"{name} has no weights yet, so no card; run `zoo train {name} --embed`."
        )
    rows = stored(name)
    paper = known.paper_of(spec)
    template = _environment().get_template(TEMPLATE)
    page: str = template.render(
        header=_header(known, spec, paper, rows),
        spec=spec,
        paper=paper,
        architecture=known.architecture(spec.architecture),
        dataset=known.dataset(spec.dataset),
        distribution=known.owner(spec).distribution,
        lock=lock,
        checkpoint=[
            {**_row(known, row), "published": _published(known, spec, row.metric)}
            for row in rows
            if row.kind == "checkpoint"
        ],
        protocol=_protocol(known, spec, [row for row in rows if row.kind == "retrained"]),
        claims=_claims(spec, paper),
        versions=next((row.versions for row in rows), {}),
        hyperparameters={**known.architecture(spec.architecture).config, **spec.config},
    )
    return page


def write_all(
    names: Sequence[str], folder: Path, *, check: bool = False, prune: bool = False
) -> list[str]:
    """Write the cards that differ from what is in `folder`; return their names.

    With `check` nothing is written. With `prune`, cards of no listed model count as differing and
    are removed (cards only: other pages in the folder are left alone).
    """
    stale = []
    for name in names:
        path, page = folder / f"{name}.md", render(name)
        if path.exists() and path.read_text(encoding="utf-8") == page:
            continue
        stale.append(name)
        if not check:
            with whole_file(path) as part:
                part.write_text(page, encoding="utf-8")
    if prune:
        for path in sorted(folder.glob("*.md")):
            if path.stem not in names and _OURS in path.read_text(encoding="utf-8"):
                stale.append(path.stem)
                if not check:
                    path.unlink()
    return stale


def _environment() -> Environment:
    # Markdown for people and the Hub: nothing is HTML, so nothing is escaped as HTML.
    environment = Environment(
        loader=PackageLoader("zoo_core"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["cell"] = lambda text: " ".join(str(text).split()).replace("|", "\\|")
    return environment


def _header(known: Registry, spec: Model, paper: Paper, rows: Sequence[Result]) -> str:
    architecture = known.architecture(spec.architecture)
    dataset = known.dataset(spec.dataset)
    metrics = [
        {
            "type": row.metric,
            "name": known.metric(row.metric).title,
            "value": round(row.value, 6),
            "verified": False,
        }
        for row in rows
        if row.kind == "checkpoint"
    ]
    task = {"type": architecture.task}
    data = {"type": spec.dataset, "name": dataset.title, "split": "test"}
    license = spec.license.lower() if spec.license != "NOASSERTION" else "other"
    header: dict[str, Any] = {
        "license": license,
        "library_name": "zoo",
        "tags": list(dict.fromkeys(["zoo", paper.name, architecture.name, architecture.task])),
        "datasets": [spec.dataset],
        "metrics": list(spec.metrics),
        "model-index": [
            {"name": spec.name, "results": [{"task": task, "dataset": data, "metrics": metrics}]}
        ],
    }
    if paper.arxiv:
        header["tags"].append(f"arxiv:{paper.arxiv}")
    text: str = yaml.safe_dump(header, sort_keys=False, allow_unicode=True, width=100)
    return text.rstrip()


def _row(known: Registry, row: Result) -> dict[str, Any]:
    metric = known.metric(row.metric)
    return {
        "metric": metric.title,
        "shown": row.shown(metric),
        "dataset": row.dataset,
        "split": row.split,
        "options": ", ".join(f"{key} {value}" for key, value in row.options.items()),
        "runs": len(row.values),
        "command": row.command,
        "date": row.date,
    }


def _published(known: Registry, spec: Model, name: str) -> str:
    if name not in spec.published:
        return "—"
    value, source = spec.published[name]
    metric = known.metric(name)
    return f"{value * metric.scale:g} {metric.unit} ({source})".replace("  ", " ")


def _protocol(known: Registry, spec: Model, rows: Sequence[Result]) -> list[dict[str, Any]]:
    """Return a row for each method and metric, the model's own first."""
    order = [spec.name, *spec.beside]
    own = {row.metric: row for row in rows if row.method == spec.name}
    table = []
    for row in sorted(rows, key=lambda row: (row.metric, order.index(row.method))):
        mine = own.get(row.metric)
        line = {**_row(known, row), "method": row.method, "difference": ""}
        if mine is not None and row is not mine and len(mine.values) == len(row.values):
            pairs = [a - b for a, b in zip(mine.values, row.values, strict=True)]
            paired = Result(**{**vars(row), "values": pairs})
            line["difference"] = paired.shown(known.metric(row.metric))
        table.append(line)
    return table


def _claims(spec: Model, paper: Paper) -> list[Mapping[str, Any]]:
    findings = stored_claims(paper.name)
    return [
        {"claim": claim, "finding": findings.get(claim.name)}
        for claim in paper.claims
        if spec.name in claim.models
    ]
