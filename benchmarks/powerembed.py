"""PowerEmbed's precomputation beside the dense way, PyG's SIGN and ARPACK, and as graphs grow.

    python benchmarks/powerembed.py [--quick] [--threads 2] [--only dense ...] [--json FILE]

Figures are medians over repeats in which the contenders take turns, after one run that is not
counted; what takes minutes runs once. CPU seconds are user and system time of all threads. On a
machine that is busy with something else both kinds of seconds grow: compare within one run.

The graph is Coauthor CS where its file can be had (ZOO_DATA_MIRROR or the network), else a
generated graph of the same size; `--quick` always takes a small generated one.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from contest import Cost, Row, log_slope, options, row, run, take_turns, timed
from scipy import sparse
from scipy.linalg.blas import dsyrk
from scipy.sparse.linalg import eigsh
from torch import Tensor
from zoo_graphs.operators import operator_matrix, sparse_matmul
from zoo_graphs.spectral import leading_singular
from zoo_powerembed.power import power_iterates

import zoo
from zoo_core import ZooError

HOPS = 11  # iterations: the list has twelve matrices, hop 0 (the input) to hop 11
DEGREE = 20  # mean degree of the growing graphs
PACKAGES = (
    "torch",
    "numpy",
    "scipy",
    "torch-geometric",
    "zoo-core",
    "zoo-graphs",
    "zoo-powerembed",
)

# At k = 16 and mean degree 20 the product with the operator (2 nnz k, with nnz = 21 n) costs more
# than the Gram matrix and the product with its inverse (4 n k^2); at k = 100 these, which do not
# know the edges, would be ten times the rest, and the list of hops would fill the memory.
GROWING_K, GROWING_HOPS = 16, 3
SHAPES = (
    (18_333, 81_894, 100),
    (18_333, 81_894, 32),
    (50_000, 500_000, 100),
    (5_000, 200_000, 100),
)


@dataclass(frozen=True)
class Input:
    """What every contender starts from; H_0 is computed once, by our way."""

    name: str
    edges: Tensor  # (2, 2m), both directions
    features: sparse.csr_array
    k: int
    h0: Tensor
    h0_cost: Cost
    repeats: int

    @property
    def nodes(self) -> int:
        """The number of nodes n."""
        return int(self.features.shape[0])

    def heading(self) -> str:
        """The sizes, for the reader."""
        return (
            f"{self.name}: {self.nodes} nodes, {self.edges.shape[1] // 2} edges, "
            f"{self.features.shape[1]} features, k = {self.k}; {HOPS} iterations (hops 0 to {HOPS})"
        )


# The graphs -----------------------------------------------------------------------------------


def random_edges(nodes: int, count: int) -> Tensor:
    """About `count` undirected edges between random nodes, listed once, loops and repeats left in.

    A random graph has no locality whatever the numbering: the hardest case for the caches.
    """
    return torch.randint(nodes, (2, count), generator=torch.Generator().manual_seed(0))


def generated_graph(
    nodes: int, edges: int, features: int, ones_per_node: int
) -> tuple[np.ndarray, sparse.csr_array]:
    """Exactly `edges` random edges, and binary features some of which are far more frequent."""
    rng = np.random.default_rng(0)
    low, high = np.sort(rng.integers(nodes, size=(2, edges + edges // 2)), axis=0)
    pairs = rng.permutation(np.unique((low * nodes + high)[low != high]))[:edges]
    column = (features * rng.random(nodes * ones_per_node) ** 3).astype(np.int64)
    place = np.arange(nodes).repeat(ones_per_node), column
    matrix = sparse.csr_array((np.ones(column.size, np.float32), place), shape=(nodes, features))
    matrix.data[:] = 1  # a feature drawn twice for one node has been summed
    return np.stack([pairs // nodes, pairs % nodes]), matrix


def graph(quick: bool) -> tuple[str, np.ndarray, sparse.csr_array]:
    """Name, edges (2, m) and features (n, p) of the graph to precompute on."""
    if quick:
        return "generated graph", *generated_graph(2_000, 9_000, 600, 30)
    try:
        found = zoo.dataset("cs", fold=0)
    except ZooError as error:
        print(f"Coauthor CS cannot be had ({error}); a generated graph of its size instead.")
        return "generated graph", *generated_graph(18_333, 81_894, 6_805, 75)
    return "Coauthor CS", found.edges, found.features


def prepare(quick: bool, nodes: int | None) -> Input:
    """The graph, or the subgraph of its first nodes, and H_0."""
    name, edges, features = graph(quick)
    if nodes is not None and nodes < features.shape[0]:
        name = f"{name}, its first nodes"
        edges, features = edges[:, (edges < nodes).all(axis=0)], features[:nodes]
    k = 20 if quick else 100
    (left, _), cost = timed(lambda: leading_singular(features, k))
    both = torch.from_numpy(np.concatenate([edges, edges[::-1]], axis=1))
    return Input(name, both, features, k, left.float(), cost, 3 if quick else 5)


# The dense way --------------------------------------------------------------------------------


def dense_operator(edges: Tensor, nodes: int) -> Tensor:
    """S = D^-1 A by a product of two dense matrices, O(n^3); three of them at a time in memory."""
    adjacency = torch.eye(nodes)
    adjacency[edges[0], edges[1]] = 1.0
    return torch.diag(1.0 / adjacency.sum(dim=1)) @ adjacency


def dense_iterates(operator: Tensor, h0: Tensor, hops: int) -> list[Tensor]:
    """The power iteration with a dense operator, O(n^2 k) a hop."""
    iterates, state = [h0], h0
    for _ in range(hops):
        state = operator @ state
        state = state @ torch.linalg.pinv(state.T @ state)
        iterates.append(state / state.norm(dim=0))
    return iterates


def dense_h0(features: sparse.csr_array, k: int) -> Tensor:
    """H_0 as eigenvectors of the dense X X^T, O(n^2 p + n^3)."""
    matrix = torch.from_numpy(features.toarray())
    return torch.linalg.eigh(matrix @ matrix.T).eigenvectors[:, -k:].flip(1)


def extrapolated_h0(given: Input, sizes: tuple[int, ...]) -> tuple[Cost, str]:
    """What `dense_h0` would cost on all nodes: measured on growing parts, carried on by n^3.

    The whole would need some 7 GB for the eigenvectors and their workspace.
    """
    dense_h0(given.features[: sizes[0]], given.k)  # warms up
    costs = [timed(partial(dense_h0, given.features[:n], given.k))[1] for n in sizes]
    slope = log_slope(sizes[-2:], [cost.cpu for cost in costs[-2:]])
    told = f"from {sizes[-1]} nodes by n^3 (last slope measured: {slope:.1f})"
    return costs[-1] * (given.nodes / sizes[-1]) ** 3, told


def difference(first: list[Tensor], second: list[Tensor]) -> float:
    """The largest relative difference (Frobenius) between two lists of hops."""
    return max(float((a - b).norm() / a.norm()) for a, b in zip(first, second, strict=True))


def bench_dense(given: Input, quick: bool) -> Iterator[Row | str]:
    """Ours beside the dense way of building S and iterating, both with S = D^-1 A."""
    yield f"1. Ours beside the dense way; {given.heading()}"
    yield (
        "   S = D^-1 A. Counted as the dense operator: filling A and D and the one n^3 product D A "
        "(lap: two; adj: none)."
    )
    operator = operator_matrix(given.edges, given.nodes, "rw")
    ours = take_turns(
        {
            "operator": lambda: operator_matrix(given.edges, given.nodes, "rw"),
            "hops": lambda: power_iterates(operator, given.h0, HOPS),
        },
        given.repeats,
    )
    steps = ours["operator"] + ours["hops"]
    yield row("dense", "ours: operator (sparse)", ours["operator"])
    yield row("dense", "ours: hops", ours["hops"])
    yield row("dense", "ours: operator + hops", steps)
    yield row("dense", "ours: H0 (SVD of sparse X, once)", given.h0_cost)
    yield row("dense", "ours: H0 + operator + hops", given.h0_cost + steps)

    matrix, built = timed(lambda: dense_operator(given.edges, given.nodes))
    found, hops = timed(partial(dense_iterates, matrix, given.h0, HOPS))
    apart = difference(power_iterates(operator, given.h0, HOPS), found)
    del matrix, found
    h0, told = extrapolated_h0(given, (300, 600, 1_200) if quick else (1_000, 2_000, 4_000))
    yield row("dense", "dense: operator (once)", built, ours["operator"])
    yield row("dense", "dense: hops (once)", hops, ours["hops"])
    yield row("dense", "dense: operator + hops", built + hops, steps)
    yield row("dense", "dense: H0, EXTRAPOLATED", h0, given.h0_cost, measured=False)
    whole = h0 + built + hops
    ours_whole = given.h0_cost + steps
    yield row("dense", "dense: all three, H0 EXTRAPOLATED", whole, ours_whole, measured=False)
    ratio = (built + hops).cpu / steps.cpu
    yield f"   Goal for operator + hops: 20 times; here {ratio:.0f} (CPU), all of it measured."
    yield f"   Extrapolated {told}. The two lists differ by {apart:.0e} (relative, largest hop)."


# Other libraries ------------------------------------------------------------------------------


def sign_transform(given: Input) -> Callable[[], list[Tensor]] | None:
    """PyG's SIGN on H_0 over A + I, the same graph as ours; None without PyG."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyG's use of deprecated and beta parts of torch
        try:
            from torch_geometric.data import Data
            from torch_geometric.transforms import SIGN
        except ImportError:
            return None
    warnings.filterwarnings("ignore", module="torch_geometric")
    loops = torch.arange(given.nodes).expand(2, -1)
    edge_index = torch.cat([given.edges, loops], dim=1)

    def run() -> list[Tensor]:
        data = SIGN(HOPS)(Data(x=given.h0, edge_index=edge_index))
        return [data.x, *(data[f"x{hop}"] for hop in range(1, HOPS + 1))]

    return run


def shared_space(first: Tensor, second: Tensor) -> float:
    """The mean squared cosine of the principal angles between two spans; 1 if they are equal."""
    bases = [torch.linalg.qr(each.double()).Q for each in (first, second)]
    return float((bases[0].mT @ bases[1]).square().sum() / first.shape[1])


def bench_others(given: Input, quick: bool) -> Iterator[Row | str]:
    """Ours beside PyG's SIGN and scipy's eigsh, all with S = D^(-1/2) A D^(-1/2)."""
    yield f"2. Ours beside other libraries; {given.heading()}"
    yield "   S = D^(-1/2) (A + I) D^(-1/2); from the edge list, H0 given, unless said otherwise."

    def ours(normalize: str) -> list[Tensor]:
        operator = operator_matrix(given.edges, given.nodes, "lap")
        return power_iterates(operator, given.h0, HOPS, normalize=normalize)

    sign = sign_transform(given)
    contenders = {"normalised": lambda: ours("inverse"), "unnormalised": lambda: ours("none")}
    costs = take_turns({**contenders, **({"sign": sign} if sign else {})}, given.repeats)
    base = costs["normalised"]
    yield row("others", "ours: normalised", base)
    yield row("others", "ours: not normalised", costs["unnormalised"], base)
    if sign:
        yield row("others", f"PyG SIGN(K={HOPS})", costs["sign"], base)
        apart = difference(ours("none"), sign())
        yield f"   SIGN's list differs from ours, not normalised, by {apart:.0e} (relative)."
    else:
        yield "   torch-geometric is not installed: no SIGN (pip install -e '.[bench]')."

    matrix = scipy_operator(operator_matrix(given.edges, given.nodes, "lap"))
    start = np.random.default_rng(0).standard_normal(given.nodes)
    (_, vectors), cost = timed(lambda: eigsh(matrix, k=given.k, which="LM", v0=start))
    yield row("others", "ours: normalised, with H0", base + given.h0_cost, base)
    yield row("others", f"scipy eigsh(S, k={given.k}), S given (once)", cost, base)
    share = shared_space(ours("inverse")[-1], torch.from_numpy(vectors))
    yield (
        f"   Not the same result: eigsh has converged, hop {HOPS} is on its way there "
        f"(mean squared cosine of the principal angles: {share:.2f})."
    )


def bench_shapes(quick: bool) -> Iterator[Row | str]:
    """Normalised hops of several shapes, beside SIGN and beside the products that they consist of.

    A hop is one product with S, one rank-k update in float64 (dsyrk on blocks that are there
    already) and one product with a (k, k) matrix in float32: what these three take by themselves is
    what the machine allows.
    """
    yield f"4. Normalised hops of random graphs, {HOPS} iterations, beside PyG's SIGN"
    shapes = [(2_000, 9_000, 32)] if quick else SHAPES
    for nodes, edges, k in shapes:
        pairs = torch.unique(random_edges(nodes, edges).sort(dim=0).values, dim=1)
        pairs = pairs[:, pairs[0] != pairs[1]]
        both = torch.cat([pairs, pairs.flip(0)], dim=1).contiguous()
        h0 = torch.linalg.qr(torch.randn(nodes, k, generator=torch.Generator().manual_seed(1)))[0]
        given = Input("", both, sparse.csr_array((nodes, 1)), k, h0.contiguous(), Cost(0, 0), 3)
        operator = operator_matrix(both, nodes, "lap")
        small, block = torch.eye(k), np.asfortranarray(h0[:1024].double().numpy().T)
        blocks = -(-nodes // len(h0[:1024]))

        def limit(operator=operator, h0=given.h0, small=small, block=block, blocks=blocks) -> None:
            for _ in range(HOPS):
                sparse_matmul(operator, h0) @ small
                for _ in range(blocks):
                    dsyrk(1.0, block)

        contenders = {
            "normalised": lambda given=given: power_iterates(
                operator_matrix(given.edges, given.nodes, "lap"), given.h0, HOPS
            ),
            "its bare products": limit,
        }
        sign = sign_transform(given)
        costs = take_turns({**contenders, **({"PyG SIGN": sign} if sign else {})}, 5)
        for name, cost in costs.items():
            what = f"{nodes} nodes, {len(pairs[0])} edges, k = {k}: {name}"
            yield row("shapes", what, cost, costs["normalised"])


def scipy_operator(operator: Tensor) -> sparse.csr_array:
    """The same matrix for scipy, in float32 too."""
    parts = (operator.values(), operator.col_indices(), operator.crow_indices())
    return sparse.csr_array(tuple(part.numpy() for part in parts), shape=operator.shape)


# Growing graphs -------------------------------------------------------------------------------


def peak_bytes() -> int:
    """The peak of this process's resident memory.

    On Linux VmHWM, because ru_maxrss starts from the peak of the process that started this one.
    """
    try:
        status = Path("/proc/self/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) * 1024
    except OSError:
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def grow(edges: int, repeats: int) -> dict[str, Any]:
    """What a generated graph of one size costs; runs in a process of its own, for its memory."""
    nodes = 2 * edges // DEGREE
    # What the libraries allot at their first use does not grow with the graph.
    power_iterates(operator_matrix(random_edges(10, 50), 10, "lap"), torch.ones(10, 2), 1)
    before = peak_bytes()
    edge_list = random_edges(nodes, edges)
    h0 = torch.randn(nodes, GROWING_K, generator=torch.Generator().manual_seed(1))
    operator = operator_matrix(edge_list, nodes, "lap")
    contenders = {
        "operator": lambda: operator_matrix(edge_list, nodes, "lap"),
        "hops": lambda: power_iterates(operator, h0, GROWING_HOPS),
    }
    costs = take_turns(contenders, repeats)
    peak = peak_bytes()  # before scipy's copy of the operator
    matrix, state = scipy_operator(operator), h0.numpy()
    costs |= take_turns({"scipy": lambda: [matrix @ state for _ in range(GROWING_HOPS)]}, repeats)
    return {
        "edges": (operator._nnz() - nodes) // 2,  # repeats and loops have gone
        "before": before,
        "peak": peak,
        "costs": {name: asdict(cost) for name, cost in costs.items()},
    }


def grow_in_child(edges: int, repeats: int) -> dict[str, Any]:
    """`grow` in a child process."""
    command = [sys.executable, __file__, "--grow", str(edges), str(repeats)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"The graph of {edges} edges failed:\n{done.stderr}")
    return json.loads(done.stdout)


def bench_growth(quick: bool) -> Iterator[Row | str]:
    """The cost as the number of edges grows, beside scipy's bare products."""
    sizes = (10_000, 100_000) if quick else (100_000, 1_000_000, 10_000_000)
    yield (
        f"3. Growing random graphs, mean degree {DEGREE}; k = {GROWING_K}, "
        f"{GROWING_HOPS} iterations; each size in a process of its own"
    )
    found = [grow_in_child(size, 3) for size in sizes]
    names = {
        "operator": "operator",
        "hops": "hops",
        "scipy": f"(scipy: {GROWING_HOPS} bare products S H)",
    }
    for size, one in zip(sizes, found, strict=True):
        costs = {name: Cost(**one["costs"][name]) for name in names}
        for name, told in names.items():
            per_edge = 1e9 * costs[name].cpu / one["edges"]
            figures = {"edges": one["edges"], "CPU ns an edge": per_edge}
            yield row("growth", f"{size:.0e} edges: {told}", costs[name], **figures)
        memory = {
            "peak GB": one["peak"] / 1e9,
            "bytes an edge": (one["peak"] - one["before"]) / one["edges"],
        }
        both = costs["operator"] + costs["hops"]
        yield row("growth", f"{size:.0e} edges: operator + hops", both, **memory)
    edges = [one["edges"] for one in found]
    for name, told in names.items():
        cpu = [one["costs"][name]["cpu"] for one in found]
        steps = ", ".join(
            f"{log_slope(pair, times):.2f}"
            for pair, times in zip(pairwise(edges), pairwise(cpu), strict=True)
        )
        slope = log_slope(edges, cpu)
        yield f"   Log-log slope of CPU seconds, {told}: {slope:.2f} (from size to size: {steps})"
    memory = log_slope(edges, [one["peak"] - one["before"] for one in found])
    yield f"   Log-log slope of the peak memory beyond the imports: {memory:.2f}"


# The table ------------------------------------------------------------------------------------


def lines(only: list[str], quick: bool, nodes: int | None) -> Iterator[Row | str]:
    """All lines of the chosen parts."""
    if {"dense", "others"} & set(only):
        given = prepare(quick, nodes)
        if "dense" in only:
            yield from bench_dense(given, quick)
        if "others" in only:
            yield from bench_others(given, quick)
    if "growth" in only:
        yield from bench_growth(quick)
    if "shapes" in only:
        yield from bench_shapes(quick)


def main() -> None:
    """Run the chosen parts and print the table."""
    parser = options(__doc__, ["dense", "others", "growth", "shapes"])
    parser.add_argument("--nodes", type=int, help="only the graph's first nodes (dense: 12 n^2 B)")
    parser.add_argument("--grow", type=int, nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.grow:
        print(json.dumps(grow(*arguments.grow)))
        return
    run(arguments, PACKAGES, lines(arguments.only, arguments.quick, arguments.nodes))


if __name__ == "__main__":
    main()
