"""`zoo new`: the plugin that it writes installs and works as written; what an author then adds."""

import ast
import json
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest
import test_layout

from zoo_core import Paper
from zoo_core._authoring import scaffold
from zoo_core._registry.registry import Plugin, registry
from zoo_core.errors import BadInput, PluginError, UnknownName, ZooError

NAME, PACKAGE = "my-toy", "zoo_my_toy"
SPEC_LINES, WEIGHT_LINES = 40, 8
CORE_KINDS = {"estimator", "sequence", "algorithm"}
KINDS = sorted(folder.name for folder in registry().kinds)
FILES = {
    "LICENSE",
    "README.md",
    "pyproject.toml",
    f"{PACKAGE}/__init__.py",
    f"{PACKAGE}/checks.py",
    f"{PACKAGE}/data.py",
    f"{PACKAGE}/py.typed",
    f"{PACKAGE}/reading.py",
    f"{PACKAGE}/ridge.py",
    *(f"{PACKAGE}/specs/{name}" for name in test_layout.SPECS),
    f"{PACKAGE}/train.py",
    "tests/conftest.py",
    *(f"tests/test_{name}.py" for name in "checks contract data ridge train user".split()),
}
WEIGHT = """\
    Model(
        name="my-toy-second",
        architecture="my-toy-ridge",
        dataset="my-toy-table",
        license="Apache-2.0",
        summary="Ridge regression on the table's second draw.",
        metrics=["mae", "r2"],
        options={"seed": 1},
    ),
"""


def _files(folder: Path) -> dict[str, str]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in paths}


def _stated(code: str) -> int:
    """Count the lines on which a field of a spec stands: what an author has to say.

    Imports, docstrings and lines of brackets are left out: `zoo new` writes them.
    """
    fields = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.keyword)]
    return len({line for one in fields for line in range(one.lineno, one.end_lineno + 1)})


def _done(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_writes_these_files_and_nothing_else(tmp_path):
    path = scaffold.create_plugin(NAME, tmp_path / "new" / "place")
    assert path == tmp_path / "new" / "place" / NAME
    assert set(_files(path)) == FILES
    assert list(path.parent.iterdir()) == [path]
    assert all("<<" not in text and "{%" not in text for text in _files(path).values())


def test_the_same_files_each_time(tmp_path):
    one, two = (scaffold.create_plugin(NAME, tmp_path / part) for part in "ab")
    assert _files(one) == _files(two)


@pytest.mark.parametrize("kind", KINDS)
def test_it_writes_the_floor_plan(tmp_path, kind):
    plugin = scaffold.create_plugin(NAME, tmp_path, kind)
    test_layout.test_a_plugin_has_the_same_things_at_its_top(plugin)
    test_layout.test_a_package_has_the_same_files_for_the_same_things(plugin)
    test_layout.test_four_files_of_one_theme_are_a_folder(plugin)
    test_layout.test_an_init_has_hooks_only(plugin)
    test_layout.test_specs_import_nothing_heavy(plugin)
    test_layout.test_checks_that_grew_long_are_a_folder(plugin)
    test_layout.test_tests_are_named_after_what_they_test(plugin)
    test_layout.test_a_plugin_reaches_into_no_other_paper(plugin)
    test_layout.test_there_is_no_import_circle(plugin)
    for path in plugin.rglob("*.py"):
        test_layout.test_a_plugin_uses_the_author_s_door(path)


def test_an_empty_folder_is_taken(tmp_path):
    (tmp_path / NAME).mkdir()
    assert set(_files(scaffold.create_plugin(NAME, tmp_path))) == FILES


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "name", ["a", "3d", "my_paper", "gnn-2-ml", "a-rather-long-name-of-a-paper"]
)
def test_good_names_give_code_that_is_linted(tmp_path, name, kind):
    path = scaffold.create_plugin(name, tmp_path, kind)
    _done([sys.executable, "-m", "ruff", "check", "--no-cache", "."], path)


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_formatted(tmp_path, kind):
    path = scaffold.create_plugin(NAME, tmp_path, kind)
    _done([sys.executable, "-m", "ruff", "format", "--no-cache", "--diff", "."], path)


@pytest.mark.slow
def test_all_kinds_are_typed(tmp_path):
    """As strictly as the project; what `make lint` has learnt of torch is used again."""
    plugins = [scaffold.create_plugin(f"my-{kind}", tmp_path, kind) for kind in KINDS]
    packages = [str(test_layout.package_of(plugin)) for plugin in plugins]
    root = Path(__file__).parents[1]
    places = (f"--config-file={root / 'pyproject.toml'}", f"--cache-dir={root / '.mypy_cache'}")
    _done([sys.executable, "-m", "mypy", "--strict", *places, *packages], tmp_path)


def test_a_kind_that_is_not_there_is_refused_with_what_there_is(tmp_path):
    with pytest.raises(UnknownName, match=r"did you mean 'estimator'\? There are algorithm, "):
        scaffold.create_plugin(NAME, tmp_path, "estimators")
    assert not list(tmp_path.iterdir())


def test_the_help_lists_the_kinds(zoo_here):
    told = zoo_here("new", "--help").out
    assert all(kind in told for kind in KINDS)
    assert set(KINDS) >= CORE_KINDS


def test_the_shell_takes_a_kind(tmp_path, zoo_here):
    done = zoo_here("new", NAME, "--kind", "algorithm", "--folder", tmp_path, "--json")
    assert done.json == {"folder": str(tmp_path / NAME)}
    assert "algorithm" in (tmp_path / NAME / "README.md").read_text("utf-8")
    refused = zoo_here("new", "other", "--kind", "poem", "--folder", tmp_path)
    assert refused.code == 2
    assert "There is no kind of plugin 'poem' here. There are" in refused.err


LIBRARY = """
from pathlib import Path
from zoo_core import hookimpl
ZOO_API = 2
zoo_kinds = hookimpl(lambda: [Path(__file__).parent / "poem"])
"""


@pytest.fixture
def library(site, tmp_path):
    """A library that brings a kind; returns the kind's folder."""
    folder = site.add("poems", LIBRARY) / "poem"
    (folder / "PACKAGE").mkdir(parents=True)
    (folder / "PACKAGE" / "rhyme.py.j2").write_text('"""<< name >> rhymes."""\n')
    site.use()
    return folder


def test_a_library_brings_a_kind(library, tmp_path):
    files = _files(scaffold.create_plugin(NAME, tmp_path / "new", "poem"))
    assert files[f"{PACKAGE}/rhyme.py"] == '"""my-toy rhymes."""\n'
    assert f"| `{PACKAGE}/rhyme.py` |" in files["README.md"]
    assert '"zoo-poems>=' in files["pyproject.toml"]
    assert f"{PACKAGE}/specs/paper.py" in files and f"{PACKAGE}/ridge.py" not in files


@pytest.mark.parametrize("text", ["<< nonsense >>", "{% if %}", "<< name"])
def test_a_broken_template_is_the_librarys_error(library, tmp_path, text):
    (library / "PACKAGE" / "rhyme.py.j2").write_text(text)
    with pytest.raises(PluginError, match="The kind 'poem' of zoo-poems is broken"):
        scaffold.create_plugin(NAME, tmp_path / "new", "poem")
    assert not (tmp_path / "new").exists()


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


@pytest.mark.parametrize("kind", KINDS)
def test_a_papers_specs_are_short(tmp_path, kind):
    """A paper with one claim, architecture, model and dataset; what is more costs as a weight."""
    files = _files(scaffold.create_plugin(NAME, tmp_path, kind))
    specs = [text for place, text in files.items() if place.startswith(f"{PACKAGE}/specs/")]
    assert len(specs) == len(test_layout.SPECS)
    made = "\n".join(specs)
    parts = sum(made.count(f" {part}(") for part in ("Claim", "Architecture", "Model", "Dataset"))
    further = parts + made.count(" Metric(") - 4
    assert _stated(made) <= SPEC_LINES + WEIGHT_LINES * further


def _add_weight(path: Path) -> None:
    """Add a second model to an estimator's, as an author does: lines in one file."""
    module = path / PACKAGE / "specs" / "models.py"
    text = module.read_text("utf-8")
    assert text.endswith("    ),\n]\n")
    module.write_text(text.removesuffix("]\n") + WEIGHT + "]\n", "utf-8")


def test_a_further_weight_costs_few_lines_in_one_file(tmp_path):
    path = scaffold.create_plugin(NAME, tmp_path)
    before = _files(path)
    _add_weight(path)
    after = _files(path)
    changed = [place for place in after if after[place] != before[place]]
    assert changed == [f"{PACKAGE}/specs/models.py"]
    stated = _stated(after[changed[0]]) - _stated(before[changed[0]])
    assert 0 < stated <= WEIGHT_LINES
    _done([sys.executable, "-m", "ruff", "format", "--no-cache", "--diff", "."], path)


def test_a_line_is_counted_where_a_field_stands():
    code = "from a import B\nX = [\n  B(\n    a=1,\n    b=[\n      2,\n    ],\n  ),\n]\n"
    assert _stated(code) == 4


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A plugin of each kind, installed in one throw-away environment on top of the running one.

    Returns a function that runs Python in a plugin's folder, and the folder of each kind.
    """
    root = tmp_path_factory.mktemp("scaffold")
    venv.EnvBuilder(with_pip=False, symlinks=True).create(root / "env")
    python = root / "env" / "bin" / "python"
    purelib = sysconfig.get_path(
        "purelib", "venv", {"base": str(root / "env"), "platbase": str(root / "env")}
    )
    # A venv of a venv does not see its site-packages: they are added, with their own .pth files.
    places = [*os.environ.get("PYTHONPATH", "").split(os.pathsep), sysconfig.get_path("purelib")]
    lines = [f"import site; site.addsitedir({place!r})" for place in places if place]
    (Path(purelib) / "running.pth").write_text("\n".join(lines) + "\n")
    folders = {
        kind: scaffold.create_plugin(NAME if kind == scaffold.KIND else f"my-{kind}", root, kind)
        for kind in KINDS
    }

    def run(kind: str, *arguments: str) -> str:
        environment = {
            **os.environ,
            "ZOO_PLUGINS": folders[kind].name,
            "ZOO_HOME": str(root / "home"),
        }
        done = subprocess.run(
            [str(python), *arguments],
            cwd=folders[kind],
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{arguments}:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    quiet = ("--quiet", "--disable-pip-version-check", "--no-build-isolation", "--no-deps")
    editable = [word for folder in folders.values() for word in ("-e", str(folder))]
    run(scaffold.KIND, "-m", "pip", "install", *quiet, *editable)
    return run, folders


ZOO = ("-m", "zoo_core")
SEVERAL = """
import sys
from zoo_core._shell import shell

for line in sys.argv[1:]:
    sys.argv = ["zoo", *line.split()]
    try:
        shell.main()
    except SystemExit as stopped:
        if stopped.code:
            raise
"""
"""Verbs one after the other as the shell runs them, in one process: torch is imported once."""
COMPLETE = """
import pathlib, sys
import pytest
import zoo_core.testing as kit

kit.check_complete(sys.argv[1], pathlib.Path("model_cards"))
sys.exit(pytest.main(sys.argv[2:]))
"""
OPTIONS = ("-q", "-p", "no:cacheprovider", "--import-mode=importlib", "--tb=short")


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_new_plugin_passes_its_own_tests(installed, kind):
    run, _ = installed
    told = run(kind, "-m", "pytest", *OPTIONS)
    assert " passed" in told and "skipped" not in told


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_new_plugin_ships_a_model(installed, kind):
    run, folders = installed
    name = folders[kind].name
    model = f"{name}-example"
    run(kind, *ZOO, "train", model, "--embed")
    run(kind, "-c", SEVERAL, f"evaluate {model} --store", f"verify {name} --store", "cards")
    assert [row["name"] for row in json.loads(run(kind, *ZOO, "list", "--json"))] == [model]
    told = run(kind, "-c", COMPLETE, model, *OPTIONS, "-vv", "tests/test_contract.py")
    assert f"{model}-predictions" in told


@pytest.mark.slow
def test_a_further_weight_is_trained_and_loaded(installed):
    run, folders = installed
    path = folders[scaffold.KIND]
    _add_weight(path)
    run(
        scaffold.KIND,
        "-c",
        "import zoo\n"
        "zoo.train('my-toy-second', embed=True)\n"
        "from zoo_core.testing import CHECKS\n"
        "for check in CHECKS: check('my-toy-second')\n",
    )
    lock = json.loads((path / PACKAGE / "weights" / "lock.json").read_bytes())
    assert len(lock["my-toy-second"]["sha256"]) == 64
