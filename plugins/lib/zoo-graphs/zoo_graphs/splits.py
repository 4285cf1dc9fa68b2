"""Splits of nodes into training, validation and test."""

from __future__ import annotations

import numpy as np


def random_masks(n: int, seed: int) -> dict[str, np.ndarray]:
    """Return the split of run `seed`: a fifth validation, a fifth test, the rest training.

    Nodes are permuted by PyTorch's CPU generator, seeded with `seed`; its global state is left
    alone.
    """
    import torch

    order = torch.randperm(n, generator=torch.Generator().manual_seed(seed)).numpy()
    fifth = n // 5
    chosen = {"train": order[2 * fifth :], "val": order[:fifth], "test": order[fifth : 2 * fifth]}
    masks = {split: np.zeros(n, dtype=bool) for split in chosen}
    for split, nodes in chosen.items():
        masks[split][nodes] = True
    return masks
