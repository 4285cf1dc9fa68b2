"""What a site is made from: hashes of the files of the core, of this library and of all plugins."""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

NOT_READ = (".safetensors", ".pyc", ".part")
"""Files of plugins that no page is made from: the hashes of weights are in the lock files."""
OWN = ("results", "pictures")
"""Folders of a plugin that only its own papers and models are told from."""
SHARED = "data.json"
"""The file of results that others are told from too: the sizes of datasets."""


@dataclass(frozen=True)
class Inputs:
    """Hashes of the files: of what every page may be made from, and of each package's own."""

    shared: str
    own: Mapping[str, str]

    @property
    def whole(self) -> str:
        """The hash of all of them."""
        return _hash_of(self.shared, *(f"{name} {own}" for name, own in sorted(self.own.items())))

    def of(self, package: str) -> str:
        """Return the hash of what the facts of one package are made from."""
        return _hash_of(self.shared, self.own.get(package, ""))


def inputs() -> Inputs:
    """Return the hashes of what a site is made from: code, specs, results, pictures, origins."""
    shared = hashlib.sha256()
    own: dict[str, Hash] = defaultdict(hashlib.sha256)
    for name, folder in sorted(packages()):
        for path in sorted(files_in(folder)):
            inside = path.relative_to(folder)
            alone = inside.parts[0] in OWN and inside.name != SHARED
            digest = own[name] if alone else shared
            digest.update(f"{name}/{inside.as_posix()}\0".encode("utf-8", "surrogateescape"))
            digest.update(path.read_bytes())
    for point in sorted(metadata.entry_points(group="zoo")):
        for name in ("METADATA", "direct_url.json"):  # its version, and where it is from
            shared.update(f"{point.name}\0{point.dist and point.dist.read_text(name)}\0".encode())
    shared.update(str(os.environ.get("ZOO_PLUGINS")).encode())
    return Inputs(shared.hexdigest(), {name: one.hexdigest() for name, one in own.items()})


def packages() -> Iterator[tuple[str, Path]]:
    """Yield the packages of the core, of this library and of all plugins, with their folders."""
    for name in {"zoo", "zoo_core", "zoo_site", *package_of_plugin().values()}:
        try:
            spec = util.find_spec(name)
        except (ImportError, ValueError, AttributeError):
            continue  # a plugin that is broken: what can be told of it is its error
        for folder in (spec and spec.submodule_search_locations) or ():
            yield name, Path(folder)


def package_of_plugin() -> dict[str, str]:
    """Return the package of each plugin that is installed."""
    points = metadata.entry_points(group="zoo")
    return {point.name: point.value.partition(":")[0] for point in points}


def files_in(folder: Path) -> Iterator[Path]:
    """Yield the files of a package that pages may be made from."""
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__"]
        yield from (Path(place, name) for name in names if not name.endswith(NOT_READ))


def _hash_of(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()
