"""Choose PowerEmbed's hyperparameters by validation accuracy; the test split is never read.

    python -m zoo_powerembed.select cora --grid small --out cora.json

The small grid holds candidates whose checkpoint stays small at k = 100: mode "all" with 2 hops,
"last" with 2 or 10, "first_last" with 10; the shallow one only the first of these. The full grid
is the paper's: every mode with 1 to 10 hops. All cross these with the three operators.
All candidates share one power iteration per operator, since the list of L hops is a prefix of
every longer one.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from tqdm import tqdm
from zoo_graphs.graph import Graph
from zoo_graphs.operators import OPERATOR_KINDS
from zoo_graphs.spectral import leading_singular
from zoo_graphs.training import Progress, graph_tensors

from zoo_powerembed.powerembed import PowerEmbed
from zoo_powerembed.train import fit_readouts, make_fold

SMALL_GRAPHS = ("texas", "cornell", "cornell-geomgcn", "wisconsin")  # WebKB: k = 10
MAX_HOPS = 10


def candidates(grid: str) -> list[dict[str, Any]]:
    """Return the constructor arguments that a grid varies, one mapping per candidate.

    Raises `ValueError` for an unknown grid.
    """
    if grid == "shallow":
        shapes = [("all", 2)]
    elif grid == "small":
        shapes = [("all", 2), ("last", 2), ("last", 10), ("first_last", 10)]
    elif grid == "full":
        modes = ("all", "last", "first_last")
        shapes = list(product(modes, range(1, MAX_HOPS + 1)))
    else:
        raise ValueError(f"unknown grid {grid!r}; expected 'shallow', 'small' or 'full'.")
    return [
        {"operator": operator, "mode": mode, "hops": hops}
        for mode, hops in shapes
        for operator in OPERATOR_KINDS
    ]


def evaluate_candidates(
    graphs: Sequence[Graph],
    grid: Sequence[Mapping[str, Any]],
    shape: Mapping[str, Any],
    progress: Progress,
    **recipe: Any,
) -> Iterator[dict[str, Any]]:
    """Train every candidate of a grid (see `candidates`) on every graph, and yield what it reaches.

    `graphs` are folds of one graph, or one graph each; the i-th is trained on with seed i. `shape`
    holds constructor arguments that all candidates share; `recipe` is that of `fit_readouts`. For
    each candidate there is a row with "config", "val_accuracy" and "val_std", mean and standard
    deviation of the accuracy on the validation nodes, that accuracy per fold in "folds",
    "parameters" and "seconds".
    """
    lists: dict[tuple[str, str], list[Tensor]] = {}
    for candidate in grid:
        start = time.perf_counter()
        merged = {**shape, **candidate}
        models = [_untrained(graph, seed, merged) for seed, graph in enumerate(graphs)]
        folds = []
        for seed, graph in enumerate(graphs):
            key = (candidate["operator"], graph.fingerprint())
            if key not in lists:
                lists[key] = _iterates(graph, merged)
            folds.append(make_fold(graph, [lists[key][hop] for hop in models[0].used_hops], seed))
        accuracies = fit_readouts(
            [model.readout for model in models],
            folds,
            progress=progress,
            desc=" ".join(str(value) for value in candidate.values()),
            **recipe,
        )
        yield {
            "config": dict(candidate),
            "val_accuracy": statistics.fmean(accuracies),
            "val_std": statistics.pstdev(accuracies),
            "folds": accuracies,
            "parameters": sum(p.numel() for p in models[0].parameters()),
            "seconds": round(time.perf_counter() - start, 2),
        }


def _untrained(graph: Graph, seed: int, shape: Mapping[str, Any]) -> PowerEmbed:
    """Return the module that a training with this seed begins with."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return PowerEmbed(graph.num_features, graph.num_classes, **shape)


@torch.no_grad()
def _iterates(graph: Graph, shape: Mapping[str, Any]) -> list[Tensor]:
    """Return [P_0, ..., P_10] of a graph."""
    model = _untrained(graph, 0, {**shape, "mode": "last", "hops": MAX_HOPS})
    if model.projection is not None:
        model.projection = leading_singular(graph.features, model.k)[1].float()
    return model.iterates(*graph_tensors(graph))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m zoo_powerembed.select", description=__doc__)
    parser.add_argument("dataset")
    parser.add_argument("--folds", type=int, default=10)
    parser.add_argument("--grid", choices=("shallow", "small", "full"), default="small")
    parser.add_argument("--normalize", choices=("inverse", "none"), default="inverse")
    parser.add_argument("-k", type=int, help="columns of H_0; default 10 for WebKB, else 100")
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--out", type=Path, help="where to write the JSON")
    options = parser.parse_args(arguments)

    import zoo

    graphs = [zoo.dataset(options.dataset, fold=fold) for fold in range(options.folds)]
    shape = {
        "k": options.k or (10 if options.dataset in SMALL_GRAPHS else 100),
        "normalize": options.normalize,
    }
    shared = {**shape, "epochs": options.epochs}
    progress = partial(tqdm, leave=False, disable=not sys.stderr.isatty())
    rows = []
    grid = candidates(options.grid)
    for row in evaluate_candidates(graphs, grid, shape, progress, epochs=options.epochs):
        rows.append(row)
        print(f"{row['val_accuracy']:.4f} +- {row['val_std']:.4f}  {row['config']}", flush=True)
    best = max(rows, key=lambda row: row["val_accuracy"])
    print("winner:", best["config"])
    if options.out:
        found = {"dataset": options.dataset, "selected_on": "val", "shared": shared}
        found |= {"winner": {**shared, **best["config"]}, "candidates": rows}
        options.out.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
