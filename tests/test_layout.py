"""One floor plan for every paper: knowing one plugin is knowing all."""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAPERS = sorted(path.parent for path in ROOT.glob("plugins/*/pyproject.toml"))
LIBRARIES = sorted(path.parent for path in ROOT.glob("plugins/lib/*/pyproject.toml"))
SOURCES = sorted(path for path in ROOT.glob("plugins/**/*.py") if "__pycache__" not in path.parts)

TOP = {"pyproject.toml", "README.md", "LICENSE", "tests"}
SPECS = {"__init__.py", "paper.py", "claims.py", "models.py", "data.py"}
ROOMS = {"data", "reading", "train", "checks", "pictures"}
"""Files that a paper has for the same things; each may be a folder where one file grew long."""
NEEDED = {"specs", "train", "checks"}
GENERATED = {"weights", "results", "pictures"}
IN_DISGUISE = re.compile(r".*_(registered|claims|train|pictures|data|specs|checks)")
TESTS = {"contract", "data", "reading", "train", "checks", "user", "pictures", "specs"}
LONGEST_HOOKS = 40
LONGEST_CHECKS = 300
HEAVY = {"torch", "numpy", "scipy", "pandas", "networkx", "transformers"}


def package_of(plugin: Path) -> Path:
    (package,) = plugin.glob("zoo_*")
    return package


def children(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if not path.name.startswith((".", "__pyc"))}


def imports(path: Path) -> set[str]:
    """Return the full names of what a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            own = "tests" in path.parts and node.module == "conftest"
            assert own or node.level == 0, f"{path.relative_to(ROOT)} has a relative import"
            found.add(str(node.module))
    return found


def by_name(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("plugin", PAPERS, ids=by_name)
def test_a_plugin_has_the_same_things_at_its_top(plugin):
    package = package_of(plugin)
    assert children(plugin) == {*TOP, package.name}
    assert package.name == f"zoo_{plugin.name.replace('-', '_')}" or plugin.name[0].isdigit()


@pytest.mark.parametrize("plugin", PAPERS, ids=by_name)
def test_a_package_has_the_same_files_for_the_same_things(plugin):
    package = package_of(plugin)
    names = {name.removesuffix(".py") for name in children(package)}
    assert names >= NEEDED
    assert children(package / "specs") == SPECS
    for name in names - {"__init__", "specs"} - ROOMS - GENERATED - {"py.typed"}:
        assert not IN_DISGUISE.fullmatch(name), f"{name} belongs to another room"
        assert name not in ("claims", "paper", "models", "registered"), f"{name}: see specs/"
        assert (package / f"{name}.py").is_file() or list((package / name).glob("*.py")), name
    for room in ROOMS:
        both = (package / f"{room}.py").is_file() and (package / room / "__init__.py").is_file()
        assert not both, f"{room} is a file and a folder"


@pytest.mark.parametrize("plugin", PAPERS, ids=by_name)
def test_four_files_of_one_theme_are_a_folder(plugin):
    for folder in {path.parent for path in package_of(plugin).rglob("*.py")}:
        first = Counter(p.stem.split("_")[0] for p in folder.glob("*_*.py") if p.stem[0] != "_")
        assert [theme for theme, count in first.items() if count >= 4] == [], folder


@pytest.mark.parametrize("plugin", PAPERS, ids=by_name)
def test_an_init_has_hooks_only(plugin):
    path = package_of(plugin) / "__init__.py"
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST_HOOKS
    kinds = (ast.Import, ast.ImportFrom, ast.Assign, ast.Expr, ast.FunctionDef)
    for node in ast.parse(text).body:
        assert isinstance(node, kinds)
        if isinstance(node, ast.FunctionDef):
            assert node.name.startswith("zoo_"), "hooks only"


@pytest.mark.parametrize("plugin", PAPERS, ids=by_name)
def test_specs_import_nothing_heavy(plugin):
    for path in (package_of(plugin) / "specs").glob("*.py"):
        assert {name.partition(".")[0] for name in imports(path)} & HEAVY == set(), path.name


@pytest.mark.parametrize("plugin", PAPERS, ids=by_name)
def test_checks_that_grew_long_are_a_folder(plugin):
    path = package_of(plugin) / "checks.py"
    if path.is_file():
        assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_CHECKS


@pytest.mark.parametrize("plugin", PAPERS, ids=by_name)
def test_tests_are_named_after_what_they_test(plugin):
    package = package_of(plugin)
    parts = {path.stem for path in package.rglob("*.py")} | {
        path.name for path in package.rglob("*") if path.is_dir()
    }
    named = {path.stem.removeprefix("test_") for path in (plugin / "tests").glob("test_*.py")}
    for needed in ("contract", "train", "checks", "user"):
        assert [name for name in named if name == needed or name.startswith(f"{needed}_")], needed
    for name in named - TESTS:
        known = [part for part in parts if name == part or name.startswith(f"{part}_")]
        assert known, f"test_{name}.py tests no module or folder of {package.name}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_plugin_uses_the_author_s_door(path):
    """Of the core, a plugin imports `zoo_core`, its tests `zoo_core.testing` too."""
    allowed = {"zoo_core"} | ({"zoo_core.testing"} if "tests" in path.parts else set())
    of_the_core = {name for name in imports(path) if name.partition(".")[0] == "zoo_core"}
    assert of_the_core <= allowed


@pytest.mark.parametrize("plugin", [*PAPERS, *LIBRARIES], ids=by_name)
def test_a_plugin_reaches_into_no_other_paper(plugin):
    papers = {package_of(paper).name for paper in PAPERS} - {package_of(plugin).name}
    for path in plugin.rglob("*.py"):
        assert {name.partition(".")[0] for name in imports(path)} & papers == set(), path


@pytest.mark.parametrize("plugin", [*PAPERS, *LIBRARIES], ids=by_name)
def test_there_is_no_import_circle(plugin):
    """Modules of one package, by the imports at their tops; a folder's module is not the folder."""
    package = package_of(plugin)
    modules = {
        ".".join(path.relative_to(plugin).with_suffix("").parts).removesuffix(".__init__"): path
        for path in package.rglob("*.py")
    }
    graph: dict[str, set[str]] = {name: set() for name in modules}
    for name, path in modules.items():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith(package.name):
                full = [f"{node.module}.{alias.name}" for alias in node.names]
                graph[name] |= {one if one in modules else str(node.module) for one in full}
    graph = {name: (targets & set(graph)) - {name} for name, targets in graph.items()}
    while graph:
        leaves = [name for name, targets in graph.items() if not targets & set(graph)]
        assert leaves, f"a circle within {sorted(graph)}"
        graph = {name: targets for name, targets in graph.items() if name not in leaves}


ORDER = ("_running", "_registry", "_loading", "_measuring", "_publishing", "_authoring", "_shell")
"""The core's rooms: each imports from itself and from those before it."""


def test_the_core_is_seven_rooms_without_a_way_back():
    core = ROOT / "zoo_core"
    rooms = {path.name for path in core.iterdir() if (path / "__init__.py").is_file()}
    assert rooms == {*ORDER, "testing"}
    for number, room in enumerate(ORDER):
        for path in (core / room).rglob("*.py"):
            later = {f"zoo_core.{name}" for name in ORDER[number + 1 :]} | {"zoo_core.testing"}
            reached = {name for name in imports(path) if name.startswith(tuple(later))}
            assert reached == set(), path.relative_to(ROOT)


def test_the_core_names_no_paper_and_no_library():
    names = {path.name for path in (*PAPERS, *LIBRARIES)}
    names |= {package_of(path).name for path in (*PAPERS, *LIBRARIES)}
    for path in (ROOT / "zoo_core").rglob("*.py"):
        words = set(re.findall(r"[\w-]+", path.read_text(encoding="utf-8")))
        assert words & names == set(), path.relative_to(ROOT)


def test_the_check_of_imports_sees_them_all(tmp_path):
    (tmp_path / "one.py").write_text("import a.b\ndef f():\n    from c.d import e\n")
    assert imports(tmp_path / "one.py") == {"a.b", "c.d"}
    assert "zoo_core" not in sys.stdlib_module_names
