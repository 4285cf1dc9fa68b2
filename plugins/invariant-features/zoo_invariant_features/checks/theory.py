"""Claims of the theorems, by brute force over all permutations of up to four rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from zoo_molecules.symmetric import as_symmetric

from zoo_core import Finding, create
from zoo_invariant_features.orbits import (
    canonical,
    conjugates,
    glued_pair,
    invariants,
    small_matrices,
)

DRAWS = 60


def orbits(sizes: tuple[int, ...] = (2, 3, 4), draws: int = DRAWS) -> Finding:
    """Count orbits and classes of 0-1 matrices, and pairs of random matrices told wrongly."""
    matrices = small_matrices(3)
    rng = np.random.default_rng(0)
    wrong = 0
    for size in sizes:
        for _ in range(draws):
            raw = rng.standard_normal((size, size))
            one = raw + raw.T
            other = conjugates(one)[rng.integers(len(conjugates(one)))]
            noise = rng.standard_normal((size, size))
            # The same entries, dealt anew: conjugate to the first by luck alone.
            dealt = _dealt(one, rng)
            for second in (other, dealt, noise + noise.T):
                same = _near(invariants(one), invariants(second))
                wrong += same != _near(canonical(one), canonical(second))
    return Finding(
        quantities={
            "classes of 0-1 matrices of 3 rows by the invariants": len(
                {invariants(one) for one in matrices}
            ),
            "classes without f_*": len({invariants(one, glue=False) for one in matrices}),
            "orbits of these matrices": len({canonical(one) for one in matrices}),
            "random pairs of matrices told wrongly": wrong,
        },
        told=f"{len(matrices)} matrices, {3 * draws * len(sizes)} random pairs",
    )


def glue(seeds: tuple[int, ...] = (0, 1, 2, 3, 4)) -> Finding:
    """Ask networks with random weights about pairs that f_* alone tells apart."""
    gaps: dict[bool, list[float]] = {True: [], False: []}
    for seed in seeds:
        pair = [as_symmetric(one) for one in glued_pair(4, seed)]
        for glued, found in gaps.items():
            with torch.random.fork_rng(devices=[]), torch.no_grad():
                torch.manual_seed(seed)
                network: Any = create("ds-ci", hidden=8, glue=glued).double().eval()
                one, other = (network(*network.inputs_of(each)) for each in pair)
                # The same multiset in another order adds up to the same but for rounding.
                gap = float((one - other).abs().max())
            found.append(0.0 if gap < 1e-13 else gap)
    return Finding(
        quantities={
            "largest difference without f_*": max(gaps[False]),
            "least difference with f_*": min(gaps[True]),
        },
        seeds=seeds,
    )


def _dealt(matrix: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a matrix with the same diagonal and the same other entries, in other places."""
    places = np.triu_indices(len(matrix), 1)
    found = np.diag(np.diag(matrix))
    found[places] = rng.permutation(matrix[places])
    return np.asarray(found + np.triu(found, 1).T)


def _near(one: Any, other: Any) -> bool:
    first, second = (np.concatenate([np.ravel(part) for part in each]) for each in (one, other))
    return bool(np.allclose(first, second, rtol=1e-9, atol=1e-9))
