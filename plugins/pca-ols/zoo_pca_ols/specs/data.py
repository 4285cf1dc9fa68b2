"""The data: where each table comes from, under which licence, with which options; the metrics.

The real tables are a mirror's converted files, or those of R packages on CRAN's mirror. The bytes
of CRAN's files are not pinned here, but what is read from them is, by fingerprint.
"""

from __future__ import annotations

from typing import Any

from zoo_core import Dataset, File, Metric

_FOLDER = "wide-regression"
_CRAN = "https://raw.githubusercontent.com/cran"
_HASHES = {
    "gasoline": "e4ea386b31e8a096e091e02395a5ded9e05bcc1a7c3b848d52ba49232fbd045a",
    "yarn": "60de23076a1812e20392eda6c4aca958af023f6d85eba3ace72b0de2d8261e5e",
    "riboflavin": "c59b9dd88873efe24ba5d0eceefaf73d57f9aaa10338d281d8d56756ac48021b",
    "wheat": "4db4f984644b50b3300263e472adc5ee10abde561c0200a136bcc689bf98cd5f",
}
_PACKAGES = {
    "gasoline": "pls/3b7a1cbfcf07a114676a7da9692f1f70606efb44",
    "yarn": "pls/3b7a1cbfcf07a114676a7da9692f1f70606efb44",
    "riboflavin": "hdi/3eb71fb52b3c0f5213b1283d5f0317b91f6a133a",
    "wheat": "BGLR/0b9951a1560a6055503acf525b9650e89105f3e1",
}


def converted(name: str) -> File:
    """Return the .npz of a table, which only mirrors have."""
    return File(path=f"{_FOLDER}/{name}.npz", sha256=_HASHES[name])


def original(name: str) -> File:
    """Return the .RData of a table, as its R package has it."""
    url = f"{_CRAN}/{_PACKAGES[name]}/data/{name}.RData"
    return File(path=f"{_FOLDER}/raw/{name}.RData", url=url)


_SPLIT = "which random split (0, 1, …), the seed of its permutation"
_DRAW = "which sample (0, 1, …), the seed of its generator"


def _real(
    name: str,
    title: str,
    license: str,
    package: str,
    summary: str,
    train: int,
    pinned: str,
    **options: str,
) -> Dataset:
    return Dataset(
        name=name,
        title=title,
        factory=f"zoo_pca_ols.data.measured:{name}",
        license=license,
        source=f"https://cran.r-project.org/package={package}",
        task="tabular-regression",
        config={"train": train, "pinned": pinned},
        options={"repeat": _SPLIT, **options},
        splits=("train", "test"),
        files=(converted(name), original(name)),
        summary=f"{summary} The licence is that of the R package {package}, which carries the "
        "data; their authors state none.",
    )


_SIMULATED: dict[str, Any] = {
    "license": "Apache-2.0",
    "source": "https://arxiv.org/abs/2011.11477",
    "origin": "generated",
    "task": "tabular-regression",
    "splits": ("train", "test"),
}
_LINEAR = {
    "repeat": _DRAW,
    "snr": "signal-to-noise ratio |beta| / sigma (16)",
    "misaligned": "take beta_j = j, largest where the variance is smallest",
    "n": "training rows (50)",
    "tests": "test rows (256)",
}

DATASETS = [
    _real(
        "gasoline",
        "Gasoline: octane from near-infrared spectra",
        "GPL-2.0-only",
        "pls",
        "60 samples, log(1/R) at 401 wavelengths from 900 to 1700 nm (Kalivas 1997); 40 rows "
        "to fit, 20 to test.",
        40,
        "8e2b394dfe522f2e",
    ),
    _real(
        "yarn",
        "Yarn: density of PET yarns from near-infrared spectra",
        "GPL-2.0-only",
        "pls",
        "28 samples at 268 wavelengths; 20 rows to fit, 8 to test.",
        20,
        "42ae80d11c5dcd6d",
        fixed="the split of the source, 21 rows to fit, in place of a random one",
    ),
    _real(
        "riboflavin",
        "Riboflavin: production rate from gene expression of Bacillus subtilis",
        "LicenseRef-GPL",
        "hdi",
        "71 samples of 4,088 log expressions (Bühlmann, Kalisch and Meier 2014); 50 rows to "
        "fit, 21 to test.",
        50,
        "9345c126bb8e4112",
    ),
    _real(
        "wheat",
        "Wheat: grain yield from genetic markers of CIMMYT lines",
        "GPL-3.0-only",
        "BGLR",
        "599 lines, 1,279 binary DArT markers, standardised yield in four environments (Crossa "
        "et al. 2010); 400 rows to fit, 199 to test.",
        400,
        "65c313f88e00a4f1",
        environment="which environment's yield, 1 to 4",
        fold="test on one of the source's ten folds, 1 to 10",
    ),
    Dataset(
        name="diabetes-progression",
        title="Diabetes: progression from ten baseline variables",
        factory="zoo_pca_ols.data.measured:diabetes",
        license="NOASSERTION",
        source="https://scikit-learn.org/stable/datasets/toy_dataset.html#diabetes-dataset",
        origin="packaged",
        task="tabular-regression",
        config={"train": 300},
        options={"repeat": _SPLIT},
        splits=("train", "test"),
        summary="442 patients (Efron et al. 2004), a control with fewer features than rows, "
        "from the files of scikit-learn; 300 rows to fit, 142 to test.",
    ),
    Dataset(
        name="gaussian-joint",
        title="Features and target driven by 32 strong directions (section 7.1)",
        factory="zoo_pca_ols.data.simulated:gaussian_joint",
        options={
            "repeat": _DRAW,
            "n": "training rows (64)",
            "p": "features, the last p of 512 (128)",
            "tests": "test rows (256)",
        },
        summary="Generated; mean zero, so fitted without intercept.",
        **_SIMULATED,
    ),
    *(
        Dataset(
            name=f"gaussian-{covariance}",
            title=f"Linear model of 75 features, {covariance} covariance (section 7.2)",
            factory="zoo_pca_ols.data.simulated:gaussian_linear",
            config={"covariance": covariance},
            options=_LINEAR,
            summary="Generated; mean zero, so fitted without intercept.",
            **_SIMULATED,
        )
        for covariance in ("isotropic", "gapped", "exponential", "polynomial")
    ),
]
"""Four wide tables, a narrow control, and the paper's simulators."""

METRICS = [
    Metric(
        name=name,
        title=title,
        factory="torchmetrics.regression:MeanSquaredError",
        config={"squared": squared},
        higher_is_better=False,
    )
    for name, title, squared in (
        ("mean-squared-error", "Mean squared error", True),
        ("root-mean-squared-error", "Root mean squared error", False),
    )
]
"""The paper's metric, and its root."""
