"""Pictures: drawn from what is stored, kept whole, the same each time, shown on the cards."""

from __future__ import annotations

import tempfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from zoo_core._loading import making
from zoo_core._publishing import pictures
from zoo_core._registry.registry import registry
from zoo_core._registry.specs import Picture
from zoo_core.errors import BadInput, PluginError, SpecError

REGISTERED = [(paper, picture) for paper in registry().papers for picture in paper.pictures]
MOST_BYTES = 300_000

PAPER = """
    from zoo_core import Picture, Paper, hookimpl

    ZOO_API = 2

    @hookimpl
    def zoo_papers():
        names = ("line", "none")
        drawn = [Picture(name=name, draw=f"zoo_drawn:{name}", caption="A line.") for name in names]
        return [Paper(name="drawn", title="Drawn", authors=["A. Author"], year=2020,
                      bibtex="@misc{x}", summary="A summary.", pictures=drawn)]

    def line():
        from matplotlib.figure import Figure

        figure = Figure()
        figure.subplots().set_title("a < b")
        return figure

    def none():
        return None
"""


def names(value):
    return getattr(value, "name", str(value))


@pytest.mark.parametrize(("paper", "picture"), REGISTERED, ids=names)
def test_registered_pictures_are_drawn_and_whole(paper, picture):
    path = pictures.path_of(paper, picture)
    assert path.is_file(), f"draw it with `zoo draw {paper.name}`"
    assert ElementTree.parse(path).getroot().tag.endswith("svg")
    content = path.read_text(encoding="utf-8")
    assert len(content) < MOST_BYTES
    here = (str(Path(__file__).parents[1]), str(Path.home()), tempfile.gettempdir())
    assert not any(word in content for word in (*here, "<script"))
    assert picture.models, "a picture stands on a card"
    assert making.resolve(picture.draw).__doc__


def test_a_picture_is_drawn_twice_alike(site, tmp_path):
    package = site.add("drawn", PAPER)
    done = site.zoo("draw", "drawn", "--picture", "line", "--json")
    assert done.code == 0, done.err
    path = package / "pictures" / "line.svg"
    assert done.json == {"drawn": [str(path)]}
    content = path.read_bytes()
    assert b"a &lt; b" in content, "text stays text"
    assert site.zoo("draw", "drawn", "--picture", "line").code == 0
    assert path.read_bytes() == content
    told = site.zoo("draw", "--all")
    assert told.code == 3
    assert "zoo_drawn:none returned a NoneType; expected a matplotlib Figure" in told.err
    assert [one.name for one in path.parent.iterdir()] == ["line.svg"]


def test_what_cannot_be_drawn_is_told(site, monkeypatch):
    site.add("drawn", PAPER)
    site.use()
    with pytest.raises(LookupError, match="drawn has no picture 'lines'; it has line, none"):
        list(pictures.draw("drawn", only="lines"))
    with pytest.raises(PluginError, match="expected a matplotlib Figure"):
        list(pictures.draw("drawn", only="none"))
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    with pytest.raises(BadInput, match="pip install matplotlib"):
        list(pictures.draw("drawn"))


def test_a_wrong_picture_is_told():
    with pytest.raises(SpecError, match="caption='' is wrong"):
        Picture(name="x", draw="a:b", caption="")
    with pytest.raises(SpecError, match="an import string"):
        Picture(name="x", draw="a.b", caption="x")
