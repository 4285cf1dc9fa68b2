"""Points and matrices: what pair statistics, features and generators cost, and how they grow.

    python benchmarks/points.py [--quick] [--only pairs scaling] [--json FILE]

"pairs": the two-point function and the least squares' statistics at 12 radii of 5,000 points, at
the density of Quijote (a box of 1,000 Mpc/h, radii up to 115). Ours is one k-d tree and one sort;
"all pairs" are n x n distances by numpy, filtered once a radius; Corrfunc and halotools count pairs
in bins where they are installed, and have no quantiles.

"trees": merger trees by extended Press-Schechter, in CPU seconds a tree, with roots at the
quantiles of `cosmo-mini-trees`; the tables of rates are there for both. Ours grows all trees at
once; the "plain loop" goes halo by halo in Python's own floats, by the same tables and the same
uniform numbers, to the same trees.

"scaling": the same as "pairs" at 1,250 to 40,000 points of one density; the slope is that of CPU
seconds against the number of pairs, 1 where the cost is linear in pairs.

"curves": energies of a batch of random molecules of up to 23 atoms by DS-CI+ at the width of the
shipped networks, weights at random: every scalar through its expansion and its network, against
tables of what these make of a scalar.

"egnn": forward and backward of one EGNN layer with edge normalisation on 8 clouds of 512 points, in
the graph of pairs up to 40 Mpc/h, with the same weights: ours; PyG's message passing, where a row
[h_i, h_j, rbf] is made for each edge; `egnn-pytorch`'s sparse layer where it is installed, with as
many channels (its messages see squared distances and no basis). And GINE: ours, and PyG's.
"""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
import torch
from contest import Row, log_slope, row, run_parts, take_turns
from torch import Tensor, nn
from zoo_clouds.box import Box
from zoo_clouds.clouds import Cloud
from zoo_clouds.correlation import log_bins, two_point_of
from zoo_clouds.cosmology import COLLAPSE, Cosmology
from zoo_clouds.pairs import pairs_of
from zoo_cosmobench.trees.growing import MOST_LIKELY, SCALES, Grown, Streams, grow
from zoo_cosmobench.trees.rates import HEAVIEST, RESOLUTION, TIME, MergerRates
from zoo_graph_tuple.egnn.clouds import cloud_views
from zoo_graph_tuple.egnn.layer import Near, Pass, radial
from zoo_graph_tuple.egnn.network import degrees
from zoo_graph_tuple.gine.layer import Gine
from zoo_invariant_features.ds_ci import DSCI
from zoo_molecules.coulomb import coulomb
from zoo_molecules.symmetric import SymmetricMatrices

PACKAGES = (
    "numpy",
    "torch",
    "zoo-invariant-features",
    "scipy",
    "zoo-core",
    "zoo-clouds",
    "zoo-molecules",
    "zoo-cosmobench",
    "zoo-graph-tuple",
    "torch_geometric",
    "egnn-pytorch",
    "Corrfunc",
    "halotools",
)
RADII = (112, 6, 23, 73, 105, 115, 76, 89, 7, 86, 99, 88)
"""The paper's for Omega_m on Quijote, in Mpc/h."""
POINTS, LENGTH = 5_000, 1_000.0
EDGES = log_bins(2.0, 80.0, 24)
GOAL = 0.1
SIZES = (1_250, 2_500, 5_000, 10_000, 20_000, 40_000)


def even_points(count: int) -> tuple[np.ndarray, Box]:
    """Points at the density of Quijote's."""
    length = LENGTH * (count / POINTS) ** (1 / 3)
    return np.random.default_rng(0).random((count, 3)) * length, Box.cube(length)


def ours(points: np.ndarray, box: Box) -> tuple[np.ndarray, np.ndarray]:
    """Both from one set of pairs."""
    pairs = pairs_of(points, box, max(RADII))
    return two_point_of(pairs, EDGES), pairs.statistics(RADII)


def all_pairs(points: np.ndarray, box: Box) -> tuple[np.ndarray, np.ndarray]:
    """The published way: all distances, filtered once a radius."""
    total = np.zeros((len(points),) * 2)
    for axis, period in enumerate(box.periods):
        gap = np.abs(points[:, None, axis] - points[None, :, axis])
        total += (period / 2 - np.abs(period / 2 - gap)) ** 2
    np.fill_diagonal(total, np.inf)
    near = np.sort(total[total < max(RADII) ** 2])
    found = []
    for radius in RADII:
        v = near[near <= radius**2]
        ranks = [round(q * (len(v) - 1)) for q in (1 / 3, 2 / 3)]
        found.append([v.mean(), v.std(ddof=1), *v[ranks]])
    counts = np.searchsorted(near, EDGES**2, side="right") / 2
    shells = np.diff(4 / 3 * np.pi * EDGES**3) / box.volume
    pairs = len(points) * (len(points) - 1) / 2
    return np.diff(counts) / (pairs * shells) - 1, np.array(found)


def corrfunc(points: np.ndarray, box: Box) -> np.ndarray:
    """The two-point function alone."""
    from Corrfunc.theory.xi import xi

    columns = [np.ascontiguousarray(column) for column in points.T]
    return xi(float(box.sizes[0]), 1, EDGES, *columns)["xi"]


def halotools(points: np.ndarray, box: Box) -> np.ndarray:
    """The two-point function alone."""
    from halotools.mock_observables import tpcf

    return tpcf(points, EDGES, period=float(box.sizes[0]))


def others(points: np.ndarray, box: Box) -> Mapping[str, Callable[[], Any]]:
    """Return the libraries that are installed."""
    found = {}
    for name, way in (("Corrfunc, xi alone", corrfunc), ("halotools, xi alone", halotools)):
        try:
            way(points[:100], box)
        except ImportError:
            continue
        found[name] = partial(way, points, box)
    return found


def bench_pairs(quick: bool) -> Iterator[Row | str]:
    """Yield the lines of the first part."""
    points, box = even_points(500 if quick else POINTS)
    first, second = ours(points, box), all_pairs(points, box)
    assert all(np.allclose(a, b, atol=1e-9) for a, b in zip(first, second, strict=True))
    libraries = others(points, box)
    ways = {"ours": partial(ours, points, box), "all pairs": partial(all_pairs, points, box)}
    yield f"\nTwo-point function and statistics at {len(RADII)} radii, {len(points):,} points"
    costs = take_turns({**ways, **libraries}, 1 if quick else 5)
    for name, cost in costs.items():
        goal = GOAL if name == "ours" and not quick else None
        yield row("pairs", f"{len(points):,} points, {name}", cost, costs["ours"], goal=goal)
    for name in ("Corrfunc", "halotools"):
        if not any(one.startswith(name) for one in libraries):
            yield f"  {name} is not installed here"


def bench_scaling(quick: bool) -> Iterator[Row | str]:
    """Yield the lines of the second part."""
    counts, seconds = [], []
    yield "\nGrowth at one density"
    for size in SIZES[:3] if quick else SIZES:
        points, box = even_points(size)
        pairs = len(pairs_of(points, box, max(RADII)).squared)
        cost = take_turns({"ours": partial(ours, points, box)}, 1 if quick else 5)["ours"]
        counts.append(pairs)
        seconds.append(max(cost.cpu, 1e-4))
        yield row("scaling", f"{size:,} points", cost, pairs=pairs)
    yield f"  exponent of CPU seconds in pairs: {log_slope(counts, seconds):.2f}"


TREES, LOOPED = 2_048, 32
FASTER = 20.0
"""How many times ours should be faster than the plain loop."""


class PlainTree:
    """Merger trees of one cosmology, halo by halo."""

    def __init__(self, cosmology: Cosmology) -> None:
        rates = MergerRates.of([cosmology])
        self.accretion, self.splits = rates.accretion[0].tolist(), rates.splits[0].tolist()
        self.shares = rates.shares[0].tolist()
        self.omega = (COLLAPSE / cosmology.growth(SCALES)).tolist()
        self.y = (len(self.accretion) - 1) / math.sqrt(math.log(HEAVIEST / RESOLUTION))
        self.z = (len(self.splits) - 1) / math.sqrt(math.log(HEAVIEST / (2 * RESOLUTION)))

    @staticmethod
    def between(table: list[float], place: float) -> float:
        """Interpolate linearly."""
        left = min(int(place), len(table) - 2)
        return table[left] + (place - left) * (table[left + 1] - table[left])

    def rate(self, mass: float) -> float:
        """Return how often a halo splits for each unit of omega."""
        if mass <= 2 * RESOLUTION:
            return 0.0
        log_half = math.log(mass / (2 * RESOLUTION))
        return log_half * math.exp(self.between(self.splits, math.sqrt(log_half) * self.z))

    def accreted(self, mass: float) -> float:
        """Return which share it accretes smoothly for each unit of omega."""
        y = math.sqrt(math.log(mass / RESOLUTION))
        return self.between(self.accretion, y * self.y) / y if y else math.inf

    def quantile(self, row: int, uniform: float) -> float:
        """Return where the distribution of a row has a value."""
        table = self.shares[row]
        left = min(max(bisect_right(table, uniform) - 1, 0), len(table) - 2)
        within = (uniform - table[left]) / (table[left + 1] - table[left])
        return (left + within) / (len(table) - 1)

    def lighter(self, mass: float, uniform: float) -> float:
        """Return the mass of the lighter progenitor."""
        log_half = math.log(mass / (2 * RESOLUTION))
        place = math.sqrt(log_half) * self.z
        row = min(int(place), len(self.shares) - 2)
        low, high = self.quantile(row, uniform), self.quantile(row + 1, uniform)
        return RESOLUTION * math.exp((low + (place - row) * (high - low)) * log_half)

    def grow(self, root: float, rng: np.random.Generator) -> list[tuple[float, int]]:
        """Return the masses of a tree's haloes, each with the place of its descendant."""
        found, haloes = [(root, -1)], [(root, 0)]
        for begin, end in itertools.pairwise(self.omega):
            span = end - begin
            most = max((self.rate(mass) for mass, _ in haloes), default=0.0) * begin**TIME * span
            steps = max(1, math.ceil(most / MOST_LIKELY))
            for step in range(steps):
                passed = span / steps * (begin + step * span / steps) ** TIME
                haloes = [one for halo in haloes for one in self.earlier(halo, passed, rng)]
            first = len(found)
            found += haloes
            haloes = [(mass, first + place) for place, (mass, _) in enumerate(haloes)]
        return found

    def earlier(
        self, halo: tuple[float, int], passed: float, rng: np.random.Generator
    ) -> list[tuple[float, int]]:
        """Return what a halo was one step before."""
        mass, node = halo
        probability = self.rate(mass) * passed
        rest = mass * (1 - self.accreted(mass) * passed)
        uniform = rng.random()
        parts = [rest]
        if uniform < probability:
            light = self.lighter(mass, uniform / probability)
            parts = [rest - light, light]
        return [(one, node) for one in parts if one >= RESOLUTION]


def bench_trees(quick: bool) -> Iterator[Row | str]:
    """Yield the lines of the part on merger trees."""
    cosmology, count = Cosmology(0.3, 0.8), 64 if quick else TREES
    quantiles = (np.arange(count) + 0.5) / count
    roots = np.minimum(10 ** (13 - 0.35 * np.log1p(-quantiles)), HEAVIEST)
    chosen = range(count // LOOPED // 2, count, count // LOOPED)
    loop = PlainTree(cosmology)

    def ours() -> Grown:
        streams = Streams([np.random.default_rng([0, tree]) for tree in range(count)])
        return grow([cosmology], np.zeros(count, np.intp), roots, streams)

    def plain() -> list[list[tuple[float, int]]]:
        return [loop.grow(roots[tree], np.random.default_rng([0, tree])) for tree in chosen]

    results: dict[str, Any] = {}
    costs = take_turns({"ours": ours, "plain loop": plain}, 1 if quick else 3, results)
    grown = results["ours"]
    for tree, known in zip(chosen, results["plain loop"], strict=True):
        # Roundings grow from split to split, otherwise on every processor: to 5e-6 in the heaviest
        # tree, of 3,087 haloes.
        masses = [mass for mass, _ in known]
        assert np.allclose(grown.mass[grown.tree == tree], masses, rtol=1e-4)
    each = {"ours": costs["ours"] * (1 / count), "plain loop": costs["plain loop"] * (1 / LOOPED)}
    yield f"\nMerger trees, a tree of {count:,} (the loop: of {LOOPED})"
    for name, cost in each.items():
        yield row("trees", f"a tree, {name}", cost, each["ours"])
    ratio = each["plain loop"].cpu / each["ours"].cpu
    yield f"  plain loop over ours: {ratio:.1f} (aim: {FASTER:.0f})"


CHEAPER = 20.0
"""The aim: how many times less CPU than the dense expansion."""


def molecules(count: int) -> SymmetricMatrices:
    """Return Coulomb matrices of atoms at random places, as dense as molecules are."""
    rng = np.random.default_rng(0)
    sizes = rng.integers(8, 24, count)
    offsets = torch.from_numpy(np.cumsum([0, *sizes]))
    numbers = torch.from_numpy(rng.choice([1, 6, 7, 8], sizes.sum()))
    cells = [rng.permutation(27)[:size] for size in sizes]
    places = np.concatenate([np.stack(np.unravel_index(one, (3, 3, 3)), 1) for one in cells])
    shaken = 1.3 * places + 0.1 * rng.standard_normal(places.shape)
    return coulomb(numbers, torch.from_numpy(shaken), offsets)


def bench_curves(quick: bool) -> Iterator[Row | str]:
    """Yield the lines of the part on tables."""
    matrices = molecules(50 if quick else 1_000)
    torch.manual_seed(0)
    network = DSCI(targets=["energy"], elements=[1, 6, 7, 8]).eval()
    network.phi_d.expansion.fit(matrices.diagonal)
    network.phi_o.expansion.fit(matrices.entries)
    network.mu.expansion.fit(matrices.glue())
    network.reference.fill_(-90.0)
    inputs = network.inputs_of(matrices)
    tables = network.tabulated()
    with torch.no_grad():
        exact, found = network(*inputs), tables(*inputs)
        gap = float(((exact - found) / exact).abs().max())
        assert gap < 1e-5
        yield f"\nDS-CI+, {len(matrices):,} molecules, {len(matrices.entries):,} pairs"
        ways = {"tables": partial(tables, *inputs), "dense expansion": partial(network, *inputs)}
        costs = take_turns(ways, 1 if quick else 7)
    for name, cost in costs.items():
        yield row("curves", f"{len(matrices):,} molecules, {name}", cost, costs["tables"])
    ratio = costs["dense expansion"].cpu / max(costs["tables"].cpu, 1e-9)
    yield f"  dense over tables: {ratio:.1f} (aim: {CHEAPER:.0f}); relative difference {gap:.1e}"


def passing(one: Pass, near: Near) -> Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """Return the same pass by PyG's message passing, a row of 2 H + K numbers for each edge."""
    from torch_geometric.nn import MessagePassing

    class Literal(MessagePassing):
        """Messages and steps together."""

        def __init__(self) -> None:
            super().__init__(aggr="add")

        def forward(self, state: Tensor, moved: Tensor) -> tuple[Tensor, Tensor]:
            """Return the changes of states and positions."""
            edges = near.edges
            both = self.propagate(edges, state=state, moved=moved, vectors=near.vectors)
            arrived, steps = both.split([state.shape[1], moved.shape[1]], 1)
            return one.node(torch.cat([state, arrived], 1)), steps / near.degrees[:, None]

        def message(
            self, state_i: Tensor, state_j: Tensor, moved_i: Tensor, moved_j: Tensor,
            vectors: Tensor,
        ) -> Tensor:  # fmt: skip
            """Return what each edge carries."""
            gap = vectors + moved_i - moved_j
            row = radial(gap.norm(dim=1, keepdim=True), near.cutoff, one.centres)
            row = one.norm(torch.cat([state_i, state_j, row], 1))
            silu = nn.functional.silu
            carried = silu(one.second(silu(one.first(row))))
            return torch.cat([carried, gap * one.step(silu(one.gate(carried))).tanh()], 1)

    return Literal()


def stepped(layer: Callable[..., Any], *inputs: Tensor) -> None:
    """Forward and backward."""
    found = layer(*inputs)
    outputs = found if isinstance(found, tuple) else (found,)
    torch.autograd.backward(sum(one.square().sum() for one in outputs))


def bench_egnn(quick: bool) -> Iterator[Row | str]:
    """Yield the lines of the part on layers of graph networks."""
    count, hidden = (1 if quick else 8), 24
    draw = np.random.default_rng(0)
    box = Box.cube(250.0)
    views = [cloud_views(Cloud(250 * draw.random((512, 3)), box), [40.0])[0] for _ in range(count)]
    edges = torch.cat([view.edges + 512 * place for place, view in enumerate(views)], 1)
    torch.manual_seed(0)
    state = torch.randn(512 * count, hidden, requires_grad=True)
    moved = torch.randn(512 * count, 3, requires_grad=True)
    near = Near(edges, torch.cat([view.values for view in views]), degrees(edges, state), 40.0)
    layer = Pass(hidden, still=False)
    literal = passing(layer, near)
    ours = partial(layer, near=near)
    for one, other in zip(ours(state, moved), literal(state, moved), strict=True):
        assert torch.allclose(one, other, atol=1e-3)
    ways: dict[str, Callable[[], None]] = {
        "ours": partial(stepped, ours, state, moved),
        "PyG message passing": partial(stepped, literal, state, moved),
    }
    try:
        from egnn_pytorch import EGNN_Sparse
    except ImportError:
        yield "\n  egnn-pytorch is not installed here"
    else:
        sparse = EGNN_Sparse(hidden, m_dim=hidden)
        ways["egnn-pytorch"] = lambda: stepped(sparse, torch.cat([moved, state], 1), edges)
    yield f"\nOne EGNN layer, {count} clouds of 512 points, {edges.shape[1]:,} edges, H = {hidden}"
    costs = take_turns(ways, 1 if quick else 5)
    for name, cost in costs.items():
        yield row("egnn", f"{edges.shape[1]:,} edges, {name}", cost, costs["ours"])
    from torch_geometric.nn import GINEConv

    gine, features = Gine(hidden, batch_norm=False), torch.randn(edges.shape[1], hidden)
    conv = GINEConv(gine.mlp)
    assert torch.allclose(gine(state, edges, features), conv(state, edges, features), atol=1e-4)
    costs = take_turns(
        {
            "ours": partial(stepped, gine, state, edges, features),
            "PyG GINEConv": partial(stepped, conv, state, edges, features),
        },
        1 if quick else 5,
    )
    yield "\nOne GINE layer on the same edges"
    for name, cost in costs.items():
        yield row("egnn", f"GINE, {name}", cost, costs["ours"])


if __name__ == "__main__":
    run_parts(globals())
