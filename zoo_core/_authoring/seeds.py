"""`train` over several seeds: each is a training by itself, in a folder of its own."""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo_core._authoring import leaving, training
from zoo_core._authoring.training import Recipe
from zoo_core._disk import sha256_of
from zoo_core._loading import making
from zoo_core._loading.models import load
from zoo_core._loading.weights import FILE
from zoo_core._measuring import each, opening
from zoo_core._registry.registry import registry
from zoo_core._registry.specs import Start
from zoo_core._running import kept, places
from zoo_core._running.parts import Outcome, Part
from zoo_core._running.running import Task, ago, all_of, run, value_of
from zoo_core.errors import BadInput, WorkerError

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class Trained:
    """One training: its seed, the folder that it was written to, and what was measured then.

    `scores` are those of `zoo_core._authoring.leaving.scores_of`; `ago` says when it was trained,
    where that was not now.
    """

    seed: int
    trained: str
    shape: Mapping[str, Any]
    scores: Mapping[str, Any] = field(default_factory=dict)
    ago: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values, the scores beside the rest."""
        row = asdict(self)
        return {**{key: row[key] for key in ("seed", "trained", "shape", "ago")}, **self.scores}

    def as_row(self) -> dict[str, str]:
        """Return what people read of it, by the names of a table's columns."""
        metrics = self.scores.get("metrics", {})
        measured = {name: _shown(name, [value]) for name, value in metrics.items()}
        split = {"split": self.scores["split"]} if metrics else {}
        return {"seed": str(self.seed), "folder": self.trained, **split, **measured}


def train_each(
    name: str,
    dataset: Any,
    seeds: Sequence[int],
    elsewhere: Mapping[str, Any],
    *,
    again: bool = False,
    **how: Any,
) -> list[torch.nn.Module]:
    """Train with several seeds, and return the modules in the order of the seeds."""
    with places.opened(**elsewhere) as place:
        rows = list(all_of(run(tasks(name, dataset, seeds=seeds, **how), place, again=again)))
    return [load(Path(row.trained), device=how.get("device")) for row in rows]


def tasks(
    name: str,
    dataset: Any = None,
    *,
    seeds: Sequence[int],
    out: str | os.PathLike[str] | None = None,
    embed: bool = False,
    config: Mapping[str, Any] | None = None,
    options: Mapping[str, Any] | None = None,
    given: Mapping[str, str] | None = None,
    start: str | Start | None = None,
    **how: Any,
) -> list[Task]:
    """Return the trainings of a recipe with several seeds, each a task that gives a `Trained`.

    The folder of seed 3 is `out` (as `train` has it by default) with ``-seed3`` at its end.
    A training that is in its folder as the same code left it is kept. Raises what `train` raises
    before it begins, and `BadInput` for seeds that are none and for what cannot be sent elsewhere.
    """
    if embed:
        raise BadInput("One training, with seed 0, can be embedded; leave seeds out.")
    chosen = [training.whole_seed(seed) for seed in seeds]
    if not chosen or len(set(chosen)) < len(chosen):
        raise BadInput(f"seeds={list(seeds)} are none to train with; expected different ones.")
    recipe = Recipe.named(name, dataset, config, options, given, None)
    data, more = dataset, dict(options or {})
    base = Path(out).expanduser() if out is not None else training.default_folder(recipe)
    code = _code(recipe, [start, *(given or {}).values()], data, more)
    files: dict[str, Any] = {"data": recipe.data, "start": start, **more, **(given or {})}
    found = []
    for seed in chosen:
        folder = base.with_name(f"{base.name}-seed{seed}")
        part = Part(
            label=f"{name} seed {seed}",
            call=f"{__name__}:trained",
            arguments={
                "name": name,
                "dataset": each.place_of(data),
                "out": str(folder.absolute()),
                "seed": seed,
                "config": dict(config or {}),
                "options": more,
                "given": dict(given or {}),
                "start": start,
                **{key: value for key, value in how.items() if value is not None},
            },
            facts={} if code is None else each.hashes(files),
            code=code,
        )
        before = kept.find(part)
        if before is not None and _weights(folder) != before.value["sha256"]:
            kept.forget(part)
        found.append(Task(part, _finish(seed, folder)))
    return found


def trained(name: str, dataset: Any, out: str, **how: Any) -> dict[str, Any]:
    """Train, and return where the weights are, their hash and their scores as JSON values."""
    module = training.train(name, dataset, out=out, **how)
    return {
        "shape": dict(making.made_of(module).shape),
        "sha256": _weights(Path(out)),
        "scores": leaving.stored_scores(Path(out)),
    }


def _finish(seed: int, folder: Path) -> Any:
    def finish(outcome: Outcome) -> Trained:
        value = value_of(outcome)
        if _weights(folder) != value["sha256"]:
            raise WorkerError(
                f"What was trained with seed {seed} is not in {folder}: the machine that trained "
                "it has other files; use a file system that all of them share."
            )
        return Trained(
            seed=seed,
            trained=str(folder),
            shape=value["shape"],
            scores=value["scores"],
            ago=ago(outcome),
        )

    return finish


def _weights(folder: Path) -> str | None:
    path = folder / FILE
    return sha256_of(path) if path.is_file() else None


def _code(recipe: Recipe, sources: Sequence[Any], data: Any, options: Mapping[str, Any]) -> Any:
    """Return the code that a training is decided by; None where it cannot be kept."""
    known = registry()
    if opening.not_kept("" if data is None else data, options):
        return None
    owners = [known.architectures.owners.get(recipe.architecture.name)]
    if opening.is_registered(recipe.data):
        owners.append(known.datasets.owners.get(recipe.data))
    for source in sources:
        if isinstance(source, str) and source in known.models:
            owners.append(known.owner(known.model(source)))
        elif source is not None and not each.is_there(source):  # on the Hub, or a `Start`
            return None
    return each.code_of(owners)


def summary(rows: Sequence[Trained]) -> Iterator[str]:
    """Yield a line for each metric: mean and standard deviation over the seeds, for people."""
    measured = [row.scores for row in rows if row.scores.get("metrics")]
    for name in dict.fromkeys(name for scores in measured for name in scores["metrics"]):
        values = [one["metrics"][name] for one in measured if name in one["metrics"]]
        if len(values) > 1:
            title = registry().metric(name).title
            split = measured[0]["split"]
            yield f"{title} on the {split} split: {_shown(name, values)} over {len(values)} seeds."


def _shown(name: str, values: Sequence[float]) -> str:
    """Return a metric's values for people: their mean, and their spread where they are several."""
    metric = registry().metric(name)
    digits = 1 if metric.scale != 1 else 4
    text = f"{statistics.fmean(values) * metric.scale:.{digits}f}"
    if len(values) > 1:
        text += f" ± {statistics.stdev(values) * metric.scale:.{digits}f}"
    return f"{text} {metric.unit}".rstrip()
