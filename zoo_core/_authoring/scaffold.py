"""`zoo new`: writes a plugin, small but whole, that installs and passes its own tests.

The templates are Jinja files. Those below ``templates/plugin`` are what every plugin has; those of
its kind, an example to replace, lie over them (``templates/kinds/KIND``, or a folder that a library
brings with the hook ``zoo_kinds``). ``PACKAGE`` in their paths stands for the plugin's package, and
they may use ``<< name >>``, ``<< package >>``, ``<< dependencies >>`` and ``<< methods >>``, the
files of the method. What ends otherwise than in ``.j2`` is for templates to include:
``example.md`` is the part of the README that tells of the example.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

from zoo_core._disk import cause
from zoo_core._registry.kinds import SUFFIX, TEMPLATES
from zoo_core._registry.registry import catalogue, registry
from zoo_core.errors import BadInput, PluginError, ZooError

KIND = "estimator"
# The files of a package that are no method's; see the README of a new plugin.
ROOMS = {"__init__", "data", "reading", "train", "checks", "pictures"}
# As specs' names are, without dots: a package name is made of it.
NAME = re.compile(r"[a-z0-9]+(?:[_-][a-z0-9]+)*")


def create_plugin(name: str, folder: str | os.PathLike[str] = ".", kind: str = KIND) -> Path:
    """Write the distribution ``zoo-NAME``, an example of `kind`, to ``folder/NAME``; return that.

    Written whole or not at all. Raises `BadInput` for a name that cannot be used, that is taken,
    or whose folder has something in it, `UnknownName` for a kind that nothing here brings,
    `PluginError` for one whose templates are broken, and `ZooError` when the disk does not take it.

    >>> folder = zoo_core.create_plugin("brand-new")
    >>> (folder / "zoo_brand_new" / "specs" / "claims.py").is_file()
    True
    """
    package = package_name(name)
    _check_free(name)
    target = Path(folder).expanduser() / name
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise BadInput(f"{target} exists already; choose another name or --folder.")
    files = _render(kind, {"name": name, "package": package})
    try:
        _write(target, files)
    except OSError as error:
        raise ZooError(
            f"{target} could not be written ({cause(error)}); nothing was changed: free some space "
            "or choose another --folder."
        ) from error
    return target


def package_name(name: str) -> str:
    """Return the Python package of a plugin; raises `BadInput` for a name that makes none."""
    if NAME.fullmatch(name) is None:
        raise BadInput(
            f"{name!r} cannot be a plugin's name; expected lower-case letters and digits joined by "
            "'-' or '_', such as 'my-paper'."
        )
    return f"zoo_{name.replace('-', '_')}"


def _check_free(name: str) -> None:
    if name in registry().papers or any(plugin.name == name for plugin in registry().plugins):
        raise BadInput(f"{name!r} is the name of a paper or plugin here; choose another one.")
    try:
        distribution(f"zoo-{name}")
    except PackageNotFoundError:
        if f"zoo-{name}" not in catalogue():
            return
    raise BadInput(f"There is a distribution zoo-{name} already; choose another name.")


def _dependencies(kind: str) -> str:
    """Return what a plugin of a kind depends on: torch, the core, and what brings the kind."""
    owner = registry().kinds.owners[kind]
    needed = {"zoo-core": version("zoo-core"), owner.distribution: owner.version}
    each = ["torch>=2.6", *(f"{one}{_alike(number)}" for one, number in needed.items())]
    return ", ".join(f'"{one}"' for one in each)


def _alike(number: str) -> str:
    """Return the requirement of a version's minor version, which the templates fit."""
    major, minor, *_ = number.split(".")
    return f">={major}.{minor},<{major}.{int(minor) + 1}"


def _write(target: Path, files: Mapping[str, str]) -> None:
    """Write all files to a folder beside `target`, then move it there in one step."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    try:
        for place, text in files.items():
            path = part / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        part.chmod(0o755)
        if target.exists():
            target.rmdir()
        part.rename(target)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _render(kind: str, values: Mapping[str, str]) -> dict[str, str]:
    """Return the text of each file of a plugin, by its path below the plugin's folder."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError

    # Not {{ }}: the files have braces of their own (BibTeX, f-strings).
    environment = Environment(
        loader=FileSystemLoader([registry().kind(kind), TEMPLATES / "plugin"]),
        variable_start_string="<<",
        variable_end_string=">>",
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )
    templates = environment.list_templates(extensions=[SUFFIX.removeprefix(".")])
    places = [one.removesuffix(SUFFIX).replace("PACKAGE", values["package"]) for one in templates]
    values = {**values, "dependencies": _dependencies(kind), "methods": _methods(places)}
    try:
        rendered = [environment.get_template(one).render(values) for one in templates]
    except (TemplateError, UnicodeDecodeError) as error:
        raise PluginError(
            f"The kind {kind!r} of {registry().kinds.owners[kind].distribution} is broken "
            f"({type(error).__name__}: {error}); choose another --kind, or tell its authors."
        ) from error
    return dict(zip(places, rendered, strict=True))


def _methods(places: Iterable[str]) -> str:
    """Return those files of a package that are the method's, for people."""
    found = [place for place in places if Path(place).match("zoo_*/*.py")]
    return ", ".join(f"`{place}`" for place in found if Path(place).stem not in ROOMS)
