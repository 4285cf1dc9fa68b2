"""Graphs of PyTorch Geometric as trees: in memory, or in pickled files as CosmoBench's.

Such a file is a pickle, which could run any code. Here it makes tensors, arrays and plain stand-ins
for PyTorch Geometric's classes, and nothing else; PyTorch Geometric itself is not needed.
"""

from __future__ import annotations

import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from zoo_core import BadInput, notice
from zoo_cosmobench.trees.forest import FEATURES, NAMES, Forest, joined

# NumPy 1 and 2 keep these functions in different modules; this finds them in either.
_RECONSTRUCT: Any = np.empty(0).__reduce__()[0]
_SCALAR: Any = np.float64(0).__reduce__()[0]
_CORES = ("numpy.core.multiarray", "numpy._core.multiarray")


class _Stored:
    """Stands in for the classes of PyTorch Geometric: takes up whatever state was pickled."""

    def __init__(self, *_: Any, **__: Any) -> None:
        self.state: dict[str, Any] = {}

    def __setstate__(self, state: Any) -> None:
        # A pickle makes an object without its constructor.
        self.state = dict(state) if isinstance(state, Mapping) else {}


_ALLOWED: dict[tuple[str, str], Any] = {
    ("torch._utils", "_rebuild_tensor_v2"): torch._utils._rebuild_tensor_v2,
    ("torch", "Size"): torch.Size,
    ("collections", "OrderedDict"): OrderedDict,
    ("collections", "defaultdict"): lambda *_: {},
    ("numpy", "dtype"): np.dtype,
    ("numpy", "ndarray"): np.ndarray,
    **{(core, "_reconstruct"): _RECONSTRUCT for core in _CORES},
    **{(core, "scalar"): _SCALAR for core in _CORES},
    ("_codecs", "encode"): lambda text, encoding: text.encode("latin1"),
}
_STAND_INS = {
    ("torch_geometric.data.data", "Data"),
    ("torch_geometric.data.data", "DataEdgeAttr"),
    ("torch_geometric.data.data", "DataTensorAttr"),
    ("torch_geometric.data.storage", "GlobalStorage"),
}


class _Restricted(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _STAND_INS:
            return _Stored
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise BadInput(
                f"A pickle asks for {module}.{name}, which trees have no need of and which could "
                "run code; the file was refused: get it from its official address."
            ) from None


_PICKLE = SimpleNamespace(Unpickler=_Restricted, __name__="restricted", load=None)


@dataclass(frozen=True)
class Graph:
    """One graph: features (n, k), edges (2, e), and what else it says of itself."""

    features: NDArray[np.float32]
    edges: NDArray[np.int64]
    more: Mapping[str, Any]
    label: str

    @property
    def targets(self) -> NDArray[np.float64]:
        """Omega_m and sigma_8, the first two numbers of `y`; raises `BadInput` where they lack."""
        values = self.more.get("y")
        found = np.ravel(np.asarray([] if values is None else values, np.float64))
        if len(found) < len(NAMES) or not np.isfinite(found[: len(NAMES)]).all():
            raise BadInput(f"{self.label} has no {' and '.join(NAMES)} in y.")
        return found[: len(NAMES)]

    @property
    def simulation(self) -> int:
        """The number of the simulation; raises `BadInput` where it lacks."""
        found = self.more.get("lh_id")
        if found is None:
            raise BadInput(f"{self.label} has no lh_id, the number of its simulation.")
        return int(found)


def graphs_in(source: Any) -> list[Graph] | None:
    """Return the graphs of a .pt file, or of objects in memory; None for what is neither."""
    if isinstance(source, str | PathLike):
        path = Path(source).expanduser()
        return read_graphs(path) if path.suffix in (".pt", ".pth") else None
    objects = source if isinstance(source, list | tuple) else [source]
    if not objects or not all(hasattr(one, "edge_index") and hasattr(one, "x") for one in objects):
        return None
    return [
        _graph({name: one[name] for name in _keys(one)}, f"Graph {number}")
        for number, one in enumerate(objects)
    ]


def _keys(data: Any) -> Sequence[str]:
    keys = data.keys
    return list(keys() if callable(keys) else keys)


def read_graphs(path: Path) -> list[Graph]:
    """Return the graphs of a file that `torch.save` wrote of a list of them.

    Raises `BadInput` for a file that is not there, for one that is no such file, and for one whose
    pickle asks for anything else.
    """
    if not path.is_file():
        raise BadInput(f"{path} does not exist.")
    if not zipfile.is_zipfile(path):
        raise BadInput(f"{path.name} is no file of torch.save (since PyTorch 1.6), or is damaged.")
    try:
        found = torch.load(path, map_location="cpu", weights_only=False, pickle_module=_PICKLE)
    except BadInput:
        raise
    except Exception as error:  # a damaged pickle raises whatever its bytes happen to ask for
        raise BadInput(
            f"{path.name} is no list of graphs, or is damaged ({type(error).__name__})."
        ) from error
    objects = found if isinstance(found, list) else [found]
    if not objects or not all(isinstance(one, _Stored) for one in objects):
        raise BadInput(f"{path.name} has no graphs of PyTorch Geometric in a list.")
    return [
        _graph(_contents(one), f"Graph {number} of {path.name}")
        for number, one in enumerate(objects)
    ]


def _contents(stored: _Stored) -> Mapping[str, Any]:
    """Return what a graph holds: of PyTorch Geometric 2 in a storage, before that in itself."""
    state = getattr(stored, "state", {})
    store = state.get("_store")
    mapping = getattr(store, "state", {}).get("_mapping") if store is not None else state
    return mapping if isinstance(mapping, Mapping) else {}


def _graph(contents: Mapping[str, Any], label: str) -> Graph:
    for name in ("x", "edge_index"):
        if not isinstance(contents.get(name), torch.Tensor):
            raise BadInput(f"{label} has no {name}; expected x (n, 4) and edge_index (2, e).")
    features = contents["x"].detach().cpu().float().numpy()
    edges = contents["edge_index"].detach().cpu().numpy()
    if (
        features.ndim != 2
        or features.shape[1] < len(FEATURES)
        or edges.ndim != 2
        or len(edges) != 2
    ):
        raise BadInput(
            f"{label} has x {features.shape} and edge_index {edges.shape}; expected (n, 4) and "
            "(2, e)."
        )
    if edges.size and not (edges.min() >= 0 and edges.max() < len(features)):
        raise BadInput(f"{label} has edges to haloes that it does not have.")
    return Graph(features, edges.astype(np.int64), contents, label)


def forest_of_graphs(graphs: Sequence[Graph]) -> Forest:
    """Return checked trees of graphs whose edges go from child to parent.

    Of features beyond the first four (positions and velocities) a notice tells. Raises `BadInput`
    for a halo with two descendants, and for what `Forest.check` refuses.
    """
    extra = max(one.features.shape[1] for one in graphs) - len(FEATURES)
    if extra:
        notice(f"The haloes have {extra} features beside {', '.join(FEATURES)}; these are unused.")
    return joined([_tree(one) for one in graphs])


def _tree(graph: Graph) -> Forest:
    child, above = graph.edges
    nodes = len(graph.features)
    if len(np.unique(child)) < len(child):
        raise BadInput(f"{graph.label} has a halo with two descendants; it is no tree.")
    parent = np.full(nodes, -1)
    parent[child] = above
    lengths = np.full(nodes, 2.0)
    given = graph.more.get("edge_attr")
    if isinstance(given, torch.Tensor) and given.numel() == len(child):
        lengths[child] = given.detach().cpu().numpy().ravel()
    return Forest.of(graph.features[:, : len(FEATURES)], parent, [0, nodes], lengths)
