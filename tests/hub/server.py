"""The Hub itself: sockets, faults, the log, and what a test may do to it directly."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from hub.faults import Fault
from hub.routes import Answer, Call, Routes, to_json
from hub.state import SAMPLE, Commit, Repo, State, Token, Tree, is_large


@dataclass
class Request:
    """A request as it was answered: bytes of the body sent, and whether it came with a token."""

    method: str
    path: str
    status: int
    sent: int
    authorized: bool
    range: str | None
    host: str


class Hub:
    """A Hub for as long as a `with` block lasts; with a folder for Xet, it offers both transports.

    It is reached at `url`. Large files are at another origin, as with the real one.
    """

    def __init__(self, xet: Path | None = None, port: int = 0) -> None:
        self.state = State(_open_xet(xet) if xet else None)
        # To append and to clear are atomic, and a list may grow while it is looped over.
        self.log: list[Request] = []
        self.closing = threading.Event()
        self._faults: list[Fault] = []
        self._http = _Server(("127.0.0.1", port), _Handler)
        self._http.hub = self
        self.port = int(self._http.server_address[1])
        self.url: str = f"http://127.0.0.1:{self.port}"
        self.routes = Routes(self.state, self.url, f"http://localhost:{self.port}")
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()

    def __enter__(self) -> Hub:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening, and let go of clients that a fault keeps waiting."""
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()

    def env(self, token: str = "") -> dict[str, str]:
        """Return what a client's environment needs, beside a fresh folder as HF_HOME."""
        return {
            "HF_ENDPOINT": self.url,
            "HF_TOKEN": token,
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_DISABLE_XET": "0" if self.state.xet else "1",
            "NO_PROXY": "127.0.0.1,localhost",
        }

    def add_token(
        self, token: str, user: str, write: bool = True, orgs: Iterable[str] = ()
    ) -> None:
        """Let a token in: for a user and the user's organizations, for writing or only reading."""
        with self.state.lock:
            self.state.tokens[token] = Token(user, write, tuple(orgs))

    def put(
        self,
        repo_id: str,
        files: Mapping[str, bytes],
        *,
        type: str = "model",
        private: bool | None = None,
        gated: str | bool | None = None,
        message: str = "Put files",
    ) -> str:
        """Add or replace files in one commit on main; return its id.

        The repository is made if need be, open to all unless told otherwise.
        """

        def edit(tree: Tree) -> None:
            for path, content in files.items():
                large = is_large(path, content[:SAMPLE], len(content))
                add = self.state.add_object if large else self.state.add_blob
                tree[path] = add(bytes(content))

        with self.state.lock:
            repo = self.state.repos.get((type, repo_id)) or self.state.create(type, repo_id)
            if private is not None:
                repo.private = private
            if gated is not None:
                repo.gated = "auto" if gated is True else gated
            return self.state.commit(repo, "main", edit, message, user=repo.namespace).id

    def allow(self, repo_id: str, user: str, *, type: str = "model") -> None:
        """Let a user through a repository's gate."""
        with self.state.lock:
            self._repo(type, repo_id).allowed.add(user)

    def files(
        self, repo_id: str, revision: str = "main", *, type: str = "model"
    ) -> dict[str, bytes]:
        """Return the contents of a repository by path."""
        with self.state.lock:
            tree = self._repo(type, repo_id).resolve(revision).tree
            return {path: self.state.read(entry) for path, entry in tree.items()}

    def commits(self, repo_id: str, revision: str = "main", *, type: str = "model") -> list[Commit]:
        """Return the commits of a repository, newest first."""
        with self.state.lock:
            return list(self._repo(type, repo_id).history(revision))

    def fault(
        self, method: str = "GET", path: str = "", times: int | None = 1, **what: Any
    ) -> Fault:
        """Make something go wrong; `Fault` says what there is.

        A request meets the first one made that matches and is not used up.
        """
        made = Fault(method, path, times, **what)
        with self.state.lock:
            self._faults.append(made)
        return made

    def answer(self, call: Call) -> tuple[Answer, Fault]:
        """Answer a call; return also what goes wrong with it."""
        fault = self._take_fault(call)
        if fault.delay and fault.stall_after is None:
            self.closing.wait(fault.delay)
        if fault.status:
            answer = Answer(fault.status, {}, to_json({"error": "A fault of the test's making"}))
            if fault.retry_after is not None:
                answer.headers["Retry-After"] = str(fault.retry_after)
        else:
            if fault.stale_parent:
                self._overtake(call)
            answer = self.routes.answer(call)
        return Answer(
            answer.status, fault.change_headers(answer.headers), fault.change_body(answer.body)
        ), fault

    def _take_fault(self, call: Call) -> Fault:
        with self.state.lock:
            for fault in self._faults:
                if fault.matches(call.method, call.path):
                    fault.hits += 1
                    return fault
        return Fault()

    def _overtake(self, call: Call) -> None:
        """Commit to the repository of a call for a commit."""
        # /api/models/NAMESPACE/NAME/commit/REVISION
        _, _, kind, namespace, name, *_ = call.path.split("/")
        self.put(f"{namespace}/{name}", {"overtaken.txt": b"First!\n"}, type=kind[:-1])

    def _repo(self, repo_type: str, repo_id: str) -> Repo:
        return self.state.repos[repo_type, repo_id]


def _open_xet(folder: Path) -> Any:
    # Only here: without Xet the Hub needs the standard library alone.
    from hub.xet import XetStore

    return XetStore(folder)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    hub: Hub

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print what went wrong, unless the client went away: in tests, clients do."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body leave together: apart, each answer waits for a delayed acknowledgement.
    wbufsize = 1 << 16
    disable_nagle_algorithm = True
    server: _Server

    def handle_call(self) -> None:
        """Answer a request and log it."""
        hub = self.server.hub
        call = Call(self.command, self.path, self.headers, self._read_body())
        self._send(*hub.answer(call))

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = handle_call

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            chunks = []
            while size := int(self.rfile.readline(), 16):
                chunks.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(chunks)
        size = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(size)
        if len(body) < size:
            raise ConnectionError("The client went away in the middle of a request")
        return body

    def _send(self, answer: Answer, fault: Fault) -> None:
        hub = self.server.hub
        body = memoryview(b"" if self.command == "HEAD" else answer.body)
        stops = body.nbytes if fault.cut is None else min(fault.cut, body.nbytes)
        request = Request(
            method=self.command,
            path=self.path,
            status=answer.status,
            sent=stops,
            authorized="Authorization" in self.headers,
            range=self.headers.get("Range"),
            host=self.headers.get("Host", ""),
        )
        # Before it is sent: whoever has the answer finds the request in the log.
        hub.log.append(request)
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if fault.stall_after is not None:
            request.sent = min(fault.stall_after, stops)
            self.wfile.write(body[: request.sent])
            self.wfile.flush()
            hub.closing.wait(fault.delay)
            self.wfile.write(body[request.sent : stops])
            request.sent = stops
        else:
            self.wfile.write(body[:stops])
        self.wfile.flush()
        if fault.cut is not None:
            self.close_connection = True

    def log_message(self, *args: Any) -> None:
        """Say nothing: requests are in the Hub's log."""
