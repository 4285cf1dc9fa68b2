"""The Hugging Face cache as the zoo uses it: fill it, list it, verify it, clean it.

Only repositories of the zoo are touched: those that an installed plugin's lock file names, those
whose ``config.json`` says that the zoo wrote them, and those that it said so of when they were
downloaded: a file that is damaged or lost since hides nothing.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from zoo_core._disk import sha256_of
from zoo_core._loading import hub, model_config
from zoo_core._loading.weights import FILE, check_bytes, embedded_path, locate
from zoo_core._registry import references
from zoo_core._registry.registry import registry
from zoo_core.errors import BadInput, HubError

PARTIAL = "*.incomplete"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What the cache has of one revision of a repository, or what an ended download left.

    `state` is "pinned" for what an installed plugin names, "old" for another revision of the same
    repository, "unlisted" for a repository of the zoo that no plugin names, "unknown" for weights
    whose config.json is too damaged to say whose they are (verified and repaired, never cleaned),
    "partial" for an unfinished download that nobody is working on.
    """

    repo: str
    revision: str | None
    model: str | None
    state: Literal["pinned", "old", "unlisted", "unknown", "partial"]
    size: int
    path: str

    def as_json(self) -> dict[str, Any]:
        """Return the entry as JSON values."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Check:
    """Whether a revision's files are whole: "whole", "damaged" or "repaired", and which are not."""

    repo: str
    revision: str
    verdict: Literal["whole", "damaged", "repaired"]
    files: Sequence[str]

    def as_json(self) -> dict[str, Any]:
        """Return the check as JSON values."""
        return asdict(self)


def download(name: str) -> Path:
    """Put a model's weights into the cache and return their checked path.

    `name` is a registered model (whose weights may be in its plugin's package already), or
    ``owner/name`` or ``owner/name@revision`` on the Hub. Raises what `zoo.load` raises.
    """
    reference = references.parse(name)
    if reference is None:
        spec = registry().model(name)
        path = locate(spec)
        lock = registry().lock(spec)
        check_bytes(path, lock["sha256"] if lock else "")
        return path
    commit = hub.commit_of(reference)
    config = hub.fetch(reference.repo, model_config.FILE, commit)
    stored = model_config.read(config, place=str(reference))
    hub.remember(reference.repo)
    path = hub.fetch(reference.repo, FILE, commit)
    check_bytes(path, stored.sha256)
    return path


def is_embedded(name: str) -> bool:
    """Tell whether a registered model's weights are in its plugin's package."""
    known = registry()
    return name in known.models and embedded_path(known.owner(known.model(name)), name).is_file()


def entries() -> list[Entry]:
    """Return what the cache has of the zoo's repositories."""
    pins = _pins()
    found = []
    for repo, snapshots in _snapshots().items():
        pin = pins.get(repo, {})
        ours = bool(pin) or hub.is_remembered(repo) or any(map(_is_ours, snapshots))
        for snapshot in snapshots:
            if not (ours or _is_unknown(snapshot)):
                continue
            model = pin.get(snapshot.name)
            other: Literal["old", "unlisted", "unknown"]
            other = "old" if pin else "unlisted" if ours else "unknown"
            found.append(
                Entry(
                    repo=repo,
                    revision=snapshot.name,
                    model=model,
                    state="pinned" if model else other,
                    size=sum(path.stat().st_size for path in _files(snapshot) if path.is_file()),
                    path=str(snapshot),
                )
            )
    folders = {entry.repo for entry in found} | set(pins)
    found += [entry for repo in sorted(folders) for entry in _partials(repo)]
    return sorted(found, key=lambda entry: (entry.repo, entry.state, entry.revision or ""))


def verify(names: Sequence[str] = (), *, repair: bool = False) -> Iterator[Check]:
    """Hash every cached file, and yield a `Check` for each revision; `names` are models or repos.

    A file's name in the cache is its hash on the Hub; weights must also be what the lock file, or
    else the config, says. `repair` downloads damaged files again. Raises `BadInput` for a name
    that the cache does not have, `HubError` when a file cannot be had again.
    """
    listed = [entry for entry in entries() if entry.revision]
    for name in names:
        if not any(name in (entry.model, entry.repo) for entry in listed):
            raise BadInput(f"{name} is not in the cache; fetch it with `zoo download {name}`.")
    for entry in listed:
        if names and not {entry.model, entry.repo} & set(names):
            continue
        damaged = _damaged(entry)
        verdict: Literal["whole", "damaged", "repaired"] = "damaged" if damaged else "whole"
        if damaged and repair:
            for path in damaged:
                # The file itself goes, or what came through Xet would only be linked to again.
                (Path(entry.path) / path).resolve().unlink(missing_ok=True)
                hub.fetch(entry.repo, path, str(entry.revision))
            left = _damaged(entry)
            if left:
                raise HubError(
                    f"{', '.join(left)} of {entry.repo} came damaged from the Hub as well, or is "
                    "not what the plugin was made with; tell its author."
                )
            verdict = "repaired"
        yield Check(
            repo=entry.repo, revision=str(entry.revision), verdict=verdict, files=sorted(damaged)
        )


def clean(*, every: bool = False, dry_run: bool = False) -> list[Entry]:
    """Delete unfinished downloads and old revisions, or with `every` all of the zoo's repositories.

    What another process is downloading right now is left alone. Returns what was deleted, or with
    `dry_run` would be.
    """
    doomed = [
        entry
        for entry in entries()
        if entry.state in ("old", "partial") or (every and entry.state != "unknown")
    ]
    if dry_run:
        return doomed
    for entry in doomed:
        if entry.revision is None:
            Path(entry.path).unlink(missing_ok=True)
    _delete([entry for entry in doomed if entry.revision])
    return doomed


def _delete(revisions: Sequence[Entry]) -> None:
    """Delete revisions, with the client where it can read their repositories."""
    if not revisions:
        return
    from huggingface_hub import scan_cache_dir

    scan = scan_cache_dir()
    readable = {repo.repo_id for repo in scan.repos if repo.repo_type == "model"}
    known = [str(entry.revision) for entry in revisions if entry.repo in readable]
    scan.delete_revisions(*known).execute()
    for entry in revisions:
        if entry.repo not in readable:
            snapshot = Path(entry.path)
            shutil.rmtree(snapshot)
            if not any(snapshot.parent.iterdir()):
                shutil.rmtree(snapshot.parents[1])


def _pins() -> dict[str, dict[str, str]]:
    """Return, for each repository that a plugin names, the models by the commits they are at."""
    known = registry()
    pins: dict[str, dict[str, str]] = {}
    for spec in known.models:
        lock = known.lock(spec) or {}
        if lock.get("repo"):
            pins.setdefault(lock["repo"], {})[lock.get("revision") or ""] = spec.name
    return pins


def _snapshots() -> dict[str, list[Path]]:
    """Return the snapshots of each repository of models in the cache.

    The client's own scan leaves out a repository of which a file is lost.
    """
    from huggingface_hub import constants

    found: dict[str, list[Path]] = {}
    for path in sorted(Path(constants.HF_HUB_CACHE).glob("models--*/snapshots/*")):
        if path.is_dir():
            name = path.parents[1].name.removeprefix("models--").replace("--", "/")
            found.setdefault(name, []).append(path)
    return found


def _files(snapshot: Path) -> list[Path]:
    """Return a snapshot's files, and the links that lead nowhere."""
    return sorted(path for path in snapshot.rglob("*") if not path.is_dir())


def _is_ours(snapshot: Path) -> bool:
    """Tell whether a config.json says that the zoo wrote it; a damaged one says what it can."""
    path = snapshot / model_config.FILE
    try:
        model_config.read(path, place=str(snapshot))
    except BadInput:
        return _is_damaged(path) and path.is_file() and b'"zoo":' in path.read_bytes()
    return True


def _is_unknown(snapshot: Path) -> bool:
    """Tell whether there are weights, and beside them a config.json that says nothing any more."""
    config = snapshot / model_config.FILE
    there = os.path.lexists(config) and os.path.lexists(snapshot / FILE)
    return there and _is_damaged(config)


def _is_damaged(path: Path) -> bool:
    """Tell whether a cached file is lost, or is not what its name in the cache says.

    Where links cannot be made, files have no other name: then a config.json must be JSON, and of
    weights only the hash is known.
    """
    if not path.is_file():
        return True
    if path.is_symlink():
        return not _fits_its_name(path)
    if path.name == model_config.FILE:
        try:
            json.loads(path.read_bytes())
        except ValueError:
            return True
    return False


def _partials(repo: str) -> Iterator[Entry]:
    """Yield a repository's unfinished downloads whose lock nobody holds."""
    from filelock import FileLock, Timeout
    from huggingface_hub import constants
    from huggingface_hub.file_download import repo_folder_name

    folder = repo_folder_name(repo_id=repo, repo_type="model")
    cache = Path(constants.HF_HUB_CACHE)
    for path in sorted((cache / folder / "blobs").glob(PARTIAL)):
        lock = cache / ".locks" / folder / f"{path.name.split('.')[0]}.lock"
        try:
            with FileLock(lock, timeout=0):
                size = path.stat().st_size
        except (Timeout, OSError):
            continue  # somebody is downloading it, or just did
        yield Entry(
            repo=repo, revision=None, model=None, state="partial", size=size, path=str(path)
        )


def _damaged(entry: Entry) -> list[str]:
    """Return the paths, within the repository, of a revision's files that are not whole."""
    snapshot = Path(entry.path)
    damaged = [
        path.relative_to(snapshot).as_posix() for path in _files(snapshot) if _is_damaged(path)
    ]
    expected = _expected(entry)
    weights = snapshot / FILE
    if FILE not in damaged and weights.exists() and expected not in (None, sha256_of(weights)):
        damaged.append(FILE)
    return damaged


def _expected(entry: Entry) -> str | None:
    """Return what the SHA-256 of an entry's weights must be, as far as it is known."""
    if entry.model:
        lock = registry().lock(registry().model(entry.model)) or {}
        return lock.get("sha256")
    try:
        return model_config.read(Path(entry.path) / model_config.FILE, place=entry.repo).sha256
    except BadInput:
        return None


def _fits_its_name(link: Path) -> bool:
    """Tell whether a file is what its name in the cache says.

    What the link leads to may be a further link: files that came through Xet lie where
    repositories share them.
    """
    return hub.has_hash(link, os.readlink(link).rpartition("/")[2])
