"""The claims, measured: each check trains the methods anew and compares them by run.

Differences are paired: both methods see the same fold and the same seed. Accuracies are in points
(percent) on test nodes; epochs are chosen on validation nodes, and so are hyperparameters where a
claim says "best".

Intervals are over the runs. The folds of one graph share nodes, so they say how firmly these splits
show a number, not what another graph would show.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from zoo_core import Finding, Quantity, dataset, protocol
from zoo_powerembed.specs.models import MODELS

FOLDS = 10
REPEATS = 5
WEBKB = ("texas", "cornell-geomgcn", "cornell")

Figures = dict[str, list[float]]
"""The accuracy of each fold, in points, by what was trained."""


def accuracies(architecture: str, data: str, folds: int | None = None, **shape: Any) -> list[float]:
    """Return the test accuracy, in points, of each of the folds (or graphs), ten by default.

    On the tiny WebKB graphs each fold is the mean of five trainings, or the noise of a single one
    would hide what is compared; run i has seed i.
    """
    count = folds or FOLDS
    repeats = REPEATS if data in WEBKB else 1
    runs = [{"fold": fold} for _ in range(repeats) for fold in range(count)]
    values = protocol(architecture, data, runs, shape=shape)
    return [round(100 * statistics.fmean(values[fold::count]), 3) for fold in range(count)]


def chosen(data: str) -> dict[str, Any]:
    """Return the shape of the registered PowerEmbed, which validation chose."""
    return {**_model(f"powerembed-{data}").shape}


def chosen_unnormalised(data: str) -> dict[str, Any]:
    """Return the shape of the unnormalised hops beside it, chosen in the same way."""
    beside = _model(f"powerembed-{data}").beside.values()
    return next({**row["shape"]} for row in beside if row["architecture"] == "sign")


def _model(name: str) -> Any:
    return next(spec for spec in MODELS if spec.name == name)


def difference(first: Sequence[float], second: Sequence[float]) -> list[float]:
    """Return first minus second, run by run."""
    return [a - b for a, b in zip(first, second, strict=True)]


def finding(quantities: Mapping[str, Quantity], figures: Figures, told: str = "") -> Finding:
    """Return a Finding with the accuracies of each fold, and the seeds that they are of."""
    on_webkb = any(key.split()[0] in WEBKB for key in figures)
    runs = max(map(len, figures.values())) * (REPEATS if on_webkb else 1)
    each = f"{REPEATS} trainings a fold on WebKB" if on_webkb else ""
    return Finding(
        quantities=quantities,
        told="; ".join(filter(None, (told, each))),
        figures=figures,
        seeds=list(range(runs)),
    )


def means(figures: Figures) -> str:
    """Return the mean of each row, for people."""
    return ", ".join(f"{key} {statistics.fmean(row):.1f}" for key, row in figures.items())


def depth_on_block_models() -> Finding:
    """T1: depth 10 on dense and sparse block models, ten graphs each."""
    power: dict[str, Any] = {"project": "identity", "hops": 10, "operator": "lap"}
    figures = {
        f"{data} {label}": accuracies(architecture, data, **shape)
        for data in ("sbm-dense", "sbm-sparse")
        for label, architecture, shape in (
            ("all", "powerembed", power),
            ("last", "powerembed", {**power, "mode": "last"}),
            ("sgc", "sgc", {"project": "identity", "hops": 10}),
            ("gcn", "gcn", {"layers": 10, "hidden": 4, "activation": "prelu"}),
        )
    }
    return found_on_block_models(figures)


def found_on_block_models(figures: Figures) -> Finding:
    """Return T1's finding from the accuracies."""
    dense = {
        "all hops, dense": "all",
        "last hop, dense": "last",
        "GCN-10, dense": "gcn",
        "SGC-10, dense": "sgc",
    }
    gain = difference(figures["sbm-sparse all"], figures["sbm-sparse gcn"])
    return finding(
        {
            **{name: figures[f"sbm-dense {label}"] for name, label in dense.items()},
            "lead of all hops over GCN-10, sparse": gain,
        },
        figures,
        means(figures),
    )


def depth_on_chameleon() -> Finding:
    """T2: the last hop alone, with and without normalisation, A + I."""
    return found_on_chameleon(
        {
            f"{normalize} {hops}": accuracies(
                "powerembed", "chameleon", mode="last", hops=hops, normalize=normalize
            )
            for normalize in ("inverse", "none")
            for hops in (2, 10)
        }
    )


def found_on_chameleon(figures: Figures) -> Finding:
    """Return T2's finding from the accuracies."""
    gains = {
        f"gain by normalising at hop {hops}": difference(
            figures[f"inverse {hops}"], figures[f"none {hops}"]
        )
        for hops in (2, 10)
    }
    return finding(gains, figures, means(figures))


def stability_in_depth() -> Finding:
    """T4: from 2 to 10 hops with A + I, all hops read."""
    return found_in_depth(
        {
            f"{data} {normalize} {hops}": accuracies(
                "powerembed", data, k=10, hops=hops, normalize=normalize
            )
            for data in ("texas", "cornell")
            for normalize in ("inverse", "none")
            for hops in (2, 10)
        }
    )


def found_in_depth(figures: Figures) -> Finding:
    """Return T4's finding from the accuracies."""
    losses = {
        f"loss on {data}{added}": difference(
            figures[f"{data} {normalize} 2"], figures[f"{data} {normalize} 10"]
        )
        for data in ("texas", "cornell")
        for normalize, added in (("inverse", ""), ("none", ", unnormalised"))
    }
    return finding(losses, figures)


def homophily_on_cora() -> Finding:
    """T5: all hops read on Cora, beside an MLP and a GCN."""
    return found_on_cora(
        {
            "powerembed": accuracies("powerembed", "cora", operator="lap"),
            "mlp": accuracies("node-mlp", "cora"),
            "gcn": accuracies("gcn", "cora"),
        }
    )


def found_on_cora(figures: Figures) -> Finding:
    """Return T5's finding from the accuracies."""
    power = figures["powerembed"]
    return finding(
        {
            "accuracy": power,
            "lead over the MLP": difference(power, figures["mlp"]),
            "lead of the GCN": difference(figures["gcn"], power),
        },
        figures,
        means(figures),
    )


def rivals(pairs: Sequence[Sequence[str]], folds: Mapping[str, int]) -> Finding:
    """T3, T6 and ten graphs: PowerEmbed as validation chose it against one other method a graph.

    `pairs` are a graph and "GCN" (two layers), "MLP" (raw features) or "SIGN" (the unnormalised
    hops, chosen alike); `folds` are the numbers of them on graphs where a run takes minutes.
    """
    figures: Figures = {}
    for data, rival in pairs:
        count = folds.get(data)
        if f"{data} powerembed" not in figures:
            figures[f"{data} powerembed"] = accuracies("powerembed", data, count, **chosen(data))
        architecture = {"GCN": "gcn", "MLP": "node-mlp", "SIGN": "sign"}[rival]
        shape = chosen_unnormalised(data) if rival == "SIGN" else {}
        figures[f"{data} {rival}"] = accuracies(architecture, data, count, **shape)
    return found_against_rivals(pairs, figures)


def found_against_rivals(pairs: Sequence[Sequence[str]], figures: Figures) -> Finding:
    """Return the finding of `rivals` from the accuracies."""
    quantities = {
        f"lead over {rival} on {data}": difference(
            figures[f"{data} powerembed"], figures[f"{data} {rival}"]
        )
        for data, rival in pairs
    }
    return finding(quantities, figures)


def cora_company(ahead: Sequence[str], behind: Sequence[str], beside: Sequence[str]) -> Finding:
    """Hold Cora's registered baselines against PowerEmbed, JKNet (the slowest) on three folds."""
    figures = {"powerembed": accuracies("powerembed", "cora", **chosen("cora"))}
    for name in (*ahead, *behind, *beside):
        spec = _model(f"{name}-cora")
        figures[name] = accuracies(
            spec.architecture, "cora", 3 if name == "jknet" else None, **spec.shape
        )
    return found_beside_baselines(figures, [*ahead, *behind])


def found_beside_baselines(figures: Figures, sided: Sequence[str]) -> Finding:
    """Return the finding of `cora_company` from the accuracies; leads are PowerEmbed's."""
    quantities = {
        f"lead over {name}": difference(figures["powerembed"], figures[name]) for name in sided
    }
    unsided = [name for name in figures if name not in ("powerembed", *sided)]
    return finding(
        quantities, figures, f"{means(figures)}; no side is taken of {', '.join(unsided)}"
    )


def twins(graphs: Sequence[str]) -> Finding:
    """Measure the share of test nodes with a training twin: same neighbours, same label."""
    return found_twins({name: [twin_share(name, fold) for fold in range(FOLDS)] for name in graphs})


def found_twins(figures: Figures) -> Finding:
    """Return the finding of `twins` from the shares of each fold."""
    return finding(
        {
            **{f"share on {name}": figures[name] for name in ("chameleon", "squirrel")},
            **{f"largest share on {name}": max(figures[name]) for name in ("cora", "citeseer")},
        },
        figures,
    )


def twin_share(data: str, fold: int) -> float:
    """Return the share, in percent, of test nodes that have a twin among the training nodes.

    Twins have the same set of at least two neighbours, and the same label.
    """
    graph = dataset(data, fold=fold)
    neighbours: list[set[int]] = [set() for _ in range(graph.num_nodes)]
    for first, second in graph.edges.T.tolist():
        neighbours[first].add(second)
        neighbours[second].add(first)
    kinds = [(frozenset(n), label) for n, label in zip(neighbours, graph.labels, strict=True)]
    train, test = (graph.split(name).indices for name in ("train", "test"))
    seen = {kinds[node] for node in train if len(neighbours[node]) > 1}
    return round(100 * sum(kinds[node] in seen for node in test) / len(test), 3)
