"""Claims that are identities, checked on random posteriors and by counting."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from zoo_label_noise import transitions
from zoo_label_noise.corruption import corrupt

from zoo_core import Finding
from zoo_hierarchical_label_noise import noise_levels
from zoo_hierarchical_label_noise.hierarchy import Hierarchy
from zoo_hierarchical_label_noise.tree_softmax import TreeSoftmax

SIZES = (5, 1, 3, 1)
SINGLETONS = (5, 9)


def laws(trials: int = 300, seed: int = 0, count: int = 2000) -> Finding:
    """Hold the laws of a tree of exact conditionals against random posteriors and matrices."""
    rng = np.random.default_rng(seed)
    product = levels = 0.0
    exceeding = 0
    for _ in range(trials):
        size = int(rng.integers(3, 12))
        groups = np.unique(rng.integers(0, size - 1, size), return_inverse=True)[1].tolist()
        product = max(product, _error_of_product(rng, groups))
        matrix = rng.dirichlet(np.ones(size), size)
        priors = rng.dirichlet(np.ones(size))
        rate = transitions.noise_rate(matrix, priors.tolist())
        exceeding += noise_levels.coarse_rate(matrix, groups, priors) > rate + 1e-12
        levels = max(levels, _error_of_levels(rng))
    lost = {rate: topdown_and_product(rate, count, seed) for rate in (0.55, 0.70)}
    return Finding(
        quantities={
            "largest error of the product of exact conditionals": product,
            "transition matrices whose coarse rate exceeds the fine one": exceeding,
            "largest error of (1 - coarse rate)(1 - fine rate within) = 1 - rate": levels,
            "singletons lost by topdown at 0.70, of two": _singletons(lost[0.70][0]),
            "singletons lost by topdown at 0.55, of two": _singletons(lost[0.55][0]),
            "classes lost by the product at 0.70": len(lost[0.70][1]),
        },
        told=f"topdown's threshold for them {noise_levels.topdown_threshold(SIZES)[1]:.3f}",
        seeds=(seed,),
    )


def _error_of_product(rng: np.random.Generator, groups: list[int]) -> float:
    """Return how far the tree of a posterior's own conditionals is from the posterior."""
    posterior = torch.from_numpy(rng.dirichlet(np.ones(len(groups)), 20)).clamp_min(1e-12)
    posterior = posterior / posterior.sum(1, keepdim=True)
    tree = Hierarchy.of_groups(groups, list(map(str, range(len(groups)))))
    found = TreeSoftmax(tree)(conditionals(posterior, tree)).exp()
    return float((found - posterior).abs().max())


def conditionals(posterior: torch.Tensor, tree: Hierarchy) -> torch.Tensor:
    """Return the logits (n, E) of all choices of a tree that a posterior (n, K) implies."""
    parts = []
    for number in tree.branching:
        branch = torch.from_numpy(tree.branch_of(number))
        inside = branch >= 0
        sums = posterior.new_zeros(len(posterior), len(tree.nodes[number].children))
        parts.append(sums.index_add(1, branch[inside], posterior[:, inside]).log())
    return torch.cat(parts, 1)


def _error_of_levels(rng: np.random.Generator) -> float:
    superclasses, size = int(rng.integers(2, 6)), int(rng.integers(1, 6))
    count, rate = superclasses * size, float(rng.uniform(0, 0.9))
    groups = np.arange(count) // size
    matrix = transitions.symmetric(rate, count)
    coarse = noise_levels.coarse_rate(matrix, groups)
    fine = noise_levels.conditional_rates(matrix, groups)
    closed = noise_levels.symmetric_levels(rate, count, size)
    errors: list[Any] = [
        (1 - coarse) * (1 - fine) - (1 - rate),
        fine - closed[1],
        coarse - closed[0],
    ]
    return max(float(np.abs(error).max()) for error in errors)


def topdown_and_product(rate: float, count: int, seed: int) -> tuple[list[int], list[int]]:
    """Return the classes that topdown and the product lose, of networks that count.

    Images of a class are all alike, so that each network's probabilities are frequencies among the
    noisy labels: superclasses have 5, 1, 3 and 1 classes, noise is symmetric with exact counts.
    """
    total = sum(SIZES)
    groups = np.repeat(np.arange(len(SIZES)), SIZES)
    true = np.repeat(np.arange(total), count)
    given = corrupt(true, transitions.symmetric(rate, total), seed, exact=True).labels
    counts = np.bincount(true * total + given, minlength=total**2).reshape(total, total)
    tree = Hierarchy.of_groups(groups.tolist(), list(map(str, range(total))))
    posterior = torch.from_numpy(counts / counts.sum(1, keepdims=True))
    logits = conditionals(posterior, tree)
    lost = []
    for rule in ("topdown", "product"):
        found = TreeSoftmax(tree, rule)(logits).argmax(1)
        lost.append((found != torch.arange(total)).nonzero().flatten().tolist())
    return lost[0], lost[1]


def _singletons(lost: list[int]) -> int:
    return len(set(lost) & set(SINGLETONS))
