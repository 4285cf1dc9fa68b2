"""`zoo install`: from folders, git and indices, never by a name that anybody may have claimed."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import zoo
from zoo_core._publishing import cards
from zoo_core._registry import origin
from zoo_core._registry import registry as registry_module
from zoo_core._shell import installing
from zoo_core.errors import BadInput, PluginError

PIP = [sys.executable, "-m", "pip", "install"]
INFO = "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"


def write_wheel(
    folder: Path, name: str, version="1.0", needs=(), points="[zoo]\n{short} = {package}\n"
):
    """Write a wheel that pip installs without building anything."""
    package = name.replace("-", "_")
    points = points.format(short=name.removeprefix("zoo-"), package=package)
    info = f"{package}-{version}.dist-info"
    told = INFO.format(name=name, version=version)
    files = {
        f"{package}.py": "ZOO_API = 2\n",
        f"{info}/METADATA": told + "".join(f"Requires-Dist: {need}\n" for need in needs),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": points,
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{package}-{version}-py3-none-any.whl"
    record = "".join(f"{file},,\n" for file in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in {**files, f"{info}/RECORD": record}.items():
            archive.writestr(file, text)
    return path


def write_project(folder: Path, name: str, needs=()) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    told = json.dumps({"name": name, "version": "2.0"})[1:-1]
    pairs = "\n".join(pair.replace(":", " =", 1).replace('"', "", 2) for pair in told.split(", "))
    text = f"[project]\n{pairs}\ndependencies = {json.dumps(list(needs))}\n"
    (folder / "pyproject.toml").write_text(text)
    return folder


@pytest.fixture(autouse=True)
def known(tmp_path, monkeypatch):
    """Let the catalogue know two distributions, which bring four names."""
    path = tmp_path / "catalogue.json"
    path.write_text(json.dumps({"zoo-far": ["far-model", "far-paper"], "zoo-near": ["near-data"]}))
    monkeypatch.setattr(registry_module, "CATALOGUE", path)


def arguments(names, source) -> list[str]:
    with installing.planned(names, source) as plan:
        assert plan.command[:4] == PIP
        return list(plan.arguments)


def test_by_name_alone_nothing_is_installed_that_anybody_may_have_claimed(monkeypatch):
    with pytest.raises(BadInput, match=r"zoo-far cannot be had by name alone.*--from \."):
        arguments(["far-model"], None)
    monkeypatch.setattr(origin, "PUBLISHED", True)
    assert arguments(["far-model", "near", "far-paper"], None) == ["zoo-far", "zoo-near"]
    with pytest.raises(BadInput, match="'far-modle'; did you mean 'far-model'"):
        arguments(["far-modle"], None)


def test_what_is_told_follows_from_one_fact(monkeypatch):
    told = [origin.told("zoo-far")]
    assert "no package index" in told[0] and "pip install zoo-far" not in told[0]
    monkeypatch.setattr(origin, "REPOSITORY", "https://git.example/zoo.git")
    assert "--from git+https://git.example/zoo.git" in origin.told("zoo-far")
    monkeypatch.setattr(origin, "PUBLISHED", True)
    assert origin.told("zoo-far") == "`pip install zoo-far`"


def test_a_card_tells_which_is_true(monkeypatch):
    """What the one fact says, for a distribution of this project's."""
    monkeypatch.undo()  # the catalogue is the real one here
    name = "powerembed-sbm-dense"
    distribution = zoo.info(name)["distribution"]
    assert f"\n{origin.told(distribution)}, then\n" in cards.render(name)
    monkeypatch.setattr(origin, "PUBLISHED", True)
    assert f"\n`pip install {distribution}`, then\n" in cards.render(name)


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        ("git+https://host/me/zoo", ("https://host/me/zoo", "")),
        ("https://host/me/zoo.git@v1", ("https://host/me/zoo.git", "v1")),
        ("git@host:me/zoo.git", ("git@host:me/zoo.git", "")),
        ("git@host:zoo.git", ("git@host:zoo.git", "")),
        ("git+ssh://git@host/me/zoo.git@abc", ("ssh://git@host/me/zoo.git", "abc")),
    ],
)
def test_git_addresses_are_told_from_indices(address, parts):
    assert installing._is_git(address)
    assert installing._revision(address.removeprefix("git+")) == parts
    assert not installing._is_git("https://index.example/simple")


def test_one_wheel_is_a_source_too(tmp_path):
    near = write_wheel(tmp_path, "zoo-near")
    assert arguments(["near"], str(near)) == [str(near)]


@pytest.mark.parametrize(
    ("urls", "expected"),
    [
        (
            ["Source, https://git.example/odd"],
            "`pip install 'zoo-odd @ git+https://git.example/odd'`",
        ),
        (
            ["Paper, https://arxiv.org/abs/1"],
            "`pip install FOLDER` with the folder or wheel of zoo-odd",
        ),
        ([], "`pip install FOLDER` with the folder or wheel of zoo-odd"),
    ],
)
def test_of_another_project_its_own_metadata_tell(urls, expected):
    plugin = registry_module.Plugin("odd")
    plugin.urls = urls
    assert origin.told("zoo-odd", plugin) == expected


def test_a_folder_of_wheels_gives_what_is_needed_of_itself_by_path(tmp_path):
    """What an index may have under the same names, in whatever version, is never asked for."""
    folder = tmp_path / "wheels"
    near = write_wheel(
        folder, "zoo-near", needs=["zoo-lib>=1", "torch>=2", "zoo-extra; extra == 'x'"]
    )
    write_wheel(folder, "zoo-lib", "0.9")
    lib = write_wheel(folder, "zoo-lib", "1.10")
    write_wheel(folder, "zoo-lib", "1.9")
    write_wheel(folder, "zoo-extra")
    write_wheel(folder, "zoo-core", "0.0.1")
    assert arguments(["near-data"], str(folder)) == [str(near), str(lib)]


def test_extras_go_with_their_names(tmp_path):
    """They bring what they need of the same folder, too."""
    folder = tmp_path / "wheels"
    near = write_wheel(folder, "zoo-near", needs=["zoo-lib[fast]; extra == 'draw'", "numpy"])
    lib = write_wheel(folder, "zoo-lib", needs=["zoo-deep; extra == 'fast'"])
    deep = write_wheel(folder, "zoo-deep")
    assert arguments(["near"], str(folder)) == [str(near)]
    told = [f"{near}[draw]", f"{lib}[fast]", str(deep)]
    assert arguments(["near[draw]"], str(folder)) == told
    assert arguments(["near", "zoo-near[draw]"], str(folder)) == told
    assert arguments(["far[b, a]"], "https://index.example/")[-1] == "zoo-far[a,b]"


def test_what_is_here_and_fits_is_left_as_it_is(tmp_path):
    near = write_wheel(tmp_path / "w", "zoo-near", needs=["zoo-core>=0.1"])
    write_wheel(tmp_path / "w", "zoo-core", "99")
    assert arguments(["near"], str(tmp_path / "w")) == [str(near)]
    near = write_wheel(tmp_path / "w", "zoo-near", "1.1", needs=["zoo-core>=99"])
    assert len(arguments(["near"], str(tmp_path / "w"))) == 2


def test_a_copy_of_the_project_gives_folders(tmp_path):
    write_project(tmp_path / "copy", "zoo-core")
    near = write_project(tmp_path / "copy" / "plugins" / "near", "zoo-near", ["zoo-lib", "numpy"])
    lib = write_project(tmp_path / "copy" / "plugins" / "lib" / "zoo-lib", "zoo-lib")
    write_project(tmp_path / "copy" / ".venv" / "odd", "zoo-odd")
    assert arguments(["near"], str(tmp_path / "copy")) == [str(near), str(lib)]
    with pytest.raises(BadInput, match="brings 'odd'"):
        arguments(["odd"], str(tmp_path / "copy"))


def test_an_archive_of_source_is_taken_where_there_is_no_wheel(tmp_path):
    told = tmp_path / "PKG-INFO"
    told.write_text(INFO.format(name="zoo-near", version="1.0"))
    path = tmp_path / "sources" / "zoo_near-1.0.tar.gz"
    path.parent.mkdir()
    with tarfile.open(path, "w:gz") as tar:
        tar.add(told, "zoo_near-1.0/PKG-INFO")
    assert arguments(["near"], str(path.parent)) == [str(path)]
    wheel = write_wheel(path.parent, "zoo-near")
    assert arguments(["near"], str(path.parent)) == [str(wheel)]


def test_an_index_is_the_only_one_that_is_asked():
    source = "https://index.example/simple"
    assert arguments(["far-model", "zoo-elsewhere"], source) == [
        "--index-url",
        source,
        "zoo-far",
        "zoo-elsewhere",
    ]


def git(*words) -> None:
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *who, *map(str, words)], check=True, capture_output=True)


def test_a_git_address_is_fetched_at_its_revision(tmp_path):
    copy = tmp_path / "upstream.git"
    write_project(copy / "plugins" / "near", "zoo-near")
    git("init", "--quiet", copy)
    git("-C", copy, "add", ".")
    git("-C", copy, "commit", "--quiet", "-m", "first")
    git("-C", copy, "tag", "v1")
    write_project(copy / "plugins" / "new", "zoo-new")
    git("-C", copy, "add", ".")
    git("-C", copy, "commit", "--quiet", "-m", "second")
    with installing.planned(["new"], f"git+file://{copy}") as plan:
        (path,) = plan.arguments
        assert (Path(path) / "pyproject.toml").is_file()
    assert not Path(path).exists()
    with pytest.raises(BadInput, match="brings 'new'"):
        arguments(["new"], f"file://{copy}@v1")
    assert len(arguments(["near"], f"git+file://{copy}@v1")) == 1
    with pytest.raises(PluginError, match=r"could not be fetched.*nothing was installed"):
        arguments(["near"], f"git+file://{tmp_path}/nothing.git")
    with pytest.raises(BadInput, match="no revision"):
        arguments(["near"], f"git+file://{copy}@--upload-pack=x")


ODD = {
    "no folder": lambda folder: None,
    "empty": lambda folder: folder.mkdir(),
    "no zip": lambda folder: (
        folder.mkdir(),
        (folder / "zoo_near-1-py3-none-any.whl").write_text("x"),
    ),
    "no toml": lambda folder: (folder.mkdir(), (folder / "pyproject.toml").write_text("= 3")),
    "no requirement": lambda folder: write_wheel(folder, "zoo-near", needs=["!!"]),
}


@pytest.mark.parametrize("make", ODD.values(), ids=ODD.keys())
def test_an_odd_folder_is_told(tmp_path, make, zoo_here):
    make(tmp_path / "odd")
    done = zoo_here("install", "near", "--from", tmp_path / "odd", "--dry-run")
    assert done.code == 2
    assert "bug" not in done.err and str(tmp_path / "odd") in done.err


@pytest.mark.slow
def test_a_wheel_is_installed_and_looked_at(site, tmp_path):
    """Real pip, into a folder of its own."""
    folder = tmp_path / "wheels"
    write_wheel(folder, "zoo-near")
    write_wheel(folder, "zoo-idle", points="[console_scripts]\n")
    pip = {"PIP_NO_INDEX": "1", "PIP_TARGET": str(site.folder)}
    done = site.zoo("install", "near", "idle", "--from", folder, "--json", **pip)
    assert done.json["distributions"] == ["zoo-near", "zoo-idle"]
    listed = site.zoo("plugins", "--json", ZOO_PLUGINS="near").json["plugins"]
    assert [plugin["distribution"] for plugin in listed] == ["zoo-core", "zoo-near"]
    assert done.code == 3
    assert "zoo-idle brings no plugin of the zoo" in done.err
    # Pip takes nothing out of a folder that is no environment, and says that all went well.
    assert "could not be taken out again, and stays" in done.err


@pytest.fixture
def pip_that_works(monkeypatch):
    """Let pip succeed in installing what is there already; return what it was told."""
    told = []

    def run(command, **options):
        told.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(installing.subprocess, "run", run)
    return told


def test_what_was_here_before_is_not_taken_out(pip_that_works):
    plan = installing.Plan(["packaging"], ["packaging"])
    with pytest.raises(PluginError, match="was here before, and stays: `pip uninstall packaging`"):
        installing.install(plan)
    assert [command[3] for command in pip_that_works] == ["install"]


def test_what_pip_did_not_bring_is_told(pip_that_works):
    with pytest.raises(PluginError, match=r"zoo-none brings no plugin.*taken out again"):
        installing.install(installing.Plan(["zoo-none"], ["zoo-none"]))
    assert [command[3] for command in pip_that_works] == ["install", "uninstall"]


def test_pip_failing_is_told(monkeypatch):
    def failing(command, **options):
        return subprocess.CompletedProcess(command, 1)

    monkeypatch.setattr(installing.subprocess, "run", failing)
    with pytest.raises(PluginError, match="pip could not install it"):
        installing.install(installing.Plan(["zoo-near"], ["zoo-near"]))
