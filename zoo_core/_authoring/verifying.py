"""`verify`, whole: papers and models, folders of one's own, and claims asked on other data."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path
from typing import Any

from zoo_core._authoring.comparison import over_runs
from zoo_core._authoring.training import Recipe
from zoo_core._measuring import folders, verification
from zoo_core._measuring.folders import RunFolder
from zoo_core._measuring.judging import judge, rounded
from zoo_core._measuring.runs import Runs, runs_over
from zoo_core._measuring.verification import Check, claims_of, number_task
from zoo_core._notices import said_once
from zoo_core._registry.registry import registry
from zoo_core._registry.specs import Claim, Contrast, Paper
from zoo_core._running import places
from zoo_core._running.running import Task, all_of, run
from zoo_core.errors import BadInput, ZooError
from zoo_core.interfaces import Estimate, Verdict

RATIOS = ("times", "fold")
LOGARITHMS = "decades"


def verify(
    name: str | Path,
    *,
    quick: bool = False,
    claim: str | Sequence[str] | None = None,
    store: bool = False,
    stored: bool = False,
    dataset: Any = None,
    folds: int | None = None,
    seeds: Sequence[int] | None = None,
    options: Mapping[str, Any] | None = None,
    jobs: int | None = None,
    cluster: str | None = None,
    executor: Executor | None = None,
    again: bool = False,
) -> Iterator[Check]:
    """Check a paper, or what one model's card states; yields one `Check` after the other.

    For a paper: its claims, then the number of every checkpoint; for a model: the claims on its
    card, then its numbers; for a folder that ``zoo train`` wrote: its numbers, on the data that
    they are of, or on the `dataset` that is given in their place. `claim` picks one claim or
    several; `quick` leaves out slow ones; `store` keeps the findings with the plugin. With
    `stored` nothing is run: the stored findings of the claims are judged by today's bounds (and,
    with `store`, these verdicts kept).

    With a `dataset` (a registered one's name, a file, or what a person has in memory) the question
    is whether a paper's claims hold there: those that compare methods are measured on these data,
    over `folds` and `seeds` as `zoo.compare` has them, with `options` for the dataset or its
    reader. They are held against the claim's own bounds on differences and ratios; absolute figures
    are not asked, and nothing is stored. Raises `UnknownName`, `BadInput` for a claim that cannot
    be asked on other data, and for data that cannot be had.

    Claims and numbers are parts that do not need each other. They are run here one after the other,
    or in `jobs` processes, on the Dask scheduler at the address `cluster`, or through `executor`,
    any `concurrent.futures.Executor`; either way they come in the same order. What was measured
    elsewhere, or by the shell, is not measured again by the same code, data and versions, unless
    `again`; `Check.ago` says so. What is run in this process always is, and is not kept: its code
    may be other than what stands on disk. A part that fails ends no other: its error is raised when
    all are done. Claims on other data share their trainings, and are run here.

    >>> checks = zoo.verify("powerembed-sbm-dense", stored=True)
    >>> {check.verdict for check in checks} <= {"holds", "not established", "fails"}
    True
    """
    folder = folders.opened(name)
    several = [claim] if claim is None or isinstance(claim, str) else list(claim)
    elsewhere: dict[str, Any] = {"jobs": jobs, "cluster": cluster, "executor": executor}
    if folder is not None:
        if store or stored or claim is not None or folds is not None or seeds is not None:
            raise BadInput(
                f"{folder.place} has its numbers to verify, and no claims or folds; only a dataset "
                "and its options can be given."
            )
    elif dataset is not None:
        if store or stored:
            raise BadInput("What is measured on other data is not stored; leave one of both out.")
        check_run_here(again=again, **elsewhere)
        runs = {"folds": folds, "seeds": seeds, "options": options}
        yield from _on_other_data(str(name), quick, several, dataset, runs)
        return
    elif folds is not None or seeds is not None or options:
        raise BadInput("Folds, seeds and options are of other data; give a dataset as well.")
    elif stored:
        yield from verification.stored_checks(str(name), quick=quick, claims=several, store=store)
        return
    with places.opened(**elsewhere) as place:
        asked = tasks(name, quick=quick, claims=several, store=store, data=dataset, options=options)
        if not place.elsewhere:
            asked = [replace(task, part=replace(task.part, code=None)) for task in asked]
        yield from all_of(run(asked, place, again=again))


def tasks(
    name: str | Path,
    *,
    quick: bool = False,
    claims: Sequence[str | None] = (None,),
    store: bool = False,
    data: Any = None,
    options: Mapping[str, Any] | None = None,
) -> list[Task]:
    """Return the parts of a verification, each with what becomes of it: a `Check`.

    `data` and `options` are those of a folder's numbers. Raises what `verify` raises.
    """
    folder = folders.opened(name)
    if folder is not None:
        return _folder_tasks(folder, data, options)
    return [
        task
        for one in claims
        for task in verification.tasks(str(name), quick=quick, claim=one, store=store)
    ]


def check_run_here(*, again: bool = False, **elsewhere: Any) -> None:
    """Raise `BadInput` where claims on other data are asked to be run elsewhere, or again."""
    for option, value in {**elsewhere, "again": again}.items():
        if value:
            raise BadInput(
                "Claims on other data share their trainings, which are run in this process each "
                f"time; leave {option} out."
            )


def names_and_claims(
    names: Sequence[str], claim: str | None = None
) -> list[tuple[str, list[str] | None]]:
    """Return what to check: each name with its claims that are named after it, or with `claim`.

    ``("PAPER", "T3", "T5")`` are two claims of one paper; the name of a paper, model or folder
    begins anew. Raises `UnknownName` for a first name that is neither.
    """
    known = registry()
    found: list[tuple[str, list[str]]] = []
    for name in names:
        begins = name in known.papers or name in known.models or folders.is_path(name)
        last = found[-1] if found else None
        if last is not None and not begins and not folders.is_path(last[0]):
            claims = {one.name.lower(): one.name for one in claims_of(last[0])[1]}
            if name.lower() in claims:
                last[1].append(claims[name.lower()])
                continue
        found.append((name, []))
    if claim is not None and any(several for _, several in found):
        raise BadInput("Claims are named after the paper and by --claim; leave one of both out.")
    return [(name, several or ([claim] if claim else None)) for name, several in found]


def askable(name: str, *, quick: bool = False, claim: str | None = None) -> list[Claim]:
    """Return the claims of a paper or model that can be asked on other data.

    Raises `BadInput`, with the list of those that can, where it is none.
    """
    paper, claims = claims_of(name, quick=quick, claim=claim)
    found = [one for one in claims if one.asked]
    if found:
        return found
    can = ", ".join(one.name for one in paper.claims if one.asked)
    told = f"Of {paper.name} these can be: {can}." if can else f"No claim of {paper.name} can be."
    which = f"Claim {claim} of {name}" if claim else f"What {name} claims"
    raise BadInput(
        f"{which} cannot be asked on other data: only a difference between a method and a baseline "
        f"can. {told}"
    )


def _on_other_data(
    name: str,
    quick: bool,
    claims: Sequence[str | None],
    dataset: Any,
    how: Mapping[str, Any],
) -> Iterator[Check]:
    paper, _ = claims_of(name)
    over: dict[str | None, Runs] = {}
    measured: dict[str, list[float]] = {}
    said: set[str] = set()
    for one in [found for claim in claims for found in askable(name, quick=quick, claim=claim)]:
        first = next(iter(one.asked.values())).first["architecture"]
        architecture = registry().architecture(first)
        if architecture.reader not in over:
            with said_once(said):
                runs = runs_over(dataset, architecture, **how)
            _ = runs.estimate([0.0] * len(runs))  # which refuses a single run
            over[architecture.reader] = runs
        with said_once(said):
            checked = _ask(paper, one, over[architecture.reader], measured)
        yield checked


def _ask(paper: Paper, claim: Claim, runs: Runs, measured: dict[str, list[float]]) -> Check:
    """Measure a claim on other data, and hold it against those of its bounds that compare.

    `measured` has what methods gave over these runs already, for other claims.
    """
    started = time.perf_counter()
    asked = replace(
        claim,
        bounds={name: claim.bounds[one.bound] for name, one in claim.asked.items()},
        asked={},
        amendments=(),
        published="",
    )
    used = {one.bound for one in claim.asked.values()}
    left = [name for name in claim.bounds if name not in used]
    expected = f"{asked.expected}, as {paper.name} claims of its own data"
    if left:
        expected += f" (not asked of others: {', '.join(left)})"
    figures: dict[str, list[float]] = {}
    verdict: str
    parts: Mapping[str, Verdict]
    try:
        quantities = {
            name: _contrasted(claim.bounds[one.bound], one, runs, measured, figures)
            for name, one in claim.asked.items()
        }
        judgement = judge(asked, quantities, _means(figures))
        told, verdict, parts = judgement.measured, judgement.verdict, judgement.parts
    except ZooError as error:
        told, verdict, parts = str(error), "skipped", {}
    return Check(
        kind="claim",
        name=claim.name,
        statement=claim.statement,
        expected=expected,
        measured=told,
        verdict=verdict,
        seconds=round(time.perf_counter() - started, 1),
        figures=rounded(figures),
        parts=parts,
        data=f"{runs.told}; ± is half of {runs.interval}",
    )


def _contrasted(
    bound: Any,
    contrast: Contrast,
    runs: Runs,
    measured: dict[str, list[float]],
    figures: dict[str, list[float]],
) -> Estimate:
    """Return what a contrast measures over the runs, in the unit of its bound."""
    metric = registry().metric(contrast.metric)

    def values(method: Mapping[str, Any]) -> list[float]:
        label = _label(method)
        key = f"{label} {metric.name}"
        if key not in measured:
            architecture = registry().architecture(method["architecture"])
            recipe = Recipe(
                label=label,
                architecture=architecture,
                shape={**architecture.shape, **method.get("shape", {})},
                recipe={**architecture.recipe, **method.get("recipe", {})},
                data=runs.source,
            )
            found = over_runs(recipe, runs, [metric.name])[metric.name]
            measured[key] = [metric.scale * one for one in found]
        figures[label] = measured[key]
        return measured[key]

    first = values(contrast.first)
    several = [values(one) for one in contrast.baselines]
    second = [statistics.fmean(row) for row in zip(*several, strict=True)]
    if bound.unit in RATIOS:
        return _ratio(runs, first, second)
    if bound.unit == LOGARITHMS:
        _check_positive([*first, *second], metric.title)
        return runs.difference([math.log10(a) for a in first], [math.log10(b) for b in second])
    return runs.difference(first, second)


def _ratio(runs: Runs, first: Sequence[float], second: Sequence[float]) -> Estimate:
    """Return mean(first) / mean(second), paired by run, its interval by the delta method."""
    _check_positive(second, "what is divided by")
    below = statistics.fmean(second)
    ratio = statistics.fmean(first) / below
    return runs.estimate(
        [ratio + (a - ratio * b) / below for a, b in zip(first, second, strict=True)]
    )


def _check_positive(values: Sequence[float], what: str) -> None:
    if min(values) <= 0:
        raise BadInput(f"A ratio is asked, and {what} is {min(values):g}; there is none of it.")


def _label(method: Mapping[str, Any]) -> str:
    """Return a method in words: the architecture, and what is not as usual."""
    settings = {**method.get("shape", {}), **method.get("recipe", {})}
    told = ", ".join(f"{key}={value}" for key, value in settings.items())
    return f"{method['architecture']}({told})" if told else str(method["architecture"])


def _means(figures: Mapping[str, Sequence[float]]) -> str:
    means = ", ".join(f"{name} {statistics.fmean(row):.4g}" for name, row in figures.items())
    return f"means {means}"


def _folder_tasks(folder: RunFolder, dataset: Any, options: Mapping[str, Any] | None) -> list[Task]:
    """Return the tasks of a folder's numbers; raises `BadInput` where the data cannot be had."""
    rows = [row for row in folder.stored() if row.kind == "checkpoint"]
    if not rows:
        raise BadInput(
            f"{folder.place} keeps no numbers to verify; measure with `zoo evaluate {folder.place} "
            "--store`."
        )
    names = dict.fromkeys(row.dataset for row in rows)
    sources = {name: folder.source(name) if dataset is None else dataset for name in names}
    return [
        number_task(
            folder.path,
            row,
            sources[row.dataset],
            {**row.options, **(options or {})},
            folder.name,
        )
        for row in rows
    ]
