"""A site's folder: written from what is registered, and only where something has changed.

The folder's manifest has the hash of all that the site was made from, of the facts and templates of
each page, and of each file as it was written. While the first and the last are as they were,
nothing is read or made; a page is made anew when its own have changed.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from zoo_core import BadInput, sha256_of, whole_file, write_json
from zoo_site import rendering
from zoo_site.catalogue import Catalogue
from zoo_site.made_from import inputs

MANIFEST = ".zoo-site.json"


@dataclass(frozen=True, kw_only=True)
class Built:
    """What building did: how many pages and files there are, and what had to be written."""

    pages: int
    files: int
    written: int
    removed: int

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)


def build(out: Path) -> Built:
    """Write the site into a folder: one that is new, empty, or has a site in it.

    Raises `BadInput` for a folder with other things in it, and for a file of that name.
    """
    before = _manifest(out)
    made_from = inputs()
    if before["inputs"] == made_from.whole and _whole(out, before["files"]):
        files = before["files"]
        pages = sum(1 for one in files.values() if one["key"])
        return Built(pages=pages, files=len(files) - pages, written=0, removed=0)
    from zoo_site import parts  # late: where nothing has changed nothing is made

    with _no_garbage():
        site = parts.everything(Catalogue.here(made_from))
    there = frozenset(page.path for page in site.pages)
    after: dict[str, dict[str, str]] = {}
    written = 0
    for page in site.pages:
        old, key = before["files"].get(page.path, {}), rendering.key_of(page, there)
        if old.get("key") == key and _hash_of(out / page.path) == old["sha256"]:
            after[page.path] = old
            continue
        content = rendering.render(page, there).encode()
        written += _write(out / page.path, content)
        after[page.path] = {"key": key, "sha256": hashlib.sha256(content).hexdigest()}
    for path, source in site.files.items():
        content = source if isinstance(source, bytes) else source.read_bytes()
        written += _write(out / path, content)
        after[path] = {"key": "", "sha256": hashlib.sha256(content).hexdigest()}
    removed = _remove(out, before["files"].keys() - after.keys())
    write_json(out / MANIFEST, {"inputs": made_from.whole, "files": dict(sorted(after.items()))})
    return Built(pages=len(site.pages), files=len(site.files), written=written, removed=removed)


@contextlib.contextmanager
def _no_garbage() -> Iterator[None]:
    """Look for no garbage meanwhile: a sixth of the time goes into that, and all facts are kept."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _manifest(out: Path) -> dict[str, Any]:
    """Return what the folder's manifest says; raises `BadInput` where it is not ours to write."""
    if out.exists() and not out.is_dir():
        raise BadInput(f"{out} is a file; give a folder for the site.")
    try:
        found = json.loads((out / MANIFEST).read_bytes())
        if isinstance(found["files"], dict) and isinstance(found["inputs"], str):
            return {"inputs": found["inputs"], "files": found["files"]}
    except FileNotFoundError:
        if out.is_dir() and any(out.iterdir()):
            raise BadInput(
                f"{out} has other things in it, which a site would mix with; give a folder that is "
                "new, empty, or made by `zoo site build`."
            ) from None
    except (ValueError, KeyError, TypeError):
        pass  # damaged: all of it is made anew
    return {"inputs": "", "files": {}}


def _whole(out: Path, files: dict[str, dict[str, str]]) -> bool:
    return all(_hash_of(out / path) == told["sha256"] for path, told in files.items())


def _hash_of(path: Path) -> str:
    return sha256_of(path) if path.is_file() else ""


def _write(path: Path, content: bytes) -> bool:
    """Write a file unless it is there as it is to be; tell whether it was written."""
    if path.is_file() and path.read_bytes() == content:
        return False
    with whole_file(path) as part:
        part.write_bytes(content)
    return True


def _remove(out: Path, paths: set[str]) -> int:
    """Remove files that the site has no longer, and folders that are then empty."""
    removed = 0
    for path in sorted(paths):
        file = out / path
        if file.is_file() and out.resolve() in file.resolve().parents:
            file.unlink()
            removed += 1
            if not any(file.parent.iterdir()):
                file.parent.rmdir()
    return removed
