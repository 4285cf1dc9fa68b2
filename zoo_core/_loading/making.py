"""Modules from specs: names to callables, shapes to arguments, tensors into place.

Every module is made here, for create, train and load alike: constructed, its arguments checked
against the signature and recorded beside it. To be loaded it is built on the meta device and given
the memory-mapped tensors: no double memory, no wasted initialisation. Where that can't be done
(tied weights, non-persistent buffers, tensors computed in the constructor) it is built plainly,
with the random state put aside; both ways give equal tensors. Neither builds more than the tensors
at hand could fill.
"""

from __future__ import annotations

import importlib
import inspect
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from types import UnionType
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin, get_type_hints

from zoo_core._plain import plain_json
from zoo_core._registry.registry import registry
from zoo_core.errors import BadInput, PluginError, WeightsError, closest

if TYPE_CHECKING:
    import torch

    from zoo_core._registry.specs import Architecture

State = Mapping[str, "torch.Tensor"]


def resolve(import_string: str) -> Any:
    """Return what ``"package.module:attribute"`` names; raises `PluginError` if it can't be had."""
    module, _, attribute = import_string.partition(":")
    try:
        return getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise PluginError(
            f"{import_string!r} could not be imported ({error}); "
            "reinstall the plugin that names it, with its dependencies."
        ) from error


def check_options(call: Any, options: Iterable[str], label: str) -> None:
    """Check the names of keyword options against a signature; raises `BadInput` naming both."""
    parameters = inspect.signature(call).parameters.values()
    if any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters):
        return
    positional = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.POSITIONAL_ONLY)
    known = [p.name for p in parameters if p.kind not in positional]
    for key in options:
        if key not in known:
            raise BadInput(
                f"{label} has no option {key!r}{closest(key, known)} "
                f"It takes {', '.join(known) or 'none'}."
            )


def check_arguments(call: Any, arguments: Mapping[str, Any], label: str) -> None:
    """Check that a callable takes the arguments, and that none is missing; raises `BadInput`."""
    check_options(call, arguments, label)
    missing = [
        p.name
        for p in inspect.signature(call).parameters.values()
        if p.default is inspect.Parameter.empty
        and p.kind in (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
        and p.name not in arguments
    ]
    if missing:
        raise BadInput(f"{label} needs {', '.join(missing)}; give it as a keyword argument.")


def _check_values(call: Any, shape: Mapping[str, Any], label: str) -> None:
    """Check that values are of the annotated types, as far as these are types of JSON values."""
    hints = _hints(call)
    for name, value in shape.items():
        if name in hints and not _fits(value, hints[name]):
            expected = getattr(hints[name], "__name__", None) or str(hints[name])
            if get_args(hints[name]):
                expected = str(hints[name]).replace("typing.", "").replace("collections.abc.", "")
            raise BadInput(f"{label} cannot take {name}={value!r:.60}; expected {expected}.")


def _hints(call: Any) -> dict[str, Any]:
    try:
        return get_type_hints(call.__init__ if inspect.isclass(call) else call)
    except Exception:
        # Annotations may name what is not there at run time; then the values are not checked.
        return {}


def _fits(value: Any, hint: Any) -> bool:
    """Tell whether a JSON value is of an annotated type; what is no such type is let through."""
    origin, arguments = get_origin(hint) or hint, get_args(hint)
    if origin in (Union, UnionType):
        return any(_fits(value, one) for one in arguments)
    if origin is Literal:
        return value in arguments
    if origin in (type(None), None):
        return value is None
    if origin is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if origin is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if origin in (str, bool):
        return isinstance(value, origin)
    if origin in (list, tuple, Sequence, Iterable):
        each = arguments[0] if arguments and Ellipsis not in arguments[:1] else Any
        fixed = origin is tuple and Ellipsis not in arguments
        return isinstance(value, list | tuple) and (
            fixed or all(_fits(item, each) for item in value)
        )
    if origin in (dict, Mapping):
        return isinstance(value, Mapping)
    return True


def text_options(call: Any, *, among_others: bool = False) -> set[str]:
    """Return the parameters that take text and no other JSON value (None aside), as annotated.

    With `among_others`, those that take text as one of several.
    """
    found = set()
    for name, hint in _hints(call).items():
        united = get_origin(hint) in (Union, UnionType)
        kinds = {*(get_args(hint) if united else [hint])} - {type(None)}
        if kinds == {str} or (among_others and str in kinds):
            found.add(name)
    return found


@dataclass(frozen=True)
class Made:
    """How a module was made; it is kept beside the module, as `zoo_made`."""

    architecture: str
    shape: Mapping[str, Any]


def made_of(module: torch.nn.Module) -> Made:
    """Return how a module was made; raises `BadInput` for one that the zoo did not make."""
    made: Made | None = vars(module).get("zoo_made")
    if made is None:
        raise BadInput(
            f"This {type(module).__name__} was not made by the zoo; make it with zoo.create, or in "
            "a recipe with run.make."
        )
    return made


def infinite_outputs(module: torch.nn.Module) -> Sequence[str]:
    """Return the names of the outputs that a module's architecture lets be infinite."""
    made: Made | None = vars(module).get("zoo_made")
    return registry().architecture(made.architecture).infinite if made else ()


def construct(architecture: Architecture, shape: Mapping[str, Any], label: str) -> torch.nn.Module:
    """Make a module; raises `BadInput` for options or values that its callable does not take."""
    import torch

    call, shape = resolve(architecture.cls), {k: plain_json(v) for k, v in shape.items()}
    check_arguments(call, shape, label)
    _check_values(call, shape, label)
    try:
        module = call(**shape)
    except (TypeError, ValueError, ArithmeticError, MemoryError, RuntimeError) as error:
        reason = str(error).partition("\n")[0]  # torch adds frames of its own
        raise BadInput(f"{label} cannot be made with this shape: {reason}") from error
    if not isinstance(module, torch.nn.Module):
        raise PluginError(
            f"{architecture.cls} returned a {type(module).__name__}; expected a torch.nn.Module."
        )
    # Past a module's own __setattr__, and never under a name that it may use itself.
    vars(module)["zoo_made"] = Made(architecture.name, dict(shape))
    return module


def check_can_be_made_again(architecture: Architecture, module: torch.nn.Module) -> None:
    """Raise `PluginError` unless a module's recorded shape makes one with the same tensors."""
    import torch

    made = made_of(module)
    label = f"{architecture.name} with {dict(made.shape)}"
    with torch.random.fork_rng(devices=[]):
        try:
            with torch.device("meta"):
                again = construct(architecture, made.shape, label)
        except Exception:
            # What a constructor can't do on meta it does plainly, or says what is wrong.
            again = construct(architecture, made.shape, label)
    found, expected = (
        {name: tuple(tensor.shape) for name, tensor in one.state_dict().items()}
        for one in (module, again)
    )
    differing = sorted(name for name, _ in found.items() ^ expected.items())
    if differing:
        raise PluginError(
            f"The recipe changed its module after `run.make` made it: {label} has other tensors "
            f"({', '.join(differing[:3])}); give `run.make` what decides their shapes."
        )


def assemble(
    architecture: Architecture,
    shape: Mapping[str, Any],
    state: State,
    label: str,
    *,
    meta: bool = True,
    fresh: Sequence[str] = (),
) -> torch.nn.Module:
    """Build a module and give it the tensors of `state`, in eval mode.

    `meta=False` takes the plain way at once. Tensors under the prefixes in `fresh` that do not fit
    keep their initialisation. Raises `WeightsError` listing the tensors that are missing,
    unexpected or of another shape, and for a shape that asks for more than `state` can fill. The
    global random state is left as it was.
    """
    import torch

    limits = Limits.of(state)
    try:
        limits.check_sizes(shape)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)  # what is initialised, a replaced head say, is the same each time
            module = None
            if meta and not fresh:
                module = _on_meta(architecture, shape, state, label, limits)
            if module is None:
                with limits.watched(allocating=True):
                    module = construct(architecture, shape, label)
                fill(module, state, label, fresh)
    except TooLarge as error:
        raise WeightsError(
            f"The shape of {label} asks for more than its weights hold ({error}); use the weights "
            "that were made with this shape."
        ) from None
    return module.eval()


def fill(module: torch.nn.Module, state: State, label: str, fresh: Sequence[str] = ()) -> None:
    """Copy tensors into a module; those under the prefixes in `fresh` only where they fit.

    Raises `WeightsError` as `assemble` does.
    """
    expected = module.state_dict(keep_vars=True)
    headless = {
        name: tensor
        for name, tensor in state.items()
        if not name.startswith(tuple(fresh))
        or (name in expected and expected[name].shape == tensor.shape)
    }
    _check_fit(module, headless, label, fresh)
    module.load_state_dict(headless, strict=False)


class TooLarge(Exception):
    """A module is being built that is larger than the tensors at hand."""


@dataclass(frozen=True)
class Limits:
    """How much a constructor may build: generously more than the tensors hold, and no more.

    A constructor may make parts and throw them away, tie tensors, and keep what no file has.
    """

    elements: int
    tensors: int

    @classmethod
    def of(cls, state: State) -> Limits:
        """Return the limits for the tensors of a file (its header is enough) and of its bases."""
        numbers = sum(tensor.numel() for tensor in state.values())
        return cls(elements=4 * numbers + 10_000_000, tensors=4 * len(state) + 2_000)

    def check_sizes(self, shape: Mapping[str, Any]) -> None:
        """Raise `TooLarge` for a whole number that, as a size, no tensor at hand could have.

        A constructor may make a list of it before it makes any tensor.
        """
        for name, value in shape.items():
            numbers = value if isinstance(value, list | tuple) else [value]
            if any(isinstance(one, int) and one > self.elements for one in numbers):
                raise TooLarge(f"{name}={value!r:.40}, beyond {self.elements:,} numbers")

    @contextmanager
    def watched(self, *, allocating: bool) -> Iterator[None]:
        """Raise `TooLarge` in here as soon as more is registered, or with `allocating` allocated.

        On meta, where nothing is allocated, watching what is registered is enough and costs less.
        """
        import threading

        from torch.nn.modules import module as hooks

        thread, count, elements = threading.get_ident(), 0, 0

        def registered(owner: Any, name: str, value: Any) -> None:
            nonlocal count, elements
            if threading.get_ident() != thread or value is None:
                return
            count += 1
            elements += value.numel() if hasattr(value, "numel") else 0
            if count > self.tensors:
                raise TooLarge(f"over {self.tensors:,} tensors and layers")
            if elements > self.elements:
                raise TooLarge(f"over {self.elements:,} numbers")

        handles = [
            hooks.register_module_parameter_registration_hook(registered),
            hooks.register_module_buffer_registration_hook(registered),
            hooks.register_module_module_registration_hook(registered),
        ]
        try:
            with _allocations(self.elements) if allocating else nullcontext():
                yield
        finally:
            for handle in handles:
                handle.remove()


def _allocations(limit: int) -> AbstractContextManager[Any]:
    """Return a context in which torch makes no tensor of more than `limit` numbers."""
    from torch.utils._python_dispatch import TorchDispatchMode

    class Watch(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch's own class hook
        def __torch_dispatch__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            # Factories take the sizes first: a tensor that is too large is never begun.
            sizes = args[0] if args and isinstance(args[0], list | tuple) else ()
            if all(isinstance(size, int) for size in sizes) and math.prod(sizes) > limit:
                raise TooLarge(f"a tensor of {tuple(sizes)}")
            return func(*args, **(kwargs or {}))

    watch: AbstractContextManager[Any] = Watch()  # type: ignore[no-untyped-call]
    return watch


def _on_meta(
    architecture: Architecture,
    shape: Mapping[str, Any],
    state: State,
    label: str,
    limits: Limits,
) -> torch.nn.Module | None:
    import torch

    try:
        with torch.device("meta"), limits.watched(allocating=False):
            module = construct(architecture, shape, label)
    except TooLarge:
        raise
    except Exception:
        # Whatever a constructor can't do on meta, the plain way shows whether it is a real error.
        return None
    if len(dict(module.named_parameters(remove_duplicate=False))) != len(list(module.parameters())):
        return None
    _check_fit(module, state, label)
    # Assigning would take over the file's dtype; the constructor's is the one that counts.
    dtypes = {name: tensor.dtype for name, tensor in module.state_dict().items()}
    cast = {name: tensor.to(dtypes[name]) for name, tensor in state.items()}
    module.load_state_dict(cast, strict=False, assign=True)
    return None if any(tensor.is_meta for tensor in _tensors(module)) else module


def _tensors(module: torch.nn.Module) -> Iterator[torch.Tensor]:
    """Yield every tensor that a module holds, plain attributes and containers of them too."""
    import torch

    def within(value: Any) -> Iterator[torch.Tensor]:
        if isinstance(value, torch.Tensor):
            yield value
        elif isinstance(value, list | tuple):
            for item in value:
                yield from within(item)
        elif isinstance(value, dict):
            yield from within(list(value.values()))

    for part in module.modules():
        for name, value in vars(part).items():
            if name != "_modules":
                yield from within(value)


def _check_fit(
    module: torch.nn.Module, state: State, label: str, fresh: Sequence[str] = ()
) -> None:
    """Raise `WeightsError` unless `state` has each tensor once, under one of its tied names.

    Tensors under the prefixes in `fresh` may be missing.
    """
    import torch

    expected = module.state_dict(keep_vars=True)
    held = {id(tensor) for name, tensor in expected.items() if name in state}
    missing = [
        name
        for name, tensor in expected.items()
        if name not in state and id(tensor) not in held and not name.startswith(tuple(fresh))
    ]
    unexpected = [name for name in state if name not in expected]
    misshapen = [
        f"{name} {tuple(state[name].shape)} instead of {tuple(tensor.shape)}"
        for name, tensor in expected.items()
        if isinstance(tensor, torch.Tensor) and name in state and state[name].shape != tensor.shape
    ]
    faults = [
        f"{what}: {', '.join(names[:5])}{' …' if len(names) > 5 else ''}"
        for what, names in (
            ("missing", missing),
            ("unexpected", unexpected),
            ("wrong shape", misshapen),
        )
        if names
    ]
    if faults:
        raise WeightsError(
            f"The weights do not fit {label} ({'; '.join(faults)}); use the weights that were made "
            "with this shape and this version of the plugin."
        )
