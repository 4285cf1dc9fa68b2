"""`train` and the protocol: recipes run on a dataset, and what they leave behind."""

from __future__ import annotations

import contextlib
import functools
import inspect
import itertools
import json
import shlex
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo_core._disk import sha256_of, whole_file, write_json
from zoo_core._loading import building, model_config
from zoo_core._loading.models import full_config, load
from zoo_core._loading.weights import FILE, embedded_path, write_tensors
from zoo_core._measuring import evaluation
from zoo_core._registry.registry import Plugin, registry
from zoo_core._registry.results import Result, provenance, store_predictions
from zoo_core._registry.specs import Architecture, Model
from zoo_core.errors import BadInput, closest
from zoo_core.interfaces import Run

if TYPE_CHECKING:
    import torch

PREDICTIONS = 32
TOLERANCE = 1e-4
"""Stored predictions hold to this, relative to the largest: float32 sums in another order and
another processor's vector units differ by less; an error of a new dependency rarely does."""


@dataclass(frozen=True)
class Recipe:
    """What is trained: an architecture with its hyperparameters, on a dataset with its options."""

    label: str
    architecture: Architecture
    config: Mapping[str, Any]
    data: str
    options: Mapping[str, Any]
    storage: str
    model: Model | None = None

    @classmethod
    def named(
        cls,
        name: str,
        data: str | None,
        config: Mapping[str, Any],
        options: Mapping[str, Any],
    ) -> Recipe:
        """Return the recipe of a registered model, or of an architecture on the given data."""
        known = registry()
        if name in known.models or name not in known.architectures:
            spec = known.model(name)
            full = {**full_config(spec), **config}
            own = data in (None, spec.dataset)
            return cls(
                name,
                known.architecture(spec.architecture),
                full,
                data or spec.dataset,
                {**spec.options, **options} if own else options,
                spec.storage,
                spec if own and not config and not options else None,
            )
        architecture = known.architecture(name)
        data = data or architecture.dataset
        if data is None:
            raise BadInput(
                f"{name} is an architecture; say what to train it on (--dataset NAME|FILE)."
            )
        return cls(name, architecture, {**architecture.config, **config}, data, options, "float32")

    def load_data(self) -> Any:
        """Return the registered dataset, or what the architecture's reader makes of a file."""
        return evaluation.open_data(self.data, self.options, self.architecture.reader)

    def run(self, runs: Sequence[Run]) -> Sequence[torch.nn.Module]:
        """Train one module for each run; raises `BadInput` for unknown hyperparameters."""
        if self.architecture.train is None:
            raise BadInput(f"{self.architecture.name} has no training recipe; use zoo.create.")
        trainer = building.resolve(self.architecture.train)
        cls = building.resolve(self.architecture.cls)
        known = {*self.architecture.config, *inspect.signature(cls).parameters}
        for key in self.config:
            if key not in known:
                raise BadInput(
                    f"{self.architecture.name} has no hyperparameter {key!r}"
                    f"{closest(key, known)} It takes {', '.join(sorted(known))}."
                )
        try:
            modules: Sequence[torch.nn.Module] = trainer(runs, self.config, progress())
        except (TypeError, ValueError) as error:
            raise BadInput(f"{self.label} cannot be trained so: {error}") from error
        for module in modules:
            if not isinstance(module, cls):
                raise BadInput(f"The recipe of {self.label} returned a {type(module).__name__}.")
        return modules


def progress() -> Callable[..., Any]:
    """Return `tqdm.tqdm`, silent unless standard error is a terminal."""
    from tqdm import tqdm

    return functools.partial(tqdm, disable=not sys.stderr.isatty(), leave=False)


def train(
    name: str,
    dataset: str | None = None,
    *,
    out: str | Path | None = None,
    seed: int = 0,
    config: Mapping[str, Any] | None = None,
    embed: bool = False,
    force: bool = False,
    options: Mapping[str, Any] | None = None,
    **more: Any,
) -> torch.nn.Module:
    """Train a model's recipe again, or an architecture on a dataset or the user's own file.

    Writes ``model.safetensors`` and ``config.json`` to the folder `out` (default
    ``runs/NAME-DATASET``), which `zoo.load` takes. `config` are hyperparameters; `options` are the
    dataset's, and those whose names are no argument's here may be keywords. `embed` puts a
    registered model's weights into its plugin instead, with their hash in its lock file and its
    stored predictions. A folder that has a model already is refused unless `force`. A recipe that
    keeps its state does so in ``OUT/state``: interrupted and called again alike, it goes on there.
    """
    recipe = Recipe.named(name, dataset, config or {}, {**(options or {}), **more})
    if embed and (recipe.model is None or seed != 0):
        raise BadInput("Only a registered model's own recipe, with seed 0, can be embedded.")
    stem = recipe.data if recipe.data in registry().datasets else Path(recipe.data).stem
    folder = Path(out) if out else Path("runs") / (name if recipe.model else f"{name}-{stem}")
    if not embed and (folder / model_config.FILE).exists() and not force:
        raise BadInput(f"{folder} has a trained model already; choose another --out, or --force.")
    started = time.perf_counter()
    state = folder / "state"
    module = recipe.run([Run(data=recipe.load_data(), seed=seed, folder=state)])[0].eval()
    if embed and recipe.model is not None:
        _embed(recipe.model, module)
        place: str | Path = name
    else:
        _write(recipe, module, folder, seed, time.perf_counter() - started)
        place = folder
    shutil.rmtree(state, ignore_errors=True)
    if embed:
        with contextlib.suppress(OSError):
            folder.rmdir()
    return load(place)


def _write(
    recipe: Recipe, module: torch.nn.Module, folder: Path, seed: int, seconds: float
) -> None:
    """Write weights and config; the config last, so that a folder with one is whole."""
    words = ["zoo train", recipe.label]
    if recipe.model is None:
        words += ["--dataset", shlex.quote(recipe.data)]
        for flag, values in (("--set", recipe.config), ("--option", recipe.options)):
            words += [f"{flag} {shlex.quote(f'{k}={_as_text(v)}')}" for k, v in values.items()]
    write_tensors(module, folder / FILE, recipe.storage)
    data = recipe.data
    stored = model_config.ModelConfig(
        architecture=recipe.architecture.name,
        config=vars(module)["config"],
        sha256=sha256_of(folder / FILE),
        # A file is found again from any folder.
        dataset=data if data in registry().datasets else str(Path(data).resolve()),
        options=dict(recipe.options),
    )
    owner = registry().architectures.owners[recipe.architecture.name]
    command = " ".join([*words, f"--seed {seed}"])
    content = stored.as_bytes(
        seed=seed,
        hyperparameters=dict(recipe.config),
        **provenance(owner, seconds, command),
    )
    with whole_file(folder / model_config.FILE) as part:
        part.write_bytes(content)


def _as_text(value: Any) -> str:
    """Return what the shell reads back as this value."""
    return value if isinstance(value, str) else json.dumps(value)


def _embed(spec: Model, module: torch.nn.Module) -> None:
    """Put weights into the plugin's package, with hash, size, config and predictions."""
    plugin: Plugin = registry().owner(spec)
    path = embedded_path(plugin, spec.name)
    write_tensors(module, path, spec.storage)
    entry = {
        "sha256": sha256_of(path),
        "size": path.stat().st_size,
        "parameters": sum(parameter.numel() for parameter in module.parameters()),
        "config": module.config,
        # New weights are not what the Hub has; where they go when they are published stays.
        "repo": plugin.read_lock().get(spec.name, {}).get("repo"),
        "revision": None,
    }
    plugin.lock.update({**plugin.read_lock(), spec.name: entry})
    write_json(path.with_name("lock.json"), dict(sorted(plugin.lock.items())))
    store_predictions(spec.name, {"values": fixed_outputs(spec.name), "tolerance": TOLERANCE})


def fixed_outputs(name: str) -> list[float]:
    """Return a few dozen of a model's outputs on its fixed example input."""
    import torch

    from zoo_core._measuring.comparing import leaves

    module = load(name)
    with torch.no_grad():
        # torch types a module's attributes as tensors or modules, never as methods.
        outputs = module(*module.example_inputs(0))  # type: ignore[operator]
    flat = torch.cat([tensor.double().flatten() for tensor in leaves(outputs)])
    chosen = torch.linspace(0, flat.numel() - 1, min(PREDICTIONS, flat.numel())).long()
    return [float(f"{value:.7g}") for value in flat[chosen].tolist()]


def protocol(
    architecture: str,
    dataset: str,
    runs: Sequence[Mapping[str, Any]],
    config: Mapping[str, Any] | None = None,
    metric: str = "accuracy",
) -> list[float]:
    """Return the test metric of a recipe trained anew over runs: what a claim's check needs.

    `runs` are the dataset options of each; run i has seed i. Raises what `zoo.dataset` raises.
    """
    known = registry().architecture(architecture)
    full = {**known.config, **(config or {})}
    recipe = Recipe(architecture, known, full, dataset, {}, "float32")
    loaded = _load_runs(dataset, runs)
    modules = recipe.run(loaded)
    return evaluation.over_runs(modules, [run.data for run in loaded], [metric])[metric]


def _load_runs(dataset: str, runs: Sequence[Mapping[str, Any]]) -> list[Run]:
    return [
        Run(data=evaluation.dataset(dataset, **options), seed=seed)
        for seed, options in enumerate(runs)
    ]


def retrain(name: str, *, beside: bool = True) -> list[Result]:
    """Run a model's recipe over its protocol's runs, and the baselines beside it; measure all.

    Run i has the i-th of the spec's `runs` as dataset options, and seed i. Every method gets the
    same runs; selection inside a run is the recipe's, on its validation split.
    """
    spec = registry().model(name)
    if not spec.runs:
        raise BadInput(f"{name} states no protocol (its spec has no runs); use `zoo train {name}`.")
    runs = _load_runs(spec.dataset, spec.runs)
    recipes = {name: Recipe.named(name, None, {}, {})}
    for label, baseline in spec.beside.items() if beside else ():
        architecture = registry().architecture(baseline["architecture"])
        config = {**architecture.config, **baseline.get("config", {})}
        recipes[label] = Recipe(label, architecture, config, spec.dataset, {}, "float32")
    flag = "" if beside else " --alone"
    results = []
    for label, recipe in recipes.items():
        started = time.perf_counter()
        modules = recipe.run(runs)
        values = evaluation.over_runs(modules, [run.data for run in runs], spec.metrics)
        known = provenance(
            registry().owner(spec),
            time.perf_counter() - started,
            f"zoo evaluate {name} --retrain{flag}",
        )
        results += [
            Result(
                model=name,
                method=label,
                kind="retrained",
                dataset=spec.dataset,
                options=_shared(spec.runs),
                split="test",
                metric=metric,
                values=found,
                seeds=[run.seed for run in runs],
                config=dict(recipe.config),
                **known,
            )
            for metric, found in values.items()
        ]
    return results


def _shared(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return, for each option, its one value or the list of those that differ by run."""
    keys = dict.fromkeys(itertools.chain.from_iterable(runs))
    columns = {key: [run.get(key) for run in runs] for key in keys}
    return {k: v[0] if all(item == v[0] for item in v) else v for k, v in columns.items()}
