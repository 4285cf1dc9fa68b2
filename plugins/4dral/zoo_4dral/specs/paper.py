"""The paper: its citation, what to know of it, its pictures."""

from __future__ import annotations

from zoo_4dral.specs.claims import (
    ALONE,
    CLAIMS,
    FLAGSHIP,
    SMALL,
    TEACHER,
    TERMS,
    TO_LIDAR,
    WRITTEN,
)
from zoo_core import Paper, Picture

PICTURES = (
    Picture(
        name="street",
        draw="zoo_4dral.pictures:street",
        caption="A simulated street along a real trajectory (KITTI 05), seen from above: buildings "
        "and parked cars in grey, what the LiDAR returns all around, and five scans of the radar, "
        "which looks ahead (arrow).",
        models=(FLAGSHIP, TEACHER, TO_LIDAR),
    ),
    Picture(
        name="sides",
        draw="zoo_4dral.pictures:sides",
        caption="Three queries of world 05: the radar's image, what local image enhancement makes "
        "of it, and the LiDAR's image of the same place. The sensor is below.",
        models=WRITTEN[:2],
    ),
    Picture(
        name="recalls",
        draw="zoo_4dral.pictures:recalls",
        caption="Recall@N on world 05 within 25 m and within 10 m, the mean of three trainings (of "
        "the teacher one): in clear "
        "weather (lines) and where rain takes 35 % of the radar's detections (dotted).",
        models=(FLAGSHIP, ALONE, TEACHER, TO_LIDAR),
    ),
    Picture(
        name="matches",
        draw="zoo_4dral.pictures:matches",
        caption="The drive of world 05: the map's places in grey, queries whose first answer is "
        "within 25 m in blue, others in orange with a line to the answer. Left the flagship in "
        "rain, right the LiDAR's network in fog.",
        models=(FLAGSHIP, TEACHER),
    ),
    Picture(
        name="losses",
        draw="zoo_4dral.pictures:losses",
        caption="What each loss of a teacher adds to the mean Recall@1 of worlds 05 to 07, of "
        "small networks, over three trainings (dots; bars are means): in clear weather (blue) and "
        "in rain (orange). To the left of each panel one loss each with a chosen weight, to the "
        "right with a U-Net and the written weights.",
        models=(SMALL, *TERMS, *WRITTEN),
    ),
    Picture(
        name="weather",
        draw="zoo_4dral.pictures:weather",
        caption="Recall@1 on world 05 (seed 0) against the density of fog for the LiDAR's network, "
        "and against the share of lost detections for the radar's.",
        models=(FLAGSHIP, TEACHER),
    ),
)

_BIBTEX = """@inproceedings{huang2026_4dral,
  title     = {4DRaL: Bridging 4D Radar with LiDAR for Place Recognition
               using Knowledge Distillation},
  author    = {Huang, Ningyuan and Li, Zhiheng and Fang, Zheng},
  booktitle = {IEEE International Conference on Robotics and Automation (ICRA)},
  year      = {2026},
  eprint    = {2603.26206},
  archivePrefix = {arXiv}
}"""

PAPER = Paper(
    name="4dral",
    title="4DRaL: Bridging 4D Radar with LiDAR for Place Recognition using Knowledge Distillation",
    authors=["Ningyuan Huang", "Zhiheng Li", "Zheng Fang"],
    year=2026,
    arxiv="2603.26206",
    bibtex=_BIBTEX,
    summary="A LiDAR network teaches a 4D-radar network to recognise places, so that radar, which "
    "sees through fog and rain, comes near to LiDAR in clear weather.",
    notes="The paper's data (NTU4DRadLM, SJTU4D) are behind forms and its tables were not at hand, "
    "so that no figure of it stands here; its released code has networks and evaluation, and no "
    "training. What is measured here is on simulated streets along KITTI's real trajectories, by "
    "networks of 64 x 64 pixels that were trained for minutes; `4dral-resnet18` has the paper's "
    "size, untrained. The forms and "
    "weights of the losses are read from the text and the released classes: what differs is named "
    "as what it is. That the flagship starts from the teacher's encoder and is pulled towards its "
    "descriptors at first is not in the paper.",
    claims=CLAIMS,
    pictures=PICTURES,
)
