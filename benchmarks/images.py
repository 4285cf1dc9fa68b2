"""Image training, features, label noise and imports, beside the ways that tutorials show.

    python benchmarks/images.py [--quick] [--threads 1] [--only part ...] [--json FILE]

Figures are medians over repeats in which the contenders take turns, after one run that is not
counted; what takes long runs once. CPU seconds are user and system time of all threads. On a
machine that is busy with something else both kinds of seconds grow: compare within one run.

Five parts. "training": an epoch of the 26,000-weight network on 28 x 28 images, ours (tensors in
memory, channels last, fused AdamW) beside a DataLoader over single images that are converted and
normalised one by one, as torchvision's examples have it, and beside the arithmetic alone: as many
passes forwards and backwards over one batch, with no data and no optimiser. "features": a head on
a frozen backbone, with features kept beside features computed in every epoch. "files": a folder of
5,000 small files, listed, and read batch by batch beside all at once. "noise": labels corrupted by
a transition matrix, beside one multinomial draw a label. "imports": torchmetrics as the zoo imports
it, beside a plain import. All data are generated.

The aim of "training" is a third of the DataLoader's CPU, and about a half is reached: what is left
is arithmetic that both have to do (convolutions 42 % of it, batch norms 27 %, pooling 16 %). Tried,
in CPU of one thread for a step of 256 images, 158 ms as it stands: the plain memory layout 228;
bfloat16 985 (this processor has no instructions for it); pooling by maxima of slices 426, in the
plain layout 283; batch norm by matrix products 66 instead of 29 for the first layer; torch.compile
had not compiled the step after five minutes.
"""

from __future__ import annotations

import io
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from contest import Cost, Row, row, run_parts, take_turns, timed
from PIL import Image
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset
from zoo_images.classifier import ImageClassifier
from zoo_images.features import features_of
from zoo_images.image_set import ImageSet
from zoo_images.preprocessing import Preprocessing
from zoo_images.probe import fit_head
from zoo_images.training import Schedule, fit
from zoo_label_noise.corruption import corrupt
from zoo_label_noise.transitions import symmetric

NOISE_GOAL = 0.1  # CPU seconds for a million labels
AIM = 3  # times less CPU for an epoch than a DataLoader over single images
MEAN, STD = 0.2860, 0.3530
PACKAGES = ("torch", "torchvision", "torchmetrics", "timm", "numpy", "zoo-core", "zoo-images")


def pictures(count: int, size: int = 28, channels: int = 1) -> ImageSet:
    """Random images with labels that their brightness tells."""
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(count) % 10
    shape = (count, channels, size, size)
    images = torch.randint(0, 30, shape, dtype=torch.uint8, generator=generator)
    images += (labels * 20).to(torch.uint8)[:, None, None, None]
    rows = torch.arange(count)
    return ImageSet(
        images=images,
        labels=labels,
        classes=tuple("0123456789"),
        rows={"train": rows[: count * 9 // 10], "val": rows[count * 9 // 10 :], "test": rows},
        mean=(MEAN,) * channels,
        std=(STD,) * channels,
    )


# An epoch of training ------------------------------------------------------------------------


class OneByOne(Dataset):
    """Each image converted when it is asked for, as torchvision's FashionMNIST does."""

    def __init__(self, data: ImageSet) -> None:
        self.images, self.labels = data.images[data.rows["train"]], data.targets("train")
        if find_spec("torchvision"):
            from torchvision import transforms

            self.transform: Any = transforms.Compose(
                [transforms.ToTensor(), transforms.Normalize((MEAN,), (STD,))]
            )
        else:
            self.transform = lambda image: (
                (torch.from_numpy(np.array(image)).float().div(255)[None] - MEAN) / STD
            )

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        image = Image.fromarray(self.images[index, 0].numpy())
        return self.transform(image), int(self.labels[index])


def network() -> ImageClassifier:
    """The same weights each time."""
    torch.manual_seed(0)
    return ImageClassifier()


def ours(data: ImageSet, epochs: int) -> None:
    """Whole epochs on tensors in memory."""
    images = data.tensors(data.rows["train"], Preprocessing((28, 28), 1, (MEAN,), (STD,)))
    schedule = Schedule(epochs=epochs, batch_size=256, select="last")
    fit(network(), images, data.targets("train"), None, schedule, seed=0)


def tutorial(data: ImageSet, epochs: int) -> None:
    """A DataLoader and a plain AdamW."""
    module = network().train()
    loader = DataLoader(OneByOne(data), batch_size=256, shuffle=True, drop_last=True)
    optimizer = torch.optim.AdamW(module.parameters(), lr=2e-3)
    for _ in range(epochs):
        for images, labels in loader:
            optimizer.zero_grad()
            functional.cross_entropy(module(images), labels).backward()
            optimizer.step()


def arithmetic(data: ImageSet) -> None:
    """As many passes forwards and backwards as an epoch has, over one batch."""
    inputs = Preprocessing((28, 28), 1, (MEAN,), (STD,))
    images = data.tensors(data.rows["train"][:256], inputs)
    images = images.contiguous(memory_format=torch.channels_last)
    labels = data.targets("train")[:256]
    module = network().train().to(memory_format=torch.channels_last)
    for _ in range(len(data.rows["train"]) // 256):
        functional.cross_entropy(module(images), labels).backward()


def bench_training(quick: bool) -> Iterator[Row | str]:
    """Yield the lines of the first part."""
    count = 1_200 if quick else 12_000
    data = pictures(count)
    yield f"\nAn epoch of {count * 9 // 10:,} images, 26,000 weights, batches of 256"
    costs = take_turns(
        {
            "ours": partial(ours, data, 1),
            "DataLoader, one by one": partial(tutorial, data, 1),
            "arithmetic alone": partial(arithmetic, data),
        },
        1 if quick else 3,
    )
    goals = {"ours": costs["DataLoader, one by one"].cpu / AIM}
    yield from (
        row("training", name, cost, costs["ours"], goal=goals.get(name))
        for name, cost in costs.items()
    )


# A head on frozen features -------------------------------------------------------------------


def bench_features(quick: bool) -> Iterator[Row | str]:
    """Yield the lines of the second part."""
    count, epochs = (60, 3) if quick else (600, 10)
    name = "mobilenetv3_small_050" if find_spec("timm") else "small-cnn"
    inputs = {"size": [64, 64], "channels": 3, "mean": [0.5] * 3, "std": [0.5] * 3}
    module = ImageClassifier(name, inputs=inputs, frozen=True)
    data = pictures(count, 64, 3)
    rows = data.rows["train"]
    yield f"\nA head on {name}, {len(rows)} images of 64 x 64"

    def kept() -> None:
        features = features_of(module, data, rows)
        known = (features, data.targets("train"))
        fit_head(module.head, known, known, [1e-3])

    def again() -> None:
        optimizer = torch.optim.AdamW(module.head.parameters(), lr=1e-2)
        for _ in range(epochs):
            for part in rows.split(100):
                with torch.no_grad():
                    features = module.features(data.tensors(part, module.preprocessing))
                optimizer.zero_grad()
                functional.cross_entropy(module.head(features), data.labels[part]).backward()
                optimizer.step()

    costs = take_turns({"features kept, L-BFGS": kept, f"computed in {epochs} epochs": again}, 1)
    mine = costs["features kept, L-BFGS"]
    yield from (row("features", what, cost, mine) for what, cost in costs.items())


# Files ---------------------------------------------------------------------------------------


def bench_files(quick: bool) -> Iterator[Row | str]:
    """Yield the lines of the part on files."""
    count = 200 if quick else 5_000
    yield f"\n{count:,} files of 64 x 64 pixels in two folders; MB of memory at most"
    with tempfile.TemporaryDirectory() as place:
        content = io.BytesIO()
        noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
        Image.fromarray(noise).save(content, "JPEG")
        for name in ("one", "other"):
            (Path(place) / name).mkdir()
            for i in range(count // 2):
                (Path(place) / name / f"{i}.jpg").write_bytes(content.getvalue())
        listed = run_apart(LIST.format(place=place))
        costs = {
            "listed, ready to learn from": listed,
            "and read in batches of 250": run_apart(BATCHES.format(place=place)),
            "and read all at once": run_apart(WHOLE.format(place=place)),
        }
        for name, (cost, peak) in costs.items():
            yield row("files", name, cost, listed[0], peak_mb=peak, above_mb=peak - listed[1])


LIST = """
from zoo_images.preprocessing import Preprocessing
from zoo_images.reading import read_labelled
data = read_labelled({place!r})
inputs = Preprocessing((64, 64), 3, (0.5,) * 3, (0.5,) * 3)
"""
BATCHES = f"{LIST}\nfor rows in data.rows['train'].split(250): data.tensors(rows, inputs)"
WHOLE = f"{LIST}\ndata.tensors(data.rows['train'], inputs)"
# Linux's own count: that of getrusage is inherited from the process that started this one.
PEAK = """
from pathlib import Path
lines = Path("/proc/self/status").read_text().splitlines()
print(next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024)
"""


def run_apart(code: str) -> tuple[Cost, float]:
    """What code costs in a process of its own, imports included, and its memory at most in MB."""
    code = f"import torch; torch.set_num_threads(1)\n{code}\n{PEAK}"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    wall = time.perf_counter()
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    wall = time.perf_counter() - wall
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall, cpu), float(found.stdout)


# Wrong labels --------------------------------------------------------------------------------


def bench_noise(quick: bool) -> Iterator[Row | str]:
    """Yield the lines of the part on wrong labels."""
    count = 1_000_000
    labels = np.random.default_rng(0).integers(0, 10, count)
    matrix = symmetric(0.4, 10)
    yield "\nA million labels, ten classes"
    costs = take_turns(
        {
            "ours": partial(corrupt, labels, matrix, 0),
            "ours, exact counts": partial(corrupt, labels, matrix, 0, exact=True),
        },
        1 if quick else 5,
    )
    for name, cost in costs.items():
        yield row("noise", name, cost, costs["ours"], goal=NOISE_GOAL)
    few = 2_000 if quick else 20_000
    _, cost = timed(partial(corrupt, labels[:few], matrix, 0, stream="legacy"))
    yield row(
        "noise",
        f"a draw a label (from {few:,} of them)",
        cost * (count / few),
        costs["ours"],
        measured=False,
    )


# Imports -------------------------------------------------------------------------------------

PLAIN = "import torchmetrics.classification"
ZOO = "import zoo_core; zoo_core.metric('accuracy', num_classes=10)"


def in_a_process(code: str) -> Cost:
    """What a process costs that runs this after torch was imported."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    wall = time.perf_counter()
    subprocess.run([sys.executable, "-c", f"import torch\n{code}"], check=True)
    wall = time.perf_counter() - wall
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def bench_imports(quick: bool) -> Iterator[Row | str]:
    """Yield the lines of the part on imports."""
    yield f"\nTorchmetrics, torchvision {'in' if find_spec('torchvision') else 'not in'}stalled"
    found: dict[str, list[Cost]] = {"": [], ZOO: [], PLAIN: []}
    for _ in range(1 if quick else 3):
        for code in found:
            found[code].append(in_a_process(code))
    least = {code: min(costs, key=lambda cost: cost.cpu) for code, costs in found.items()}
    names = {"": "torch alone", ZOO: "and the zoo's accuracy", PLAIN: "and torchmetrics, plainly"}
    for code, cost in least.items():
        yield row("imports", names[code], cost, least[ZOO])


if __name__ == "__main__":
    run_parts(globals())
