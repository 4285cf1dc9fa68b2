"""Datasets, metrics and plugins: what each is, and which models use it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from zoo_site.catalogue import Catalogue, Facts
from zoo_site.page import Page
from zoo_site.rendering import slug

ORIGINS = {
    "files": "downloaded from its public address, pinned by hash",
    "mirrored": "files that only a mirror has",
    "generated": "made by its own code: nothing is downloaded",
    "packaged": "comes with its package",
}
NO_LICENCE = "NOASSERTION"


def pages(catalogue: Catalogue) -> Iterator[Page]:
    """Yield the three pages."""
    yield Page(
        path="datasets.html",
        template="datasets.html.j2",
        title="Datasets",
        section="data",
        summary="The datasets, with their licences, splits, and the models that use them.",
        scripts=("assets/search.js",),
        facts={"datasets": [_dataset(catalogue, one) for one in catalogue.datasets]},
    )
    yield Page(
        path="metrics.html",
        template="metrics.html.j2",
        title="Metrics",
        section="data",
        summary="The metrics, and the models that are measured by them.",
        scripts=("assets/search.js",),
        facts={"metrics": [_metric(catalogue, one) for one in catalogue.metrics]},
    )
    yield Page(
        path="plugins.html",
        template="plugins.html.j2",
        title="Plugins",
        section="plugins",
        summary="What is installed here, what each brings, and what is known besides.",
        facts={
            "plugins": [_plugin(one) for one in catalogue.plugins],
            "known": catalogue.known,
            "places": {
                "papers": {name: f"papers/{name}.html" for name in catalogue.paper},
                "models": {name: f"models/{name}.html" for name in catalogue.model},
                "datasets": {name: f"datasets.html#{slug(name)}" for name in catalogue.dataset},
                "metrics": {name: f"metrics.html#{slug(name)}" for name in catalogue.metric},
            },
        },
    )


def _dataset(catalogue: Catalogue, one: Facts) -> dict[str, Any]:
    kept = ("name", "title", "summary", "task", "source", "version", "distribution")
    files = one["files"]
    return {
        **{key: one[key] for key in kept},
        "license": "not stated by its authors" if one["license"] == NO_LICENCE else one["license"],
        "origin": ORIGINS[one["origin"]],
        "options": one["options"],
        "files": [{"path": file["path"], "sha256": file["sha256"]} for file in files],
        "bytes": one["sizes"].get("bytes", 0),
        "splits": {name: one["sizes"].get("splits", {}).get(name) for name in one["splits"]},
        "models": [model["name"] for model in catalogue.models if model["dataset"] == one["name"]],
    }


def _metric(catalogue: Catalogue, one: Facts) -> dict[str, Any]:
    kept = ("name", "title", "takes", "unit", "scale", "higher_is_better", "distribution")
    return {
        **{key: one[key] for key in kept},
        "models": [model["name"] for model in catalogue.models if one["name"] in model["metrics"]],
    }


def _plugin(one: Facts) -> dict[str, Any]:
    kept = ("name", "distribution", "version", "error", "install")
    brings = {kind: names for kind, names in one["brings"].items() if kind != "kinds"}
    return {**{key: one[key] for key in kept}, "brings": brings}
