"""Merger trees that a person has: tables with a row for each halo, and graphs."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from zoo_tables import Table, open_arrays, read_table

from zoo_core import BadInput, notice
from zoo_cosmobench.trees.forest import FEATURES, NAMES, Forest, Trees
from zoo_cosmobench.trees.graphs import forest_of_graphs, graphs_in
from zoo_cosmobench.trees.splitting import by_simulation

Array = NDArray[np.float64]

UNITS = {"mass": "in Msun/h", "concentration": "a ratio of radii", "vmax": "in km/s"}
RANGES = {"mass": (4.0, 17.0), "concentration": (-1.0, 4.0), "vmax": (-1.0, 4.5)}
"""Beyond these logarithms no halo is: a column has another unit, or is another thing."""
MASS_UNITS = ("Msun/h", "Msun")
COLUMNS = "parent, mass, concentration, vmax, and a or redshift"


def read_forest(source: Any, *, mass_unit: str = "Msun/h", h: float | None = None) -> Forest:
    """Return checked trees of what a person has.

    A table (CSV, and what else `zoo_tables` reads; an .npz with an array for each column) has a row
    for each halo:

    ==========================================  ================================================
    mass or log10_mass                          in `mass_unit`: "Msun/h", or "Msun" with `h`
    concentration or log10_concentration        r_vir / r_s
    vmax or log10_vmax                          the greatest circular velocity, in km/s
    a or redshift                               when: the scale factor, 1 today
    parent                                      the halo that it became: its row within the tree,
                                                from 0, or its name in the column `halo`, if there
                                                is one; -1 or empty for the root
    tree                                        which tree, where there are several
    ==========================================  ================================================

    Or a graph of PyTorch Geometric, several, or a .pt file of them, as CosmoBench's: `x` (n, 4)
    with the three logarithms and the scale factor, `edge_index` from child to parent.

    Raises `BadInput` for what is no merger tree: no row, a column that lacks, NaN, a circle, two
    roots, descendants that are earlier, masses that mostly grow backwards in time.
    """
    scale = _scale(mass_unit, h)
    known = _trees_of(source)
    if known is not None:
        forest = known.forest if isinstance(known, Trees) else known
        _refuse_unit(mass_unit, "it says them in Msun/h")
        return forest
    graphs = graphs_in(source)
    if graphs is not None:
        _refuse_unit(mass_unit, "masses of graphs are in Msun/h")
        forest = forest_of_graphs(graphs)
    else:
        forest = _of_table(_table(source), scale)[0]
    _warn(forest)
    return forest


def read_trees(
    source: Any,
    *,
    mass_unit: str = "Msun/h",
    h: float | None = None,
    seed: int = 0,
) -> Trees:
    """Return trees with their targets, split by simulation, to be learnt from.

    As `read_forest`; a table then has the columns Omega_m and sigma_8 too, and `simulation` where
    universes of equal targets are to be told apart; graphs have them in `y`, and `lh_id`. Of the
    simulations 60 % are for training, 20 % choose the epoch, 20 % are the test. Raises `BadInput`
    as `read_forest`, and for targets that lack or change within a tree, or fewer than five
    simulations.
    """
    known = _trees_of(source)
    if isinstance(known, Trees):
        return known
    graphs = graphs_in(source)
    if graphs is not None:
        forest = forest_of_graphs(graphs)
        targets = np.stack([one.targets for one in graphs])
        simulations = np.array([one.simulation for one in graphs])
    else:
        forest, table, tree = _of_table(_table(source), _scale(mass_unit, h))
        targets, simulations = _targets(table, tree, len(forest))
    _warn(forest)
    return by_simulation(forest, targets, simulations, seed)


def _trees_of(source: Any) -> Forest | Trees | None:
    return source if isinstance(source, Forest | Trees) else None


def _scale(mass_unit: str, h: float | None) -> float:
    """Return what masses are multiplied by to be in Msun/h."""
    if mass_unit not in MASS_UNITS:
        raise BadInput(f"mass_unit={mass_unit!r}; expected {' or '.join(MASS_UNITS)}.")
    if (mass_unit == "Msun") != (h is not None):
        raise BadInput("Give h, the Hubble constant in 100 km/s/Mpc, with masses in Msun, alone.")
    if h is not None and not (isinstance(h, int | float) and 0.2 < h < 2):
        raise BadInput(f"h={h!r}; expected the Hubble constant in 100 km/s/Mpc, such as 0.67.")
    return 1.0 if h is None else float(h)


def _refuse_unit(mass_unit: str, told: str) -> None:
    if mass_unit != "Msun/h":
        raise BadInput(f"mass_unit={mass_unit!r} is for tables: {told}.")


def _table(source: Any) -> Table:
    if isinstance(source, str | PathLike) and Path(source).suffix == ".npz":
        with open_arrays(Path(source).expanduser()) as arrays:
            columns = {name: arrays[name] for name in arrays.names}
        return read_table(columns, label=Path(source).name)
    return read_table(source, text=("halo", "parent"), columns=("parent",))


def _of_table(table: Table, scale: float) -> tuple[Forest, Table, NDArray[np.int64]]:
    """Return the trees of a table, the table in their order, and the tree of each row."""
    if not len(table):
        raise BadInput(f"{table.label} has no halo; expected a row for each.")
    if table.names is None:
        raise BadInput(f"{table.label} has no column names; expected {COLUMNS}.")
    features = np.stack(
        [
            _logarithm(table, "mass", scale),
            _logarithm(table, "concentration"),
            _logarithm(table, "vmax"),
            _time(table),
        ],
        1,
    )
    names = table.column("tree") if table.has(["tree"]) else np.zeros(len(table), np.int64)
    labels, tree = np.unique(np.asarray(names).astype(str), return_inverse=True)
    first = np.full(len(labels), len(table))
    np.minimum.at(first, tree, np.arange(len(table)))
    rank = np.argsort(np.argsort(first))[tree]
    order = np.argsort(rank, kind="stable")
    offsets = np.concatenate([[0], np.cumsum(np.bincount(rank))])
    parent = _parents(table, rank, order, offsets)
    arranged = Table(tuple(one[order] for one in table.columns), table.names, table.label)
    return Forest.of(features[order], parent, offsets), arranged, rank[order]


def _logarithm(table: Table, name: str, scale: float = 1.0) -> Array:
    """Return log10 of a quantity, from its own column or from that of its logarithm."""
    log, plain = table.has([f"log10_{name}"]), table.has([name])
    if log == plain:
        told = "both" if log else "neither"
        raise BadInput(
            f"{table.label} has {told} of the columns {name} and log10_{name}; expected one "
            f"({COLUMNS})."
        )
    values = table.arranged([f"log10_{name}" if log else name]).numbers()[:, 0]
    bad = np.flatnonzero(~np.isfinite(values) | (not log) & (values <= 0))
    if len(bad):
        raise BadInput(
            f"{table.label} has {values[bad[0]]:g} in row {bad[0]} as {name}; expected a "
            f"{'finite' if log else 'positive'} number, {UNITS[name]}."
        )
    found = values if log else np.log10(values)
    low, high = RANGES[name]
    wrong = np.flatnonzero((found < low) | (found > high))
    if len(wrong):
        raise BadInput(
            f"{table.label} has {values[wrong[0]]:g} in row {wrong[0]} as "
            f"{'log10_' if log else ''}{name}, which no halo has: expected "
            f"{'log10 of it' if log else 'it'} {UNITS[name]}, and a logarithm in the column "
            f"log10_{name} alone."
        )
    return np.asarray(found + np.log10(scale))


def _time(table: Table) -> Array:
    scale, redshift = table.has(["a"]), table.has(["redshift"])
    if scale == redshift:
        told = "both" if scale else "neither"
        raise BadInput(f"{table.label} has {told} of the columns a and redshift; expected one.")
    values = table.arranged(["a" if scale else "redshift"]).numbers()[:, 0]
    bad = np.flatnonzero(~np.isfinite(values) | (values < 0) | (scale & (values > 1)))
    if len(bad):
        told = "a scale factor in (0, 1]" if scale else "a redshift from 0"
        raise BadInput(f"{table.label} has {values[bad[0]]:g} in row {bad[0]}; expected {told}.")
    return np.asarray(values if scale else 1 / (1 + values))


def _parents(
    table: Table, rank: NDArray[np.int64], order: NDArray[np.int64], offsets: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the place of each halo's descendant among the haloes as they are ordered."""
    given = [_name(one) for one in table.column("parent")[order]]
    tree = rank[order]
    if table.has(["halo"]):
        names = [_name(one) for one in table.column("halo")[order]]
    else:
        names = [str(place - offsets[one]) for place, one in enumerate(tree)]
    places: dict[tuple[int, str], int] = {}
    for place, key in enumerate(zip(tree.tolist(), names, strict=True)):
        if key in places or not key[1]:
            raise BadInput(
                f"{table.label} has {'no name for a halo' if not key[1] else 'two haloes'} "
                f"{key[1]!r} in one tree; give each a name of its own in the column halo."
            )
        places[key] = place
    found = np.full(len(given), -1)
    for place, key in enumerate(zip(tree.tolist(), given, strict=True)):
        if key[1] in ("", "-1"):
            continue
        if key not in places:
            raise BadInput(
                f"{table.label} has the parent {key[1]!r} in row {int(order[place])}, which is no "
                "halo of its tree; a root's is -1 or empty."
            )
        found[place] = places[key]
    return found


def _name(value: Any) -> str:
    """Return a halo's name: whole numbers are the same however they are written."""
    if value is None or (isinstance(value, float | np.floating) and np.isnan(value)):
        return ""
    text = str(value).strip()
    try:
        number = float(text)
    except ValueError:
        return text
    return str(int(number)) if number.is_integer() and abs(number) < 2**53 else text


def _targets(table: Table, tree: NDArray[np.int64], count: int) -> tuple[Array, NDArray[np.int64]]:
    """Return the targets (t, 2) and the simulation (t,) of each tree."""
    values = table.arranged(list(NAMES)).numbers()
    first = np.searchsorted(tree, np.arange(count))
    targets = values[first]
    wrong = np.flatnonzero(~(np.isfinite(values) & (values == targets[tree])).all(1))
    if len(wrong):
        raise BadInput(
            f"{table.label} has {values[wrong[0]].tolist()} as {' and '.join(NAMES)} in tree "
            f"{tree[wrong[0]]}; expected finite numbers, the same for all haloes of a tree."
        )
    if table.has(["simulation"]):
        named = np.array([_name(one) for one in table.column("simulation")[first]])
        return targets, np.unique(named, return_inverse=True)[1]
    return targets, np.unique(targets, axis=0, return_inverse=True)[1].reshape(-1)


def _warn(forest: Forest) -> None:
    """Say what is odd of trees; raises `BadInput` where masses mostly grow backwards in time."""
    child, parent = forest.edges
    heavier = int((forest.features[child, 0] > forest.features[parent, 0]).sum())
    if heavier > len(child) / 2:
        raise BadInput(
            f"{heavier} of {len(child)} haloes are heavier than what they became: masses grow "
            "backwards in time; parent is the halo's descendant, later in time."
        )
    if heavier:
        notice(f"{heavier} of {len(child)} haloes are heavier than what they became.")
    late = forest.features[forest.parent < 0, 3]
    if (late < 0.99).any():
        notice(
            f"{int((late < 0.99).sum())} of {len(late)} trees end at a = {late.min():.3g}; "
            "expected trees that end today, at a = 1."
        )


def table_of(forest: Forest) -> Mapping[str, Any]:
    """Return the haloes of trees as columns that `read_forest` reads."""
    tree = forest.tree
    within = np.where(forest.parent < 0, -1, forest.parent - forest.offsets[tree])
    logs = dict(zip(FEATURES, forest.features.T, strict=True))
    return {"tree": tree, "parent": within, **logs}
