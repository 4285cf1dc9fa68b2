"""The real clouds of CosmoBench: halos and galaxies of simulations, from their public address."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch

from zoo_clouds.box import Box
from zoo_clouds.clouds import Clouds
from zoo_clouds.hdf5 import PARAMETERS, Hdf5Clouds, parameters_of
from zoo_clouds.specs.sources import SUITES
from zoo_core import BadInput, DataError, fetch

PARTS = ("train", "val", "test")


def cosmobench(suite: str) -> Clouds:
    """Return the clouds of a suite, "CAMELS" or "CAMELS-SAM", in its own splits by simulation.

    Files are downloaded when they are not in the mirror or the cache; a cloud is read when it is
    asked for. What is read is checked, as the files' hashes are not published. Raises `DataError`
    where they cannot be had.
    """
    spec = SUITES[suite]
    paths = {part: fetch(file) for part, file in zip(PARTS, spec.files, strict=True)}
    found = clouds_of(paths, spec.length, suite)
    for part, count in zip(PARTS, spec.counts, strict=True):
        if len(found.rows[part]) != count:
            raise DataError(
                f"{paths[part]} has {len(found.rows[part])} clouds and the paper has {count}; "
                "remove the file to download it again."
            )
    return found


def clouds_of(paths: Mapping[str, Path], length: float, suite: str = "") -> Clouds:
    """Return clouds of one file for each split, in periodic cubes of a side in Mpc/h.

    Raises `BadInput` for files of another layout.
    """
    groups, targets = set(), []
    for path in paths.values():
        group, values = parameters_of(path)
        groups.add(group)
        targets.append(values)
    if len(groups) > 1:
        raise BadInput(f"The files have clouds under {' and '.join(sorted(groups))}; expected one.")
    counts = [len(one) for one in targets]
    ends = np.cumsum([0, *counts])
    rows = {
        part: torch.arange(int(first), int(last))
        for part, first, last in zip(paths, ends, ends[1:], strict=False)
    }
    facts: dict[str, int | str] = {"clouds": sum(counts), "box in Mpc/h": f"{length:g}"}
    return Clouds(
        clouds=Hdf5Clouds(tuple(paths.values()), groups.pop(), tuple(counts), Box.cube(length)),
        targets=torch.from_numpy(np.concatenate(targets)).float(),
        names=PARAMETERS,
        rows=rows,
        facts={**facts, "suite": suite} if suite else facts,
    )
