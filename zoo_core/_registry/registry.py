"""What is installed: reads the plugins, each on its own, and answers look-ups by name.

A plugin that fails is set aside with its error; a name that two plugins register belongs to
neither until one of them goes. Nothing here imports a plugin's heavy modules.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import re
import sys
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

import pluggy

from zoo_core._notices import Notice
from zoo_core._registry import hooks, metrics, references
from zoo_core._registry.commands import Command
from zoo_core._registry.discovery import Point, entry_points
from zoo_core._registry.kinds import KINDS, check_kind
from zoo_core._registry.names import natural
from zoo_core._registry.specs import API_LEVEL, Architecture, Dataset, Metric, Model, Paper
from zoo_core.errors import PluginError, SpecError, UnknownName, closest

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

Spec = TypeVar("Spec", Paper, Architecture, Model, Dataset, Metric, Path, Command)

HOOKS: Mapping[str, type] = {
    "zoo_papers": Paper,
    "zoo_architectures": Architecture,
    "zoo_models": Model,
    "zoo_datasets": Dataset,
    "zoo_metrics": Metric,
    "zoo_kinds": Path,
    "zoo_commands": Command,
}
OF_LEVEL_1 = (
    "its author sets ZOO_API = 2, splits each `config` into `shape` and `recipe`, lets recipes "
    "take `run` and `progress` and get modules from `run.make`, yields named `outputs` of a split, "
    "gives each claim `bounds`, and runs `zoo migrate` on its lock file"
)
CATALOGUE = Path(__file__).with_name("catalogue.json")


@dataclass
class Plugin:
    """One entry point of the group ``zoo``: where it is from, what it brought, why it failed."""

    name: str
    point: Point | EntryPoint | None = None
    module: ModuleType | None = None
    specs: dict[str, list[Any]] = field(default_factory=dict)
    error: str | None = None
    trace: str = ""

    @functools.cached_property
    def distribution(self) -> str:
        """The name of the installed distribution (read late: parsing metadata is slow)."""
        return str(self._metadata("name") or f"the distribution of plugin {self.name}")

    @functools.cached_property
    def version(self) -> str:
        """The version of the installed distribution."""
        return str(self._metadata("version") or "?")

    @functools.cached_property
    def requires(self) -> list[str]:
        """What the installed distribution requires."""
        return list(self._metadata("requires") or ())

    @functools.cached_property
    def urls(self) -> list[str]:
        """The addresses that the installed distribution gives, each as ``label, address``."""
        told = self._metadata("metadata")
        return list(told.get_all("Project-URL") or ()) if told else []

    def _metadata(self, field: str) -> Any:
        """Return a field of the distribution's metadata; None where they cannot be read."""
        from importlib.metadata import distribution

        try:
            return getattr((self.point and self.point.dist) or distribution("zoo-core"), field)
        except Exception:  # a file of somebody else's: whatever is in it
            return None

    @functools.cached_property
    def folder(self) -> Path:
        """The folder of the plugin's package, where its weights and results are."""
        if self.module is None or self.module.__file__ is None:
            raise PluginError(f"Plugin {self.name!r} has no files of its own.")
        return Path(self.module.__file__).parent

    @functools.cached_property
    def results(self) -> Path:
        """The folder with what was measured of the plugin's models and claims."""
        return self.folder / "results"

    @functools.cached_property
    def lock(self) -> dict[str, dict[str, Any]]:
        """The plugin's lock file: SHA-256, size, parameters and Hub commit of each model."""
        return self.read_lock()

    def read_lock(self) -> dict[str, dict[str, Any]]:
        """Read the lock file anew: another process may have written to it meanwhile."""
        path = self.folder / "weights" / "lock.json"
        try:
            entries = json.loads(path.read_bytes())
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise PluginError(
                f"{path} is not valid JSON ({error}); restore or delete it."
            ) from error
        if not isinstance(entries, dict):
            raise PluginError(f"{path} is not a mapping of models' names; restore or delete it.")
        for name, entry in entries.items():
            if isinstance(entry, dict) and "config" in entry:
                raise PluginError(f"{path} is of API level 1; run `zoo migrate {self.folder}` once")
            fault = _lock_fault(entry)
            if fault:
                raise PluginError(f"{path} has no usable {fault} of {name}; restore or delete it.")
        return entries


def _lock_fault(entry: Any) -> str | None:
    """Return what is wrong with a lock file's entry; None for a good one."""
    if not isinstance(entry, dict):
        return "entry"
    sha256, revision = entry.get("sha256"), entry.get("revision")
    repo = references.parse(entry["repo"]) if isinstance(entry.get("repo"), str) else None
    forms = {
        "sha256": isinstance(sha256, str) and re.fullmatch("[0-9a-f]{64}", sha256),
        "size": isinstance(entry.get("size"), int),
        "parameters": isinstance(entry.get("parameters"), int),
        "buffers": isinstance(entry.get("buffers", 0), int),
        "shape": isinstance(entry.get("shape"), dict),
        "repo": entry.get("repo") is None or (repo is not None and repo.revision is None),
        "revision": revision is None
        or (isinstance(revision, str) and re.fullmatch("[0-9a-f]{40}", revision)),
    }
    return next((field for field, fits in forms.items() if not fits), None)


class Shelf(Generic[Spec]):
    """All specs of one kind by name (a folder's is its own), in natural order of their names."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.specs: dict[str, Spec] = {}
        self.owners: dict[str, Plugin] = {}
        self.clashes: dict[str, list[Plugin]] = {}

    def put(self, spec: Spec, owner: Plugin) -> None:
        """Add a spec; a name that is taken is then nobody's."""
        name = spec.name
        if name in self.clashes:
            self.clashes[name].append(owner)
        elif name in self.specs:
            self.clashes[name] = [self.owners.pop(name), owner]
            del self.specs[name]
        else:
            self.specs[name], self.owners[name] = spec, owner

    def __iter__(self) -> Iterator[Spec]:
        return iter(sorted(self.specs.values(), key=lambda spec: natural(spec.name)))

    def __contains__(self, name: str) -> bool:
        return name in self.specs

    def clash(self, name: str) -> str:
        """Return the sentence about a name that several plugins register."""
        owners = " and by ".join(plugin.distribution for plugin in self.clashes[name])
        return (
            f"The {self.kind} {name!r} is registered by {owners}; uninstall one of them, or choose "
            "with ZOO_PLUGINS."
        )

    def get(self, name: str, hint: Callable[[str], str] = lambda name: "") -> Spec:
        """Return the spec of that name.

        Raises `PluginError` for a name that two plugins register, `UnknownName` for one that none
        does, with the closest names and the sentence that `hint` returns.
        """
        if name in self.specs:
            return self.specs[name]
        if name in self.clashes:
            raise PluginError(self.clash(name))
        raise UnknownName(
            f"There is no {self.kind} {name!r} here{closest(name, self.specs)}{hint(name)}"
        )


class Registry:
    """The plugins, and a shelf for each hook.

    These are papers, architectures, models, datasets, metrics, the folders of ``zoo new``'s kinds,
    and the verbs that plugins add to the shell.
    """

    def __init__(self, plugins: Iterable[Plugin]) -> None:
        self.plugins = list(plugins)
        self.papers: Shelf[Paper] = Shelf("paper")
        self.architectures: Shelf[Architecture] = Shelf("architecture")
        self.models: Shelf[Model] = Shelf("model")
        self.datasets: Shelf[Dataset] = Shelf("dataset")
        self.metrics: Shelf[Metric] = Shelf("metric")
        self.kinds: Shelf[Path] = Shelf("kind of plugin")
        self.commands: Shelf[Command] = Shelf("verb")
        for plugin in self.plugins:
            for hook, specs in plugin.specs.items():
                shelf = getattr(self, hook.removeprefix("zoo_"))
                for spec in specs:
                    shelf.put(spec, plugin)

    @property
    def broken(self) -> list[Plugin]:
        """The plugins that could not be used."""
        return [plugin for plugin in self.plugins if plugin.error]

    @functools.cached_property
    def hidden(self) -> list[str]:
        """What is registered and yet not listed, and why: a sentence each."""
        shelves = (
            *(self.papers, self.architectures, self.models, self.datasets, self.metrics),
            self.commands,
        )
        told = [shelf.clash(name) for shelf in shelves for name in shelf.clashes]
        orphans: dict[str, int] = {}
        for spec in self.models.specs.values():
            if spec.architecture not in self.architectures:
                orphans[spec.architecture] = orphans.get(spec.architecture, 0) + 1
        for architecture, number in orphans.items():
            models = "1 model is" if number == 1 else f"{number} models are"
            told.append(
                f"{models} not listed, for want of the architecture {architecture!r} "
                "(`zoo plugins --verbose` shows what could not be loaded)."
            )
        return told

    def model(self, name: str) -> Model:
        """Return the model's spec; raises `UnknownName` or `PluginError`, with what to do."""
        return self.models.get(name, self.hint)

    def architecture(self, name: str) -> Architecture:
        """Return the architecture's spec; raises `UnknownName` or `PluginError`."""
        return self.architectures.get(name, self.hint)

    def dataset(self, name: str) -> Dataset:
        """Return the dataset's spec; raises `UnknownName` or `PluginError`."""
        return self.datasets.get(name, self.hint)

    def metric(self, name: str) -> Metric:
        """Return the metric's spec; raises `UnknownName` or `PluginError`."""
        return self.metrics.get(name, self.hint)

    def paper(self, name: str) -> Paper:
        """Return the paper's spec; raises `UnknownName` or `PluginError`."""
        return self.papers.get(name, self.hint)

    def kind(self, name: str) -> Path:
        """Return the folder of a kind of plugin; raises `UnknownName`, with what there is."""
        there = ", ".join(folder.name for folder in self.kinds)
        return self.kinds.get(name, lambda name: f" There are {there}.{self.hint(name)}")

    def owner(self, model: Model) -> Plugin:
        """Return the plugin that registered a model."""
        return self.models.owners[model.name]

    def lock(self, model: Model) -> dict[str, Any] | None:
        """Return the model's entry in its plugin's lock file; None while it has no weights."""
        return self.owner(model).lock.get(model.name)

    def paper_of(self, model: Model) -> Paper:
        """Return the paper whose architecture a model has."""
        return self.paper(self.architecture(model.architecture).paper)

    def hint(self, name: str) -> str:
        """Say what brings an unknown name: an install, a plugin left out, or one that failed."""
        from zoo_core._registry import left_out, origin  # late: only what is unknown needs it

        hints = [left_out.hint(name)]
        installed = {plugin.distribution for plugin in (*self.plugins, *left_out.left_out())}
        for distribution, names in catalogue().items():
            if name in names and distribution not in installed:
                hints.append(f" {distribution} brings it: {origin.told(distribution)}.")
        if broken := [repr(plugin.name) for plugin in self.broken]:
            more = f" and {len(broken) - 3} more" if len(broken) > 3 else ""
            hints.append(
                f" Plugin{'s' * (len(broken) > 1)} {', '.join(broken[:3])}{more} could not be "
                "loaded and may have it (`zoo plugins --verbose` shows why)."
            )
        return "".join(dict.fromkeys(hints))


def catalogue() -> dict[str, list[str]]:
    """Return the names that each known distribution registers, installed or not."""
    if not CATALOGUE.exists():
        return {}
    return cast("dict[str, list[str]]", json.loads(CATALOGUE.read_bytes()))


@functools.cache
def registry() -> Registry:
    """Return the registry of this process, read once."""
    return Registry([_builtin(), *read_plugins(entry_points(hooks.GROUP))])


def _builtin() -> Plugin:
    specs: dict[str, list[Any]] = {
        "zoo_metrics": list(metrics.METRICS),
        "zoo_kinds": list(KINDS),
    }
    return Plugin("core", module=metrics, specs=specs)


class _Manager(pluggy.PluginManager):
    """A manager that looks at a module's ``zoo_…`` names only, for speed."""

    def parse_hookimpl_opts(self, plugin: object, name: str) -> Any:
        """Return the marks of a hook's implementation, or None for anything else."""
        return super().parse_hookimpl_opts(plugin, name) if name.startswith("zoo_") else None


def read_plugins(points: Iterable[Point | EntryPoint]) -> list[Plugin]:
    """Load each entry point on its own; a failure is kept in its `Plugin`, never raised.

    ``ZOO_PLUGINS``, a comma-separated list of plugins' names (or empty for none), restricts them.
    """
    only = os.environ.get("ZOO_PLUGINS")
    points = list(points)
    allowed = None if only is None else {name.strip() for name in only.split(",")} - {""}
    for name in sorted((allowed or set()) - {point.name for point in points}):
        there = [point.name for point in points]
        warnings.warn(
            f"ZOO_PLUGINS names {name!r}, which is not installed{closest(name, there)}",
            Notice,
            stacklevel=2,
        )
    manager = _Manager(hooks.GROUP)
    manager.add_hookspecs(hooks)
    plugins = []
    for point in sorted(points, key=lambda point: (point.name, point.value)):
        if allowed is not None and point.name not in allowed:
            continue
        plugin = Plugin(point.name, point)
        try:
            with contextlib.redirect_stdout(sys.stderr):  # what it prints must spoil no --json
                _load(plugin, point, manager)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            plugin.error = _sentence(plugin, error)
            plugin.trace = traceback.format_exc()
            plugin.specs = {}
        plugins.append(plugin)
    _set_twins_aside(plugins)
    return plugins


def _load(plugin: Plugin, point: Point | EntryPoint, manager: pluggy.PluginManager) -> None:
    try:
        module = point.load()
    except BaseException:
        # Specs of another level may not even be made: then that is what is wrong.
        _check_level(plugin, _stated_level(point), API_LEVEL)
        raise
    if not isinstance(module, ModuleType):
        raise PluginError(f"its entry point is a {type(module).__name__}; expected a module")
    _check_level(plugin, getattr(module, "ZOO_API", None), None)
    plugin.module = module
    # Registered alone: a failure of one plugin's hook must not end the call of another's.
    try:
        manager.register(module, name=plugin.name)
        manager.check_pending()
        for hook, kind in HOOKS.items():
            caller = getattr(manager.hook, hook)
            marked = len(caller.get_hookimpls())
            if hasattr(module, hook) and not marked:
                raise PluginError(f"its {hook} is not marked; put @zoo_core.hookimpl above it")
            answers = caller()
            if len(answers) < marked:
                raise SpecError(f"{hook} returned None; expected a list of {kind.__name__}")
            for answer in answers:
                plugin.specs.setdefault(hook, []).extend(_checked(answer, hook, kind))
    finally:
        if manager.is_registered(module):
            manager.unregister(module)
    if plugin.specs.get("zoo_models"):
        _ = plugin.lock  # read now, so that an unreadable one is this plugin's error alone


def _check_level(plugin: Plugin, level: Any, unknown: Any) -> None:
    """Raise `PluginError` unless a plugin states this API level; None stands for `unknown`."""
    if (unknown if level is None else level) != API_LEVEL:
        raise PluginError(
            f"it was written for API level {level}, and this zoo-core speaks level {API_LEVEL}; "
            + (
                OF_LEVEL_1
                if level == 1
                else f"install a version of {plugin.distribution} and of zoo-core that fit"
            )
        )


def _stated_level(point: Point | EntryPoint) -> int | None:
    """Return the level that a module states in its source, without running it; None if unknown."""
    from importlib.util import find_spec

    try:
        spec = find_spec(point.value.partition(":")[0].strip())
        text = Path(str(spec.origin if spec else "")).read_text(encoding="utf-8")
    except (ImportError, OSError, UnicodeDecodeError, ValueError):
        return None
    found = re.search(r"^ZOO_API *= *(\d+)", text, re.MULTILINE)
    return int(found[1]) if found else None


def _checked(answer: Any, hook: str, kind: type) -> list[Any]:
    try:
        specs = list(answer)
    except TypeError as error:
        raise SpecError(
            f"{hook} returned a {type(answer).__name__}; expected a list of {kind.__name__}"
        ) from error
    for spec in specs:
        if not isinstance(spec, kind):
            raise SpecError(f"{hook} returned {spec!r:.80}; expected a {kind.__name__}")
        if isinstance(spec, Path):
            check_kind(spec)
    return specs


def _sentence(plugin: Plugin, error: BaseException) -> str:
    told = isinstance(error, PluginError | SpecError)
    reason = _text_of(error) if told else f"{type(error).__name__}: {_text_of(error)}"
    return f"{plugin.name} ({plugin.distribution}): {reason}".rstrip(".: ") + "."


def _text_of(error: BaseException) -> str:
    """Return what an error says; nothing of one that cannot be made a text: it is a plugin's."""
    try:
        return str(error)
    except Exception:
        return "(its message cannot be shown)"


def _set_twins_aside(plugins: list[Plugin]) -> None:
    for plugin in plugins:
        twins = [other for other in plugins if other.name == plugin.name]
        if len(twins) > 1:
            owners = " and ".join(sorted(twin.distribution for twin in twins))
            plugin.error = f"Two plugins have the name {plugin.name!r} ({owners}); uninstall one."
            plugin.specs = {}
