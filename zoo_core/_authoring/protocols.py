"""The protocol: recipes trained anew over its runs, measured, and held against what is stored."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from zoo_core._authoring.comparison import compare, comparison, over_runs, stated_runs
from zoo_core._authoring.training import Recipe
from zoo_core._measuring import each
from zoo_core._measuring.verification import RELATIVE_TOLERANCE, Check
from zoo_core._registry.registry import registry
from zoo_core._registry.results import Result, result_of, stored
from zoo_core._running.parts import Outcome, Part
from zoo_core._running.running import Task, ago, value_of
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

    `architecture` and `dataset` are registered names, `shape` and `recipe` update the
    architecture's own, and `metric` is what is measured: one value for each run, without the
    metric's scale.

    >>> found = zoo_core.protocol("node-mlp", "sbm-dense", [{"fold": 0}], recipe={"epochs": 1})
    >>> len(found)
    1
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
    return over_runs(one, stated_runs(dataset, runs), [metric])[metric]


def retrain(name: str, *, beside: bool = True) -> list[Result]:
    """Run a model's recipe over its protocol's runs, and the baselines beside it; measure all.

    Run i has the i-th of the spec's `runs` as dataset options, and seed i. Every method gets the
    same runs; selection inside a run is the recipe's, on its validation split.
    """
    results = []
    for row in compare(name, beside=beside):
        if row.result is None:
            raise BadInput(f"{row.method}: {row.refused}")
        results.append(row.result)
    return results


def tasks(name: str) -> list[Task]:
    """Return the parts that run a model's protocol again, one a method; each gives `Check` lines.

    The means are held against the stored ones. They agree when they differ by at most twice the
    standard error of the stored runs, or half a percent of the value, whichever is more. Raises
    `BadInput` for what has no protocol: papers, folders, and models whose spec states none.
    """
    known = registry()
    if name not in known.models:
        raise BadInput(
            f"--retrain runs the protocols of registered models again, and {name} is none; name "
            "models, or leave it out."
        )
    owners, made = known.architectures.owners, comparison(name)
    found = []
    for method, recipe in made.recipes.items():
        both = [known.owner(known.model(name)), owners[recipe.architecture.name]]
        part = Part(
            label=f"{method} anew" if method == name else f"{method} beside {name} anew",
            call=f"{__name__}:retrained",
            arguments={"name": name, "method": method},
            code=each.code_of(both),
        )
        found.append(Task(part, functools.partial(_compared, name)))
    return found


def retrained(name: str, method: str) -> list[dict[str, Any]]:
    """Run the protocol of a model with one of its methods; return the results as JSON values.

    Raises what training raises.
    """
    made = comparison(name)
    rows = replace(made, recipes={method: made.recipes[method]}).rows()
    return [row.result.as_json() for row in rows if row.result is not None]


def _compared(name: str, outcome: Outcome) -> list[Check]:
    before = {row.key: row for row in stored(name) if row.kind == "retrained"}
    checks = []
    for new in [result_of(row) for row in value_of(outcome)]:
        old = before.get(new.key)
        metric = registry().metric(new.metric)
        error = 2 * ((old and old.std) or 0.0) / len(new.values) ** 0.5
        allowed = max(error, RELATIVE_TOLERANCE * abs(new.value))
        same = old is not None and abs(new.value - old.value) <= allowed
        check = Check(
            name=new.method,
            statement=f"{metric.title} on {new.dataset}, mean of {len(new.values)} runs",
            expected=f"{old.shown(metric) if old else 'nothing stored'} (its card)",
            measured=new.shown(metric),
            verdict="holds" if same else "fails",
            seconds=new.seconds,
            ago=ago(outcome),
        )
        checks.append(check)
    return checks
