"""The data of the paper's own: pairs of graphs whose distances are known."""

from __future__ import annotations

from zoo_core import Dataset

DATASETS: tuple[Dataset, ...] = (
    Dataset(
        name="idm-closed-forms",
        title="Pairs of regular graphs with known distances",
        factory="zoo_fine_grained_expressivity.data:closed_forms",
        license="Apache-2.0",
        source="https://arxiv.org/abs/2306.03698",
        origin="generated",
        task="graph-distance",
        splits=("test",),
        options={"level": "h, from 1", "kind": "'wasserstein' or 'prokhorov'"},
        summary="21 pairs of circulants on 5 to 12 nodes, and their distances by a formula.",
    ),
)
