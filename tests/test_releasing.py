"""`make release`: what it builds, what twine says, and what a slim wheel leaves to the Hub."""

from __future__ import annotations

import json
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from zoo_core._authoring import releasing
from zoo_core._loading.weights import locate
from zoo_core.errors import BadInput, HubError, PluginError

ROOT = Path(__file__).parent.parent
PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "zoo-toy"
version = "1.0"
description = "Toys."
readme = "README.md"

[tool.hatch.build.targets.wheel]
only-include = ["zoo_toy"]
"""
SLIM = '\n[tool.zoo]\nflagships = ["toy-a"]\n'


@pytest.fixture
def project(site):
    """A project of a plugin with two models with weights; the second is on the Hub."""
    package = site.add_toy("toy-a", "toy-b", "toy-c")
    path = package / "weights" / "lock.json"
    lock = json.loads(path.read_text())
    lock["toy-b"] |= {"repo": "owner/toy-b", "revision": "a" * 40}
    path.write_text(json.dumps(lock))
    (package / "weights" / "toy-b").mkdir()
    (package / "weights" / "toy-b" / "words.txt").write_text("an asset\n")
    folder = site.folder.parent / "project"
    folder.mkdir()
    package.rename(folder / package.name)
    (folder / "pyproject.toml").write_text(PROJECT + SLIM)
    (folder / "README.md").write_text("# Toys\n")
    return folder


def weights_in(wheel: Path) -> list[str]:
    names = zipfile.ZipFile(wheel).namelist()
    return sorted(Path(name).name for name in names if "/weights/" in name)


@pytest.fixture
def slim(project, tmp_path):
    """The project's slim wheel, and what is told of it."""
    (wheel, _), told = releasing.build(project, tmp_path / "slim", slim=True)
    return wheel, told


def test_a_slim_wheel_leaves_to_the_hub_what_the_hub_has(project, slim, tmp_path):
    wheel, told = slim
    assert weights_in(wheel) == ["lock.json", "toy-a.safetensors", "toy-c.safetensors"]
    assert list(told.told()) == [
        "toy-b is left to the Hub: owner/toy-b@aaaaaaaaaaaa",
        "kept, being on no Hub: toy-c",
    ]
    assert (project / "zoo_toy" / "weights" / "toy-b.safetensors").is_file()
    (whole, archive), told = releasing.build(project, tmp_path / "whole")
    assert len(weights_in(whole)) == 5
    with tarfile.open(archive) as tar:
        assert [name for name in tar.getnames() if name.endswith("toy-b.safetensors")]
    assert list(told.told()) == []


def test_a_model_of_a_slim_wheel_says_where_its_weights_are(site, slim, monkeypatch):
    zipfile.ZipFile(slim[0]).extractall(site.folder)
    known = site.use()
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert locate(known.model("toy-a")).is_file()
    with pytest.raises(HubError, match=r"weights of toy-b.*owner/toy-b"):
        locate(known.model("toy-b"))


def test_flagships_that_are_no_models_are_refused(project, tmp_path):
    (project / "pyproject.toml").write_text(PROJECT + SLIM.replace("toy-a", "toy-z"))
    with pytest.raises(BadInput, match="no weights of its flagships toy-z"):
        releasing.build(project, tmp_path / "out", slim=True)


def test_what_twine_finds_is_told(project, tmp_path):
    pytest.importorskip("twine", reason="pip install -e '.[release]'")
    (project / "README.md").unlink()
    (project / "pyproject.toml").write_text(PROJECT.replace('readme = "README.md"\n', ""))
    paths, _ = releasing.build(project, tmp_path / "bare")
    with pytest.raises(PluginError, match=r"(?s)twine refuses.*long_description"):
        releasing.check(paths)


def test_what_cannot_be_built_is_told(project, tmp_path, capsys):
    (project / "pyproject.toml").write_text("[project]\nname = 3\n")
    with pytest.raises(SystemExit, match=r"release: .*project could not be built"):
        releasing.main([str(project), "--out", str(tmp_path / "out")])


PAPERS = [path.parent for path in ROOT.glob("plugins/*/pyproject.toml")]


@pytest.mark.parametrize("folder", PAPERS, ids=lambda folder: folder.name)
def test_flagships_have_weights_in_the_package(folder):
    for name in releasing.flagships(folder):
        assert list(folder.glob(f"zoo_*/weights/{name}.safetensors")), name


def test_the_makefile_releases_every_distribution():
    done = subprocess.run(
        ["make", "-n", "-o", ".venv/.made", "release", "SLIM=1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    (line,) = [one for one in done.stdout.replace("\\\n", "").splitlines() if "releasing" in one]
    words = line.split()
    projects = {path.parent for path in ROOT.glob("plugins/**/pyproject.toml")}
    assert {ROOT / word for word in words if word.endswith("/")} == projects
    assert {".", "--slim", "--demo"} <= set(words)
