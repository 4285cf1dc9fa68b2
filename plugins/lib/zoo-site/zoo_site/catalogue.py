"""All that is registered, with look-ups: what the pages are made from."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from zoo_site import keeping
from zoo_site.made_from import Inputs, inputs

Facts = Mapping[str, Any]
VERDICTS = ("holds", "fails", "not established", "not measured")
"""All verdicts, in the order in which they are counted."""
HONEST = ("fails", "not established", "not measured", "holds")
"""The order in which a paper's claims are told where what did not work is not to be overlooked."""


class Catalogue:
    """What `zoo_core.registered` returns, and the ways between its parts."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.papers: Sequence[Facts] = facts["papers"]
        self.models: Sequence[Facts] = facts["models"]
        self.datasets: Sequence[Facts] = facts["datasets"]
        self.metrics: Sequence[Facts] = facts["metrics"]
        self.architectures: Sequence[Facts] = facts["architectures"]
        self.plugins: Sequence[Facts] = facts["plugins"]
        self.known: Sequence[Facts] = facts["known"]

    @classmethod
    def here(cls, made_from: Inputs | None = None) -> Catalogue:
        """Return what is registered in this process, told from `made_from` (the files there)."""
        return cls(keeping.registered(made_from or inputs()))

    @functools.cached_property
    def paper(self) -> dict[str, Facts]:
        """The papers by name."""
        return {one["name"]: one for one in self.papers}

    @functools.cached_property
    def model(self) -> dict[str, Facts]:
        """The models by name."""
        return {one["name"]: one for one in self.models}

    @functools.cached_property
    def dataset(self) -> dict[str, Facts]:
        """The datasets by name."""
        return {one["name"]: one for one in self.datasets}

    @functools.cached_property
    def metric(self) -> dict[str, Facts]:
        """The metrics by name."""
        return {one["name"]: one for one in self.metrics}

    @functools.cached_property
    def architecture(self) -> dict[str, Facts]:
        """The architectures by name."""
        return {one["name"]: one for one in self.architectures}

    def claims_of(self, model: Facts) -> list[Facts]:
        """Return the claims that stand on a model's card."""
        paper = self.paper.get(model["paper"])
        claims = paper["claims"] if paper else ()
        return [claim for claim in claims if model["name"] in claim["models"]]

    def models_of(self, paper: str) -> list[Facts]:
        """Return the models of a paper."""
        return [one for one in self.models if one["paper"] == paper]


def tally(claims: Sequence[Facts]) -> dict[str, int]:
    """Return how many claims have each verdict, without those that none has."""
    counts = Counter(claim["verdict"] for claim in claims)
    return {word: counts[word] for word in VERDICTS if counts[word]}


def worst(claims: Sequence[Facts]) -> str:
    """Return the verdict of a model or paper as a whole: the least favourable one; "" for none."""
    return next((word for word in HONEST if word in tally(claims)), "")
