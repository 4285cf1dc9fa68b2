"""How examples of a user's are dealt to train, validation and test."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from zoo_triples.splitting import check_seed, shares_of
from zoo_triples.triples import SPLITS


def dealt(count: int, fractions: Any, seed: Any) -> dict[str, Tensor]:
    """Return random rows of train, val and test; raises `BadInput` for what says no such split."""
    shares = shares_of(fractions)
    check_seed(seed)
    order = torch.randperm(count, generator=torch.Generator().manual_seed(seed))
    held = [round(share * count) for share in shares[1:]]
    parts = torch.split(order, [count - sum(held), *held])
    return {name: part.sort().values for name, part in zip(SPLITS, parts, strict=True)}
