"""Models that run in the page: one instrument for each kind of input, in JavaScript of its own.

A model is put on a page by one line of its spec, ``tryit="inpainting"``; `INSTRUMENTS` are the
pages that there are. What runs is the model's own file of weights, and arithmetic that is tested to
give the numbers that Python gives.
"""

from __future__ import annotations

import base64
import functools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from zoo_core import notice
from zoo_site.catalogue import Catalogue, Facts
from zoo_site.page import Page
from zoo_site.tryit.instruments import INSTRUMENTS, Instrument

STATIC = Path(__file__).parent / "static"
SAMPLES = Path(__file__).parent / "samples"


def pages(catalogue: Catalogue) -> Iterator[Page]:
    """Yield the list of instruments, and a page for each that some model is on."""
    shown = list(_shown(catalogue))
    if shown:
        yield Page(
            path="try/index.html",
            template="tryit/index.html.j2",
            title="Try it",
            summary="Models that run in this page: nothing that is put in leaves the machine.",
            section="try",
            facts={"instruments": [_row(one, models) for one, models in shown]},
        )
    for one, models in shown:
        yield Page(
            path=f"try/{one.name}.html",
            template=f"tryit/{one.name}.html.j2",
            title=one.title,
            summary=one.summary,
            section="try",
            facts={
                "would": one.would,
                "command": one.command,
                "models": list(map(_facts, models)),
                "pictures": list(_pictures()) if one.pictures else [],
                "samples": json.loads((SAMPLES / one.samples).read_text()) if one.samples else [],
            },
            scripts=tuple(f"assets/tryit/{script}" for script in one.scripts),
        )


def files(catalogue: Catalogue) -> Mapping[str, Path | bytes]:
    """Return the scripts, the styles, and the weights of the models that are on a page."""
    found: dict[str, Path | bytes] = {
        f"assets/tryit/{path.name}": path for path in sorted(STATIC.iterdir())
    }
    loading = [models for one, models in _shown(catalogue) if one.loads]
    return found | {
        f"try/{_place(model)}": _script(model) for models in loading for model in models
    }


@functools.lru_cache(maxsize=1)
def tried(catalogue: Catalogue) -> frozenset[str]:
    """Return the names of the models that are on a page."""
    return frozenset(model["name"] for _, models in _shown(catalogue) for model in models)


def _shown(catalogue: Catalogue) -> Iterator[tuple[Instrument, list[Facts]]]:
    """Yield each instrument with the models that are on it and whose weights are at hand."""
    known = {one.name: one for one in INSTRUMENTS}
    on: dict[str, list[Facts]] = {name: [] for name in known}
    for model in catalogue.models:
        if model["tryit"] is None:
            continue
        if model["tryit"] not in known:
            notice(
                f"{model['name']} asks for the page {model['tryit']!r}, which this site does not "
                f"have; it has {', '.join(known)}."
            )
        elif model["file"] is None:
            notice(f"{model['name']} is left out of the page {model['tryit']}: it has no weights.")
        else:
            on[model["tryit"]].append(model)
    yield from ((known[name], models) for name, models in on.items() if models)


def _row(one: Instrument, models: list[Facts]) -> dict[str, Any]:
    return {
        "path": f"{one.name}.html",
        "title": one.title,
        "summary": one.summary,
        "models": [model["name"] for model in models],
        "bytes": sum(model["weights"]["size"] for model in models) if one.loads else 0,
    }


def _facts(model: Facts) -> dict[str, Any]:
    """Return what a page needs of a model beside its tensors."""
    weights = model["weights"]
    return {
        "name": model["name"],
        "shape": {**model["shape"], **weights["shape"]},
        "bytes": weights["size"],
        "weights": _place(model),
    }


def _place(model: Facts) -> str:
    return f"weights/{model['name']}.js"


def _script(model: Facts) -> bytes:
    """Return a model's file as a script: a page that opens from a folder may load no other."""
    content = base64.b64encode(Path(model["file"]).read_bytes()).decode()
    return f"zooWeights.arrived({json.dumps(model['name'])}, {json.dumps(content)});\n".encode()


def _pictures() -> Iterator[dict[str, str]]:
    for path in sorted(SAMPLES.glob("*.png")):
        content = base64.b64encode(path.read_bytes()).decode()
        name = path.stem.partition("-")[2].replace("-", " ")
        yield {"name": name, "data": f"data:image/png;base64,{content}"}
