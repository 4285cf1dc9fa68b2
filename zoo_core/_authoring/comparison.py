"""The comparison: a method and its baselines trained anew over the same runs, and measured.

A registered model states its protocol; on other data it is the method and its registered baselines
over the folds of these data and seeds.
"""

from __future__ import annotations

import itertools
import shlex
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from zoo_core._authoring.leaving import as_text
from zoo_core._authoring.training import Recipe, sorted_out
from zoo_core._measuring import evaluation, folders, opening
from zoo_core._measuring.calling import strictly_if
from zoo_core._measuring.folders import RunFolder
from zoo_core._measuring.runs import FOLD, MAKE, Runs, runs_over
from zoo_core._notices import said_once
from zoo_core._registry.registry import registry
from zoo_core._registry.results import Result, provenance
from zoo_core.errors import BadInput, ZooError
from zoo_core.interfaces import Estimate


def over_runs(
    recipe: Recipe, runs: Runs, metrics: Sequence[str], device: Any = None
) -> dict[str, list[float]]:
    """Train a recipe over runs and return each metric's test values.

    Data are loaded when a run's turn comes and dropped after it, unless the recipe batches runs.
    """
    numbered = list(zip(runs.options, runs.seeds, strict=True))
    batches = [numbered] if recipe.architecture.batches_runs else [[one] for one in numbered]
    rows: list[dict[str, float]] = []
    for batch in batches:
        prepared = [
            recipe.run_for(recipe.load_data(options), seed, device=device)
            for options, seed in batch
        ]
        for module, run in zip(recipe.train(prepared), prepared, strict=True):
            rows.append(evaluation.measure(module, run.data, "test", metrics, of=runs.label))
        del prepared
    return {name: [row[name] for row in rows] for name in metrics}


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One metric of one method over all runs, beside the method that is compared with others.

    `result` has the values by run; `difference` is the compared method minus this one, paired by
    run (None for itself, and for a single run). A method that cannot take the data has neither,
    but the sentence why, `refused`.
    """

    method: str
    metric: str
    result: Result | None = None
    difference: Estimate | None = None
    refused: str = ""

    @property
    def shown(self) -> str:
        """Mean and spread for people, or why there is none."""
        if self.result is None:
            return self.refused
        return self.result.shown(registry().metric(self.metric))

    @property
    def ahead(self) -> str:
        """The paired difference for people, ± half of its interval; "" where there is none."""
        if self.result is None or self.difference is None:
            return ""
        row = replace(self.result, difference=_interval(self.difference))
        return row.ahead(registry().metric(self.metric))

    def as_row(self) -> dict[str, str]:
        """Return what people read of the row, by the names of a table's columns."""
        return {
            "method": self.method,
            "metric": self.metric,
            "measured": self.shown,
            "runs": str(len(self.result.values)) if self.result else "",
            "difference": self.ahead,
        }

    def as_json(self) -> dict[str, Any]:
        """Return the row as JSON values, all that is known of its result among them."""
        found = self.difference
        return {
            **(self.result.as_json() if self.result else {"values": []}),
            "method": self.method,
            "metric": self.metric,
            "difference": None if found is None else _interval(found),
            "refused": self.refused or None,
        }


def _interval(found: Estimate) -> dict[str, float]:
    return {"mean": found.mean, "low": found.low, "high": found.high}


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What is to be trained: a method first, then its baselines, all over the same runs."""

    name: str
    recipes: Mapping[str, Recipe]
    runs: Runs
    metrics: Sequence[str]
    command: str
    own_protocol: bool = False
    device: Any = None
    strict: bool = False
    said: set[str] = field(default_factory=set)

    @property
    def told(self) -> str:
        """How much is to be done, over which runs, and what differences are, for people."""
        count = len(self.recipes)
        trainings = "1 training" if len(self.runs) == 1 else f"{len(self.runs)} trainings"
        text = f"{self.runs.told}: {trainings}"
        if count > 1:
            text += f" of each of {count} methods"
        if count > 1 and len(self.runs) > 1:
            text += (
                f"; a difference is {self.name} minus the baseline, paired by run, ± half of "
                f"{self.runs.interval}"
            )
        return text

    def rows(self) -> Iterator[Compared]:
        """Train and measure; yields the rows of each method as soon as they are known.

        Raises what training the method itself raises; a baseline that fails has a row that says so.
        """
        own: dict[str, list[float]] = {}
        for label, recipe in self.recipes.items():
            started = time.perf_counter()
            try:
                with strictly_if(self.strict), said_once(self.said):
                    values = over_runs(recipe, self.runs, self.metrics, self.device)
            except (ZooError, RuntimeError, ArithmeticError, MemoryError) as error:
                if not own:
                    raise
                told = (
                    str(error)
                    if isinstance(error, ZooError)
                    else f"{type(error).__name__}: {error}"
                )
                for metric in self.metrics:
                    yield Compared(method=label, metric=metric, refused=told)
                continue
            seconds = time.perf_counter() - started
            for metric, found in values.items():
                difference = None
                if own and len(self.runs) > 1:
                    difference = self.runs.difference(own[metric], found)
                result = self._result(label, recipe, metric, found, seconds)
                if difference is not None and not self.own_protocol:
                    result = replace(result, difference=_interval(difference))
                yield Compared(method=label, metric=metric, result=result, difference=difference)
            own = own or values

    def _result(
        self, label: str, recipe: Recipe, metric: str, values: Sequence[float], seconds: float
    ) -> Result:
        owner = registry().architectures.owners[next(iter(self.recipes.values())).architecture.name]
        return Result(
            model=self.name,
            method=label,
            kind="retrained",
            dataset=self.runs.label,
            options=_shared(self.runs.options),
            split="test",
            metric=metric,
            values=values,
            seeds=list(self.runs.seeds),
            shape=dict(recipe.shape),
            recipe=dict(recipe.recipe),
            **provenance(owner, seconds, self.command),
        )


def comparison(
    name: str | Path,
    data: Any = None,
    *,
    folds: int | None = None,
    seeds: Sequence[int] | None = None,
    beside: bool = True,
    config: Mapping[str, Any] | None = None,
    options: Mapping[str, Any] | None = None,
    metrics: Sequence[str] = (),
    device: Any = None,
    strict: bool = False,
) -> Comparison:
    """Return what `compare` trains, before anything is trained; see there."""
    known, said = registry(), set[str]()
    folder = folders.opened(name)
    label = folder.name if folder else str(name)
    own = _recipe_of(folder, config) if folder else Recipe.named(label, data, config)
    spec = None if folder else known.models.specs.get(label)
    asked = not (data is None or (isinstance(data, str) and spec and data == spec.dataset))
    if folder is not None:
        asked = True
        data = folder.source() if data is None else data
        options = {**_kept_options(folder, data), **(options or {})}
    if spec is not None and not (asked or folds or seeds or config or options):
        if not spec.runs:
            raise BadInput(
                f"{label} states no protocol (its spec has no runs); use `zoo train {label}`, or "
                "give other data (--dataset)."
            )
        runs, stated = stated_runs(spec.dataset, spec.runs), True
    else:
        source = own.data if data is None else data
        with strictly_if(strict), said_once(said):
            runs = runs_over(source, own.architecture, folds=folds, seeds=seeds, options=options)
        own, stated = replace(own, data=source), False
    changed = {**(_changed(own) if folder else {}), **(config or {})}
    baselines = _baselines(own, spec, changed, drop=not stated) if beside else {}
    words = ["zoo evaluate", folder.place if folder else label]
    if asked and not (folder and runs.label == folder.own_data):
        words += ["--dataset", shlex.quote(runs.label)]
    words += ["--retrain"]
    if not stated:
        words += [f"--folds {folds}"] if folds else []
        words += [f"--seeds {','.join(map(str, seeds))}"] if seeds else []
        for flag, values in (("--set", config or {}), ("--option", options or {})):
            recorded = opening.as_recorded(values)
            words += [f"{flag} {shlex.quote(f'{k}={as_text(v)}')}" for k, v in recorded.items()]
    return Comparison(
        name=label,
        recipes={label: own, **baselines},
        runs=runs,
        metrics=metrics or own.metrics,
        command=" ".join([*words, *([] if beside else ["--alone"])]),
        own_protocol=stated,
        device=device,
        strict=strict,
        said=said,
    )


def compare(
    name: str | Path,
    data: Any = None,
    *,
    folds: int | None = None,
    seeds: Sequence[int] | None = None,
    beside: bool = True,
    config: Mapping[str, Any] | None = None,
    options: Mapping[str, Any] | None = None,
    metrics: Sequence[str] = (),
    device: Any = None,
    strict: bool = False,
) -> Iterator[Compared]:
    """Train a method and its baselines anew over the folds of data, and compare them by run.

    `name` is a registered model, an architecture, or a folder that ``zoo train`` wrote; `data` a
    registered dataset's name, a file, or what a person has in memory (default: the name's own). The
    baselines are those registered beside the model, or beside the models of the architecture;
    ``beside=False`` leaves them out. Data that bring folds are run over these; otherwise `folds`
    stratified ones are made, 10 by default; each is run with every one of `seeds`. `config` are
    hyperparameters of the method, which baselines get too where they have them and do not state
    them. `options` go to the dataset or its reader.

    Yields the rows of one method after the other, the compared one first: `Compared`, one for each
    metric; `zoo.Rows` makes a table of them. Selection inside a run is the recipe's, on its
    validation split. Raises `UnknownName`, and `BadInput` for data that the method cannot take; a
    baseline that cannot has a row that says so. With `strict` what would be said of the data is an
    error.

    `device` is where everything is trained and measured. `metrics` are by default the model's.

    >>> found = zoo.Rows(zoo.compare("node-mlp", "sbm-dense", beside=False, config={"epochs": 1}))
    >>> [(row.method, row.metric) for row in found]
    [('node-mlp', 'accuracy')]
    """
    yield from comparison(
        name,
        data,
        folds=folds,
        seeds=seeds,
        beside=beside,
        config=config,
        options=options,
        metrics=metrics,
        device=device,
        strict=strict,
    ).rows()


def stated_runs(dataset: str, runs: Sequence[Mapping[str, Any]]) -> Runs:
    """Return the runs that a spec or a check states; run i has seed i."""
    return Runs(
        source=dataset,
        label=dataset,
        options=list(runs),
        seeds=list(range(len(runs))),
        told=f"{len(runs)} runs over {dataset}",
    )


def _recipe_of(folder: RunFolder, config: Mapping[str, Any] | None) -> Recipe:
    """Return the recipe that a folder's weights were trained by, updated."""
    architecture = registry().architecture(folder.config.architecture)
    shape, recipe = sorted_out(
        architecture, folder.config.shape, {**architecture.recipe, **folder.recipe}, config or {}
    )
    return Recipe(
        label=folder.name,
        architecture=architecture,
        shape=shape,
        recipe=recipe,
        data=folder.config.dataset,
    )


def _changed(recipe: Recipe) -> dict[str, Any]:
    """Return the hyperparameters of a recipe that are not its architecture's own."""
    usual = {**recipe.architecture.shape, **recipe.architecture.recipe}
    found = {**recipe.shape, **recipe.recipe}
    return {key: found[key] for key in usual if found.get(key, usual[key]) != usual[key]}


def _kept_options(folder: RunFolder, data: Any) -> dict[str, Any]:
    """Return the options that a folder's data were read with, but for the choice of a fold."""
    if folders.called(data) != folder.own_data:
        return {}
    kept = folder.config.options.items()
    return {key: value for key, value in kept if key not in (FOLD, MAKE)}


def _baselines(
    own: Recipe, spec: Any, config: Mapping[str, Any], *, drop: bool
) -> dict[str, Recipe]:
    """Return the recipes beside a model, or beside the models of an architecture, by label.

    With `drop` what is the method itself under another label is left out.
    """
    found = {}
    for label, entry in (spec.beside if spec else _beside_models_of(own)).items():
        architecture = registry().architecture(entry["architecture"])
        shape, recipe = (
            {
                **usual,
                **{key: value for key, value in config.items() if key in usual},
                **entry.get(half, {}),
            }
            for half, usual in (("shape", architecture.shape), ("recipe", architecture.recipe))
        )
        one = Recipe(
            label=label, architecture=architecture, shape=shape, recipe=recipe, data=own.data
        )
        same = (one.architecture, one.shape, one.recipe) == (
            own.architecture,
            own.shape,
            own.recipe,
        )
        if not (drop and same):
            found[label] = one
    return found


def _beside_models_of(own: Recipe) -> dict[str, Mapping[str, Any]]:
    """Return the baselines of an architecture's models, by label.

    One whose settings were chosen for each data set is taken with its architecture's own settings,
    under the architecture's name.
    """
    entries: dict[str, list[Mapping[str, Any]]] = {}
    for model in registry().models:
        if model.architecture == own.architecture.name:
            for label, entry in model.beside.items():
                entries.setdefault(label, []).append(entry)
    found = {}
    for label, several in entries.items():
        first = several[0]
        if all(one == first for one in several):
            found[label] = first
        else:
            found[first["architecture"]] = {"architecture": first["architecture"]}
    return found


def _shared(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return, for each option, its one value or the list of those that differ by run."""
    keys = dict.fromkeys(itertools.chain.from_iterable(runs))
    columns = {key: [run.get(key) for run in runs] for key in keys}
    return {k: v[0] if all(item == v[0] for item in v) else v for k, v in columns.items()}
