"""PowerEmbed (arXiv:2209.12054): the paper, its architectures, pretrained models and claims.

Only specs live here, in `paper.py` and in `architectures.py`. The method is in `power.py` and
`model.py`, the recipes in `train.py`; each model's operator, hops and mode were chosen on
validation data by `select.py`, whose figures are in ``results/selection``.
"""

from __future__ import annotations

from typing import Any

from zoo_core import Architecture, Model, Paper, hookimpl
from zoo_powerembed.architectures import architectures
from zoo_powerembed.paper import PAPER

ZOO_API = 1

_OWN = "print(zoo.predict(model)[:3])"
TEN_FOLDS = tuple({"fold": fold} for fold in range(10))


@hookimpl
def zoo_papers() -> list[Paper]:
    """Return the paper."""
    return [PAPER]


@hookimpl
def zoo_architectures() -> list[Architecture]:
    """Return PowerEmbed and its baselines."""
    return architectures()


def _powerembed(dataset: str, shape: dict[str, Any], sign: dict[str, Any], **more: Any) -> Model:
    """Return a PowerEmbed checkpoint.

    `shape` and `sign` are the settings of PowerEmbed and of the unnormalised hops that SIGN reads,
    each chosen on validation data from the same candidates (SGC, the last hop, among them).
    """
    return Model(
        name=f"powerembed-{dataset}",
        architecture="powerembed",
        dataset=dataset,
        license="Apache-2.0",
        summary=f"Node classifier for {dataset}, trained on the first of its ten splits.",
        config=shape,
        options={"fold": 0},
        beside={
            "MLP (raw features)": {"architecture": "node-mlp"},
            "GCN (2 layers)": {"architecture": "gcn"},
            "SIGN (unnormalised hops, tuned alike)": {"architecture": "sign", "config": sign},
        },
        storage="float16",
        **{"runs": TEN_FOLDS, **({"usage": _OWN} if "own_nodes" in shape else {}), **more},
    )


def _cora(name: str, architecture: str, summary: str, **config: Any) -> Model:
    """Return a baseline's checkpoint on Cora."""
    return Model(
        name=f"{name}-cora",
        architecture=architecture,
        dataset="cora",
        license="Apache-2.0",
        summary=f"{summary}: a baseline of PowerEmbed, trained on the first of Cora's ten splits.",
        config=config,
        options={"fold": 0},
        runs=TEN_FOLDS,
        storage="float16",
    )


_SHOWCASE = (
    "The showcase of the method is the depth of its hops: read the last hop alone, and compare "
    "with unnormalised hops (claim T2)."
)
_THREE = (
    "Three of the ten splits were run (a run takes minutes on a processor), and operators were "
    "compared on the validation nodes of the first split alone, for 25 or 50 epochs."
)
_SMALL = (
    "A list of 10 hops, all read, makes a file too large for a wheel; what is shipped is what "
    "validation prefers among the settings whose file stays small (`python -m "
    "zoo_powerembed.select`)."
)


@hookimpl
def zoo_models() -> list[Model]:
    """Return PowerEmbed on ten real graphs and a block model, and its baselines on Cora."""
    own = {"own_nodes": True}
    three = {"runs": TEN_FOLDS[:3], "notes": _THREE}
    block = {"project": "identity", "operator": "lap", "hops": 10}
    return [
        _powerembed(
            "cora",
            {"operator": "lap", "mode": "first_last", "hops": 10, **own},
            {"operator": "rw", "mode": "last", "hops": 2},
            notes=_SMALL,
        ),
        _powerembed(
            "citeseer",
            {"operator": "rw", "mode": "all", "hops": 2, **own},
            {"operator": "lap", "mode": "first_last", "hops": 10},
            notes=_SMALL,
        ),
        _powerembed(
            "texas",
            {"k": 10, "operator": "adj", "mode": "all", "hops": 1, **own},
            {"k": 10, "operator": "lap", "mode": "all", "hops": 5},
        ),
        _powerembed(
            "cornell",
            {"k": 10, "operator": "adj", "mode": "all", "hops": 3, **own},
            {"k": 10, "operator": "lap", "mode": "first_last", "hops": 5},
        ),
        _powerembed(
            "cornell-geomgcn",
            {"k": 10, "operator": "rw", "mode": "first_last", "hops": 3, **own},
            {"k": 10, "operator": "rw", "mode": "all", "hops": 6},
        ),
        _powerembed(
            "chameleon",
            {"operator": "adj", "mode": "all", "hops": 2, **own},
            {"operator": "rw", "mode": "all", "hops": 2},
            notes=_SHOWCASE,
        ),
        _powerembed("squirrel", {"operator": "adj", "mode": "all", "hops": 2}, {"operator": "rw"}),
        _powerembed(
            "photo", {"operator": "lap", "mode": "all", "hops": 2}, {"operator": "lap"}, **three
        ),
        _powerembed(
            "computers", {"operator": "lap", "mode": "all", "hops": 2}, {"operator": "adj"}, **three
        ),
        _powerembed(
            "cs", {"operator": "lap", "mode": "all", "hops": 2}, {"operator": "adj"}, **three
        ),
        _powerembed("sbm-dense", {**block, **own}, block),
        _cora("mlp", "node-mlp", "Multi-layer perceptron on the words of a paper, no graph"),
        _cora("gcn", "gcn", "Graph convolutional network of two layers"),
        _cora("sgc", "sgc", "SGC, the second unnormalised hop of the projected features"),
        _cora("sign", "sign", "SIGN, unnormalised hops read side by side", operator="rw"),
        _cora("cov", "cov-mlp", "Leading singular vectors of the features, no graph", **own),
        _cora("ase", "ase-mlp", "Leading eigenvectors of the graph, no features"),
        _cora("ax", "ax-mlp", "Eigenvectors of the graph beside singular vectors of the features"),
        _cora("gprgnn", "gprgnn", "GPR-GNN, learnt weights of ten powers of the graph"),
        _cora("jknet", "jknet", "JKNet with a head half as wide as the paper's", hidden=1100),
        _cora("gcnii", "gcnii", "GCNII of ten layers, hidden width 64"),
    ]
