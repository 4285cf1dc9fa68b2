"""`load` and `create`: modules by name, from the folders that training writes, from the Hub."""

from __future__ import annotations

import inspect
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo_core._loading import building, hub, model_config
from zoo_core._loading.weights import FILE, check_bytes, locate, read_tensors
from zoo_core._registry.references import Reference, parse
from zoo_core._registry.registry import registry
from zoo_core._registry.specs import Architecture, Model
from zoo_core.errors import BadInput, UnknownName

if TYPE_CHECKING:
    import torch

PATH_STARTS = ("./", "../", "/", "~")


@dataclass(frozen=True)
class Source:
    """Where a module comes from; `load` leaves it with the module as `zoo_source`.

    `label` is the model's name, its folder or its repository; `dataset` and `options` are what it
    was trained on.
    """

    label: str
    architecture: Architecture
    config: Mapping[str, Any]
    path: Path
    sha256: str | None
    dataset: str
    options: Mapping[str, Any]


def load(
    name: str | os.PathLike[str],
    *,
    weights: str | os.PathLike[str] | None = None,
    device: str | torch.device | None = None,
    dtype: torch.dtype | None = None,
    verify: bool = True,
) -> torch.nn.Module:
    """Return a pretrained module in eval mode.

    `name` is a registered model; or the path of a folder that ``zoo train`` wrote: a `Path`, or a
    text that starts with ``./``, ``../``, ``/`` or ``~``; or ``owner/name`` or
    ``owner/name@revision``, a repository of the Hub whose architecture an installed plugin has: no
    code is taken from it. `weights` is a safetensors file to use instead of the plugin's or the
    Hub's. `verify=False` skips the SHA-256, for a file that was
    checked already. Loading is deterministic and leaves the global random state untouched.

    Raises `UnknownName`, `BadInput`, `WeightsError` (missing, corrupted, or of other shapes; its
    kind `HubError` when the Hub refuses or cannot be reached), and `PluginError` when the code
    cannot be imported.
    """
    # Torch is imported after the checks: whatever is wrong with the file is then told at once.
    source = _source(name, weights)
    if verify and source.sha256:
        check_bytes(source.path, source.sha256)
    import torch

    cls = building.resolve(source.architecture.cls)
    module = building.assemble(cls, source.config, read_tensors(source.path), source.label)
    vars(module)["zoo_source"] = source
    if device is not None or dtype is not None:
        module = module.to(device=torch.device(device) if device else None, dtype=dtype)
    return module


def _source(name: str | os.PathLike[str], path: str | os.PathLike[str] | None) -> Source:
    text = os.fspath(name)
    if isinstance(name, Path) or text.startswith(PATH_STARTS):
        return _folder_source(Path(text).expanduser(), path)
    reference = parse(text)
    if reference is not None and not Path(text).is_dir():
        return _repository_source(reference, path)
    try:
        spec = registry().model(text)
    except UnknownName as error:
        if "/" in text or Path(text).is_dir():
            raise UnknownName(
                f"{error} A folder that `zoo train` wrote is loaded as './{text}', a repository of "
                "the Hub as 'owner/name@revision'."
            ) from error
        if text in registry().architectures:
            raise UnknownName(
                f"{text!r} is an architecture, not a pretrained model; use zoo.create({text!r}), "
                f"or one of the models that have it: {', '.join(_with(text)) or 'none'}."
            ) from error
        raise
    lock = registry().lock(spec)
    file = locate(spec, path)
    return Source(
        spec.name,
        registry().architecture(spec.architecture),
        constructor_config(spec),
        file,
        lock["sha256"] if lock else None,
        spec.dataset,
        spec.options,
    )


def _with(architecture: str) -> list[str]:
    return [spec.name for spec in registry().models if spec.architecture == architecture]


def _folder_source(folder: Path, path: str | os.PathLike[str] | None) -> Source:
    stored = model_config.read(folder / model_config.FILE, place=str(folder))
    file = Path(path) if path is not None else folder / FILE
    if not file.is_file():
        raise BadInput(f"There is no weights file {file}; train again, or give weights=PATH.")
    return _stored_source(str(folder), stored, file)


def _repository_source(reference: Reference, path: str | os.PathLike[str] | None) -> Source:
    commit = hub.commit_of(reference)
    label = f"{reference.repo}@{commit[:12]}"
    stored = model_config.read(
        hub.fetch(reference.repo, model_config.FILE, commit), place=str(reference)
    )
    _ = registry().architecture(stored.architecture)  # before the weights are downloaded
    file = Path(path) if path is not None else hub.fetch(reference.repo, FILE, commit)
    return _stored_source(label, stored, file)


def _stored_source(label: str, stored: model_config.ModelConfig, file: Path) -> Source:
    return Source(
        label,
        registry().architecture(stored.architecture),
        stored.config,
        file,
        stored.sha256,
        stored.dataset,
        stored.options,
    )


def create(name: str, **config: Any) -> torch.nn.Module:
    """Return an untrained module of an architecture, or with the config of a registered model.

    Raises `UnknownName` for an unknown name and `BadInput` for an option it does not take.
    """
    known = registry()
    if name in known.models:
        spec = known.model(name)
        architecture = known.architecture(spec.architecture)
        base = constructor_config(spec)
    else:
        architecture = known.architecture(name)
        base = constructor_part(architecture, architecture.config)
    return building.construct(building.resolve(architecture.cls), {**base, **config}, name)


def constructor_config(spec: Model) -> Mapping[str, Any]:
    """Return a model's constructor arguments: those of its weights, or what its spec has."""
    known = registry()
    lock = known.lock(spec)
    if lock is not None:
        found: Mapping[str, Any] = lock["config"]
        return found
    return constructor_part(known.architecture(spec.architecture), full_config(spec))


def full_config(spec: Model) -> dict[str, Any]:
    """Return the hyperparameters of a model: its architecture's, updated by its own."""
    return {**registry().architecture(spec.architecture).config, **spec.config}


def constructor_part(architecture: Architecture, config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of the hyperparameters that the constructor takes (not the recipe's)."""
    known = inspect.signature(building.resolve(architecture.cls)).parameters
    return {key: value for key, value in config.items() if key in known}
