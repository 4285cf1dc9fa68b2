"""Every distribution says what it is: licence, types, addresses; what is built has it inside."""

from __future__ import annotations

import re
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.licenses import canonicalize_license_expression

from zoo_core import Paper
from zoo_core._registry import origin
from zoo_core._registry.registry import registry

ROOT = Path(__file__).parent.parent
ALL = [ROOT, *sorted(path.parent for path in ROOT.glob("plugins/**/pyproject.toml"))]
TEMPLATE = ROOT / "zoo_core" / "_authoring" / "templates" / "plugin"
NEEDED = {"name", "version", "description", "readme", "license", "license-files", "classifiers"}


def by_name(folder: Path) -> str:
    return folder.name if folder != ROOT else "zoo-core"


def read(folder: Path) -> dict:
    return tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("folder", ALL, ids=by_name)
def test_a_distribution_says_what_it_is(folder):
    project = read(folder)["project"]
    assert set(project) >= NEEDED
    assert canonicalize_license_expression(project["license"]) == project["license"]
    assert project["license-files"] == ["LICENSE"]
    assert (folder / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
    assert (folder / project["readme"]).read_text(encoding="utf-8").startswith("# ")
    assert "Typing :: Typed" in project["classifiers"]
    assert not [one for one in project["classifiers"] if one.startswith("License ::")]
    assert all(address.startswith("https://") for address in project.get("urls", {}).values())
    assert project.get("urls", {}).get("Source") == origin.REPOSITORY


@pytest.mark.parametrize("folder", ALL, ids=by_name)
def test_a_package_is_typed(folder):
    packages = read(folder)["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]
    assert packages
    for package in packages:
        assert (folder / package / "py.typed").is_file(), package


@pytest.mark.parametrize(
    "folder", [one for one in ALL if one.parent.name == "plugins"], ids=by_name
)
def test_a_paper_s_address_is_its_own(folder):
    (name,) = read(folder)["project"]["entry-points"]["zoo"]
    papers = next(one for one in registry().plugins if one.name == name).specs["zoo_papers"]
    addresses = {paper.name: f"https://arxiv.org/abs/{paper.arxiv}" for paper in papers}
    assert all(isinstance(paper, Paper) for paper in papers)
    assert read(folder)["project"]["urls"]["Paper"] in addresses.values()


def test_a_new_plugin_says_what_it_is(tmp_path):
    from zoo_core._authoring.scaffold import create_plugin

    folder = create_plugin("brand-new", tmp_path)
    test_a_package_is_typed(folder)
    assert (folder / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
    project = read(folder)["project"]
    assert set(project) >= NEEDED
    assert project["license-files"] == ["LICENSE"]
    text = (folder / "pyproject.toml").read_text()
    assert re.search(r"^requires = \[\"hatchling>=1\.27\"\]$", text, re.MULTILINE)


def built(folder: Path, target: Path) -> tuple[zipfile.ZipFile, str]:
    """Build a wheel in this process; return it and its metadata."""
    from hatchling.builders.wheel import WheelBuilder

    (path,) = WheelBuilder(str(folder)).build(directory=str(target), versions=["standard"])
    archive = zipfile.ZipFile(path)
    (info,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
    return archive, archive.read(info).decode()


@pytest.mark.parametrize(("folder"), [ROOT, ROOT / "plugins" / "lib" / "zoo-tables"], ids=by_name)
def test_a_wheel_has_its_licence_and_its_types(folder, tmp_path):
    archive, told = built(folder, tmp_path)
    names = archive.namelist()
    assert [name for name in names if name.endswith(".dist-info/licenses/LICENSE")]
    assert "License-Expression: Apache-2.0\n" in told
    assert "License-File: LICENSE\n" in told
    assert "Description-Content-Type: text/markdown" in told
    packages = read(folder)["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]
    assert {f"{package}/py.typed" for package in packages} <= set(names)
    assert not [name for name in names if "__pycache__" in name or name.endswith(".part")]


PLACES = ("*.md", "zoo/*.py", "zoo_core/**/*.py", "zoo_core/**/*.j2", "benchmarks/*.py")
TEXTS = [
    path
    for pattern in (*PLACES, "plugins/**/*.md", "plugins/**/*.py")
    for path in ROOT.glob(pattern)
    if "tests" not in path.parts
]


@pytest.mark.skipif(origin.PUBLISHED, reason="then it is true")
def test_nobody_is_told_to_install_by_a_name_that_anybody_may_claim():
    """What is on no index yet comes from a folder or from git: see `zoo_core._registry.origin`."""
    told = re.compile(r"pip install ['\"]?zoo-")
    assert TEXTS
    found = [path for path in TEXTS if told.search(path.read_text(encoding="utf-8"))]
    assert [path.relative_to(ROOT).as_posix() for path in found] == []
