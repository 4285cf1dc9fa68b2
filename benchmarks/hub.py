"""What the Hub costs through the zoo, beside huggingface_hub alone: loads, publishing, crowds.

    python benchmarks/hub.py [--runs 7] [--quick] [--only load ...] [--json FILE]

The Hub is the tests' own, on loopback and in this process: seconds tell of the client and of that
server, not of a network. Figures are medians over rounds in which the contenders take turns, after
one round that is not counted. CPU seconds are user and system time of the client alone; on a
machine that is busy with something else both kinds of seconds grow: compare within one run.

load: `zoo.load` of a listed model whose weights are on the Hub only, beside `hf_hub_download` of
the same commit, `load_file` and the same module: "copied" constructs it and copies the tensors with
`load_state_dict`; "assigned" constructs it on the meta device and takes the mapped tensors over, as
the zoo does. Neither checks the bytes, so the SHA-256 is timed apart and added. "first" is the
first load after `import torch`, with all other imports, in a process forked after it (so that
torch's two seconds and their noise are not in the figure); "again" is a later one in that process;
"whole" is a new interpreter, less one that only imports torch in the same round: no verdict, as
that one alone varies by the spread (standard deviation) that stands beside it.

publish: `zoo publish --all`, then again with nothing changed, beside `create_repo` and
`create_commit` of the same files in one process; every run with a new Hub and an empty cache.

crowd: processes that load one model at the same moment into an empty cache. They are forked after
`import torch`, import the rest and wait for each other. The bare ones only call `hf_hub_download`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from zoo_core._disk import sha256_of

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from hub import Hub

TOKEN, OWNER = "hf_bench", "bench"
SMALL, LARGE = "powerembed-citeseer", "wide-random"
MB = 1e6

WAYS = '''
"""What is timed; each imports what it needs itself, beyond torch."""

import torch


def made(case):
    from importlib import import_module

    module, _, name = case["cls"].partition(":")
    return getattr(import_module(module), name)(**case["shape"])


def tensors(case):
    from safetensors.torch import load_file

    return load_file(download(case))


def download(case):
    from huggingface_hub import hf_hub_download

    return hf_hub_download(case["repo"], "model.safetensors", revision=case["commit"])


def copied(case):
    module = made(case)
    module.load_state_dict(tensors(case))
    return module.eval()


def assigned(case):
    with torch.device("meta"):
        module = made(case)
    state = module.state_dict()
    cast = {name: tensor.to(state[name].dtype) for name, tensor in tensors(case).items()}
    module.load_state_dict(cast, assign=True)
    return module.eval()


def zoo(case):
    import zoo

    return zoo.load(case["name"])


def hash(case):
    from hashlib import file_digest

    with open(case["path"], "rb") as stream:
        return file_digest(stream, "sha256").hexdigest()


def nothing(case):
    return None
'''

FORKS = """
import gc, json, os, sys, time
import torch
import ways

def work(order, ready, go, results):
    os.environ.update(order["env"])
    for name in order["imports"]:
        __import__(name)
    os.write(ready, b".")
    os.read(go, 1)
    costs = []
    for _ in range(order["repeats"]):
        wall, cpu = time.perf_counter(), time.process_time()
        module = getattr(ways, order["way"])(order["case"])
        costs.append((time.perf_counter() - wall, time.process_time() - cpu))
        del module
    os.write(results, (json.dumps(costs) + "\\n").encode())

def fork(order):
    (ready, told_ready), (waiting, go), (results, told) = os.pipe(), os.pipe(), os.pipe()
    children = []
    for _ in range(order["processes"]):
        child = os.fork()
        if not child:
            os.close(go)
            try:
                work(order, told_ready, waiting, told)
            except BaseException:
                sys.excepthook(*sys.exc_info())
                os._exit(1)
            os._exit(0)
        children.append(child)
    for end in (told_ready, waiting, told):
        os.close(end)
    left = len(children)
    while left and (some := os.read(ready, left)):
        left -= len(some)
    started = time.perf_counter()
    os.close(go)
    with open(results) as stream:
        costs = [json.loads(line) for line in stream]
    wall = time.perf_counter() - started
    os.close(ready)
    if any([os.waitpid(child, 0)[1] for child in children]):
        sys.exit("a process failed")
    return {"costs": costs, "wall": wall}

gc.freeze()  # or a collection in a child would copy the parent's pages
for line in sys.stdin:
    print(json.dumps(fork(json.loads(line))), flush=True)
"""

BARE_PUBLISH = """
import sys
from pathlib import Path
from huggingface_hub import CommitOperationAdd, HfApi
from huggingface_hub.utils.tqdm import disable_progress_bars

disable_progress_bars()
api = HfApi()
for folder in sorted(Path(sys.argv[1]).iterdir()):
    repo = f"{sys.argv[2]}/{folder.name}"
    files = [path for path in folder.rglob("*") if path.is_file()]
    operations = [CommitOperationAdd(path.relative_to(folder).as_posix(), path) for path in files]
    api.create_repo(repo)
    api.create_commit(repo, operations, commit_message="Publish")
"""

WRITE_CONTENTS = """
import sys
from pathlib import Path
from zoo_core._publishing.publishable import publishable
from zoo_core._registry import listing

for name in listing.list_models():
    repo = f"{sys.argv[2]}/{name}"
    for path, content in publishable(name).contents(repo, page="").items():
        target = Path(sys.argv[1], name, path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.read_bytes())
"""

WIDE = '''
"""One large layer."""

from zoo_core import Architecture, Dataset, Model, Paper, hookimpl

ZOO_API = 2


@hookimpl
def zoo_papers():
    return [Paper(name="wide", title="A title", authors=["A. Author"], year=2020,
                  bibtex="@misc{x}", summary="A summary.")]


@hookimpl
def zoo_architectures():
    return [Architecture(name="wide", cls="zoo_wide.model:Wide", paper="wide", task="task",
                         summary="A summary.")]


@hookimpl
def zoo_models():
    return [Model(name="wide-random", architecture="wide", dataset="wide-data", license="MIT",
                  summary="A summary.")]


@hookimpl
def zoo_datasets():
    return [Dataset(name="wide-data", title="A title", factory="zoo_wide.model:Wide",
                    license="MIT", source="made up", task="task")]
'''

WIDE_MODEL = """
from torch import nn


class Wide(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.layer = nn.Linear(width, width, bias=False)
"""


@dataclass(frozen=True)
class Cost:
    """Wall and CPU seconds, the requests that the Hub had meanwhile, and the bytes it sent."""

    wall: float
    cpu: float
    requests: float = 0
    sent: float = 0

    def __sub__(self, other: Cost) -> Cost:
        return Cost(self.wall - other.wall, self.cpu - other.cpu, self.requests, self.sent)


@dataclass(frozen=True)
class Row:
    """One line of the table; `beside` are further figures, of the same unit unless they say."""

    part: str
    what: str
    goal: str
    measured: float
    unit: str
    met: bool | None = None
    beside: Mapping[str, float] = field(default_factory=dict)


Contenders = Mapping[str, Callable[[], Cost]]


def rounds(runs: int, contenders: Contenders) -> dict[str, list[Cost]]:
    """Return each contender's costs; they take turns; the first of several rounds is left out."""
    found: dict[str, list[Cost]] = {name: [] for name in contenders}
    for _ in range(runs + 1 if runs > 1 else 1):
        for name, run in contenders.items():
            found[name].append(run())
    return {name: costs[runs > 1 :] for name, costs in found.items()}


def in_turns(runs: int, contenders: Contenders) -> dict[str, Cost]:
    """Return each contender's medians over such rounds."""
    return {name: median(costs) for name, costs in rounds(runs, contenders).items()}


def median(costs: Sequence[Cost]) -> Cost:
    """Return the medians of seconds; of requests and bytes the largest number."""
    return Cost(
        statistics.median(cost.wall for cost in costs),
        statistics.median(cost.cpu for cost in costs),
        max(cost.requests for cost in costs),
        max(cost.sent for cost in costs),
    )


@contextmanager
def fresh(parent: Path) -> Iterator[Path]:
    """Give an empty folder for as long as a block lasts."""
    with tempfile.TemporaryDirectory(dir=parent) as folder:
        yield Path(folder)


class Site:
    """A folder of plugins for child processes to see, and no others."""

    def __init__(self, folder: Path, hub: Hub | None = None) -> None:
        self.folder, self.hub, self.names = folder, hub, ["zoo-graphs"]
        folder.mkdir()
        (folder / "ways.py").write_text(WAYS)

    def _register(self, name: str) -> None:
        info = self.folder / f"zoo_{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: zoo-{name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[zoo]\n{name} = zoo_{name}\n")
        self.names.append(name)

    def copy_powerembed(self, count: int | None = None) -> Path:
        """Copy the installed plugin, with the weights of all or of the smallest `count` models."""
        found = find_spec("zoo_powerembed")
        if found is None or found.origin is None:
            sys.exit("This publishes the models of zoo-powerembed; install plugins/powerembed.")
        package = self.folder / "zoo_powerembed"
        shutil.copytree(
            Path(found.origin).parent, package, ignore=shutil.ignore_patterns("__pycache__")
        )
        entries = self.lock("powerembed")
        kept = sorted(entries, key=lambda name: entries[name]["size"])[:count]
        for name in entries.keys() - set(kept):
            weights_file(package, name).unlink()
        self._write_lock(package, {name: {**entries[name], **UNPUBLISHED} for name in kept})
        self._register("powerembed")
        return package

    def add_wide(self, width: int) -> Path:
        """Install a plugin with one large layer of random weights."""
        package = self.folder / "zoo_wide"
        (package / "weights").mkdir(parents=True)
        (package / "__init__.py").write_text(WIDE)
        (package / "model.py").write_text(WIDE_MODEL)
        path = weights_file(package, LARGE)
        matrix = np.random.default_rng(0).standard_normal((width, width), dtype=np.float32)
        save_file({"layer.weight": matrix}, path, metadata={"format": "pt"})
        entry = {"sha256": sha256_of(path), "size": path.stat().st_size, "parameters": matrix.size}
        self._write_lock(package, {LARGE: {**entry, "shape": {"width": width}, **UNPUBLISHED}})
        self._register("wide")
        return package

    def lock(self, plugin: str) -> dict[str, dict[str, Any]]:
        """Return a plugin's lock file."""
        return json.loads((self.folder / f"zoo_{plugin}" / "weights" / "lock.json").read_bytes())

    def _write_lock(self, package: Path, entries: Mapping[str, Any]) -> None:
        (package / "weights" / "lock.json").write_text(json.dumps(entries))

    def forget_published(self, plugin: str) -> None:
        """Make a lock file what it was before publishing."""
        entries = {name: {**entry, **UNPUBLISHED} for name, entry in self.lock(plugin).items()}
        self._write_lock(self.folder / f"zoo_{plugin}", entries)

    def env(self, home: Path, token: str = "") -> dict[str, str]:
        """Return a child's environment, with the Hugging Face cache in `home`."""
        assert self.hub is not None
        dropped = ("ZOO_", "HF_", "PYTHON")
        kept = {key: value for key, value in os.environ.items() if not key.startswith(dropped)}
        return {
            **kept,
            "PYTHONPATH": str(self.folder),
            "ZOO_PLUGINS": ",".join(self.names),
            "ZOO_CONFIG": str(self.folder),
            "OMP_NUM_THREADS": "1",
            "HF_HOME": str(home),
            **self.hub.env(token),
        }

    def run(self, home: Path, command: Sequence[str], token: str = "") -> Cost:
        """Run Python with such arguments; return what it cost the client and the Hub."""
        assert self.hub is not None
        self.hub.log.clear()
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, *command],
            env=self.env(home, token),
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"{' '.join(command)[-200:]} ended with {process.returncode}")
        return Cost(wall, usage.ru_utime + usage.ru_stime, *asked(self.hub))

    def publish(self, home: Path, *names: str) -> Cost:
        """Run ``zoo publish``."""
        command = ["-m", "zoo_core", "publish", *names, "--namespace", OWNER]
        return self.run(home, command, TOKEN)


UNPUBLISHED = {"repo": None, "revision": None}


def weights_file(package: Path, name: str) -> Path:
    """Return where a package keeps a model's weights."""
    return package / "weights" / f"{name}.safetensors"


def asked(hub: Hub) -> tuple[int, int]:
    """Return how many requests are in the Hub's log, and the bytes of large files it sent."""
    return len(hub.log), sum(request.sent for request in hub.log if "/lfs/" in request.path)


class Forks:
    """A process that has imported torch and forks others, in which something is timed."""

    def __init__(self, site: Site, home: Path) -> None:
        self.site = site
        self.process = subprocess.Popen(
            [sys.executable, "-c", FORKS],
            env=site.env(home),
            cwd=site.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Forks:
        return self

    def __exit__(self, *error: object) -> None:
        self.process.communicate()

    def run(
        self,
        way: str,
        case: Mapping[str, Any],
        home: Path,
        repeats: int = 1,
        processes: int = 1,
        imports: Sequence[str] = (),
    ) -> tuple[list[list[Cost]], Cost]:
        """Return the costs of each process's loads, and those of all together."""
        assert self.site.hub and self.process.stdin and self.process.stdout
        self.site.hub.log.clear()
        order = {"way": way, "case": case, "env": {"HF_HOME": str(home)}, "repeats": repeats}
        order |= {"processes": processes, "imports": imports}
        print(json.dumps(order), file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"{way} failed for {case['name']}")
        found = json.loads(answer)
        each = [[Cost(*cost) for cost in costs] for costs in found["costs"]]
        cpu = sum(cost.cpu for costs in each for cost in costs)
        return each, Cost(found["wall"], cpu, *asked(self.site.hub))


# Loading --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Setting:
    """Models that are on the Hub alone, with a cache that has them."""

    site: Site
    forks: Forks
    folder: Path
    warm: Path
    cases: Sequence[dict[str, Any]]


@contextmanager
def published(folder: Path, quick: bool) -> Iterator[Setting]:
    """Publish two models on a Hub (LFS), take their weights out of the packages, fill a cache."""
    with Hub(xet=None) as hub:
        hub.add_token(TOKEN, OWNER)
        site = Site(folder / "loading", hub)
        packages = {SMALL: site.copy_powerembed(), LARGE: site.add_wide(1536 if quick else 4096)}
        classes = {SMALL: "zoo_powerembed.powerembed:PowerEmbed", LARGE: "zoo_wide.model:Wide"}
        warm = folder / "warm"
        site.publish(warm, *packages)
        cases = []
        with Forks(site, warm) as forks:
            for name, package in packages.items():
                weights_file(package, name).unlink()
                entry = site.lock(package.name.removeprefix("zoo_"))[name]
                case = {"name": name, "cls": classes[name], "shape": entry["shape"]}
                case |= {"repo": entry["repo"], "commit": entry["revision"], "size": entry["size"]}
                forks.run("download", case, warm)
                (path,) = warm.rglob(f"models--{OWNER}--{name}/snapshots/*/model.safetensors")
                cases.append({**case, "path": str(path)})
            yield Setting(site, forks, folder, warm, cases)


def bench_load(given: Setting, runs: int, quick: bool) -> Iterator[Row]:
    """Cold and warm loads of a small and of a large model."""
    for case in given.cases:
        yield from load_in_forks(given, case, runs)
        if case["name"] == SMALL or not quick:
            yield from load_in_interpreters(given, case, min(runs, 5), quick)


def load_in_forks(given: Setting, case: dict[str, Any], runs: int) -> Iterator[Row]:
    """What is left of a load when torch has been imported."""

    def cold(way: str) -> Cost:
        with fresh(given.folder) as home:
            return given.forks.run(way, case, home)[1]

    later: dict[str, list[Cost]] = {}

    def warm(way: str) -> Cost:
        (costs,), whole = given.forks.run(way, case, given.warm, repeats=6)
        later.setdefault(way, []).append(median(costs[1:]))
        return Cost(costs[0].wall, costs[0].cpu, whole.requests)

    contenders = {f"cold {way}": partial(cold, way) for way in ("zoo", "copied")}
    contenders |= {way: partial(warm, way) for way in ("zoo", "copied", "assigned", "hash")}
    found = in_turns(runs, contenders)
    label = f"{case['size'] / MB:.0f} MB"
    zoo, bare = found["cold zoo"], found["cold copied"]
    yield Row(
        "load",
        f"{label}, cold: requests",
        "as bare",
        zoo.requests,
        "",
        zoo.requests == bare.requests,
        {"bare": bare.requests},
    )
    yield milliseconds(f"{label}, cold, first: zoo.load", zoo, {"bare": bare})
    yield Row(
        "load",
        f"{label}, pinned, warm: requests",
        "0",
        found["zoo"].requests,
        "",
        found["zoo"].requests == 0,
        {"bare": found["copied"].requests},
    )
    again = {name: median(costs[runs > 1 :]) for name, costs in later.items()}
    yield from ratios(f"{label}, warm, first", found)
    yield from ratios(f"{label}, warm, again", again)


def load_in_interpreters(
    given: Setting, case: dict[str, Any], runs: int, quick: bool
) -> Iterator[Row]:
    """Whole processes, less one that only imports torch."""

    def run(way: str, home: Path) -> Cost:
        code = f"import json, sys, torch, ways; ways.{way}(json.loads(sys.argv[1]))"
        return given.site.run(home, ["-c", code, json.dumps(case)])

    def cold(way: str) -> Cost:
        with fresh(given.folder) as home:
            return run(way, home)

    contenders: dict[str, Callable[[], Cost]] = {
        way: partial(run, way, given.warm) for way in ("nothing", "zoo", "copied", "assigned")
    }
    if quick:
        del contenders["assigned"]
    else:
        contenders |= {f"cold {way}": partial(cold, way) for way in ("zoo", "copied")}
    contenders["hash"] = lambda: given.forks.run("hash", case, given.warm)[1]
    found = rounds(runs, contenders)
    digest, nothing = found.pop("hash"), found.pop("nothing")
    # Round by round: torch's two seconds vary by as much as the rest takes.
    beyond = {
        name: median([cost - base for cost, base in zip(costs, nothing, strict=True)])
        for name, costs in found.items()
    }
    beyond["hash"] = median(digest)
    label = f"{case['size'] / MB:.0f} MB"
    base = milliseconds(f"{label}: python that imports torch", median(nothing), {})
    spread = 1e3 * statistics.pstdev(cost.cpu for cost in nothing)
    yield replace(base, beside={**base.beside, "spread": spread})
    if not quick:
        bare = {"bare": beyond["cold copied"]}
        yield milliseconds(f"{label}, cold, whole: zoo.load", beyond["cold zoo"], bare)
    for row in ratios(f"{label}, warm, whole", beyond):
        yield replace(row, goal="-", met=None)


def milliseconds(what: str, cost: Cost, others: Mapping[str, Cost]) -> Row:
    """Return a row of CPU milliseconds, with wall time beside."""
    beside = {name: 1e3 * other.cpu for name, other in others.items()}
    beside |= {"wall": 1e3 * cost.wall}
    beside |= {f"{name} wall": 1e3 * other.wall for name, other in others.items()}
    return Row("load", what, "-", 1e3 * cost.cpu, "ms", None, beside)


def ratios(label: str, found: Mapping[str, Cost]) -> Iterator[Row]:
    """Yield `zoo.load` over each bare way and the hash, in CPU seconds."""
    zoo, digest = found["zoo"].cpu, found["hash"].cpu
    for way in ("copied", "assigned"):
        if way in found:
            bare = found[way].cpu
            ratio = zoo / (bare + digest)
            beside = {"zoo ms": 1e3 * zoo, f"{way} ms": 1e3 * bare, "hash ms": 1e3 * digest}
            what = f"{label}: zoo / ({way} + hash)"
            yield Row("load", what, "at most 1.1", ratio, "x", ratio <= 1.1, beside)


# Publishing -----------------------------------------------------------------------------------


def bench_publish(folder: Path, runs: int, quick: bool) -> Iterator[Row]:
    """Publishing all models of a plugin, with each transport."""
    site = Site(folder / "publishing")
    site.copy_powerembed(3 if quick else None)
    with Hub(xet=None) as hub:  # as a child's environment needs one
        site.hub = hub
        site.run(folder / "home", ["-c", WRITE_CONTENTS, str(folder / "contents"), OWNER])
    for transport in ("LFS", "Xet"):
        yield from publish_through(transport, site, folder, min(runs, 3))


def publish_through(transport: str, site: Site, folder: Path, runs: int) -> Iterator[Row]:
    """Publishing, publishing again, and the bare way, through one transport."""
    contents = folder / "contents"
    files = [path for path in contents.rglob("*") if path.is_file()]
    names = sorted(path.name for path in contents.iterdir())
    size = sum(path.stat().st_size for path in files)
    made: dict[str, dict[str, Any]] = {}

    @contextmanager
    def new_hub() -> Iterator[tuple[Hub, Path]]:
        with fresh(folder) as place, Hub(xet=place / "xet" if transport == "Xet" else None) as hub:
            hub.add_token(TOKEN, OWNER)
            site.hub = hub
            yield hub, place / "home"

    def heads(hub: Hub) -> list[str]:
        return [commit.id for name in names for commit in hub.commits(f"{OWNER}/{name}")]

    unchanged: list[Cost] = []
    commits: list[int] = []

    def zoo() -> Cost:
        site.forget_published("powerembed")
        with new_hub() as (hub, home):
            cost = site.publish(home, "--all")
            made["zoo"] = {name: hub.files(f"{OWNER}/{name}") for name in names}
            before = heads(hub)
            unchanged.append(site.publish(home, "--all"))
            commits.append(len(heads(hub)) - len(before))
            return cost

    def bare() -> Cost:
        with new_hub() as (hub, home):
            cost = site.run(home, ["-c", BARE_PUBLISH, str(contents), OWNER], TOKEN)
            made["bare"] = {name: hub.files(f"{OWNER}/{name}") for name in names}
            return cost

    found = in_turns(runs, {"zoo": zoo, "bare": bare})
    if made["zoo"] != made["bare"]:
        sys.exit("the two ways published different files")
    ours, theirs = found["zoo"], found["bare"]
    again = median(unchanged[runs > 1 :])
    count = len(names)
    label = f"{transport}, {count} models, {size / MB:.1f} MB"

    def show(what: str, measured: float, unit: str, other: float) -> Row:
        return Row("publish", f"{label}: {what}", "-", measured, unit, None, {"bare": other})

    yield show("models a second", count / ours.wall, "/s", count / theirs.wall)
    yield show("throughput", size / MB / ours.wall, "MB/s", size / MB / theirs.wall)
    yield show("CPU a model", 1e3 * ours.cpu / count, "ms", 1e3 * theirs.cpu / count)
    yield show("requests a model", ours.requests / count, "", theirs.requests / count)
    what = f"{transport}, unchanged: commits"
    yield Row("publish", what, "0", max(commits), "", max(commits) == 0)
    beside = {"CPU ms": 1e3 * again.cpu / count, "requests": again.requests / count}
    what = f"{transport}, unchanged: a model"
    yield Row("publish", what, "-", 1e3 * again.wall / count, "ms", None, beside)


# A crowd --------------------------------------------------------------------------------------


def bench_crowd(given: Setting, runs: int, quick: bool) -> Iterator[Row]:
    """Many processes that load the same model into an empty cache."""
    (case,) = (case for case in given.cases if case["name"] == LARGE)
    processes = 4 if quick else 20

    def crowd(way: str, *imports: str) -> Cost:
        with fresh(given.folder) as home:
            each, together = given.forks.run(way, case, home, 1, processes, imports)
        if len(each) != processes:
            sys.exit(f"only {len(each)} of {processes} processes ended well")
        return together

    hub = "huggingface_hub.file_download"
    found = in_turns(
        min(runs, 5),
        {
            "zoo": partial(crowd, "zoo", hub, "zoo_core._loading.models"),
            "bare": partial(crowd, "download", hub),
            "hash": lambda: given.forks.run("hash", case, given.warm, 1, processes)[1],
        },
    )
    zoo, bare = found["zoo"], found["bare"]
    label = f"{processes} at once, {case['size'] / MB:.0f} MB"
    share = zoo.sent / case["size"]
    yield Row(
        "crowd",
        f"{label}: bytes sent / one download's",
        "1.0",
        share,
        "x",
        share == 1,
        {"bare": bare.sent / case["size"]},
    )
    beside = {"bare": bare.requests / processes}
    yield Row("crowd", f"{label}: requests each", "-", zoo.requests / processes, "", None, beside)
    for what, clock in (("all have it after", "wall"), ("CPU of all together", "cpu")):
        others = {name: getattr(found[name], clock) for name in ("bare", "hash")}
        yield Row("crowd", f"{label}: {what}", "-", getattr(zoo, clock), "s", None, others)


# The table ------------------------------------------------------------------------------------


def versions() -> dict[str, str]:
    """Return the versions that the figures depend on."""
    found = {"python": platform.python_version(), "machine": platform.machine()}
    packages = ("zoo-core", "zoo-powerembed", "torch", "safetensors", "huggingface_hub", "hf-xet")
    return found | {name: version(name) for name in packages}


def show(row: Row) -> str:
    """Return a line of the table."""
    met = {True: "yes", False: "NO", None: "-"}[row.met]
    beside = ", ".join(f"{name} {value:,.4g}" for name, value in row.beside.items())
    return f"{row.what:<55} {row.goal:<12} {row.measured:>8.4g} {row.unit:<5} {met:<4} {beside}"


def rows(only: Sequence[str], folder: Path, runs: int, quick: bool) -> Iterator[Row]:
    """Yield all rows of the chosen parts."""
    if {"load", "crowd"} & set(only):
        with published(folder, quick) as given:
            if "load" in only:
                yield from bench_load(given, runs, quick)
            if "crowd" in only:
                yield from bench_crowd(given, runs, quick)
    if "publish" in only:
        yield from bench_publish(folder, runs, quick)


def main() -> None:
    """Run the chosen parts and print the table."""
    parts = ["load", "crowd", "publish"]
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--quick", action="store_true", help="only show that it works: one run")
    parser.add_argument("--only", nargs="+", choices=parts, default=parts)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows")
    arguments = parser.parse_args()
    runs = 1 if arguments.quick else arguments.runs
    load = os.getloadavg()[0]
    found = []
    print(", ".join(f"{name} {number}" for name, number in versions().items()))
    print(f"{os.cpu_count()} cores; load at the start {load:.1f}")
    print(f"{'what':<55} {'goal':<12} {'measured':>8} {'':<5} {'met':<4} beside")
    with tempfile.TemporaryDirectory() as folder:
        for row in rows(arguments.only, Path(folder), runs, arguments.quick):
            found.append(row)
            print(show(row), flush=True)
    if arguments.json:
        content = {"versions": versions(), "runs": runs, "load": load}
        content |= {"rows": list(map(asdict, found))}
        arguments.json.write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
