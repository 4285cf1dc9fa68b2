"""What a training leaves in its folder: weights, configuration, results, and a card."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo_core._disk import sha256_of, whole_file
from zoo_core._loading import bases, making, model_config
from zoo_core._loading.devices import name_of
from zoo_core._loading.models import assets_of
from zoo_core._loading.weights import FILE, write_tensors
from zoo_core._measuring import evaluation, opening
from zoo_core._measuring.folders import RunFolder
from zoo_core._publishing import run_cards
from zoo_core._registry.registry import registry
from zoo_core._registry.results import Result, provenance
from zoo_core.errors import ZooError
from zoo_core.interfaces import Run

if TYPE_CHECKING:
    import torch

    from zoo_core._authoring.training import Recipe

FITTED = "train"
"""The split that weights are fitted to, which no number of a card is of."""


def write(
    recipe: Recipe,
    frozen: Sequence[Any],
    module: torch.nn.Module,
    folder: Path,
    run: Run,
    seconds: float,
) -> None:
    """Write weights, measure, and write results, card and config.

    The config comes last, so that a folder with one is whole. Whatever goes wrong in measuring is
    told in the card: the training is done and is kept.
    """
    write_tensors(module, folder / FILE, recipe.storage, bases.prefixes(frozen))
    assets = write_assets(module, folder / model_config.ASSETS)
    kind = opening.not_kept(recipe.data, recipe.options)
    stored = model_config.ModelConfig(
        architecture=recipe.architecture.name,
        shape=making.made_of(module).shape,
        sha256=sha256_of(folder / FILE),
        dataset=None if kind else opening.recorded(recipe.data),
        in_memory=kind,
        options=opening.as_recorded(recipe.options),
        inputs=recipe.origin.inputs if recipe.origin else {},
        assets=assets,
        base=(recipe.origin or recipe.architecture).name if frozen else None,
    )
    owner = registry().architectures.owners[recipe.architecture.name]
    made = provenance(owner, seconds, command(recipe, run.seed))
    values, told = measured(recipe, module, run.data)
    about = {
        "seed": run.seed,
        "recipe": dict(recipe.recipe),
        "scores": scores_of(values, told),
        **made,
    }
    content = stored.as_bytes(**about)
    one = RunFolder(folder, stored, about)
    rows = [
        Result(
            model=one.name,
            method=one.name,
            kind="checkpoint",
            dataset=opening.recorded(recipe.data),
            options=stored.options,
            split=split,
            metric=metric,
            values=[value],
            seeds=[run.seed],
            **{**made, "command": ""},
        )
        for split, found in values.items()
        for metric, value in found.items()
    ]
    one.begin(rows, recipe.data, run.data)
    run_cards.write(one)
    with whole_file(folder / model_config.FILE) as part:
        part.write_bytes(content)


def measured(
    recipe: Recipe, module: torch.nn.Module, data: Any
) -> tuple[dict[str, dict[str, float]], str]:
    """Return a trained module's metrics by split, and why there are none (or not of all)."""
    named = opening.recorded(recipe.data)
    found: dict[str, dict[str, float]] = {}
    try:
        names = [name for name in opening.split_names(data, named) if name != FITTED]
        if not names:
            return {}, "the data have no split that was not fitted to"
        # The one that scores are told of comes first, in case another cannot be measured.
        for name in sorted(names, key=lambda name: name != "test"):
            metrics = evaluation.with_more(recipe.metrics, module, data, name, of=named)
            found[name] = evaluation.measure(module, data, name, metrics, of=named)
    except Exception as error:  # whatever went wrong, the training is done and is kept
        kind = "" if isinstance(error, ZooError) else f"{type(error).__name__}: "
        return found, f"{kind}{error}".rstrip(".")
    return found, ""


def scores_of(values: Mapping[str, Mapping[str, float]], told: str) -> dict[str, Any]:
    """Return the metrics on the test split, or on "val" where there is no test.

    They are ``{"split": name, "metrics": {name: value}}``; where nothing was measured,
    ``{"told": why}``.
    """
    split = next((name for name in ("test", "val") if name in values), None)
    if split is None:
        return {"told": told or f"the data have no split test or val, but {', '.join(values)}"}
    return {"split": split, "metrics": dict(values[split])}


def stored_scores(folder: Path) -> dict[str, Any]:
    """Return the scores that a training left in its folder (see `scores_of`)."""
    about = json.loads((folder / model_config.FILE).read_bytes())[model_config.SECTION]
    found: dict[str, Any] = about["scores"]
    return found


def write_assets(module: torch.nn.Module, folder: Path) -> dict[str, str]:
    """Write what travels beside a module's weights; return the hash of each file."""
    hashes = {}
    for name, content in assets_of(module).items():
        with whole_file(folder / name) as part:
            part.write_bytes(content)
        hashes[name] = sha256_of(folder / name)
    return hashes


def command(recipe: Recipe, seed: int) -> str:
    """Return the command that trains so again; for data in memory, what was called."""
    kind = opening.not_kept(recipe.data, recipe.options)
    config = {**recipe.shape, **recipe.recipe}
    if kind:
        more: dict[str, Any] = {"config": config, "options": opening.as_recorded(recipe.options)}
        more |= {"given": dict(recipe.given)} if recipe.given else {}
        more |= {"start": recipe.start.source} if recipe.start else {}
        more |= {"dtype": name_of(recipe.dtype)} if recipe.dtype else {}
        told = "".join(f", {key}={value!r}" for key, value in more.items())
        return f"zoo.train({recipe.label!r}, DATA{told}, seed={seed}) in Python, DATA a {kind}"
    words = ["zoo train", recipe.label]
    if recipe.model is None:
        words += ["--dataset", shlex.quote(opening.recorded(recipe.data))]
        for flag, values in (
            ("--set", config),
            ("--option", opening.as_recorded(recipe.options)),
            ("--given", recipe.given),
        ):
            words += [f"{flag} {shlex.quote(f'{k}={as_text(v)}')}" for k, v in values.items()]
        if recipe.start is not None:
            words += ["--start", shlex.quote(recipe.start.source)]
    if recipe.dtype is not None:
        words += ["--dtype", name_of(recipe.dtype)]
    return " ".join([*words, f"--seed {seed}"])


def as_text(value: Any) -> str:
    """Return what the shell reads back as this value."""
    return value if isinstance(value, str) else json.dumps(value)
