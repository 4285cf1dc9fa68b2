"""Several models measured, each a part by itself: what `zoo evaluate` and a card's numbers need."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from zoo_core._measuring import evaluation, folders, opening
from zoo_core._measuring.folders import CONFIG
from zoo_core._registry import references
from zoo_core._registry.registry import registry
from zoo_core._running.code import Code, code_here
from zoo_core._running.parts import Part


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
    named = _place_of(model)
    return Part(
        label=" ".join(
            [label or os.fspath(model), *metrics, *([split] if split != "test" else [])]
        ),
        call=f"{__name__}:measured",
        arguments={
            "model": named,
            "data": _place_of(data),
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


def _place_of(source: Any) -> Any:
    """Return a path as any process of this machine finds it; anything else as it is."""
    if isinstance(source, str | os.PathLike) and _is_there(source):
        return str(Path(source).expanduser().absolute())
    return source


def _is_there(source: Any) -> bool:
    """Tell whether something is the path of a file or folder, and no registered name."""
    if isinstance(source, str) and (
        source in registry().models or opening.is_registered(source) or references.parse(source)
    ):
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
    if None in owners:
        return None
    return code_here(*dict.fromkeys(one.distribution for one in owners if one is not None))


def _facts(model: str | Path, data: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the hashes of the files that decide a measurement, beside the code."""
    folder = folders.opened(model)
    files: dict[str, Any] = {f"option {key}": value for key, value in options.items()}
    if folder is not None:
        files["model"] = folder.path / CONFIG  # which has the hash of the weights
        files["data"] = folder.config.dataset if data is None else data
    else:
        files["data"] = data
    return {
        name: folders.hash_of(Path(_place_of(at))) for name, at in files.items() if _is_there(at)
    }
