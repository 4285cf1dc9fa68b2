"""What the benchmarks share: contenders that take turns, rows of ratios, the table and its file.

Not a benchmark itself. A script hands its lines to `run`, after parsing what `options` offers.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from itertools import chain
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Cost:
    """Wall and CPU seconds of one contender."""

    wall: float
    cpu: float

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.wall + other.wall, self.cpu + other.cpu)

    def __mul__(self, factor: float) -> Cost:
        return Cost(self.wall * factor, self.cpu * factor)


@dataclass(frozen=True)
class Row:
    """One line of the table; the ratios are this row's seconds over those of our own way.

    `measured` is False for what was extrapolated; `goal` is the most CPU seconds it should take.
    """

    part: str
    what: str
    wall: float
    cpu: float
    wall_ratio: float | None = None
    cpu_ratio: float | None = None
    measured: bool = True
    goal: float | None = None
    figures: Mapping[str, float] = field(default_factory=dict)


def timed(function: Callable[[], Any]) -> tuple[Any, Cost]:
    """Return the result of a call and what it cost."""
    cpu, wall = time.process_time(), time.perf_counter()
    result = function()
    return result, Cost(time.perf_counter() - wall, time.process_time() - cpu)


def take_turns(
    contenders: Mapping[str, Callable[[], Any]],
    repeats: int,
    results: MutableMapping[str, Any] | None = None,
) -> dict[str, Cost]:
    """Return the median cost of each; by turns, so that a change of the load meets all.

    `results`, where given, takes what each returned last.
    """
    costs: dict[str, list[Cost]] = {name: [] for name in contenders}
    for turn in range(repeats + 1):
        for name, function in contenders.items():
            result, cost = timed(function)
            if results is not None:
                results[name] = result
            if turn:  # the first one warms up
                costs[name].append(cost)
    return {name: median(each) for name, each in costs.items()}


def median(costs: Sequence[Cost]) -> Cost:
    """Return the medians of wall and of CPU seconds."""
    return Cost(
        statistics.median(cost.wall for cost in costs),
        statistics.median(cost.cpu for cost in costs),
    )


def row(
    part: str,
    what: str,
    cost: Cost,
    ours: Cost | None = None,
    *,
    measured: bool = True,
    goal: float | None = None,
    **figures: float,
) -> Row:
    """Return a line of the table, with ratios where something of ours is there to compare with."""
    ratios = (cost.wall / ours.wall, cost.cpu / max(ours.cpu, 1e-9)) if ours else (None, None)
    return Row(part, what, cost.wall, cost.cpu, *ratios, measured, goal, figures)


def log_slope(x: Any, y: Any) -> float:
    """Return the exponent of the power law through the points."""
    import numpy as np

    return float(np.polyfit(np.log(x), np.log(y), 1)[0])


def options(doc: str | None, parts: Sequence[str]) -> argparse.ArgumentParser:
    """Return a parser of what all these scripts take."""
    parser = argparse.ArgumentParser(description=(doc or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a small version, in seconds")
    threads = int(os.environ.get("OMP_NUM_THREADS", min(2, os.cpu_count() or 1)))
    parser.add_argument("--threads", type=int, default=threads)
    parser.add_argument("--only", nargs="+", choices=parts, default=list(parts))
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows")
    return parser


def run_parts(script: Mapping[str, Any]) -> None:
    """Run the parts that the command line names, each given whether it is quick, on one thread.

    `script` are the names of a benchmark: its docstring, its PACKAGES, and for each part a function
    bench_PART, in their order, that yields rows and lines.
    """
    parts = {
        name.removeprefix("bench_"): part
        for name, part in script.items()
        if name.startswith("bench_")
    }
    parser = options(script["__doc__"], list(parts))
    parser.set_defaults(threads=1)
    arguments = parser.parse_args()
    chosen = (parts[part](arguments.quick) for part in arguments.only)
    run(arguments, script["PACKAGES"], chain.from_iterable(chosen))


def run(arguments: argparse.Namespace, packages: Sequence[str], lines: Iterable[Row | str]) -> None:
    """Print the lines as a table while they come, and write them to a file if that is asked.

    `lines` must be lazy: the process may start again, with the threads that are asked for.
    """
    restart_with_threads(arguments.threads)
    load = os.getloadavg()[0]
    found, rows, notes = versions(packages), [], []
    print(", ".join(f"{name} {number}" for name, number in found.items()))
    print(f"threads {arguments.threads} of {os.cpu_count()} cores; load at the start {load:.1f}")
    print(f"   {'':<52} {'wall s':>9} {'CPU s':>9} {'x wall':>8} {'x CPU':>8}   (x: over ours)")
    for line in lines:
        print(show(line), flush=True)
        if isinstance(line, Row):
            rows.append(asdict(line))
        else:
            notes.append(line.strip())
    if arguments.json:
        content = {"versions": found, "threads": arguments.threads, "load": load}
        content |= {"rows": rows, "notes": notes}
        arguments.json.write_text(json.dumps(content, indent=1) + "\n")


def show(line: Row | str) -> str:
    """Return a line as printed."""
    if isinstance(line, str):
        return line
    ratios = (
        f"{ratio:>8.1f}" if ratio is not None else " " * 8
        for ratio in (line.wall_ratio, line.cpu_ratio)
    )
    notes = [f"{name} {value:,.4g}" for name, value in line.figures.items()]
    if line.goal is not None:
        notes.append(f"goal {line.goal:g}: {'met' if line.cpu <= line.goal else 'MISSED'}")
    seconds = f"{digits(line.wall):>9} {digits(line.cpu):>9}"
    return f"   {line.what:<52} {seconds} {' '.join(ratios)}  {', '.join(notes)}".rstrip()


def digits(seconds: float) -> str:
    """Return three significant digits."""
    return f"{seconds:.{max(0, 2 - math.floor(math.log10(max(seconds, 1e-4))))}f}"


def versions(packages: Sequence[str]) -> dict[str, str]:
    """Return the versions that the figures depend on."""
    found = {"python": platform.python_version(), "machine": platform.machine()}
    for name in packages:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def restart_with_threads(threads: int) -> None:
    """Start again with the number of threads in the environment.

    The BLAS libraries of torch and numpy read it once, when they are loaded.
    """
    wanted = {f"{name}_NUM_THREADS": str(threads) for name in ("OMP", "MKL", "OPENBLAS")}
    if any(os.environ.get(name) != value for name, value in wanted.items()):
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **wanted})
