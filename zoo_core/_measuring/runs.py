"""Runs over data: the folds and seeds that methods are compared on, all of them alike.

Folds are the data's own where they bring them, and otherwise made by the architecture's reader.
Folds of one data set share examples, so that their values are no independent draws: intervals are
then those of `zoo_core.resampled`.
"""

from __future__ import annotations

import inspect
import itertools
import json
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zoo_core._loading import making
from zoo_core._measuring import folders, opening
from zoo_core._notices import notice
from zoo_core._registry.registry import registry
from zoo_core._registry.specs import Architecture
from zoo_core._statistics import estimate, resampled
from zoo_core.errors import BadInput
from zoo_core.interfaces import Estimate

FOLDS = 10
"""How many folds are made where nobody says."""
SEEDS_OF_ONE_SPLIT = (0, 1, 2)
FOLD, MAKE = "fold", "folds"
"""The options that readers choose a fold by, and make folds by."""


@dataclass(frozen=True, kw_only=True)
class Runs:
    """Data to compare methods on, and the runs over them: what the check of a claim gets.

    `source` is the name of a dataset, a file, or what a person has in memory, and `label` what it
    is called. Run i reads the data with the options ``options[i]`` and trains with ``seeds[i]``.
    `share` is the share of the examples that a run is tested on, where runs test on the same data
    again and again; None where every run has data of its own. `told` says how the runs came about.
    """

    source: Any
    label: str
    options: Sequence[Mapping[str, Any]]
    seeds: Sequence[int]
    share: float | None = None
    told: str = ""

    def __len__(self) -> int:
        return len(self.seeds)

    def by_fold(self, values: Sequence[float]) -> list[float]:
        """Return the mean over the seeds of each fold, or the values of the only one."""
        folds: dict[str, list[float]] = {}
        for options, value in zip(self.options, values, strict=True):
            folds.setdefault(json.dumps(options, sort_keys=True, default=str), []).append(value)
        if len(folds) == 1:
            return list(values)
        return [statistics.fmean(row) for row in folds.values()]

    def estimate(self, values: Sequence[float]) -> Estimate:
        """Return the mean of one value a run, with an interval over the folds.

        The interval is corrected for the examples that folds share. Over a single split it is one
        over seeds. Raises `BadInput` for a single run, of which nobody knows the spread.
        """
        if len(self) < 2:
            raise BadInput(
                f"A single run over {self.label} has no spread; give --folds, or several --seeds."
            )
        rows = self.by_fold(values)
        if self.corrected:
            assert self.share is not None
            return resampled(rows, self.share)
        return estimate(rows)

    def difference(self, first: Sequence[float], second: Sequence[float]) -> Estimate:
        """Return the estimate of first minus second, paired by run."""
        return self.estimate([a - b for a, b in zip(first, second, strict=True)])

    @property
    def corrected(self) -> bool:
        """Whether intervals are corrected for examples that folds share."""
        several = any(options != self.options[0] for options in self.options)
        return self.share is not None and several

    @property
    def interval(self) -> str:
        """What an interval over these runs is, for people."""
        if self.corrected:
            return (
                "a 95 % interval over folds, corrected for the examples that they share (Nadeau "
                "and Bengio)"
            )
        return "a 95 % interval over runs"


def runs_over(
    source: Any,
    architecture: Architecture,
    *,
    folds: int | None = None,
    seeds: Sequence[int] | None = None,
    options: Mapping[str, Any] | None = None,
) -> Runs:
    """Return the runs over data that an architecture is to be trained on.

    A registered dataset has the runs that its models' protocols state, of which `folds` takes the
    first. Other data have the folds that they bring, and otherwise `folds` stratified ones that the
    reader makes (10, which is said, where nobody says). Every fold is run with each of `seeds` (by
    default 0; on a single split 0, 1, 2; for a stated protocol run i has seed i). `options` go to
    the dataset or to the reader. Raises `BadInput`, and what reading the data raises.
    """
    options = dict(options or {})
    folds = None if folds is None else _whole(folds, "folds", 2)
    if seeds is not None:
        seeds = [_whole(one, "a seed", 0) for one in seeds]
        if not seeds or len(set(seeds)) < len(seeds):
            raise BadInput(f"seeds={seeds} are no seeds to run; expected different ones, as 0,1,2.")
    for key in (FOLD, MAKE):
        if key in options:
            raise BadInput(f"Every fold is run, so there is no option {key!r}; use folds, --folds.")
    label = folders.called(source)
    if opening.is_registered(source):
        varied, told, shared = _registered(source, architecture, folds, options)
        stated = list(range(len(varied)))
    else:
        varied, told = _own(source, label, architecture, folds, options)
        shared, stated = True, None
    chosen = [{**options, **one} for one in varied]
    first = opening.open_data(source, chosen[0], architecture.reader)
    if seeds is None and stated and len(varied) > 1:
        pairs = list(zip(chosen, stated, strict=True))
    else:
        default = (0,) if len(varied) > 1 else SEEDS_OF_ONE_SPLIT
        pairs = list(itertools.product(chosen, default if seeds is None else seeds))
    count = len({seed for _, seed in pairs})
    crossed = f", each with {count} seeds" if len(pairs) > len(chosen) else ""
    return Runs(
        source=source,
        label=label,
        options=[one for one, _ in pairs],
        seeds=[seed for _, seed in pairs],
        share=_test_share(first, len(varied)) if shared else None,
        told=f"{told}{crossed}",
    )


def _registered(
    name: str, architecture: Architecture, folds: int | None, options: Mapping[str, Any]
) -> tuple[Sequence[Mapping[str, Any]], str, bool]:
    """Return the options that vary by run, how that is told, and whether runs share examples."""
    known = registry()
    spec = known.dataset(name)
    models = [one for one in known.models if one.dataset == name and one.runs]
    models.sort(key=lambda one: one.architecture != architecture.name)
    if models:
        varied: Sequence[Mapping[str, Any]] = models[0].runs
        if folds is not None and folds > len(varied):
            raise BadInput(
                f"The protocol of {name} has {len(varied)} runs; expected folds of at most as many."
            )
        varied = varied[:folds]
        told = f"{len(varied)} runs of the protocol of {name}"
    elif FOLD in spec.options and folds is not None:
        varied, told = [{FOLD: fold} for fold in range(folds)], f"folds 0 to {folds - 1} of {name}"
    elif folds is not None:
        raise BadInput(f"{name} has no folds; leave --folds out, and give several --seeds.")
    else:
        varied, told = [{}], f"the one split of {name}"
    if spec.files or len(varied) == 1:
        return varied, told, True
    # A generator: what differs from run to run is drawn anew.
    ones = [opening.dataset(name, **{**options, **one}) for one in varied[:2]]
    prints = [getattr(one, "fingerprint", None) for one in ones]
    drawn = all(map(callable, prints)) and prints[0]() != prints[1]()  # type: ignore[misc]
    return varied, told, not drawn


def _own(
    source: Any,
    label: str,
    architecture: Architecture,
    folds: int | None,
    options: Mapping[str, Any],
) -> tuple[Sequence[Mapping[str, Any]], str]:
    """Return the options that vary by run for data that are not registered, and how it is told."""
    if architecture.reader is None:
        raise BadInput(
            f"{architecture.name} has no reader for data of one's own; give a registered dataset "
            "(`zoo list --datasets`)."
        )
    takes = inspect.signature(making.resolve(architecture.reader)).parameters
    found = opening.open_data(source, options, architecture.reader)
    brings = getattr(found, "folds", None)
    if brings is not None:
        if folds not in (None, brings):
            raise BadInput(
                f"{label} brings {_count(brings)} of its own, so {folds} cannot be made; leave "
                "--folds out, or the masks."
            )
        if brings == 1:
            return [{}], f"the one split that {label} brings"
        return [{FOLD: fold} for fold in range(brings)], f"the {brings} folds that {label} brings"
    if FOLD not in takes:
        if folds is not None:
            raise BadInput(
                f"{architecture.name} reads {label} with one split only; leave --folds out, and "
                "give several --seeds."
            )
        return [{}], f"the one split of {label}"
    if folds is None and _has_one_split(source, architecture, options):
        return [{}], f"the one split that {label} brings"
    if MAKE not in takes:
        count = folds or FOLDS
        return [{FOLD: fold} for fold in range(count)], f"{count} random splits of {label}"
    if folds is None:
        notice(
            f"{label} brings no folds, so {FOLDS} are made, the same for every method; --folds K "
            "makes others."
        )
    count = folds or FOLDS
    return (
        [{MAKE: count, FOLD: fold} for fold in range(count)],
        f"{count} folds of {label}, made here (by class where there are classes)",
    )


def _has_one_split(source: Any, architecture: Architecture, options: Mapping[str, Any]) -> bool:
    """Tell whether data bring a split of their own: then a reader refuses to choose another."""
    try:
        opening.open_data(source, {**options, FOLD: 1}, architecture.reader)
    except BadInput:
        return True
    return False


def _test_share(data: Any, folds: int) -> float:
    """Return the share of the examples that one run tests on."""
    sizes = folders.split_sizes(data)
    total = sum(sizes.values())
    share = sizes.get("test", 0) / total if total else 0.0
    return share if 0 < share < 1 else 1 / max(folds, 2)


def _whole(number: Any, what: str, least: int) -> int:
    try:
        whole = int(number)
    except (TypeError, ValueError):
        whole = least - 1
    if isinstance(number, bool) or whole != number or whole < least or not math.isfinite(number):
        raise BadInput(f"{what}={number!r} is wrong; expected a whole number from {least}.")
    return whole


def _count(brings: int) -> str:
    return "one split" if brings == 1 else f"{brings} folds"
