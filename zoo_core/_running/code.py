"""What decides a measurement beside its arguments: versions of packages, and hashes of sources.

The zoo's own distributions are edited where they are installed, and so a version says little of
them: their packages are hashed, without what is measured or drawn by them. Data are pinned by
hashes in these sources, and weights in the lock files, which are hashed with them.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import platform
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path

from zoo_core._disk import sha256_of

CORE = "zoo-core"
GENERATED = frozenset({"__pycache__", "results", "pictures"})
WEIGHTS = ".safetensors"
NOT_MEASURING = frozenset({"_publishing", "_shell", "testing"})
"""The core's rooms that decide no measurement: they show what was measured, and ask for it."""


@dataclass(frozen=True)
class Code:
    """What is installed of some distributions and of all that they require.

    `found` maps each to its version, and those whose sources are the zoo's to version and hash.
    """

    of: tuple[str, ...]
    found: Mapping[str, str]

    @property
    def hash(self) -> str:
        """One hash of all of it."""
        return hashlib.sha256(json.dumps(self.found, sort_keys=True).encode()).hexdigest()

    def difference(self, other: Code) -> str:
        """Return how another differs, in words; "" where it does not."""
        names = sorted({*self.found, *other.found})
        told = [
            f"{name} {other.found.get(name, 'is missing')} in place of "
            f"{self.found.get(name, 'none')}"
            for name in names
            if self.found.get(name) != other.found.get(name)
        ]
        more = f" and {len(told) - 1} more" if len(told) > 1 else ""
        return f"{told[0]}{more}" if told else ""


def code_here(*distributions: str) -> Code:
    """Return the code of distributions as this process finds it, on disk."""
    found = {"python": f"{platform.python_version()} {sys.platform} {platform.machine()}"}
    for name in (CORE, *distributions):
        for one in _required(name):
            found.setdefault(one, _told(one))
    return Code(tuple(distributions), found)


def _told(name: str) -> str:
    version, edited = _version(name)
    return f"{version} ({_hash_of_package(name)[:16]})" if edited else version


@functools.cache
def _version(name: str) -> tuple[str, bool]:
    """Return the version of a distribution, and whether its sources may differ under it."""
    try:
        there = distribution(name)
    except PackageNotFoundError:
        return "is missing", False
    return there.version, _is_edited(there)


@functools.cache
def _required(name: str) -> tuple[str, ...]:
    """Return a distribution and all that it requires, directly or not."""
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    found: dict[str, None] = {}
    waiting = [name]
    while waiting:
        one = canonicalize_name(waiting.pop())
        if one in found:
            continue
        found[one] = None
        try:
            requirements = distribution(one).requires or ()
        except PackageNotFoundError:
            continue
        for text in requirements:
            try:
                requirement = Requirement(text)
            except InvalidRequirement:  # in the metadata of a stranger
                continue
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting.append(requirement.name)
    return tuple(found)


def _is_edited(there: Distribution) -> bool:
    """Tell whether sources are the zoo's, or are installed where they are edited."""
    name = str(there.name)
    if name.startswith("zoo-"):
        return True
    try:
        told = json.loads(there.read_text("direct_url.json") or "{}")
        return bool(told.get("dir_info", {}).get("editable"))
    except (ValueError, AttributeError):
        return False


def _hash_of_package(name: str) -> str:
    spec = find_spec(name.replace("-", "_"))
    if spec is None or not spec.submodule_search_locations:
        return "no package"
    digest = hashlib.sha256()
    for folder in sorted(spec.submodule_search_locations):
        left_out = NOT_MEASURING if name == CORE else frozenset[str]()
        for path in sorted(_files(Path(folder), left_out)):
            stamp = path.stat()
            content = _hash_of_file(str(path), stamp.st_mtime_ns, stamp.st_size)
            digest.update(f"{path.relative_to(folder).as_posix()}\0{content}\0".encode())
    return digest.hexdigest()


@functools.lru_cache(maxsize=10_000)
def _hash_of_file(path: str, changed: int, size: int) -> str:
    return sha256_of(Path(path))


def _files(folder: Path, left_out: frozenset[str]) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        top = Path(place) == folder
        folders[:] = [
            one for one in folders if one not in GENERATED and not (top and one in left_out)
        ]
        yield from (Path(place, one) for one in files if not one.endswith((WEIGHTS, ".pyc")))
