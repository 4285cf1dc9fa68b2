"""CHANGELOG.md and CITATION.cff are of their formats, and say the version that is built."""

from __future__ import annotations

import datetime
import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
CHANGES = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
RELEASES = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)$", CHANGES, re.MULTILINE)
KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
PROJECTS = [ROOT / "pyproject.toml", *sorted(ROOT.glob("plugins/**/pyproject.toml"))]


def version_of(project: Path) -> str:
    return tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"]


def test_the_changelog_keeps_its_format():
    assert len(RELEASES) == len(re.findall(r"^## ", CHANGES, re.MULTILINE)) >= 2
    numbers = [tuple(map(int, number.split("."))) for number, _ in RELEASES]
    dates = [datetime.date.fromisoformat(date) for _, date in RELEASES]
    assert numbers == sorted(numbers, reverse=True) and dates == sorted(dates, reverse=True)
    for release in re.split(r"^## .*$", CHANGES, flags=re.MULTILINE)[1:]:
        parts = re.split(r"^### (.*)$", release, flags=re.MULTILINE)
        assert parts[0].strip() == ""
        assert set(parts[1::2]) <= KINDS and len(set(parts[1::2])) == len(parts[1::2]) > 0
        assert all(part.strip().startswith("- ") for part in parts[2::2])


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.parent.name)
def test_its_newest_version_is_that_of_every_distribution(project):
    assert version_of(project) == RELEASES[0][0]


def test_the_citation_is_of_its_format():
    told = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert set(told) >= {"cff-version", "message", "title", "authors"}  # what the format demands
    assert told["cff-version"] == "1.2.0"
    assert told["type"] == "software"
    assert told["license"] == "Apache-2.0"
    assert (told["version"], told["date-released"]) == RELEASES[0]
    for author in told["authors"]:
        assert set(author) <= {"name"} or set(author) >= {"family-names", "given-names"}
    known = {"abstract", "keywords", "url", "repository-code", "doi", "identifiers", "references"}
    assert set(told) - known <= {
        *("cff-version", "message", "title", "authors"),
        *("type", "version", "date-released", "license"),
    }
