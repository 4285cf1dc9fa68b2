"""Where parts are done: in this process, in processes of their own, on a cluster, anywhere."""

from __future__ import annotations

import contextlib
import importlib
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from zoo_core._running.processes import Processes
from zoo_core.errors import BadInput, WorkerError

ADDRESS = re.compile(r"(tcp|tls|ws|wss|ucx)://(\[[0-9a-fA-F:.]+\]|[^\s:/\[\]]+):(\d{1,5})")
PATIENCE = 10.0
"""Seconds in which a scheduler has to answer."""
WITHOUT_WORKERS = 60.0
"""Seconds in which it has to have a worker: one begins, or comes again after it was killed."""


class Inline(Executor):
    """The executor of one process: what is submitted is done before `submit` returns."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Call a function here and now."""
        done: Future[Any] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as error:
            done.set_exception(error)
        return done


@dataclass
class Place:
    """An executor, and what is known of it.

    `ahead` is how many parts it is given before the first has ended (None: all). `check` raises
    `WorkerError` when it is lost; `stop` ends what it does at once.
    """

    executor: Executor
    ahead: int | None = None
    check: Callable[[], None] = lambda: None
    stop: Callable[[], None] = lambda: None

    @property
    def elsewhere(self) -> bool:
        """Whether parts are done anywhere but here, one after the other."""
        return not isinstance(self.executor, Inline)


def check_jobs(jobs: Any) -> int:
    """Return a number of processes; raises `BadInput` for what is none."""
    whole = jobs
    if isinstance(jobs, str) and re.fullmatch(r"\+?\d{1,9}", jobs.strip()):
        whole = int(jobs)
    if isinstance(whole, bool) or not isinstance(whole, int) or whole < 1:
        raise BadInput(f"jobs={jobs!r} is no number of processes; give a whole number from 1.")
    return whole


@contextmanager
def opened(
    jobs: int | None = None, cluster: str | None = None, executor: Executor | None = None
) -> Iterator[Place]:
    """Give the place that was asked for, in this process where none was; it is closed after.

    An executor of the caller's own is left open. Raises `BadInput` for more than one of the three,
    and for what is none of them; `WorkerError` for a scheduler that cannot be reached.
    """
    given = [one for one in (jobs, cluster, executor) if one is not None]
    if len(given) > 1:
        raise BadInput("jobs, cluster and executor say where parts are run; give one of them.")
    if cluster is not None:
        with _on_a_cluster(cluster) as place:
            yield place
    elif executor is not None:
        if not callable(getattr(executor, "submit", None)):
            raise BadInput(
                f"executor={executor!r:.60} is none; expected a concurrent.futures.Executor."
            )
        yield Place(executor)
    elif jobs is not None and check_jobs(jobs) > 1:
        processes = Processes(check_jobs(jobs))

        def stop() -> None:
            processes.shutdown(cancel_futures=True)

        try:
            yield Place(processes, stop=stop)
        finally:
            stop()
    else:
        yield Place(Inline(), ahead=1)


@contextmanager
def _on_a_cluster(address: str) -> Iterator[Place]:
    found = ADDRESS.fullmatch(address) if isinstance(address, str) else None
    if found is None or not 0 < int(found[3]) < 65536:
        raise BadInput(
            f"cluster={address!r} is no address of a scheduler; expected one as tcp://HOST:8786."
        )
    try:
        distributed: Any = importlib.import_module("distributed")
    except ImportError as error:
        raise BadInput(
            "A cluster needs the package distributed, which is not installed; "
            "`pip install distributed`, or leave --cluster out."
        ) from error
    with _quietly():
        try:
            client = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError, RuntimeError) as error:
            raise WorkerError(
                f"No scheduler answers at {address}; look whether it runs and can be reached from "
                "here (`dask scheduler` starts one and says its address)."
            ) from error
        try:
            try:
                client.wait_for_workers(1, timeout=WITHOUT_WORKERS)
            except TimeoutError as error:
                raise WorkerError(
                    f"The scheduler at {address} has no workers; start some with "
                    f"`dask worker {address}`."
                ) from error
            executor = client.get_executor(pure=False)
            seen = time.monotonic()

            def check() -> None:
                nonlocal seen
                if client.status != "running":
                    raise WorkerError(f"The scheduler at {address} is lost")
                if client.scheduler_info(n_workers=0)["total_threads"]:
                    seen = time.monotonic()
                elif time.monotonic() - seen > WITHOUT_WORKERS:
                    raise WorkerError(f"The scheduler at {address} has no workers any more")

            def stop() -> None:
                with contextlib.suppress(Exception):  # it may be what is lost
                    executor.shutdown(wait=False)

            yield Place(executor, check=check, stop=stop)
        finally:
            with contextlib.suppress(Exception):
                client.close(timeout=2)


@contextmanager
def _quietly() -> Iterator[None]:
    """Let the client log nothing: what goes wrong is told here, in a sentence."""
    import logging

    names = ("distributed", "distributed.client", "distributed.comm", "tornado.application")
    loggers = [logging.getLogger(name) for name in names]
    levels = [one.level for one in loggers]
    for one in loggers:
        one.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for one, level in zip(loggers, levels, strict=True):
            one.setLevel(level)
