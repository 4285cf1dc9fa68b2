"""Weights into a plugin's package: the file, its entry in the lock file, its predictions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo_core._disk import check_writable, one_writer, sha256_of, whole_file, write_json
from zoo_core._loading import bases, files, making
from zoo_core._loading.models import assets_of, bases_of, load
from zoo_core._loading.weights import counts_of, embedded_path, successor, write_tensors
from zoo_core._measuring import calling
from zoo_core._registry.registry import Plugin, registry
from zoo_core._registry.results import store_predictions
from zoo_core._registry.specs import Model
from zoo_core.errors import BadInput, PluginError

if TYPE_CHECKING:
    import torch

PREDICTIONS = 32
TOLERANCE = 1e-4
"""Stored predictions hold to this, relative to the largest: float32 sums in another order and
another processor's vector units differ by less; an error of a new dependency rarely does."""


def folder_of(spec: Model) -> Path:
    """Return the folder that a model's weights are embedded in."""
    return embedded_path(registry().owner(spec), spec.name).parent


def import_weights(name: str) -> torch.nn.Module:
    """Convert a model's upstream files (`Model.source`) and embed what comes of them.

    Raises `BadInput` for a model that states no source, `DataError` when a file cannot be had or
    has another hash, `PluginError` when the converter returns what `make` did not make.
    """
    spec = registry().model(name)
    if spec.convert is None:
        raise BadInput(
            f"{name} has no upstream source to import; train it with `zoo train {name} --embed`."
        )
    architecture = registry().architecture(spec.architecture)
    usual = {**architecture.shape, **spec.shape}
    made: list[torch.nn.Module] = []

    def make(**shape: Any) -> torch.nn.Module:
        made.append(making.construct(architecture, {**usual, **shape}, name))
        return made[-1]

    check_writable(folder_of(spec))
    paths: Sequence[Path] = [files.fetch(file) for file in spec.source]
    import torch

    # What a converter leaves as it was initialised is the same each time.
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        module = making.resolve(spec.convert)(paths, make)
    if not any(module is one for one in made):
        raise PluginError(f"{spec.convert} returned what its `make` did not make.")
    making.check_can_be_made_again(architecture, module)
    embed(spec, module.eval())
    return load(name)


def embed(spec: Model, module: torch.nn.Module) -> None:
    """Put weights into the plugin's package, with hash, size, shape, assets and predictions."""
    plugin: Plugin = registry().owner(spec)
    path = embedded_path(plugin, spec.name)
    # New files stand beside the old ones until the lock file names them: whenever the process is
    # killed, what is left can be loaded.
    coming = successor(path)
    write_tensors(module, coming, spec.storage, bases.prefixes(bases_of(spec.name)))
    places, hashes = [path], {}
    for name, content in assets_of(module).items():
        places.append(path.with_suffix("") / name)
        with whole_file(successor(places[-1])) as part:
            part.write_bytes(content)
        hashes[name] = sha256_of(successor(places[-1]))
    entry = {
        "sha256": sha256_of(coming),
        "size": coming.stat().st_size,
        **counts_of(module),
        "shape": dict(making.made_of(module).shape),
        **({"inputs": dict(spec.inputs)} if spec.inputs else {}),
        **({"assets": hashes} if hashes else {}),
        # New weights are not what the Hub has; where they go when they are published stays.
        "repo": plugin.read_lock().get(spec.name, {}).get("repo"),
        "revision": None,
    }
    lock_file = path.with_name("lock.json")
    with one_writer(lock_file):
        plugin.lock.update({**plugin.read_lock(), spec.name: entry})
        write_json(lock_file, dict(sorted(plugin.lock.items())))
    for place in places:
        successor(place).replace(place)
    store_predictions(spec.name, {"values": fixed_outputs(spec.name), "tolerance": TOLERANCE})


def fixed_outputs(name: str) -> list[float]:
    """Return a few dozen of a model's outputs on its fixed example input."""
    import torch

    from zoo_core._measuring.comparing import leaves

    module = load(name)
    with calling.undisturbed(module):
        # torch types a module's attributes as tensors or modules, never as methods.
        outputs = module(*module.example_inputs(0))  # type: ignore[operator]
    flat = torch.cat([tensor.double().flatten() for tensor in leaves(outputs)])
    chosen = torch.linspace(0, flat.numel() - 1, min(PREDICTIONS, flat.numel())).long()
    return [float(f"{value:.7g}") for value in flat[chosen].tolist()]
