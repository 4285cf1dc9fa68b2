"""Several models measured, each a part by itself: what `zoo evaluate` and a card's numbers need."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from zoo_core._measuring import evaluation, folders, opening
from zoo_core._measuring.folders import CONFIG
from zoo_core._registry import results
from zoo_core._registry.registry import Plugin, registry
from zoo_core._registry.results import Result, result_of
from zoo_core._running import places
from zoo_core._running.code import Code, code_here
from zoo_core._running.parts import Outcome, Part
from zoo_core._running.running import Task, all_of, run, value_of
from zoo_core.errors import BadInput


def evaluate_each(
    models: Any,
    data: Any,
    *,
    elsewhere: Mapping[str, Any],
    again: bool = False,
    **how: Any,
) -> Iterator[Result]:
    """Measure models by their names, each a part; `how` are options of `evaluate`.

    Yields the results in the order of the names. Raises `BadInput` for what is no name, and at the
    end what the first part that failed has raised.
    """
    names = [models] if isinstance(models, str | os.PathLike) else models
    if not isinstance(names, list | tuple) or not all(
        isinstance(one, str | os.PathLike) for one in names
    ):
        raise BadInput("Parts are sent by their names; give names or folders, and no modules.")
    with places.opened(**elsewhere) as place:
        tasks = [evaluation_task(model, data, **how) for model in names]
        for rows in all_of(run(tasks, place, again=again)):
            yield from rows


def evaluation_task(model: str | Path, data: Any = None, **how: Any) -> Task:
    """Return the task that measures a model; it gives the results."""
    folder = folders.opened(model)

    def finish(outcome: Outcome) -> list[Result]:
        found = [result_of(row) for row in value_of(outcome)]
        return found if folder is None else folder.renamed(found)

    given = {key: value for key, value in how.items() if value is not None}
    return Task(evaluation_part(model, data, label=os.fspath(model), **given), finish)


def store(model: str | Path, found: list[Result], data: Any = None) -> None:
    """Keep what was measured of a model: a folder's in it, a registered model's in its plugin."""
    folder = folders.opened(model)
    if folder is None:
        results.store(found)
    else:
        folder.store(found, folder.source() if data is None else data)


def evaluation_part(
    model: str | Path,
    data: Any = None,
    *,
    label: str | None = None,
    split: str = "test",
    metrics: Sequence[str] = (),
    options: Mapping[str, Any] | None = None,
    **how: Any,
) -> Part:
    """Return the part that measures a model by its name; `how` are options of `evaluate`.

    It gives the results as JSON values. It is kept unless the data are in memory, or the model is
    on the Hub, where names change what they stand for.
    """
    options = dict(options or {})
    code = _code(model, data, options)
    named = os.fspath(model)
    if folders.is_path(model):
        named = str(Path(model).expanduser().absolute())
    return Part(
        label=" ".join([label or named, *metrics, *([split] if split != "test" else [])]),
        call=f"{__name__}:measured",
        arguments={
            "model": named,
            "data": place_of(data),
            "split": split,
            "metrics": list(metrics),
            "options": options,
            **how,
        },
        facts={} if code is None else _facts(model, data, options),
        code=code,
    )


def measured(model: str, data: Any, **how: Any) -> list[dict[str, Any]]:
    """Measure a model, and return its results as JSON values; raises what `evaluate` raises."""
    return [row.as_json() for row in evaluation.evaluate(_named(model), data, **how)]


def _named(model: str) -> str | Path:
    """Return how `zoo.load` takes a name or a folder's path, as `measured` gets both."""
    return Path(model) if os.path.isabs(model) else model


def place_of(source: Any) -> Any:
    """Return a path as any process of this machine finds it; anything else as it is."""
    if isinstance(source, str | os.PathLike) and is_there(source):
        return str(Path(source).expanduser().absolute())
    return source


def is_there(source: Any) -> bool:
    """Tell whether something is the path of a file or folder, and no registered name."""
    if opening.is_registered(source):
        return False
    try:
        return isinstance(source, str | os.PathLike) and Path(source).expanduser().exists()
    except (OSError, ValueError):  # too long for a name, or no name at all
        return False


def _code(model: str | Path, data: Any, options: Mapping[str, Any]) -> Code | None:
    """Return the code that measures a model on data; None where what it gives cannot be kept."""
    known = registry()
    if opening.not_kept("" if data is None else data, options):
        return None
    folder = folders.opened(model)
    if folder is not None:
        owners = [known.architectures.owners.get(folder.config.architecture)]
        data = folder.config.dataset if data is None else data
    elif os.fspath(model) in known.models:
        owners = [known.owner(known.model(os.fspath(model)))]
    else:  # a name on the Hub, which may stand for something else tomorrow
        return None
    if isinstance(data, str) and data in known.datasets:
        owners.append(known.datasets.owners.get(data))
    return code_of(owners)


def code_of(owners: Sequence[Plugin | None]) -> Code | None:
    """Return the code of plugins; None where one is not known."""
    found = [one.distribution for one in owners if one is not None]
    return code_here(*dict.fromkeys(found)) if len(found) == len(owners) else None


def _facts(model: str | Path, data: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the hashes of the files that decide a measurement, beside the code."""
    folder = folders.opened(model)
    files: dict[str, Any] = {f"option {key}": value for key, value in options.items()}
    if folder is not None:
        files["model"] = folder.path / CONFIG  # which has the hash of the weights
        files["data"] = folder.config.dataset if data is None else data
    else:
        files["data"] = data
    return hashes(files)


def hashes(files: Mapping[str, Any]) -> dict[str, Any]:
    """Return the hash of each of some things that is a file or a folder."""
    there = {name: Path(place_of(at)) for name, at in files.items() if is_there(at)}
    return {name: folders.hash_of(path) for name, path in there.items()}
