"""The datasets and the metrics."""

from __future__ import annotations

from zoo_core import Dataset, File, Metric

_COPY = (
    "https://raw.githubusercontent.com/Huangying-Zhan/kitti-odom-eval/"
    "4b850b0815dcd28edef893ca3422125b04a02397/dataset/kitti_odom/gt_poses"
)
_HASHES = {
    "00": "90791a4113df979b149fa9e1104e960ea59f525a8318a202dbb6aec1a3d88793",
    "02": "8e6c37071db06dfc31db9c2f354bfeb4bb23d1fa2ab28937cb27dae03dc49812",
    "05": "56420ca617a1eb446b2955d187ba4af2912af54a8b458de0602ab3636b43f297",
    "06": "823a613b515dbfaaac0ed2942cf866154cc16edf7fbf2edbea57c70828b27a59",
    "07": "7eb020916003a09a6b9c2744748eaadef54b96f6df22ee703a05a1d19bfe913a",
    "08": "cd7177170c7d7ba98cdbfe9417f97bd9586da5c70cbd5ccefa5db6bf88a5fe88",
    "09": "e29c10964d558536e225e052f386723a515ad574b6ce14b91a86c94e5ad94014",
}
POSES = {
    name: File(path=f"kitti-odometry-poses/{name}.txt", url=f"{_COPY}/{name}.txt", sha256=sha256)
    for name, sha256 in _HASHES.items()
}
"""Ground-truth poses of KITTI's odometry sequences, by their numbers."""

DATASETS = [
    Dataset(
        name="streetsim",
        title="StreetSim: simulated streets along KITTI's trajectories, by LiDAR and 4D radar",
        factory="zoo_4dral.data:streetsim",
        license="CC-BY-NC-SA-3.0",
        source="https://www.cvlibs.net/datasets/kitti/eval_odometry.php",
        files=tuple(POSES.values()),
        task="place-recognition",
        options={
            "world": "the sequence of the test world: 05, or 06, 07, 08, also 00, 02, 09 ('05')",
            "seed": "the test world's (the usual one of its sequence)",
            "fog": "density of fog in the test's queries, a metre; 0.04 hides what is far (0)",
            "drop": "share of radar detections lost in the test's queries, as by rain (0)",
            "train": "other worlds to train on, sequence:seed ('00:1,00:11,09:12')",
        },
        test_options=["world", "seed", "fog", "drop"],
        summary="Trajectories are real (KITTI's poses); the street along them and both sensors are "
        "simulated: buildings, trees, poles and parked cars, seen by a LiDAR of 16 beams and by "
        "five scans of a front radar, as bird's-eye views of 64 x 64 m. Each world has a session "
        "that makes the map, and another that asks. Made on first use and kept.",
    ),
]
METRICS = [
    *(
        Metric(
            name=f"place-recall-{count}{label}",
            title=f"Recall@{count} within {radius:g} m",
            factory="zoo_4dral.retrieval.metrics:PlaceRecall",
            config={"count": count, "radius": radius},
            takes=("metres", "nearest"),
            higher_is_better=True,
            scale=100.0,
            unit="%",
        )
        for label, radius in (("", 25.0), ("-10m", 10.0))
        for count in (1, 5, 10)
    ),
    *(
        Metric(
            name=f"place-recall-{count}-{way}",
            title=f"Recall@{count} within 25 m, places looked at {told}",
            factory="zoo_4dral.retrieval.metrics:PlaceRecall",
            config={"count": count, "radius": 25.0},
            takes=(f"metres-{way}", f"nearest-{way}"),
            higher_is_better=True,
            scale=100.0,
            unit="%",
        )
        for way, told in (("same", "the same way"), ("opposite", "the other way round"))
        for count in (1, 5, 10)
    ),
    Metric(
        name="place-map",
        title="Mean average precision of places within 25 m",
        factory="zoo_4dral.retrieval.metrics:PlaceAveragePrecision",
        takes=("precision", "nearest"),
        higher_is_better=True,
    ),
    Metric(
        name="place-max-f1",
        title="Best F1 over the distance up to which the first place is believed",
        factory="zoo_4dral.retrieval.metrics:PlaceMaxF1",
        takes=("distance", "metres", "nearest"),
        higher_is_better=True,
    ),
]
"""Of what `zoo_4dral.retrieval.ranking.answers` yields."""
