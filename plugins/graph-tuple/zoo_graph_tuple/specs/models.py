"""The networks with their recipes by default, and what is trained."""

from __future__ import annotations

from typing import Any

from zoo_core import Architecture, Model

_PACKAGE = "zoo_graph_tuple"
_SYMMETRY = f"{_PACKAGE}.acting"

MOLECULES: dict[str, Any] = {"epochs": 40, "batch_size": 64, "learning_rate": 0.003, "loss": "l1"}
CLOUDS: dict[str, Any] = {"epochs": 10, "batch_size": 4, "learning_rate": 0.004, "loss": "mse"}

_VIEWS = "its edges come in views of any number, each a list of its own"

GTS = {"thresholds": [2.0]}
STRONG = {"thresholds": [2.0], "words": "first", "plain": True}
DENSE = {"thresholds": [], "plain": True}
SINGLE = {"words": "first", "edge_norm": False, "still": False}
SEVEN = ("ae_pbe0", "homo", "lumo", "gap", "ip", "ea", "dipole")

ARCHITECTURES = [
    Architecture(
        name="gine-gt",
        cls=f"{_PACKAGE}.gine.molecules:MoleculeGine",
        paper="graph-tuple",
        task="graph-regression",
        summary="messages in strong and in weak pairs of atoms and in their compositions",
        shape={"thresholds": [2.0], "words": "crossed", "hidden": 64, "layers": 2},
        recipe=MOLECULES,
        train=f"{_PACKAGE}.train:train_molecules",
        reader="zoo_molecules.reading:read_molecules",
        dataset="qm7",
        pipeline_tag="graph-ml",
        symmetries=(f"{_SYMMETRY}:reorder_nodes",),
        not_exported=dict.fromkeys(("pt2", "onnx"), _VIEWS),
        embeds="the mean state of a molecule's atoms, before the head",
    ),
    Architecture(
        name="egnn-gt",
        cls=f"{_PACKAGE}.egnn.clouds:CloudEgnn",
        paper="graph-tuple",
        task="cosmological-parameters",
        summary="messages between near and between far points and in their compositions",
        shape={"cutoffs": [20.0, 40.0], "words": "crossed", "hidden": 24, "layers": 2},
        recipe=CLOUDS,
        train=f"{_PACKAGE}.train:train_clouds",
        reader="zoo_clouds.reading:read_clouds",
        dataset="cosmo-mini-clouds",
        pipeline_tag="graph-ml",
        symmetries=(f"{_SYMMETRY}:reorder_nodes", f"{_SYMMETRY}:turn"),
        not_exported=dict.fromkeys(("pt2", "onnx"), _VIEWS),
        embeds="the mean state of a cloud's points, before the head",
    ),
    Architecture(
        name="gt-filter",
        cls=f"{_PACKAGE}.filters.module:TupleFilter",
        paper="graph-tuple",
        task="signal-regression",
        summary="a linear filter of words over several operators on one fixed graph",
        shape={"operators": "tuple", "degree": 2},
        train=f"{_PACKAGE}.filters.module:train_filter",
        reader=f"{_PACKAGE}.filters.data:read_filtered",
        dataset="gt-filter-synthetic",
        pipeline_tag="graph-ml",
        independent_rows=True,
        exportable=True,
    ),
]


def _molecules(name: str, summary: str, shape: dict[str, Any], **more: Any) -> Model:
    return Model(
        name=name,
        architecture="gine-gt",
        dataset="qm7",
        license="Apache-2.0",
        summary=summary,
        shape=shape,
        **{"metrics": ("mae-ae-pbe0",), **more},
    )


def _clouds(name: str, summary: str, shape: dict[str, Any]) -> Model:
    return Model(
        name=name,
        architecture="egnn-gt",
        dataset="cosmo-mini-clouds",
        license="Apache-2.0",
        summary=summary,
        shape={**shape, "targets": ["sigma_8"]},
        options={"points": 512},
        metrics=("sigma-8-r2",),
    )


_WATER = (
    "print(zoo.predict(model, ([8, 1, 1], "
    "[[0, 0, 0.119], [0, 0.763, -0.477], [0, -0.763, -0.477]])))"
)

MODELS = [
    _molecules(
        "gine-gt-qm7",
        "Atomisation energy of a molecule (PBE0, kcal/mol) by messages along strong pairs, weak "
        "pairs, and one after the other.",
        GTS,
        usage=_WATER,
    ),
    _molecules(
        "gine-qm7-strong",
        "The paper's baseline: the same energy from strong pairs alone, |C_ij| >= 2.",
        STRONG,
        usage=_WATER,
    ),
    _molecules(
        "gine-qm7-dense",
        "The paper's baseline: the same energy from all pairs as one graph.",
        DENSE,
        usage=_WATER,
    ),
    _molecules(
        "gine-gt-qm7-multi",
        "Seven properties at once: the atomisation energy, and six that GFN2-xTB has.",
        {**GTS, "targets": list(SEVEN)},
        metrics=tuple(f"mae-{name.replace('_', '-')}" for name in SEVEN),
        usage=_WATER,
    ),
    _clouds(
        "egnn-gt-cosmo-mini",
        "sigma_8 of a cloud of 512 points by messages between pairs up to 20 Mpc/h, from 20 to 40, "
        "and one after the other.",
        {"cutoffs": [20.0, 40.0]},
    ),
    _clouds(
        "egnn-cosmo-mini-c1",
        "sigma_8 from one graph of pairs up to 20 Mpc/h, the paper's baseline.",
        {"cutoffs": [20.0], **SINGLE},
    ),
    _clouds(
        "egnn-cosmo-mini-c2",
        "sigma_8 from one graph of pairs up to 40 Mpc/h, the paper's baseline.",
        {"cutoffs": [40.0], **SINGLE},
    ),
    Model(
        name="gt-filter-synthetic",
        architecture="gt-filter",
        dataset="gt-filter-synthetic",
        license="Apache-2.0",
        summary="A linear filter of seven words over two operators that do not commute: it finds "
        "the composition that made the signals.",
        metrics=("r2", "mae"),
        usage="print(zoo.predict(model))",
        beside={
            "degree 2 in S alone": {"architecture": "gt-filter", "shape": {"operators": "first"}},
            "degree 2 in S + W": {"architecture": "gt-filter", "shape": {"operators": "sum"}},
        },
    ),
]
