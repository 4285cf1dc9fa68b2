"""``zoo site``: its help, its words, its errors."""

from __future__ import annotations

import re

import pytest
from zoo_site import building
from zoo_site.verbs import site


def test_every_verb_has_help_and_an_example(zoo_here):
    assert re.search(r"^  site +Make a website", zoo_here("--help").out, re.MULTILINE)
    for name in ("build", "serve", "publish", "board"):
        told = zoo_here("site", name, "--help")
        assert told.code == 0
        assert re.search(rf"Examples:\n  zoo site {name} ?", told.out)
        assert "--json" in told.out
    assert set(site.commands) == {"build", "serve", "publish", "board"}


@pytest.fixture
def pretended(monkeypatch):
    """No site is built: what was asked for is returned."""
    asked = []

    def build(out):
        asked.append(out)
        out.mkdir(exist_ok=True)
        (out / "index.html").write_text("<p>first")
        (out / building.MANIFEST).write_text("{}")
        return building.Built(pages=3, files=2, written=1, removed=0)

    monkeypatch.setattr(building, "build", build)
    return asked


def test_building_says_what_was_done(zoo_here, pretended, tmp_path):
    told = zoo_here("site", "build", tmp_path / "out")
    assert told.code == 0
    assert told.out.startswith(f"3 pages and 2 files in {tmp_path / 'out'} (1 written); open")
    counts = {"pages": 3, "files": 2, "written": 1, "removed": 0}
    assert zoo_here("site", "build", tmp_path / "out", "--json").json == counts


def test_a_folder_that_is_not_ours_is_refused_in_a_sentence(zoo_here, tmp_path):
    (tmp_path / "thesis.tex").touch()
    told = zoo_here("site", "build", tmp_path)
    assert told.code == 2 and told.err.count("\n") == 1 and "other things in it" in told.err


def test_publishing_gives_the_pages_and_no_manifest(zoo_here, pretended, monkeypatch):
    import zoo_core

    asked = {}

    class Done:
        repo, action, revision, changed, deleted, url = (
            "me/zoo-site",
            "created",
            "a" * 40,
            [],
            [],
            "u",
        )

        @staticmethod
        def as_json():
            return {"repo": "me/zoo-site"}

    def publish_space(files, **more):
        asked.update(more, files=sorted(files))
        return Done

    monkeypatch.setattr(zoo_core, "publish_space", publish_space)
    told = zoo_here("site", "publish", "--namespace", "me", "--dry-run")
    assert told.code == 0, told.err
    assert told.out.startswith("me/zoo-site: would be created at aaaaaaaaaaaa")
    assert asked["files"] == ["index.html"] and asked["name"] == "zoo-site"
    assert asked["namespace"] == "me" and asked["dry_run"] is True
    same = zoo_here("publish", "--site", "--as", "me/other", "--json")
    assert same.json == {"repo": "me/zoo-site"} and asked["repo"] == "me/other"


def test_publish_site_takes_no_models(zoo_here):
    for words in (["some-model"], ["--all"], ["--gated", "auto"]):
        told = zoo_here("publish", "--site", *words)
        assert told.code == 2 and "--site publishes the website" in told.err
