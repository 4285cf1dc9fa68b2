"""The website of plugins that mean no good, or are broken; the website as a Space of the Hub."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest
from zoo_site import parts, rendering
from zoo_site.catalogue import Catalogue

from zoo_core import BadInput, publish_space

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'`{{ 1337*7 }}"
LINK = "[a](javascript:alert(1)) ![b](https://elsewhere.example/x.png) <b onclick=alert(1)>"
HOSTILE = f"""
from zoo_core import (
    Amendment, Architecture, Claim, Dataset, Metric, Model, Paper, Picture, exact, hookimpl, order,
    value
)
ZOO_API = 2
EVIL, LINK = {EVIL!r}, {LINK!r}

@hookimpl
def zoo_papers():
    bounds = {{EVIL: value(at_least=1, unit=EVIL), "o": order(EVIL, LINK), "x": exact(equal=True)}}
    change = Amendment(date="2026-01-01", bound=EVIL, before=EVIL, after=LINK, why=EVIL)
    claim = Claim(name="T1", statement=EVIL, check="a:b", bounds=bounds, published=EVIL,
                  source=EVIL, models=["evil-data"], amendments=[change])
    return [Paper(name="evil", title=EVIL, authors=[EVIL, LINK], year=2020, bibtex=EVIL,
                  summary=EVIL + LINK, notes=EVIL + LINK, claims=[claim],
                  pictures=[Picture(name="p", draw="a:b", caption=EVIL, models=["evil-data"])])]

@hookimpl
def zoo_architectures():
    return [Architecture(name="net", cls="a:b", paper="evil", task="t", summary=EVIL,
                         shape={{EVIL: EVIL}}, recipe={{LINK: LINK}})]

@hookimpl
def zoo_models():
    return [Model(name="evil-data", architecture="net", dataset="data",
                  license="LicenseRef-" + EVIL, summary=EVIL, metrics=["bad"],
                  options={{EVIL: EVIL}}, usage=EVIL,
                  notes=EVIL + LINK, published={{"bad": (1.0, EVIL)}})]

@hookimpl
def zoo_datasets():
    return [Dataset(name="data", title=EVIL, factory="a:b", license="LicenseRef-" + EVIL,
                    source="javascript:alert(1)" + EVIL, task="t", splits=[EVIL], summary=EVIL)]

@hookimpl
def zoo_metrics():
    return [Metric(name="bad", title=EVIL, factory="a:b", higher_is_better=True, takes=[EVIL],
                   unit=EVIL)]
"""
LOCK = {"sha256": "0" * 64, "size": 1, "parameters": 7, "shape": {}, "repo": None, "revision": None}
ROW = {
    **{"model": "evil-data", "dataset": EVIL, "options": {EVIL: EVIL}, "split": "test"},
    **{"metric": "bad", "values": [0.5, 0.6], "note": EVIL, "versions": {EVIL: EVIL}},
    **{"date": EVIL, "command": EVIL},
}
FINDING = {
    "quantities": {
        EVIL: {"mean": 2.0, "error": 0.1, "reach": 0.2, "runs": 3, "low": 1.8, "high": 2.2},
        "o": {"values": {EVIL: [1.0, 2.0], LINK: [0.5, 1.0]}},
        "x": True,
    },
    **{"told": EVIL, "date": EVIL, "seconds": 1.0, "seeds": [EVIL], "versions": {EVIL: EVIL}},
}
ALLOWED = {"theme.js", "site.js", "models.js", "board.js", "search.js"}


class Seen(HTMLParser):
    """What a browser would make of a page: elements and attributes, scripts and their text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))


@pytest.fixture
def hostile(site):
    package = site.add("evil", HOSTILE)
    for path, content in {
        "weights/lock.json": {"evil-data": LOCK},
        "results/claims.json": {"T1": FINDING},
        "results/evil-data.json": {
            "measured": [
                {**ROW, "method": "evil-data", "kind": "checkpoint"},
                {**ROW, "method": "evil-data", "kind": "retrained"},
                {**ROW, "method": EVIL, "kind": "retrained"},
            ]
        },
    }.items():
        (package / path).parent.mkdir(exist_ok=True)
        (package / path).write_text(json.dumps(content))
    (package / "pictures").mkdir()
    (package / "pictures" / "p.svg").write_text("<svg><script>alert(1)</script></svg>")
    site.use()
    return site


def rendered() -> dict[str, str]:
    """Every page of what is registered but the reference, which has nothing of plugins."""
    made = parts.everything(Catalogue.here())
    there = frozenset(page.path for page in made.pages)
    return {
        page.path: rendering.render(page, there) for page in made.pages if not callable(page.facts)
    }


def test_what_a_plugin_says_is_text_on_every_page(hostile):
    pages = rendered()
    assert {"models/evil-data.html", "papers/evil.html", "claims.html"} <= set(pages)
    told = 0
    for path, text in pages.items():
        told += text.count("alert(1)")
        for tag, attributes in Seen(text).tags:
            where = f"{path}: <{tag} {attributes}>"
            assert not [name for name in attributes if name.startswith("on")], where
            assert tag not in ("iframe", "object", "embed", "base", "style"), where
            if tag == "script" and attributes.get("type") != "application/json":
                assert str(attributes.get("src")).rpartition("/")[2] in ALLOWED, where
            for name in ("href", "src"):
                link = attributes.get(name) or ""
                assert not re.match(r"\s*(javascript|vbscript|data):", link, re.I), where
                if tag != "a":
                    assert "elsewhere.example" not in link, where
        assert "9359" not in text, "a template in a text was run"
    assert told > 50  # it is all there, as text


def test_a_card_s_hostile_words_are_on_its_page(hostile):
    page = rendered()["models/evil-data.html"]
    assert "The card, as a repository of the Hub shows it" in page
    assert "&lt;script&gt;alert(1)" in page and "<script>alert" not in page


def test_broken_results_are_told_and_break_no_page(hostile):
    package = hostile.folder / "zoo_evil"
    (package / "results" / "evil-data.json").write_text("{")
    (package / "results" / "claims.json").write_text("{")
    hostile.use()
    pages = rendered()
    assert "is not valid JSON" in pages["models/evil-data.html"]
    assert "is not valid JSON" in pages["papers/evil.html"]
    assert "not measured" in pages["claims.html"]


def test_a_broken_plugin_is_on_the_page_of_plugins(site):
    site.add("abel", f"raise RuntimeError({EVIL!r})")
    site.use()
    page = rendered()["plugins.html"]
    assert "It could not be loaded" in page and "<script>alert" not in page
    assert "No claim fits" in rendered()["claims.html"]


SPACE = """
import json, sys
from zoo_core import publish_space, ZooError
try:
    files = {path: text.encode() for path, text in json.loads(sys.argv[1]).items()}
    more = json.loads(sys.argv[2])
    done = publish_space(files, name="site", title="The site", namespace="ann", **more)
    print(json.dumps(done.as_json()))
except ZooError as error:
    print(json.dumps({"error": str(error)}))
"""


def test_pages_are_one_commit_of_a_static_space(hub_site, hub):
    hub.add_token("hf_abcdefgh", "ann")

    def publish(files, **more):
        done = hub_site.python(SPACE, json.dumps(files), json.dumps(more), HF_TOKEN="hf_abcdefgh")
        assert done.code == 0, done.err
        return json.loads(done.out)

    tried = publish({"index.html": "<p>1"}, dry_run=True)
    assert tried["action"] == "created" and tried["revision"] is None
    first = publish({"index.html": "<p>1", "a/b.css": "x"})
    assert first["changed"] == ["README.md", "a/b.css", "index.html"]
    assert first["url"].endswith("/spaces/ann/site")
    repo = hub.state.repos["space", "ann/site"]
    readme = hub.state.read(next(iter(repo.history("main"))).tree["README.md"]).decode()
    assert "sdk: static\n" in readme and "app_file: index.html\n" in readme
    assert publish({"index.html": "<p>1", "a/b.css": "x"})["action"] == "unchanged"
    second = publish({"index.html": "<p>2"})
    assert second["changed"] == ["index.html"] and second["deleted"] == ["a/b.css"]
    assert len(list(repo.history("main"))) == 3  # the Hub's own, and two


def test_a_space_begins_with_a_page_and_its_readme_is_made():
    with pytest.raises(BadInput, match=r"begins with index\.html"):
        publish_space({}, name="s", title="S", namespace="me", dry_run=True)
    files = {"index.html": b"", "README.md": b""}
    with pytest.raises(BadInput, match=r"README\.md of a Space is made here"):
        publish_space(files, name="s", title="S", namespace="me", dry_run=True)


def test_somebody_s_own_space_is_not_replaced():
    from zoo_core._publishing.spaces import Space

    own = Space("s", "S", {"index.html": b""})
    assert b"made-by-zoo" in own.contents("me/s", "")["README.md"]
    with pytest.raises(BadInput, match="me/s is a Space that the zoo did not make"):
        own.contents("me/s", "---\ntitle: My demo\nsdk: gradio\n---\n")
