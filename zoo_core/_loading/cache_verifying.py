"""Are the zoo's cached repositories whole: no file damaged, and none that loading needs missing?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from zoo_core._disk import sha256_of
from zoo_core._loading import hub, model_config
from zoo_core._loading.cache import Entry, entries, files_of, is_damaged, is_embedded
from zoo_core._loading.weights import FILE
from zoo_core._registry.registry import registry
from zoo_core.errors import BadInput, HubError

Outcome = Literal["whole", "damaged", "incomplete", "repaired"]


@dataclass(frozen=True, kw_only=True)
class Check:
    """Whether a revision's files are whole, and which are not.

    "damaged" says that some are not what was downloaded, "incomplete" that some were never there
    (a download that was interrupted), "repaired" that they were had again.
    """

    repo: str
    revision: str
    verdict: Outcome
    files: Sequence[str]

    def as_json(self) -> dict[str, Any]:
        """Return the check as JSON values."""
        return asdict(self)


def verify(names: Sequence[str] = (), *, repair: bool = False) -> Iterator[Check]:
    """Hash every cached file, and yield a `Check` for each revision; `names` are models or repos.

    A file's name in the cache is its hash on the Hub; weights and assets must also be what the lock
    file, or else the config, says, and be there: what loading offline would need. `repair`
    downloads damaged and missing files again. Raises `BadInput` for a name that the cache does not
    have, `HubError` when a file cannot be had again.
    """
    listed = [entry for entry in entries() if entry.revision]
    for name in names:
        if not any(name in (entry.model, entry.repo) for entry in listed):
            raise BadInput(f"{name} is not in the cache; fetch it with `zoo download {name}`.")
    for entry in listed:
        if names and not {entry.model, entry.repo} & set(names):
            continue
        damaged, missing = _damaged(entry), _missing(entry)
        faults = sorted({*damaged, *missing})
        verdict: Outcome = "damaged" if damaged else "incomplete" if missing else "whole"
        if faults and repair:
            faults = _repair(entry)
            verdict = "repaired"
        yield Check(repo=entry.repo, revision=str(entry.revision), verdict=verdict, files=faults)


def _repair(entry: Entry) -> list[str]:
    """Download what is not whole again, and return its paths; a config may tell of more files."""
    done: set[str] = set()
    while faults := {*_damaged(entry), *_missing(entry)}:
        if faults <= done:
            raise HubError(
                f"{', '.join(sorted(faults))} of {entry.repo} came damaged from the Hub as well, "
                "or is not what the plugin was made with; tell its author."
            )
        for path in sorted(faults - done):
            # The file itself goes, or what came through Xet would only be linked to again.
            (Path(entry.path) / path).resolve().unlink(missing_ok=True)
            hub.fetch(entry.repo, path, str(entry.revision))
        done |= faults
    return sorted(done)


def _damaged(entry: Entry) -> list[str]:
    """Return the paths, within the repository, of a revision's files that are not whole."""
    snapshot = Path(entry.path)
    damaged = {
        path.relative_to(snapshot).as_posix() for path in files_of(snapshot) if is_damaged(path)
    }
    for path, sha256 in _hashes(entry).items():
        file = snapshot / path
        if path not in damaged and file.is_file() and sha256_of(file) != sha256:
            damaged.add(path)
    return sorted(damaged)


def _missing(entry: Entry) -> list[str]:
    """Return the paths of files that loading needs, and that a revision does not have."""
    if entry.model and is_embedded(entry.model):
        return []
    needed = {FILE, *_hashes(entry)}
    if entry.state not in ("pinned", "old"):
        # Of what a plugin names, or once named, the shape is in its lock file.
        needed.add(model_config.FILE)
    there = {path.relative_to(entry.path).as_posix() for path in files_of(Path(entry.path))}
    return sorted(needed - there)


def _hashes(entry: Entry) -> Mapping[str, str]:
    """Return what the SHA-256 of an entry's weights and assets must be, as far as it is known."""
    if entry.model:
        lock = registry().lock(registry().model(entry.model)) or {}
        weights, assets = lock.get("sha256"), lock.get("assets", {})
    else:
        try:
            stored = model_config.read(Path(entry.path) / model_config.FILE, place=entry.repo)
        except BadInput:
            return {}
        weights, assets = stored.sha256, stored.assets
    found = {f"{model_config.ASSETS}/{name}": sha256 for name, sha256 in assets.items()}
    return {FILE: weights, **found} if weights else found
