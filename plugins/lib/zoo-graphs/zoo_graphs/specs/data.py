"""What is registered: benchmark graphs, block models and sets of small graphs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from zoo_core import Dataset

_TASK = "node-classification"
_FOLD = "which of the ten splits, 0-9"
_SYMMETRIZE = "'union' of both directions, or 'upper': only lines with u < v, as old converters did"
_PLANETOID = "https://github.com/kimiyoung/planetoid"
_GEOM_GCN = "https://github.com/graphdml-uiuc-jlu/geom-gcn"
_YANDEX = "https://github.com/yandex-research/heterophilous-graphs"
_GNN_BENCHMARK = "https://github.com/shchur/gnn-benchmark"
_SNAP = "https://snap.stanford.edu/data/email-Eu-core.html"
_NEWMAN = "http://www-personal.umich.edu/~mejn/netdata/"
_TU = "https://chrsmrrs.github.io/datasets"
_KARATE = "https://networkx.org/documentation/stable/auto_examples/graph/plot_karate_club.html"

# Counts are nodes, features, classes, undirected edges without loops. A fingerprint is
# Graph.fingerprint() of the union; None where the graph could not be had when this was written.


def _planetoid(
    name: str, title: str, counts: Sequence[int], fingerprint: str | None, classes: Sequence[str]
) -> Dataset:
    return Dataset(
        name=name,
        title=title,
        factory="zoo_graphs.planetoid:load",
        config={
            "name": name,
            "counts": counts,
            "fingerprint": fingerprint,
            "class_names": classes,
        },
        task=_TASK,
        license="MIT",
        source=_PLANETOID,
        options={
            "fold": _FOLD,
            "split": "'geom-gcn' (ten splits, 48/32/20 percent) or 'public' (Planetoid's own)",
            "symmetrize": _SYMMETRIZE,
        },
        summary="A citation graph: papers, their words, and who cites whom; homophilous.",
    )


def _geom_gcn(
    name: str,
    title: str,
    upstream: str,
    counts: Sequence[int],
    fingerprint: str | None,
    summary: str,
    **config: Any,
) -> Dataset:
    undirected = bool(config.get("undirected"))
    symmetrize = "only 'union': directions are not recorded" if undirected else _SYMMETRIZE
    return Dataset(
        name=name,
        title=title,
        factory="zoo_graphs.geom_gcn:load",
        config={
            "name": name,
            "upstream": upstream,
            "counts": counts,
            "fingerprint": fingerprint,
            **config,
        },
        task=_TASK,
        license="MIT" if undirected else "NOASSERTION",
        source=_YANDEX if undirected else _GEOM_GCN,
        options={"fold": _FOLD, "symmetrize": symmetrize},
        summary=summary,
    )


def _gnn_benchmark(
    name: str, title: str, upstream: str, counts: Sequence[int], fingerprint: str, summary: str
) -> Dataset:
    return Dataset(
        name=name,
        title=title,
        factory="zoo_graphs.gnn_benchmark:load",
        config={"name": name, "upstream": upstream, "counts": counts, "fingerprint": fingerprint},
        task=_TASK,
        license="MIT",
        source=_GNN_BENCHMARK,
        options={
            "fold": _FOLD + " (the seed of a random 60/20/20 split)",
            "symmetrize": _SYMMETRIZE,
        },
        summary=summary,
    )


def _sbm(name: str, title: str, p: float, q: float) -> Dataset:
    return Dataset(
        name=name,
        title=title,
        factory="zoo_graphs.sbm:load",
        config={"name": name, "sizes": [250, 250], "probs": [[p, q], [q, p]]},
        task=_TASK,
        license="Apache-2.0",
        source="https://arxiv.org/abs/2209.12054",
        origin="generated",
        options={
            "fold": "the seed of graph, features and split: any integer from 0",
            "symmetrize": "without effect: the model is undirected",
        },
        summary=(
            "Two blocks of 250 nodes, joined with probability p inside and q across; features "
            "N(+-(1, 1), 4 I); 10 percent of the nodes for training."
        ),
    )


def _community(
    name: str,
    title: str,
    source: str,
    licence: str,
    summary: str,
    origin: Literal["files", "packaged"] = "files",
    **config: Any,
) -> Dataset:
    return Dataset(
        name=name,
        title=title,
        factory="zoo_graphs.community:load",
        origin=origin,
        config={"name": name, **config},
        task=_TASK,
        license=licence,
        source=source,
        options={
            "fold": "which split: any integer from 0",
            "split": "'random' (60/20/20 percent, the default) or 'five-fold' (80/20, no val; "
            "five folds in a row test every node once)",
            "component": "'largest' connected component (the default), or 'all'",
        },
        summary=summary + " No node features.",
    )


def _tu(
    name: str,
    title: str,
    upstream: str,
    counts: Sequence[int],
    summary: str,
    licence: str = "MIT",
    **config: Any,
) -> Dataset:
    return Dataset(
        name=name,
        title=title,
        factory="zoo_graphs.tudataset:load",
        config={"name": name, "upstream": upstream, "counts": counts, **config},
        task="graph-classification",
        license=licence,
        source=_TU,
        splits=("train", "test"),
        options={
            "fold": "which split of ten-fold stratified cross-validation: any integer from 0, "
            "every ten in a row test each graph once",
            "cleaned": "true to drop isomorphic copies",
            "files": "'pinned' (the default), or 'tu': the collection's own archive",
        },
        summary=summary,
    )


def _coded(what: str, count: int) -> list[str]:
    """Name labels of which no more is known than their codes: the number alone would be guessed."""
    return [f"{what} {code}" for code in range(count)]


_WEBKB = "Web pages of a computer-science department and their links; heterophilous, tiny."
_WIKI = "Wikipedia pages and their links, classes are quantiles of traffic; heterophilous."
_AMAZON = "Amazon products, bought together; words of reviews; homophilous."

DATASETS = (
    _planetoid(
        "cora",
        "Cora",
        [2708, 1433, 7, 5278],
        "63516d2a8532ad2915c6d187a587b0e31b80683968c6744076f8d89d843cf910",
        [
            "Theory",
            "Reinforcement Learning",
            "Genetic Algorithms",
            "Neural Networks",
            "Probabilistic Methods",
            "Case Based",
            "Rule Learning",
        ],
    ),
    _planetoid(
        "citeseer",
        "CiteSeer",
        [3327, 3703, 6, 4552],
        "6f8f8b8b1661eef872f683c3a75a5cb6d1f1b6e1648d09114fad4c2604f54bf1",
        ["AI", "ML", "IR", "DB", "Agents", "HCI"],
    ),
    _planetoid("pubmed", "PubMed Diabetes", [19717, 500, 3, 44324], None, ["0", "1", "2"]),
    _geom_gcn(
        "texas",
        "WebKB Texas",
        "texas",
        [183, 1703, 5, 279],
        "0ab4aad67d8d344cf11c87588cc44b1950f0850787fdaddebc758bdab905a3bb",
        _WEBKB,
    ),
    _geom_gcn(
        "cornell",
        "WebKB Cornell (clean)",
        "cornell",
        [183, 1703, 5, 277],
        "c61785705ed0c9d08b955a35059df17c46f6d6f0f3f8202c4e60a8c14b4c6e25",
        _WEBKB + " The real Cornell: for published numbers see cornell-geomgcn.",
        undirected=True,
    ),
    _geom_gcn(
        "cornell-geomgcn",
        "WebKB Cornell (as benchmarked)",
        "cornell",
        [183, 1703, 5, 277],
        "e298d54a7618e6a16a525acc92d6726a8b448e3ba3a2e4b3933df340e32eb25e",
        "Cornell's links with Texas's words and labels, by an upstream mistake: what nearly "
        "all published numbers on Cornell are measured on.",
    ),
    _geom_gcn("wisconsin", "WebKB Wisconsin", "wisconsin", [251, 1703, 5, 450], None, _WEBKB),
    _geom_gcn(
        "chameleon",
        "Wikipedia Chameleon",
        "chameleon",
        [2277, 2325, 5, 31371],
        "69c7a3383bf9dca9f869f7abe45f203c2b3242ecc7e68b8aeb23d9e3d14a7e6c",
        _WIKI,
    ),
    _geom_gcn(
        "squirrel",
        "Wikipedia Squirrel",
        "squirrel",
        [5201, 2089, 5, 198353],
        "fea0dda987890779dde3dd2b32a7e2e49e5ed803b07ca30ed61bd75e9b1e2f91",
        _WIKI,
    ),
    _geom_gcn(
        "actor",
        "Actor (Film)",
        "film",
        [7600, 932, 5, 26659],
        None,
        "Actors and who is named on whose Wikipedia page; heterophilous.",
        feature_columns=932,
    ),
    _gnn_benchmark(
        "photo",
        "Amazon Photo",
        "amazon_electronics_photo",
        [7650, 745, 8, 119081],
        "80a975fe5e0453458ffaa8f600d4c908dd2041e05d54a3cf792beffcb49ed059",
        _AMAZON,
    ),
    _gnn_benchmark(
        "computers",
        "Amazon Computers",
        "amazon_electronics_computers",
        [13752, 767, 10, 245861],
        "85e31ac941888f9f0ad5d2b537034cb1804abfd84c9c844e739191f89a2b7c62",
        _AMAZON,
    ),
    _gnn_benchmark(
        "cs",
        "Coauthor CS",
        "ms_academic_cs",
        [18333, 6805, 15, 81894],
        "8eaaaf897f3b9280007f21021000e6eff9db92fb1cdc868f7f69ad446caf9463",
        "Authors in computer science, joined when they wrote a paper together; homophilous.",
    ),
    _community(
        "email-eu-core",
        "email-Eu-core",
        _SNAP,
        "NOASSERTION",
        "Who wrote to whom in a research institution, and its 42 departments; 986 people.",
        counts=[1005, 0, 42, 16064],
        fingerprint="8f0f8162c161aefc5d1fed23d9e18da5e52b7fbd177da14862982693816efbff",
    ),
    _community(
        "polblogs",
        "Political blogs",
        _NEWMAN,
        "MIT",
        "Links between blogs on US politics in 2004, liberal or conservative; 1,222 blogs.",
        counts=[1490, 0, 2, 16715],
        fingerprint="e21b300764c669f3444f3cae1f1cf7f3de6217d97c3d646eef8a1f772d3c6282",
        class_names=["liberal", "conservative"],
    ),
    _community(
        "karate",
        "Zachary's karate club",
        _KARATE,
        "BSD-3-Clause",
        "Friends in a club that split in two; 34 members.",
        counts=[34, 0, 2, 78],
        fingerprint="9982bcf553bfb66d56a79da9eeea3f53eeac3de82178af6682c7072000ce73dc",
        class_names=["Mr. Hi", "Officer"],
        origin="packaged",
    ),
    _sbm("sbm-dense", "Block model, dense", 1 / 2, 1 / 3),
    _sbm("sbm-sparse", "Block model, sparse", 1 / 20, 1 / 30),
    _sbm("sbm-dense-heterophilous", "Block model, dense, heterophilous", 1 / 3, 1 / 2),
    _sbm("sbm-sparse-heterophilous", "Block model, sparse, heterophilous", 1 / 30, 1 / 20),
    _tu(
        "mutag",
        "MUTAG",
        "MUTAG",
        [188, 3371, 3721, 2],
        "Nitroaromatic compounds, mutagenic or not; atoms and bonds are labelled.",
        licence="NOASSERTION",
        layout="tu",
        class_names=["not mutagenic", "mutagenic"],
        node_label_names=["C", "N", "O", "F", "I", "Cl", "Br"],
    ),
    _tu(
        "ptc",
        "PTC (male rats)",
        "PTC",
        [344, 8792, 8931, 2],
        "Compounds, carcinogenic for male rats or not; atoms are labelled, by codes whose meaning "
        "the file does not tell.",
        # 152 of the 344 are carcinogenic (Helma et al. 2001): the sizes tell which class is which.
        class_names=["not carcinogenic", "carcinogenic"],
        node_label_names=_coded("atom", 22),
    ),
    _tu(
        "proteins",
        "PROTEINS",
        "PROTEINS",
        [1113, 43471, 81044, 2],
        "Proteins, enzymes or not; nodes are structure elements, labelled by codes whose meaning "
        "the file does not tell.",
        # 663 of the 1113 are enzymes (Borgwardt et al. 2005).
        class_names=["enzyme", "not an enzyme"],
        node_label_names=_coded("structure", 3),
    ),
    _tu(
        "nci1",
        "NCI1",
        "NCI1",
        [4110, 122747, 132753, 2],
        "Compounds, active against lung cancer cells or not; atoms are labelled. The file tells "
        "neither which class is which nor what the atoms' codes mean.",
        class_names=["class 0 (presumably inactive)", "class 1 (presumably active)"],
        node_label_names=_coded("atom", 37),
    ),
    _tu(
        "imdb-binary",
        "IMDB-BINARY",
        "IMDB-BINARY",
        [1000, 19773, 96531, 2],
        "Actors around one actor, joined when in one film; action or romance, but the file does "
        "not tell which class is which. No labels.",
        class_names=["class 0 (action or romance)", "class 1 (action or romance)"],
    ),
    _tu(
        "imdb-multi",
        "IMDB-MULTI",
        "IMDB-MULTI",
        [1500, 19502, 98903, 3],
        "Actors around one actor, joined when in one film; comedy, romance or science fiction, but "
        "the file does not tell which class is which. No labels.",
        class_names=[f"class {code} (comedy, romance or science fiction)" for code in range(3)],
    ),
)
