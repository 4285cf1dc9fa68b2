"""The registered datasets."""

from __future__ import annotations

from zoo_clouds.specs.sources import SUITES
from zoo_core import Dataset

_POINTS = {"CAMELS": "588 to 4,511", "CAMELS-SAM": "5,000"}

DATASETS = [
    Dataset(
        name="cosmo-mini-clouds",
        title="Clouds of matter in periodic boxes, whose cosmology is known",
        factory="zoo_clouds.mini:cosmo_mini_clouds",
        license="Apache-2.0",
        source="https://arxiv.org/abs/2507.03707",
        origin="generated",
        task="cosmological-parameters",
        options={
            "points": "how many each cloud has (1024)",
            "length": "side of the box in Mpc/h (250)",
            "redshift": "positions as redshifts show them, along the last axis (false)",
        },
        summary="1,024 clouds of 1,024 points in a box of 250 Mpc/h, with velocities, by lognormal "
        "sampling of linear theory and its displacements; Omega_m and sigma_8 of each are known. "
        "Made on first use (25 s of CPU) and kept.",
    ),
    *(
        Dataset(
            name=f"cosmobench-{suite.lower()}",
            title=f"CosmoBench, galaxies of {suite}",
            factory="zoo_clouds.suites:cosmobench",
            config={"suite": suite},
            license="LicenseRef-CosmoBench",
            source="https://cosmobench.streamlit.app",
            task="cosmological-parameters",
            files=spec.files,
            summary=f"{sum(spec.counts):,} clouds of {_POINTS[suite]} galaxies with velocities, in "
            f"boxes of {spec.length:g} Mpc/h, by simulation; read by h5py. Its licence is not "
            "told; files' hashes are not published, and what is read is checked.",
        )
        for suite, spec in SUITES.items()
    ),
]
