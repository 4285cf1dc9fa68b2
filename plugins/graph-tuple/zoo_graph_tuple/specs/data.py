"""The data: signals on a graph with two kinds of edges; the metrics of clouds."""

from __future__ import annotations

from zoo_core import Dataset, Metric

DATASETS = [
    Dataset(
        name="gt-filter-synthetic",
        title="Signals filtered along a block model and then a ring",
        factory="zoo_graph_tuple.filters.data:synthetic",
        license="Apache-2.0",
        source="https://arxiv.org/abs/2510.10341",
        origin="generated",
        task="signal-regression",
        options={
            "nodes": "of the graph, a multiple of three from 12 on (60)",
            "signals": "how many, from 20 on (200)",
            "noise": "its share of the targets' spread (0.1)",
            "seed": "of graph, signals and noise (0)",
        },
        summary="Generated: y = S W x + noise, S of a stochastic block model of three communities "
        "and W of a ring through nodes in random order, which do not commute.",
    ),
]

METRICS = [
    Metric(
        name=name,
        title=f"R2 of {target}",
        factory="torchmetrics.regression:R2Score",
        takes=(f"predicted {target}", f"true {target}"),
        higher_is_better=True,
    )
    for name, target in (("sigma-8-r2", "sigma_8"), ("omega-m-r2", "Omega_m"))
]
"""Over the clouds of a split."""
