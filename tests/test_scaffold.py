"""`zoo new`: the plugin that it writes installs and works as written; what an author then adds."""

import importlib.util
import json
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from types import SimpleNamespace

import pytest

from zoo_core import Paper
from zoo_core._authoring import scaffold
from zoo_core._registry.registry import Plugin, registry
from zoo_core.errors import BadInput, ZooError

NAME, PACKAGE = "my-toy", "zoo_my_toy"
SPEC_LINES, WEIGHT_LINES = 40, 8
FILES = {
    "README.md",
    "pyproject.toml",
    f"{PACKAGE}/__init__.py",
    f"{PACKAGE}/claims.py",
    f"{PACKAGE}/data.py",
    f"{PACKAGE}/model.py",
    f"{PACKAGE}/train.py",
    "tests/test_my_toy.py",
}
WEIGHT = """\
Model(name="my-toy-second", architecture="my-toy-ridge", dataset="my-toy-table",
license="Apache-2.0", options={"seed": 1}, summary="Ridge regression on the table's second draw.")
"""


def _files(folder: Path) -> dict[str, str]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in paths}


def _formatted(code: str) -> str:
    command = [sys.executable, "-m", "ruff", "format", "--line-length", "100", "-"]
    return subprocess.run(command, input=code, capture_output=True, text=True, check=True).stdout


def _specs(folder: Path) -> SimpleNamespace:
    """Return the names of the spec module, imported from its file."""
    path = folder / PACKAGE / "__init__.py"
    found = importlib.util.spec_from_file_location(f"{PACKAGE}_{id(folder)}", path)
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return SimpleNamespace(**vars(module))


def test_it_writes_these_files_and_nothing_else(tmp_path):
    path = scaffold.create_plugin(NAME, tmp_path / "new" / "place")
    assert path == tmp_path / "new" / "place" / NAME
    assert set(_files(path)) == FILES
    assert list(path.parent.iterdir()) == [path]
    assert all("<<" not in text and "{%" not in text for text in _files(path).values())


def test_the_same_files_each_time(tmp_path):
    one, two = (scaffold.create_plugin(NAME, tmp_path / part) for part in "ab")
    assert _files(one) == _files(two)


def test_an_empty_folder_is_taken(tmp_path):
    (tmp_path / NAME).mkdir()
    assert set(_files(scaffold.create_plugin(NAME, tmp_path))) == FILES


@pytest.mark.parametrize(
    "name", ["a", "3d", "my_paper", "gnn-2-ml", "a-rather-long-name-of-a-paper"]
)
def test_good_names_give_code_that_is_linted(tmp_path, name):
    path = scaffold.create_plugin(name, tmp_path)
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", str(path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_it_is_formatted(tmp_path):
    path = scaffold.create_plugin(NAME, tmp_path)
    command = [sys.executable, "-m", "ruff", "format", "--no-cache", "--diff", str(path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "name",
    ["", "My-Paper", "my paper", "-a", "a-", "a--b", "a.b", "../a", "a/b", "é", "a\n", "zoo:x"],
)
def test_bad_names_are_refused(tmp_path, name):
    with pytest.raises(BadInput, match="such as 'my-paper'"):
        scaffold.create_plugin(name, tmp_path)
    assert not list(tmp_path.iterdir())


def test_names_that_are_taken_are_refused(tmp_path, monkeypatch):
    paper = Paper(name="taken", title="T", authors=["A"], year=2026, bibtex="@misc{t}", summary="S")
    monkeypatch.setitem(registry().papers.specs, "taken", paper)
    monkeypatch.setattr(registry(), "plugins", [*registry().plugins, Plugin("broken-one")])
    monkeypatch.setattr(scaffold, "catalogue", lambda: {"zoo-known": ["a-model"]})
    for name in ("taken", "broken-one", "core", "known"):
        with pytest.raises(BadInput, match="choose another"):
            scaffold.create_plugin(name, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / NAME).mkdir()
    (tmp_path / NAME / "mine.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    for name in (NAME, "file"):
        with pytest.raises(BadInput, match="exists already"):
            scaffold.create_plugin(name, tmp_path)
    assert _files(tmp_path) == {f"{NAME}/mine.txt": "mine", "file": "mine"}


def test_nothing_is_left_half_written(tmp_path, monkeypatch):
    def fail(path, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(ZooError, match="no space is left on the disk") as caught:
        scaffold.create_plugin(NAME, tmp_path)
    assert caught.value.exit_code == 3
    assert not list(tmp_path.iterdir())


def test_a_papers_spec_module_is_short(tmp_path):
    path = scaffold.create_plugin(NAME, tmp_path)
    text = _files(path)[f"{PACKAGE}/__init__.py"]
    assert len(text.splitlines()) <= SPEC_LINES
    assert "import torch" not in text
    specs = _specs(path)
    assert [spec.name for spec in specs.zoo_papers()] == [NAME]
    assert [spec.name for spec in specs.zoo_models()] == ["my-toy-example"]


def _add_weight(path: Path) -> str:
    """Add a second model, as an author does; return what was added."""
    entry = _formatted(WEIGHT).rstrip().removesuffix(")") + "),\n"
    module = path / PACKAGE / "__init__.py"
    text = module.read_text("utf-8")
    module.write_text(text.replace(")]\n# fmt: on", f"),\n{entry}]\n# fmt: on"), "utf-8")
    return entry


def test_a_further_weight_costs_few_lines_in_one_file(tmp_path):
    path = scaffold.create_plugin(NAME, tmp_path)
    before = _files(path)
    entry = _add_weight(path)
    assert len(entry.splitlines()) <= WEIGHT_LINES
    after = _files(path)
    assert {place for place in after if after[place] != before[place]} == {f"{PACKAGE}/__init__.py"}
    names = [spec.name for spec in _specs(path).zoo_models()]
    assert names == ["my-toy-example", "my-toy-second"]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A plugin, installed in a throw-away environment on top of the running one, without network.

    Returns a function that runs Python there, and the plugin's folder.
    """
    root = tmp_path_factory.mktemp("scaffold")
    venv.EnvBuilder(with_pip=False, symlinks=True).create(root / "env")
    python = root / "env" / "bin" / "python"
    purelib = sysconfig.get_path(
        "purelib", "venv", {"base": str(root / "env"), "platbase": str(root / "env")}
    )
    # A venv of a venv does not see its site-packages: they are added, with their own .pth files.
    places = [sysconfig.get_path("purelib"), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    lines = [f"import site; site.addsitedir({place!r})" for place in places if place]
    (Path(purelib) / "running.pth").write_text("\n".join(lines) + "\n")
    path = scaffold.create_plugin(NAME, root)
    environment = {**os.environ, "ZOO_PLUGINS": NAME, "ZOO_HOME": str(root / "home")}

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [str(python), *arguments], cwd=path, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{arguments}:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    quiet = ("--quiet", "--disable-pip-version-check")
    run("-m", "pip", "install", *quiet, "--no-build-isolation", "--no-deps", "-e", ".")
    return run, path


@pytest.mark.slow
def test_the_plugin_passes_its_own_tests_then_ships_a_model(installed):
    run, _ = installed
    tests = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "--import-mode=importlib")
    assert "1 skipped" in run(*tests)
    zoo = ("-m", "zoo_core")
    run(*zoo, "train", "my-toy-example", "--embed")
    run(*zoo, "evaluate", "my-toy-example", "--store")
    run(*zoo, "verify", NAME, "--store")
    run(*zoo, "cards")
    listed = json.loads(run(*zoo, "list", "--json"))
    assert [row["name"] for row in listed] == ["my-toy-example"]
    assert "1 passed" in run(*tests, "-k", "shipped_model")
    run(
        "-c",
        "import zoo, pathlib, zoo_core.testing as kit\n"
        "kit.check_complete('my-toy-example', pathlib.Path('model_cards'))\n"
        "[row] = zoo.predict('my-toy-example', [[1, 0, 0]])\n"
        "assert abs(row['prediction'] - 2.5) < 0.15, row\n",
    )


@pytest.mark.slow
def test_a_further_weight_is_trained_and_loaded(installed):
    run, path = installed
    _add_weight(path)
    run(
        "-c",
        "import zoo\n"
        "zoo.train('my-toy-second', embed=True)\n"
        "from zoo_core.testing import check_model\n"
        "check_model('my-toy-second')\n",
    )
    lock = json.loads((path / PACKAGE / "weights" / "lock.json").read_bytes())
    assert len(lock["my-toy-second"]["sha256"]) == 64
