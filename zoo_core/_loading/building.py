"""Modules from specs: names to classes, configs to constructors, tensors into place.

A module is built on the meta device and given the memory-mapped tensors: no double memory, no
wasted initialisation. Where that can't be done (tied weights, non-persistent buffers, tensors
computed in the constructor) it is built plainly, with the random state put aside; both ways give
equal tensors.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import UnionType
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin, get_type_hints

from zoo_core.errors import BadInput, PluginError, WeightsError, closest

if TYPE_CHECKING:
    import torch

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


def check_config(call: Any, config: Mapping[str, Any], label: str) -> None:
    """Check that a constructor takes a config, and that nothing is missing; raises `BadInput`."""
    check_options(call, config, label)
    missing = [
        p.name
        for p in inspect.signature(call).parameters.values()
        if p.default is inspect.Parameter.empty
        and p.kind in (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
        and p.name not in config
    ]
    if missing:
        raise BadInput(f"{label} needs {', '.join(missing)}; give it as a keyword argument.")


def _check_values(call: Any, config: Mapping[str, Any], label: str) -> None:
    """Check that values are of the annotated types, as far as these are types of JSON values."""
    hints = _hints(call)
    for name, value in config.items():
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


def text_options(call: Any) -> set[str]:
    """Return the parameters that take text and no other JSON value (None aside), as annotated."""
    found = set()
    for name, hint in _hints(call).items():
        united = get_origin(hint) in (Union, UnionType)
        if {*(get_args(hint) if united else [hint])} - {type(None)} == {str}:
            found.add(name)
    return found


def construct(cls: type, config: Mapping[str, Any], label: str) -> torch.nn.Module:
    """Call a module's constructor; raises `BadInput` for options or values it does not take."""
    check_config(cls, config, label)
    _check_values(cls, config, label)
    try:
        module = cls(**config)
    except (TypeError, ValueError, ArithmeticError, MemoryError, RuntimeError) as error:
        reason = str(error).partition("\n")[0]  # torch adds frames of its own
        raise BadInput(f"{label} cannot be made with this config: {reason}") from error
    vars(module)["config"] = dict(config)
    return module  # type: ignore[no-any-return]  # `cls` is known only by its import string


def assemble(
    cls: type, config: Mapping[str, Any], state: State, label: str, *, meta: bool = True
) -> torch.nn.Module:
    """Build a module and give it the tensors of `state`, in eval mode.

    `meta=False` takes the plain way at once. Raises `WeightsError` listing the tensors that are
    missing, unexpected or of another shape. The global random state is left as it was.
    """
    import torch

    with torch.random.fork_rng(devices=[]):
        module = _assemble_on_meta(cls, config, state, label) if meta else None
        if module is None:
            module = construct(cls, config, label)
            _check_fit(module, state, label)
            module.load_state_dict(state, strict=False)
    return module.eval()


def _assemble_on_meta(
    cls: type, config: Mapping[str, Any], state: State, label: str
) -> torch.nn.Module | None:
    import torch

    try:
        with torch.device("meta"):
            module = construct(cls, config, label)
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


def _check_fit(module: torch.nn.Module, state: State, label: str) -> None:
    """Raise `WeightsError` unless `state` has each tensor once, under one of its tied names."""
    import torch

    expected = module.state_dict(keep_vars=True)
    held = {id(tensor) for name, tensor in expected.items() if name in state}
    missing = [n for n, tensor in expected.items() if n not in state and id(tensor) not in held]
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
            "with this config and this version of the plugin."
        )
