"""`embed`: what a model makes of things before it answers, as an array with a row for each."""

from __future__ import annotations

import inspect
import os
from typing import TYPE_CHECKING, Any

from zoo_core._loading import making
from zoo_core._measuring import calling, opening
from zoo_core._measuring.evaluation import label_of, prepared
from zoo_core._plain import plain
from zoo_core._registry.registry import registry
from zoo_core.errors import BadInput, OutputError

if TYPE_CHECKING:
    import numpy
    import torch


def embed(
    model: str | os.PathLike[str] | torch.nn.Module,
    *sources: Any,
    split: str | None = None,
    device: str | int | torch.device | None = None,
    dtype: str | torch.dtype | None = None,
    strict: bool = False,
    **options: Any,
) -> numpy.ndarray[Any, Any]:
    """Return the representations that a model has of what is given: an array (m, d).

    There is a row for each thing: for an image its features before the head, for a graph what its
    nodes were pooled to, for a sequence a hidden state (which one is told by ``help(model.embed)``
    and by ``zoo embed NAME --help``), for a graph whose nodes are embedded a row a node. A row does
    not depend on what else is in the call.

    `model` is a module, or what `zoo.load` takes. `sources` are what `zoo.predict` takes; with
    `split` the one source is a dataset, by name, as a file that the architecture reads, or as it
    is, and the rows are those of the split. `device`, `dtype` and `strict` are as for
    `zoo.predict`, and `options` the module's own. Raises `BadInput` for a model without
    representations and for anything unusable, `OutputError` for rows that are no numbers, and what
    `load` raises.

    >>> zoo.embed("ase-karate").shape  # the nodes that the model carries
    (34, 2)
    """
    module = prepared(model, dtype)
    if not is_embedding(module):
        raise BadInput(
            f"{label_of(module)} has no representation to give; a model that has one has a method "
            "embed (zoo_core.interfaces.Model)."
        )
    method: Any = module.embed
    label = f"embed of {label_of(module)}"
    making.check_options(method, options, label)
    given = [_view(module, sources, split)] if split is not None else None
    taken = given if given is not None else calling.opened(method, sources)
    try:
        inspect.signature(method).bind(*taken, **plain(options))
    except TypeError as error:
        raise BadInput(f"{label} cannot be called so: {error}.") from error
    with calling.undisturbed(module, device), calling.strictly_if(strict):
        return _array(method(*taken, **plain(options)), label)


def is_embedding(module: torch.nn.Module) -> bool:
    """Tell whether a module has the method; a layer of that name is none."""
    return callable(getattr(type(module), "embed", None))


def _view(module: torch.nn.Module, sources: tuple[Any, ...], split: str) -> Any:
    """Return the view of a split of the one dataset that is given."""
    if len(sources) != 1:
        raise BadInput(f"A split is of one dataset, and {len(sources)} were given; give one.")
    made: making.Made | None = vars(module).get("zoo_made")
    reader = registry().architecture(made.architecture).reader if made else None
    data = opening.open_data(sources[0], {}, reader)
    return opening.split(data, split, of=opening.recorded(sources[0]))


def _array(rows: Any, label: str) -> numpy.ndarray[Any, Any]:
    """Return rows as an array, in single precision where torch's type is one that numpy has not."""
    import torch

    found = torch.as_tensor(rows).detach().cpu()
    if found.dim() != 2:
        raise OutputError(f"{label} gave the shape {tuple(found.shape)}; expected rows (m, d).")
    if not bool(found.isfinite().all()):
        raise OutputError(
            f"{label} gave numbers that are not finite: that is no result. Look at its weights and "
            "at these data."
        )
    array: numpy.ndarray[Any, Any] = (found if found.dtype.itemsize > 2 else found.float()).numpy()
    return array
