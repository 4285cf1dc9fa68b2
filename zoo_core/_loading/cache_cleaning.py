"""Cleaning the Hugging Face cache: of the zoo's repositories, and of no other."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from zoo_core._disk import cause
from zoo_core._loading.cache import Entry, entries, is_busy
from zoo_core._notices import notice
from zoo_core.errors import WeightsError


def clean(*, every: bool = False, dry_run: bool = False) -> Iterator[Entry]:
    """Delete unfinished downloads and old revisions, or with `every` all of the zoo's repositories.

    A repository of which another process is downloading something right now is left alone. Yields
    each entry when it is gone, or with `dry_run` would be: one list for both. Raises `WeightsError`
    at the end when some could not be deleted.
    """
    doomed = list(_doomed(every))
    stayed: list[Entry] = []
    reasons: dict[str, None] = {}
    for _, several in groupby(doomed, key=lambda entry: entry.repo):
        listed = list(several)
        reason = None if dry_run else _delete(listed)
        for entry in listed:
            if reason is None:
                yield entry
            else:
                stayed.append(entry)
                reasons[reason] = None
    if stayed:
        raise WeightsError(
            f"{len(stayed)} of {len(doomed)} entries could not be deleted, as "
            f"{stayed[0].path} ({'; '.join(reasons)}); make the cache writable (HF_HOME says which "
            "it is), and clean again."
        )


def _doomed(every: bool) -> Iterator[Entry]:
    for repo, several in groupby(entries(), key=lambda entry: entry.repo):
        chosen = [
            entry
            for entry in several
            if entry.state in ("old", "partial") or (every and entry.state != "unknown")
        ]
        busy = False
        with suppress(OSError):  # which the deed tells of
            busy = bool(chosen) and is_busy(repo)
        if busy:
            notice(f"{repo} is left alone: something of it is being downloaded.")
        else:
            yield from chosen


def _delete(listed: Sequence[Entry]) -> str | None:
    """Delete entries of one repository; return why it could not be done, None when all are gone."""
    revisions = [entry for entry in listed if entry.revision]
    try:
        is_busy(listed[0].repo)  # where that cannot be asked, nothing is deleted
        for entry in listed:
            if entry.revision is None:
                Path(entry.path).unlink(missing_ok=True)
        if revisions:
            _delete_revisions(revisions)
    except OSError as error:
        return cause(error)
    return None


def _delete_revisions(listed: Sequence[Entry]) -> None:
    """Delete revisions of one repository, with the client as far as it can read the repository.

    The client knows a revision by its commit alone, which a copy of the repository has as well: it
    is shown this repository and no other.
    """
    from huggingface_hub import scan_cache_dir

    scan = scan_cache_dir()
    own = [r for r in scan.repos if (r.repo_type, r.repo_id) == ("model", listed[0].repo)]
    readable = {revision.commit_hash for repo in own for revision in repo.revisions}
    known = [str(entry.revision) for entry in listed if entry.revision in readable]
    if known:
        strategy = replace(scan, repos=frozenset(own)).delete_revisions(*known)
        with _quiet_client():
            strategy.execute()
        for path in (*strategy.repos, *strategy.snapshots, *strategy.blobs):
            if os.path.lexists(path):  # the client goes on where it has no permission
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    for entry in listed:
        snapshot = Path(entry.path)
        if snapshot.exists():
            shutil.rmtree(snapshot)
        if snapshot.parent.is_dir() and not any(snapshot.parent.iterdir()):
            shutil.rmtree(snapshot.parents[1])


@contextmanager
def _quiet_client() -> Iterator[None]:
    """Let the client log no stack traces: what it could not delete is told here."""
    from logging import CRITICAL

    from huggingface_hub.utils import logging

    level = logging.get_verbosity()
    logging.set_verbosity(CRITICAL)
    try:
        yield
    finally:
        logging.set_verbosity(level)
