"""Leading eigenvectors of growing graphs beside other libraries, and the decoder beside autograd.

    python benchmarks/spectral.py [--quick] [--threads 1] [--only solvers ...] [--json FILE]
        [--other PYTHON]

Figures are medians over repeats in which the contenders take turns, after one run that is not
counted; what takes minutes runs once. CPU seconds are user and system time of all threads. On a
machine that is busy with something else both kinds of seconds grow: compare within one run.

graspologic and scikit-network want older versions of what is installed here. `--other` names a
Python that has them; they are then timed in a process of that Python, in the same run, on the same
graph. What is not installed is named as absent. The graphs are block models of 8 blocks and mean
degree 20, whose 8 leading eigenvectors are wanted.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from textwrap import dedent
from typing import Any

import networkx as nx
import numpy as np
import torch
from contest import Cost, Row, log_slope, options, row, run, take_turns, timed
from scipy import sparse
from scipy.linalg import subspace_angles
from scipy.sparse.linalg import eigsh, lobpcg
from torch.nn.functional import binary_cross_entropy_with_logits
from zoo_graphs.components import adjacency_matrix
from zoo_graphs.graph import Graph
from zoo_graphs.sbm import sample_sbm
from zoo_graphs.spectral import leading_eigenvectors
from zoo_spectral_failure_gcn.decoder import Reconstruction
from zoo_spectral_failure_gcn.spectral_embedding import SpectralEmbedding

K = 8
INSIDE, ACROSS = 13, 1  # expected neighbours in the own block and in each other one
DENSE_NODES = 10_000  # beyond it a dense matrix and its eigenvectors would fill the memory
PACKAGES = (
    "torch",
    "numpy",
    "scipy",
    "scikit-learn",
    "zoo-core",
    "zoo-graphs",
    "zoo-spectral-failure-gcn",
)
OTHERS = ("graspologic", "scikit-network")

# Run by another Python: times its libraries' embeddings of one matrix, and keeps their points.
CHILD = """
    import json, statistics, sys, time
    import numpy as np
    from scipy import sparse

    path, k, repeats, keep = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    matrix = sparse.csr_array(sparse.load_npz(path))
    contenders, versions = {}, {}
    try:
        import graspologic
        from graspologic.embed import AdjacencySpectralEmbed

        versions["graspologic"] = graspologic.__version__
        options = {"n_components": k, "diag_aug": False, "check_lcc": False}
        for name in ("randomized", "truncated"):
            contenders[f"graspologic ASE, {name}"] = lambda name=name: AdjacencySpectralEmbed(
                algorithm=name, svd_seed=0, **options
            ).fit(matrix).latent_left_
    except ImportError:
        pass
    try:
        import sknetwork
        from sknetwork.linalg import LanczosEig

        versions["scikit-network"] = sknetwork.__version__

        def lanczos():
            plain = sparse.csr_matrix(matrix)
            solver = LanczosEig(which="LM").fit(plain, n_components=k)
            return solver.eigenvectors_ * np.sqrt(np.abs(solver.eigenvalues_))

        contenders["scikit-network LanczosEig"] = lanczos
    except ImportError:
        pass
    found, points = {}, {}
    for name, run in contenders.items():
        costs = []
        for turn in range(repeats + 1):
            cpu, wall = time.process_time(), time.perf_counter()
            points[name] = run()
            costs.append((time.perf_counter() - wall, time.process_time() - cpu))
        found[name] = [statistics.median(column) for column in zip(*costs[1:])]
    np.savez(keep, **points)
    print(json.dumps({"versions": versions, "costs": found}))
    """


def blocks(nodes: int) -> Graph:
    """A graph of eight blocks, each a direction of its own among the leading eigenvectors."""
    size = nodes // 8
    probs = np.full((8, 8), ACROSS / size) + (INSIDE - ACROSS) / size * np.eye(8)
    return sample_sbm([size] * 8, probs, seed=0, feature_mean=np.zeros((8, 0)))


# Solvers --------------------------------------------------------------------------------------


def bench_solvers(quick: bool, other: str | None) -> Iterator[Row | str]:
    """Ours beside SciPy, scikit-learn and, in another Python, graspologic and scikit-network."""
    for nodes in (500, 1_000) if quick else (1_000, 10_000, 100_000):
        yield from solvers_at(nodes, quick, other)


def solvers_at(nodes: int, quick: bool, other: str | None) -> Iterator[Row | str]:
    """One size."""
    graph = blocks(nodes)
    matrix = adjacency_matrix(graph)
    yield f"1. {K} leading eigenvectors of A: {graph.num_nodes:,} nodes, {graph.num_edges:,} edges"
    start = np.random.default_rng(0).standard_normal(graph.num_nodes)
    block = np.random.default_rng(0).standard_normal((graph.num_nodes, K))

    def by_lobpcg() -> np.ndarray:
        return lobpcg(matrix, block, tol=1e-6, maxiter=200)[1]

    contenders: dict[str, Callable[[], Any]] = {
        "ours: leading_eigenvectors": lambda: leading_eigenvectors(matrix, K)[1].numpy(),
        "ours: ase, graph to points": lambda: SpectralEmbedding(k=K).fit(graph).own_points(),
        "scipy eigsh": lambda: eigsh(matrix, k=K, which="LM", v0=start)[1],
        "scipy lobpcg": by_lobpcg,
    }
    repeats = 2 if quick or nodes > 10_000 else 5
    costs = take_turns(contenders, repeats)
    ours = costs["ours: leading_eigenvectors"]
    reference = contenders["ours: leading_eigenvectors"]()
    for name, cost in costs.items():
        found = np.asarray(contenders[name]())
        yield row("solvers", f"{nodes:.0e} {name}", cost, ours, **apart(reference, found))
    yield from dense(nodes, quick, ours, reference)
    yield from scikit_learn(nodes, matrix, ours, repeats)
    yield from others(nodes, matrix, ours, repeats, other, reference)


def dense(nodes: int, quick: bool, ours: Cost, reference: np.ndarray) -> Iterator[Row | str]:
    """NumPy's dense eigenvectors, all of them; where that takes minutes, from a smaller graph."""
    if nodes > DENSE_NODES:
        yield "   numpy eigh is left out here: the dense matrix would fill the memory."
        return
    size = min(nodes, 500 if quick else 2_000)
    matrix = adjacency_matrix(blocks(size)).toarray()
    (values, vectors), cost = timed(lambda: np.linalg.eigh(matrix))
    if size == nodes:
        figures = apart(reference, vectors[:, np.argsort(-np.abs(values))[:K]])
        yield row("solvers", f"{nodes:.0e} numpy eigh, dense (once)", cost, ours, **figures)
        return
    growth = (nodes / size) ** 3
    cost = Cost(cost.wall * growth, cost.cpu * growth)
    what = f"{nodes:.0e} numpy eigh, EXTRAPOLATED from {size:,} as n^3"
    yield row("solvers", what, cost, ours, measured=False)


def apart(first: np.ndarray, second: np.ndarray) -> dict[str, float]:
    """The largest principal angle between two spans, in degrees."""
    return {"degrees from ours": float(np.degrees(subspace_angles(first, second)).max())}


def scikit_learn(
    nodes: int, matrix: sparse.csr_array, ours: Cost, repeats: int
) -> Iterator[Row | str]:
    """Its embedding by the normalised Laplacian, beside our LSE."""
    try:
        from sklearn.manifold import spectral_embedding
    except ImportError:
        yield "   scikit-learn is not installed."
        return
    if nodes > 1_000:
        yield (
            "   scikit-learn's spectral_embedding is left out here: it factorises the matrix, "
            "which takes seconds for 4,000 nodes and minutes for 10,000."
        )
        return
    graph = blocks(nodes)
    plain = sparse.csr_matrix(matrix)
    contenders = {
        "ours: lse, graph to points": lambda: SpectralEmbedding(
            k=K, operator="laplacian", regularizer="mean"
        ).fit(graph),
        "scikit-learn spectral_embedding": lambda: spectral_embedding(
            plain, n_components=K, random_state=0, drop_first=False
        ),
    }
    costs = take_turns(contenders, min(repeats, 2))
    lse = costs["ours: lse, graph to points"]
    yield row("solvers", f"{nodes:.0e} ours: lse, graph to points", lse, ours)
    name = "scikit-learn spectral_embedding"
    yield row("solvers", f"{nodes:.0e} {name} (x: over lse)", costs[name], lse)


def others(
    nodes: int,
    matrix: sparse.csr_array,
    ours: Cost,
    repeats: int,
    other: str | None,
    reference: np.ndarray,
) -> Iterator[Row | str]:
    """The libraries of another Python."""
    with tempfile.TemporaryDirectory() as folder:
        path, keep = Path(folder) / "matrix.npz", Path(folder) / "points.npz"
        sparse.save_npz(path, matrix)
        command = [other or sys.executable, "-W", "ignore", "-c", dedent(CHILD)]
        command += [str(path), str(K), str(repeats), str(keep)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            yield f"   The other Python failed: {done.stderr.strip().splitlines()[-1]}"
            return
        found = json.loads(done.stdout.splitlines()[-1])
        points = np.load(keep)
        for name, cost in found["costs"].items():
            what = f"{nodes:.0e} {name} {found['versions'][name.split()[0]]}"
            yield row("solvers", what, Cost(*cost), ours, **apart(reference, points[name]))
    absent = [name for name in OTHERS if name not in found["versions"]]
    if absent:
        yield f"   Absent: {', '.join(absent)} (give a Python that has them with --other)."


# Growth ---------------------------------------------------------------------------------------


def bench_growth(quick: bool) -> Iterator[Row | str]:
    """The cost as the number of edges grows, at the same mean degree."""
    yield f"2. Growing graphs, k = {K}"
    sizes = (2_000, 8_000) if quick else (10_000, 31_600, 100_000, 316_000)
    edges, costs = [], []
    for nodes in sizes:
        graph = blocks(nodes)
        cost = take_turns({"": lambda graph=graph: SpectralEmbedding(k=K).fit(graph)}, 2)[""]
        edges.append(graph.num_edges)
        costs.append(cost.cpu)
        per_edge = 1e6 * cost.cpu / graph.num_edges
        yield Row(
            "growth",
            f"{graph.num_edges:.1e} edges: ase",
            cost.wall,
            cost.cpu,
            figures={"nodes": nodes, "CPU us an edge": per_edge},
        )
    steps = ", ".join(
        f"{log_slope(pair, times):.2f}"
        for pair, times in zip(pairwise(edges), pairwise(costs), strict=True)
    )
    yield (
        f"   Log-log slope of CPU seconds over edges: {log_slope(edges, costs):.2f} "
        f"(from size to size: {steps})"
    )


# The decoder ----------------------------------------------------------------------------------


def bench_decoder(quick: bool) -> Iterator[Row | str]:
    """One step's gradient of a graph autoencoder's loss: ours beside autograd's, both exact."""
    yield "3. Gradient of the autoencoder's loss, k = 16, one epoch"
    for nodes in (500, 1_000) if quick else (1_000, 2_000, 4_000):
        contenders = decoders(blocks(nodes))
        costs = take_turns(contenders, 3 if quick else 7)
        ours, theirs = (gradient() for gradient in contenders.values())
        figures = {"relative difference": float((ours - theirs).norm() / theirs.norm())}
        yield row("decoder", f"{nodes} nodes: ours", costs["ours"])
        what = f"{nodes} nodes: autograd, dense"
        yield row("decoder", what, costs["autograd"], costs["ours"], **figures)


def decoders(graph: Graph) -> dict[str, Callable[[], torch.Tensor]]:
    """Both ways to the gradient at random points; what the graph alone decides is made before."""
    edges, count = torch.from_numpy(graph.edges), graph.num_nodes
    points = 0.3 * torch.randn(count, 16, generator=torch.Generator().manual_seed(0))
    own = Reconstruction(edges, count)
    dense = torch.eye(count)
    dense[edges[0], edges[1]] = dense[edges[1], edges[0]] = 1
    absent = count * count - dense.sum()
    weight, scale = absent / dense.sum(), count * count / (2 * absent)

    def by_autograd() -> torch.Tensor:
        given = points.clone().requires_grad_()
        loss = binary_cross_entropy_with_logits(given @ given.T, dense, pos_weight=weight)
        (scale * loss).backward()
        return given.grad

    return {"ours": lambda: own.gradient(points), "autograd": by_autograd}


# Repeated eigenvalues -------------------------------------------------------------------------


def repeated_graphs(quick: bool) -> Iterator[tuple[str, sparse.csr_array, int]]:
    """Graphs whose leading eigenvalues repeat, and how many of them are wanted."""
    part = nx.to_scipy_sparse_array(nx.gnp_random_graph(200, 0.04, seed=0), dtype=np.float64)
    yield "4 copies of 200 nodes", sparse.block_diag([part] * 4).tocsr(), 4
    edge = sparse.csr_array(np.array([[0.0, 1.0], [1.0, 0.0]]))
    for size in (10,) if quick else (10, 11):
        cube = edge
        for _ in range(size - 1):
            cube = sparse.kronsum(cube, edge, format="csr")
        yield f"hypercube {size}", sparse.csr_array(cube), size + 1
    for side, k in ((25, 25),) if quick else ((25, 25), (51, 9)):
        line = np.roll(np.eye(side), 1, axis=1)
        cycle = sparse.csr_array(line + line.T)
        yield f"torus {side} x {side}", sparse.csr_array(sparse.kronsum(cycle, cycle)), k


def bench_repeated(quick: bool) -> Iterator[Row | str]:
    """Every copy of a repeated eigenvalue: ours, which checks, beside bare ARPACK and dense."""
    yield "4. Graphs with repeated eigenvalues; errors are against all eigenvalues by numpy"
    for name, matrix, k in repeated_graphs(quick):
        n = matrix.shape[0]
        start = np.random.default_rng(0).standard_normal(n)
        contenders: dict[str, Callable[[], Any]] = {
            "ours": lambda matrix=matrix, k=k: leading_eigenvectors(matrix, k)[0].numpy(),
            "scipy eigsh": lambda matrix=matrix, k=k, start=start: eigsh(
                matrix, k=k, which="LM", v0=start
            )[0],
        }
        costs = take_turns(contenders, 3)
        every, cost = timed(lambda matrix=matrix: np.linalg.eigvalsh(matrix.toarray()))
        true = np.sort(np.abs(every))[::-1][:k]
        for told, run_it in contenders.items():
            wrong = np.abs(np.sort(np.abs(run_it()))[::-1] - true).max()
            what = f"{name}, {n} nodes, k = {k}: {told}"
            yield row("repeated", what, costs[told], costs["ours"], **{"error": float(wrong)})
        yield row("repeated", f"{name}: numpy eigvalsh, dense (once)", cost, costs["ours"])


# The table ------------------------------------------------------------------------------------


def lines(only: list[str], quick: bool, other: str | None) -> Iterator[Row | str]:
    """All lines of the chosen parts."""
    if "solvers" in only:
        yield from bench_solvers(quick, other)
    if "growth" in only:
        yield from bench_growth(quick)
    if "decoder" in only:
        yield from bench_decoder(quick)
    if "repeated" in only:
        yield from bench_repeated(quick)


def main() -> None:
    """Run the chosen parts and print the table."""
    parser = options(__doc__, ["solvers", "growth", "decoder", "repeated"])
    parser.add_argument("--other", metavar="PYTHON", help="a Python that has graspologic")
    arguments = parser.parse_args()
    run(arguments, PACKAGES, lines(arguments.only, arguments.quick, arguments.other))


if __name__ == "__main__":
    main()
