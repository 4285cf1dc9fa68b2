"""What a folder of `zoo train` keeps beside its weights: results, and facts of their data.

``results.json`` has the measured numbers in the form in which plugins keep theirs, and for each of
the data its kind, sizes and hash, and the path where it was. What is published of it has no path.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from zoo_core._disk import sha256_of
from zoo_core._loading import model_config
from zoo_core._loading.models import PATH_STARTS
from zoo_core._measuring import opening
from zoo_core._registry import results
from zoo_core._registry.results import Result
from zoo_core.errors import BadInput

FILE = "results.json"
IN_MEMORY = " in memory"
CONFIG, SECTION = model_config.FILE, model_config.SECTION


@dataclass(frozen=True)
class RunFolder:
    """A folder that `zoo train` wrote: its place, its configuration, and all that config.json says.

    `about` is the section of config.json with how the weights were made: recipe, seed, versions,
    date, seconds, command.
    """

    path: Path
    config: model_config.ModelConfig
    about: Mapping[str, Any]

    @property
    def name(self) -> str:
        """What it is called: the folder's own name."""
        return self.path.resolve().name

    @property
    def place(self) -> str:
        """How `zoo.load` and the shell's verbs take it, from where ``runs`` or itself is."""
        parent = self.path.resolve().parent.name
        return f"./runs/{self.name}" if parent == "runs" else f"./{self.name}"

    @property
    def own_data(self) -> str:
        """What the data of its training are called."""
        if self.config.dataset is None:
            return f"{self.config.in_memory}{IN_MEMORY}"
        return called(self.config.dataset)

    @property
    def file(self) -> Path:
        """Where its results are."""
        return self.path / FILE

    @property
    def recipe(self) -> Mapping[str, Any]:
        """The hyperparameters that it was trained with."""
        found: Mapping[str, Any] = self.about.get("recipe") or {}
        return found

    def stored(self) -> list[Result]:
        """Return the numbers that are kept."""
        return results.stored_in(self.file)

    def data(self) -> Mapping[str, Mapping[str, Any]]:
        """Return the facts of the data that numbers are of, by name."""
        found: Mapping[str, Mapping[str, Any]] = results.section(self.file, "data", {})
        return found

    def store(self, found: Sequence[Result], source: Any, data: Any = None) -> None:
        """Keep results in place of older ones of the same thing, and the facts of their data.

        `source` is where the data are from, and `data` what was read of it (None: not at hand).
        """
        name, known = called(source), self.data()
        facts = {**known.get(name, {}), **facts_of(source, data)}
        results.store_in(self.file, self.renamed(found, name), data={**known, name: facts})

    def begin(self, found: Sequence[Result], source: Any, data: Any) -> None:
        """Keep the results of new weights, and the facts of their data, in place of all others."""
        published = results.section(self.file, "published", None)
        self.file.unlink(missing_ok=True)
        self.store(found, source, data)
        if published is not None:
            results.store_in(self.file, [], published=published)

    @property
    def published(self) -> Mapping[str, str]:
        """The repository and the commit where it is published; empty where it is not."""
        found: Mapping[str, str] = results.section(self.file, "published", {})
        return found

    def note_published(self, repo: str, revision: str | None) -> None:
        """Keep where it is published."""
        place = {"repo": repo, "revision": revision}
        if self.published != place:
            results.store_in(self.file, [], published=place)

    def renamed(self, found: Sequence[Result], data: str | None = None) -> list[Result]:
        """Return measured numbers under the folder's name and the data's, without their paths."""
        rows = []
        for row in found:
            own = row.kind == "checkpoint"
            command = f"zoo evaluate {self.place}" + (
                "" if row.split == "test" else f" --split {row.split}"
            )
            name = row.dataset
            if not opening.is_registered(name) and os.sep in name:
                name = Path(name).name
            rows.append(
                replace(
                    row,
                    model=self.name,
                    method=self.name if own else row.method,
                    dataset=data or name,
                    command=command if own else row.command,
                )
            )
        return rows

    def source(self, name: str | None = None) -> Any:
        """Return where data are to be had again: those of the training, or those called `name`.

        Raises `BadInput` for data that were in memory, that are gone, or that have changed.
        """
        own = self.config.dataset
        give = "give them again with --dataset (in Python dataset=…)"
        name = name or self.own_data
        path = own if name == self.own_data else self.data().get(name, {}).get("path")
        if path is None and not opening.is_registered(name):
            raise BadInput(
                f"The numbers of {self.place} are of data in memory "
                f"({name.removesuffix(IN_MEMORY)}), which are not kept; {give}."
            )
        path = path or name
        if opening.is_registered(path):
            return path
        if not Path(path).exists():
            raise BadInput(f"The data of {self.place}, {name}, are not at {path} any more; {give}.")
        kept = self.data().get(name, {}).get("sha256")
        if kept is not None and hash_of(Path(path)) != kept:
            raise BadInput(
                f"{name} has changed since its numbers in {self.place} were measured (another "
                f"SHA-256); {give}, or train again."
            )
        return path


def is_path(name: str | os.PathLike[str]) -> bool:
    """Tell whether a name is the path of a folder, as `zoo.load` takes it."""
    return isinstance(name, Path) or os.fspath(name).startswith(PATH_STARTS)


def given(name: str | os.PathLike[str]) -> RunFolder:
    """Return the folder that a path names; raises `BadInput` for what is none."""
    folder = opened(name)
    if folder is None:
        raise BadInput(f"{str(name)!r} is no folder's path; write ./{name}.")
    return folder


def opened(name: str | os.PathLike[str]) -> RunFolder | None:
    """Return the folder that a path names, as `zoo.load` takes it; None for other names.

    Raises `BadInput` for a folder without a usable config.json.
    """
    text = os.fspath(name)
    if not is_path(name):
        return None
    path = Path(text).expanduser()
    config = model_config.read(path / model_config.FILE, place=str(path))
    content = json.loads((path / model_config.FILE).read_bytes())
    return RunFolder(path, config, content[model_config.SECTION])


def called(source: Any) -> str:
    """Return what data are called where no path is to be seen: a name, a file's name, a type."""
    kind = opening.in_memory(source)
    if kind:
        return f"{kind}{IN_MEMORY}"
    return str(source) if opening.is_registered(source) else Path(source).expanduser().name


def facts_of(source: Any, data: Any = None) -> dict[str, Any]:
    """Return what is known of data: kind, sizes, the splits' sizes, hash, and path."""
    facts: dict[str, Any] = {}
    if data is not None:
        facts["kind"] = type(data).__name__
        facts["sizes"] = dict(getattr(data, "facts", {}))
        facts["splits"] = split_sizes(data)
        fingerprint = getattr(data, "fingerprint", None)
        if callable(fingerprint):
            facts["fingerprint"] = fingerprint()
    if not opening.is_registered(source) and not opening.in_memory(source):
        path = Path(source).expanduser().resolve()
        facts |= {"path": str(path), "sha256": hash_of(path)}
    return facts


def split_sizes(data: Any) -> dict[str, int]:
    """Return how many examples each split has, of those that say so."""
    sizes = {}
    for name in getattr(data, "splits", ()):
        indices = getattr(data.split(name), "indices", None)
        if indices is not None and hasattr(indices, "__len__"):
            sizes[name] = len(indices)
    return sizes


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file, or of the names and contents of a folder's files."""
    if path.is_file():
        return sha256_of(path)
    digest = hashlib.sha256()
    for file in sorted(one for one in path.rglob("*") if one.is_file()):
        digest.update(f"{file.relative_to(path).as_posix()}\0{sha256_of(file)}\0".encode())
    return digest.hexdigest()
