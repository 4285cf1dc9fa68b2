"""The distances delta_W and delta_P of graphs, from those of their iterated degree measures.

d_0 = 0, and d_{t+1} of two measures of level t + 1 is their Wasserstein (or Prokhorov) distance
with respect to d_t; delta_h of two graphs is that of their own measures with respect to d_h (as in
the authors' code, which takes the last level's). All levels are tables over the different measures
of the whole set; of each, only the entries that the next level asks for are computed, each once.
"""

from __future__ import annotations

import hashlib
import math
import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from zoo_graphs.graph_set import GraphSet

from zoo_core import BadInput, closest, whole_file
from zoo_fine_grained_expressivity.idm.measures import (
    Level,
    Measure,
    check_graphs,
    check_level,
    degree_measures,
)
from zoo_fine_grained_expressivity.idm.transport import prokhorov_cost, unbalanced_cost

KINDS = ("wasserstein", "prokhorov")
MAX_MEASURES = 20_000
"""How many different measures a level may have: a table over so many takes 3.2 GB."""
_CHUNK = 2_000  # pairs between two signs of progress
_WORTH_PROCESSES = 50_000  # pairs: fewer take less time than starting the processes does
_FORMAT = "zoo-idm-distances-1"

Progress = Callable[..., Any]


def distance(first: GraphSet, second: GraphSet, level: int = 3, kind: str = "wasserstein") -> float:
    """Return delta of two graphs, each a set of one; takes and raises what `pairwise` does."""
    if len(first) != 1 or len(second) != 1:
        raise BadInput(
            f"{len(first)} and {len(second)} graphs were given, expected one and one; use pairwise."
        )
    return float(between(first, second, level, kind)[0, 0])


def pairwise(
    graphs: GraphSet,
    level: int = 3,
    kind: str = "wasserstein",
    *,
    workers: int = 1,
    cache: str | PathLike[str] | None = None,
    progress: Progress | None = None,
) -> np.ndarray:
    """Return the distances of all pairs of graphs, (g, g) float64; labels are not used.

    `level` is h, and 1 compares the distributions of degrees; `kind` is "wasserstein" (delta_W) or
    "prokhorov" (delta_P). So many processes as `workers` says share the transport problems of large
    levels; a script that asks for more than one needs ``if __name__ == "__main__":`` around what it
    does. `cache` is a folder that keeps the matrix of these graphs, level and kind; `progress` is
    called as `tqdm.tqdm` is, once a level.

    Raises `BadInput` for a level below 1, an unknown kind, no worker, and graphs that are directed,
    without nodes, or with too many different measures.
    """
    every = range(len(graphs))
    return _distances(graphs, every, every, level, kind, workers, cache, progress)


def between(
    graphs: GraphSet,
    references: GraphSet,
    level: int = 3,
    kind: str = "wasserstein",
    *,
    workers: int = 1,
    cache: str | PathLike[str] | None = None,
    progress: Progress | None = None,
) -> np.ndarray:
    """Return the distances of graphs to r references, (g, r) float64.

    Takes and raises what `pairwise` does.
    """
    every = GraphSet.concatenate([check_graphs(graphs), check_graphs(references)])
    rows, columns = range(len(graphs)), range(len(graphs), len(every))
    return _distances(every, rows, columns, level, kind, workers, cache, progress)


def _distances(
    graphs: GraphSet,
    rows: range,
    columns: range,
    level: int,
    kind: str,
    workers: int,
    cache: str | PathLike[str] | None,
    progress: Progress | None,
) -> np.ndarray:
    """Return the distances of the graphs in `rows` to those in `columns`."""
    check_level(level)
    check_graphs(graphs)
    if kind not in KINDS:
        raise BadInput(
            f"There is no distance {kind!r}{closest(str(kind), KINDS)} Use 'wasserstein' (delta_W) "
            "or 'prokhorov' (delta_P)."
        )
    if isinstance(workers, bool) or not isinstance(workers, int) or workers < 1:
        raise BadInput(f"workers={workers!r} is no number of processes; give an integer from 1.")
    kept = None if cache is None else _place(Path(cache), graphs, rows, columns, level, kind)
    if kept is not None and kept.is_file():
        found: np.ndarray = np.load(kept, allow_pickle=False)
        if found.shape == (len(rows), len(columns)):
            return found
    table = _table_of_graphs(graphs, rows, columns, level, kind, workers, progress)
    if kept is not None:
        with whole_file(kept) as part, part.open("wb") as stream:
            np.save(stream, table)
    return table


def _place(
    folder: Path, graphs: GraphSet, rows: range, columns: range, level: int, kind: str
) -> Path:
    plain = replace(graphs, node_labels=None, edge_labels=None, labels=None)
    words = (_FORMAT, plain.fingerprint(), rows, columns, level, kind)
    return folder / f"{hashlib.sha256(repr(words).encode()).hexdigest()}.npy"


def _table_of_graphs(
    graphs: GraphSet,
    rows: range,
    columns: range,
    level: int,
    kind: str,
    workers: int,
    progress: Progress | None,
) -> np.ndarray:
    measures = degree_measures(graphs, level)
    levels = [*measures.nodes, measures.graphs]
    largest = max(len(one.measures) for one in levels)
    if largest > MAX_MEASURES:
        raise BadInput(
            f"{graphs.name} has {largest} different measures on one level, and tables over at most "
            f"{MAX_MEASURES} are made; take fewer graphs at a time, or a lower level."
        )
    owners = measures.graphs.owners
    wanted = np.zeros((len(levels[-1].measures),) * 2, dtype=bool)
    wanted[np.ix_(owners[rows], owners[columns])] = True
    masks = [_once(wanted)]
    for upper, lower in zip(levels[:0:-1], levels[-2::-1], strict=True):
        masks.append(_asked(upper, len(lower.measures), masks[-1]))
    table = _first_table(levels[0])
    for number, (one, mask) in enumerate(zip(levels[1:], masks[-2::-1], strict=True), start=2):
        named = "graphs" if one is levels[-1] else f"level {number}"
        shown = None if progress is None else partial(progress, desc=named)
        table = _next_table(one, mask, table, kind, workers, shown)
    found: np.ndarray = table[np.ix_(owners[rows], owners[columns])]
    return found


def _once(wanted: np.ndarray) -> np.ndarray:
    """Return each unordered pair of different measures once, above the diagonal."""
    return np.triu(wanted | wanted.T, k=1)


def _asked(upper: Level, count: int, mask: np.ndarray) -> np.ndarray:
    """Return which pairs of the `count` measures below the marked pairs of a level ask for."""
    lengths = [len(one.atoms) for one in upper.measures]
    atoms = np.array([atom for one in upper.measures for atom in one.atoms], dtype=np.int64)
    heads = np.repeat(np.arange(len(lengths)), lengths)
    holds = sparse.csr_array(
        (np.ones(atoms.size, dtype=np.float32), (heads, atoms)), shape=(len(lengths), count)
    )
    below = holds.T @ (holds.T @ mask.astype(np.float32).T).T
    return _once(np.asarray(below) > 0)


def _first_table(level: Level) -> np.ndarray:
    """Return d_1, for both kinds the difference of the masses: below, all is at distance 0."""
    masses = np.array([one.mass for one in level.measures])
    table: np.ndarray = np.abs(masses[:, None] - masses[None, :])
    return table


def _next_table(
    level: Level,
    mask: np.ndarray,
    ground: np.ndarray,
    kind: str,
    workers: int,
    progress: Progress | None,
) -> np.ndarray:
    """Return the distances of the marked pairs of a level, (K, K), 0 where nothing is marked."""
    rows, columns = (part.tolist() for part in np.nonzero(mask))
    known = level.measures
    pairs = [(known[i], known[j]) for i, j in zip(rows, columns, strict=True)]
    chunks = [pairs[at : at + _CHUNK] for at in range(0, len(pairs), _CHUNK)]
    values: list[float] = []
    with _solver(_Ground(kind, ground), workers if len(pairs) >= _WORTH_PROCESSES else 1) as solve:
        solved: Iterable[list[float]] = solve(chunks)
        if progress is not None:
            solved = progress(solved, total=len(chunks))
        for found in solved:
            values += found
    table = np.zeros((len(known), len(known)))
    table[rows, columns] = values
    return np.maximum(table, table.T)


@dataclass(frozen=True)
class _Ground:
    """Compares measures of one level, given the table of the one below."""

    kind: str
    table: np.ndarray

    def solve(self, pairs: list[tuple[Measure, Measure]]) -> list[float]:
        compare = _wasserstein if self.kind == "wasserstein" else _prokhorov
        return [compare(first, second, self.table) for first, second in pairs]


def _wasserstein(first: Measure, second: Measure, ground: np.ndarray) -> float:
    common = math.lcm(first.denominator, second.denominator)
    ours, theirs = (
        dict(zip(one.atoms, (common // one.denominator * w for w in one.weights), strict=True))
        for one in (first, second)
    )
    # Mass that both have at one place stays there: the costs are a metric.
    for atom in ours.keys() & theirs.keys():
        shared = min(ours[atom], theirs[atom])
        for one in (ours, theirs):
            one[atom] -= shared
            if not one[atom]:
                del one[atom]
    return (
        unbalanced_cost(
            np.array(list(ours.values()), dtype=np.float64),
            np.array(list(theirs.values()), dtype=np.float64),
            ground[np.array(list(ours), dtype=np.int64)[:, None], list(theirs)],
        )
        / common
    )


def _prokhorov(first: Measure, second: Measure, ground: np.ndarray) -> float:
    common = math.lcm(first.denominator, second.denominator)
    # Mass that both have at one place may have to move, in chains of short steps.
    ours, theirs = (
        np.array(one.weights, dtype=np.float64) * (common // one.denominator)
        for one in (first, second)
    )
    places = np.array(first.atoms, dtype=np.int64)[:, None]
    costs = ground[places, np.array(second.atoms, dtype=np.int64)]
    return prokhorov_cost(ours, theirs, costs, common)


_of_this_process: _Ground | None = None


def _start(ground: _Ground) -> None:
    global _of_this_process
    _of_this_process = ground


def _solve_here(pairs: list[tuple[Measure, Measure]]) -> list[float]:
    assert _of_this_process is not None
    return _of_this_process.solve(pairs)


@contextmanager
def _solver(ground: _Ground, workers: int) -> Iterator[Callable[..., Iterable[list[float]]]]:
    """Give a map over chunks of pairs, in this process or in several that hold the table."""
    if workers == 1:
        yield partial(map, ground.solve)
        return
    # Not forked: the threads of torch and BLAS do not survive that.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, initializer=_start, initargs=(ground,)) as pool:
        yield partial(pool.map, _solve_here)
