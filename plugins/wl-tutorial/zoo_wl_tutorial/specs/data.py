"""The datasets: pairs and families of graphs that separate the tests, and the files they need."""

from __future__ import annotations

from typing import Any

from zoo_core import Dataset, File

_BREC_URL = (
    "https://raw.githubusercontent.com/GraphPKU/BREC/"
    "966b5ed5c27bf6372ea081f90ef8c8b2a3342ebc/customize/Data/raw"
)
_BREC = {
    "basic": (60, "adef7f761b803026b515d94172399f5db72fe73859b0e489a1edfaa5874aeec2"),
    "regular": (50, "e9e85ff2003f50676e2a2ac7ef70b8ad919598c3042aaf8f5f6f43184bfdc663"),
    "str": (50, "6de58d99b80b7ace4529d17cf8fe3d000b496b3c2a7ab7f59fe3f28f61746d6f"),
    "extension": (100, "9b76b59842f997a502a83724daba033d793c5fbc9c2aa758834beb78d2309d4a"),
    "4vtx": (20, "a9e593c485f3fa08d3db967d7c545a4f5cf7f417f016c9a77a5c1cc646786cea"),
    "dr": (20, "11b861e1439ddee4c58fa04b523e874c25fdbb4ba867f3ac9104711cb3739d89"),
}
BREC = {
    category: (
        pairs,
        File(
            path=f"wl-graphs/brec_{category}.npy",
            url=f"{_BREC_URL}/{category}.npy",
            sha256=sha256,
        ),
    )
    for category, (pairs, sha256) in _BREC.items()
}
"""Pairs and file of each category of BREC whose file is kept; CFI pairs are made by `cfi`."""

SR25 = File(
    path="wl-graphs/sr251256.g6",
    url="https://raw.githubusercontent.com/balcilar/gnn-matlang/"
    "0d90cb17056c1599bbd627f9c6cd994b160feadd/dataset/sr25/raw/sr251256.g6",
    sha256="f55f86eb48cd61c3315c62341cc3a8c59289c58504edb3ab859d7ef2068b9aa4",
)

_MADE: dict[str, Any] = {
    "license": "Apache-2.0",
    "source": "https://arxiv.org/abs/2201.07083",
    "origin": "generated",
}
_PAIRS: dict[str, Any] = {"task": "graph-isomorphism", "splits": ("test",)}
_SEED = "of the random orders of isomorphic copies"
_COPIES = "true to add as many isomorphic pairs"

DATASETS: tuple[Dataset, ...] = (
    Dataset(
        name="wl-pairs",
        title="Pairs for every rung of the WL hierarchy",
        factory="zoo_wl_tutorial.data.sets:wl_pairs",
        options={"seed": _SEED},
        summary="25 pairs, from trees to CFI graphs, and as many isomorphic ones.",
        **_MADE,
        **_PAIRS,
    ),
    Dataset(
        name="cfi",
        title="Cai-Fürer-Immerman pairs",
        factory="zoo_wl_tutorial.data.sets:cfi",
        options={"bases": "names of base graphs", "copies": _COPIES, "seed": _SEED},
        summary="CFI graphs of six bases, plain and twisted, and as many isomorphic pairs.",
        **_MADE,
        **_PAIRS,
    ),
    Dataset(
        name="brec",
        title="BREC",
        factory="zoo_wl_tutorial.data.sets:brec",
        license="MIT",
        source="https://github.com/GraphPKU/BREC",
        options={
            "category": "'all', 'basic', 'regular', 'str', 'extension', '4vtx' or 'dr'",
            "copies": _COPIES,
        },
        summary="300 pairs of non-isomorphic graphs in six categories, without BREC's own CFI.",
        **_PAIRS,
    ),
    Dataset(
        name="strongly-regular",
        title="Strongly regular graphs",
        factory="zoo_wl_tutorial.data.sets:strongly_regular",
        license="NOASSERTION",
        source="https://users.cecs.anu.edu.au/~bdm/data/graphs.html",
        task="graph-classification",
        splits=("test",),
        options={"parameters": "'25-12-5-6' (15 graphs) or '16-6-2-2' (two)"},
        summary="All strongly regular graphs with the same parameters; each is a class.",
    ),
    Dataset(
        name="csl",
        title="Circular skip links",
        factory="zoo_wl_tutorial.data.sets:csl",
        task="graph-classification",
        splits=("train", "test"),
        options={
            "fold": "which split of five-fold cross-validation: any integer from 0",
            "copies": "graphs of each class, 15 by default",
            "seed": "of the random orders of the nodes",
        },
        summary="Ten classes of isomorphic 4-regular graphs on 41 nodes, 15 copies of each.",
        **_MADE,
    ),
)
