"""A real browser, in which nothing may go wrong unseen."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import platformdirs
import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = """--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync
    --disable-background-networking --disable-component-update""".split()
"""What keeps the browser from hosts of its own; it runs as root, where it has no sandbox."""
AXE = "axe-core@4.14.1"
AXE_HASH = (
    "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
)
"""The package of axe's rules of accessibility, and the SHA-512 of its archive, in base64."""
DESK = {"width": 1280, "height": 900}


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    """The browser of this worker; where there is none, the tests that ask for it are skipped.

    It goes when the tests of this folder are done: its event loop is in the way of others'.
    """
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = os.environ.get("ZOO_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip("there is no Chromium here; 'apt-get install chromium' brings it")
    with sync_api.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=path, args=QUIET)
        yield started
        started.close()


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the whole site, built once for all tests of a run, which only read it."""
    from filelock import FileLock
    from zoo_site import building

    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent  # the folder that the workers of a run share
    folder = base / "built-site"
    with FileLock(f"{folder}.lock"):
        building.build(folder)  # where another worker has built it, nothing is made
    return folder


@dataclass
class Faults:
    """What went wrong in pages: errors that they told, and requests that left them."""

    told: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)

    def watch(self, context: Any) -> None:
        """Write down every fault of a context's pages; no request leaves this machine."""
        context.route(lambda url: not _is_own(url), self._refuse)
        context.on("page", self._watch_page)

    def _watch_page(self, page: Any) -> None:
        page.on("console", lambda said: self._hear(said.type, said.text))
        page.on("pageerror", lambda error: self.told.append(f"uncaught: {error}"))

    def _hear(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.told.append(f"{kind}: {text}")

    def _refuse(self, route: Any) -> None:
        self.gone.append(route.request.url)
        route.abort()


def _is_own(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"file", "data", "blob", "about"} or parts.hostname == "127.0.0.1"


@pytest.fixture
def faults() -> Faults:
    """What went wrong in this test's pages; a test that expects a fault takes it out."""
    return Faults()


@pytest.fixture
def open_page(browser: Any, faults: Faults) -> Iterator[Callable[..., Any]]:
    """Open an address in a fresh page, with options of a browser's context.

    Each page has its own storage. At the end no page may have told an error or a warning, nor
    asked for anything of another host.
    """
    contexts = []

    def open_one(address: str, **options: Any) -> Any:
        context = browser.new_context(**{"viewport": DESK, **options})
        contexts.append(context)
        context.set_default_timeout(60_000)  # a machine may be busy
        faults.watch(context)
        page = context.new_page()
        page.goto(address)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not faults.told
    assert not faults.gone


class _Silent(SimpleHTTPRequestHandler):
    def log_message(self, *args: Any) -> None:
        return


@pytest.fixture(scope="package")
def serve() -> Iterator[Callable[[Path], str]]:
    """Serve a folder on this machine; return the address of it, without a slash at its end."""
    servers: dict[Path, ThreadingHTTPServer] = {}

    def start(folder: Path) -> str:
        if folder not in servers:
            handler = partial(_Silent, directory=str(folder))
            servers[folder] = ThreadingHTTPServer(("127.0.0.1", 0), handler)
            loop = partial(servers[folder].serve_forever, 0.01)
            threading.Thread(target=loop, daemon=True).start()
        return f"http://127.0.0.1:{servers[folder].server_address[1]}"

    yield start
    for server in servers.values():
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe, fetched once by npm into the zoo's cache, checked by its hash."""
    folder = Path(os.environ.get("ZOO_HOME") or platformdirs.user_cache_path("zoo")) / "npm"
    archive = folder / f"{AXE.replace('@', '-')}.tgz"
    if not archive.is_file():
        if shutil.which("npm") is None:
            pytest.skip("there is no npm here, which brings axe's rules of accessibility")
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as part:
            command = ["npm", "pack", "--silent", "--pack-destination", part, AXE]
            if subprocess.run(command, capture_output=True, timeout=120).returncode:
                pytest.skip(f"npm cannot fetch {AXE} here")
            os.replace(Path(part, archive.name), archive)
    content = archive.read_bytes()
    assert base64.b64encode(hashlib.sha512(content).digest()).decode() == AXE_HASH
    with tarfile.open(archive) as files:
        script = files.extractfile("package/axe.min.js")
        assert script is not None
        return script.read().decode()
