"""The WL subtree kernel beside GraKeL, NetworkX and plain dictionaries; the tests; long paths.

    python benchmarks/wl.py [--quick] [--threads 1] [--only kernel ...] [--json FILE]
        [--other PYTHON]

Figures are medians over repeats in which the contenders take turns, after one run that is not
counted; what takes many seconds runs once. CPU seconds are user and system time of all threads. On
a machine that is busy with something else both kinds of seconds grow: compare within one run.

GraKeL is timed here where it is installed, or in a process of `--other`, a Python that has it, in
the same run and on the same graphs. Every contender's kernel matrix must equal ours, entry by
entry. The graphs are NCI1 and the pairs of BREC where they can be had (ZOO_DATA_MIRROR or the
network), else generated ones; `--quick` always takes small generated ones.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import numpy as np
import torch
from contest import Cost, Row, options, row, run, take_turns, timed
from scipy import sparse
from zoo_graphs.colour_refinement import colour_rounds
from zoo_graphs.graph_set import GraphSet
from zoo_wl_tutorial.data.pairs import PairSet
from zoo_wl_tutorial.features import histograms
from zoo_wl_tutorial.kernels import gram
from zoo_wl_tutorial.refinement.comparison import compare
from zoo_wl_tutorial.refinement.rounds import refine, until_stable
from zoo_wl_tutorial.specs.data import BREC

import zoo
from zoo_core import ZooError

ROUNDS = 5
PACKAGES = ("torch", "numpy", "scipy", "networkx", "zoo-core", "zoo-graphs", "zoo-wl-tutorial")

# Run by a Python that has GraKeL: times the kernel matrix of a set, and keeps it.
CHILD = """
    import json, statistics, sys, time
    import numpy as np
    from grakel import __version__
    from grakel.kernels import VertexHistogram, WeisfeilerLehman

    path, rounds, repeats, keep = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    given = np.load(path)
    edges, offsets, labels = given["edges"], given["offsets"], given["labels"]
    bounds = np.searchsorted(edges[0], offsets)
    graphs = []
    for i in range(len(offsets) - 1):
        u, v = edges[:, bounds[i] : bounds[i + 1]].tolist()
        names = {node: int(labels[node]) for node in range(offsets[i], offsets[i + 1])}
        graphs.append([set(zip(u, v)) | set(zip(v, u)), names])
    costs = []
    for turn in range(repeats):
        kernel = WeisfeilerLehman(n_iter=rounds, base_graph_kernel=VertexHistogram)
        cpu, wall = time.process_time(), time.perf_counter()
        matrix = kernel.fit_transform(graphs)
        costs.append((time.perf_counter() - wall, time.process_time() - cpu))
    np.save(keep, matrix)
    cost = [statistics.median(column) for column in zip(*costs)]
    print(json.dumps({"version": __version__, "cost": cost}))
    """


# The graphs -----------------------------------------------------------------------------------


def generated(graphs: int, nodes: int, labels: int) -> GraphSet:
    """Random trees with a few more edges, and labels some of which are frequent: like molecules."""
    rng = np.random.default_rng(0)
    offsets = np.arange(graphs + 1) * nodes
    child = np.tile(np.arange(1, nodes), graphs)
    parent = np.maximum(child - rng.integers(1, 4, child.size), 0)
    base = np.repeat(offsets[:-1], nodes - 1)
    rings = rng.integers(0, nodes, (2, 2 * graphs)) + np.repeat(offsets[:-1], 2)
    edges = np.concatenate([np.stack([child, parent]) + base, rings], axis=1)
    tags = (labels * rng.random(graphs * nodes) ** 4).astype(np.int64)
    return GraphSet.from_edges(edges, offsets, tags, name="generated graphs", layout="columns")


def molecules(quick: bool) -> GraphSet:
    """The labelled graphs for the kernel."""
    if quick:
        return generated(120, 20, 8)
    try:
        found: GraphSet = zoo.dataset("nci1")
        return found
    except ZooError as error:
        print(f"NCI1 cannot be had ({error}); generated graphs of its size instead.")
        return generated(4110, 30, 37)


def all_pairs(quick: bool) -> dict[str, PairSet]:
    """Pairs to test, by category."""
    if not quick:
        try:
            return {name: zoo.dataset("brec", category=name) for name in BREC}
        except ZooError as error:
            print(f"BREC cannot be had ({error}); generated pairs instead.")
    return {"CFI pairs": zoo.dataset("cfi", bases=["C3", "C5", "diamond", "K4"])}


# Other ways -----------------------------------------------------------------------------------


def neighbours(graphs: GraphSet) -> list[list[int]]:
    """The neighbours of each node of the union."""
    found: list[list[int]] = [[] for _ in range(graphs.num_nodes)]
    for u, v in graphs.edges.T.tolist():
        found[u].append(v)
        found[v].append(u)
    return found


def by_dictionaries(graphs: GraphSet, around: list[list[int]], rounds: int) -> np.ndarray:
    """The kernel as one writes it: a dictionary of (colour, sorted neighbours), sparse counts."""
    colours = graphs.node_labels.tolist()
    rows, columns = [], []
    used = 0
    for turn in range(rounds + 1):
        if turn:
            known: dict[Any, int] = {}
            keys = [
                (own, tuple(sorted([colours[other] for other in near])))
                for own, near in zip(colours, around, strict=True)
            ]
            colours = [known.setdefault(key, len(known)) for key in keys]
        rows.append(graphs.graph_of_node)
        columns.append(np.array(colours) + used)
        used += max(colours) + 1
    return from_places(np.concatenate(rows), np.concatenate(columns), len(graphs), used)


def from_places(rows: Any, columns: Any, graphs: int, width: int) -> np.ndarray:
    """The kernel matrix of counts, one for each listed place."""
    counts = sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(graphs, width))
    return np.asarray((counts @ counts.T).todense())


def networkx_graphs(graphs: GraphSet) -> list[Any]:
    """The same graphs for NetworkX."""
    import networkx as nx

    made = []
    labels = graphs.node_labels
    for i in range(len(graphs)):
        one = graphs.select([i])
        graph = nx.Graph()
        tags = [0] * one.num_nodes if labels is None else one.node_labels.tolist()
        # Of one width: NetworkX joins labels without a sign between them, 1 and 10 like 11 and 0.
        graph.add_nodes_from((v, {"label": f"{tag:04d}"}) for v, tag in enumerate(tags))
        graph.add_edges_from(one.edges.T.tolist())
        made.append(graph)
    return made


def by_networkx(graphs: list[Any], rounds: int) -> np.ndarray:
    """The kernel from NetworkX's hashes of the subtrees around each node, initial label included.

    A hash names its round too: equal labels of different rounds would else be counted together.
    """
    import networkx as nx

    known: dict[tuple[int, str], int] = {}
    rows, columns = [], []
    for number, graph in enumerate(graphs):
        found = nx.weisfeiler_lehman_subgraph_hashes(
            graph, node_attr="label", iterations=rounds, include_initial_labels=True
        )
        for hashes in found.values():
            for turn, text in enumerate(hashes):
                rows.append(number)
                columns.append(known.setdefault((turn, text), len(known)))
    return from_places(rows, columns, len(graphs), len(known))


def by_grakel(python: str, graphs: GraphSet, repeats: int) -> tuple[str, Cost, np.ndarray] | None:
    """GraKeL's version, cost and matrix, measured in a process; None where it is not installed."""
    with tempfile.TemporaryDirectory() as folder:
        given, kept = Path(folder) / "graphs.npz", Path(folder) / "kernel.npy"
        np.savez(given, edges=graphs.edges, offsets=graphs.offsets, labels=graphs.node_labels)
        words = [python, "-c", dedent(CHILD), given, ROUNDS, repeats, kept]
        done = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False)
        if done.returncode:
            if "No module named 'grakel'" in done.stderr:
                return None
            raise SystemExit(f"GraKeL failed:\n{done.stderr}")
        found = json.loads(done.stdout)
        return found["version"], Cost(*found["cost"]), np.load(kept)


def folklore_by_dictionaries(graphs: GraphSet, first: int) -> bool:
    """Whether folklore 2-WL, as one writes it in Python, separates graphs `first`, `first` + 1."""
    sides = []
    for i in (first, first + 1):
        table = graphs.adjacency(i).tolist()
        n = range(len(table))
        sides.append({(u, v): 2 if u == v else table[u][v] for u in n for v in n})
    classes = 0
    while True:
        known: dict[Any, int] = {}
        for number, side in enumerate(sides):
            n = range(math.isqrt(len(side)))
            keys = {
                (u, v): (own, tuple(sorted((side[w, v], side[u, w]) for w in n)))
                for (u, v), own in side.items()
            }
            sides[number] = {at: known.setdefault(key, len(known)) for at, key in keys.items()}
        if sorted(sides[0].values()) != sorted(sides[1].values()):
            return True
        if len(known) == classes:
            return False
        classes = len(known)


# The parts ------------------------------------------------------------------------------------


def bench_kernel(quick: bool, python: str) -> Iterator[Row | str]:
    """Features and kernel matrix of one set of graphs."""
    graphs = molecules(quick)
    yield (
        f"1. WL subtree kernel, H = {ROUNDS}; {graphs.name}: {len(graphs)} graphs, "
        f"{graphs.num_nodes} nodes, {graphs.num_edges} edges"
    )
    around = neighbours(graphs)
    contenders = {
        "ours": lambda: gram(histograms(graphs, ROUNDS)),
        "features": lambda: histograms(graphs, ROUNDS),
        "dictionaries": lambda: by_dictionaries(graphs, around, ROUNDS),
    }
    costs = take_turns(contenders, 3)
    ours = costs["ours"]
    matrix = contenders["ours"]()
    figures = {
        "sum": float(matrix.sum()),
        "colours": float(histograms(graphs, ROUNDS).vocabulary.size),
    }
    yield row("kernel", "ours: features and matrix", ours, **figures)
    yield row("kernel", "(ours: features alone)", costs["features"], ours)
    found = by_grakel(python, graphs, 1 if not quick else 3)
    if found is None:
        yield "   GraKeL is not installed; name a Python that has it with --other."
    else:
        number, cost, other = found
        check(matrix, other, "GraKeL")
        yield row("kernel", f"GraKeL {number}: fit_transform", cost, ours)
    check(matrix, contenders["dictionaries"](), "dictionaries")
    yield row("kernel", "dictionaries and a sparse product", costs["dictionaries"], ours)
    made = networkx_graphs(graphs)
    other, cost = timed(lambda: by_networkx(made, ROUNDS))
    check(matrix, other, "NetworkX")
    yield row("kernel", "NetworkX: subgraph hashes, sparse product", cost, ours)


def check(ours: np.ndarray, other: np.ndarray, name: str) -> None:
    """Stop unless two kernel matrices have the same entries."""
    if not np.array_equal(ours, other):
        raise SystemExit(f"The kernel matrix of {name} is not ours: the times compare nothing.")


def bench_tests(quick: bool) -> Iterator[Row | str]:
    """The tests on pairs, by category."""
    data = all_pairs(quick)
    count = sum(len(one) for one in data.values())
    yield f"2. Tests on {count} pairs: {', '.join(data)}"
    total = {"1-wl": 0.0, "2-wl": 0.0, "2-fwl": 0.0}
    costs: dict[str, Cost] = {}
    for variant in total:
        cost = take_turns({variant: lambda name=variant: separated(data, name)}, 3)[variant]
        costs[variant] = cost
        found = float(separated(data, variant))
        yield row("tests", f"ours: {variant}", cost, pairs=float(count), separated=found)
    made = {name: networkx_graphs(one.graphs) for name, one in data.items()}
    found, cost = timed(lambda: hashed_apart(made))
    yield row(
        "tests", "NetworkX: graph hashes, 10 rounds of 1-WL", cost, costs["1-wl"], separated=found
    )
    small = {name: one for name, one in data.items() if one.graphs.sizes.max() <= 20}
    few = sum(len(one) for one in small.values())
    ours = take_turns({"ours": lambda: separated(small, "2-fwl")}, 3)["ours"]
    yield row("tests", f"ours: 2-fwl on {few} pairs of at most 20 nodes", ours)
    found, cost = timed(
        lambda: sum(
            folklore_by_dictionaries(one.graphs, 2 * i)
            for one in small.values()
            for i in range(len(one))
        )
    )
    yield row("tests", "the same by dictionaries, in Python", cost, ours, separated=float(found))


def separated(data: Mapping[str, PairSet], variant: str) -> int:
    """How many pairs a test tells apart."""
    total = 0
    for one in data.values():
        classes = refine(one.graphs, variant).classes()
        total += int((classes[::2] != classes[1::2]).sum())
    return total


def hashed_apart(graphs: Mapping[str, list[Any]]) -> float:
    """How many pairs NetworkX's graph hashes tell apart."""
    import networkx as nx

    hashes = [
        [nx.weisfeiler_lehman_graph_hash(one, iterations=10, node_attr="label") for one in each]
        for each in graphs.values()
    ]
    return float(sum(a != b for each in hashes for a, b in zip(each[::2], each[1::2], strict=True)))


def bench_long(quick: bool) -> Iterator[Row | str]:
    """Two paths, whose refinement takes half as many rounds as they have nodes."""
    nodes = 1_000 if quick else 20_000
    ends = np.arange(nodes - 1)
    path = GraphSet.from_edges(np.stack([ends, ends + 1]), [0, nodes], layout="columns")
    both = GraphSet.concatenate([path, path])
    yield f"3. Two paths of {nodes} nodes, until nothing splits any more"
    ours, mine = timed(lambda: compare(both, "1-wl"))
    count, other = timed(lambda: sum(1 for _ in until_stable(colour_rounds(both))))
    if ours.round is not None or len(ours.counts[0]) != count:
        raise SystemExit("The rounds are not the same: the times compare nothing.")
    rounds = float(count)
    kept = 8.0 * both.num_nodes / 1e6
    yield row("long", "ours: neighbours of what moved", mine, rounds=rounds, megabytes=kept)
    figures = {"rounds": rounds, "megabytes": kept * count}
    yield row("long", "hashing all nodes in each round, all kept", other, mine, **figures)


# The table ------------------------------------------------------------------------------------


def lines(only: list[str], quick: bool, python: str) -> Iterator[Row | str]:
    """All lines of the chosen parts."""
    if "kernel" in only:
        yield from bench_kernel(quick, python)
    if "tests" in only:
        yield from bench_tests(quick)
    if "long" in only:
        yield from bench_long(quick)


def main() -> None:
    """Run the chosen parts and print the table."""
    parser = options(__doc__, ["kernel", "tests", "long"])
    parser.add_argument("--other", metavar="PYTHON", help="a Python that has GraKeL")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    found = lines(arguments.only, arguments.quick, arguments.other or sys.executable)
    run(arguments, PACKAGES, found)


if __name__ == "__main__":
    main()
