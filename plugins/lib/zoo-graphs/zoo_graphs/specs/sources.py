"""Where the datasets' files come from: paths below a mirror, public addresses, pinned hashes.

`files.json` holds the SHA-256 of every file whose bytes are known. Where upstream's are not
known, `File.sha256` is None and the loaders check the parsed graph instead.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources

from zoo_core import File

_PLANETOID = (
    "https://raw.githubusercontent.com/kimiyoung/planetoid/"
    "af6abf468a772cc055bec88c52e4d6f51b7c37e3/data"
)
_GEOM_GCN = (
    "https://raw.githubusercontent.com/graphdml-uiuc-jlu/geom-gcn/"
    "f1fc0d14b3b019c562737240d06ec83b07d16a8f"
)
_YANDEX = (
    "https://raw.githubusercontent.com/yandex-research/heterophilous-graphs/"
    "a431395582e929d88271309716bea4fe24ce6318/data"
)
_GNN_BENCHMARK = "https://github.com/shchur/gnn-benchmark/raw/master/data/npz"
_SNAP = "https://snap.stanford.edu/data"
_NEWMAN = "http://www-personal.umich.edu/~mejn/netdata"
_TU = "https://www.chrsmrrs.com/graphkerneldatasets"
_GRAKEL = (
    "https://raw.githubusercontent.com/ysig/GraKeL/"
    "24d496d8dac448bd520ac8d83b571fbaafc0db71/grakel/tests/data"
)
_DGCNN = (
    "https://raw.githubusercontent.com/muhanzhang/pytorch_DGCNN/"
    "50f504131ca66382f3f078ae98e59aa3ae35b795/data"
)

PLANETOID_PARTS = ("x", "y", "tx", "ty", "allx", "ally", "graph", "test.index")


@cache
def _hashes() -> dict[str, str]:
    text = resources.files("zoo_graphs.specs").joinpath("files.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def _file(path: str, url: str | None) -> File:
    return File(path=path, url=url, sha256=_hashes().get(path))


def _mirrored(path: str) -> File | None:
    """Return a converted file, which only mirrors have, or None where there is none."""
    return _file(path, None) if path in _hashes() else None


def planetoid_converted(name: str) -> File | None:
    """Return the converted .npz of a Planetoid graph (None for PubMed)."""
    return _mirrored(f"planetoid/{name}.npz")


def planetoid_raw(name: str, part: str) -> File:
    """Return one of a Planetoid graph's upstream files; `part` is one of `PLANETOID_PARTS`."""
    return _file(f"planetoid/raw/ind.{name}.{part}", f"{_PLANETOID}/ind.{name}.{part}")


def geom_gcn_converted(name: str) -> File | None:
    """Return the converted .npz of a geom-gcn graph (None for Wisconsin and Actor)."""
    return _mirrored(f"geom-gcn/{name.replace('-', '_')}.npz")


def geom_gcn_raw(upstream: str, part: str) -> File:
    """Return a geom-gcn text file; `part` is "graph_edges" or "node_feature_label"."""
    name = f"out1_{part}.txt"
    return _file(f"geom-gcn/raw/{upstream}/{name}", f"{_GEOM_GCN}/new_data/{upstream}/{name}")


def geom_gcn_split(upstream: str, fold: int) -> File:
    """Return the file of one of the ten geom-gcn splits."""
    path = f"splits/{upstream}_split_0.6_0.2_{fold}.npz"
    return _file(f"geom-gcn/{path}", f"{_GEOM_GCN}/{path}")


def yandex(name: str) -> File:
    """Return a graph of the heterophilous-graphs repository (graph and its ten splits)."""
    return _file(f"heterophilous-graphs/{name}.npz", f"{_YANDEX}/{name}.npz")


def gnn_benchmark_converted(upstream: str) -> File | None:
    """Return a gnn-benchmark graph without its name arrays, which are pickled upstream."""
    return _mirrored(f"gnn-benchmark/{upstream}.npz")


def gnn_benchmark_original(upstream: str) -> File:
    """Return a gnn-benchmark graph as upstream has it."""
    return _file(f"gnn-benchmark/original/{upstream}.npz", f"{_GNN_BENCHMARK}/{upstream}.npz")


def community_converted(name: str) -> File | None:
    """Return a community graph (email_eu_core, polblogs) as one .npz."""
    return _mirrored(f"community-graphs/{name}.npz")


def snap_email(part: str) -> File:
    """Return SNAP's email-Eu-core: its edges, or with `part` "-department-labels" its labels."""
    name = f"email-Eu-core{part}.txt.gz"
    return _file(f"community-graphs/raw/{name}", f"{_SNAP}/{name}")


def newman_polblogs() -> File:
    """Return Adamic and Glance's political blogs, GML in a zip archive."""
    return _file("community-graphs/raw/polblogs.zip", f"{_NEWMAN}/polblogs.zip")


def tu_one_file(upstream: str) -> File:
    """Return a TU data set in the one-file text format of the DGCNN repository."""
    stem = upstream.replace("-", "")
    return _file(f"tudataset/{stem}.txt", f"{_DGCNN}/{stem}/{stem}.txt")


def tu_part(upstream: str, part: str) -> File:
    """Return one of MUTAG's files in the TU layout, from the GraKeL repository."""
    name = f"{upstream}/{upstream}_{part}.txt"
    return _file(f"tudataset/{name}", f"{_GRAKEL}/{name}")


def tu_zip(upstream: str) -> File:
    """Return a data set's archive of the TU Dortmund collection."""
    return _file(f"tudataset/zip/{upstream}.zip", f"{_TU}/{upstream}.zip")
