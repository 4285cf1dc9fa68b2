"""The recipe of what finds photos: what entities look like is kept, and nothing is learned."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn

from zoo_core import Run
from zoo_visualsem_kg.retrieval.photos import PhotoFinder, checked


def train(run: Run, progress: Callable[..., Any]) -> nn.Module:
    """Return a model of the data's entities; raises `BadInput` for other data."""
    data = checked(run.data)
    module = run.make(entities=len(data.entities), image=data.looks.shape[1])
    assert isinstance(module, PhotoFinder)
    module.carry(data)
    return module
