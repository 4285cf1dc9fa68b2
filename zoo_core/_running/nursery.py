"""The process that parts are born from: it imports what is heavy once, and forks a child a part.

``main`` reads requests from standard input and writes answers to standard output, both pickled and
preceded by their length. A request is a function and its arguments; an answer is ``("value", what
it returned, what was printed)`` or ``("died", exit status, what was printed)``. When standard input
ends, whoever asked is gone: the child is killed, and the process ends.

Where processes cannot be forked safely, the one request is done in this process, which then ends.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import select
import signal
import struct
import sys
import tempfile
import threading
import warnings
from collections.abc import Sequence
from typing import IO, Any

LENGTH = struct.Struct("<Q")
HEAVY = ("torch", "torchmetrics", "zoo_core._authoring.verifying", "zoo_core._running.parts")
LONGEST = 20_000
"""So many bytes of what a part printed are told, from the end."""
PATIENCE = 0.2
"""Seconds between two looks at a child, whose end is otherwise told by its pipe."""


def send(stream: IO[bytes], content: bytes) -> None:
    """Write bytes, preceded by their length."""
    stream.write(LENGTH.pack(len(content)) + content)
    stream.flush()


def receive(stream: IO[bytes]) -> bytes | None:
    """Read what `send` wrote; None where it ends before."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    content = stream.read(length)
    return content if len(content) == length else None


def main(threads: int, forks: bool, heavy: Sequence[str]) -> None:
    """Do what is asked for on standard input, with so many threads each, until it ends."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)  # what is printed while importing is no answer
    _warm(heavy)
    while (request := receive(requests)) is not None:
        if forks:
            answer = _in_a_child(request, requests, threads)
            if answer is None:
                return
            send(answers, pickle.dumps(answer))
        else:
            with tempfile.TemporaryFile() as printed:
                content = _do(request, printed, threads)
                send(answers, pickle.dumps(("value", content, _told(printed))))
            return


def _warm(heavy: Sequence[str]) -> None:
    """Import what most parts need: a child then has it from its first moment."""
    import importlib

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in heavy:
            with contextlib.suppress(Exception):  # the part that needs it tells
                importlib.import_module(name)
        with contextlib.suppress(Exception):
            from zoo_core._running.code import code_here

            code_here()  # which reads what all parts have to compare


def _in_a_child(request: bytes, requests: IO[bytes], threads: int) -> Any:
    """Do a request in a child of its own; None when whoever asked has gone."""
    read, write = os.pipe()
    life, death = os.pipe()
    with tempfile.TemporaryFile() as printed:
        child = os.fork()
        if child == 0:
            _be_the_child(request, write, life, printed, threads, (read, death, requests.fileno()))
        os.close(write)
        os.close(life)
        try:
            content, status = _wait_for(child, read, requests.fileno())
        finally:
            os.close(read)
            os.close(death)
        if content is None and status is None:
            return None
        told = _told(printed)
    return ("value", content, told) if content is not None else ("died", status, told)


def _be_the_child(
    request: bytes, write: int, life: int, printed: IO[bytes], threads: int, others: Any
) -> None:
    """Do the request, write what it gave, and end; nothing of the parent's is run at the end."""
    code = 1
    try:
        os.setsid()  # it can be killed with all that it starts
        for descriptor in others:
            os.close(descriptor)
        threading.Thread(target=_end_with, args=(life,), daemon=True).start()
        content = _do(request, printed, threads)
        with os.fdopen(write, "wb") as stream:
            send(stream, content)
        code = 0
    finally:
        os._exit(code)


def _end_with(life: int) -> None:
    """End this process and what it started when the other end of a pipe is closed."""
    os.read(life, 1)
    os.killpg(0, signal.SIGKILL)


def _do(request: bytes, printed: IO[bytes], threads: int) -> bytes:
    """Call what is asked for, and return what it returned, pickled."""
    sys.stdout.flush()
    sys.stderr.flush()
    for stream in (1, 2):
        os.dup2(printed.fileno(), stream)
    torch: Any = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(threads)
    try:
        function, arguments = pickle.loads(request)
        content = pickle.dumps((function(*arguments), None))
    except BaseException as error:
        content = pickle.dumps((None, f"{type(error).__name__}: {error}"))
    sys.stdout.flush()
    sys.stderr.flush()
    return content


def _wait_for(child: int, read: int, requests: int) -> tuple[bytes | None, int | None]:
    """Return what a child wrote, or the status that it ended with; neither when nobody asks."""
    found, status = bytearray(), None
    while True:
        patience = PATIENCE if status is None else 0.0  # what it wrote before its end is there
        ready, _, _ = select.select([read, requests], [], [], patience)
        if requests in ready:  # nothing is asked before the answer: whoever asked is gone
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)
            return None, None
        piece = os.read(read, 1 << 20) if read in ready else b""
        found += piece
        if piece:
            continue
        if status is not None:
            break
        # A pipe that is closed says that the end is near; one that is silent says nothing.
        ended, waited = os.waitpid(child, 0 if read in ready else os.WNOHANG)
        status = waited if ended else None
    content = bytes(found[LENGTH.size :])
    if len(found) >= LENGTH.size and LENGTH.unpack(found[: LENGTH.size])[0] == len(content):
        return content, None
    return None, os.waitstatus_to_exitcode(status)


def _told(printed: IO[bytes]) -> str:
    """Return the end of what was printed."""
    size = printed.seek(0, os.SEEK_END)
    printed.seek(max(0, size - LONGEST))
    return printed.read().decode(errors="replace")
