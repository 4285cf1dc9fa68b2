"""The table of all models, and a page for each."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from zoo_site.catalogue import VERDICTS, Catalogue, Facts, tally, worst
from zoo_site.page import Page
from zoo_site.parts.pictures import place
from zoo_site.rendering import rows_as_json, told_bytes
from zoo_site.tryit import tried

NOTHING = "—"
NO_LICENCE = "NOASSERTION"
SIZES = ((10**3, "at most 1,000"), (10**5, "at most 100,000"), (10**6, "at most a million"))
"""The sizes, in parameters, that the table can be narrowed to."""


def pages(catalogue: Catalogue) -> Iterator[Page]:
    """Yield the table, and the pages."""
    rows = [row_of(catalogue, model) for model in catalogue.models]
    yield Page(
        path="models.html",
        template="models.html.j2",
        title="Models",
        section="models",
        summary="All pretrained models, measured beside published.",
        scripts=("assets/models.js",),
        facts={
            "rows": rows,
            "papers": len({row["paper"] for row in rows}),
            "filters": _filters(catalogue, rows),
        },
    )
    for model in catalogue.models:
        yield _page(catalogue, model)


def files(catalogue: Catalogue) -> Mapping[str, bytes]:
    """Return the table as CSV, a line for each result, and as JSON."""
    rows = [row_of(catalogue, model) for model in catalogue.models]
    lines = io.StringIO()
    names = ("model", "paper", "task", "dataset", "parameters", "licence", "verdict")
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow([*names, "metric", "measured", "published"])
    for row in rows:
        for name, told in row["results"].items() or [("", {})]:
            head = [row["name"], row["paper"], row["task"], row["dataset"], row["size"]]
            writer.writerow(
                map(
                    _harmless,
                    [
                        *(*head, row["license"], row["verdict"], name),
                        *(told.get("value"), told.get("published_value")),
                    ],
                )
            )
    return {
        "models.csv": lines.getvalue().encode(),
        "models.json": rows_as_json(rows),
    }


def _harmless(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in tuple("=+-@\t\r") else value


def row_of(catalogue: Catalogue, model: Facts) -> dict[str, Any]:
    """Return what the table shows, and filters by, of a model."""
    claims = catalogue.claims_of(model)
    results = {name: _result(catalogue, model, name) for name in model["metrics"]}
    first = results[model["metrics"][0]]
    size = model["parameters"] or model["fitted"]
    return {
        "name": model["name"],
        "summary": model["summary"],
        "paper": model["paper"],
        "paper_there": model["paper"] in catalogue.paper,
        "task": model["task"],
        "dataset": model["dataset"],
        "license": model["license"],
        "size": size,
        "size_told": _told_size(model),
        "metric_title": first["title"],
        "measured": first["shown"],
        "published": first["published"],
        "results": results,
        "tally": tally(claims),
        "verdict": worst(claims),
    }


def _told_size(model: Facts) -> str:
    if model["weights"] is None:
        return NOTHING
    if model["parameters"]:
        return f"{model['parameters']:,}"
    return f"{model['fitted']:,} fitted" if model["fitted"] else "0"


def _result(catalogue: Catalogue, model: Facts, name: str) -> dict[str, Any]:
    """Return a metric's number: measured, in the metric's unit, and as the paper has it."""
    metric = catalogue.metric.get(name)
    found = next(
        (one for one in model["checkpoint"] if one["name"] == name and one["split"] == "test"), None
    )
    published = model["published"].get(name)
    scale = metric["scale"] if metric else 1
    unit = f" {metric['unit']}" if metric and metric["unit"] else ""
    return {
        "title": metric["title"] if metric else name,
        "shown": found["shown"] if found else NOTHING,
        "value": found["value"] if found else None,
        "higher": metric["higher_is_better"] if metric else None,
        "published": f"{published[0] * scale:g}{unit}" if published else NOTHING,
        "published_value": published[0] * scale if published else None,
    }


def _filters(catalogue: Catalogue, rows: Sequence[Facts]) -> list[tuple[str, str, list[Any]]]:
    """Return the filters: a name, what it is called, and the values with their labels."""

    def values(name: str) -> list[tuple[str, str]]:
        return [(one, one) for one in sorted({row[name] for row in rows if row[name]})]

    metrics = {name: told["title"] for row in rows for name, told in row["results"].items()}
    verdicts = {row["verdict"] for row in rows}
    return [
        ("paper", "Paper", values("paper")),
        ("task", "Task", values("task")),
        ("dataset", "Data", values("dataset")),
        ("metric", "Metric", sorted(metrics.items(), key=lambda pair: pair[1].casefold())),
        ("size", "Parameters", [(str(most), told) for most, told in SIZES]),
        ("license", "Licence", values("license")),
        ("verdict", "Verdict", [(one, one) for one in VERDICTS if one in verdicts]),
    ]


def _page(catalogue: Catalogue, model: Facts) -> Page:
    paper = catalogue.paper.get(model["paper"])
    dataset = catalogue.dataset.get(model["dataset"])
    licence = dataset["license"] if dataset else NO_LICENCE
    pictures = paper["pictures"] if paper else ()
    return Page(
        path=f"models/{model['name']}.html",
        template="model.html.j2",
        title=model["name"],
        section="models",
        summary=model["summary"],
        facts={
            "model": {key: value for key, value in model.items() if key != "card"},
            "paper": paper and {key: paper[key] for key in ("name", "title", "year")},
            "architecture": catalogue.architecture[model["architecture"]],
            "options": _settings(model["options"]),
            "size": _size(model),
            "data_licence": "not stated by its authors" if licence == NO_LICENCE else licence,
            "offline": _offline(model),
            "example": f'import zoo\nmodel = zoo.load("{model["name"]}")\n{model["usage"]}',
            "made_by": _made_by(model),
            "tried": f"try/{model['tryit']}.html" if model["name"] in tried(catalogue) else "",
            "protocol": list(_protocol(catalogue, model)),
            "claims": catalogue.claims_of(model),
            "pictures": [
                {"path": place(paper["name"], one["name"]), "caption": one["caption"]}
                for one in pictures
                if paper and one["name"] in model["pictures"]
            ],
            "provenance": _provenance(model),
            "card": _card(model),
            "card_pictures": [f"../{place(model['paper'], one)}" for one in model["pictures"]],
        },
    )


def _settings(values: Facts) -> str:
    return ", ".join(f"{key} {value}" for key, value in values.items())


def _size(model: Facts) -> str:
    weights = model["weights"]
    if weights is None:
        return "no weights yet"
    if model["parameters"]:
        held = f"{model['parameters']:,} parameters"
    elif model["fitted"]:
        held = f"{model['fitted']:,} fitted values"
    else:
        held = "nothing is trained or fitted"
    return f"{held}; a file of {told_bytes(weights['size'])}, as {model['storage']}"


def _offline(model: Facts) -> str:
    """Return what loads without a network."""
    if model["weights"] is None:
        return "nothing yet"
    if model["embedded"]:
        return f"all of it: the weights are in the package {model['distribution']}"
    return f"after `zoo download {model['name']}`, which puts the weights into the cache"


def _made_by(model: Facts) -> str:
    return (
        f"zoo import {model['name']}" if model["convert"] else f"zoo train {model['name']} --embed"
    )


def _provenance(model: Facts) -> list[tuple[str, str]]:
    """Return where a model is from: what is known, and nothing for what is not."""
    weights = model["weights"] or {}
    rows = [*model["checkpoint"], *model["protocol"]]
    hub = f"{weights.get('repo')} at {weights['revision']}" if weights.get("revision") else ""
    facts = {
        "SHA-256": weights.get("sha256", ""),
        "file": told_bytes(weights.get("size")),
        "shape": _equals(model["shape"]),
        "recipe": "" if model["convert"] else _equals(model["recipe"]),
        "seed": "" if model["convert"] else "0 for these weights",
        "upstream files": ", ".join(one["path"] for one in model["source"]),
        "measured": max((row["date"] for row in rows), default=""),
        "versions": ", ".join(f"{key} {one}" for key, one in model.get("versions", {}).items()),
        "Hub": hub or ("not published" if weights else ""),
        "package": model["distribution"],
    }
    return [(name, value) for name, value in facts.items() if value]


def _equals(values: Facts) -> str:
    return ", ".join(f"{key} = {value}" for key, value in values.items())


def _protocol(catalogue: Catalogue, model: Facts) -> Iterator[dict[str, Any]]:
    """Yield the methods of each metric on one scale, and the paper's own number on it."""
    for name, several in groupby(model["protocol"], key=lambda row: row["name"]):
        rows = list(several)
        metric = catalogue.metric.get(name)
        published = model["published"].get(name)
        theirs = published[0] * metric["scale"] if published and metric else None
        ends = [row["value"] + sign * (row["std"] or 0) for row in rows for sign in (-1, 1)]
        ends += [theirs] if theirs is not None else []
        low, high = min(ends), max(ends)
        room = (high - low or abs(high) or 1) * 0.08

        def at(value: float, low: float = low - room, high: float = high + room) -> str:
            return f"{100 * (value - low) / (high - low):.2f}"

        yield {
            "metric": rows[0]["metric"],
            "runs": max(row["runs"] for row in rows),
            "better": metric and ("higher" if metric["higher_is_better"] else "lower"),
            "command": rows[0]["command"],
            "rows": [
                {
                    "method": row["method"],
                    "own": row["method"] == model["name"],
                    "shown": row["shown"],
                    "difference": row["difference"],
                    "at": at(row["value"]),
                    "low": at(row["value"] - (row["std"] or 0)),
                    "high": at(row["value"] + (row["std"] or 0)),
                }
                for row in rows
            ],
            "published": None
            if theirs is None or published is None
            else {
                "at": at(theirs),
                "shown": f"{theirs:g} {metric['unit'] if metric else ''} ({published[1]})",
            },
        }


def _card(model: Facts) -> str | None:
    """Return a card's page without its header, its pictures where the site has them."""
    if model["card"] is None:
        return None
    _, _, body = model["card"].split("---\n", 2)
    for name in model["pictures"]:
        beside = f"](pictures/{model['paper']}-{name}.svg)"
        body = body.replace(beside, f"](../{place(model['paper'], name)})")
    return re.sub(r"^<!-- .*? -->\n", "", body, flags=re.MULTILINE)
