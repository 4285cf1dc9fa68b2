"""The paper's random graph and its simplest form, two blocks."""

from typing import Any

from zoo_core import Dataset

_GENERATED: dict[str, Any] = {
    "task": "node-classification",
    "license": "Apache-2.0",
    "source": "https://arxiv.org/abs/2010.13152",
    "origin": "generated",
}

DATASETS = (
    Dataset(
        name="rdpg-segment",
        title="Random dot product graph on a segment",
        factory="zoo_spectral_failure_gcn.data:rdpg_segment",
        options={
            "n": "nodes (1000)",
            "delta": "angle between mean position and normal, 0 (regular) to 0.3927 (pi/8)",
            "r": "the segment's distance from the origin (0.745)",
            "h": "half of the segment's length (0.3)",
            "seed": "any integer from 0",
        },
        splits=("train", "test"),
        summary=(
            "Two classes on a line segment of latent positions; at delta 0 every node has the "
            "same expected degree. Reconstructed from the paper's figure. No node features."
        ),
        **_GENERATED,
    ),
    Dataset(
        name="sbm",
        title="Two blocks of equal size",
        factory="zoo_spectral_failure_gcn.data:two_blocks",
        options={
            "n": "nodes (1000)",
            "a": "probability inside the first block (0.12)",
            "b": "probability across (0.08)",
            "c": "probability inside the second block (that of the first)",
            "seed": "any integer from 0",
        },
        summary="With c = a the degrees tell nothing; with another c they do. No features.",
        **_GENERATED,
    ),
)
