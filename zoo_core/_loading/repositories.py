"""A folder or a repository of the Hub, read alike: which files it has, and one of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from zoo_core._loading import hub
from zoo_core._registry.references import parse
from zoo_core.errors import BadInput


@dataclass(frozen=True)
class Repository:
    """How to call a folder or repository, the names of its files, and how to get at one of them.

    `path` downloads a file of the Hub if need be; a repository's commit was pinned when it was
    opened, so that all files are of one revision.

    `label` is for people, `names` are those of its files, relative, and with forward slashes.

    >>> there = zoo_core.Repository("here", frozenset({"config.json"}), Path)
    >>> there.path("config.json").name
    'config.json'
    """

    label: str
    names: frozenset[str]
    path: Callable[[str], Path]

    @classmethod
    def open(
        cls,
        source: str | PathLike[str],
        enough: Callable[[frozenset[str]], bool] = lambda names: False,
    ) -> Repository:
        """Open a folder, or ``owner/name`` or ``owner/name@revision`` on the Hub.

        Where what the cache has is `enough`, the Hub is not asked which other files there are.
        Raises `BadInput` for what is neither, `HubError` when the Hub refuses or cannot be reached.
        """
        folder = Path(source)
        if folder.is_dir():
            names = frozenset(path.name for path in folder.iterdir() if path.is_file())
            return cls(str(source), names, folder.joinpath)
        reference = None if folder.exists() else parse(str(source))
        if reference is None:
            raise BadInput(
                f"{str(source)!r} is neither a folder nor a repository of the Hub; give a folder, "
                "or a name such as 'owner/name'."
            )
        repo, commit = reference.repo, hub.commit_of(reference)
        kept = hub.snapshot(repo, commit)
        names = frozenset(path.name for path in kept.iterdir()) if kept.is_dir() else frozenset()
        if not enough(names):
            from huggingface_hub import HfApi

            with hub.told(f"the files of {repo} could not be listed", repo, commit):
                names = frozenset(HfApi().list_repo_files(repo, revision=commit))
        return cls(str(reference), names, lambda name: hub.fetch(repo, name, commit))
