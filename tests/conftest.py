"""Plugins, shells and servers to test against: real files, real processes, real sockets."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from hub import Hub

from zoo_core._registry import registry as registry_module
from zoo_core._registry.registry import Plugin, Registry, registry
from zoo_core._registry.specs import Architecture, Dataset, Metric, Model, Paper
from zoo_core.testing import Outcome

TOY = {
    "__init__.py": """
        from zoo_core import Architecture, Claim, Dataset, Model, Paper, hookimpl, value

        ZOO_API = 2

        @hookimpl
        def zoo_papers():
            verdicts = ("holds", "fails", "open", "nodata", "odd")
            claims = [
                Claim(name=v, statement=f"It {v}.", check=f"zoo_toy.claims:{v}",
                      bounds={"it": value(at_least=1)}, slow=v == "fails",
                      models=["toy-a"] if v == "holds" else ())
                for v in verdicts
            ]
            return [Paper(name="toy-paper", title="Toys", authors=["A. Author"], year=2020,
                          bibtex="@misc{toys}", summary="About toys.", claims=claims)]

        @hookimpl
        def zoo_architectures():
            return [Architecture(
                name="toy", cls="zoo_toy.model:Toy", paper="toy-paper", task="toying",
                summary="One layer.", shape={"inputs": 4, "classes": 3}, recipe={"steps": 5},
                train="zoo_toy.train:train", reader="zoo_toy.data:read")]

        @hookimpl
        def zoo_models():
            return [
                Model(name=f"toy-{letter}", architecture="toy", dataset="toys", license="MIT",
                      summary="A toy.", runs=[{"fold": 0}, {"fold": 1}],
                      beside={"lazy": {"architecture": "toy", "recipe": {"steps": 0}}})
                for letter in "ab"
            ]

        @hookimpl
        def zoo_datasets():
            return [Dataset(name="toys", title="Toys", factory="zoo_toy.data:make", license="MIT",
                            source="made up", task="toying", splits=["train", "test"],
                            options={"fold": "0 or 1"})]
        """,
    "model.py": """
        import json
        from pathlib import Path

        import torch

        from zoo_core import BadInput

        class Toy(torch.nn.Module):
            def __init__(self, inputs: int, classes: int):
                super().__init__()
                self.layer = torch.nn.Linear(inputs, classes)

            def forward(self, x):
                return self.layer(x)

            def example_inputs(self, seed):
                generator = torch.Generator().manual_seed(seed)
                return (torch.randn(5, self.layer.in_features, generator=generator),)

            def predict(self, source=None, *, way="rows", count=3):
                if source is not None and not Path(source).exists():
                    raise BadInput(f"There is no file {source!r}; give a JSON file of rows.")
                if way == "stream":
                    return (f"piece{i} " for i in range(count))
                if way == "bug":
                    return {}["nothing"]
                rows = json.loads(Path(source).read_text()) if source else [[0.0] * 4] * count
                labels = self(torch.tensor(rows)).argmax(1).tolist()
                return [{"row": i, "label": label} for i, label in enumerate(labels)]

            def outputs(self, split):
                x, y = split.data.parts[split.name]
                yield {"logits": self(x), "target": y}
        """,
    "data.py": """
        import json
        from pathlib import Path

        import torch

        from zoo_core import BadInput, Split

        class Toys:
            def __init__(self, x, y):
                half = len(x) // 2
                self.parts = {"train": (x[:half], y[:half]), "test": (x[half:], y[half:])}
                self.splits = tuple(self.parts)
                self.metric_options = {"num_classes": 3}

            def split(self, name):
                return Split(self, name)

        def make(fold=0):
            x = torch.randn(60, 4, generator=torch.Generator().manual_seed(fold))
            return Toys(x, x[:, :3].argmax(1))

        def read(source, *, skip: int = 0):
            if not isinstance(source, str | Path):
                x, y = (torch.as_tensor(part)[skip:] for part in source)
                return Toys(x.float(), y)
            try:
                content = json.loads(Path(source).read_text())
                return Toys(torch.tensor(content["x"])[skip:], torch.tensor(content["y"])[skip:])
            except (ValueError, KeyError) as error:
                raise BadInput(f"{source} is not a toy file ({error}).") from error
        """,
    "train.py": """
        import os
        import time

        import torch

        def train(run, progress):
            if os.environ.get("TOY_SLEEP"):
                print("training", flush=True)
                time.sleep(float(os.environ["TOY_SLEEP"]))
            module = run.make()
            x, y = run.data.parts["train"]
            optimizer = torch.optim.SGD(module.parameters(), lr=1.0)
            for _ in progress(range(run.recipe["steps"])):
                optimizer.zero_grad()
                torch.nn.functional.cross_entropy(module(x), y).backward()
                optimizer.step()
            return module
        """,
    "claims.py": """
        from zoo_core import DataError, Finding

        def holds():
            return Finding(quantities={"it": [1.0, 1.0]}, figures={"value": 1})

        def fails():
            return Finding(quantities={"it": [0.0, 0.0]})

        def open():
            return Finding(quantities={"it": [-4.0, 6.0]})

        def nodata():
            raise DataError("toys.bin is nowhere; set ZOO_DATA_MIRROR.")

        def odd():
            return "holds"
        """,
}


@dataclass
class Site:
    """A folder of installed plugins: real packages with real metadata, found by their path."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch
    names: list[str] = field(default_factory=list)
    packages: set[str] = field(default_factory=set)
    more: Mapping[str, str] = field(default_factory=dict)

    def add(
        self, name: str, source: str | Mapping[str, str], distribution: str | None = None
    ) -> Path:
        """Install a plugin: a package of one or more files, its metadata, its entry point."""
        distribution = distribution or f"zoo-{name}"
        package = distribution.replace("-", "_")
        files = {"__init__.py": source} if isinstance(source, str) else source
        for path, text in files.items():
            self.write(f"{package}/{path}", text)
        info = f"{package}-1.0.dist-info"
        self.write(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n"
        )
        self.write(f"{info}/entry_points.txt", f"[zoo]\n{name} = {package}\n")
        self.names.append(name)
        self.packages.add(package)
        return self.folder / package

    def write(self, path: str, text: str) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(dedent(text), encoding="utf-8")

    def add_toy(self, *trained: str, beyond: Mapping[str, str] | None = None) -> Path:
        """Install the toy plugin; the named models get weights (made here, the same each time)."""
        package = self.add("toy", {**TOY, **(beyond or {})})
        lock = {name: embed(package, name) for name in trained}
        if trained:
            (package / "weights" / "lock.json").write_text(json.dumps(lock))
        return package

    def env(self, **more: str) -> dict[str, str]:
        """Return the environment of a child process that sees these plugins and no others."""
        own = {
            "PYTHONPATH": str(self.folder),
            "ZOO_PLUGINS": ",".join(self.names),
            "ZOO_HOME": str(self.folder.parent / "home"),
            "HF_HOME": str(self.folder.parent / "hf"),
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "OMP_NUM_THREADS": "1",
        }
        dropped = ("ZOO_", "HF_", "PYTHONPATH")
        kept = {key: value for key, value in os.environ.items() if not key.startswith(dropped)}
        return {**kept, **own, **self.more, **more}

    def python(self, code: str, *args: str, **env: str) -> Outcome:
        """Run Python code in a child process."""
        return self._run([sys.executable, "-c", dedent(code), *args], env)

    def zoo(self, *args: str | Path, **env: str) -> Outcome:
        """Run the shell in a child process."""
        return self._run([sys.executable, "-m", "zoo_core", *map(str, args)], env)

    def _run(self, command: list[str], env: Mapping[str, str]) -> Outcome:
        done = subprocess.run(
            command,
            env=self.env(**env),
            cwd=self.folder.parent,
            capture_output=True,
            text=True,
            timeout=120,
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    def use(self, **env: str) -> Registry:
        """Make this process see these plugins and no others; return the registry."""
        self.forget()
        for key, value in self.env(**env).items():
            if key != "PYTHONPATH":
                self.monkeypatch.setenv(key, value)
        for key in ("ZOO_DATA_MIRROR", "ZOO_TRACEBACK"):
            if key not in env:
                self.monkeypatch.delenv(key, raising=False)
        self.monkeypatch.chdir(self.folder.parent)
        self.monkeypatch.syspath_prepend(self.folder)
        return registry()

    def forget(self) -> None:
        """Drop what this process has read and imported of these plugins."""
        registry.cache_clear()
        for name in list(sys.modules):
            if name.partition(".")[0] in self.packages:
                del sys.modules[name]


def embed(package: Path, name: str) -> dict[str, Any]:
    """Write a toy model's weights into its package; return its entry of the lock file."""
    path = package / "weights" / f"{name}.safetensors"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(toy_weights())
    return {**toy_lock(path.read_bytes()), "repo": None, "revision": None}


def toy_weights(scale: float = 1.0) -> bytes:
    """Return the bytes of a safetensors file that fits the toy architecture (without torch)."""
    header = {
        "layer.weight": {"dtype": "F32", "shape": [3, 4], "data_offsets": [0, 48]},
        "layer.bias": {"dtype": "F32", "shape": [3], "data_offsets": [48, 60]},
    }
    told = json.dumps(header).encode().ljust(160)
    weight = [scale * (row == column) for row in range(3) for column in range(4)]
    return struct.pack("<Q", len(told)) + told + struct.pack("<15f", *weight, 0, 0, 0)


def toy_lock(content: bytes) -> dict[str, Any]:
    """Return a lock entry for such bytes."""
    return {
        "sha256": sha256(content).hexdigest(),
        "size": len(content),
        "parameters": 15,
        "shape": {"inputs": 4, "classes": 3},
    }


@pytest.fixture
def make_weights() -> Callable[..., tuple[bytes, dict[str, Any]]]:
    """Return the bytes of weights that fit the toy architecture, and their lock entry."""
    return lambda scale=1.0: (toy_weights(scale), toy_lock(toy_weights(scale)))


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """An empty folder of installed plugins."""
    folder = tmp_path / "site"
    folder.mkdir()
    made = Site(folder, monkeypatch)
    yield made
    made.forget()


@pytest.fixture
def toy(site: Site) -> Site:
    """This process sees the toy plugin alone; toy-a has weights, toy-b has none."""
    site.add_toy("toy-a")
    site.use()
    return site


SPECS: Mapping[str, Callable[..., Any]] = {
    "papers": lambda name, **more: Paper(
        **{
            "name": name,
            "title": "A title",
            "authors": ["A. Author"],
            "year": 2020,
            "bibtex": "@misc{x}",
            "summary": "A summary.",
            **more,
        }
    ),
    "architectures": lambda name, **more: Architecture(
        **{
            "name": name,
            "cls": "torch.nn:Linear",
            "paper": "paper",
            "task": "task",
            "summary": "A summary.",
            **more,
        }
    ),
    "models": lambda name, **more: Model(
        **{
            "name": name,
            "architecture": "net",
            "dataset": "data",
            "license": "MIT",
            "summary": "A summary.",
            **more,
        }
    ),
    "datasets": lambda name, **more: Dataset(
        **{
            "name": name,
            "title": "A title",
            "factory": "package.module:make",
            "license": "MIT",
            "source": "somewhere",
            "task": "task",
            **more,
        }
    ),
    "metrics": lambda name, **more: Metric(
        **{
            "name": name,
            "title": "A title",
            "factory": "package.module:make",
            "higher_is_better": True,
            **more,
        }
    ),
}


@pytest.fixture(scope="session")
def make_spec() -> Callable[..., Any]:
    """Return a valid spec of a kind ("models", "papers", …), with fields to replace."""

    def make(kind: str, name: str = "name", **more: Any) -> Any:
        return SPECS[kind](name, **more)

    return make


@pytest.fixture
def in_memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Registry]]:
    """Make the registry of this process from plugins in memory: name -> specs by kind."""

    def make(locks: Mapping[str, Any] | None = None, **plugins: Mapping[str, Any]) -> Registry:
        made = []
        for name, shelves in plugins.items():
            specs = {f"zoo_{kind}": list(several) for kind, several in shelves.items()}
            plugin = Plugin(name, specs=specs)
            plugin.distribution, plugin.version = f"zoo-{name}", "1.0"
            plugin.lock = dict(locks or {})
            made.append(plugin)
        monkeypatch.setattr(registry_module, "read_plugins", lambda points: made)
        registry.cache_clear()
        return registry()

    yield make
    registry.cache_clear()


class Server:
    """A threaded file server on loopback with a request log and faults.

    `faults` maps a path to a list that is used up request by request: a status to answer, a number
    of bytes after which the connection is cut, or other bytes to send. A path in `tags` has this
    entity tag, and who asks for the rest of that version gets it.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.faults: dict[str, list[tuple[str, Any]]] = {}
        self.tags: dict[str, str] = {}
        self.sent: list[int] = []
        self.log: list[tuple[str, str]] = []
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                owner.answer(self, body=True)

            def do_HEAD(self) -> None:
                owner.answer(self, body=False)

            def log_message(self, *args: Any) -> None:
                return

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.port = self.http.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()

    def answer(self, request: BaseHTTPRequestHandler, *, body: bool) -> None:
        self.log.append((request.command, request.path))
        status, headers, content = self.look_up(request.path)
        tag = self.tags.get(request.path)
        if tag is not None:
            headers = {**headers, "ETag": tag}
            asked = request.headers.get("Range", "")
            if asked and request.headers.get("If-Range") == tag:
                begin = int(asked.removeprefix("bytes=").removesuffix("-"))
                status, content = (206, content[begin:]) if begin < len(content) else (416, b"")
        planned = self.faults.get(request.path, []) if body else []
        kind, value = planned.pop(0) if planned else ("", None)
        if kind == "status":
            status, headers, content = value, {}, b""
        elif kind == "bytes":
            content = value
        request.send_response(status)
        for key, text in {**headers, "Content-Length": str(len(content))}.items():
            request.send_header(key, text)
        if kind == "cut":
            request.send_header("Connection", "close")
            content = content[:value]
            request.close_connection = True
        self.sent.append(len(content))
        # Headers and body in one write: apart, each request waits for a delayed acknowledgement.
        request._headers_buffer.append(b"\r\n" + (content if body else b""))  # type: ignore[attr-defined]
        request.flush_headers()

    def look_up(self, path: str) -> tuple[int, dict[str, str], bytes]:
        if path not in self.files:
            return 404, {}, b""
        return 200, {}, self.files[path]


@pytest.fixture
def server() -> Iterator[Server]:
    """A file server with faults."""
    made = Server()
    yield made
    made.close()


@pytest.fixture(params=["lfs", "xet"])
def hub(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Hub]:
    """A Hugging Face Hub, once with each transport for large files."""
    with Hub(xet=tmp_path / "xet" if request.param == "xet" else None) as made:
        yield made


@pytest.fixture
def hub_site(site: Site, hub: Hub) -> Site:
    """A folder of plugins whose processes see that Hub."""
    site.more = hub.env()
    return site
