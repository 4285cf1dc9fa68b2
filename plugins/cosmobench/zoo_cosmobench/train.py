"""The recipes of clouds, by their names in the specs; those of trees are in `trees/`."""

from __future__ import annotations

from zoo_cosmobench.parameters.training import (
    train_least_squares,
    train_two_point,
)
from zoo_cosmobench.parameters.training import train_network as train_parameter_network
from zoo_cosmobench.velocities.training import train_linear as train_linear_velocity
from zoo_cosmobench.velocities.training import train_network as train_velocity_network

__all__ = [
    "train_least_squares",
    "train_linear_velocity",
    "train_parameter_network",
    "train_two_point",
    "train_velocity_network",
]
