"""The networks with their recipes by default, and what is trained."""

from __future__ import annotations

from zoo_core import Architecture, Model

ARCHITECTURES: list[Architecture] = []
MODELS: list[Model] = []
