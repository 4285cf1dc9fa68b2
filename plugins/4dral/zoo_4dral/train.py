"""The recipe, as architectures name it."""

from zoo_4dral.distilling.training import train_places

__all__ = ["train_places"]
