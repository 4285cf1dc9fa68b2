"""Point clouds in two and three dimensions; molecules come from `zoo_molecules`."""

from __future__ import annotations

from zoo_core import Dataset, File, Metric

CELLS = {
    "cells": File(
        path="cell-outlines/cells.txt",
        sha256="76d7ead0f619a93d9c6b026f6e1eada81b5fbc8f54c45f3a48c71babc2dc3918",
    ),
    "lines": File(
        path="cell-outlines/cell_lines.txt",
        sha256="cfae6e57367ac429d969627ae3eb539b7e464b95e900360a194da779c5b43ffa",
    ),
    "treatments": File(
        path="cell-outlines/treatments.txt",
        sha256="3144c1415cc82f74844bfbb23bee70e1e9908ba49e754788c9c3f20b4e67b329",
    ),
}
"""650 outlines in pixels, the line and the treatment of each cell."""
HANDS = {
    "hands": File(
        path="hand-poses/hands.txt",
        sha256="e6ed6bb7fe3d7f00e5c3b5c80eb666a0585a862c3d53e2cfcc83da962c6955c8",
    ),
    "labels": File(
        path="hand-poses/labels.txt",
        sha256="cb8bcc22963dbc242d75d2f200a2aeb66a66a35768bde2bf4c5c746eab1dadc0",
    ),
}
"""53 hands of 22 joints in metres, and whether they grab or expand."""

DATASETS = [
    Dataset(
        name="cell-outlines",
        title="Outlines of mouse osteosarcoma cells, as planar clouds of 100 points",
        factory="zoo_invariant_features.data:cell_outlines",
        license="MIT",
        source="https://github.com/geomstats/geomstats",
        task="distance-regression",
        options={"points": "how many each outline is resampled to (100)"},
        files=tuple(CELLS.values()),
        origin="mirrored",
        summary="Cells of the line dunn, untreated (a) and treated with cytochalasin D (b): the "
        "first 40 of each are for training, the next 40 the test, and 13 more of each for "
        "validation. Each outline is centred and divided by its root mean square radius; the "
        "targets are Gromov-Wasserstein lower bounds between all pairs of a and b.",
    ),
    Dataset(
        name="hand-poses",
        title="Hands that grab or expand, as clouds of 22 joints in space",
        factory="zoo_invariant_features.data:hand_poses",
        license="MIT",
        source="https://github.com/geomstats/geomstats",
        task="distance-regression",
        splits=("train", "test"),
        files=tuple(HANDS.values()),
        origin="mirrored",
        summary="26 and 27 hands of the SHREC 2017 gestures (De Smedt et al.): the first 13 of "
        "each are for training, the others the test; centred and scaled, with the same targets.",
    ),
]

METRICS = [
    Metric(
        name="spearman",
        title="Spearman's rank correlation",
        factory="torchmetrics.regression:SpearmanCorrCoef",
        higher_is_better=True,
    ),
]
"""Of predicted and true distances over all pairs."""
