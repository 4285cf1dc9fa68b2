"""`train`: a recipe run on a dataset, and what it leaves behind."""

from __future__ import annotations

import contextlib
import functools
import inspect
import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo_core._authoring import embedding, leaving
from zoo_core._disk import check_writable
from zoo_core._loading import bases, making, model_config
from zoo_core._loading.devices import check_autocast, device_of, name_of, supported_dtype
from zoo_core._loading.models import bases_of, load
from zoo_core._loading.weights import read_tensors
from zoo_core._measuring import evaluation, opening
from zoo_core._notices import strictly
from zoo_core._plain import plain, plain_json
from zoo_core._publishing import run_cards
from zoo_core._registry.registry import registry
from zoo_core._registry.specs import Architecture, Model, Start
from zoo_core.errors import BadInput, PluginError, closest
from zoo_core.interfaces import Run

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What is trained: an architecture with its shape and recipe, on data with their options.

    `data` is what `zoo_core._measuring.opening.open_data` takes. `origin` is the registered model
    that it is a variant of, whose base and inputs it keeps; `model` is set where it is that model's
    own recipe, unchanged. `dtype` is the type that autocast computes in, with weights in float32.
    """

    label: str
    architecture: Architecture
    shape: Mapping[str, Any]
    recipe: Mapping[str, Any]
    data: Any
    options: Mapping[str, Any] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)
    start: Start | None = None
    storage: str = "float32"
    origin: Model | None = None
    model: Model | None = None
    dtype: torch.dtype | None = None

    @classmethod
    def named(
        cls,
        name: str,
        data: Any = None,
        config: Mapping[str, Any] | None = None,
        options: Mapping[str, Any] | None = None,
        given: Mapping[str, str] | None = None,
        start: Start | None = None,
    ) -> Recipe:
        """Return the recipe of a registered model, or of an architecture on the given data.

        `config` updates shape and recipe, each name where it belongs; raises `BadInput` for a name
        that is in neither.
        """
        known = registry()
        config, options, given = plain_json(config or {}), plain(dict(options or {})), given or {}
        if name in known.models or name not in known.architectures:
            spec = known.model(name)
            architecture = known.architecture(spec.architecture)
            shape, recipe = sorted_out(
                architecture,
                {**architecture.shape, **spec.shape},
                {**architecture.recipe, **spec.recipe},
                config,
            )
            own = data is None or (isinstance(data, str) and data == spec.dataset)
            changed = bool(config or options or given or start)
            return cls(
                label=name,
                architecture=architecture,
                shape=shape,
                recipe=recipe,
                data=spec.dataset if data is None else data,
                options={**spec.options, **options} if own else options,
                given={**spec.given, **given},
                start=start or spec.start,
                storage=spec.storage,
                origin=spec,
                model=spec if own and not changed else None,
            )
        architecture = known.architecture(name)
        data = architecture.dataset if data is None else data
        if data is None:
            raise BadInput(
                f"{name} is an architecture; say what to train it on (--dataset NAME|FILE)."
            )
        shape, recipe = sorted_out(architecture, architecture.shape, architecture.recipe, config)
        return cls(
            label=name,
            architecture=architecture,
            shape=shape,
            recipe=recipe,
            data=data,
            options=options,
            given=given,
            start=start,
        )

    def load_data(self, options: Mapping[str, Any] | None = None) -> Any:
        """Return the data, opened with the recipe's options or those given."""
        chosen = self.options if options is None else options
        return opening.open_data(self.data, chosen, self.architecture.reader)

    @property
    def metrics(self) -> Sequence[str]:
        """The names of the metrics that what is trained is measured by."""
        return evaluation.usual_metrics(self.origin, self.architecture)

    def run_for(
        self, data: Any, seed: int, *, device: Any = None, folder: Path | None = None
    ) -> Run:
        """Return what the recipe gets for one run."""
        given = {
            name: load(source, device=device).requires_grad_(False)
            for name, source in self.given.items()
        }
        place = device_of(device)
        return Run(
            data=data,
            seed=seed,
            make=_Maker(self, seed, place),
            shape=self.shape,
            recipe=self.recipe,
            given=given,
            started=self.start is not None,
            device=place,
            folder=folder,
        )

    def _autocast(self, runs: Sequence[Run]) -> contextlib.AbstractContextManager[Any]:
        import torch

        if self.dtype is None:
            return contextlib.nullcontext()
        place = runs[0].device if runs else None
        return torch.autocast(place.type if place else "cpu", dtype=self.dtype)

    def train(self, runs: Sequence[Run]) -> list[torch.nn.Module]:
        """Train the module of each run; where the recipe batches runs, in one call.

        Raises `BadInput` for what the recipe refuses, `PluginError` for a module that could not be
        made again. The global random state is left as it was.
        """
        import torch

        if self.architecture.train is None:
            raise BadInput(f"{self.architecture.name} has no training recipe; use zoo.create.")
        trainer = making.resolve(self.architecture.train)
        refused = (TypeError, ValueError, *([RuntimeError] if self.dtype is not None else []))
        with torch.random.fork_rng(), self._autocast(runs):
            check_autocast(self.architecture, runs[0].device if runs else None)
            try:
                if self.architecture.batches_runs:
                    modules = list(trainer(runs, progress()))
                else:
                    modules = [trainer(run, progress()) for run in runs]
            except refused as error:
                within = f" in {name_of(self.dtype)}" if self.dtype is not None else ""
                raise BadInput(f"{self.label} cannot be trained so{within}: {error}") from error
        if len(modules) != len(runs):
            raise PluginError(
                f"The recipe of {self.label} returned {len(modules)} modules for {len(runs)} runs."
            )
        for module, run in zip(modules, runs, strict=True):
            self._check(module, run)
        return [module.eval() for module in modules]

    def _check(self, module: Any, run: Run) -> None:
        maker: Any = run.make
        if not any(module is made for made in maker.made):
            raise PluginError(
                f"The recipe of {self.label} returned a {type(module).__name__} that run.make did "
                "not make; build modules with run.make(**shape) alone."
            )
        making.check_can_be_made_again(self.architecture, module)


class _Maker:
    """`zoo_core.interfaces.Make` for one run."""

    def __init__(self, recipe: Recipe, seed: int, device: torch.device | None) -> None:
        self.recipe, self.seed, self.device = recipe, seed, device
        self.made: list[torch.nn.Module] = []

    def __call__(self, **shape: Any) -> torch.nn.Module:
        import torch

        recipe = self.recipe
        torch.manual_seed(self.seed)
        module = making.construct(
            recipe.architecture, {**recipe.shape, **shape}, recipe.architecture.name
        )
        if recipe.start is not None:
            _begin(module, recipe.start, recipe.architecture)
        frozen = recipe_bases(recipe)
        for base in frozen:
            state = bases.base_tensors(base, load)
            making.fill(module, state, recipe.label, [*_others(module, base.prefix)])
        bases.freeze(module, frozen)
        if self.device is not None:
            module = module.to(self.device)
        self.made.append(module)
        return module


def recipe_bases(recipe: Recipe) -> Sequence[Any]:
    """Return the frozen tensors of what a recipe trains."""
    return bases_of(recipe.origin.name) if recipe.origin else recipe.architecture.base


def _others(module: torch.nn.Module, prefix: str) -> list[str]:
    """Return the names of a module's tensors outside of a prefix."""
    return [name for name in module.state_dict() if not name.startswith(prefix)]


def _begin(module: torch.nn.Module, start: Start, architecture: Architecture) -> None:
    """Give a module the tensors that its training starts from."""
    path = Path(start.source).expanduser()
    if path.suffix == ".safetensors" and path.is_file():
        state: Mapping[str, Any] = read_tensors(path)
    else:
        state = load(start.source).state_dict()

    def renamed(name: str) -> str:
        for old, new in start.prefixes.items():
            if name.startswith(old):
                return new + name.removeprefix(old)
        return name

    mapped = {renamed(name): tensor for name, tensor in state.items()}
    making.fill(module, mapped, f"a training that starts from {start.source}", start.fresh)


def sorted_out(
    architecture: Architecture,
    shape: Mapping[str, Any],
    recipe: Mapping[str, Any],
    config: Mapping[str, Any],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return shape and recipe, each updated by what belongs to it."""
    shape, recipe = dict(shape), dict(recipe)
    parameters = inspect.signature(making.resolve(architecture.cls)).parameters.values()
    taken = {p.name for p in parameters if p.kind is not inspect.Parameter.VAR_KEYWORD}
    anything = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters)
    known = sorted({*shape, *recipe, *taken})
    for name, value in config.items():
        if name in recipe:
            recipe[name] = value
        elif name in shape or name in taken or anything:
            shape[name] = value
        else:
            raise BadInput(
                f"{architecture.name} has no hyperparameter {name!r}{closest(name, known)} "
                f"It takes {', '.join(known)}."
            )
    return shape, recipe


def train_nothing(run: Run, progress: Callable[..., Any]) -> torch.nn.Module:
    """Return the run's module as it is made: the recipe of a pure algorithm.

    `run` is what every recipe gets; of `progress` there is none to tell. Raises what the
    constructor raises.

    >>> run = zoo_core.Run(data=None, seed=0, make=lambda **shape: torch.nn.Identity())
    >>> zoo_core.train_nothing(run, print)
    Identity()
    """
    module: torch.nn.Module = run.make()
    return module


def progress() -> Callable[..., Any]:
    """Return `tqdm.tqdm`, silent unless standard error is a terminal."""
    from tqdm import tqdm

    return functools.partial(tqdm, disable=not sys.stderr.isatty(), leave=False)


def train(
    name: str,
    dataset: Any = None,
    *,
    out: str | os.PathLike[str] | None = None,
    seed: int = 0,
    config: Mapping[str, Any] | None = None,
    embed: bool = False,
    force: bool = False,
    options: Mapping[str, Any] | None = None,
    given: Mapping[str, str] | None = None,
    start: str | Start | None = None,
    device: str | int | torch.device | None = None,
    dtype: str | torch.dtype | None = None,
    strict: bool = False,
    seeds: Sequence[int] | None = None,
    jobs: int | None = None,
    cluster: str | None = None,
    executor: Executor | None = None,
    again: bool = False,
    **more: Any,
) -> Any:
    """Train a model's recipe again, or an architecture on a dataset or the user's own data.

    `dataset` is one of these (default: the model's or the architecture's own):

    =====================  ===========================================================
    a dataset's name       "cora"; `options` are the dataset's (a fold, say)
    a file or folder       "mine.npz", ``Path("folder")``, read by the architecture's reader;
                           `options` are the reader's
    a Dataset object       what `zoo.dataset` returns, or any object with splits
    anything in memory     networkx and PyG graphs, ``(edges, features)``, arrays, data frames,
                           lists of graphs, as the architecture's reader takes them
    =====================  ===========================================================

    Writes ``model.safetensors`` and ``config.json`` to the folder `out` (default
    ``runs/NAME-DATASET``), which `zoo.load` takes; beside them what is measured then
    (``results.json``), and a card (``README.md``, whose hand-written part is never lost). That the
    folder can be written is checked first. Data in memory are not kept: the config says what they
    were. `config` are hyperparameters of shape and recipe. Options whose names are no argument's
    here may be keywords. `strict` makes an error of everything that would be dropped, merged or
    filled in with a notice (`zoo_core.Notice`).
    `given` names the models that the recipe gets (``{"teacher": NAME}``). `start` is what training
    starts from: a model's name, a folder, a file, or a `zoo_core.Start` that maps names and
    replaces the head (the head of the architecture is replaced anyway where it does not fit).
    `embed` puts a registered model's weights into its plugin instead, with their hash in its lock
    file and its stored predictions. A folder that has a model already is refused unless `force`. A
    recipe that keeps its state does so in ``OUT/state``: interrupted and called again alike, it
    goes on there.

    `seed` is that of the run, and `device` where it runs; `more` are such options. With `dtype`
    "bfloat16", where the architecture declares it, autocast is on around the recipe, and weights
    stay in float32. Returns the trained module in eval mode. Raises `UnknownName`, `BadInput`, and
    `DataError` for data that cannot be had.

    With `seeds` there are several trainings, each in a folder of its own (``OUT-seed0``), and a
    list of modules is returned. They are run here one after the other, or in `jobs` processes, on
    the Dask scheduler at the address `cluster`, or through `executor`, any
    `concurrent.futures.Executor`. One that is in its folder as the same code left it is not run
    again, unless `again`.

    >>> module = zoo.train("node-mlp", "sbm-dense", out="mine", config={"epochs": 1})
    >>> zoo.load(Path("mine")).state_dict().keys() == module.state_dict().keys()
    True
    """
    elsewhere = {"jobs": jobs, "cluster": cluster, "executor": executor}
    if seeds is not None or again or any(one is not None for one in elsewhere.values()):
        from zoo_core._authoring.seeds import train_each  # late: it trains with what is here

        if seed or seeds is None:
            raise BadInput("Several trainings have several seeds; give seeds=[0, 1, 2] alone.")
        how: dict[str, Any] = {"out": out, "config": config, "embed": embed, "force": force}
        how |= {"given": given, "start": start, "device": device, "dtype": dtype, "strict": strict}
        how |= {"options": {**(options or {}), **more}}
        return train_each(name, dataset, seeds, elsewhere, again=again, **how)
    seed, begin = whole_seed(seed), _start(name, start)
    recipe = Recipe.named(name, dataset, config, {**(options or {}), **more}, given, begin)
    recipe = replace(recipe, dtype=_training_dtype(dtype, recipe.architecture))
    if recipe.model is not None and recipe.model.convert is not None:
        raise BadInput(
            f"The weights of {name} are not trained but converted; run `zoo import {name}`, or "
            "give other data or hyperparameters to train a module of its architecture."
        )
    if embed and (recipe.model is None or seed != 0 or recipe.dtype is not None):
        raise BadInput("Only a registered model's own recipe, with seed 0, can be embedded.")
    folder = Path(out).expanduser() if out is not None else default_folder(recipe)
    if not embed and (folder / model_config.FILE).exists() and not force:
        raise BadInput(f"{folder} has a trained model already; choose another --out, or --force.")
    if not embed:
        run_cards.check_page(folder)
    started = time.perf_counter()
    state = folder / "state"
    with strictly() if strict else contextlib.nullcontext():
        data = recipe.load_data()
        check_writable(embedding.folder_of(recipe.model) if embed and recipe.model else folder)
        run = recipe.run_for(data, seed, device=device, folder=state)
        module = recipe.train([run])[0].to("cpu")
    bases.check_unchanged(module, recipe_bases(recipe), load)
    if embed and recipe.model is not None:
        embedding.embed(recipe.model, module)
        place: str | Path = name
    else:
        seconds = time.perf_counter() - started
        leaving.write(recipe, recipe_bases(recipe), module, folder, run, seconds)
        place = folder
    shutil.rmtree(state, ignore_errors=True)
    if embed:
        with contextlib.suppress(OSError):
            folder.rmdir()
    return load(place, device=device)


def _training_dtype(
    dtype: str | torch.dtype | None, architecture: Architecture
) -> torch.dtype | None:
    """Return the type of autocast, None for float32; raises `BadInput` for what cannot be."""
    found = supported_dtype(dtype, architecture, architecture.name)
    if found is None or name_of(found) == "float32":
        return None
    if name_of(found) != "bfloat16":
        raise BadInput(
            f"Recipes do not train in {name_of(found)} (their data are in float32, and their loss "
            "is not scaled); leave dtype out, or use bfloat16 where it is declared."
        )
    return found


def whole_seed(seed: Any) -> int:
    """Return a seed as Python's number; raises `BadInput` for what is none."""
    whole = plain(seed)
    if not isinstance(whole, int) or isinstance(whole, bool) or whole < 0:
        raise BadInput(f"seed={seed!r} is no seed; expected a whole number from 0.")
    return whole


def default_folder(recipe: Recipe) -> Path:
    """Return the folder that a training writes to by default."""
    if recipe.model is not None:
        return Path("runs") / recipe.label
    kind = opening.in_memory(recipe.data).rpartition(".")[2].lower()
    return Path("runs") / f"{recipe.label}-{kind or Path(recipe.data).stem[:100]}"


def _start(name: str, start: str | Start | None) -> Start | None:
    """Return what a training starts from; the architecture's head may be replaced."""
    known = registry()
    if start is None:
        return None
    owner = known.models.specs[name].architecture if name in known.models else name
    head = tuple(known.architecture(owner).head)
    given = Start(source=start) if isinstance(start, str) else start
    return replace(given, fresh=(*given.fresh, *head))
