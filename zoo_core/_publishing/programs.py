"""A module as a program of torch.export: traced, with named axes, and compared with the module."""

from __future__ import annotations

import contextlib
import inspect
import logging
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from zoo_core._loading.devices import name_of
from zoo_core._measuring import evaluation
from zoo_core._registry.specs import Architecture
from zoo_core.errors import OutputError, PluginError

if TYPE_CHECKING:
    import torch

TOLERANCE = 1e-5
"""An exported program may differ by this much of the largest output, and no more."""
HALF_ROUNDINGS = 16
"""In half precision by so many roundings: a runtime orders its sums in its own way."""
LOGGERS = ("torch.onnx", "torch.export", "onnxscript", "onnx_ir")


class Program:
    """A module traced by `torch.export`, with names for its axes, and inputs of other sizes."""

    def __init__(self, module: torch.nn.Module, architecture: Architecture) -> None:
        import torch

        self.module, self.label = module, evaluation.label_of(module)
        self.rows = architecture.independent_rows
        self.inputs = self._example(0)
        parameters = list(inspect.signature(module.forward).parameters.values())
        self.names = names_of(parameters, len(self.inputs))
        self.axes = named_axes(architecture, self.names, self.inputs)
        free = [dict.fromkeys(axes, torch.export.Dim.DYNAMIC) for axes in self.axes]
        shapes: dict[str, Any] = {}
        for i, one in enumerate(parameters):
            if one.kind is one.VAR_POSITIONAL:
                shapes[one.name] = tuple(free[i:])
            elif i < len(free):
                shapes[one.name] = free[i]
        try:
            self.traced = torch.export.export(module, self.inputs, dynamic_shapes=shapes)
        except Exception as error:
            raise PluginError(
                f"torch.export does not take {self.label}, though {architecture.name} declares it "
                f"({str(error).strip().partition(chr(10))[0].rstrip('.')}); report it to its "
                "plugin's authors."
            ) from error

        nodes = list(self.traced.graph.nodes)
        values = {one.name: one.meta["val"] for one in nodes if "val" in one.meta}
        taken = set(self.traced.graph_signature.user_inputs)
        self.given = [
            values[one.name] for one in nodes if one.op == "placeholder" and one.name in taken
        ]
        self.made = [values[name] for name in self.traced.graph_signature.user_outputs]
        self.symbols: dict[str, str] = {}
        for value, axes in zip(self.given, self.axes, strict=True):
            self.symbols |= {str(value.shape[axis]): name for axis, name in axes.items()}

    def named(self, size: Any) -> str:
        """Return a size that varies, such as "s10 - 1", by the names of axes."""
        return re.sub(r"\w+", lambda word: self.symbols.get(word[0], word[0]), str(size))

    def signature(self) -> dict[str, Any]:
        """Return names, types and shapes of inputs and outputs; what may vary has a name."""
        several = len(self.made) > 1
        outputs = [f"output_{i}" if several else "output" for i in range(len(self.made))]
        return {
            "inputs": [self._told(*one) for one in zip(self.names, self.given, strict=True)],
            "outputs": [self._told(*one) for one in zip(outputs, self.made, strict=True)],
        }

    def _told(self, name: str, value: Any) -> dict[str, Any]:
        shape = [size if isinstance(size, int) else self.named(size) for size in value.shape]
        return {"name": name, "dtype": name_of(value.dtype), "shape": shape}

    def compare(self, run: Any) -> None:
        """Raise `OutputError` unless a program gives the module's numbers on inputs of all sizes.

        `run` takes the inputs and returns tensors, in the order of the module's.
        """
        import torch

        from zoo_core._measuring.comparing import leaves, require_same

        for inputs in self.others():
            with torch.no_grad():
                expected = list(leaves(self.module(*inputs)))
            sizes = ", ".join(str(tuple(tensor.shape)) for tensor in inputs)
            kinds = [one.dtype for one in expected if one.is_floating_point()]
            try:
                found = list(leaves(run(*inputs)))
                require_same(found, expected, "the outputs", max(map(tolerance, kinds), default=0))
            except AssertionError as error:
                raise OutputError(
                    f"{self.label} was not exported: on inputs of {sizes} {error}."
                ) from error
            except Exception as error:
                raise OutputError(
                    f"{self.label} was not exported: the program does not take inputs of {sizes} "
                    f"({str(error).partition(chr(10))[0].rstrip('.')})."
                ) from error

    def others(self) -> Iterator[tuple[Any, ...]]:
        """Yield inputs of the usual and of other sizes along the named axes.

        Rows that are independent are repeated and left out; other inputs are further examples.
        """
        yield self.inputs
        for seed in (1, 2):
            yield self._example(seed)
        if not self.rows:
            return
        largest = max((tensor.shape[a] for tensor, a in self._open()), default=0)
        for size in (1, 2, 2 * largest + 1):
            yield tuple(map(self._resized, self.inputs, self.axes, [size] * len(self.inputs)))

    def _open(self) -> Iterator[tuple[torch.Tensor, int]]:
        for tensor, axes in zip(self.inputs, self.axes, strict=True):
            yield from ((tensor, axis) for axis in axes)

    def _resized(self, tensor: torch.Tensor, axes: Mapping[int, str], size: int) -> torch.Tensor:
        import torch

        for axis in axes:
            chosen = torch.arange(size, device=tensor.device) % tensor.shape[axis]
            tensor = tensor.index_select(axis, chosen)
        return tensor

    def _example(self, seed: int) -> tuple[Any, ...]:
        from zoo_core._measuring.comparing import map_tensors

        make: Any = getattr(self.module, "example_inputs", None)
        if make is None:
            raise PluginError(f"{self.label} has no example_inputs, which export traces it with.")
        first = next(self.module.parameters(), next(self.module.buffers(), None))
        inputs: tuple[Any, ...] = map_tensors(
            lambda tensor: tensor.to(first) if tensor.is_floating_point() else tensor,
            tuple(make(seed)),
        )
        return inputs


def names_of(parameters: Sequence[inspect.Parameter], count: int) -> list[str]:
    """Return a name for each of `count` inputs; several that one ``*name`` takes are numbered."""
    names = []
    for i, one in enumerate(parameters):
        more = count - i if one.kind is one.VAR_POSITIONAL else 1
        names += [f"{one.name}_{k}" for k in range(more)] if more > 1 else [one.name]
    return names[:count]


def named_axes(
    architecture: Architecture, names: Sequence[str], inputs: Sequence[Any]
) -> list[Mapping[int, str]]:
    """Return the named axes of each input; by default the first is the batch of what has rows.

    That are the inputs with as many rows as the first. Raises `PluginError` for axes of inputs that
    `forward` does not have.
    """
    unknown = set(architecture.axes) - set(names)
    if unknown:
        raise PluginError(
            f"{architecture.name} declares axes of {', '.join(sorted(unknown))}, and forward takes "
            f"{', '.join(names)}."
        )
    if architecture.axes or not architecture.independent_rows:
        return [architecture.axes.get(name, {}) for name in names]
    count = inputs[0].shape[:1]
    return [{0: "batch"} if one.dim() and one.shape[:1] == count else {} for one in inputs]


def tolerance(dtype: torch.dtype) -> float:
    """Return by how much of the largest output numbers of a floating type may differ.

    Half precision by `HALF_ROUNDINGS`: 6 percent in bfloat16, 1.6 in float16.
    """
    import torch

    if dtype.itemsize > 2:
        return TOLERANCE
    return HALF_ROUNDINGS * torch.finfo(dtype).eps


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """Leave out what the exporters say of their own workings."""
    loggers = [logging.getLogger(name) for name in LOGGERS]
    levels = [one.level for one in loggers]
    try:
        for one in loggers:
            one.setLevel(logging.ERROR)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for one, level in zip(loggers, levels, strict=True):
            one.setLevel(level)
