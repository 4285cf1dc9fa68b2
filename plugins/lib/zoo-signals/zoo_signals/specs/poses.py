"""Poses: real motion capture, and how far predicted joints are from true ones."""

from __future__ import annotations

from zoo_core import Dataset, File, Metric

CMU_POSE16 = File(
    path="cmu-pose16/cmu_pose16.npz",
    sha256="ff9a341656e413f3ab272a5744eb8da7661add2fece1b41de3452a346fdbf8d8",
)
"""10,765 poses of 16 joints, made from the database's ASF/AMC and exponential-map files."""

DATASETS = [
    Dataset(
        name="cmu-pose16",
        title="CMU motion capture on the 16 joints of Human3.6M, seen by four cameras",
        factory="zoo_signals.poses:cmu_pose16",
        license="LicenseRef-CMU-Graphics-Lab-Motion-Capture",
        source="http://mocap.cs.cmu.edu",
        task="pose-estimation",
        files=(CMU_POSE16,),
        origin="mirrored",
        summary="10,765 real poses of walking (14 bodies) and eight other actions (one body), with "
        "virtual cameras: 2-D joints in, 3-D joints out. Free for use in research and commercial "
        "projects (mocap.cs.cmu.edu, created with funding from NSF EIA-0196217).",
    ),
]

METRICS = [
    Metric(
        name="mpjpe",
        title="Mean per-joint position error",
        factory="zoo_signals.pose_metrics:PoseError",
        higher_is_better=False,
        scale=1000.0,
        unit="mm",
    ),
    Metric(
        name="p-mpjpe",
        title="Mean per-joint position error after Procrustes alignment",
        factory="zoo_signals.pose_metrics:PoseError",
        config={"align": True},
        higher_is_better=False,
        scale=1000.0,
        unit="mm",
    ),
]
"""Protocols 1 and 2 of Human3.6M, in metres, shown in millimetres."""
