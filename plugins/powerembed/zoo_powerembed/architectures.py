"""PowerEmbed and the baselines of its comparison, with their default hyperparameters."""

from __future__ import annotations

from typing import Any

from zoo_core import Architecture


def _architecture(
    name: str, cls: str, trainer: str, summary: str, config: dict[str, Any]
) -> Architecture:
    return Architecture(
        name=name,
        cls=f"zoo_powerembed.{cls}",
        paper="powerembed",
        task="node-classification",
        summary=summary,
        config={"weight_decay": 0.0, **config, "epochs": 100, "lr": 0.01},
        train=f"zoo_powerembed.train:{trainer}",
        reader="zoo_graphs.inputs:read_training_graph",
        pipeline_tag="graph-ml",
        symmetries=("zoo_graphs.node_classifier:permute_nodes",),
    )


_POWER = {"k": 100, "hops": 2, "operator": "adj", "mode": "all", "normalize": "inverse"}
_LISTED = {**_POWER, "normalize": "none", "operator": "lap"}
_DECAY = {"hidden": 64, "dropout": 0.5, "weight_decay": 5e-4}


def architectures() -> list[Architecture]:
    """Return PowerEmbed and the baselines of its comparison."""
    power, base = "model:PowerEmbed", "baselines:"
    return [
        _architecture(
            "powerembed", power, "train_powerembed", "power iterates, read hop by hop", _POWER
        ),
        _architecture("sign", power, "train_powerembed", "SIGN: unnormalised hops", _LISTED),
        _architecture(
            "sgc",
            power,
            "train_powerembed",
            "SGC: the last unnormalised hop",
            {**_LISTED, "mode": "last"},
        ),
        _architecture(
            "cov-mlp",
            power,
            "train_powerembed",
            "Cov(X): leading singular vectors of the features, no graph",
            {**_POWER, "hops": 0},
        ),
        _architecture(
            "ase-mlp",
            base + "ASEClassifier",
            "train_ase",
            "ASE: leading eigenvectors of the graph, no features",
            {"k": 100},
        ),
        _architecture(
            "ax-mlp",
            base + "AX",
            "train_ax",
            "A_X: eigenvectors of the graph and singular vectors of the features",
            {"k": 100},
        ),
        _architecture("node-mlp", base + "NodeMLP", "train_mlp", "MLP on raw features", _DECAY),
        _architecture(
            "gcn", base + "GCN", "train_gcn", "graph convolutional network", {**_DECAY, "layers": 2}
        ),
        _architecture(
            "gprgnn",
            base + "GPRGNN",
            "train_gprgnn",
            "GPR-GNN: learnt weights of the powers of the graph",
            {**_DECAY, "hops": 10},
        ),
        _architecture(
            "jknet",
            base + "JKNet",
            "train_jknet",
            "JKNet: linear convolutions, all states read",
            {"k": 100, "hops": 10},
        ),
        _architecture(
            "gcnii",
            base + "GCNII",
            "train_gcnii",
            "GCNII: initial residual and identity mapping",
            {**_DECAY, "layers": 10, "alpha": 0.1, "theta": 0.5},
        ),
    ]
