"""The pages of architectures, datasets and metrics."""

from __future__ import annotations

from zoo_core._registry import listing
from zoo_core._registry.registry import registry
from zoo_core._registry.specs import Architecture, Dataset, Metric
from zoo_core._shell.pages.models import settings, told_paper
from zoo_core._shell.pages.page import Page

NO_LICENCE = "NOASSERTION"


def architecture(spec: Architecture) -> Page:
    """Return the page of an architecture."""
    known = registry()
    made = Page()
    made.title(spec.name, "architecture", spec.summary)
    made.parts.append("")
    made.facts(
        {
            "paper": told_paper(known.paper(spec.paper)),
            "package": known.architectures.owners[spec.name].distribution,
            "task": spec.task,
            "class": spec.cls,
            "shape": settings(spec.shape),
            "recipe": settings(spec.recipe),
            "reads": "files and data of one's own" if spec.reader else "registered datasets",
            "exports": " and ".join(spec.formats),
            "runs in": ", ".join(spec.dtypes),
            "base": ", ".join(base.told for base in spec.base),
        }
    )
    rows = [row for row in listing.model_rows(untrained=True) if row["architecture"] == spec.name]
    if spec.train:
        made.section("Use in Python")
        data = spec.dataset or next((row["dataset"] for row in rows), None)
        if data:
            made.code("import zoo", f'model = zoo.train("{spec.name}", "{data}")')
            made.section("Use in a shell")
            made.code(f"zoo train {spec.name} --dataset {data}")
        if spec.reader:
            made.code(f"zoo train {spec.name} --dataset FILE")
    made.models(rows, "dataset", f"zoo list --paper {spec.paper}")
    return made


def dataset(spec: Dataset) -> Page:
    """Return the page of a dataset."""
    known = registry()
    made = Page()
    made.title(spec.name, "dataset", spec.title)
    made.parts.append("")
    made.text(spec.summary)
    made.parts.append("")
    none = "not stated by its authors"
    made.facts(
        {
            "licence": none if spec.license == NO_LICENCE else spec.license,
            "source": spec.source,
            "package": known.datasets.owners[spec.name].distribution,
            "task": spec.task,
            "version": spec.version,
            "splits": ", ".join(spec.splits),
            "files": ", ".join(file.path for file in spec.files),
        }
    )
    if spec.options:
        made.section("Options")
        made.facts(spec.options)
    made.section("Use in Python")
    made.code("import zoo", f'data = zoo.dataset("{spec.name}")', f'data.split("{spec.splits[0]}")')
    rows = listing.model_rows(dataset=spec.name)
    if rows:
        made.section("Use in a shell")
        made.code(f"zoo evaluate {rows[0]['name']} --dataset {spec.name}")
    made.models(rows, "paper", f"zoo list --dataset {spec.name}")
    return made


def metric(spec: Metric) -> Page:
    """Return the page of a metric."""
    made = Page()
    made.title(spec.name, "metric", spec.title)
    made.parts.append("")
    shown = f"in {spec.unit}" if spec.unit else "as it is"
    times = f", times {spec.scale:g}" if spec.scale != 1 else ""
    made.facts(
        {
            "better": "higher" if spec.higher_is_better else "lower",
            "shown": shown + times,
            "takes": ", ".join(spec.takes),
            "package": registry().metrics.owners[spec.name].distribution,
            "made by": spec.factory,
            "with": settings(spec.config),
        }
    )
    made.section("Use in Python")
    made.code("import zoo", f'meter = zoo.metric("{spec.name}")')
    rows = listing.model_rows(metric=spec.name)
    if rows:
        made.section("Use in a shell")
        made.code(f"zoo evaluate {rows[0]['name']} --metric {spec.name}")
    made.models(rows, "dataset", f"zoo list --metric {spec.name}")
    return made
