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
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, partial
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from zoo_graphs.graph_set import GraphSet

from zoo_core import BadInput, closest, whole_file
from zoo_fine_grained_expressivity.idm.line import line_distances, on_line
from zoo_fine_grained_expressivity.idm.measures import (
    DegreeMeasures,
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
MAX_MINUTES = 10.0
"""How long distances may take, by an estimate, unless more is asked for."""
_ON_LINE = 3e-5  # seconds for one problem on a line, and in general to start with and by the
_ONE_BY_ONE = {"wasserstein": (5e-5, 1e-7), "prokhorov": (2e-4, 8e-7)}  # product of its sizes
_CHUNK = 2_000  # pairs between two signs of progress
_WORTH_PROCESSES = 50_000  # pairs: fewer take less time than starting the processes does
_FORMAT = "zoo-idm-distances-1"

Progress = Callable[..., Any]


def distance(
    first: GraphSet,
    second: GraphSet,
    level: int = 3,
    kind: str = "wasserstein",
    *,
    max_minutes: float = MAX_MINUTES,
) -> float:
    """Return delta of two graphs, each a set of one; takes and raises what `pairwise` does."""
    if len(first) != 1 or len(second) != 1:
        raise BadInput(
            f"{len(first)} and {len(second)} graphs were given, expected one and one; use pairwise."
        )
    return float(between(first, second, level, kind, max_minutes=max_minutes)[0, 0])


def pairwise(
    graphs: GraphSet,
    level: int = 3,
    kind: str = "wasserstein",
    *,
    workers: int = 1,
    cache: str | PathLike[str] | None = None,
    progress: Progress | None = None,
    max_minutes: float = MAX_MINUTES,
) -> np.ndarray:
    """Return the distances of all pairs of graphs, (g, g) float64; labels are not used.

    `level` is h, and 1 compares the distributions of degrees; `kind` is "wasserstein" (delta_W) or
    "prokhorov" (delta_P). So many processes as `workers` says share the transport problems of large
    levels; a script that asks for more than one needs ``if __name__ == "__main__":`` around what it
    does. `cache` is a folder that keeps the matrix of these graphs, level and kind; `progress` is
    called as `tqdm.tqdm` is, once a level. What would take much longer than `max_minutes` is
    refused.

    Raises `BadInput` for a level below 1, an unknown kind, no worker, and graphs that are directed,
    without nodes, with too many different measures, or too large for the time.
    """
    every = range(len(graphs))
    return _distances(graphs, every, every, level, kind, workers, cache, progress, max_minutes)


def between(
    graphs: GraphSet,
    references: GraphSet,
    level: int = 3,
    kind: str = "wasserstein",
    *,
    workers: int = 1,
    cache: str | PathLike[str] | None = None,
    progress: Progress | None = None,
    max_minutes: float = MAX_MINUTES,
) -> np.ndarray:
    """Return the distances of graphs to r references, (g, r) float64.

    Takes and raises what `pairwise` does.
    """
    every = GraphSet.concatenate([_bare(check_graphs(graphs)), _bare(check_graphs(references))])
    rows, columns = range(len(graphs)), range(len(graphs), len(every))
    return _distances(every, rows, columns, level, kind, workers, cache, progress, max_minutes)


def profile(
    graphs: GraphSet, level: int = 3, *, workers: int = 1, max_minutes: float = MAX_MINUTES
) -> dict[str, list[float]]:
    """Return the distances of the two graphs of a set, for both kinds at levels 1 to h.

    What the levels have in common is computed once. Takes and raises what `pairwise` does.
    """
    if len(graphs) != 2:
        raise BadInput(f"{len(graphs)} graphs were given, expected two; use pairwise.")
    measures = degree_measures(graphs, level)
    tables = _Tables(measures, range(1), range(1, 2), range(1, measures.level + 1))
    tables.check(graphs, KINDS, check_workers(workers), max_minutes)
    return {kind: [float(one[0, 0]) for one in tables.solve(kind, workers, None)] for kind in KINDS}


def _distances(
    graphs: GraphSet,
    rows: range,
    columns: range,
    level: int,
    kind: str,
    workers: int,
    cache: str | PathLike[str] | None,
    progress: Progress | None,
    max_minutes: float,
) -> np.ndarray:
    """Return the distances of the graphs in `rows` to those in `columns`."""
    level = check_level(level)
    check_graphs(graphs)
    check_kind(kind)
    workers = check_workers(workers)
    kept = None if cache is None else _place(Path(cache), graphs, rows, columns, level, kind)
    if kept is not None and kept.is_file():
        found: np.ndarray = np.load(kept, allow_pickle=False)
        if found.shape == (len(rows), len(columns)):
            return found
    tables = _Tables(degree_measures(graphs, level), rows, columns, (level,))
    tables.check(graphs, (kind,), workers, max_minutes)
    (table,) = tables.solve(kind, workers, progress)
    if kept is not None:
        with whole_file(kept) as part, part.open("wb") as stream:
            np.save(stream, table)
    return table


def _bare(graphs: GraphSet) -> GraphSet:
    """Return graphs without what no distance looks at."""
    return replace(
        graphs,
        node_labels=None,
        edge_labels=None,
        labels=None,
        node_label_names=(),
        edge_label_names=(),
    )


def check_kind(kind: Any) -> str:
    """Return the name of a distance; raises `BadInput` for an unknown one."""
    if not isinstance(kind, str) or kind not in KINDS:
        raise BadInput(
            f"There is no distance {kind!r}{closest(str(kind), KINDS)} Use 'wasserstein' (delta_W) "
            "or 'prokhorov' (delta_P)."
        )
    return kind


def check_workers(workers: Any) -> int:
    """Return a number of processes; raises `BadInput` for what is none."""
    whole = isinstance(workers, int | np.integer) and not isinstance(workers, bool)
    if not whole or workers < 1:
        raise BadInput(f"workers={workers!r} is no number of processes; give an integer from 1.")
    return int(workers)


def _place(
    folder: Path, graphs: GraphSet, rows: range, columns: range, level: int, kind: str
) -> Path:
    words = (_FORMAT, _bare(graphs).fingerprint(), rows, columns, level, kind)
    return folder / f"{hashlib.sha256(repr(words).encode()).hexdigest()}.npy"


class _Tables:
    """The tables of distances that those of some graphs, at some levels, ask for.

    `rows` and `columns` are the graphs to be compared, and `wanted` the levels, in ascending order.
    """

    def __init__(
        self, measures: DegreeMeasures, rows: range, columns: range, wanted: Sequence[int]
    ) -> None:
        self.nodes = measures.nodes
        self.wanted = wanted
        self.graphs = {level: measures.of_graphs(level) for level in wanted}
        self.places = {
            level: np.ix_(one.owners[rows], one.owners[columns])
            for level, one in self.graphs.items()
        }
        self.largest = max(len(one.measures) for one in (*self.nodes, *self.graphs.values()))

    def check(
        self, graphs: GraphSet, kinds: Sequence[str], workers: int, max_minutes: float
    ) -> None:
        """Raise `BadInput` where tables take too much memory, or solving them too much time."""
        if self.largest > MAX_MEASURES:
            raise BadInput(
                f"{graphs.name} has {self.largest} different measures on one level, and tables "
                f"over at most {MAX_MEASURES} are made (these would take "
                f"{2 * 8 * self.largest**2 / 1e9:.1f} GB); take fewer graphs at a time, or a lower "
                "level."
            )
        minutes = sum(self._seconds(kind) for kind in kinds) / 60 / workers
        if minutes > max_minutes:
            raise BadInput(
                f"The distances of {graphs.name} at level {max(self.wanted)} would take about "
                f"{minutes:.0f} minutes with workers={workers}, and max_minutes={max_minutes:g}; "
                "take a lower level or smaller graphs, more workers, or raise max_minutes."
            )

    @cached_property
    def masks(self) -> tuple[dict[int, np.ndarray], dict[int, np.ndarray]]:
        """Which pairs of measures are asked for, of graphs and of nodes, by level."""
        graphs: dict[int, np.ndarray] = {}
        nodes: dict[int, np.ndarray] = {}
        for level in range(len(self.nodes), 0, -1):
            size = len(self.nodes[level - 1].measures)
            mask = np.zeros((size, size), dtype=bool)
            if level < len(self.nodes):
                mask |= _asked(self.nodes[level], size, nodes[level + 1])
            if level in self.graphs:
                one = self.graphs[level]
                marked = np.zeros((len(one.measures),) * 2, dtype=bool)
                marked[self.places[level]] = True
                graphs[level] = _once(marked)
                mask |= _asked(one, size, graphs[level])
            nodes[level] = mask
        return graphs, nodes

    def solve(self, kind: str, workers: int, progress: Progress | None) -> Iterator[np.ndarray]:
        """Yield the distances of the graphs in rows and columns, level by level."""
        of_graphs, of_nodes = self.masks
        table = np.empty((0, 0))
        for level in range(1, len(self.nodes) + 1):
            one = self.nodes[level - 1]
            shown = None if progress is None else partial(progress, desc=f"level {level}")
            if level == 1:
                table = _first_table(one)
            else:
                below = self.nodes[level - 2] if level == 2 else None
                table = _next_table(one, of_nodes[level], table, below, kind, workers, shown)
            if level in self.graphs:
                shown = None if progress is None else partial(progress, desc="graphs")
                below = one if level == 1 else None
                mask = of_graphs[level]
                found = _next_table(self.graphs[level], mask, table, below, kind, workers, shown)
                yield found[self.places[level]]

    def _seconds(self, kind: str) -> float:
        """Return about how long solving takes on one core, by the sizes of the problems."""
        of_graphs, of_nodes = self.masks
        levels = [(level, self.nodes[level - 1], mask) for level, mask in of_nodes.items()]
        above = [(level + 1, self.graphs[level], mask) for level, mask in of_graphs.items()]
        total = 0.0
        for level, one, mask in (*levels, *above):
            rows, columns = np.nonzero(mask)
            if level == 1:
                continue
            if level == 2 and on_line(self.nodes[0].measures):
                total += rows.size * _ON_LINE
                continue
            sizes = np.array([len(each.atoms) for each in one.measures])
            products = (sizes[rows] * sizes[columns]).sum()
            start, each = _ONE_BY_ONE[kind]
            total += rows.size * start + float(products) * each
        return total


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
    below: Level | None,
    kind: str,
    workers: int,
    progress: Progress | None,
) -> np.ndarray:
    """Return the distances of the marked pairs of a level, (K, K), 0 where nothing is marked.

    `ground` is the table of the level below, and `below` that level itself if it is the first.
    """
    rows, columns = np.nonzero(mask)
    known = level.measures
    if below is not None and on_line(below.measures):
        values = line_distances(below.measures, known, rows, columns, kind)
    else:
        values = np.array(_one_by_one(known, rows, columns, ground, kind, workers, progress))
    table = np.zeros((len(known), len(known)))
    table[rows, columns] = values
    return np.maximum(table, table.T)


def _one_by_one(
    known: Sequence[Measure],
    rows: np.ndarray,
    columns: np.ndarray,
    ground: np.ndarray,
    kind: str,
    workers: int,
    progress: Progress | None,
) -> list[float]:
    pairs = [(known[i], known[j]) for i, j in zip(rows.tolist(), columns.tolist(), strict=True)]
    chunks = [pairs[at : at + _CHUNK] for at in range(0, len(pairs), _CHUNK)]
    values: list[float] = []
    with _solver(_Ground(kind, ground), workers if len(pairs) >= _WORTH_PROCESSES else 1) as solve:
        solved: Iterable[list[float]] = solve(chunks)
        if progress is not None:
            solved = progress(solved, total=len(chunks))
        for found in solved:
            values += found
    return values


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
