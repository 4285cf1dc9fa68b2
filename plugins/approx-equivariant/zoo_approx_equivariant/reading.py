"""What a user has, signals on an own graph or images of an own, to data that networks train on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import zoo_symmetry as zs
from numpy.typing import NDArray
from torch import Tensor
from zoo_images.preprocessing import Preprocessing
from zoo_images.sources import as_batch, pictures
from zoo_tables import open_arrays

from zoo_approx_equivariant.coarsening import (
    NEIGHBOURS,
    Labels,
    as_labels,
    graph_of,
    nested,
    symmetric_weights,
)
from zoo_approx_equivariant.data import Signals, hidden_signals
from zoo_core import BadInput, notice

KEYS = ("signals", "targets", "adjacency", "edges", "weights", "coordinates", "clusters")
GRAPHS = ("adjacency", "edges", "coordinates", "clusters")
LEAST = 12
"""Signals that are needed for a test, and for something to learn, to stop and to judge by."""
MOST_AUTOMORPHISMS = 200
"""Nodes of a graph whose automorphisms are looked for."""


def read_signals(
    source: Any,
    *,
    counts: Sequence[int] | None = None,
    neighbours: int = NEIGHBOURS,
    hide: float = 0.5,
    test: float = 0.2,
    seed: int = 0,
) -> Signals:
    """Return signals on one graph, with the partitions of its nodes that a chain tries.

    `source` is an .npz or a dictionary with ``signals`` (m, N) or (m, N, d), perhaps ``targets``
    (m, N) or (m, N, o), and one of: ``adjacency`` (N, N), whose weights may be directed; ``edges``
    (2, E) with ``weights`` (E,) or without; ``coordinates`` (N, p), each node of which is joined to
    its nearest `neighbours`; ``clusters`` (N,), or several partitions (L, N). `counts` are the
    numbers of clusters that spectral clustering makes of a graph (default: 2, 4, 8, …); each
    partition lies within the one before. Where the adjacency tells them, the graph's automorphisms
    are tried too.

    Without targets the network learns to restore signals of which a share `hide` of the nodes,
    those nearest to a random one, is hidden: set to the mean of what is learnt from. A share `test`
    of the signals is for the test, and as many choose the epoch. Raises `BadInput`, by name, for
    what does not fit, for NaN, and for fewer than 12 signals.
    """
    arrays = _arrays(source)
    signals = signals_of(arrays)
    count, nodes = signals.shape[:2]
    rows = _split(count, test, seed)
    weights, adjacency, partitions = _graph(arrays, nodes, neighbours)
    if weights is not None:
        wanted = _doubling(nodes) if counts is None else _counts(counts, nodes)
        partitions = nested(weights, wanted)
    if "targets" in arrays:
        targets = _signals(arrays["targets"], "targets")
        if targets.shape[:2] != signals.shape[:2]:
            raise BadInput(
                f"targets have the shape {tuple(targets.shape)} and signals "
                f"{tuple(signals.shape)}; expected as many signals and nodes."
            )
        inputs = signals
    else:
        if not 0 < hide < 1:
            raise BadInput(f"hide={hide}; expected a share of the nodes between 0 and 1.")
        notice(
            f"There are no targets: the network learns to restore signals of which {hide:.0%} of "
            "the nodes are hidden."
        )
        places = _hidden(arrays, weights, nodes, count, hide, seed)
        mean = signals[rows["train"]].mean((0, 1))
        targets, inputs = signals, torch.where(places[..., None], mean, signals)
    return Signals(
        inputs=inputs,
        targets=targets,
        rows=rows,
        partitions=partitions,
        generators=[] if adjacency is None else automorphisms(adjacency),
        facts={"signals": count, "nodes": nodes},
    )


def signals_of(source: Any) -> Tensor:
    """Return signals (m, N, d) of an array, or of an .npz or dictionary that has "signals"."""
    if isinstance(source, np.ndarray | Tensor | list):
        return _signals(source, "signals")
    return _signals(_arrays(source)["signals"], "signals")


def automorphisms(adjacency: NDArray[np.float64]) -> list[list[int]]:
    """Return generators of a weighted graph's automorphisms; none where there are too many nodes.

    What highly regular graphs leave undecided is left out, with a notice.
    """
    if len(adjacency) > MOST_AUTOMORPHISMS:
        return []
    _, colours = np.unique(adjacency, return_inverse=True)
    try:
        group, _ = zs.two_closure(colours.reshape(adjacency.shape))
    except BadInput as error:
        notice(f"The graph's automorphisms are left out: {error}")
        return []
    return [list(one) for one in group.generators]


def read_images(
    source: Any,
    *,
    square: int | None = None,
    size: int | Sequence[int] | None = None,
    mean: float = 0.5,
    std: float = 0.5,
    test: float = 0.2,
    seed: int = 0,
) -> Signals:
    """Return a user's images, with a square hidden in each, to train `gnet` to restore them.

    `source` is a folder of images (subfolders too), or a uint8 array (n, H, W). Images of a folder
    are resized to `size` (default: 28 x 28, with a notice where they differ); `square` is the side
    of the square (default: half of the shorter side), and `mean` and `std` normalise pixels in
    0..1, where the mean stands for what is hidden. Raises `BadInput` for fewer than 12 images.
    """
    if std <= 0:
        raise BadInput(f"std={std}; expected a positive number.")
    images = _pixels(source, size)
    side = min(images.shape[1:]) // 2 if square is None else square
    rows = _split(len(images), test, seed)
    return hidden_signals(images, rows, mean, std, side, seed)


def _pixels(source: Any, size: int | Sequence[int] | None) -> NDArray[np.uint8]:
    batch: Tensor | str | Path
    if isinstance(source, np.ndarray | Tensor):
        batch = as_batch(source[:, None] if source.ndim == 3 else source)
        wanted = tuple(batch.shape[2:]) if size is None else _side(size)
    elif isinstance(source, str | Path) and Path(source).expanduser().is_dir():
        batch, wanted = source, _side(28 if size is None else size)
        if size is None:
            notice("Images are resized to 28 x 28 where they differ; size= takes another size.")
    else:
        raise BadInput(
            f"{source!r:.80} is neither a folder of images nor a uint8 array (n, H, W) of them."
        )
    plain = Preprocessing((wanted[0], wanted[1]), 1, (0.0,), (1 / 255,))
    found = [pixels[:, 0] for _, pixels in pictures([batch], plain, 256)]
    return np.asarray(torch.cat(found).round().to(torch.uint8).numpy())


def _side(size: int | Sequence[int]) -> tuple[int, ...]:
    sides = (size, size) if isinstance(size, int) else tuple(size)
    if len(sides) != 2 or not all(isinstance(one, int) and one > 0 for one in sides):
        raise BadInput(f"size={size!r}; expected a number of pixels, or [H, W].")
    return sides


def _arrays(source: Any) -> dict[str, Any]:
    """Return the arrays of an .npz or dictionary; what has no known name is told."""
    if isinstance(source, str | Path):
        path = Path(source).expanduser()
        if path.suffix != ".npz":
            raise BadInput(
                f"{path.name} is no .npz; save signals (m, N) and a graph with numpy.savez."
            )
        with open_arrays(path) as opened:
            found = {name: opened[name] for name in opened.names}
    elif isinstance(source, Mapping):
        found = dict(source)
    else:
        raise BadInput(
            f"A {type(source).__name__} is no source of signals; expected an .npz or a dictionary "
            f"with {', '.join(KEYS)}."
        )
    if "signals" not in found:
        raise BadInput(
            f"There are no signals among {', '.join(found) or 'nothing'}; expected signals (m, N)."
        )
    others = [name for name in found if name not in KEYS]
    if others:
        notice(f"Not used: {', '.join(others)}; the known names are {', '.join(KEYS)}.")
    return {name: found[name] for name in KEYS if name in found}


def _signals(given: Any, name: str) -> Tensor:
    array = _numbers(given, name)
    if array.ndim == 2:
        array = array[..., None]
    if array.ndim != 3 or 0 in array.shape:
        raise BadInput(
            f"{name} have the shape {array.shape}; expected (m, N) or (m, N, d): signals, nodes, "
            "channels."
        )
    return torch.from_numpy(array.astype(np.float32))


def _numbers(given: Any, name: str) -> NDArray[Any]:
    """Return finite numbers; raises `BadInput` that names the array for anything else."""
    if hasattr(given, "toarray"):
        given = given.toarray()
    if isinstance(given, Tensor):
        given = given.detach().cpu().numpy()
    try:
        array = np.asarray(given)
        finite = bool(np.isfinite(array).all())
    except (TypeError, ValueError) as error:
        raise BadInput(f"{name} are no array of numbers ({str(error)[:60]}).") from error
    if array.dtype.kind not in "iufb":
        raise BadInput(f"{name} are of {array.dtype}; expected real numbers.")
    if not finite:
        raise BadInput(f"{name} hold NaN or infinite numbers; fill them in or leave them out.")
    return array


def _split(count: int, test: float, seed: int) -> dict[str, Tensor]:
    if count < LEAST:
        raise BadInput(f"There are {count} of them; expected {LEAST} or more to learn and to test.")
    if not 0 < test <= 0.4:
        raise BadInput(f"test={test}; expected a share above 0, of 0.4 at most.")
    part = max(2, round(test * count))
    order = torch.from_numpy(np.random.default_rng(seed).permutation(count))
    return {"train": order[2 * part :], "val": order[part : 2 * part], "test": order[:part]}


def _graph(
    arrays: Mapping[str, Any], nodes: int, neighbours: int
) -> tuple[NDArray[np.float64] | None, NDArray[np.float64] | None, list[Labels]]:
    """Return weights to cluster by, the adjacency where there is one, and given partitions."""
    given = [name for name in GRAPHS if name in arrays]
    if len(given) != 1:
        raise BadInput(
            f"{' and '.join(given) or 'No graph'} {'are' if given else 'is'} given; expected one "
            f"of {', '.join(GRAPHS)}."
        )
    (name,) = given
    if name == "clusters":
        return None, None, _partitions(arrays[name], nodes)
    array = _numbers(arrays[name], name).astype(np.float64)
    if name == "coordinates":
        if array.ndim != 2 or len(array) != nodes:
            raise BadInput(f"coordinates have the shape {array.shape}; expected ({nodes}, p).")
        if neighbours < 1:
            raise BadInput(f"neighbours={neighbours}; expected 1 or more.")
        return graph_of(array, neighbours), None, []
    if name == "edges":
        array = _adjacency(array, arrays.get("weights"), nodes)
    if array.shape != (nodes, nodes):
        raise BadInput(f"adjacency has the shape {array.shape}; expected ({nodes}, {nodes}).")
    loops = int((array.diagonal() != 0).sum())
    if loops:
        notice(f"{loops} self-loops do not count in clustering.")
    weights, directed = symmetric_weights(array)
    if directed:
        notice("The graph is directed; its edges count both ways in clustering.")
    return weights, array, []


def _adjacency(edges: NDArray[np.float64], weights: Any, nodes: int) -> NDArray[np.float64]:
    if edges.ndim != 2 or 2 not in edges.shape:
        raise BadInput(f"edges have the shape {edges.shape}; expected (2, E) or (E, 2).")
    ends = edges if edges.shape[0] == 2 else edges.T
    pairs = ends.astype(np.int64)
    if not ((pairs == ends) & (pairs >= 0) & (pairs < nodes)).all():
        raise BadInput(f"edges join the nodes 0 to {nodes - 1} by whole numbers; others are given.")
    sizes = np.ones(pairs.shape[1]) if weights is None else _numbers(weights, "weights")
    if sizes.shape != (pairs.shape[1],):
        raise BadInput(f"weights have the shape {sizes.shape} for {pairs.shape[1]} edges.")
    found = np.zeros((nodes, nodes))
    np.add.at(found, (pairs[0], pairs[1]), sizes)
    return found


def _partitions(given: Any, nodes: int) -> list[Labels]:
    array = np.asarray(given)
    levels = array[None] if array.ndim == 1 else array
    if levels.ndim != 2 or levels.shape[1] != nodes:
        raise BadInput(
            f"clusters have the shape {array.shape}; expected the cluster of each of {nodes} "
            f"nodes, ({nodes},), or several partitions (L, {nodes})."
        )
    return [as_labels(level) for level in levels]


def _doubling(nodes: int) -> list[int]:
    return [2**power for power in range(1, 20) if 2**power < nodes]


def _counts(counts: Any, nodes: int) -> list[int]:
    asked = (
        list(counts) if isinstance(counts, Iterable) and not isinstance(counts, str) else [counts]
    )
    if not asked or not all(
        isinstance(one, int) and not isinstance(one, bool) and 1 <= one <= nodes for one in asked
    ):
        raise BadInput(f"counts={counts!r}; expected numbers of clusters, from 1 to {nodes}.")
    return asked


def _hidden(
    arrays: Mapping[str, Any],
    weights: NDArray[np.float64] | None,
    nodes: int,
    count: int,
    share: float,
    seed: int,
) -> Tensor:
    """Return which nodes (m, N) are hidden: those nearest to a random one, or just random ones."""
    rng = np.random.default_rng((seed, 2))
    hidden = min(max(1, round(share * nodes)), nodes - 1)
    far = _distances(arrays, weights)
    order = rng.random((count, nodes)) * 1e-6
    if far is not None:
        order += far[rng.integers(0, nodes, count)]
    places = np.argsort(order, 1)[:, :hidden]
    found = np.zeros((count, nodes), bool)
    np.put_along_axis(found, places, True, 1)
    return torch.from_numpy(found)


def _distances(
    arrays: Mapping[str, Any], weights: NDArray[np.float64] | None
) -> NDArray[np.float64] | None:
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import shortest_path
    from scipy.spatial.distance import cdist

    if "coordinates" in arrays:
        points = np.asarray(arrays["coordinates"], np.float64)
        return np.asarray(cdist(points, points))
    if weights is None:
        return None
    hops = shortest_path(csr_array(weights > 0), unweighted=True)
    return np.where(np.isfinite(hops), hops, len(weights))
