"""Options and displays of the verbs whose parts can run in several processes, or on a cluster."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from zoo_core._shell.printing import say, tell

if TYPE_CHECKING:
    from zoo_core._running.places import Place
    from zoo_core._running.running import Ended, Task

_JOBS = click.option("--jobs", type=click.IntRange(1), help="Run so many parts at once.")
_CLUSTER = click.option(
    "--cluster", metavar="ADDRESS", help="Run parts on a Dask scheduler, as tcp://HOST:8786."
)
_AGAIN = click.option("--again", is_flag=True, help="Run what the same code has measured before.")


def elsewhere(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a verb the options ``--jobs``, ``--cluster`` and ``--again``."""
    decorated: Callable[..., Any] = _JOBS(_CLUSTER(_AGAIN(command)))
    return decorated


@contextmanager
def opened(jobs: int | None, cluster: str | None) -> Iterator[Place]:
    """Give the place that the options ask for; while it is open SIGTERM is as Ctrl-C."""
    from zoo_core._running import places

    with _terminated_as_interrupted(), places.opened(jobs, cluster) as place:
        yield place


@contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    def interrupt(number: int, frame: Any) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def run(tasks: Sequence[Task], place: Place, *, again: bool) -> Iterator[Ended]:
    """Run tasks with what is told of them on standard error; yields each as it was asked for."""
    from zoo_core._running import running

    watch = (_Bar() if sys.stderr.isatty() else _Lines()) if place.elsewhere else None
    reused = 0
    with contextlib.ExitStack() as closing:
        if watch is not None:
            closing.callback(watch.end)
        for ended in running.run(tasks, place, again=again, watch=watch):
            reused += ended.outcome.at is not None
            if ended.outcome.printed.strip():
                click.echo(ended.outcome.printed.rstrip(), err=True)
            yield ended
    if reused:
        which = "1 part was" if reused == 1 else f"{reused} parts were"
        say(
            f"{which} measured before by the same code, data and versions, and not again; "
            "--again does."
        )


class _Lines:
    """A line a part, for logs."""

    def __init__(self) -> None:
        self.count, self.done = 0, 0

    def begin(self, labels: Sequence[str], done: int) -> None:
        self.count = len(labels)

    def ended(self, ended: Ended) -> None:
        self.done += 1
        how = "failed" if ended.error is not None else "done"
        say(f"{self.done} of {self.count}: {ended.label}: {how} in {ended.outcome.seconds:.1f} s.")

    def aside(self) -> contextlib.AbstractContextManager[Any]:
        return contextlib.nullcontext()

    def end(self) -> None:
        return


class _Bar:
    """A bar over all parts, for terminals; it is taken away while rows are printed."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

        self.progress = Progress(
            "{task.description}",
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self.task = self.progress.add_task("parts", total=None, start=False)

    def begin(self, labels: Sequence[str], done: int) -> None:
        if labels:
            self.progress.update(self.task, total=len(labels))
            self.progress.start_task(self.task)
            self.progress.start()

    def ended(self, ended: Ended) -> None:
        self.progress.update(self.task, advance=1, description=ended.label)

    @contextmanager
    def aside(self) -> Iterator[None]:
        shown = self.progress.live.is_started
        self.progress.stop()
        yield
        if shown and not self.progress.finished:
            self.progress.start()

    def end(self) -> None:
        self.progress.stop()


def tell_minutes(tasks: Sequence[Task], *, again: bool) -> None:
    """Say how long what is to be run takes, where that is a minute or more."""
    from zoo_core._running import kept

    coming = [one for one in tasks if one.minutes and (again or kept.find(one.part) is None)]
    papers = dict.fromkeys(one.part.arguments["paper"] for one in coming)
    for paper in papers:
        own = [one.minutes for one in coming if one.part.arguments["paper"] == paper]
        if sum(own) >= 1:
            tell(f"zoo: {paper}: {len(own)} claims, about {sum(own):g} minutes.")
