"""The page of a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from zoo_core._loading.cache import is_embedded
from zoo_core._loading.models import bases_of
from zoo_core._publishing import shown
from zoo_core._registry.registry import registry
from zoo_core._registry.results import Result, stored
from zoo_core._registry.specs import Model
from zoo_core._shell.lists import human
from zoo_core._shell.pages import claims
from zoo_core._shell.pages.page import Page
from zoo_core._shell.tables import Column

OF_METHOD = (
    Column(name="what", rank=1, overflow="fold", heading=""),
    Column(name="shown", rank=0, right=True, heading="measured"),
    Column(name="published", rank=2, right=True),
    Column(name="difference", rank=3, right=True),
)


def page(spec: Model) -> Page:
    """Return the page of a model."""
    known = registry()
    architecture = known.architecture(spec.architecture)
    paper = known.paper_of(spec)
    dataset = known.dataset(spec.dataset)
    lock = known.lock(spec)
    made = Page()
    made.title(spec.name, "model", spec.summary)
    made.parts.append("")
    judged = shown.claims(paper, spec.name)
    options = ", ".join(f"{key} {value}" for key, value in spec.options.items())
    made.facts(
        {
            "paper": told_paper(paper),
            "task": architecture.task,
            "method": f"{architecture.name}: {architecture.summary}",
            "size": told_size(spec, lock),
            "data": f"{spec.dataset}{f' ({options})' if options else ''}: {dataset.title}",
            "licence": told_licence(spec, dataset.license),
            "weights": _place(spec, lock),
            "claims": claims.line(judged) if judged else "",
        }
    )
    _write_use(made, spec, lock)
    _write_results(made, spec, stored(spec.name))
    if spec.notes:
        made.section("Notes")
        made.text(spec.notes)
    _write_origin(made, spec, lock)
    return made


def told_paper(paper: Any) -> str:
    """Return a paper's title, authors, year and address on a line."""
    more = " et al." if len(paper.authors) > 1 else ""
    at = f" https://arxiv.org/abs/{paper.arxiv}" if paper.arxiv else ""
    return f"{paper.title} ({paper.authors[0]}{more}, {paper.year}){at}"


def told_bytes(count: int) -> str:
    """Return a size of a file for people."""
    return f"{human(count)}{'B' if count >= 1000 else ' bytes'}"


def told_size(spec: Model, lock: Mapping[str, Any] | None) -> str:
    """Return how much a model holds, and how much its file takes."""
    if lock is None:
        return ""
    if lock["parameters"]:
        held = f"{lock['parameters']:,} parameters"
    elif lock.get("buffers"):
        held = f"{lock['buffers']:,} fitted values"
    else:
        held = "nothing is trained or fitted"
    return f"{held}; the file has {told_bytes(lock['size'])}, as {spec.storage}"


def told_licence(spec: Model, of_data: str) -> str:
    """Return the licences of weights and data."""
    data = "not stated by their authors" if of_data == "NOASSERTION" else of_data
    return f"{spec.license} (weights); data: {data}"


def _place(spec: Model, lock: Mapping[str, Any] | None) -> str:
    if lock is None:
        return f"none yet; zoo {'import' if spec.convert else 'train'} {spec.name} makes them"
    owner = registry().owner(spec).distribution
    places = [f"in the package {owner}"] if is_embedded(spec.name) else []
    if lock.get("revision"):
        places.append(f"on the Hub, {lock['repo']} at {lock['revision'][:12]}")
    return f"{', and '.join(places) or 'nowhere'}; SHA-256 {lock['sha256'][:16]}…"


def _write_use(made: Page, spec: Model, lock: Mapping[str, Any] | None) -> None:
    if lock is None:
        made.section("Use in a shell")
        made.code(f"zoo {'import' if spec.convert else 'train'} {spec.name}")
        return
    made.section("Use in Python")
    made.code("import zoo", f'model = zoo.load("{spec.name}")', spec.usage)
    made.section("Use in a shell")
    made.code(f"zoo predict {spec.name} --help", f"zoo evaluate {spec.name}")


def _write_results(made: Page, spec: Model, results: Sequence[Result]) -> None:
    known = registry()
    rows = []
    for result in (one for one in results if one.kind == "checkpoint"):
        row = shown.row(known, result)
        data = "" if result.dataset == spec.dataset else f" of {result.dataset}"
        rows.append({**row, "what": f"this checkpoint, {row['split']} split{data}"})
    for row in shown.protocol(known, spec, [one for one in results if one.kind == "retrained"]):
        own = row["method"] == spec.name
        row["what"] = f"trained anew, {row['runs']} runs" if own else f"  {row['method']}"
        rows.append(row)
    rows.sort(key=lambda row: row["metric"])
    for metric, several in groupby(rows, key=lambda row: row["metric"]):
        made.section(f"Results: {metric[0].lower()}{metric[1:]}")
        _write_metric(made, spec, list(several))


def _write_metric(made: Page, spec: Model, rows: list[dict[str, Any]]) -> None:
    known = registry()
    titles = {known.metric(name).title: name for name in spec.published if name in known.metrics}
    source = ""
    if rows[0]["metric"] in titles:
        number, _, source = shown.published(known, spec, titles[rows[0]["metric"]]).partition(" (")
        rows[0]["published"] = number
    made.rows(rows, OF_METHOD)
    if source:
        made.text(f"Published: {source.removesuffix(')')}.")
    if any(row.get("difference") for row in rows):
        made.text("A difference is this model's recipe minus the line's, paired by run.")


def _write_origin(made: Page, spec: Model, lock: Mapping[str, Any] | None) -> None:
    made.section("Where it came from")
    known = registry()
    architecture = known.architecture(spec.architecture)
    rows = stored(spec.name) if lock else []
    measured = next((row for row in rows if row.date), None)
    made.facts(
        {
            "made by": f"zoo {'import' if spec.convert else 'train'} {spec.name} --embed",
            "from": ", ".join(file.url or file.path for file in spec.source),
            "starts from": spec.start.source if spec.start else "",
            "given": ", ".join(f"{key} {value}" for key, value in spec.given.items()),
            "base": ", ".join(base.told for base in bases_of(spec.name)),
            "shape": settings({**architecture.shape, **spec.shape}),
            "recipe": "" if spec.convert else settings({**architecture.recipe, **spec.recipe}),
            "measured": f"{measured.date}, {_versions(measured)}" if measured else "",
        }
    )
    made.text(f"zoo show {spec.name} --card prints its card, with all figures.")


def settings(values: Mapping[str, Any]) -> str:
    """Return settings on a line."""
    return ", ".join(f"{key}={value}" for key, value in values.items())


def _versions(result: Result) -> str:
    wanted = ("torch", "zoo-core")
    own = [name for name in result.versions if name in wanted]
    return ", ".join(f"{name} {result.versions[name]}" for name in own)
