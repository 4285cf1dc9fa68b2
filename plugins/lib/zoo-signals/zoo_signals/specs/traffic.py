"""Traffic: speeds on a network of road sensors, and errors of what is forecast."""

from __future__ import annotations

from zoo_core import Dataset, File, Metric

_T_GCN = (
    "https://raw.githubusercontent.com/lehaifeng/T-GCN/219a2346f5bf68d54d91a948e7a41a08f9edc46b"
)

SPEEDS = File(
    path="metr-la-week/los_speed.csv",
    url=f"{_T_GCN}/T-GCN/T-GCN-PyTorch/data/los_speed.csv",
    sha256="7b732d86ae32b2930595becba28aff39dacbfb2197e250fc0332e1744ce2cbf4",
)
"""A week of 207 loop detectors, missing readings filled in upstream."""
EDGES = File(
    path="metr-la-week/adj_mx_edges.csv",
    sha256="f653ed0ab744e9430d19625fde9de448ed665fc5f55d20e2f996329c93154356",
)
"""The directed adjacency of DCRNN, as a list of edges: its own file is a pickle."""
LOCATIONS = File(
    path="metr-la-week/graph_sensor_locations.csv",
    url="https://raw.githubusercontent.com/liyaguang/DCRNN/"
    "602afd9d767d3aa1c9b3eac51710d6aeee12c227/data/sensor_graph/graph_sensor_locations.csv",
    sha256="eb8ea96e07358b45d0e4ba3b89c2673fa20c54af50150249e627389e749ade6f",
)
CLUSTERS = File(
    path="metr-la-week/sensor_clusters.json",
    sha256="3296306a0990ffcaaf9b5c17bfc3270c2822f07a1d58da0ba40d92a980851544",
)
"""The partitions into 2 and 9 clusters of the paper on approximately equivariant networks."""
FULL = File(
    path="metr-la/METR-LA.csv",
    url="https://zenodo.org/record/5146275/files/METR-LA.csv",
    sha256=None,
)
"""Four months of the same sensors; what is read is checked, as the file's hash is not known."""

DATASETS = [
    Dataset(
        name="metr-la-week",
        title="METR-LA, a week of traffic in Los Angeles",
        factory="zoo_signals.traffic:metr_la_week",
        license="MIT",
        source="https://github.com/lehaifeng/T-GCN",
        task="traffic-forecasting",
        options={
            "clusters": "how many of the published clusters of sensors networks are told: 1, 2 or "
            "9 (1)",
            "full": "all four months, from Zenodo's record 5146275 (false)",
        },
        files=(SPEEDS, EDGES, LOCATIONS, CLUSTERS, FULL),
        origin="mirrored",
        summary="Speeds of 207 sensors every 5 minutes, 1 to 7 March 2012, in miles an hour, with "
        "the directed graph of DCRNN: 15 minutes are given, the next 15 forecast; 70 % of the time "
        "is for training, 10 % chooses the epoch, 20 % is the test. Missing readings were filled "
        "in upstream.",
    ),
]

_ERRORS = {
    "mae": ("Mean absolute error", 1.0, "mph"),
    "rmse": ("Root mean squared error", 1.0, "mph"),
    "mape": ("Mean absolute percentage error", 100.0, "%"),
}
STEPS = {None: "", 1: ", one step ahead", 2: ", two steps ahead", 3: ", three steps ahead"}

METRICS = [
    Metric(
        name=f"speed-{kind}" if step is None else f"speed-{kind}-{step}",
        title=f"{title} of speeds{told}",
        factory="zoo_signals.traffic_metrics:MaskedError",
        config={"kind": kind} if step is None else {"kind": kind, "step": step},
        higher_is_better=False,
        scale=scale,
        unit=unit,
    )
    for kind, (title, scale, unit) in _ERRORS.items()
    for step, told in STEPS.items()
]
"""Over readings that are not missing: of all steps, and of each; METR-LA's steps are 5 minutes."""
