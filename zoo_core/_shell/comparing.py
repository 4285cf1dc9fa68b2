"""``zoo evaluate --retrain``: methods trained anew over runs, each row printed when it is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from zoo_core._shell.coming import Coming, Several
from zoo_core._shell.printing import say
from zoo_core.errors import BadInput


def seeds_of(text: str | None) -> list[int] | None:
    """Return the seeds of a list such as "0,1,2"; raises `BadInput` for anything else."""
    if text is None:
        return None
    try:
        return [int(word) for word in text.split(",")]
    except ValueError as error:
        raise BadInput(f"--seeds {text!r} is no list of whole numbers; write --seeds 0,1,2.") from (
            error
        )


def retrain(
    names: Sequence[str], dataset: str | None, *, store: bool, as_json: bool, **arguments: Any
) -> int:
    """Compare each named model with its baselines, and print what is known as soon as it is.

    What is said of folds, baselines and intervals goes to standard error. Returns the exit code.
    """
    from zoo_core._registry.registry import registry
    from zoo_core._shell.options import check_models

    check_models([name for name in names if name not in registry().architectures])
    several = Several(names)
    with Coming(as_json) as coming:
        for name in names:
            with several.one(name):
                _retrain_one(name, dataset, store, coming, arguments)
    return several.code


def _retrain_one(
    name: str, dataset: str | None, store: bool, coming: Coming, arguments: Mapping[str, Any]
) -> None:
    from zoo_core._authoring import comparison
    from zoo_core._measuring import folders
    from zoo_core._registry import results
    from zoo_core._registry.registry import registry

    made = comparison.comparison(name, dataset, **arguments)
    folder = folders.opened(name)
    if store and folder is None and not made.own_protocol:
        raise BadInput(
            f"What {name} gives on other data is not kept with its plugin; leave --store out, "
            "or train on these data and store in the folder."
        )
    kept = folder.stored() if folder else results.stored(name) if _is_model(name) else []
    card = {row.key: row for row in kept}
    say(f"{made.told}.")
    if len(made.recipes) == 1 and arguments["beside"]:
        say(f"no baselines are registered beside {name}.")
    found = []
    widths = {"method": max(map(len, made.recipes)), "measured": 14}
    widths |= {"card": 14} if card else {}
    widths |= {"difference": 22} if len(made.recipes) > 1 and len(made.runs) > 1 else {}
    coming.begin(widths)
    for row in made.rows():
        old = card.get(row.result.key) if row.result else None
        line = {
            "method": row.method,
            "dataset": made.runs.label,
            "split": "test",
            "metric": row.metric,
            "measured": row.shown,
            "card": old.shown(registry().metric(row.metric)) if old else None,
            "runs": len(row.result.values) if row.result else 0,
            "difference": row.ahead or None,
        }
        facts = row.as_json()
        coming.add(line, {**facts, **line, "difference": facts["difference"]})
        found += [row.result] if row.result else []
    if store and folder is not None:
        folder.store(found, made.runs.source)
    elif store:
        results.store(found)


def _is_model(name: str) -> bool:
    from zoo_core._registry.registry import registry

    return name in registry().models
