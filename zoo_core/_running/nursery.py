"""The process that parts are born from: it imports what is heavy once, and forks a child a part.

``main`` reads requests from standard input and writes answers to standard output, both pickled and
preceded by their length. A request is its number, and a function and its arguments, pickled; an
answer is that number and ``("value", what it returned, what was printed)`` or ``("died", exit
status, what was printed)``. Several requests are done at a time, and answered in the order in which
they end. When standard input ends, whoever asked is gone: the children are killed, and the process
ends.

Where processes cannot be forked safely, the one request is done in this process, which then ends.
"""

from __future__ import annotations

import contextlib
import importlib
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
HEAVY = (
    "torch",
    "zoo_core._measuring.metrics:prepare",
    "zoo_core._authoring.verifying",
    "zoo_core._running.parts",
)
"""Modules, and functions that import more."""
LONGEST = 20_000
"""So many bytes of what a part printed are told, from the end."""
PATIENCE = 0.2
"""Seconds between two looks at a child, whose end is otherwise told by its pipe."""
SOON = 0.005
"""Seconds until a child is looked at that has closed its pipe, and so is about to end."""


def send(stream: IO[bytes], content: bytes) -> None:
    """Write bytes, preceded by their length."""
    stream.write(LENGTH.pack(len(content)) + content)
    stream.flush()


def receive(stream: IO[bytes]) -> bytes | None:
    """Read what `send` wrote; None where it ends before."""
    head = _exactly(stream, LENGTH.size)
    return None if head is None else _exactly(stream, LENGTH.unpack(head)[0])


def _exactly(stream: IO[bytes], length: int) -> bytes | None:
    found = bytearray()
    while len(found) < length:
        piece = stream.read(length - len(found))  # one that is not buffered gives what is there
        if not piece:
            return None
        found += piece
    return bytes(found)


def main(threads: int, forks: bool, heavy: Sequence[str]) -> None:
    """Do what is asked for on standard input, with so many threads each, until it ends."""
    requests = os.fdopen(os.dup(0), "rb", buffering=0)  # what is buffered is not seen by select
    answers = os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)  # what is printed while importing is no answer
    _warm(heavy)
    if forks:
        _serve(requests, answers, threads)
    elif (received := receive(requests)) is not None:
        number, request = pickle.loads(received)
        with tempfile.TemporaryFile() as printed:
            content = _do(request, printed, threads)
            send(answers, pickle.dumps((number, ("value", content, _told(printed)))))


def _warm(heavy: Sequence[str]) -> None:
    """Import what most parts need: a child then has it from its first moment."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in heavy:
            module, _, function = name.partition(":")
            with contextlib.suppress(Exception):  # the part that needs it tells
                found = importlib.import_module(module)
                if function:
                    getattr(found, function)()
        with contextlib.suppress(Exception):
            from zoo_core._running.code import code_here

            code_here()  # which reads what all parts have to compare


def _serve(requests: IO[bytes], answers: IO[bytes], threads: int) -> None:
    """Give each request a child, and answer when it ends, until nobody asks any more."""
    children: dict[int, _Child] = {}
    while True:
        listened: list[Any] = [one.read for one in children.values() if not one.closed]
        patience = PATIENCE if len(listened) == len(children) else SOON
        ready, _, _ = select.select([requests, *listened], [], [], patience if children else None)
        if requests in ready:
            received = receive(requests)
            if received is None:
                for child in children.values():
                    child.kill()
                return
            number, request = pickle.loads(received)
            others = [end for one in children.values() for end in (one.read, one.death)]
            children[number] = _Child(request, threads, [requests.fileno(), *others])
        for number, child in list(children.items()):
            answer = child.look(child.read in ready)
            if answer is not None:
                del children[number]
                send(answers, pickle.dumps((number, answer)))


class _Child:
    """A process that does one request: `read` gives what it wrote, and it ends with `death`."""

    def __init__(self, request: bytes, threads: int, others: Sequence[int]) -> None:
        self.read, write = os.pipe()
        life, self.death = os.pipe()
        self.found, self.closed = bytearray(), False
        self.printed = tempfile.TemporaryFile()  # noqa: SIM115 (it is closed by `look`)
        self.number = os.fork()
        if self.number == 0:
            away = (self.read, self.death, *others)  # one that holds another's would keep it alive
            _be_the_child(request, write, life, self.printed, threads, away)
        os.close(write)
        os.close(life)

    def kill(self) -> None:
        """End the child, and all that it began."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.number, signal.SIGKILL)

    def look(self, ready: bool) -> tuple[str, Any, str] | None:
        """Take what there is to read; return the answer where the child has ended."""
        if ready:
            piece = os.read(self.read, 1 << 20)
            self.found += piece
            if piece:
                return None
            self.closed = True
        # A pipe that is closed says that the end is near; one that is silent says nothing.
        ended, waited = os.waitpid(self.number, os.WNOHANG)
        if not ended:
            return None
        while select.select([self.read], [], [], 0)[0]:  # what it wrote before its end is there
            piece = os.read(self.read, 1 << 20)
            if not piece:
                break
            self.found += piece
        with self.printed:
            told = _told(self.printed)
        os.close(self.read)
        os.close(self.death)
        size = LENGTH.size
        content = bytes(self.found[size:])
        if len(self.found) >= size and LENGTH.unpack(self.found[:size])[0] == len(content):
            return "value", content, told
        return "died", os.waitstatus_to_exitcode(waited), told


def _be_the_child(
    request: bytes, write: int, life: int, printed: IO[bytes], threads: int, others: Any
) -> None:
    """Do the request, write what it gave, and end; nothing of the parent's is run at the end."""
    code = 1
    try:
        os.setsid()  # it can be killed with all that it starts
        with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as first:
            first.write("300")  # where memory runs out, this ends before what others come from
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


def _told(printed: IO[bytes]) -> str:
    """Return the end of what was printed."""
    size = printed.seek(0, os.SEEK_END)
    printed.seek(max(0, size - LONGEST))
    return printed.read().decode(errors="replace")
