"""Splits of nodes into training, validation and test."""

from __future__ import annotations

import numpy as np

from zoo_graphs.stratified import stratified_split


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


def stratified_masks(labels: np.ndarray, fold: int, folds: int) -> dict[str, np.ndarray]:
    """Return split `fold` of `folds`: one part of each class for testing, the others divided.

    Parts are those of `zoo_graphs.stratified.stratified_split`. Of what is not for testing, one of
    `folds` - 1 parts (at least two), again stratified, is for validation. Classes are `labels`
    (n,) integers.
    """
    parts = stratified_split(labels, fold, folds)
    inner = stratified_split(labels[parts["train"]], 0, max(folds - 1, 2))
    chosen = {
        "train": parts["train"][inner["train"]],
        "val": parts["train"][inner["test"]],
        "test": parts["test"],
    }
    masks = {split: np.zeros(labels.size, dtype=bool) for split in chosen}
    for split, nodes in chosen.items():
        masks[split][nodes] = True
    return masks


def five_fold_masks(n: int, fold: int) -> dict[str, np.ndarray]:
    """Return one split of repeated five-fold cross-validation: "train" and "test", none for "val".

    Nodes are permuted with `fold` // 5 as the seed, as in `random_masks`, and dealt out in five
    parts; part `fold` % 5 is for testing. Five folds in a row test every node once.
    """
    import torch

    order = torch.randperm(n, generator=torch.Generator().manual_seed(fold // 5)).numpy()
    test = np.zeros(n, dtype=bool)
    test[order[fold % 5 :: 5]] = True
    return {"train": ~test, "test": test}
