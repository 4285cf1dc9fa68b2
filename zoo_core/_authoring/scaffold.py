"""`zoo new`: writes a plugin, small but whole, that installs and passes its own tests.

The templates are files below ``templates/plugin``; ``NAME``, ``MODULE`` and ``PACKAGE`` in their
paths stand for the plugin's name, the same as a Python name, and its package ``zoo_MODULE``.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

from zoo_core._disk import cause
from zoo_core._registry.registry import catalogue, registry
from zoo_core.errors import BadInput, ZooError

TEMPLATES = Path(__file__).parent / "templates" / "plugin"
SUFFIX = ".j2"
# As specs' names are, without dots: a package name is made of it.
NAME = re.compile(r"[a-z0-9]+(?:[_-][a-z0-9]+)*")


def create_plugin(name: str, folder: str | os.PathLike[str] = ".") -> Path:
    """Write the distribution ``zoo-NAME`` to ``folder/NAME`` and return that path.

    Written whole or not at all. Raises `BadInput` for a name that cannot be used, that is taken,
    or whose folder has something in it, and `ZooError` when the disk does not take it.
    """
    package = package_name(name)
    _check_free(name)
    target = Path(folder).expanduser() / name
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise BadInput(f"{target} exists already; choose another name or --folder.")
    module = package.removeprefix("zoo_")
    values = {"name": name, "module": module, "package": package, "core": _core_versions()}
    try:
        _write(target, values)
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


def _core_versions() -> str:
    """Return the requirement on the core: this minor version of it, which the template fits."""
    major, minor, *_ = version("zoo-core").split(".")
    return f">={major}.{minor},<{major}.{int(minor) + 1}"


def _write(target: Path, values: Mapping[str, str]) -> None:
    """Write all files to a folder beside `target`, then move it there in one step."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    try:
        for place, text in _render(values).items():
            path = part / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        part.chmod(0o755)
        if target.exists():
            target.rmdir()
        part.rename(target)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _render(values: Mapping[str, str]) -> dict[str, str]:
    """Return the text of each file of a plugin, by its path below the plugin's folder."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    # Not {{ }}: the files have braces of their own (BibTeX, f-strings).
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        variable_start_string="<<",
        variable_end_string=">>",
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )
    files = {}
    for template in environment.list_templates(extensions=[SUFFIX.removeprefix(".")]):
        place = template.removesuffix(SUFFIX)
        for word in ("name", "package", "module"):
            place = place.replace(word.upper(), values[word])
        files[place] = environment.get_template(template).render(values)
    return files
