"""A part of some work: described by names, so that any process of the same code can do it.

A part names a function and its arguments, which are JSON values: a claim by its paper's name and
its own, a model by its name. What it gives are JSON values too, which is what can be kept.
`perform` does a part, in whatever process it finds itself.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import pickle
import socket
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from zoo_core import _notices as notices
from zoo_core._running.code import Code, code_here
from zoo_core.errors import WorkerError

_ONE_AT_A_TIME = threading.RLock()
"""Parts share the random state of their process, so that a process does one after the other."""


def _here() -> tuple[str, int]:
    return socket.gethostname(), os.getpid()


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part: the function ``"package.module:name"``, and the arguments that it is called with.

    `label` is what people read. `facts` are what else decides the outcome (hashes of data, say),
    and `code` is what it has to be run by: versions, and hashes of sources. A part without `code`
    is never kept. `strict` is whether notices are errors.
    """

    label: str
    call: str
    arguments: Mapping[str, Any]
    facts: Mapping[str, Any] = field(default_factory=dict)
    code: Code | None = None
    strict: bool = field(default_factory=notices.is_strict)
    asked_by: tuple[str, int] = field(default_factory=_here)

    @property
    def key(self) -> str | None:
        """The hash of all that decides what the part gives; None where that is not known."""
        if self.code is None:
            return None
        told = [self.call, self.arguments, self.facts, self.code.found, self.strict]
        text = json.dumps(told, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of a part: JSON values or an error, the notices, and what was printed."""

    value: Any = None
    error: Exception | None = None
    notices: Sequence[str] = ()
    seconds: float = 0.0
    printed: str = ""
    at: float | None = None
    """When it was done, in seconds since the epoch; set where it was kept, and not done now."""


def perform(part: Part) -> Outcome:
    """Do a part here; whatever goes wrong is in the outcome, an interruption apart."""
    away = part.asked_by != _here()
    started = time.perf_counter()
    value: Any = None
    failure: Exception | None = None
    with _ONE_AT_A_TIME, notices.strictly(part.strict), notices.collected() as said:
        try:
            if away and part.code is not None:
                _check_code(part.code)
            value = _as_kept(_function(part.call)(**part.arguments))
        except MemoryError as error:
            failure = WorkerError(
                f"Memory ran out in {part.label}; run it where there is more, or with fewer --jobs."
            )
            failure.__cause__ = error
        except Exception as error:
            failure = error
    return Outcome(
        value=value,
        error=_sendable(failure) if away and failure is not None else failure,
        notices=said,
        seconds=time.perf_counter() - started,
    )


def _as_kept(value: Any) -> Any:
    """Return JSON values as they come back from a file, so that nothing differs by the way."""
    return json.loads(json.dumps(value))


def _function(name: str) -> Callable[..., Any]:
    module, _, attribute = name.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), attribute)
    return found


def _check_code(asked: Code) -> None:
    """Raise `WorkerError` where this process has not the code that the part is asked of."""
    difference = asked.difference(code_here(*asked.of))
    if difference:
        raise WorkerError(
            f"The process on {socket.gethostname()} would run other code: {difference}; bring it "
            "to the same, and run the command again."
        )


def _sendable(error: Exception) -> Exception:
    """Return an error that another process can read, with the trace as a note."""
    error.add_note("".join(traceback.format_exception(error)))
    try:
        if type(pickle.loads(pickle.dumps(error))) is type(error):
            return error
    except Exception:  # whatever a plugin's own class of errors does
        pass
    told = RuntimeError(f"{type(error).__name__}: {error}")
    told.add_note(error.__notes__[-1])
    return told
