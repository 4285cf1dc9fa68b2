"""The guide: the project's tour, and how a plugin grows from what ``zoo new`` writes."""

from __future__ import annotations

import ast
import re
import tempfile
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import zoo
from zoo_core import create_plugin
from zoo_site import picture
from zoo_site.catalogue import Catalogue
from zoo_site.page import Page
from zoo_site.parts.reference import sources

BESIDE, BOARD = "model_cards/board.svg", "pictures/board.svg"
"""Where the picture of the board is in the project, and where in the site."""
NAME = "mypaper"
KIND = "estimator"
STEPS = (
    (
        "Say what the paper is",
        "The citation and the summary. Specs are data: they import nothing heavy, so that "
        "thousands of them can be listed at once.",
        ("zoo_mypaper/specs/paper.py",),
    ),
    (
        "Write down what it claims",
        "Each claim is a sentence, the function that measures it, and its bounds. These are "
        "written before anything is measured; one that changes afterwards is an Amendment, with "
        "its date and its reason.",
        ("zoo_mypaper/specs/claims.py",),
    ),
    (
        "Name the models and the data",
        "An architecture is what models share, a model one set of weights. Code is named by "
        "import strings, and imported when it is needed.",
        ("zoo_mypaper/specs/models.py", "zoo_mypaper/specs/data.py", "zoo_mypaper/__init__.py"),
    ),
    (
        "Write the method",
        "A plain module, which knows nothing of the zoo but the three functions that predict, "
        "measure and test it.",
        ("zoo_mypaper/ridge.py",),
    ),
    (
        "Read the data",
        "One file makes data objects of bytes, the other of whatever a user has: a reader knows, "
        "or is told, or refuses in one sentence.",
        ("zoo_mypaper/data.py", "zoo_mypaper/reading.py"),
    ),
    (
        "Train it",
        "The recipe gets a run, with its data, and its module from run.make: the core records "
        "what it was made with.",
        ("zoo_mypaper/train.py",),
    ),
    (
        "Measure the claims",
        "A check returns quantities; the verdict is made of them and of the bounds.",
        ("zoo_mypaper/checks.py",),
    ),
    (
        "Test it",
        "The contract is the core's; the rest is what is special here.",
        (
            "tests/test_contract.py",
            "tests/test_ridge.py",
            "tests/test_data.py",
            "tests/test_train.py",
            "tests/test_checks.py",
            "tests/test_user.py",
        ),
    ),
)
"""What is written in which order, why, and in which files."""


def pages(catalogue: Catalogue) -> Iterator[Page]:
    """Yield the tour, and the growing of a plugin."""
    yield Page(
        path="guide.html",
        template="guide.html.j2",
        title="Guide",
        section="guide",
        summary="A tour of the zoo: load, predict, measure, train, verify, publish.",
        facts={"text": tour().replace(f"({BESIDE})", f"({BOARD})"), "links": [BOARD]},
    )
    yield Page(
        path="write-a-plugin.html",
        template="write-a-plugin.html.j2",
        title="Write a plugin",
        section="guide",
        summary="A paper grown into a plugin, step by step, from what `zoo new` writes.",
        facts=grown,
        key=sources(),
    )


def files(catalogue: Catalogue) -> Mapping[str, bytes]:
    """Return the picture of the board that the tour shows, as it is today."""
    return {BOARD: picture.board(catalogue).encode()}


def tour() -> str:
    """Return the project's README: that of the checkout, or else of the installed distribution."""
    beside = Path(zoo.__file__).parents[1] / "README.md"
    if beside.is_file() and beside.with_name("zoo_core").is_dir():
        return beside.read_text(encoding="utf-8")
    return metadata.metadata("zoo-core")["Description"]


def grown() -> dict[str, Any]:
    """Return what `zoo new` writes: the tree of files, and the steps with the text of each.

    Asked for where the sources have changed: to write a plugin and read it again takes long.
    """
    with tempfile.TemporaryDirectory() as folder:
        made = create_plugin(NAME, folder, KIND)
        texts = {
            path.relative_to(made).as_posix(): path.read_text(encoding="utf-8")
            for path in sorted(made.rglob("*"))
            if path.is_file()
        }
    steps = [
        {"title": title, "why": why, "files": [_file(texts, path) for path in paths]}
        for title, why, paths in STEPS
    ]
    shown = {path for _, _, paths in STEPS for path in paths}
    return {
        "name": NAME,
        "kind": KIND,
        "tree": [{"path": path, "shown": path in shown} for path in texts],
        "steps": steps,
    }


def _file(texts: Mapping[str, str], path: str) -> dict[str, str]:
    text = texts[path]
    told = (ast.get_docstring(ast.parse(text)) or "").partition("\n\n")[0]
    return {"path": path, "text": text, "told": re.sub(r"\s+", " ", told)}
