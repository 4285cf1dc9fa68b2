"""A LeRobot folder to `Episodes`, and to the statistics that it states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoo_core import BadInput, notice
from zoo_policies.episodes import MOST_CAMERAS, Episodes, Frames
from zoo_policies.lerobot.images import Clip, Encoded, Video
from zoo_policies.lerobot.layout import Folder, Recorded, open_folder, read_json, read_lines
from zoo_policies.lerobot.parquet import numbers, opened
from zoo_policies.normalising import Statistics

Array = NDArray[Any]
STATE, ACTION = "observation.state", "action"
_COUNTING = ("episode_index", "frame_index")


def read_folder(
    path: Path,
    *,
    states: Sequence[str] = (STATE,),
    cameras: Sequence[str] | None = None,
) -> Episodes:
    """Return the episodes of a LeRobot dataset folder of v2.0, v2.1 or v3.0.

    `states` are the features of which the state is made, one after the other, `cameras` those that
    are read, by feature or by its last word (all). Images are decoded when they are asked for.
    Raises `BadInput` for a folder that is none, for files and steps that are missing, and for more
    than three cameras of which none were chosen.
    """
    folder = open_folder(path)
    recorded = folder.episodes()
    for key in (*states, ACTION):
        if key not in folder.features:
            raise BadInput(
                f"{folder.label} has no {key}; its features are {', '.join(folder.features)[:120]}."
            )
    chosen = _cameras(folder, cameras)
    encoded = {n: key for n, key in chosen.items() if folder.features[key]["dtype"] == "image"}
    columns = [*_COUNTING, *states, ACTION, *encoded.values()]
    tables = _tables(folder, recorded, columns)
    frames: dict[str, Frames] = {}
    for name, key in chosen.items():
        if name in encoded:
            frames[name] = Encoded(_bytes(tables, key), f"camera {name!r}")
        else:
            frames[name] = Video(_clips(folder, recorded, key), folder.fps)
    left = [
        key
        for key in folder.features
        if key.startswith("observation.") and key not in {*states, *folder.cameras().values()}
    ]
    if left:
        notice(f"Not read of {folder.label}: {', '.join(left)}.")
    tasks = [" ".join(one.tasks) for one in recorded]
    return Episodes(
        states=np.concatenate([_stacked(tables, key, folder.label) for key in states], axis=1),
        actions=_stacked(tables, ACTION, folder.label),
        ends=np.cumsum([one.length for one in recorded]),
        cameras=frames,
        fps=folder.fps,
        state_names=[name for key in states for name in _names(folder, key)],
        action_names=_names(folder, ACTION),
        tasks=tasks if any(tasks) else (),
    )


def read_statistics(path: Path, *, states: Sequence[str] = (STATE,)) -> dict[str, Statistics]:
    """Return the statistics that a LeRobot folder states: of "states" and of "actions".

    From meta/stats.json, or, in v2.1, from those of each episode in meta/episodes_stats.jsonl:
    their least and largest, and mean and spread over all steps; quantiles are not known then.
    Raises `BadInput` where neither is there, or does not tell of these features.
    """
    folder = open_folder(path)
    whole, single = path / "meta/stats.json", path / "meta/episodes_stats.jsonl"
    if whole.is_file():
        told = read_json(whole)
        known = {key: _of(told, key, folder.label) for key in (*states, ACTION)}
    elif single.is_file():
        rows = [row.get("stats") or {} for row in read_lines(single)]
        known = {
            key: pooled([_of(row, key, folder.label) for row in rows]) for key in (*states, ACTION)
        }
    else:
        raise BadInput(
            f"{folder.label} states no statistics (meta/stats.json, meta/episodes_stats.jsonl); "
            "measure them of the training episodes."
        )
    return {"states": _joined([known[key] for key in states]), "actions": known[ACTION]}


def pooled(parts: Sequence[Statistics]) -> Statistics:
    """Return the statistics of several parts together; raises `BadInput` where one lacks some."""
    counts = np.array([part.count or 0 for part in parts], float)
    needed = ("min", "max", "mean", "std")
    if not counts.all() or any(getattr(p, key) is None for p in parts for key in needed):
        raise BadInput(f"An episode's statistics lack count or {', '.join(needed)}; measure anew.")
    weights = counts / counts.sum()
    means, stds = (np.stack([getattr(part, key) for part in parts]) for key in ("mean", "std"))
    mean = weights @ means
    least, most = (np.array([getattr(part, key) for part in parts]) for key in ("min", "max"))
    return Statistics(
        min=least.min(0),
        max=most.max(0),
        mean=mean,
        std=np.sqrt(weights @ (stds**2 + (means - mean) ** 2)),
        count=int(counts.sum()),
    )


def _of(told: Any, key: str, label: str) -> Statistics:
    entry = told.get(key) if isinstance(told, Mapping) else None
    if not isinstance(entry, Mapping):
        raise BadInput(f"The statistics of {label} do not tell of {key}; measure them anew.")
    return Statistics.from_dict(entry, f"The statistics of {key} in {label}")


def _joined(parts: Sequence[Statistics]) -> Statistics:
    names = ("min", "max", "mean", "std", "q01", "q99")
    columns = {name: [getattr(part, name) for part in parts] for name in names}
    return Statistics(
        **{
            name: np.concatenate(values)
            for name, values in columns.items()
            if all(value is not None for value in values)
        },
        count=parts[0].count,
    )


def _cameras(folder: Folder, wanted: Sequence[str] | None) -> dict[str, str]:
    known = folder.cameras()
    if wanted is None:
        if len(known) > MOST_CAMERAS:
            raise BadInput(
                f"{folder.label} has {len(known)} cameras, {', '.join(known)}; choose up to "
                f"{MOST_CAMERAS} by cameras=."
            )
        return known
    short = {key: name for name, key in known.items()} | {name: name for name in known}
    lacking = [name for name in wanted if name not in short]
    if lacking:
        raise BadInput(
            f"{folder.label} has no camera {lacking[0]!r}; it has {', '.join(known) or 'none'}."
        )
    return {short[name]: known[short[name]] for name in wanted}


def _tables(folder: Folder, recorded: Sequence[Recorded], columns: Sequence[str]) -> list[Any]:
    """Return a table for each episode, its steps in order."""
    files: dict[Path, tuple[Any, Array]] = {}
    found = []
    for one in recorded:
        path = folder.data_file(one)
        if path not in files:
            if folder.version == 2:
                files.clear()
            table = opened(path, columns)
            files[path] = table, numbers(table, "episode_index", path.name)[:, 0]
        table, episode = files[path]
        part = table.take(np.flatnonzero(episode == one.number))
        frames = numbers(part, "frame_index", path.name)[:, 0] if len(part) else np.zeros(0)
        if len(part) != one.length or not np.array_equal(frames, np.arange(one.length)):
            raise BadInput(
                f"{path.name} has {len(part)} steps of episode {one.number}, or not in order; "
                f"expected {one.length}, counted from 0."
            )
        found.append(part)
    return found


def _stacked(tables: Sequence[Any], key: str, label: str) -> Array:
    parts = [numbers(table, key, label) for table in tables]
    if len({part.shape[1] for part in parts}) > 1:
        raise BadInput(f"{label}: {key} has unlike numbers of dimensions from episode to episode.")
    return np.concatenate(parts)


def _bytes(tables: Sequence[Any], key: str) -> list[bytes | None]:
    rows = [row for table in tables for row in table.column(key).to_pylist()]
    return [row.get("bytes") if isinstance(row, Mapping) else row for row in rows]


def _clips(folder: Folder, recorded: Sequence[Recorded], key: str) -> list[Clip]:
    begin = f"videos/{key}/from_timestamp"
    return [
        Clip(folder.video_file(one, key), float(one.where.get(begin, 0.0)), one.length)
        for one in recorded
    ]


def _names(folder: Folder, key: str) -> list[str]:
    """Return the names of a feature's dimensions: a list, or one in a dictionary, or made up."""
    told = folder.features[key].get("names")
    if isinstance(told, Mapping):
        told = next(iter(told.values()), None)
    size = int((folder.features[key].get("shape") or [0])[-1])
    if isinstance(told, list) and len(told) == size:
        return [str(name) for name in told]
    return [f"{key.rpartition('.')[2]} {place}" for place in range(size)]
