"""The protocol: recipes trained anew over its runs, measured, and held against what is stored."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from zoo_core._authoring.training import Recipe
from zoo_core._measuring import evaluation
from zoo_core._measuring.verification import RELATIVE_TOLERANCE, Check
from zoo_core._registry.registry import registry
from zoo_core._registry.results import Result, provenance, stored
from zoo_core.errors import BadInput


def protocol(
    architecture: str,
    dataset: str,
    runs: Sequence[Mapping[str, Any]],
    *,
    shape: Mapping[str, Any] | None = None,
    recipe: Mapping[str, Any] | None = None,
    given: Mapping[str, str] | None = None,
    metric: str = "accuracy",
) -> list[float]:
    """Return the test metric of a recipe trained anew over runs: what a claim's check needs.

    `runs` are the dataset options of each; run i has seed i. `given` names the models that the
    recipe gets (``{"teacher": NAME}``). Raises what `zoo.dataset` raises.
    """
    known = registry().architecture(architecture)
    one = Recipe(
        label=architecture,
        architecture=known,
        shape={**known.shape, **(shape or {})},
        recipe={**known.recipe, **(recipe or {})},
        data=dataset,
        given=given or {},
    )
    return over_runs(one, runs, [metric])[metric]


def over_runs(
    recipe: Recipe, runs: Sequence[Mapping[str, Any]], metrics: Sequence[str]
) -> dict[str, list[float]]:
    """Train a recipe over runs and return each metric's test values.

    Data are loaded when a run's turn comes and dropped after it, unless the recipe batches runs.
    """
    numbered = list(enumerate(runs))
    batches = [numbered] if recipe.architecture.batches_runs else [[one] for one in numbered]
    rows: list[dict[str, float]] = []
    for batch in batches:
        prepared = [
            recipe.run_for(recipe.load_data(options), seed)
            for seed, options in batch
        ]
        for module, run in zip(recipe.train(prepared), prepared, strict=True):
            rows.append(evaluation.measure(module, run.data, "test", metrics, of=recipe.data))
        del prepared
    return {name: [row[name] for row in rows] for name in metrics}


def retrain(name: str, *, beside: bool = True) -> list[Result]:
    """Run a model's recipe over its protocol's runs, and the baselines beside it; measure all.

    Run i has the i-th of the spec's `runs` as dataset options, and seed i. Every method gets the
    same runs; selection inside a run is the recipe's, on its validation split.
    """
    spec = registry().model(name)
    if not spec.runs:
        raise BadInput(f"{name} states no protocol (its spec has no runs); use `zoo train {name}`.")
    recipes = {name: Recipe.named(name)}
    for label, baseline in spec.beside.items() if beside else ():
        architecture = registry().architecture(baseline["architecture"])
        recipes[label] = Recipe(
            label=label,
            architecture=architecture,
            shape={**architecture.shape, **baseline.get("shape", {})},
            recipe={**architecture.recipe, **baseline.get("recipe", {})},
            data=spec.dataset,
        )
    flag = "" if beside else " --alone"
    results = []
    for label, recipe in recipes.items():
        started = time.perf_counter()
        values = over_runs(recipe, spec.runs, spec.metrics)
        known = provenance(
            registry().owner(spec),
            time.perf_counter() - started,
            f"zoo evaluate {name} --retrain{flag}",
        )
        results += [
            Result(
                model=name,
                method=label,
                kind="retrained",
                dataset=spec.dataset,
                options=_shared(spec.runs),
                split="test",
                metric=metric,
                values=found,
                seeds=list(range(len(spec.runs))),
                shape=dict(recipe.shape),
                recipe=dict(recipe.recipe),
                **known,
            )
            for metric, found in values.items()
        ]
    return results


def _shared(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return, for each option, its one value or the list of those that differ by run."""
    keys = dict.fromkeys(itertools.chain.from_iterable(runs))
    columns = {key: [run.get(key) for run in runs] for key in keys}
    return {k: v[0] if all(item == v[0] for item in v) else v for k, v in columns.items()}


def verify_retrained(name: str) -> Iterator[Check]:
    """Run a model's protocol again and hold each mean against the stored one.

    Means agree when they differ by at most twice the standard error of the stored runs, or half a
    percent of the value, whichever is more.
    """
    before = {row.key: row for row in stored(name) if row.kind == "retrained"}
    for new in retrain(name):
        old = before.get(new.key)
        metric = registry().metric(new.metric)
        error = 2 * ((old and old.std) or 0.0) / len(new.values) ** 0.5
        allowed = max(error, RELATIVE_TOLERANCE * abs(new.value))
        same = old is not None and abs(new.value - old.value) <= allowed
        yield Check(
            name=new.method,
            statement=f"{metric.title} on {new.dataset}, mean of {len(new.values)} runs",
            expected=f"{old.shown(metric) if old else 'nothing stored'} (its card)",
            measured=new.shown(metric),
            verdict="holds" if same else "fails",
            seconds=new.seconds,
        )
