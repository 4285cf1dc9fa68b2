"""What several processes and a local cluster gain over one process, by the size of parts.

    python benchmarks/executors.py [--quick] [--only parts ...] [--json FILE]

Each row is a number of equal parts of so many CPU seconds (a loop of Python, calibrated first),
done by one process, by two (``jobs=2``), and by a Dask scheduler with two workers on this machine.
Nothing is kept, so that all is done each time. CPU seconds are those of all processes. "start" is
what it costs where nothing runs yet: each of two processes imports torch, and forks from there; the
cluster runs already, and a client is connected to it. On a machine that is busy
with something else both kinds of seconds grow, and two processes gain less: compare within one run.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Any

import psutil
from contest import Cost, Row, options, row, run

from zoo_core._running import nursery, places, running
from zoo_core._running.parts import Part
from zoo_core._running.running import Task, all_of, value_of

PACKAGES = ("torch", "zoo-core", "distributed")
SIZES = ((32, 0.02), (8, 0.25), (4, 1.0))
QUICK = ((4, 0.01), (2, 0.1))
WORKERS = 2


def burn(steps: int) -> float:
    """Add so many numbers: the same work wherever it is done."""
    total = 0.0
    for step in range(steps):
        total += step * 1e-9
    return total


def steps_per_second() -> float:
    """Return how many steps `burn` does in a CPU second."""
    began = time.process_time()
    burn(2_000_000)
    return 2_000_000 / (time.process_time() - began)


def cpu_seconds() -> float:
    """Return the CPU seconds of this process, and of all that it began, ended or not."""
    found = 0.0
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        usage = resource.getrusage(who)
        found += usage.ru_utime + usage.ru_stime
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            times = child.cpu_times()
            found += times.user + times.system
    return found


def timed(function: Callable[[], Any]) -> tuple[Any, Cost]:
    """Return the result of a call and what it cost, in all processes."""
    cpu, wall = cpu_seconds(), time.perf_counter()
    result = function()
    return result, Cost(time.perf_counter() - wall, cpu_seconds() - cpu)


def done(count: int, steps: int, place: places.Place) -> list[float]:
    """Return what parts gave, done in a place."""
    parts = [
        Part(label=str(number), call="executors:burn", arguments={"steps": steps})
        for number in range(count)
    ]
    return list(all_of(running.run([Task(part, value_of) for part in parts], place)))


def bench(quick: bool) -> Iterator[Row | str]:
    """Each size of parts in each of the three ways."""
    from distributed import LocalCluster

    if quick:
        nursery.HEAVY = ()  # what importing torch costs is for the whole version
    speed = steps_per_second()
    here = str(Path(__file__).parent)
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH")]))
    with ExitStack() as stack:
        cluster = stack.enter_context(
            LocalCluster(
                n_workers=WORKERS, threads_per_worker=1, processes=True, dashboard_address=None
            )
        )
        address = cluster.scheduler_address
        with places.opened(cluster=address) as place:
            done(2 * WORKERS, 1, place)  # its workers import the zoo once
        ways: dict[str, dict[str, Any]] = {
            "one process": {},
            "two processes": {"jobs": WORKERS},
            "local cluster, two workers": {"cluster": address},
        }
        there = {}

        def begin(name: str) -> list[float]:
            there[name] = stack.enter_context(places.opened(**ways[name]))
            return done(WORKERS, 1, there[name])

        yield f"1. {WORKERS} parts of no size: what it costs to begin"
        for name in ways:
            yield row("start", name, timed(partial(begin, name))[1])
        for number, (count, seconds) in enumerate(QUICK if quick else SIZES, 2):
            yield f"{number}. {count} parts of {seconds:g} CPU seconds"
            expected, first = None, None
            for name, place in there.items():
                found, cost = timed(partial(done, count, int(seconds * speed), place))
                expected = found if expected is None else expected
                assert found == expected
                yield row(f"{count} x {seconds:g} s", name, cost, first)
                first = first or cost


def main() -> None:
    """Run all sizes and print the table."""
    parser = options(__doc__, ["parts"])
    parser.set_defaults(threads=1)
    arguments = parser.parse_args()
    run(arguments, PACKAGES, bench(arguments.quick))


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main()
