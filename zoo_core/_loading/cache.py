"""The Hugging Face cache as the zoo uses it: fill it, and list what it has.

Only repositories of the zoo are touched: those that an installed plugin's lock file names, those
whose ``config.json`` says that the zoo wrote them, and those that it said so of when they were
downloaded: a file that is damaged or lost since hides nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from zoo_core._loading import files, hub, model_config
from zoo_core._loading.models import bases_of
from zoo_core._loading.weights import FILE, asset_path, check_bytes, embedded_path, locate
from zoo_core._registry import references
from zoo_core._registry.registry import registry
from zoo_core._registry.specs import Base
from zoo_core.errors import BadInput

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


def download(name: str) -> Path:
    """Put all that loading a model needs into the cache; return the checked path of its weights.

    That is its weights, what lies beside them, and the base that it shares with others. `name` is a
    registered model (whose weights may be in its plugin's package already), or ``owner/name`` or
    ``owner/name@revision`` on the Hub. Raises what `zoo.load` raises.
    """
    reference = references.parse(name)
    if reference is None:
        spec = registry().model(name)
        path = locate(spec)
        lock = registry().lock(spec) or {}
        check_bytes(path, lock.get("sha256", ""))
        for asset, sha256 in lock.get("assets", {}).items():
            check_bytes(asset_path(spec, asset), sha256)
        _download_bases(bases_of(spec.name))
        return path
    commit = hub.commit_of(reference)
    config = hub.fetch(reference.repo, model_config.FILE, commit)
    stored = model_config.read(config, place=str(reference))
    hub.remember(reference.repo)
    path = hub.fetch(reference.repo, FILE, commit)
    check_bytes(path, stored.sha256)
    for asset, sha256 in stored.assets.items():
        check_bytes(hub.fetch(reference.repo, f"{model_config.ASSETS}/{asset}", commit), sha256)
    if stored.base:
        _download_bases(bases_of(stored.base))
    return path


def _download_bases(bases: Sequence[Base]) -> None:
    """Get the frozen tensors that a model's own file does not hold."""
    for base in bases:
        if base.model is not None:
            download(base.model)
        elif base.file is not None:
            files.fetch(base.file)


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
                    size=sum(path.stat().st_size for path in files_of(snapshot) if path.is_file()),
                    path=str(snapshot),
                )
            )
    folders = {entry.repo for entry in found} | set(pins)
    found += [entry for repo in sorted(folders) for entry in _partials(repo)]
    return sorted(found, key=lambda entry: (entry.repo, entry.state, entry.revision or ""))


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


def files_of(snapshot: Path) -> list[Path]:
    """Return a snapshot's files, and the links that lead nowhere."""
    return sorted(path for path in snapshot.rglob("*") if not path.is_dir())


def _is_ours(snapshot: Path) -> bool:
    """Tell whether a config.json says that the zoo wrote it; a damaged one says what it can."""
    path = snapshot / model_config.FILE
    try:
        model_config.read(path, place=str(snapshot))
    except BadInput:
        return is_damaged(path) and b'"zoo":' in _bytes_of(path)
    return True


def _bytes_of(path: Path) -> bytes:
    """Return a file's content; nothing of one that is lost or cannot be read."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _is_unknown(snapshot: Path) -> bool:
    """Tell whether there are weights, and beside them a config.json that says nothing any more."""
    config = snapshot / model_config.FILE
    there = os.path.lexists(config) and os.path.lexists(snapshot / FILE)
    return there and is_damaged(config)


def is_damaged(path: Path) -> bool:
    """Tell whether a cached file is lost, unreadable, or not what its name in the cache says.

    Where links cannot be made, files have no other name: then a config.json must be JSON, and of
    weights only the hash is known.
    """
    if not path.is_file():
        return True
    try:
        if path.is_symlink():
            return not _fits_its_name(path)
        if path.name == model_config.FILE:
            json.loads(path.read_bytes())
    except (OSError, ValueError):
        return True
    return False


def is_busy(repo: str) -> bool:
    """Tell whether a process is downloading something of a repository right now.

    Raises `OSError` where that cannot be asked, as in a cache that cannot be written.
    """
    _, locks = _places(repo)
    return any(map(_is_held, locks.glob("*.lock")))


def _partials(repo: str) -> Iterator[Entry]:
    """Yield a repository's unfinished downloads whose lock nobody holds."""
    folder, locks = _places(repo)
    for path in sorted((folder / "blobs").glob(PARTIAL)):
        try:
            if _is_held(locks / f"{path.name.split('.')[0]}.lock"):
                continue
            size = path.stat().st_size
        except OSError:  # just finished, or nobody can tell whether it goes on
            continue
        yield Entry(
            repo=repo, revision=None, model=None, state="partial", size=size, path=str(path)
        )


def _places(repo: str) -> tuple[Path, Path]:
    """Return the folder of a repository in the cache, and that of its locks."""
    from huggingface_hub import constants
    from huggingface_hub.file_download import repo_folder_name

    folder = repo_folder_name(repo_id=repo, repo_type="model")
    cache = Path(constants.HF_HUB_CACHE)
    return cache / folder, cache / ".locks" / folder


def _is_held(lock: Path) -> bool:
    """Tell whether a process holds a lock; raises `OSError` for one that cannot be asked for."""
    from filelock import FileLock, Timeout

    if not lock.exists():
        return False
    try:
        with FileLock(lock, timeout=0):
            return False
    except Timeout:
        return True


def _fits_its_name(link: Path) -> bool:
    """Tell whether a file is what its name in the cache says.

    What the link leads to may be a further link: files that came through Xet lie where
    repositories share them.
    """
    return hub.has_hash(link, os.readlink(link).rpartition("/")[2])
