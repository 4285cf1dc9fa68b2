"""The checks of the kernels: their exact sums, and accuracies over ten folds."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from zoo_core import Estimate, Finding, Verdict, estimate, paired, protocol, together
from zoo_core import dataset as load_dataset
from zoo_core.statistics import at_least
from zoo_wl_tutorial.checks.separations import exactly
from zoo_wl_tutorial.kernels import gram, kernel_features

FOLDS = tuple({"fold": fold} for fold in range(10))
MARGIN = 1.5
"""Points by which a mean accuracy may fall short of the reference run's."""
REFERENCE = {
    "mutag": 85.6,
    "ptc": 61.6,
    "proteins": 75.4,
    "nci1": 83.5,
    "imdb-binary": 73.4,
    "imdb-multi": 50.9,
}
"""Accuracies of another implementation's runs of this protocol; for NCI1 this project's target, 82,
plus the margin, and for IMDB-MULTI the published number, of another protocol."""
ALIKE = 4.0
"""Points by which a method may fall behind another and still count as about as good."""
COPIED = ("mutag", "ptc", "imdb-binary", "imdb-multi")
"""Data sets with isomorphic copies among their graphs."""


def kernel_sums() -> Finding:
    """Kernel: sums of the matrices and sizes of the vocabularies, H = 5."""
    expected = {"mutag": [10_152_522, 3_749], "nci1": [10_508_907_614, 130_791]}
    found = {}
    for name in expected:
        features = kernel_features(load_dataset(name), 5)
        found[name] = [int(gram(features).sum()), int(features.vocabulary.size)]
    shown = "; ".join(f"{name} {total:,} and {size:,}" for name, (total, size) in found.items())
    return exactly(found, expected, f"sum of the matrix and number of colours: {shown}")


def points(architecture: str, dataset: str, *, cleaned: bool = False, **config: Any) -> list[float]:
    """Return test accuracies in points over the ten folds, of a set without copies if `cleaned`."""
    runs = [{**fold, "cleaned": True} for fold in FOLDS] if cleaned else FOLDS
    return [100 * one for one in protocol(architecture, dataset, runs, config)]


def _accuracy(dataset: str, **config: Any) -> Finding:
    values = points("wl-subtree", dataset, **config)
    found, bound = estimate(values), REFERENCE[dataset] - MARGIN
    spread = float(np.std(values))
    return Finding(
        verdict=at_least(found, bound),
        measured=f"{found.mean:.1f} % (standard deviation over ten folds {spread:.1f})",
        figures={"accuracy": [round(one, 3) for one in values]},
        seeds=list(range(len(values))),
    )


def accuracy_mutag() -> Finding:
    """A-mutag."""
    return _accuracy("mutag")


def accuracy_ptc() -> Finding:
    """A-ptc."""
    return _accuracy("ptc")


def accuracy_proteins() -> Finding:
    """A-proteins: as the shipped model, without colours seen in one training graph only."""
    return _accuracy("proteins", min_graphs=2)


def accuracy_nci1() -> Finding:
    """A-nci1."""
    return _accuracy("nci1")


def accuracy_imdb_binary() -> Finding:
    """A-imdb-binary."""
    return _accuracy("imdb-binary")


def accuracy_imdb_multi() -> Finding:
    """A-imdb-multi."""
    return _accuracy("imdb-multi")


def copies() -> Finding:
    """Copies: accuracies with and without isomorphic copies.

    The two are on different sets of graphs, so that the folds are no pairs: the interval is that of
    two independent means.
    """
    figures: dict[str, list[float]] = {}
    verdicts: list[Verdict] = []
    parts = []
    for dataset in COPIED:
        every, cleaned = (points("wl-subtree", dataset, cleaned=clean) for clean in (False, True))
        figures |= {dataset: every, f"{dataset} cleaned": cleaned}
        ours, theirs = estimate(every), estimate(cleaned)
        error = math.hypot(ours.error, theirs.error)
        reach = math.hypot(ours.reach, theirs.reach)
        fall = Estimate(ours.mean - theirs.mean, error, reach)
        verdicts.append(at_least(fall, 0))
        parts.append(
            f"{dataset} {ours.mean:.1f} to {theirs.mean:.1f} ({-fall.mean:+.1f} ± {error:.1f})"
        )
    return Finding(
        verdict=together(verdicts),
        measured=f"{'; '.join(parts)} (± standard error; ten folds)",
        figures={name: [round(one, 3) for one in row] for name, row in figures.items()},
        seeds=list(range(len(FOLDS))),
    )


def company_on_mutag() -> Finding:
    """Company: optimal assignment and pair colours beside the subtree kernel, by fold."""
    subtree = points("wl-subtree", "mutag")
    figures = {"wl-subtree": subtree}
    verdicts: list[Verdict] = []
    parts = []
    for label, architecture in (("WL-OA", "wl-assignment"), ("2-FWL pairs", "fwl2-subtree")):
        figures[architecture] = points(architecture, "mutag")
        difference = paired(figures[architecture], subtree)
        verdicts.append(at_least(difference, -ALIKE))
        parts.append(f"{label} {difference.mean:+.1f} ± {difference.error:.1f}")
    return Finding(
        verdict=together(verdicts),
        measured=f"minus the subtree kernel ({np.mean(subtree):.1f} %): {', '.join(parts)} points "
        "(± standard error; ten folds)",
        figures={name: [round(one, 3) for one in row] for name, row in figures.items()},
        seeds=list(range(len(FOLDS))),
    )
