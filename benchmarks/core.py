"""What the core costs, beside timm and bare torch: CPU seconds and memory of child processes.

    python benchmarks/core.py [--runs 7] [--quick] [--only list load ...] [--json FILE]

Every figure is the median over several runs in which the contenders take turns, after one run
that is not counted (byte code and the disk's cache are then as for a user's second command). CPU
seconds grow on a machine that is busy with something else: compare within one run.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from textwrap import dedent

from zoo_core._disk import sha256_of

PYTHON = sys.executable
ZOO = [str(Path(PYTHON).with_name("zoo"))]
FLAGSHIP = "powerembed-cora"

RESNET = '''
"""ResNet-18 (He et al., 2015) in plain torch, with the usual names of its tensors."""

import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x):
        y = torch.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return torch.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet18(nn.Module):
    def __init__(self, classes=1000):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        for i, (inputs, outputs) in enumerate([(64, 64), (64, 128), (128, 256), (256, 512)], 1):
            first = Block(inputs, outputs, 1 if i == 1 else 2)
            setattr(self, f"layer{i}", nn.Sequential(first, Block(outputs, outputs, 1)))
        self.fc = nn.Linear(512, classes)

    def forward(self, x):
        x = self.maxpool(torch.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.mean((2, 3)))


class Wide(nn.Module):
    """A few large matrices: 205 MB in float32."""

    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(3200, 3200, bias=False) for _ in range(5))
'''

PLUGIN = """
from zoo_core import Architecture, Model, Paper, hookimpl

ZOO_API = 2

@hookimpl
def zoo_papers():
    return [Paper(name="{name}", title="A title", authors=["A. Author"], year=2015,
                  bibtex="@misc{{x}}", summary="A summary.")]

@hookimpl
def zoo_architectures():
    return [Architecture(name=name, cls=cls, paper="{name}", task="task", summary="A summary.")
            for name, cls in {architectures!r}.items()]

@hookimpl
def zoo_models():
    return [Model(name=name, architecture=architecture, dataset="data", license="MIT",
                  summary="A summary.") for name, architecture in {models!r}.items()]
"""


@dataclass(frozen=True)
class Cost:
    """What one child process used, and what it printed."""

    seconds: float
    peak: float
    out: str


@dataclass(frozen=True)
class Row:
    """One line of the table; `measured` and `beside` have the same unit."""

    what: str
    goal: str
    measured: float
    unit: str
    beside: str
    met: bool | None


def child(command: list[str], env: Mapping[str, str] = {}) -> Cost:
    """Run a command; return the CPU seconds and peak memory (MB) of it and its children."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    full = {**kept, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", **env}
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(command, env=full, stdout=out)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise SystemExit(f"{' '.join(command)[:200]} ended with {process.returncode}")
        out.seek(0)
        text = out.read().decode()
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, text)


def python(code: str, *args: str) -> list[str]:
    """Return the command that runs code in a fresh interpreter."""
    return [PYTHON, "-c", dedent(code), *args]


def in_turns(runs: int, contenders: Mapping[str, Callable[[], float]]) -> dict[str, float]:
    """Return each contender's median; they take turns; the first of several rounds is left out."""
    found: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(runs + 1 if runs > 1 else 1):
        for name, run in contenders.items():
            found[name].append(run())
    return {name: statistics.median(values[runs > 1 :]) for name, values in found.items()}


def write_plugin(
    folder: Path, name: str, models: Mapping[str, str], architectures: Mapping[str, str]
) -> Path:
    """Install a plugin in a folder that is put on the path; return its package."""
    package = folder / f"zoo_{name}"
    (package / "weights").mkdir(parents=True)
    text = PLUGIN.format(name=name, models=dict(models), architectures=dict(architectures))
    (package / "__init__.py").write_text(text)
    info = folder / f"zoo_{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: zoo-{name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[zoo]\n{name} = zoo_{name}\n")
    return package


def lock(package: Path, names: list[str]) -> None:
    """Write the lock file for the models' weights (made-up entries where there is no file)."""
    entries = {}
    for name in names:
        path = package / "weights" / f"{name}.safetensors"
        there = path.exists()
        entries[name] = {
            "sha256": sha256_of(path) if there else "0" * 64,
            "size": path.stat().st_size if there else 1,
            "parameters": 1,
            "shape": {},
            "repo": None,
            "revision": None,
        }
    (package / "weights" / "lock.json").write_text(json.dumps(entries))


def write_network(folder: Path, name: str, cls: str) -> tuple[dict[str, str], Path]:
    """Install a plugin with one network; return its environment and the file of its weights."""
    package = write_plugin(
        folder, "nets", {f"{name}-random": name}, {name: f"zoo_nets.model:{cls}"}
    )
    (package / "model.py").write_text(RESNET)
    env = {"PYTHONPATH": str(folder), "ZOO_PLUGINS": "nets"}
    make = """
    import sys
    import torch
    from safetensors.torch import save_file
    from zoo_nets import model
    torch.manual_seed(0)
    save_file(getattr(model, sys.argv[1])().state_dict(), sys.argv[2])
    """
    path = package / "weights" / f"{name}-random.safetensors"
    # A child makes it: a child's peak memory starts from its parent's.
    child(python(make, cls, str(path)), env)
    lock(package, [f"{name}-random"])
    return env, path


def bench_list(runs: int, folder: Path) -> Iterator[Row]:
    """Listing what is installed, beside timm's list and an interpreter that does nothing."""
    timm = python("import timm; timm.list_models()")
    found = in_turns(
        runs,
        {
            "python": lambda: child(python("pass")).seconds,
            "zoo": lambda: child([*ZOO, "list"]).seconds,
            "timm": lambda: child(timm).seconds,
        },
    )
    zoo, other = found["zoo"], found["timm"]
    beside = f"bare python {found['python']:.3f}"
    yield Row("zoo list, whole process", "< 0.1 s CPU", zoo, "s", beside, zoo < 0.1)
    beside = f"timm.list_models() {other:.2f} s"
    yield Row("timm's list / zoo's", "at least 40x", other / zoo, "x", beside, other / zoo >= 40)


TIMED = """
import statistics, sys, time
import torch
torch.set_num_threads(1)
{setup}
times = []
for _ in range(6):
    started = time.process_time()
    model = {load}
    times.append(time.process_time() - started)
    del model
print(statistics.median(times[1:]))
"""


def bench_load(runs: int, folder: Path) -> Iterator[Row]:
    """Loading a ResNet-18 (47 MB) after all imports, beside timm from the same file."""
    env, path = write_network(folder / "nets", "resnet18", "ResNet18")
    same = """
    import sys, timm, torch, zoo
    x = torch.rand(2, 3, 64, 64)
    theirs = timm.create_model("resnet18", checkpoint_path=sys.argv[1]).eval()
    ours = zoo.load("resnet18-random")
    with torch.no_grad():
        assert torch.allclose(ours(x), theirs(x), atol=1e-4)
    """
    child(python(same, str(path)), env)

    def timed(setup: str, load: str) -> float:
        command = python(TIMED.format(setup=setup, load=load), str(path))
        return float(child(command, env).out)

    found = in_turns(
        runs,
        {
            "timm": lambda: timed(
                "import timm", "timm.create_model('resnet18', checkpoint_path=sys.argv[1])"
            ),
            "fast": lambda: timed("import zoo", "zoo.load('resnet18-random', verify=False)"),
            "checked": lambda: timed("import zoo", "zoo.load('resnet18-random')"),
        },
    )
    for kind, goal, what in (
        ("fast", 4.0, "resnet18: timm / zoo.load(verify=False)"),
        ("checked", 1.5, "resnet18: timm / zoo.load, SHA-256 checked"),
    ):
        ratio = found["timm"] / found[kind]
        beside = f"{found['timm'] * 1000:.0f} ms / {found[kind] * 1000:.0f} ms"
        yield Row(what, f"at least {goal:g}x", ratio, "x", beside, ratio >= goal)


def bench_flagship(runs: int, folder: Path) -> Iterator[Row]:
    """The whole process of loading the flagship, beside torch and safetensors by hand."""
    from zoo_core._loading.weights import embedded_path
    from zoo_core._registry.registry import registry

    known = registry()
    spec = known.models.specs.get(FLAGSHIP)
    entry = known.lock(spec) if spec else None
    if spec is None or entry is None:
        yield Row(f"{FLAGSHIP}, whole process", "at most 1.3x", 0, "x", "has no weights yet", None)
        return
    by_hand = """
    import importlib, json, sys
    import torch
    from safetensors.torch import load_file
    module, _, name = sys.argv[1].partition(":")
    model = getattr(importlib.import_module(module), name)(**json.loads(sys.argv[2]))
    model.load_state_dict(load_file(sys.argv[3]))
    model.eval()
    """
    arguments = (
        known.architecture(spec.architecture).cls,
        json.dumps(entry["shape"]),
        str(embedded_path(known.owner(spec), spec.name)),
    )
    load = "import sys, zoo; zoo.load(sys.argv[1])"
    found = in_turns(
        runs,
        {
            "hand": lambda: child(python(by_hand, *arguments)).seconds,
            "zoo": lambda: child(python(load, FLAGSHIP)).seconds,
        },
    )
    ratio = found["zoo"] / found["hand"]
    beside = f"{found['zoo']:.2f} s / by hand {found['hand']:.2f} s"
    what = f"zoo.load('{FLAGSHIP}') / by hand"
    yield Row(what, "at most 1.3x", ratio, "x", beside, ratio <= 1.3)


def bench_many(runs: int, folder: Path) -> Iterator[Row]:
    """Listing 1,000 models of 100 installed plugins."""
    place = folder / "many"
    for i in range(100):
        name = f"paper{i}"
        models = {f"net{i}-data{j}": f"net{i}" for j in range(10)}
        package = write_plugin(place, name, models, {f"net{i}": f"zoo_{name}.model:Net"})
        lock(package, list(models))
    env = {"PYTHONPATH": str(place)}
    listed = child([*ZOO, "list", "*-data?", "--json"], env)
    assert len(json.loads(listed.out)) >= 1000
    found = in_turns(
        runs,
        {
            "names": lambda: child(python("import zoo; zoo.list_models()"), env).seconds,
            "zoo": lambda: child([*ZOO, "list"], env).seconds,
        },
    )
    beside = f"zoo.list_models() {found['names']:.3f} s"
    zoo = found["zoo"]
    what = "zoo list, 1,000 models of 100 plugins"
    yield Row(what, "< 0.2 s CPU", zoo, "s", beside, zoo < 0.2)


def bench_index(runs: int, folder: Path) -> Iterator[Row]:
    """Listing 250 models of 18 plugins from the index, and from the plugins themselves."""
    place = folder / "several"
    for i in range(18):
        name = f"some{i}"
        models = {f"some{i}-data{j}": name for j in range(14 if i < 16 else 13)}
        package = write_plugin(place, name, models, {name: f"zoo_{name}.model:Net"})
        lock(package, list(models))
    env = {
        "PYTHONPATH": str(place),
        "ZOO_HOME": str(folder),
        "ZOO_PLUGINS": ",".join(f"some{i}" for i in range(18)),
    }
    listing = {"names": python("import zoo; zoo.list_models()"), "zoo": [*ZOO, "list"]}
    while len(list(folder.glob("index/*.json"))) < len(listing):
        for command in listing.values():
            child(command, env)  # what is compiled or installed just now makes no index
        time.sleep(2.1)
    found = in_turns(
        runs,
        {
            **{what: lambda c=c: child(c, env).seconds for what, c in listing.items()},
            "plugins": lambda: child(listing["zoo"], {**env, "ZOO_HOME": os.devnull}).seconds,
            "click": lambda: child(python("import click, json, pluggy")).seconds,
        },
    )
    zoo, names = found["zoo"], found["names"]
    beside = f"without index {found['plugins']:.3f}; click, json, pluggy alone {found['click']:.3f}"
    yield Row("zoo list, 250 models of 18 plugins", "<= 0.06 s CPU", zoo, "s", beside, zoo <= 0.06)
    yield Row("zoo.list_models() of these", "<= 0.04 s CPU", names, "s", "", names <= 0.04)


def bench_memory(runs: int, folder: Path) -> Iterator[Row]:
    """Peak memory of a load, and of reading every tensor, beyond a process that loads nothing."""
    env, path = write_network(folder / "memory", "wide", "Wide")
    size = path.stat().st_size / 2**20
    start = """
    import sys
    import torch, zoo, zoo_core._loading.models, safetensors.torch
    from zoo_nets.model import Wide
    """
    read = "\nfor tensor in model.state_dict().values(): tensor.sum().item()"
    plain = (
        "\nmodel = Wide()\nmodel.load_state_dict(safetensors.torch.load_file(sys.argv[1]))" + read
    )
    codes = {
        "nothing": "",
        "load": "\nmodel = zoo.load('wide-random')",
        "read": "\nmodel = zoo.load('wide-random')" + read,
        "plain": plain,
    }
    found = in_turns(
        min(runs, 3),
        {
            name: lambda code=code: child(python(dedent(start) + code, str(path)), env).peak
            for name, code in codes.items()
        },
    )
    over = {name: (peak - found["nothing"]) / size for name, peak in found.items()}
    beside = f"of {size:.0f} MB; plain construct + load_state_dict {over['plain']:.2f}x"
    for kind, what in (
        ("load", "peak memory of zoo.load / the weights"),
        ("read", "... and of reading every tensor"),
    ):
        yield Row(what, "at most 1.2x", over[kind], "x", beside, over[kind] <= 1.2)


BENCHES: dict[str, Callable[[int, Path], Iterator[Row]]] = {
    "list": bench_list,
    "load": bench_load,
    "flagship": bench_flagship,
    "many": bench_many,
    "index": bench_index,
    "memory": bench_memory,
}


def versions() -> dict[str, str]:
    """Return the versions that the figures depend on."""
    found = {"python": platform.python_version(), "machine": platform.machine()}
    for name in ("zoo-core", "torch", "timm", "safetensors", "pluggy", "click"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def show(row: Row) -> str:
    """Return a line of the table."""
    met = {True: "yes", False: "NO", None: "-"}[row.met]
    measured = "-" if row.met is None else f"{row.measured:.3f} {row.unit}"
    return f"{row.what:<44}  {row.goal:<14} {measured:>10}  {met:<4} {row.beside}"


def main() -> None:
    """Run the chosen benchmarks and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--quick", action="store_true", help="only show that it works: one run")
    parser.add_argument("--only", nargs="+", choices=BENCHES, default=list(BENCHES))
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    if {"list", "load"} & {*arguments.only} and find_spec("timm") is None:
        sys.exit("These compare with timm; install it with: pip install -e '.[bench]'")
    runs = 1 if arguments.quick else arguments.runs
    rows = []
    print(f"{'what':<44}  {'goal':<14} {'measured':>10}  {'met':<4} beside")
    for name in arguments.only:
        with tempfile.TemporaryDirectory() as folder:
            for row in BENCHES[name](runs, Path(folder)):
                rows.append(row)
                print(show(row), flush=True)
    if arguments.json:
        content = {"versions": versions(), "runs": runs, "rows": list(map(asdict, rows))}
        arguments.json.write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
