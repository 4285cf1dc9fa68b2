"""S1 and S2: networks and embeddings on graphs of the dense-sparse graph model.

The last epoch is measured, as in the paper's simulation, whose protocol has no validation.
"""

from __future__ import annotations

import statistics

from zoo_core import Finding, Verdict, estimate, paired
from zoo_core.registry import registry
from zoo_core.statistics import at_least, at_most
from zoo_sparse_dense_gnn.checks.findings import OPERATORS, Values, accuracies, finding, mean, told

GRAPHS = 20
DENSE, SPARSE = 0.002, 0.01
DIMENSIONS = (2, 6, 10, 20)


def simulated(gamma: float, operator: str) -> dict[str, list[float]]:
    """Return the accuracies, by method, of `GRAPHS` sampled graphs."""
    runs = [{"fold": fold, "gamma": gamma} for fold in range(GRAPHS)]
    known = registry()
    filters = {**known.model("dsgm-gnn-dense").config, "operator": operator}
    embedded = {**known.model("dsgm-se-dense").config, "operator": operator}
    methods = {
        **{f"SE({k})": ("spectral-mlp", {**embedded, "k": k}) for k in DIMENSIONS},
        "GNN(lin)": ("graph-filter", {**filters, "nonlinearity": "identity"}),
        "GNN(non)": ("graph-filter", filters),
    }
    return {
        method: accuracies(architecture, "dsgm", runs, config)
        for method, (architecture, config) in methods.items()
    }


def dense_graphs() -> Finding:
    """S1: on dense sampled graphs two eigenvectors are about as good as the better network."""
    verdicts: list[Verdict] = []
    parts: list[str] = []
    figures: dict[str, Values] = {}
    for label, operator in OPERATORS.items():
        values = simulated(DENSE, operator)
        networks = ("GNN(lin)", "GNN(non)")
        best = max(networks, key=lambda method: statistics.fmean(values[method]))
        behind = paired(values[best], values["SE(2)"])
        verdicts += [at_least(estimate(values["SE(2)"]), 88), at_most(behind, 2)]
        accuracies = ", ".join(f"{method} {mean(row)}" for method, row in values.items())
        parts.append(f"{label}: {accuracies}; {best} minus SE(2) {told(behind)}")
        figures |= {f"{label} {method}": row for method, row in values.items()}
    told_all = f"{'; '.join(parts)} (± standard error; {GRAPHS} graphs)"
    return finding(verdicts, told_all, figures, GRAPHS)


def sparse_graphs() -> Finding:
    """S2: on sparse sampled graphs the linear network against four embeddings."""
    verdicts: list[Verdict] = []
    parts: list[str] = []
    figures: dict[str, Values] = {}
    for label, operator in OPERATORS.items():
        values = simulated(SPARSE, operator)
        embeddings = [values[f"SE({k})"] for k in DIMENSIONS]
        average = [statistics.fmean(row) for row in zip(*embeddings, strict=True)]
        rivals = {f"SE({k})": values[f"SE({k})"] for k in DIMENSIONS} | {"their mean": average}
        gaps = {method: paired(values["GNN(lin)"], row) for method, row in rivals.items()}
        verdicts.append(at_least(gaps["their mean"], 0))
        listed = ", ".join(f"{method} {told(gap)}" for method, gap in gaps.items())
        other = told(paired(values["GNN(non)"], average))
        parts.append(
            f"{label}: GNN(lin) {mean(values['GNN(lin)'])}, minus {listed}; GNN(non) "
            f"{mean(values['GNN(non)'])}, minus their mean {other}"
        )
        figures |= {f"{label} {method}": row for method, row in values.items()}
    told_all = f"{'; '.join(parts)} (± standard error; {GRAPHS} graphs)"
    return finding(verdicts, told_all, figures, GRAPHS)
