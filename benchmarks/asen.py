"""Attention on coloured pairs, dense and batched, beside the ways that the formula suggests.

    python benchmarks/asen.py [--quick] [--threads 1] [--only part ...] [--json FILE]

Figures are medians over repeats in which the contenders take turns, after one run that is not
counted. CPU seconds are user and system time of all threads. On a machine that is busy with
something else both kinds of seconds grow: compare within one run.

Three parts. "forward": the stack of the paper's network (128 channels, 8 heads, 4 layers) for 64
sequences of ten positions with the colours of reversal: ours, a loop over sequences along the edges
of a graph (as in the published code), and a loop over sequences and colours that transcribes the
formula. "points": ours against the number of points, with the colours of the dihedral group.
"colours": ours against the number of colours of 40 points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch
from contest import Row, row, run_parts, take_turns
from torch import Tensor
from zoo_asen.attention import ColouredGATv2, ColouredStack
from zoo_asen.colours import as_group, colour_count, pair_colours

GOAL = 7.0  # times faster than a loop over sequences and colours
CHANNELS = 128
POINTS = (10, 20, 50, 100, 200)
GROUPS = ("symmetric", "halves", "dihedral", "cyclic", "reversal", "trivial")
PACKAGES = ("torch", "zoo-core", "zoo-symmetry", "zoo-asen")


def ours(stack: ColouredStack, points: Tensor, table: Tensor, colours: Tensor) -> Tensor:
    """All sequences and pairs at once."""
    return stack(points, table, colours)


def along_edges(stack: ColouredStack, points: Tensor, table: Tensor, colours: Tensor) -> Tensor:
    """One sequence after another, along the edges of the complete graph."""
    every = torch.arange(len(colours))
    edges = torch.cartesian_prod(every, every).T
    return torch.stack([stack(one, table, colours, edges) for one in points])


def transcribed(stack: ColouredStack, points: Tensor, table: Tensor, colours: Tensor) -> Tensor:
    """One sequence after another, and one colour after another."""
    found = []
    for one in points:
        for layer, update in zip(stack.attention, stack.update, strict=True):
            one = one + update(_one(layer, one, table, colours))
        found.append(one)
    return torch.stack(found)


def _one(layer: ColouredGATv2, points: Tensor, table: Tensor, colours: Tensor) -> Tensor:
    n, (heads, d) = len(points), layer.score.shape
    sources, targets = layer.source(points), layer.target(points)
    scores = torch.empty(n, n, heads)
    mean = torch.zeros(n, table.shape[1])
    for colour, feature in enumerate(table):
        given = layer.edge(feature)
        sender, receiver = torch.nonzero(colours == colour, as_tuple=True)
        sums = (sources[sender] + targets[receiver] + given).reshape(-1, heads, d)
        powers = torch.nn.functional.leaky_relu(sums, 0.2)
        scores[receiver, sender] = (powers * layer.score).sum(-1)
        others = sender != receiver
        mean.index_add_(0, receiver[others], feature.expand(int(others.sum()), -1))
    own = (sources + targets + layer.edge(mean / (n - 1))).reshape(n, heads, d)
    every = torch.arange(n)
    scores[every, every] = (torch.nn.functional.leaky_relu(own, 0.2) * layer.score).sum(-1)
    weights = scores.softmax(1)
    values = sources.reshape(n, heads, d)
    return torch.einsum("ijh,jhd->ihd", weights, values).reshape(n, -1) + layer.bias


WAYS: dict[str, Callable[..., Tensor]] = {
    "ours": ours,
    "loop over sequences": along_edges,
    "loop over sequences and colours": transcribed,
}


def case(name: str, n: int, count: int) -> tuple[ColouredStack, Tensor, Tensor, Tensor]:
    """The same weights and points each time."""
    torch.manual_seed(0)
    colours = pair_colours(as_group(name, n))
    table = torch.randn(colour_count(colours), CHANNELS)
    return ColouredStack(CHANNELS), torch.randn(count, n, CHANNELS), table, colours


def bench_forward(quick: bool) -> Iterator[Row | str]:
    """Yield the lines of the first part."""
    given = case("reversal", 10, 4 if quick else 64)
    expected = ours(*given)
    for way in WAYS.values():
        assert torch.allclose(way(*given), expected, atol=1e-4)
    yield f"\nForward of four layers, {len(given[1])} sequences of 10 positions, 50 colours"
    ways: dict[str, Any] = {name: partial(way, *given) for name, way in WAYS.items()}
    costs = take_turns(ways, 1 if quick else 3)
    for name, cost in costs.items():
        yield row("forward", name, cost, costs["ours"])
    for name in [*WAYS][1:]:
        ratio = costs[name].cpu / costs["ours"].cpu
        yield f"  {name} over ours: {ratio:.1f} (aim: {GOAL:.0f})"


def bench_points(quick: bool) -> Iterator[Row | str]:
    """Yield the lines of the second part."""
    yield "\nForward of four layers, 4 sequences, dihedral group"
    ways = {
        f"n = {n}": partial(ours, *case("dihedral", n, 4))
        for n in (POINTS[:2] if quick else POINTS)
    }
    costs = take_turns(ways, 1 if quick else 3)
    for name, cost in costs.items():
        yield row("points", name, cost, costs["n = 10"])


def bench_colours(quick: bool) -> Iterator[Row | str]:
    """Yield the lines of the third part."""
    yield "\nForward of four layers, 4 sequences of 40 positions, by group"
    cases = {name: case(name, 40, 4) for name in (GROUPS[:2] if quick else GROUPS)}
    ways = {
        f"{name}, {len(given[2])} colours": partial(ours, *given) for name, given in cases.items()
    }
    costs = take_turns(ways, 1 if quick else 3)
    first = next(iter(costs))
    for name, cost in costs.items():
        yield row("colours", name, cost, costs[first])


if __name__ == "__main__":
    with torch.no_grad():
        run_parts(globals())
