"""A site's folder: whole, the same each time, and written only where something has changed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from html.parser import HTMLParser
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from zoo_site import building, keeping, made_from, parts
from zoo_site.catalogue import Catalogue
from zoo_site.page import Page

import zoo
import zoo_core
from zoo_core import BadInput

SOURCES = {"a": {"src", "href"}, "script": {"src"}, "img": {"src"}, "link": {"href"}}


class Read(HTMLParser):
    """The places, links and sources of a page."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.open = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        told = dict(attributes)
        if "id" in told:
            self.ids.append(told["id"])
        self.links += [(tag, told[key]) for key in SOURCES.get(tag, ()) if key in told]


@pytest.fixture(scope="module")
def read(built):
    """Every page of the site, read."""
    return {
        path.relative_to(built).as_posix(): Read(path.read_text(encoding="utf-8"))
        for path in built.rglob("*.html")
    }


def test_every_link_of_every_page_leads_somewhere(built, read):
    faults = []
    for path, page in read.items():
        for tag, link in page.links:
            parts_of = urlsplit(link)
            if parts_of.scheme in ("http", "https"):
                if tag != "a":
                    faults.append((path, link, "asks another host"))
                continue
            if tag == "img" and link.startswith("data:image/png;base64,"):
                continue
            if parts_of.scheme or parts_of.netloc or link.startswith("/"):
                faults.append((path, link, "is not relative"))
                continue
            target = unquote(urlsplit(urljoin(path, link)).path)
            if not (built / target).is_file():
                faults.append((path, link, "is not there"))
                continue
            place = unquote(parts_of.fragment)
            if place and "=" not in place and place not in read[target].ids:
                faults.append((path, link, "has no such place"))
    assert faults == []


def test_no_two_places_of_a_page_have_one_name(read):
    twice = {
        path: {one for one in page.ids if page.ids.count(one) > 1} for path, page in read.items()
    }
    assert {path: names for path, names in twice.items() if names} == {}


def test_every_page_is_reached_from_the_first(read):
    reached, left = set(), ["index.html"]
    while left:
        path = left.pop()
        if path in reached:
            continue
        reached.add(path)
        for _, link in read[path].links:
            target = urlsplit(urljoin(path, link))
            if not target.scheme and target.path in read:
                left.append(target.path)
    assert set(read) - reached == set()


def test_every_model_paper_and_claim_has_its_place(read):
    assert {f"models/{name}.html" for name in zoo.list_models()} <= set(read)
    for paper in zoo.list_papers():
        for claim in zoo.info(paper, kind="paper")["claims"]:
            assert f"claim-{claim['name']}" in read[f"papers/{paper}.html"].ids
            assert f"{paper}--{claim['name']}" in read["claims.html"].ids


def test_no_page_tells_of_this_machine(built):
    here = {os.path.expanduser("~"), str(building.Path(building.__file__).parents[4])}
    for path in [*built.rglob("*.html"), *built.glob("*.json"), *built.glob("*.csv")]:
        text = path.read_text(encoding="utf-8")
        assert not [one for one in here if f"{one}/" in text], path.name


def test_data_are_those_of_the_pages(built):
    rows = json.loads((built / "models.json").read_text(encoding="utf-8"))
    lines = (built / "models.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1 + sum(len(row["results"]) for row in rows)
    assert len({len(line.split(",")) for line in lines[:3]}) == 1
    claims = json.loads((built / "claims.json").read_text(encoding="utf-8"))
    assert {claim["verdict"] for claim in claims} <= {
        *("holds", "fails", "not established", "not measured")
    }


def test_nothing_is_made_where_nothing_has_changed(built, monkeypatch):
    known = building.inputs()
    if json.loads((built / building.MANIFEST).read_text())["inputs"] != known.whole:
        pytest.skip("somebody edits what the site was made from")
    monkeypatch.setattr(building, "inputs", lambda: known)
    monkeypatch.setattr(Catalogue, "here", None)  # nobody asks for it
    before = time.process_time()
    again = building.build(built)
    assert again.written == again.removed == 0 and again.pages > 100
    assert time.process_time() - before < 2


SAME = """
import hashlib, sys
from zoo_site import parts, rendering
from zoo_site.catalogue import Catalogue
site = parts.everything(Catalogue.here())
there = frozenset(page.path for page in site.pages)
digest = hashlib.sha256()
for page in site.pages:
    if not callable(page.facts):
        digest.update(rendering.render(page, there).encode())
        digest.update(rendering.key_of(page, there).encode())
for path, content in site.files.items():
    digest.update(path.encode() + (content if isinstance(content, bytes) else b""))
print(len(site.pages), digest.hexdigest(), "torch" in sys.modules)
"""


def test_the_same_registry_makes_the_same_bytes_and_needs_no_torch():
    told = []
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "ZOO_PLUGINS": "pca-ols,zoo-tables"}
        done = subprocess.run(
            [sys.executable, "-c", SAME], env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        told.append(done.stdout.split())
    assert told[0] == told[1]
    assert int(told[0][0]) > 10 and told[0][2] == "False"


@pytest.fixture
def small(monkeypatch):
    """A site of two pages and a file, whose facts a test changes."""
    facts = {"one": "first", "two": "second", "file": b"a"}

    def everything(catalogue):
        pages = [
            Page(
                path=f"{name}.html",
                template="guide.html.j2",
                title=name,
                facts={"text": text, "links": []},
            )
            for name, text in facts.items()
            if name != "file"
        ]
        return parts.Site(pages, {"assets/file": facts["file"]})

    monkeypatch.setattr(parts, "everything", everything)
    monkeypatch.setattr(Catalogue, "here", lambda made_from: None)
    monkeypatch.setattr(building, "inputs", lambda: made_from.Inputs(repr(facts), {}))
    return facts


def test_only_what_has_changed_is_written(small, tmp_path):
    assert building.build(tmp_path / "s").written == 3
    assert building.build(tmp_path / "s").written == 0
    small["two"] = "other"
    before = (tmp_path / "s" / "one.html").stat().st_mtime_ns
    assert building.build(tmp_path / "s").written == 1
    assert "other" in (tmp_path / "s" / "two.html").read_text()
    assert (tmp_path / "s" / "one.html").stat().st_mtime_ns == before


def test_what_was_damaged_or_lost_is_made_anew(small, tmp_path):
    building.build(tmp_path)
    whole = (tmp_path / "one.html").read_bytes()
    (tmp_path / "one.html").write_text("damaged")
    (tmp_path / "assets" / "file").unlink()
    assert building.build(tmp_path).written == 2
    assert (tmp_path / "one.html").read_bytes() == whole
    (tmp_path / building.MANIFEST).write_text("{")
    assert building.build(tmp_path).written == 0  # all made, and found to be there


def test_what_the_site_has_no_longer_is_removed(small, tmp_path):
    building.build(tmp_path)
    (tmp_path / "mine.txt").write_text("kept")
    del small["two"]
    assert building.build(tmp_path).removed == 1
    assert not (tmp_path / "two.html").exists() and (tmp_path / "mine.txt").exists()


def test_a_manifest_removes_nothing_outside_of_its_folder(small, tmp_path):
    building.build(tmp_path / "s")
    (tmp_path / "precious").write_text("kept")
    manifest = json.loads((tmp_path / "s" / building.MANIFEST).read_text())
    manifest["files"]["../precious"] = {"key": "", "sha256": ""}
    (tmp_path / "s" / building.MANIFEST).write_text(json.dumps(manifest))
    building.build(tmp_path / "s")
    assert (tmp_path / "precious").read_text() == "kept"


def test_a_folder_with_other_things_is_left_alone(small, tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(BadInput, match="has other things in it, which a site would mix with"):
        building.build(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]
    with pytest.raises(BadInput, match="is a file; give a folder"):
        building.build(tmp_path / "thesis.tex")


def test_what_a_site_is_made_from_is_all_that_pages_show(tmp_path):
    names = dict(made_from.packages())
    assert {"zoo", "zoo_core", "zoo_site", "zoo_pca_ols"} <= set(names)
    files = {path.name for path in made_from.files_in(names["zoo_pca_ols"])}
    assert "claims.json" in files and "lock.json" in files
    assert not [name for name in files if re.search(r"\.(safetensors|pyc)$", name)]


def test_the_facts_of_a_plugin_are_kept_until_what_they_are_told_from_changes(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    asked = []

    def registered(briefly):
        asked.append(set(briefly))
        told = {"result": len(asked)}  # which call told it
        return {
            kind: [
                {"name": name, "plugin": name} | ({} if name in briefly else told)
                for name in ("pca-ols", "zoo-images", "not-installed")
            ]
            for kind in ("papers", "models", "datasets")
        }

    monkeypatch.setattr(zoo_core, "registered", registered)

    def told_by(made_from):
        facts = keeping.registered(made_from)
        assert facts["papers"] == facts["models"]
        return [one.get("result") for one in facts["papers"]]

    first = made_from.Inputs("code", {"zoo_pca_ols": "a", "zoo_images": "b"})
    changed = made_from.Inputs("code", {"zoo_pca_ols": "other", "zoo_images": "b"})
    assert len({first.whole, changed.whole, made_from.Inputs("code", {}).whole}) == 3
    assert told_by(first) == [1, 1, 1]
    assert told_by(first) == [1, 1, 2] and asked[-1] == {"pca-ols", "zoo-images"}
    assert told_by(changed) == [3, 1, 3] and asked[-1] == {"zoo-images"}
    keeping.place_of("pca-ols").write_text('{"key": 1')
    assert told_by(changed) == [4, 1, 4]
    assert told_by(made_from.Inputs("other", changed.own)) == [5, 5, 5]


def test_a_papers_facts_are_told_briefly_where_they_are_kept():
    plugins = {one["plugin"] for one in zoo_core.registered()["papers"]} - {"pca-ols"}
    facts = zoo_core.registered(briefly=plugins)
    assert {len(one) == 2 for one in facts["papers"] if one["plugin"] != "pca-ols"} == {True}
    (whole,) = (one for one in facts["papers"] if one["plugin"] == "pca-ols")
    assert whole["claims"] and len(facts["papers"]) == len(plugins) + 1
