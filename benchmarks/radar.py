"""Places by radar: casting of rays, whole scans, search among many descriptors, networks.

    python benchmarks/radar.py [--quick] [--threads 1] [--only part ...] [--json FILE]

Figures are medians over repeats in which the contenders take turns, after one run that is not
counted. CPU seconds are user and system time of all threads. On a machine that is busy with
something else both kinds of seconds grow: compare within one run.

"casting": one LiDAR scan of 360 x 16 rays in a street of some 1,300 objects: ours (pairs of rays
and objects, the planar table once for all elevations), a plain loop that makes the same table once,
and a plain loop that casts each elevation anew (one is measured, times 16). "scans": one LiDAR scan
and five radar scans, at 745 places. "search": the ten nearest of 10,000 descriptors of 1,024
numbers: ours in blocks, stored as float32 and float16, one product and a sort of all, and faiss
where it is installed. "million": the same of a million in float16, ours alone, with the memory that
the process took beyond the map. "training": a step of 16 + 16 images of the student: ours (channels
last, fused optimiser) and a plain loop. "stream": descriptors of scans, in batches and one by one.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path as FilePath

import numpy as np
import torch
from contest import Cost, Row, row, run_parts, take_turns, timed
from zoo_4dral.data import Session, World
from zoo_4dral.distilling.batches import Pairs
from zoo_4dral.distilling.terms import Terms
from zoo_4dral.distilling.training import fit
from zoo_4dral.networks.network import PlaceNetwork
from zoo_4dral.retrieval.search import nearest, unit
from zoo_4dral.streetsim.casting import Rays, cast
from zoo_4dral.streetsim.sensors import (
    ELEVATIONS,
    LIDAR_HEIGHT,
    LIDAR_RAYS,
    LIDAR_REACH,
    LOWEST_RETURN,
    lidar_hits,
)
from zoo_4dral.streetsim.sessions import DATABASE, Drive
from zoo_4dral.streetsim.world import Objects

LOOP = 50.0  # times that ours is to be faster than the loop that casts each elevation anew
SAMPLE = 0.04  # CPU seconds of a LiDAR scan and five radar scans, at most
WORLD = 60.0  # of 745 of them
LENGTH = 1024
PACKAGES = ("torch", "numpy", "scipy", "faiss-cpu", "zoo-core", "zoo-clouds", "zoo-4dral")


def drive_of(folder: str, metres: float = 3720.0) -> Drive:
    """A drive that crosses its own way often, as in a town, in KITTI's format."""
    t = np.linspace(0, 2 * np.pi, 20_000)
    x, y = 200 * np.sin(3 * t), 180 * np.sin(4 * t + 0.5)
    way = np.r_[0, np.cumsum(np.hypot(np.diff(x), np.diff(y)))]
    at = np.arange(0, min(metres, way[-1]), 0.9)
    poses = np.zeros((len(at), 3, 4))
    poses[:, 2, 3], poses[:, 0, 3] = np.interp(at, way, x), -np.interp(at, way, y)
    path = FilePath(folder) / "poses.txt"
    np.savetxt(path, poses.reshape(-1, 12))
    return Drive(path, 1, DATABASE, 5)


def entered(corners: np.ndarray, circle: float | None, x: float, y: float, angle: float) -> float:
    """How far one ray goes until it enters one object, by its four edges or its circle."""
    dx, dy = math.cos(angle), math.sin(angle)
    if circle is not None:
        ax, ay = corners[0][0] - x, corners[0][1] - y
        along, beside = dx * ax + dy * ay, dx * ay - dy * ax
        if abs(beside) > circle:
            return math.inf
        half = math.sqrt(circle * circle - beside * beside)
        return min((end for end in (along - half, along + half) if end > 0), default=math.inf)
    best = math.inf
    for k in range(4):
        ax, ay = corners[k - 1]
        bx, by = corners[k]
        across = dx * (by - ay) - dy * (bx - ax)
        if across == 0:
            continue
        along = ((ax - x) * (by - ay) - (ay - y) * (bx - ax)) / across
        share = ((ax - x) * dy - (ay - y) * dx) / across
        if along > 0 and 0 <= share <= 1:
            best = min(best, along)
    return best


class Looped:
    """A scan by plain loops over rays, objects and edges, in lists of numbers."""

    def __init__(self, objects: Objects, pose: np.ndarray) -> None:
        self.x, self.y, self.heading = pose.tolist()
        apart = np.hypot(*(objects.centres - pose[:2]).T) - objects.reaches
        self.near = np.flatnonzero(apart <= LIDAR_REACH).tolist()
        self.heights = objects.heights.tolist()
        self.shapes = {
            n: (
                [objects.centres[n].tolist()] if objects.round[n] else objects.outline(n).tolist(),
                float(objects.sizes[n, 0]) if objects.round[n] else None,
            )
            for n in self.near
        }

    def met(self, ray: int) -> list[tuple[float, int]]:
        """All objects that a ray meets, by distance."""
        angle = self.heading + LIDAR_RAYS.first + LIDAR_RAYS.step * ray
        found = [(entered(*self.shapes[n], self.x, self.y, angle), n) for n in self.near]
        return sorted(pair for pair in found if pair[0] <= LIDAR_REACH)

    def first(self, met: list[tuple[float, int]], slope: float) -> int | None:
        """The nearest of these that is as high as the ray is there."""
        for distance, n in met:
            if LOWEST_RETURN < LIDAR_HEIGHT + distance * slope < self.heights[n]:
                return n
        return None

    def scan(self, elevations: np.ndarray, once: bool) -> list[tuple[int, int, int]]:
        """Elevation, ray and object of all returns; the table is made once, or each time anew."""
        table = [self.met(ray) for ray in range(LIDAR_RAYS.count)] if once else None
        found = []
        for level, slope in enumerate(np.tan(elevations).tolist()):
            for ray in range(LIDAR_RAYS.count):
                n = self.first(table[ray] if table else self.met(ray), slope)
                if n is not None:
                    found.append((level, ray, n))
        return found


def bench_casting(quick: bool) -> Iterator[Row | str]:
    """Yield the lines of the first part."""
    with tempfile.TemporaryDirectory() as folder:
        drive = drive_of(folder, 300.0 if quick else 3720.0)
        objects, pose = drive.objects, drive.sampled[20]
    loop = Looped(objects, pose)
    hits, levels = lidar_hits(objects, pose)
    ours = set(zip(levels.tolist(), hits.ray.tolist(), hits.object.tolist(), strict=True))
    assert ours == set(loop.scan(ELEVATIONS, once=True))
    near = f"{len(loop.near)} of {len(objects):,} objects near"
    yield f"\nOne LiDAR scan, {len(ours):,} returns; {near}"
    contenders = {
        "ours": lambda: [lidar_hits(objects, pose) for _ in range(20)],
        "loop, one table": lambda: loop.scan(ELEVATIONS, once=True),
        "loop, an elevation": lambda: loop.scan(ELEVATIONS[:1], once=False),
    }
    costs = take_turns(contenders, 1 if quick else 5)
    costs["ours"] *= 1 / 20
    whole = costs.pop("loop, an elevation") * len(ELEVATIONS)
    for name, cost in costs.items():
        yield row("casting", f"{name}, 360 x 16 rays", cost, costs["ours"])
    yield row("casting", "loop, each elevation anew", whole, costs["ours"], measured=False)
    yield f"  each elevation anew over ours: {whole.cpu / costs['ours'].cpu:.0f} (aim: {LOOP:.0f})"
    cost = take_turns({"ours": lambda: cast(objects, pose, Rays.around(3600), 60.0)}, 3)["ours"]
    yield row("casting", "ours, planar table of 3,600 rays", cost)


def bench_scans(quick: bool) -> Iterator[Row | str]:
    """Yield the lines of the second part."""
    count = 10 if quick else 745
    with tempfile.TemporaryDirectory() as folder:
        drive = drive_of(folder, 300.0 if quick else 3720.0)
        count = min(count, len(drive.numbers))
        _, begun = timed(lambda: drive.objects)
        yield f"\nLiDAR and five radar scans of {count} places, {len(drive.objects):,} objects"
        _, cost = timed(lambda: [(drive.lidar(k), drive.radar(k)) for k in range(count)])
        yield row("scans", "the street itself", begun)
        yield row("scans", f"{count} places", cost, goal=WORLD * count / 745)
        yield row("scans", "one place", cost * (1 / count), goal=SAMPLE)
        weather = partial(drive.radar, 3, (0.0, 0.35, 0.6, 0.8))
        costs = take_turns({"ours": lambda: drive.radar(3), "four weathers": weather}, 5)
        for name, one in costs.items():
            yield row("scans", f"five radar scans, {name}", one, costs["ours"])


def peak() -> int:
    """The most memory that the process has had, in bytes."""
    import resource

    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def descriptors(count: int, seed: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """Random unit rows, made a block at a time."""
    generator = torch.Generator().manual_seed(seed)
    rows = torch.empty(count, LENGTH, dtype=dtype)
    for first in range(0, count, 10_000):
        block = rows[first : first + 10_000]
        block[:] = unit(torch.randn(len(block), LENGTH, generator=generator))
    return rows


def at_once(queries: torch.Tensor, database: torch.Tensor) -> torch.Tensor:
    """All similarities in one product, sorted."""
    return (queries @ database.T).argsort(1, descending=True)[:, :10]


def bench_search(quick: bool) -> Iterator[Row | str]:
    """Yield the lines of the third part."""
    asked = 50 if quick else 1000
    queries, database = descriptors(asked, 1), descriptors(1000 if quick else 10_000, 2)
    yield f"\nThe ten nearest of {len(database):,} descriptors, {asked:,} queries"
    half = database.half()
    ways: dict[str, Callable[[], object]] = {
        "ours": lambda: nearest(queries, database, 10)[1],
        "ours, float16": lambda: nearest(queries, half, 10)[1],
        "one product, all sorted": lambda: at_once(queries, database),
    }
    if find_spec("faiss"):
        ways["faiss"] = lambda: nearest(queries, database, 10, faiss=True)[1]
    found: dict[str, torch.Tensor] = {}
    costs = take_turns(ways, 1 if quick else 3, found)
    for name, cost in costs.items():
        agree = float((found[name] == found["ours"]).float().mean())
        yield row("search", f"{len(database):,} places, {name}", cost, costs["ours"], same=agree)


def bench_million(quick: bool) -> Iterator[Row | str]:
    """Yield the lines of the fourth part."""
    asked = 50 if quick else 1000
    queries = descriptors(asked, 1)
    count = 20_000 if quick else 1_000_000
    yield f"\nThe ten nearest of {count:,} descriptors, {asked:,} queries"
    many = descriptors(count, 3, torch.float16)
    before = peak()
    _, cost = timed(lambda: nearest(queries, many, 10))
    more = max(0, peak() - before) / 1e6
    size = many.numel() * 2 / 1e6
    yield row(
        "million", f"{count:,} places, ours, float16", cost, map_megabytes=size, more_megabytes=more
    )
    yield f"  the table of all similarities would take {4 * asked * count / 1e6:,.0f} MB"


def world_of(count: int) -> World:
    """Random images along a straight way."""
    sessions = []
    for seed, name in enumerate(("database", "query")):
        rng = np.random.default_rng(seed)
        images = (rng.random((count, 64, 64)) < 0.05).astype(np.uint8) * 255
        poses = np.column_stack([5.0 * np.arange(count) + seed, np.zeros((count, 2))])
        sessions.append(Session(name, poses, {"radar": lambda images=images: images}))
    return World("straight", *sessions)


def student() -> PlaceNetwork:
    """The same weights each time."""
    torch.manual_seed(0)
    return PlaceNetwork(widths=(32, 64, 128), unet=0)


def plain_steps(module: PlaceNetwork, pairs: Pairs, steps: int) -> None:
    """The same steps as they are usually written: contiguous, an optimiser of loops."""
    optimizer = torch.optim.Adam(module.parameters(), lr=1e-3, foreach=False)
    rng = np.random.default_rng(0)
    module.train()
    for _ in range(steps):
        batch = pairs.draw(16, 5.0, True, rng)
        found = module(batch.images["radar"])
        queries, positives = found.chunk(2)
        apart = ((queries[:, None] - positives[None]).square().sum(-1) + 1e-12).sqrt()
        gaps = (apart.diagonal()[:, None] - apart + 0.3).clamp(min=0)
        loss = (gaps * batch.far).sum() / batch.far.sum().clamp(min=1)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def bench_training(quick: bool) -> Iterator[Row | str]:
    """Yield the lines of the fifth part."""
    steps = 2 if quick else 20
    pairs = Pairs([world_of(100)], ["radar"])
    settings = {"batch": 16, "learning_rate": 1e-3, "margin": 0.3, "rotation": 5.0}
    trained = partial(
        fit, pairs=pairs, seed=0, terms=Terms(), teacher=None, steps=steps, flips=True, until=0.0,
        about="sensor", **settings,
    )  # fmt: skip
    yield f"\n{steps} steps of 16 + 16 images, student without distillation, widths 32, 64, 128"
    ways = {
        "ours": lambda: trained(student()),
        "plain": lambda: plain_steps(student(), pairs, steps),
    }
    costs = take_turns(ways, 1 if quick else 3)
    for name, cost in costs.items():
        yield row("training", f"a step, {name}", cost * (1 / steps), costs["ours"] * (1 / steps))


def bench_stream(quick: bool) -> Iterator[Row | str]:
    """Yield the lines of the sixth part."""
    count = 32 if quick else 512
    module, images = student().eval(), world_of(count).query.radar
    assert images is not None

    def singly() -> None:
        for number in range(count):
            module.describe(images[number : number + 1])

    with torch.no_grad():
        costs = take_turns(
            {"ours": lambda: module.describe(images), "one by one": singly}, 1 if quick else 3
        )
    yield f"\nDescriptors of {count} images, widths 32, 64, 128"
    for name, cost in costs.items():
        second: Cost = cost * (1 / count)
        yield row(
            "stream", f"an image, {name}", second, costs["ours"] * (1 / count),
            images_a_second=1 / second.wall,
        )  # fmt: skip


if __name__ == "__main__":
    run_parts(globals())
