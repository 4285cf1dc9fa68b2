"""PowerEmbed and the baselines of its comparison: default hyperparameters, and checkpoints."""

from __future__ import annotations

from typing import Any

from zoo_core import Architecture, Model

_POWER = {"k": 100, "hops": 2, "operator": "adj", "mode": "all", "normalize": "inverse"}
_LISTED = {**_POWER, "normalize": "none", "operator": "lap"}
_WIDE = {"hidden": 64, "dropout": 0.5}
_NETWORK = "powerembed:PowerEmbed"
_READOUTS = "zoo_powerembed.train:train_powerembed"
_SPECTRAL = "zoo_powerembed.train:train_spectral"
_WHOLE_GRAPH = "zoo_graphs.training:train_network"
_SPARSE = "it multiplies by sparse matrices, which exported graphs have not"
_OWN_NODES = "it knows the nodes of its own graph, by their eigenvectors, alone"


def _architecture(
    name: str,
    cls: str,
    train: str,
    summary: str,
    shape: dict[str, Any],
    weight_decay: float = 0.0,
) -> Architecture:
    own, iterates = train == _SPECTRAL, cls == _NETWORK
    return Architecture(
        name=name,
        cls=f"zoo_powerembed.{cls}",
        paper="powerembed",
        task="node-classification",
        summary=summary,
        shape=shape,
        recipe={"weight_decay": weight_decay, "epochs": 100, "lr": 0.01},
        train=train,
        batches_runs=train != _WHOLE_GRAPH,
        reader="zoo_graphs.reading:read_training_graph",
        pipeline_tag="graph-ml",
        symmetries=("zoo_graphs.node_classifier:permute_nodes",),
        not_exported=dict.fromkeys(("pt2", "onnx"), _OWN_NODES if own else _SPARSE),
        dtypes=("float32", "float64", *(("float16", "bfloat16") if own else ())),
        embeds="the iterates of a node that its readout reads, side by side" if iterates else "",
    )


ARCHITECTURES = (
    _architecture("powerembed", _NETWORK, _READOUTS, "power iterates, read hop by hop", _POWER),
    _architecture("sign", _NETWORK, _READOUTS, "SIGN: unnormalised hops", _LISTED),
    _architecture(
        "sgc",
        _NETWORK,
        _READOUTS,
        "SGC: the last unnormalised hop",
        {**_LISTED, "mode": "last"},
    ),
    _architecture(
        "cov-mlp",
        _NETWORK,
        _READOUTS,
        "Cov(X): leading singular vectors of the features, no graph",
        {**_POWER, "hops": 0},
    ),
    _architecture(
        "ase-mlp",
        "baselines.ase:ASEClassifier",
        _SPECTRAL,
        "ASE: leading eigenvectors of the graph, no features",
        {"k": 100},
    ),
    _architecture(
        "ax-mlp",
        "baselines.ase:AX",
        _SPECTRAL,
        "A_X: eigenvectors of the graph and singular vectors of the features",
        {"k": 100},
    ),
    _architecture(
        "node-mlp", "baselines.mlp:NodeMLP", _WHOLE_GRAPH, "MLP on raw features", _WIDE, 5e-4
    ),
    _architecture(
        "gcn",
        "baselines.gcn:GCN",
        _WHOLE_GRAPH,
        "graph convolutional network",
        {**_WIDE, "layers": 2},
        5e-4,
    ),
    _architecture(
        "gprgnn",
        "baselines.gprgnn:GPRGNN",
        _WHOLE_GRAPH,
        "GPR-GNN: learnt weights of the powers of the graph",
        {**_WIDE, "hops": 10},
        5e-4,
    ),
    _architecture(
        "jknet",
        "baselines.jknet:JKNet",
        _WHOLE_GRAPH,
        "JKNet: linear convolutions, all states read",
        {"k": 100, "hops": 10},
    ),
    _architecture(
        "gcnii",
        "baselines.gcnii:GCNII",
        _WHOLE_GRAPH,
        "GCNII: initial residual and identity mapping",
        {**_WIDE, "layers": 10, "alpha": 0.1, "theta": 0.5},
        5e-4,
    ),
)

_OWN_USAGE = "print(zoo.predict(model)[:3])"
TEN_FOLDS = tuple({"fold": fold} for fold in range(10))


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
        shape=shape,
        options={"fold": 0},
        beside={
            "MLP (raw features)": {"architecture": "node-mlp"},
            "GCN (2 layers)": {"architecture": "gcn"},
            "SIGN (unnormalised hops, tuned alike)": {"architecture": "sign", "shape": sign},
        },
        storage="float16",
        **{"runs": TEN_FOLDS, **({"usage": _OWN_USAGE} if "own_nodes" in shape else {}), **more},
    )


def _cora(name: str, architecture: str, summary: str, **shape: Any) -> Model:
    """Return a baseline's checkpoint on Cora."""
    return Model(
        name=f"{name}-cora",
        architecture=architecture,
        dataset="cora",
        license="Apache-2.0",
        summary=f"{summary}: a baseline of PowerEmbed, trained on the first of Cora's ten splits.",
        shape=shape,
        options={"fold": 0},
        runs=TEN_FOLDS,
        storage="float16",
    )


_SHOWCASE = (
    "The showcase of the method is the depth of its hops: read the last hop alone, and compare "
    "with unnormalised hops (claim T2)."
)
_FEW_SPLITS = (
    "Three of the ten splits were run (a run takes minutes on a processor), and operators were "
    "compared on the validation nodes of the first split alone, for 25 or 50 epochs."
)
_SMALL = (
    "A list of 10 hops, all read, makes a file too large for a wheel; what is shipped is what "
    "validation prefers among the settings whose file stays small (`python -m "
    "zoo_powerembed.select`)."
)

_OWN = {"own_nodes": True}
_THREE = {"runs": TEN_FOLDS[:3], "notes": _FEW_SPLITS}
_BLOCK = {"project": "identity", "operator": "lap", "hops": 10}

MODELS = (
    _powerembed(
        "cora",
        {"operator": "lap", "mode": "first_last", "hops": 10, **_OWN},
        {"operator": "rw", "mode": "last", "hops": 2},
        notes=_SMALL,
    ),
    _powerembed(
        "citeseer",
        {"operator": "rw", "mode": "all", "hops": 2, **_OWN},
        {"operator": "lap", "mode": "first_last", "hops": 10},
        notes=_SMALL,
    ),
    _powerembed(
        "texas",
        {"k": 10, "operator": "adj", "mode": "all", "hops": 1, **_OWN},
        {"k": 10, "operator": "lap", "mode": "all", "hops": 5},
    ),
    _powerembed(
        "cornell",
        {"k": 10, "operator": "adj", "mode": "all", "hops": 3, **_OWN},
        {"k": 10, "operator": "lap", "mode": "first_last", "hops": 5},
    ),
    _powerembed(
        "cornell-geomgcn",
        {"k": 10, "operator": "rw", "mode": "first_last", "hops": 3, **_OWN},
        {"k": 10, "operator": "rw", "mode": "all", "hops": 6},
    ),
    _powerembed(
        "chameleon",
        {"operator": "adj", "mode": "all", "hops": 2, **_OWN},
        {"operator": "rw", "mode": "all", "hops": 2},
        notes=_SHOWCASE,
    ),
    _powerembed("squirrel", {"operator": "adj", "mode": "all", "hops": 2}, {"operator": "rw"}),
    _powerembed(
        "photo", {"operator": "lap", "mode": "all", "hops": 2}, {"operator": "lap"}, **_THREE
    ),
    _powerembed(
        "computers", {"operator": "lap", "mode": "all", "hops": 2}, {"operator": "adj"}, **_THREE
    ),
    _powerembed("cs", {"operator": "lap", "mode": "all", "hops": 2}, {"operator": "adj"}, **_THREE),
    _powerembed("sbm-dense", {**_BLOCK, **_OWN}, _BLOCK),
    _cora("mlp", "node-mlp", "Multi-layer perceptron on the words of a paper, no graph"),
    _cora("gcn", "gcn", "Graph convolutional network of two layers"),
    _cora("sgc", "sgc", "SGC, the second unnormalised hop of the projected features"),
    _cora("sign", "sign", "SIGN, unnormalised hops read side by side", operator="rw"),
    _cora("cov", "cov-mlp", "Leading singular vectors of the features, no graph", **_OWN),
    _cora("ase", "ase-mlp", "Leading eigenvectors of the graph, no features"),
    _cora("ax", "ax-mlp", "Eigenvectors of the graph beside singular vectors of the features"),
    _cora("gprgnn", "gprgnn", "GPR-GNN, learnt weights of ten powers of the graph"),
    _cora("jknet", "jknet", "JKNet with a head half as wide as the paper's", hidden=1100),
    _cora("gcnii", "gcnii", "GCNII of ten layers, hidden width 64"),
)
