"""The datasets' specs: where they come from, under which licence, with which options."""

from __future__ import annotations

from typing import Any

from zoo_core import Dataset
from zoo_pca_ols.sources import converted, original

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
        factory=f"zoo_pca_ols.data:{name}",
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


def datasets() -> list[Dataset]:
    """Return four wide tables, a narrow control, and the paper's simulators."""
    simulated: dict[str, Any] = {
        "license": "Apache-2.0",
        "source": "https://arxiv.org/abs/2011.11477",
        "task": "tabular-regression",
        "splits": ("train", "test"),
    }
    linear = {
        "repeat": _DRAW,
        "snr": "signal-to-noise ratio |beta| / sigma (16)",
        "misaligned": "take beta_j = j, largest where the variance is smallest",
        "n": "training rows (50)",
        "tests": "test rows (256)",
    }
    return [
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
            factory="zoo_pca_ols.data:diabetes",
            license="NOASSERTION",
            source="https://scikit-learn.org/stable/datasets/toy_dataset.html#diabetes-dataset",
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
            factory="zoo_pca_ols.data:gaussian_joint",
            options={
                "repeat": _DRAW,
                "n": "training rows (64)",
                "p": "features, the last p of 512 (128)",
                "tests": "test rows (256)",
            },
            summary="Generated; mean zero, so fitted without intercept.",
            **simulated,
        ),
        *(
            Dataset(
                name=f"gaussian-{covariance}",
                title=f"Linear model of 75 features, {covariance} covariance (section 7.2)",
                factory="zoo_pca_ols.data:gaussian_linear",
                config={"covariance": covariance},
                options=linear,
                summary="Generated; mean zero, so fitted without intercept.",
                **simulated,
            )
            for covariance in ("isotropic", "gapped", "exponential", "polynomial")
        ),
    ]
