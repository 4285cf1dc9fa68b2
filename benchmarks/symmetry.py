"""Layers that commute with permutations within clusters, beside the ways that formulas suggest.

    python benchmarks/symmetry.py [--quick] [--threads 1] [--only part ...] [--json FILE]

Figures are medians over repeats in which the contenders take turns, after one run that is not
counted. CPU seconds are user and system time of all threads. On a machine that is busy with
something else both kinds of seconds grow: compare within one run.

Two parts at c = 7, 14 and 28 (c x c patches of a grid of 28 x 28). "layer": forward and
backward of one layer, 3 channels to 5, for 8 signals: ours (sums over clusters), the literal
formula (einsums with the indicator matrices of the clusters), and a dense layer whose weights
(N, N) are put together of the same parameters. "memory": how many bytes the operators of a forward
and backward write to new memory, and how many numbers the weights are.

"supports": forward and backward of diffusion both ways on directed graphs of N sensors, each with 8
edges, for 16 signals of 66 channels: ours (one sparse product for both supports), and products with
dense supports.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import torch
from contest import Row, row, run_parts, take_turns
from torch.utils._python_dispatch import TorchDispatchMode
from zoo_approx_equivariant.coarsening import patches
from zoo_approx_equivariant.layers import CoarsenedLinear
from zoo_approx_equivariant.traffic.cells import Diffusion
from zoo_signals.sensors import SensorGraph

GOAL = 5.0  # times faster than the literal formula at c = 14
SIZE = 28
CUTS = (7, 14, 28)
SENSORS = (207, 800, 2000)
NEIGHBOURS = 8
PACKAGES = ("torch", "numpy", "zoo-core", "zoo-symmetry", "zoo-signals", "zoo-approx-equivariant")


def layer_of(cut: int) -> CoarsenedLinear:
    """The same weights each time."""
    torch.manual_seed(0)
    return CoarsenedLinear(patches((SIZE, SIZE), cut).tolist(), 3, 5)


def ours(layer: CoarsenedLinear, x: torch.Tensor) -> torch.Tensor:
    """Sums over clusters."""
    return layer(x)


def literal(layer: CoarsenedLinear, x: torch.Tensor) -> torch.Tensor:
    """The formula as it is written: an identity and a matrix of ones for each (pair of) clusters.

    Summed over the pairs first, as W[n, m] = sum_kl W_off[k, l] 1[n in k] 1[m in l]: the other
    order would need K^2 matrices of N x N.
    """
    indicator = torch.nn.functional.one_hot(layer.labels).to(x.dtype)
    here = torch.einsum("oik,nk,nm->oinm", layer.w_diag, indicator, torch.eye(layer.nodes))
    there = torch.einsum("oikl,nk,ml->oinm", layer.w_off, indicator, indicator) / layer.nodes
    return torch.einsum("oinm,bmi->bno", here + there, x) + layer.bias


def dense(layer: CoarsenedLinear, x: torch.Tensor) -> torch.Tensor:
    """A dense layer between all nodes and channels."""
    weights = layer.dense().permute(0, 2, 1, 3)
    out, nodes, channels, _ = weights.shape
    flat = weights.reshape(out * nodes, channels * nodes)
    y = torch.nn.functional.linear(x.transpose(1, 2).flatten(1), flat)
    return y.unflatten(1, (out, nodes)).transpose(1, 2) + layer.bias


WAYS: dict[str, Callable[[CoarsenedLinear, torch.Tensor], torch.Tensor]] = {
    "ours": ours,
    "literal einsum": literal,
    "dense": dense,
}


def step(way: Callable[..., torch.Tensor], layer: CoarsenedLinear, x: torch.Tensor) -> None:
    """Forward and backward."""
    layer.zero_grad()
    way(layer, x).square().sum().backward()


def signals(quick: bool) -> torch.Tensor:
    """A batch of random signals."""
    generator = torch.Generator().manual_seed(1)
    return torch.randn(2 if quick else 8, SIZE * SIZE, 3, generator=generator)


def bench_layer(quick: bool) -> Iterator[Row | str]:
    """Yield the lines of the first part."""
    x = signals(quick)
    for cut in CUTS[:1] if quick else CUTS:
        layer = layer_of(cut)
        for way in WAYS.values():
            assert torch.allclose(way(layer, x), ours(layer, x), atol=1e-3)
        yield f"\nForward and backward, c = {cut}: {cut * cut} clusters, {len(x)} signals"
        ways = {name: partial(step, way, layer, x) for name, way in WAYS.items()}
        costs = take_turns(ways, 1 if quick else 3)
        for name, cost in costs.items():
            yield row("layer", f"c = {cut}, {name}", cost, costs["ours"])
        ratio = costs["literal einsum"].cpu / costs["ours"].cpu
        yield f"  literal einsum over ours: {ratio:.1f} (aim at c = 14: {GOAL:.0f})"


class Allocations(TorchDispatchMode):
    """Adds up the bytes of what operators return, views left out."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[int] = set()
        self.kept: list[torch.UntypedStorage] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        found = func(*args, **(kwargs or {}))
        for one in found if isinstance(found, tuple | list) else [found]:
            if isinstance(one, torch.Tensor) and one.untyped_storage().data_ptr() not in self.seen:
                # Kept, so that no address comes again.
                self.kept.append(one.untyped_storage())
                self.seen.add(self.kept[-1].data_ptr())
        return found

    @property
    def bytes(self) -> int:
        """What all of it takes."""
        return sum(storage.nbytes() for storage in self.kept)


def allocated(call: Callable[[], None]) -> int:
    """Return how many bytes the operators of a call write to new memory."""
    with Allocations() as found:
        call()
    return found.bytes


def bench_memory(quick: bool) -> Iterator[Row | str]:
    """Yield the lines of the second part."""
    x = signals(quick)
    for cut in CUTS[:1] if quick else CUTS:
        layer = layer_of(cut)
        count = sum(one.numel() for one in layer.parameters())
        yield f"\nNew memory in forward and backward, c = {cut}: {count:,} weights"
        for name, way in WAYS.items():
            call = partial(step, way, layer, x)
            costs = take_turns({name: call}, 1)
            found = allocated(call)
            yield row("memory", f"c = {cut}, {name}", costs[name], costs[name], bytes=found)
            yield f"  {name}: {found / 1e6:.1f} MB"


def road(nodes: int) -> SensorGraph:
    """A directed graph of sensors on a road, each with edges to some that follow, and a loop."""
    rng = np.random.default_rng(0)
    sources = np.repeat(np.arange(nodes), NEIGHBOURS)
    targets = (sources + np.tile(np.arange(NEIGHBOURS), nodes)) % nodes
    edges = np.stack([sources, targets])
    weights = rng.uniform(0.1, 1, edges.shape[1]).astype(np.float32)
    return SensorGraph(list(map(str, range(nodes))), edges, weights)


def dense_diffusion(supports: list[torch.Tensor], z: torch.Tensor) -> torch.Tensor:
    """The features that `Diffusion` makes in one step, by dense products."""
    sent = [(support @ z.flatten(1)).view_as(z) for support in supports]
    return torch.cat([z, *sent], -1)


def bench_supports(quick: bool) -> Iterator[Row | str]:
    """Yield the lines of the third part."""
    for nodes in SENSORS[:1] if quick else SENSORS:
        graph = road(nodes)
        edges, weights = torch.from_numpy(graph.edges), torch.from_numpy(graph.weights)
        sparse = Diffusion(edges, weights, nodes, 1)
        dense = partial(dense_diffusion, [one.to_dense() for one in graph.supports()])
        generator = torch.Generator().manual_seed(1)
        z = torch.randn(nodes, 2 if quick else 16, 66, generator=generator).requires_grad_()
        assert torch.allclose(sparse(z), dense(z), atol=1e-4)
        yield f"\nBoth supports, forward and backward, N = {nodes}: {edges.shape[1]:,} edges"

        def passed(way: Callable[[torch.Tensor], torch.Tensor], z: torch.Tensor = z) -> None:
            z.grad = None
            way(z).square().sum().backward()

        ways = {"ours": partial(passed, sparse), "dense": partial(passed, dense)}
        costs = take_turns(ways, 1 if quick else 3)
        for name, cost in costs.items():
            yield row("supports", f"N = {nodes}, {name}", cost, costs["ours"])
        yield f"  dense over ours: {costs['dense'].cpu / costs['ours'].cpu:.1f}"


if __name__ == "__main__":
    run_parts(globals())
