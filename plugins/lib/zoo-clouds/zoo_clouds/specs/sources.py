"""Where the real clouds of CosmoBench are."""

from __future__ import annotations

from dataclasses import dataclass

from zoo_core import File

_HOST = "https://users.flatironinstitute.org/~fvillaescusa/CosmoBench"


@dataclass(frozen=True)
class Suite:
    """One suite: the side of its boxes in Mpc/h, its files and clouds of train, val and test."""

    length: float
    counts: tuple[int, int, int]
    files: tuple[File, ...]


def _suite(
    name: str, folder: str, begin: str, length: float, counts: tuple[int, int, int]
) -> Suite:
    files = tuple(
        File(
            path=f"cosmobench/{name}/{begin}_{part}.hdf5",
            url=f"{_HOST}/{folder}/{begin}_{part}.hdf5",
        )
        for part in ("train", "val", "test")
    )
    return Suite(length, counts, files)


SUITES = {
    "CAMELS": _suite("CAMELS", "CAMELS", "ALL_galaxies", 25.0, (600, 200, 200)),
    "CAMELS-SAM": _suite(
        "CAMELS-SAM", "CAMELS-SAM/galaxies", "top5000_galaxies", 100.0, (600, 204, 196)
    ),
}
"""Their hashes are not published. Quijote's files are read from a folder of one's own: under which
names they stand at this address is not told where this could be read."""
