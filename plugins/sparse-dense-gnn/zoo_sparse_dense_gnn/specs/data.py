"""The dense-sparse graph model, and three real graphs with edges removed (section 3.5)."""

from zoo_core import Dataset

_TASK = "node-classification"
_GRAPH_OPTIONS = {
    "fold": "which of the ten splits, 0-9",
    "symmetrize": "'union' of both directions, or 'upper': only lines with u < v",
    "drop": "percent of the undirected edges to remove, uniformly (70)",
    "keep": "instead of drop: how many random neighbours each node keeps",
    "thinning": "the seed of what is removed: any integer from 0",
}
_REAL = {
    "chameleon": ("Wikipedia Chameleon", "https://github.com/graphdml-uiuc-jlu/geom-gcn"),
    "cora": ("Cora", "https://github.com/kimiyoung/planetoid"),
    "citeseer": ("CiteSeer", "https://github.com/kimiyoung/planetoid"),
}

DATASETS = (
    Dataset(
        name="dsgm",
        title="Dense-sparse graph model",
        factory="zoo_sparse_dense_gnn.data:load_dsgm",
        task=_TASK,
        license="Apache-2.0",
        source="https://arxiv.org/abs/2211.03231",
        origin="generated",
        options={
            "fold": "the seed of graph, features and split: any integer from 0",
            "gamma": "step of the grid: 0.002 is the paper's dense graph, 0.01 its sparse one",
            "kernel": "'degree-corrected' or 'block' (your own function: `sample_dsgm`)",
            "nodes": "number of nodes (1000)",
            "p": "probability within a community, before degree correction (1/4)",
            "q": "probability across (1/6)",
        },
        summary="Two communities on a grid of the real line, joined by a kernel that decays "
        "from the origin; features N(+-(1, 1), 4 I); half of the nodes for training.",
    ),
    *(
        Dataset(
            name=f"{base}-thinned",
            title=f"{title}, edges removed",
            factory="zoo_sparse_dense_gnn.data:load_thinned",
            config={"base": base},
            task=_TASK,
            license="NOASSERTION" if base == "chameleon" else "MIT",
            source=source,
            options=_GRAPH_OPTIONS,
            summary=f"The dataset {base} with the same nodes and splits, and fewer edges.",
        )
        for base, (title, source) in _REAL.items()
    ),
)
