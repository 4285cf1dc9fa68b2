"""Pictures of papers: drawn by their plugins' functions, kept as SVG beside the results."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from zoo_core._disk import whole_file
from zoo_core._registry.registry import registry
from zoo_core._registry.specs import Model, Paper, Picture
from zoo_core.errors import BadInput, PluginError, UnknownName

FOLDER = "pictures"


def path_of(paper: Paper, picture: Picture) -> Path:
    """Return where the plugin keeps a picture."""
    return registry().papers.owners[paper.name].folder / FOLDER / f"{picture.name}.svg"


def published_path(paper: Paper, picture: Picture) -> str:
    """Return where a picture is beside a card: papers' pictures may lie in one folder."""
    return f"{FOLDER}/{paper.name}-{picture.name}.svg"


def of_card(spec: Model) -> dict[str, tuple[Picture, Path]]:
    """Return the pictures on a model's card that are drawn, by their path beside the card."""
    paper = registry().paper_of(spec)
    found = {}
    for picture in paper.pictures:
        path = path_of(paper, picture)
        if spec.name in picture.models and path.is_file():
            found[published_path(paper, picture)] = (picture, path)
    return found


def draw(name: str, *, only: str | None = None) -> Iterator[Path]:
    """Draw the pictures of a paper and keep them with its plugin; yields the path of each.

    Raises `UnknownName`, `BadInput` without matplotlib, `PluginError` for a function that returns
    no figure.
    """
    for picture in chosen(name, only=only):
        yield _draw(registry().paper(name), picture)


def chosen(name: str, *, only: str | None = None) -> list[Picture]:
    """Return the pictures of a paper, or the one that is named; raises `UnknownName`."""
    paper = registry().paper(name)
    found = [picture for picture in paper.pictures if only in (None, picture.name)]
    if not found:
        names = ", ".join(picture.name for picture in paper.pictures) or "none"
        asked = f"picture {only!r}" if only else "pictures"
        raise UnknownName(f"{name} has no {asked}; it has {names}.")
    return found


def _draw(paper: Paper, picture: Picture) -> Path:
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ImportError as error:
        raise BadInput(
            "Drawing needs matplotlib; install it with `pip install matplotlib`."
        ) from error
    from zoo_core._loading.making import resolve

    figure = resolve(picture.draw)()
    if not isinstance(figure, Figure):
        raise PluginError(
            f"{picture.draw} returned a {type(figure).__name__}; expected a matplotlib Figure."
        )
    path = path_of(paper, picture)
    # Text stays text, and neither dates nor random identifiers are written: the same data give
    # the same file.
    steady: Any = {"svg.fonttype": "none", "svg.hashsalt": f"{paper.name}/{picture.name}"}
    with whole_file(path) as part, matplotlib.rc_context(steady):
        figure.savefig(part, format="svg", metadata={"Date": None}, bbox_inches="tight")
    return path
