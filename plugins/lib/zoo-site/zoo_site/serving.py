"""The site on this machine alone, built anew when something that it is made from changes."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from zoo_core import BadInput
from zoo_site import made_from

HOST = "127.0.0.1"
EVERY = 1.0
"""So many seconds pass between two looks at the files."""

Stamps = dict[str, tuple[int, int]]


class Handler(SimpleHTTPRequestHandler):
    """Gives the site's files, to requests that name this machine, and says nothing of them."""

    def end_headers(self) -> None:
        """Let no browser keep what may be built anew, nor guess what a file is."""
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def send_head(self) -> Any:
        """Refuse hidden files, and requests by another name: a page elsewhere may ask so."""
        name = (self.headers.get("Host") or "").rpartition(":")[0]
        if name not in (HOST, "localhost") or "/." in self.path:
            self.send_error(HTTPStatus.FORBIDDEN)
            return None
        return super().send_head()

    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing."""


def server(folder: Path, port: int) -> ThreadingHTTPServer:
    """Return the server of a folder, on a port of this machine (0: any that is free).

    Raises `BadInput` for a port that cannot be had.
    """
    try:
        return ThreadingHTTPServer((HOST, port), partial(Handler, directory=str(folder)))
    except (OSError, OverflowError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no port"
        raise BadInput(
            f"Port {port} cannot be used ({str(reason).lower()}); give another one with --port."
        ) from error


def watch(folder: Path, stop: threading.Event, told: Callable[[str], None]) -> None:
    """Build the site again whenever files that it is made from have changed, until `stop` is set.

    Each time in a process of its own, which reads plugins as they are then.
    """
    before = stamps()
    while not stop.wait(EVERY):
        now = stamps()
        if now == before:
            continue
        before = now
        done = subprocess.run(
            [sys.executable, "-m", "zoo_core", "site", "build", str(folder)],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        told((done.stdout if done.returncode == 0 else done.stderr).strip())


def stamps() -> Stamps:
    """Return the times and sizes of all files that a site is made from."""
    found: Stamps = {}
    for _, folder in made_from.packages():
        for path in made_from.files_in(folder):
            try:
                facts = os.stat(path)
            except OSError:
                continue  # it was there a moment ago
            found[str(path)] = (facts.st_mtime_ns, facts.st_size)
    return found
