"""What a person gives as data, opened: a dataset's name, a file, a Dataset, or what is in memory.

Nothing here compares, hashes or asks for the truth of what is in memory: arrays, frames and
graphs have opinions of their own about that.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zoo_core._loading import making
from zoo_core._plain import plain
from zoo_core._registry.registry import registry
from zoo_core.errors import BadInput, PluginError, ZooError, closest


def dataset(name: str, **options: Any) -> Any:
    """Return a dataset by name; `options` are those that its spec lists (a fold, say).

    Raises `UnknownName`, `BadInput` for an option it does not take, `DataError` when its files
    cannot be had or are not what their hashes promise.

    >>> graph = zoo.dataset("sbm-dense", fold=0)
    >>> graph.features.shape
    (500, 2)
    """
    spec = registry().dataset(name)
    for key in options:
        if key not in spec.options:
            takes = ", ".join(spec.options) or "none"
            raise BadInput(f"Dataset {name} has no option {key!r}; it takes {takes}.")
    return making.resolve(spec.factory)(**{**spec.config, **plain(options)})


def is_registered(source: Any) -> bool:
    """Tell whether what a person gives is the name of a registered dataset."""
    return isinstance(source, str) and source in registry().datasets


def in_memory(source: Any) -> str:
    """Return the type of what is neither a name nor a path, such as "pandas.DataFrame"; else ""."""
    if isinstance(source, str | os.PathLike):
        return ""
    kind = type(source)
    package = kind.__module__.partition(".")[0]
    return kind.__name__ if package == "builtins" else f"{package}.{kind.__name__}"


def not_kept(source: Any, options: Mapping[str, Any]) -> str:
    """Return what of data and their options is in memory, and so is not written down; else ""."""
    several = {"": source, **options}
    found = {k: in_memory(v) for k, v in several.items() if k == "" or not _is_json(v)}
    return ", ".join(f"{key}: {kind}" if key else kind for key, kind in found.items() if kind)


def recorded(source: Any) -> str:
    """Return what is written down as the data: a name, a path that any folder finds, or a type."""
    if is_registered(source):
        return str(source)
    return in_memory(source) or str(Path(source).expanduser().resolve())


def as_recorded(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options as JSON values: paths that any folder finds, the type of what is in memory."""
    return {key: _recorded_option(value) for key, value in options.items()}


def _recorded_option(value: Any) -> Any:
    if isinstance(value, os.PathLike):
        return str(Path(value).expanduser().resolve())
    return plain(value) if _is_json(value) else f"in memory: {in_memory(value)}"


def _is_json(value: Any) -> bool:
    try:
        json.dumps(plain(value))
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def is_dataset(source: Any) -> bool:
    """Tell whether an object has splits, so that it can be trained and measured on as it is."""
    if isinstance(source, str | os.PathLike) or not callable(getattr(source, "split", None)):
        return False
    splits = getattr(source, "splits", None)
    return isinstance(splits, list | tuple | Mapping) and len(splits) > 0


def open_data(source: Any, options: Mapping[str, Any], reader: str | None) -> Any:
    """Return the dataset that is named or given, or what an architecture's reader makes of it.

    `source` is a registered dataset's name, a Dataset object, or else what the reader takes: the
    path of a file or folder, or anything in memory. `reader` is the architecture's, where it has
    one; it gets the options. Raises what `dataset` raises, and `BadInput` for a text that is
    neither a name nor a file, and for what cannot be read.
    """
    if is_registered(source):
        return dataset(source, **options)
    if is_dataset(source) and (reader is None or not options):
        if options:
            raise BadInput(
                f"The data are a {in_memory(source)}, which is split already and takes no options "
                f"({', '.join(options)}); leave them out."
            )
        return source
    if isinstance(source, str | os.PathLike):
        source = _path(source)
    if reader is None:
        what = in_memory(source) or repr(str(source))
        raise BadInput(
            f"This model has no reader for data of one's own, such as {what}; give a dataset's "
            "name (see `zoo list --datasets`), or an object with splits "
            "(zoo_core.interfaces.Dataset)."
        )
    return _read(source, options, reader)


def check_there(source: str) -> None:
    """Raise `BadInput` for a text that is neither a registered dataset's name nor a path."""
    if not is_registered(source):
        _path(source)


def _path(source: str | os.PathLike[str]) -> str | Path:
    """Return the path of what is there; raises `BadInput` for what is not."""
    path = Path(source).expanduser()
    try:
        if path.exists():
            return str(path) if isinstance(source, str) else path
        beside = [entry.name for entry in path.parent.iterdir()][:10_000]
    except (OSError, ValueError):  # too long for a name, or no folder
        beside = []
    told = str(source)[:200]
    near = [*registry().datasets.specs, *(str(path.parent / name) for name in beside)]
    raise BadInput(
        f"{told!r} is neither a file nor a dataset{closest(told, near)} See `zoo list --datasets`."
    )


def _read(source: Any, options: Mapping[str, Any], reader: str) -> Any:
    read = making.resolve(reader)
    what = in_memory(source) or str(source)
    making.check_options(read, options, f"the reader of {what}")
    try:
        found = read(source, **plain(dict(options)))
    except ZooError:
        raise
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        reason = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}".rstrip(".")
        raise BadInput(f"{what} cannot be read as data here ({reason}).") from error
    if not callable(getattr(found, "split", None)):
        raise PluginError(
            f"{reader} returned a {type(found).__name__}, which has no splits; see "
            "zoo_core.interfaces.Dataset."
        )
    return found


def split_names(data: Any, of: Any = None) -> tuple[str, ...]:
    """Return the names of a dataset's splits; raises `BadInput` for what has none.

    `of` is the registered dataset's name, whose spec lists the splits where the object does not.
    """
    names = getattr(data, "splits", None)
    if names is None and is_registered(of):
        names = registry().dataset(of).splits
    if not callable(getattr(data, "split", None)) or names is None:
        raise BadInput(f"{_called(data, of)} has no splits; see zoo_core.interfaces.Dataset.")
    return tuple(names)


def split(data: Any, name: str, *, of: str | None = None) -> Any:
    """Return the view of one split of a dataset; every name is checked here.

    `of` is the registered dataset's name, whose spec lists the splits where the object does not.
    Raises `BadInput` for a split that the data do not have.

    >>> graph = zoo.dataset("sbm-dense", fold=0)
    >>> zoo_core.split(graph, "val", of="sbm-dense").name
    'val'
    """
    names = split_names(data, of)
    if name not in names:
        raise BadInput(
            f"{_called(data, of)} has no split {name!r}{closest(name, names)} It has "
            f"{', '.join(names)}."
        )
    return data.split(name)


def _called(data: Any, of: Any) -> str:
    return of if isinstance(of, str) else type(data).__name__
