"""One pytest item for each property of each model and architecture of a paper."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from zoo_core._authoring.training import Recipe
from zoo_core._registry.registry import registry
from zoo_core.interfaces import Run
from zoo_core.testing.checks import (
    CHECKS,
    UNTRAINED_CHECKS,
    Check,
    Subject,
    check_exports,
    check_half_predictions,
    trained,
    untrained,
)

ONCE: tuple[Check, ...] = (check_exports, check_half_predictions)
"""What takes long, and is asked of one model of an architecture."""


def for_each_check(
    paper: str,
    *,
    shapes: Mapping[str, Mapping[str, Any]] | None = None,
    known_failures: Mapping[str, str] | None = None,
) -> Callable[[Callable[..., None]], Any]:
    """Parametrise a test, which takes `check` and calls it, over all that a paper registers.

    `shapes` are the constructor arguments with which architectures are checked untrained (default:
    their spec's). Of models of one architecture that differ in numbers alone the first is exported,
    and predicts in half precision. `known_failures` maps items, as ``"model-property"``, to why
    they fail; such an item must fail. Raises `UnknownName` for an unknown paper, `ValueError` for a
    known failure that is no item.
    """
    excused = dict(known_failures or {})
    items = []
    for check, subject in _pairs(paper, shapes or {}):
        name = f"{subject.label}-{check.__name__.removeprefix('check_')}"
        reason = excused.pop(name, None)
        marks = [] if reason is None else [pytest.mark.xfail(reason=reason, strict=True)]
        items.append(pytest.param(functools.partial(check, subject), id=name, marks=marks))
    if excused:
        raise ValueError(f"There are no items {', '.join(excused)}; remove them.")
    return pytest.mark.parametrize("check", items)


def _pairs(paper: str, shapes: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[Check, Subject]]:
    known = registry()
    owner = known.papers.owners[known.paper(paper).name]
    for architecture in known.architectures:
        if known.architectures.owners[architecture.name] is owner:
            subject = untrained(architecture.name, **shapes.get(architecture.name, {}))
            yield from ((check, subject) for check in UNTRAINED_CHECKS)
    seen = set()
    for model in known.models:
        lock = known.lock(model)
        if known.owner(model) is owner and lock is not None:
            subject = trained(model.name)
            # These take long, and models that differ in numbers and names alone behave alike.
            kinds = {k: v for k, v in lock["shape"].items() if isinstance(v, str | bool)}
            key = (model.architecture, repr(sorted(kinds.items())))
            checks = [c for c in CHECKS if c not in ONCE or key not in seen]
            seen.add(key)
            yield from ((check, subject) for check in checks)


def make_run(
    architecture: str,
    data: Any,
    *,
    seed: int = 0,
    shape: Mapping[str, Any] | None = None,
    recipe: Mapping[str, Any] | None = None,
    given: Mapping[str, Any] | None = None,
    folder: Path | None = None,
) -> Run:
    """Return what the core would give an architecture's recipe: to test a recipe by itself.

    `shape` and `recipe` update the architecture's; `given` are modules by name. Raises
    `UnknownName`.
    """
    known = registry().architecture(architecture)
    one = Recipe(
        label=architecture,
        architecture=known,
        shape={**known.shape, **(shape or {})},
        recipe={**known.recipe, **(recipe or {})},
        data="",
    )
    run = one.run_for(data, seed, folder=folder)
    return dataclasses.replace(run, given=dict(given or {}))
