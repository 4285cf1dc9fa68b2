"""Traffic that a person has, speeds and the graph of their sensors, to data to train on."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from zoo_tables import open_arrays, read_table

from zoo_core import BadInput, closest, notice
from zoo_signals.sensors import SensorGraph, labels_of
from zoo_signals.speed_table import read_speeds
from zoo_signals.traffic import HISTORY, HORIZON, Traffic, traffic_of

KEYS = ("speeds", "edges", "weights", "adjacency", "sensors", "clusters", "times")
WORDS = {"speeds": "speed", "edges": "edges", "adjacency": "adjacency", "clusters": "cluster"}
"""What the names of a folder's files have in them."""


def read_traffic(
    source: Any,
    *,
    edges: Any = None,
    adjacency: Any = None,
    clusters: Any = None,
    start: str | None = None,
    minutes: float | None = None,
    history: int = HISTORY,
    horizon: int = HORIZON,
    coarsen: Callable[[SensorGraph, int], NDArray[np.intp]] | None = None,
) -> Traffic:
    """Return speeds of sensors on their graph, in windows that are cut in time.

    `source` is one of

    - a folder with one file of speeds, one of `edges` or of the `adjacency`, and perhaps one of
      clusters, known by these words in their names;
    - a table of speeds alone (see `read_speeds`), with `edges` or `adjacency` told;
    - an .npz or a dictionary with ``speeds`` (T, N), ``edges`` (2, E) or (E, 2) with ``weights``
      (E,) or without, or ``adjacency`` (N, N), and perhaps the names ``sensors`` (N,), ``clusters``
      and ``times`` (T,).

    A table of edges has the columns source, target and perhaps weight, of sensors' names, or of
    their places as source_index and target_index. An adjacency has a row for each sensor, which is
    the source, in the order of the speeds. `clusters` are a list of lists of sensors, a mapping of
    sensors to clusters, or the cluster of each sensor; a JSON file of one of these, or of several
    by name, of which `clusters` chooses one. A number of them is for `coarsen`, which is called
    with the graph and the number. `start` and `minutes` are those of `read_speeds`.

    Windows do not go over gaps in time, which a notice tells. Raises `BadInput`, in one sentence,
    for what does not fit.
    """
    given = _opened(source)
    given |= {
        name: value
        for name, value in (("edges", edges), ("adjacency", adjacency))
        if value is not None
    }
    names = given.get("sensors")
    stamped = _with_times(given)
    speeds = read_speeds(
        stamped,
        names=None if names is None else list(map(str, np.asarray(names).tolist())),
        start=start,
        minutes=minutes,
    )
    if len(speeds.breaks):
        notice(f"Time jumps {len(speeds.breaks)} times; no window goes over a jump.")
    graph = _graph(given, list(speeds.names))
    labels: NDArray[np.intp] | None
    if isinstance(clusters, int) and coarsen is not None:
        labels = coarsen(graph, clusters)
    else:
        labels, partitions = clusters_of(given.get("clusters"), clusters, graph)
        graph = replace(graph, partitions=partitions)
    return traffic_of(
        speeds.values,
        speeds.times,
        graph,
        clusters=labels,
        breaks=speeds.breaks,
        minutes=speeds.minutes,
        history=history,
        horizon=horizon,
    )


def clusters_of(
    held: Any, told: Any, graph: SensorGraph
) -> tuple[NDArray[np.intp] | None, dict[str, NDArray[np.intp]]]:
    """Return the cluster (N,) of each sensor, None where nothing tells, and partitions by name.

    `held` is what the data have, `told` what a person asks for: the name of one of several, or
    clusters in place of those that are held. Raises `BadInput` for clusters that are no partition.
    """
    if isinstance(told, str | Path) and Path(str(told)).suffix == ".json":
        held, told = _json(Path(told)), None
    elif told is not None and not isinstance(told, str):
        held, told = told, None
    several = _several(held, graph)
    if told is not None:
        if told not in several:
            raise BadInput(
                f"clusters={told!r} is none of the partitions here{closest(str(told), several)} "
                f"There are {', '.join(several) or 'none'}; give one of them, or a .json file."
            )
        return several[told], several
    if len(several) > 1:
        raise BadInput(f"There are several partitions; choose one: clusters={'|'.join(several)}.")
    return next(iter(several.values()), None), several


def _several(held: Any, graph: SensorGraph) -> dict[str, NDArray[np.intp]]:
    if held is None:
        return {}
    if isinstance(held, Mapping) and not set(map(str, held)) & set(graph.names):
        return {str(name): _labels(one, graph) for name, one in held.items()}
    return {"clusters": _labels(held, graph)}


def _labels(given: Any, graph: SensorGraph) -> NDArray[np.intp]:
    """Return the cluster (N,) of each sensor, of any of the forms that people write."""
    if isinstance(given, Mapping):
        by_name = {str(name): str(one) for name, one in given.items()}
        odd = sorted(set(by_name) ^ set(graph.names))
        if odd:
            raise BadInput(
                f"Clusters and speeds differ in {len(odd)} sensors, {odd[0]} among them; give each "
                "sensor its cluster."
            )
        given = [by_name[name] for name in graph.names]
    listed = list(given)
    if listed and all(isinstance(one, list | tuple) for one in listed):
        place = {name: number for number, name in enumerate(graph.names)}
        flat = [one for cluster in listed for one in cluster]
        by_place = all(isinstance(one, int) for one in flat) and max(flat) < len(graph)
        lists = [
            [one if by_place else place.get(str(one), -1) for one in cluster] for cluster in listed
        ]
        return labels_of(lists, len(graph))
    if len(listed) != len(graph):
        raise BadInput(f"There are clusters of {len(listed)} sensors; expected {len(graph)}.")
    return np.unique(np.array(list(map(str, listed))), return_inverse=True)[1].astype(np.intp)


def _opened(source: Any) -> dict[str, Any]:
    if isinstance(source, str | Path):
        path = Path(source).expanduser()
        if path.is_dir():
            return _folder(path)
        if path.suffix != ".npz":
            return {"speeds": path}
        with open_arrays(path) as arrays:
            found = {name: arrays[name] for name in arrays.names}
    elif isinstance(source, Mapping) and "speeds" in source:
        found = dict(source)
    else:
        return {"speeds": source}
    if "speeds" not in found:
        raise BadInput(f"There are no speeds among {', '.join(found) or 'nothing'}.")
    others = [name for name in found if name not in KEYS]
    if others:
        notice(f"Not used: {', '.join(others)}; the known names are {', '.join(KEYS)}.")
    return {name: found[name] for name in KEYS if name in found}


def _folder(folder: Path) -> dict[str, Any]:
    files = sorted(one for one in folder.iterdir() if one.is_file() and one.name[0] != ".")
    found: dict[str, Any] = {}
    for name, word in WORDS.items():
        fitting = [one for one in files if word in one.stem.lower()]
        if len(fitting) > 1:
            raise BadInput(
                f"{folder.name} has several files of {name}: "
                f"{', '.join(one.name for one in fitting)}; leave one of them."
            )
        if fitting:
            found[name] = fitting[0]
    if "speeds" not in found:
        raise BadInput(
            f"{folder.name} has no file of speeds; expected speeds.csv, edges.csv (or "
            "adjacency.csv), and perhaps clusters.json."
        )
    others = [one.name for one in files if one not in found.values()]
    if others:
        notice(f"Not used: {', '.join(others[:5])}{' …' if len(others) > 5 else ''}.")
    if "clusters" in found:
        found["clusters"] = _json(found["clusters"])
    return found


def _json(path: Path) -> Any:
    try:
        return json.loads(path.expanduser().read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(
            f"{path.name} cannot be read as JSON ({type(error).__name__}); expected lists of the "
            "sensors of each cluster."
        ) from error


def _with_times(given: Mapping[str, Any]) -> Any:
    """Return the speeds as a source with their times, where these stand apart."""
    speeds, times = given["speeds"], given.get("times")
    if times is None:
        return speeds
    array = np.asarray(speeds)
    stamps = np.asarray(times)
    if array.ndim != 2 or stamps.shape != array.shape[:1]:
        raise BadInput(
            f"times have the shape {stamps.shape} and speeds {array.shape}; expected (T,) and "
            "(T, N)."
        )
    names = given.get("sensors", np.arange(array.shape[1]))
    return {"time": stamps, **{str(n): c for n, c in zip(np.asarray(names), array.T, strict=True)}}


def _graph(given: Mapping[str, Any], names: Sequence[str]) -> SensorGraph:
    held = [name for name in ("edges", "adjacency") if name in given]
    if len(held) != 1:
        raise BadInput(
            f"{'Both edges and an adjacency are' if held else 'No graph is'} given; expected "
            "edges=FILE (source, target, weight) or adjacency=FILE, one of them."
        )
    if held[0] == "adjacency":
        table = given["adjacency"]
        matrix = read_table(table).numbers() if isinstance(table, str | Path) else table
        array = _finite(matrix, "The adjacency")
        if array.shape != (len(names), len(names)):
            raise BadInput(
                f"The adjacency has the shape {array.shape}; expected ({len(names)}, "
                f"{len(names)}): sources in rows, in the order of the speeds."
            )
        return SensorGraph.of(array, names)
    ends, weights = (
        _listed(given["edges"], names)
        if isinstance(given["edges"], str | Path)
        else _arrays(given["edges"], given.get("weights"))
    )
    graph = SensorGraph(names, ends, weights.astype(np.float32))
    lonely = len(names) - len(np.unique(ends[:, ends[0] != ends[1]]))
    if lonely:
        notice(f"{lonely} sensors have no edge to others.")
    return graph


def _listed(path: str | Path, names: Sequence[str]) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Return edges (2, E) and weights (E,) of a table of edges."""
    table = read_table(path, header=True, text=["source", "target"])
    by_place = table.has(["source_index", "target_index"])
    columns = ["source_index", "target_index"] if by_place else ["source", "target"]
    weight = table.arranged(["weight"]).numbers()[:, 0] if table.has(["weight"]) else None
    if by_place:
        return _arrays(table.arranged(columns).numbers().T, weight)
    place = {name: number for number, name in enumerate(names)}
    ends = np.empty((2, len(table)), np.int64)
    for row, name in enumerate(columns):
        for number, one in enumerate(table.column(name)):
            if str(one) not in place:
                raise BadInput(
                    f"{table.label} has sensor {str(one)!r} in row {number}, of which there are no "
                    f"speeds{closest(str(one), place)}"
                )
            ends[row, number] = place[str(one)]
    return ends, _weights(weight, len(table))


def _arrays(ends: ArrayLike, weights: Any) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    array = _finite(ends, "Edges")
    if array.ndim != 2 or 2 not in array.shape:
        raise BadInput(f"Edges have the shape {array.shape}; expected (2, E) or (E, 2).")
    pairs = array if array.shape[0] == 2 else array.T
    if (pairs != np.round(pairs)).any():
        raise BadInput("Edges join sensors by their places, which are whole numbers from 0.")
    return pairs.astype(np.int64), _weights(weights, pairs.shape[1])


def _weights(given: Any, count: int) -> NDArray[np.float64]:
    return np.ones(count) if given is None else _finite(given, "Weights of edges")


def _finite(given: Any, label: str) -> NDArray[np.float64]:
    try:
        array = np.asarray(given, np.float64)
    except (TypeError, ValueError) as error:
        raise BadInput(f"{label} are no array of numbers.") from error
    if not np.isfinite(array).all():
        raise BadInput(f"{label} hold NaN or infinite numbers; write 0, or leave out what is none.")
    return array
