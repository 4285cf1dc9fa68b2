"""`zoo install`: plugins from a folder, a git address or an index, looked at when they are there.

What is in the folder is given to pip by its path, with what it needs of the same folder: a name
that somebody else has claimed on an index is then never asked for there.
"""

from __future__ import annotations

import email.parser
import importlib
import os
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from zoo_core._registry import hooks, origin
from zoo_core._registry.registry import catalogue
from zoo_core.errors import BadInput, PluginError, closest

PIP = (sys.executable, "-m", "pip")
DEPTH = 3
"""Projects of a copy are looked for so many folders down."""


@dataclass(frozen=True)
class Found:
    """A distribution in a folder: a wheel, an archive of its source, or its project's folder."""

    name: str
    version: str
    requires: Sequence[str]
    path: Path

    @property
    def rank(self) -> tuple[Version, bool]:
        """What is taken of several: the highest version, and of one version the wheel."""
        try:
            number = Version(self.version)
        except InvalidVersion:
            number = Version("0")
        return number, self.path.suffix == ".whl"


@dataclass(frozen=True)
class Plan:
    """The distributions to be installed, and what pip is told."""

    distributions: Sequence[str]
    arguments: Sequence[str]

    @property
    def command(self) -> list[str]:
        """The whole command."""
        return [*PIP, "install", *self.arguments]


@contextmanager
def planned(names: Sequence[str], source: str | None) -> Iterator[Plan]:
    """Give the plan that installs what brings the names; what was fetched for it goes afterwards.

    `source` is a folder (of wheels, or a copy of projects), a wheel, a git address (``git+https://…``,
    ``….git``, with ``@REVISION``), or the address of a package index. Raises `BadInput`.
    """
    if source is None:
        chosen = [_chosen(name, list(catalogue())) for name in names]
        if not origin.PUBLISHED:
            raise BadInput(
                f"{chosen[0]} cannot be had by name alone: what has that name on a package index "
                f"need not be this project's. Use {origin.told(chosen[0])}."
            )
        yield Plan(chosen, _with_extras(chosen, names))
    elif _is_git(source):
        with tempfile.TemporaryDirectory(prefix="zoo-install-") as folder:
            yield _of_folder(names, _cloned(source, Path(folder) / "copy"), source)
    elif "://" in source:
        shorts = [canonicalize_name(_extras(name)[0]) for name in names]
        there = [short for short in shorts if short.startswith("zoo-")]
        chosen = [_chosen(name, [*catalogue(), *there]) for name in names]
        yield Plan(chosen, ["--index-url", source, *_with_extras(chosen, names)])
    else:
        yield _of_folder(names, Path(source).expanduser(), source)


def _is_git(source: str) -> bool:
    return source.startswith("git+") or _revision(source)[0].endswith(".git")


def _revision(address: str) -> tuple[str, str]:
    """Return a git address without the revision after ``@``, and that revision ("" for none)."""
    before, slash, last = address.rpartition("/")
    name, _, revision = last.partition("@")
    if ":" in revision:  # git@host:zoo.git
        return address, ""
    return f"{before}{slash}{name}", revision


def _cloned(source: str, folder: Path) -> Path:
    """Fetch a git address to a folder, at the revision after ``@`` or at its newest commit."""
    address, revision = _revision(source.removeprefix("git+"))
    if revision.startswith("-"):
        raise BadInput(f"{revision!r} is no revision of git; give a commit, a tag or a branch.")
    depth = [] if revision else ["--depth", "1"]
    commands = [["git", "clone", "--quiet", *depth, "--", address, str(folder)]]
    if revision:
        commands.append(["git", "-C", str(folder), "checkout", "--quiet", "--detach", revision])
    for command in commands:
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except FileNotFoundError as error:
            raise BadInput("A git address needs git, which is not installed here.") from error
        if done.returncode != 0:
            why = " ".join(done.stderr.split()) or "git did not say why"
            raise PluginError(f"{source} could not be fetched ({why}); nothing was installed.")
    return folder


def _of_folder(names: Sequence[str], folder: Path, source: str) -> Plan:
    there = distributions(folder)
    if not there:
        raise BadInput(
            f"{source} has no distributions; give a folder of wheels or a copy of a project, a git "
            "address (git+https://…), or an index's address."
        )
    chosen = [_chosen(name, list(there)) for name in names]
    extras: dict[str, set[str]] = {}
    waiting = [(one, _extras(name)[1]) for one, name in zip(chosen, names, strict=True)]
    while waiting:
        name, more = waiting.pop(0)
        if name not in extras or not more <= extras[name]:
            extras[name] = extras.get(name, set()) | more
            needs = _needs(there[name], extras[name])
            waiting += [(need, wanted) for need, wanted in needs if need in there]
    return Plan(chosen, [f"{there[n].path}{_in_brackets(more)}" for n, more in extras.items()])


def _extras(name: str) -> tuple[str, set[str]]:
    """Return a name without its extras (``name[one,two]``), and these."""
    short, _, rest = name.partition("[")
    return short, {one.strip() for one in rest.rstrip("]").split(",")} - {""}


def _with_extras(chosen: Sequence[str], names: Sequence[str]) -> list[str]:
    """Return distributions with the extras that were asked for, each once."""
    pairs = zip(chosen, names, strict=True)
    return list(dict.fromkeys(f"{one}{_in_brackets(_extras(name)[1])}" for one, name in pairs))


def _in_brackets(extras: set[str]) -> str:
    return f"[{','.join(sorted(extras))}]" if extras else ""


def distributions(folder: Path) -> dict[str, Found]:
    """Return what a folder has, by name: of several versions the highest, of one the wheel."""
    found: dict[str, Found] = {}
    for one in _in_folder(folder):
        if one.name not in found or found[one.name].rank < one.rank:
            found[one.name] = one
    return found


def _in_folder(folder: Path) -> Iterator[Found]:
    if folder.is_file():
        yield _packed(folder)
    for place, folders, files in os.walk(folder):
        deep = len(Path(place).relative_to(folder).parts)
        skipped = {"build", "node_modules"} if deep < DEPTH else set(folders)
        folders[:] = sorted(n for n in folders if not n.startswith((".", "_")) and n not in skipped)
        for name in sorted(files):
            path = Path(place, name)
            try:
                if name.endswith(".whl") or name.endswith(".tar.gz"):
                    yield _packed(path)
                elif name == "pyproject.toml":
                    yield from _project(path)
            except (OSError, ValueError, KeyError, zipfile.BadZipFile, tarfile.TarError) as error:
                raise BadInput(
                    f"{path} cannot be read ({error}); fetch it again or remove it."
                ) from error


def _packed(path: Path) -> Found:
    """Return what the metadata of a wheel or of an archive of source say."""
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as archive:
            (name,) = [n for n in archive.namelist() if n.endswith(".dist-info/METADATA")]
            text = archive.read(name)
    else:
        with tarfile.open(path) as tar:
            (name,) = [n for n in tar.getnames() if n.count("/") == 1 and n.endswith("/PKG-INFO")]
            member = tar.extractfile(name)
            text = member.read() if member else b""
    told = email.parser.BytesParser().parsebytes(text, headersonly=True)
    requires = [str(one) for one in told.get_all("Requires-Dist") or ()]
    return Found(canonicalize_name(told["Name"]), str(told["Version"]), requires, path.absolute())


def _project(path: Path) -> Iterator[Found]:
    project = tomllib.loads(path.read_text(encoding="utf-8")).get("project", {})
    if isinstance(project.get("name"), str):
        name, requires = canonicalize_name(project["name"]), project.get("dependencies", ())
        yield Found(name, str(project.get("version", "0")), requires, path.parent.absolute())


def _needs(one: Found, extras: set[str]) -> Iterator[tuple[str, set[str]]]:
    """Yield what a distribution needs that is not here in a version that fits, and its extras."""
    for text in one.requires:
        try:
            need = Requirement(text)
        except InvalidRequirement as error:
            raise BadInput(f"{one.path} needs {text!r}, which is no requirement.") from error
        asked = [{"extra": extra} for extra in ("", *extras)]
        if need.marker and not any(map(need.marker.evaluate, asked)):
            continue
        here = _version(need.name)
        if here is None or not need.specifier.contains(here, prereleases=True):
            yield canonicalize_name(need.name), set(need.extras)


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _chosen(name: str, there: Sequence[str]) -> str:
    """Return the distribution that a name stands for: its own, its paper's, or what it brings."""
    name = _extras(name)[0]
    short = canonicalize_name(name)
    for one in (short, f"zoo-{short}"):
        if one in there:
            return one
    for one, brought in catalogue().items():
        if name in brought and one in there:
            return one
    names = [*there, *(one for d in there for one in catalogue().get(d, ()))]
    raise BadInput(
        f"No plugin is known there that brings {name!r}{closest(name, names)} A plugin from "
        "elsewhere is installed with --from, or with pip."
    )


def install(plan: Plan) -> None:
    """Run pip, and look at what came: raises `PluginError` when pip fails, or no plugin came.

    What brings no plugin is taken out again, unless it was there before.
    """
    before = {name: _version(name) for name in plan.distributions}
    # What pip prints goes to standard error: standard output is for our own JSON.
    if subprocess.run(plan.command, check=False, stdout=sys.stderr.fileno()).returncode != 0:
        raise PluginError("pip could not install it (see above); nothing was changed by zoo.")
    importlib.invalidate_caches()
    for name in dict.fromkeys(plan.distributions):
        if not _brings_plugin(name):
            _refuse(name, was_here=before[name] is not None)


def _brings_plugin(name: str) -> bool:
    try:
        points = metadata.distribution(name).entry_points
    except metadata.PackageNotFoundError:
        return False
    return bool(points.select(group=hooks.GROUP))


def _refuse(name: str, *, was_here: bool) -> None:
    what = f"{name} brings no plugin of the zoo (it has no entry point of the group 'zoo')"
    if not was_here:
        out = [*PIP, "uninstall", "--yes", name]
        subprocess.run(out, check=False, stdout=sys.stderr.fileno())
        importlib.invalidate_caches()
        if _version(name) is None:
            raise PluginError(f"{what}; it was taken out again (what it needed stays).")
    why = "was here before" if was_here else "could not be taken out again"
    raise PluginError(f"{what}; it {why}, and stays: `pip uninstall {name}` removes it.")
