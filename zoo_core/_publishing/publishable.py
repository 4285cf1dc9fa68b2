"""What can be published: a registered model, or a folder that `zoo train` wrote."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from zoo_core._disk import one_writer, write_json
from zoo_core._loading import model_config
from zoo_core._loading.models import bases_of
from zoo_core._loading.weights import FILE, asset_path, check_bytes, locate
from zoo_core._measuring import folders
from zoo_core._measuring.folders import RunFolder
from zoo_core._notices import notice
from zoo_core._publishing import cards, pictures, run_cards
from zoo_core._registry.registry import registry
from zoo_core._registry.specs import Model
from zoo_core.errors import BadInput, WeightsError

CARD = run_cards.FILE
Content = Path | bytes
Kind = Literal["model", "space"]
_GENERATED = (f"{pictures.FOLDER}/", f"{cards.RESULTS_FOLDER}/", f"{model_config.ASSETS}/")
"""Folders of a model's repository whose files are all generated."""


class Publishable(Protocol):
    """What a repository of the Hub is made from."""

    @property
    def kind(self) -> Kind:
        """The kind of its repository."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def told(self) -> str:
        """What it is and from where, for the message of a commit."""

    @property
    def home(self) -> str | None:
        """The repository where it is published already."""

    def check(self, dry_run: bool) -> None:
        """Check that there are whole weights, and that the commit can be noted afterwards."""

    def contents(self, repo: str, page: str) -> Mapping[str, Content]:
        """Return the files of its repository, by path; `page` is the card that is there now."""

    def pinned(self, repo: str) -> str | None:
        """Return the commit that is noted, if it is of this repository: its files are the same."""

    def note(self, repo: str, revision: str | None) -> None:
        """Note where it is published."""

    def owns(self, path: str) -> bool:
        """Tell whether a file that it has no longer is deleted: all that is made, and not given."""


def publishable(name: str | os.PathLike[str]) -> Publishable:
    """Return what a name is of: a folder's path, or a registered model; raises `UnknownName`."""
    folder = folders.opened(name)
    return OwnFolder(folder) if folder is not None else Registered(registry().model(str(name)))


class OfModel:
    """What the repositories of models have in common."""

    kind: Kind = "model"

    def owns(self, path: str) -> bool:
        """Tell whether a file is in one of the folders that are all generated."""
        return path.startswith(_GENERATED)


@dataclass(frozen=True)
class Registered(OfModel):
    """A registered model; where it is published is noted in its plugin's lock file."""

    spec: Model

    @property
    def name(self) -> str:
        """The model's name."""
        return self.spec.name

    @property
    def told(self) -> str:
        """The model and its distribution."""
        plugin = registry().owner(self.spec)
        return f"{self.name} ({plugin.distribution} {plugin.version})"

    @property
    def home(self) -> str | None:
        """The repository in the lock file."""
        found: str | None = (registry().lock(self.spec) or {}).get("repo")
        return found

    @property
    def _lock_file(self) -> Path:
        return registry().owner(self.spec).folder / "weights" / "lock.json"

    def check(self, dry_run: bool) -> None:
        """Check that there are whole weights, and a lock file that can be written."""
        lock = registry().lock(self.spec)
        check_bytes(locate(self.spec), lock["sha256"] if lock else "")
        if not dry_run and not os.access(self._lock_file, os.W_OK):
            raise WeightsError(
                f"{self._lock_file} cannot be written, and the commit on the Hub must be noted "
                "there; publish from a checkout of the plugin that is yours to write."
            )

    def contents(self, repo: str, page: str) -> dict[str, Content]:
        """Return the files of the repository, the hand-written part of its card kept."""
        spec, kept = self.spec, cards.hand_written(page)
        lock = registry().lock(spec)
        if lock is None:
            raise WeightsError(
                f"{spec.name} has no weights yet; make them with `zoo train {spec.name} --embed`."
            )
        stored = model_config.ModelConfig(
            architecture=spec.architecture,
            shape=lock["shape"],
            sha256=lock["sha256"],
            dataset=spec.dataset,
            options=spec.options,
            inputs=lock.get("inputs", {}),
            assets=lock.get("assets", {}),
            base=spec.name if bases_of(spec.name) else None,
        )
        distribution = registry().owner(spec).distribution
        found: dict[str, Content] = {
            FILE: locate(spec),
            model_config.FILE: stored.as_bytes(model=spec.name, distribution=distribution),
            CARD: cards.render(spec.name, repo=repo, kept=kept).encode(),
        }
        found |= {
            f"{model_config.ASSETS}/{name}": asset_path(spec, name)
            for name in lock.get("assets", {})
        }
        found |= {path: text.encode() for path, text in cards.eval_results(spec.name).items()}
        found |= {path: file for path, (_, file) in pictures.of_card(spec).items()}
        return found

    def pinned(self, repo: str) -> str | None:
        """Return the commit in the lock file, if it is of this repository."""
        lock = registry().lock(self.spec) or {}
        return lock.get("revision") if lock.get("repo") == repo else None

    def note(self, repo: str, revision: str | None) -> None:
        """Write repository and commit into the lock file."""
        plugin = registry().owner(self.spec)
        place = {"repo": repo, "revision": revision}
        with one_writer(self._lock_file):
            entries = plugin.read_lock()
            if any(entries[self.name].get(key) != value for key, value in place.items()):
                entries[self.name].update(place)
                write_json(self._lock_file, entries)
        plugin.lock.update(entries)


@dataclass(frozen=True)
class OwnFolder(OfModel):
    """A folder that `zoo train` wrote; what is published of it names no path of this machine."""

    folder: RunFolder

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.name

    @property
    def told(self) -> str:
        """The folder's name and what was trained."""
        return f"{self.name} ({self.folder.config.architecture})"

    @property
    def home(self) -> str | None:
        """The repository that is noted beside the results."""
        return self.folder.published.get("repo")

    def check(self, dry_run: bool) -> None:
        """Check that there are whole weights, a card that can be kept, and a folder to write in."""
        path = self.folder.path
        if not (path / FILE).is_file():
            raise WeightsError(f"There is no weights file {path / FILE}; train again.")
        check_bytes(path / FILE, self.folder.config.sha256)
        run_cards.check_page(path)
        if not dry_run and not os.access(path, os.W_OK):
            raise WeightsError(
                f"{path} cannot be written, and the commit on the Hub must be noted there."
            )
        if run_cards.licence_of(self._page)["license"] == run_cards.NO_LICENCE:
            notice(
                f"The card of {self.folder.place} names no licence; choose one in the header of "
                f"its {CARD}."
            )

    @property
    def _page(self) -> str:
        path = self.folder.path / CARD
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def contents(self, repo: str, page: str) -> dict[str, Content]:
        """Return the files of the repository; what was written by hand here or there is kept.

        Raises `BadInput` where both cards have a hand-written part, and not the same.
        """
        folder = self.folder
        here, there = (
            cards.hand_written(one, place)
            for one, place in ((self._page, folder.place), (page, "the repository"))
        )
        if here.strip() and there.strip() and here != there:
            raise BadInput(
                f"The hand-written parts of the cards of {folder.place} and of {repo} are not the "
                f"same; bring what is to be kept into {folder.path / CARD}, and into the other."
            )
        licence = run_cards.licence_of(self._page)
        if licence["license"] == run_cards.NO_LICENCE:
            licence = run_cards.licence_of(page)
        text = run_cards.render(
            folder, repo=repo, kept=here if here.strip() else there, licence=licence
        )
        assets = folder.config.assets
        return {
            FILE: folder.path / FILE,
            model_config.FILE: run_cards.public_config(folder),
            CARD: text.encode(),
            folders.FILE: run_cards.public_results(folder),
            **{
                f"{model_config.ASSETS}/{name}": folder.path / model_config.ASSETS / name
                for name in assets
            },
        }

    def pinned(self, repo: str) -> str | None:
        """Return the commit that is noted, if it is of this repository."""
        place = self.folder.published
        return place.get("revision") if place.get("repo") == repo else None

    def note(self, repo: str, revision: str | None) -> None:
        """Note repository and commit beside the results."""
        self.folder.note_published(repo, revision)
