"""An executor that gives each call a process of its own, so that a crash costs that call alone.

`concurrent.futures.ProcessPoolExecutor` would not do: a process that is killed breaks the whole
pool. Nor does what is called need a ``__main__`` that can be imported again, as there.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from zoo_core._running import nursery
from zoo_core._running.parts import Outcome
from zoo_core.errors import WorkerError

FORKS = sys.platform == "linux"
"""Elsewhere a process that has imported torch cannot be forked, or not safely."""


def cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Processes(Executor):
    """So many processes at a time, each with its share of the processors as threads of torch.

    ``OMP_NUM_THREADS`` limits the share where it is set.
    """

    def __init__(self, jobs: int, *, forks: bool = FORKS) -> None:
        self.jobs, self.forks = jobs, forks
        wanted = os.environ.get("OMP_NUM_THREADS", "")
        share = max(cores() // jobs, 1)
        self.threads = min(share, int(wanted)) if wanted.isdecimal() and int(wanted) else share
        self._pool = ThreadPoolExecutor(jobs, thread_name_prefix="zoo-part")
        self._all: set[_Nursery] = set()
        self._lock, self._stopped = threading.Lock(), False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Call a function by its name in a process of its own; arguments are pickled."""
        if kwargs:
            raise TypeError("Processes.submit takes positional arguments only.")
        return self._pool.submit(self._call, pickle.dumps((fn, args)))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End all processes once their calls are done, or with `cancel_futures` at once."""
        if cancel_futures:
            self._stop(at_once=True)
        self._pool.shutdown(wait=wait, cancel_futures=cancel_futures)
        if wait:
            self._stop(at_once=False)
            for one in self._all:
                one.end()

    def _stop(self, *, at_once: bool) -> None:
        with self._lock:
            self._stopped = True
            for one in self._all:
                one.close(at_once=at_once)

    def _call(self, request: bytes) -> Any:
        answer, status = self._answer(request)
        if answer is None and self.forks and not self._stopped:
            answer, status = self._answer(request)  # what was killed is not what was asked for
        given: tuple[str, Any, str] = ("died", status, "") if answer is None else answer
        kind, content, printed = given
        if kind == "died":
            raise WorkerError(f"its process {_ended(content)}{_last_line(printed)}")
        value, failure = pickle.loads(content)
        if failure is not None:
            raise WorkerError(f"its process gave nothing that can be read ({failure})")
        return replace(value, printed=printed) if isinstance(value, Outcome) else value

    def _answer(self, request: bytes) -> tuple[Any, int]:
        """Return an answer; None, and the exit status, where the process ended instead."""
        one = self._nursery()
        answer = one.ask(request)
        if answer is not None and self.forks:
            return answer, 0
        with self._lock:
            self._all.discard(one)
        return answer, one.end()

    def _nursery(self) -> _Nursery:
        """Return the process that forks, or where none can be forked a new one."""
        with self._lock:
            if self._stopped:
                raise WorkerError("it was not begun")
            alive = [one for one in self._all if self.forks and one.process.poll() is None]
            found = alive[0] if alive else _Nursery(self.threads, self.forks)
            self._all.add(found)
        return found


class _Nursery:
    """One process of `zoo_core._running.nursery`, seen from outside."""

    def __init__(self, threads: int, forks: bool) -> None:
        self.forks = forks
        code = (
            f"import sys; sys.path[:] = {sys.path!r}; "
            "from zoo_core._running import nursery; "
            f"nursery.main({threads}, {forks}, {nursery.HEAVY!r})"
        )
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "OMP_NUM_THREADS": str(threads)},
            start_new_session=True,  # Ctrl-C is for the process that asks, which ends this one
        )
        self._numbers, self._waiting = itertools.count(), dict[int, queue.SimpleQueue[Any]]()
        self._lock, self._ended = threading.Lock(), False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def ask(self, request: bytes) -> Any:
        """Send a request and wait for its answer; None when the process ended instead."""
        answer: queue.SimpleQueue[Any] = queue.SimpleQueue()
        assert self.process.stdin is not None
        with self._lock:
            if self._ended:
                return None
            number = next(self._numbers)
            self._waiting[number] = answer
            with contextlib.suppress(OSError, ValueError):  # it has ended, which the reader tells
                nursery.send(self.process.stdin, pickle.dumps((number, request)))
        return answer.get()

    def _read(self) -> None:
        """Give each answer to who waits for it, and none to all when the process ends."""
        assert self.process.stdout is not None
        with self.process.stdout as stream:
            while (received := nursery.receive(stream)) is not None:
                number, answer = pickle.loads(received)
                self._waiting.pop(number).put(answer)
        with self._lock:
            self._ended = True
            for one in self._waiting.values():
                one.put(None)

    def close(self, *, at_once: bool) -> None:
        """Let the process end, with what it does not have to answer any more, or kill it."""
        assert self.process.stdin is not None
        if at_once:
            self.process.kill()
        with contextlib.suppress(OSError):
            self.process.stdin.close()

    def end(self) -> int:
        """Wait for the end of the process; return its exit status."""
        self.close(at_once=not self.forks)  # one that does not fork is at work, or has ended
        status = self.process.wait()
        self._reader.join()
        return status


def _ended(status: int) -> str:
    """Return how a process ended, in words."""
    if status >= 0:
        return f"ended with the exit status {status}"
    name = signal.Signals(-status).name if -status in set(signal.Signals) else str(-status)
    hint = ", as the system does where memory runs out" if name == "SIGKILL" else ""
    return f"was killed ({name}{hint})"


def _last_line(printed: str) -> str:
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    return f", and last printed {lines[-1][:200]!r}" if lines else ""
