"""The paper: its citation, what to know of it, its pictures."""

from __future__ import annotations

from zoo_core import Paper, Picture
from zoo_pca_ols.specs.claims import CLAIMS, FLAGSHIPS

PAPER = Paper(
    name="pca-ols",
    title="Dimensionality reduction, regularization, and generalization in overparameterized "
    "regressions",
    authors=("Ningyuan (Teresa) Huang", "David W. Hogg", "Soledad Villar"),
    year=2022,
    arxiv="2011.11477",
    summary=(
        "The error of min-norm least squares peaks where features are as many as rows, and one "
        "poisoned row can make it arbitrarily large; least squares on the leading principal "
        "components (PCA-OLS, principal component regression) has neither fault."
    ),
    notes=(
        "The paper's experiments are simulations; the four tables of real measurements are this "
        "project's addition. Its notebooks have no open licence: the code here is written from "
        "the method, and reference figures are what the notebooks gave when they were run. PLS is "
        "computed with re-orthogonalisation, so the peak that it has at h = n in the notebooks, "
        "by rounding of a raw Krylov basis, is not here. Their OLS with exponential covariance has "
        "the error of about 41 of 50 components, as if a pseudo-inverse were cut; here nothing is "
        "cut above rounding, and the error is larger. Principal components do not see the target: "
        "where it aligns with directions of small variance, as on the yarn spectra, PLS or ridge "
        "are the better tools; where all components are kept, PCA-OLS is min-norm OLS. "
        "Predictions are for tables with the very features that the model was fitted to, measured "
        "in the same way. Stored errors were measured with rows that were rounded to float32 "
        "before they were centred; they are centred first now, which changes errors by at most "
        "2e-5 of themselves, and the sign of components, which is arbitrary, is fixed when a model "
        "is trained again."
    ),
    bibtex="""@article{huang2022dimensionality,
  title   = {Dimensionality reduction, regularization, and generalization in overparameterized
             regressions},
  author  = {Huang, Ningyuan and Hogg, David W. and Villar, Soledad},
  journal = {SIAM Journal on Mathematics of Data Science},
  year    = {2022},
  note    = {arXiv:2011.11477}
}""",
    claims=CLAIMS,
    pictures=(
        Picture(
            name="double-descent",
            draw="zoo_pca_ols.pictures:double_descent",
            caption="Test error against the number of features: min-norm OLS (orange) has a sharp "
            "peak where features are as many as rows, simulated and on gasoline spectra; PCA-OLS "
            "(blue) and ridge (green) fall past it without a peak. Medians, bands between "
            "quartiles.",
            models=(
                *FLAGSHIPS,
                "ols-gasoline",
                "ridge-gasoline",
            ),
        ),
        Picture(
            name="attack",
            draw="zoo_pca_ols.pictures:attack",
            caption="Test error before and after one poisoned row is added: with more features "
            "than rows min-norm OLS grows by many orders of magnitude, PCA-OLS and ridge stay "
            "where they were.",
            models=(*FLAGSHIPS, "ols-gasoline"),
        ),
        Picture(
            name="bias-variance",
            draw="zoo_pca_ols.pictures:bias_variance",
            caption="Squared bias and variance of PCA-OLS in closed form against the number of "
            "components, in the four data models of section 7.2: bias falls, variance grows, and "
            "where eigenvalues decay the risk is least at few components (dotted).",
            models=("pca-ols-gaussian", "pca-ols-gasoline"),
        ),
        Picture(
            name="projections",
            draw="zoo_pca_ols.pictures:projections",
            caption="Median test error against the dimension of the projection, 50 rows of 75 "
            "features: projections that do not depend on the training rows peak at h = 50, PCA-OLS "
            "and PLS do not.",
            models=("pca-ols-gaussian", "random-projection-gasoline", "pls-gasoline"),
        ),
    ),
)
