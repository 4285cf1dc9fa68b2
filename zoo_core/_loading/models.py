"""`load` and `create`: modules by name, from the folders that training writes, from the Hub."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo_core._loading import hub, making, model_config
from zoo_core._loading.bases import base_tensors
from zoo_core._loading.devices import device_of, supported_dtype
from zoo_core._loading.weights import (
    FILE,
    asset_path,
    check_bytes,
    check_numbers,
    locate,
    own_file,
    read_tensors,
)
from zoo_core._plain import plain_json
from zoo_core._registry.references import Reference, parse
from zoo_core._registry.registry import registry
from zoo_core._registry.specs import Architecture, Base, Model
from zoo_core.errors import BadInput, PluginError, UnknownName

if TYPE_CHECKING:
    import torch

PATH_STARTS = ("./", "../", "/", "~")


@dataclass(frozen=True)
class Source:
    """Where a module comes from; `load` leaves it with the module as `zoo_source`.

    `label` is the model's name, its folder or its repository; `dataset` and `options` are what it
    was trained on (None for data that were in memory, whose type is then `in_memory`); `inputs`
    what its inputs need (size, mean, std, …); `assets` the files beside the weights with their
    hashes, found by `asset`; `base` the tensors that lie elsewhere.
    """

    label: str
    architecture: Architecture
    shape: Mapping[str, Any]
    path: Path
    sha256: str | None
    dataset: str | None
    options: Mapping[str, Any]
    in_memory: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    assets: Mapping[str, str] = field(default_factory=dict)
    base: Sequence[Base] = ()
    asset: Callable[[str], Path] | None = None


def load(
    name: str | os.PathLike[str],
    *,
    weights: str | os.PathLike[str] | None = None,
    device: str | int | torch.device | None = None,
    dtype: str | torch.dtype | None = None,
    verify: bool = True,
    **shape: Any,
) -> torch.nn.Module:
    """Return a pretrained module in eval mode.

    `name` is a registered model; or the path of a folder that ``zoo train`` wrote: a `Path`, or a
    text that starts with ``./``, ``../``, ``/`` or ``~``; or ``owner/name`` or
    ``owner/name@revision``, a repository of the Hub whose architecture an installed plugin has: no
    code is taken from it. `weights` is a safetensors file to use instead of the plugin's or the
    Hub's. `verify=False` skips the checks of the bytes: the SHA-256 of files whose hash is known,
    and that no weight is NaN. Further keywords
    change the shape for a new task (``num_classes=5``): the tensors of the architecture's head
    that no longer fit are then left as they are initialised. Loading is deterministic (a replaced
    head draws from a fixed seed) and leaves the global random state untouched.

    Raises `UnknownName`, `BadInput`, `WeightsError` (missing, corrupted, or of other shapes; its
    kind `HubError` when the Hub refuses or cannot be reached), and `PluginError` when the code
    cannot be imported.

    `device` is where the tensors are put (default: the CPU), `dtype` their floating type, one of
    those that the architecture declares (default: float32).

    >>> model = zoo.load("powerembed-sbm-dense")
    >>> model.training
    False
    """
    shape = plain_json(shape)
    # Torch is imported after the checks: whatever is wrong with the file is then told at once.
    source = _source(name, weights)
    if weights is not None:
        source = replace(source, sha256=None)  # the user's own file has no hash that is known
    if verify and source.sha256:
        check_bytes(source.path, source.sha256)
    place = device_of(device)
    kind = supported_dtype(dtype, source.architecture, source.label)
    state = read_tensors(source.path)
    if verify:
        check_numbers(state, source.path)
    for base in source.base:
        state |= base_tensors(base, load)
    fresh = _head(source, shape) if shape else ()
    module = making.assemble(
        source.architecture, {**source.shape, **shape}, state, source.label, fresh=fresh
    )
    vars(module)["zoo_source"] = source
    _give_assets(module, source)
    return module if place is None and kind is None else module.to(device=place, dtype=kind)


def _head(source: Source, shape: Mapping[str, Any]) -> Sequence[str]:
    if not source.architecture.head:
        raise BadInput(
            f"{source.label} has no head to replace, so its shape cannot be changed "
            f"({', '.join(shape)}); use zoo.create({source.architecture.name!r}) for an untrained "
            "module."
        )
    return source.architecture.head


def _give_assets(module: torch.nn.Module, source: Source) -> None:
    if not source.assets or source.asset is None:
        return
    found = {}
    for name, sha256 in source.assets.items():
        path = source.asset(name)
        if not path.is_file():
            raise BadInput(f"There is no {path}, which belongs to {source.label}; get it again.")
        check_bytes(path, sha256)
        found[name] = path.read_bytes()
    use: Any = getattr(module, "use_assets", None)
    if use is None:
        raise PluginError(f"{source.label} has assets, and its module no use_assets to take them.")
    use(found)


def assets_of(module: torch.nn.Module) -> dict[str, bytes]:
    """Return what must travel beside a module's weights, by file name."""
    give: Any = getattr(module, "assets", None)
    found: dict[str, bytes] = dict(give()) if callable(give) else {}
    if not model_config.are_assets(dict.fromkeys(found, "0" * 64)):
        raise PluginError(f"{', '.join(found)} are not all plain file names; rename the assets.")
    return found


def _source(name: str | os.PathLike[str], path: str | os.PathLike[str] | None) -> Source:
    text = os.fspath(name)
    if isinstance(name, Path) or text.startswith(PATH_STARTS):
        return _folder_source(Path(text).expanduser(), path)
    reference = parse(text)
    if reference is not None and not Path(text).is_dir():
        return _repository_source(reference, path)
    spec = spec_of(text)
    lock = registry().lock(spec) or {}
    file = locate(spec, path)
    return Source(
        label=spec.name,
        architecture=registry().architecture(spec.architecture),
        shape=shape_of(spec),
        path=file,
        sha256=lock.get("sha256"),
        dataset=spec.dataset,
        options=spec.options,
        inputs=lock.get("inputs", spec.inputs),
        assets=lock.get("assets", {}),
        base=bases_of(spec.name),
        asset=functools.partial(asset_path, spec),
    )


def spec_of(name: str) -> Model:
    """Return a registered model's spec; raises `UnknownName`, which knows what else was meant."""
    try:
        return registry().model(name)
    except UnknownName as error:
        if "/" in name or Path(name).is_dir():
            raise UnknownName(
                f"{error} A folder that `zoo train` wrote is loaded as './{name}', a repository of "
                "the Hub as 'owner/name@revision'."
            ) from error
        if name in registry().architectures:
            raise UnknownName(
                f"{name!r} is an architecture, not a pretrained model; use zoo.create({name!r}), "
                f"or one of the models that have it: {', '.join(_with(name)) or 'none'}."
            ) from error
        raise


def _with(architecture: str) -> list[str]:
    return [spec.name for spec in registry().models if spec.architecture == architecture]


def _folder_source(folder: Path, path: str | os.PathLike[str] | None) -> Source:
    stored = model_config.read(folder / model_config.FILE, place=str(folder))
    file = own_file(path) if path is not None else folder / FILE
    if not file.is_file():
        raise BadInput(f"There is no weights file {file}; train again, or give weights=PATH.")
    return _stored_source(str(folder), stored, file, (folder / model_config.ASSETS).joinpath)


def _repository_source(reference: Reference, path: str | os.PathLike[str] | None) -> Source:
    commit = hub.commit_of(reference)
    label = f"{reference.repo}@{commit[:12]}"
    stored = model_config.read(
        hub.fetch(reference.repo, model_config.FILE, commit), place=str(reference)
    )
    hub.remember(reference.repo)
    _ = registry().architecture(stored.architecture)  # before the weights are downloaded
    file = own_file(path) if path is not None else hub.fetch(reference.repo, FILE, commit)
    asset = functools.partial(_fetch_asset, reference.repo, commit)
    return _stored_source(label, stored, file, asset)


def _fetch_asset(repo: str, commit: str, name: str) -> Path:
    return hub.fetch(repo, f"{model_config.ASSETS}/{name}", commit)


def _stored_source(
    label: str, stored: model_config.ModelConfig, file: Path, asset: Callable[[str], Path]
) -> Source:
    return Source(
        label=label,
        architecture=registry().architecture(stored.architecture),
        shape=stored.shape,
        path=file,
        sha256=stored.sha256,
        dataset=stored.dataset,
        options=stored.options,
        in_memory=stored.in_memory,
        inputs=stored.inputs,
        assets=stored.assets,
        base=bases_of(stored.base) if stored.base else (),
        asset=asset,
    )


def create(name: str, **shape: Any) -> torch.nn.Module:
    """Return an untrained module of an architecture, or with the shape of a registered model.

    Raises `UnknownName` for an unknown name and `BadInput` for an option it does not take.

    >>> module = zoo.create("gcn", in_features=5, num_classes=2)
    >>> sum(parameter.numel() for parameter in module.parameters())
    514
    """
    known = registry()
    if name in known.models:
        spec = known.model(name)
        architecture, usual = known.architecture(spec.architecture), shape_of(spec)
    else:
        architecture = known.architecture(name)
        usual = architecture.shape
    return making.construct(architecture, {**usual, **shape}, name)


def shape_of(spec: Model) -> Mapping[str, Any]:
    """Return a model's constructor arguments: those of its weights, or what its specs have."""
    lock = registry().lock(spec)
    if lock is not None:
        found: Mapping[str, Any] = lock["shape"]
        return found
    return {**registry().architecture(spec.architecture).shape, **spec.shape}


def bases_of(name: str) -> Sequence[Base]:
    """Return the frozen tensors of a model, or of an architecture, that its file does not hold."""
    known = registry()
    if name not in known.models:
        return known.architecture(name).base
    spec = known.model(name)
    return spec.base or known.architecture(spec.architecture).base


def inputs_of(module: torch.nn.Module) -> Mapping[str, Any]:
    """Return what a loaded module's inputs need to become tensors: size, mean, std, units.

    Empty where nothing travels with the weights.

    `module` is one that `zoo.load` returned. Raises nothing.

    >>> dict(zoo_core.inputs_of(torch.nn.Linear(2, 1)))
    {}
    """
    source: Source | None = vars(module).get("zoo_source")
    return source.inputs if source else {}
