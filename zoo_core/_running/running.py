"""Tasks run through an executor: in any order, told in the order in which they were asked for."""

from __future__ import annotations

import contextlib
import queue
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Future
from dataclasses import dataclass
from typing import Any, Protocol

from zoo_core._notices import Notice
from zoo_core._running import kept
from zoo_core._running.parts import Outcome, Part, perform
from zoo_core._running.places import Place
from zoo_core.errors import WorkerError

PULSE = 1.0
"""Seconds after which it is asked whether the place is still there."""
AGAIN = "the same command goes on with the rest"


class Stopped(KeyboardInterrupt):
    """An interruption, with what is to be told of it."""


@dataclass(frozen=True)
class Task:
    """A part, and what the process that asked for it makes of what it gave.

    `finish` is called once, as soon as the part has ended. It gets the value, or the error, which
    it may raise. `store` then keeps what `finish` gave, which is not lost where it cannot be kept.
    `minutes` are an author's estimate.
    """

    part: Part
    finish: Callable[[Outcome], Any]
    minutes: float = 0.0
    store: Callable[[Outcome], None] | None = None


@dataclass(frozen=True)
class Ended:
    """A task that has ended: what it gave, or why it gave nothing, or could not be stored."""

    task: Task
    outcome: Outcome
    value: Any = None
    error: Exception | None = None

    @property
    def label(self) -> str:
        """What people read of the part."""
        return self.task.part.label


class Watch(Protocol):
    """What is told while tasks run, and stands aside while their results are printed."""

    def begin(self, labels: Sequence[str], done: int) -> None:
        """Tell which tasks there are, and how many of them are kept already."""

    def ended(self, ended: Ended) -> None:
        """Tell that a task has ended."""

    def aside(self) -> Any:
        """Return a context in which others print."""


def run(
    tasks: Sequence[Task], place: Place, *, again: bool = False, watch: Watch | None = None
) -> Iterator[Ended]:
    """Do the parts of tasks, and yield each as it was asked for, however they end.

    What is kept of a part is not done again, unless `again`. What a part gave is kept, and its task
    finished, as soon as it has ended; one that fails ends no other. An interruption ends all at
    once, and raises `Stopped` with how many are kept. Raises `WorkerError` when the place is lost.
    """
    ended: dict[int, Ended] = {}
    for number, task in enumerate(tasks):
        outcome = None if again else kept.find(task.part)
        if outcome is not None:
            ended[number] = _finished(task, outcome)
    waiting = deque(number for number in range(len(tasks)) if number not in ended)
    running: dict[Future[Outcome], int] = {}
    # Not futures.wait: an interruption may come while it holds the futures' locks, and leave them.
    finished: queue.SimpleQueue[Future[Outcome]] = queue.SimpleQueue()
    done = len(ended)
    if watch is not None:
        watch.begin([tasks[number].part.label for number in waiting], done)

    def collect(futures: Sequence[Future[Outcome]]) -> None:
        nonlocal done
        for future in futures:
            number = running.pop(future)
            task = tasks[number]
            outcome = _outcome(task.part, future)
            done += kept.keep(task.part, outcome)
            ended[number] = _finished(task, outcome)
            if watch is not None:
                watch.ended(ended[number])

    try:
        for number in range(len(tasks)):
            while number not in ended:
                while waiting and (place.ahead is None or len(running) < place.ahead):
                    following = waiting.popleft()
                    future = _submitted(tasks[following].part, place)
                    running[future] = following
                    future.add_done_callback(finished.put)
                found = _next_of(finished)
                if not found or any(future.cancelled() for future in found):
                    place.check()
                collect(found)
            last = ended.pop(number)
            with _aside(watch):
                for text in last.outcome.notices:
                    warnings.warn(text, Notice, stacklevel=2)
                yield last
    except (KeyboardInterrupt, WorkerError) as error:
        collect([one for one in running if one.done() and not one.cancelled()])
        told = f"{done} of {len(tasks)} parts are done and kept: {AGAIN}."
        if isinstance(error, WorkerError):
            raise WorkerError(f"{error}; {told}") from error
        raise Stopped(f"interrupted; {told}") from error
    finally:
        for future in running:
            future.cancel()
        if running:
            place.stop()


def _next_of(finished: queue.SimpleQueue[Future[Outcome]]) -> list[Future[Outcome]]:
    """Wait for a future that has ended, no longer than a pulse; return all that have by then."""
    found = []
    with contextlib.suppress(queue.Empty):
        found.append(finished.get(timeout=PULSE))
        while True:
            found.append(finished.get_nowait())
    return found


def _submitted(part: Part, place: Place) -> Future[Outcome]:
    """Return the future of a part; one that cannot be sent has failed."""
    try:
        return place.executor.submit(perform, part)
    except Exception as error:
        future: Future[Outcome] = Future()
        future.set_exception(error)
        return future


def _aside(watch: Watch | None) -> Any:
    return contextlib.nullcontext() if watch is None else watch.aside()


def _outcome(part: Part, future: Future[Outcome]) -> Outcome:
    """Return what came of a part; how an executor failed is told as the part's error."""
    try:
        return future.result()
    except (CancelledError, BrokenExecutor) as error:
        told = str(error) or "it was given up"
    except WorkerError as error:
        told = str(error)
    except Exception as error:
        told = _away(error)
    return Outcome(error=WorkerError(f"{part.label} is lost: {told.rstrip('.')}; {AGAIN}."))


def _away(error: Exception) -> str:
    """Return why an executor could not have a part done, in words."""
    kind = type(error).__name__
    if isinstance(error, ImportError):
        return f"the worker cannot import what it needs ({error}); install the zoo there"
    if kind == "KilledWorker":
        return "its worker was killed"
    return f"{kind}: {error}"


def _finished(task: Task, outcome: Outcome) -> Ended:
    """Return a task with what its finish makes of the outcome, which is stored."""
    value = None
    try:
        value = task.finish(outcome)
        if task.store is not None:
            task.store(outcome)
    except Exception as error:
        return Ended(task, outcome, value, error)
    return Ended(task, outcome, value)


def value_of(outcome: Outcome) -> Any:
    """Return the value of an outcome, or raise its error: what a task's `finish` begins with."""
    if outcome.error is not None:
        raise outcome.error
    return outcome.value


def all_of(ended: Iterator[Ended]) -> Iterator[Any]:
    """Yield what tasks gave; when all have ended, raise what the first failed with."""
    failed: list[Ended] = []
    for one in ended:
        if one.error is not None:
            failed.append(one)
        if one.error is None or one.value is not None:
            yield one.value
    if failed:
        error = failed[0].error
        assert error is not None
        others = ", ".join(one.label for one in failed[1:])
        if others:
            error.add_note(f"These failed as well: {others}.")
        raise error


def ago(outcome: Outcome) -> str:
    """Return when what was kept was measured, as "2 h ago"; "" for what was measured now."""
    if outcome.at is None:
        return ""
    seconds = max(time.time() - outcome.at, 0.0)
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit} ago"
    return f"{seconds:.0f} s ago"
