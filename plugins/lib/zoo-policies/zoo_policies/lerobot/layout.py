"""Where things are in a LeRobot folder: its info, its episodes, the files that hold them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zoo_core import BadInput
from zoo_policies.lerobot.parquet import rows_of

INFO = "meta/info.json"
_TEXT = ("data_path", "codebase_version")


@dataclass(frozen=True)
class Recorded:
    """One episode: its number, its length in steps, its tasks, and what v3.0 tells of its files."""

    number: int
    length: int
    tasks: tuple[str, ...]
    where: Mapping[str, Any]


@dataclass(frozen=True)
class Folder:
    """A LeRobot dataset folder, of `version` 2 (v2.0, v2.1) or 3 (v3.0)."""

    path: Path
    info: Mapping[str, Any]
    version: int

    @property
    def label(self) -> str:
        """What it is called in sentences."""
        return self.path.name

    @property
    def fps(self) -> float:
        """Steps a second; raises `BadInput` where the info does not tell."""
        fps = self.info.get("fps")
        if not isinstance(fps, int | float) or not 0 < fps < math.inf:
            raise BadInput(f"{self.label}: {INFO} tells fps={fps!r}; expected steps a second.")
        return float(fps)

    @property
    def features(self) -> Mapping[str, Mapping[str, Any]]:
        """What each step has, by name: its dtype, shape and names."""
        found: Mapping[str, Mapping[str, Any]] = self.info["features"]
        return found

    def cameras(self) -> dict[str, str]:
        """Return the names of cameras, the last word of their features', and these features.

        Depth maps are none.
        """
        kinds = ("image", "video")
        keys = [
            key
            for key, one in self.features.items()
            if one.get("dtype") in kinds and not _is_depth(one)
        ]
        short = [key.removeprefix("observation.").removeprefix("images.") for key in keys]
        return dict(zip(short, keys, strict=True))

    def episodes(self) -> list[Recorded]:
        """Return the episodes, in the order of their numbers."""
        if self.version == 2:
            told = read_lines(self.path / "meta/episodes.jsonl")
        else:
            files = sorted((self.path / "meta/episodes").glob("*/*.parquet"))
            told = [row for file in files for row in rows_of(file, without="stats/")]
        try:
            found = [
                Recorded(
                    number=int(row["episode_index"]),
                    length=int(row["length"]),
                    tasks=_texts(row.get("tasks")),
                    where=row,
                )
                for row in told
            ]
        except (KeyError, TypeError, ValueError):
            raise BadInput(
                f"{self.label} does not tell episode_index and length of each of its episodes."
            ) from None
        found.sort(key=lambda one: one.number)
        if not found:
            raise BadInput(f"{self.label} tells of no episode; expected meta/episodes.")
        return found

    def data_file(self, episode: Recorded) -> Path:
        """Return the parquet file that has an episode's steps."""
        return self._file("data_path", episode, "data")

    def video_file(self, episode: Recorded, key: str) -> Path:
        """Return the video file that has an episode's images of one camera."""
        return self._file("video_path", episode, f"videos/{key}", video_key=key)

    def _file(self, template: str, episode: Recorded, place: str, **more: Any) -> Path:
        try:
            chunk = episode.number // int(self.info.get("chunks_size") or 1000)
            known = {"episode_chunk": chunk, "episode_index": episode.number, **more}
            for name in ("chunk_index", "file_index"):
                if f"{place}/{name}" in episode.where:
                    known[name] = int(episode.where[f"{place}/{name}"])
            path = self.path / str(self.info[template]).format(**known)
        except (KeyError, IndexError, ValueError, AttributeError, TypeError) as error:
            raise BadInput(
                f"{self.label}: {template} of {INFO} does not say where episode {episode.number} "
                f"is ({type(error).__name__}: {error})."
            ) from None
        inside = path.resolve().is_relative_to(self.path.resolve())
        if not inside or not path.is_file():
            raise BadInput(
                f"{self.label} has no file {path.relative_to(self.path) if inside else path}, "
                f"which should hold episode {episode.number}."
            )
        return path


def open_folder(path: Path) -> Folder:
    """Return a LeRobot dataset folder; raises `BadInput` for other folders, and older versions."""
    if not (path / INFO).is_file():
        raise BadInput(f"{path.name} has no {INFO}; expected a LeRobot dataset folder.")
    info = read_json(path / INFO)
    features = info.get("features") if isinstance(info, dict) else None
    good = isinstance(features, dict) and all(isinstance(one, dict) for one in features.values())
    if not good or not all(isinstance(info.get(key), str) for key in _TEXT):
        raise BadInput(f"{path.name}: {INFO} does not tell codebase_version, data_path, features.")
    version = info["codebase_version"]
    if not version.startswith(("v2.", "v3.")):
        raise BadInput(
            f"{path.name} is of LeRobot's version {version}; expected v2.0, v2.1 or v3.0: convert "
            "it with LeRobot's own scripts."
        )
    return Folder(path, info, int(version[1]))


def _is_depth(feature: Mapping[str, Any]) -> bool:
    told = [feature.get("info") or {}, feature.get("video_info") or {}]
    return any(one.get("is_depth_map") or one.get("video.is_depth_map") for one in told)


def _texts(tasks: Any) -> tuple[str, ...]:
    return (tasks,) if isinstance(tasks, str) else tuple(map(str, tasks or ()))


def read_json(path: Path) -> Any:
    """Return what a JSON file says; raises `BadInput` where it is none."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(f"{path.name} cannot be read as JSON ({type(error).__name__}).") from None


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Return the lines of a JSON lines file; raises `BadInput` where it is none."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return [dict(json.loads(line)) for line in lines if line.strip()]
    except (OSError, ValueError, TypeError) as error:
        raise BadInput(
            f"{path.name} cannot be read as lines of JSON ({type(error).__name__})."
        ) from None
