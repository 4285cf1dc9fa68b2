"""Claims on the chain of groups, where the symmetry is known because it was planted."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from zoo_approx_equivariant.planted import COMMUNITIES
from zoo_core import Estimate, Finding, dataset, train


def planted(seed: int, epochs: int = 200, runs: int = 3) -> Finding:
    """Let the chain choose a group for planted signals of a seed that nothing was tuned on."""
    from scipy.special import stdtrit

    data = dataset("planted-signals", seed=seed)
    with tempfile.TemporaryDirectory() as folder:
        module: Any = train(
            "symmetry-chain",
            data,
            out=Path(folder) / "chain",
            config={"epochs": epochs, "runs": runs},
        )
    rows = {row["group"]: row for row in module.chain}
    # The chain tells 95 percent intervals, which are Student's: this gives their standard errors.
    student = float(stdtrit(runs - 1, 0.975))

    def behind(name: str) -> Estimate:
        reach = rows[name]["behind interval"]
        return Estimate(rows[name]["behind"], reach / student, reach, runs)

    return Finding(
        quantities={
            "the planted group is chosen": module.group == f"{COMMUNITIES} clusters",
            "all permutations minus the chosen group": behind("S_N"),
            "no symmetry minus the chosen group": behind("trivial"),
        },
        told=", ".join(f"{name} {row['error']:.3g}" for name, row in rows.items()),
        figures={name: row["error"] for name, row in rows.items()},
        seeds=(seed,),
    )
