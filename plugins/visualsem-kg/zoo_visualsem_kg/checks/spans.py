"""The claim on names in texts: what frozen vectors of words tell."""

from __future__ import annotations

from zoo_core import Finding, dataset, load, measure

DATA = "wnut17"
METRICS = ("span-f1", "span-precision", "span-recall")


def measured(model: str) -> Finding:
    """Measure a shipped tagger on the test sentences, by spans that are read strictly."""
    found = measure(load(model), dataset(DATA), "test", METRICS, of=DATA)
    percent = {name: 100 * value for name, value in found.items()}
    return Finding(quantities={"WNUT-17: F1": percent["span-f1"]}, figures=percent)
