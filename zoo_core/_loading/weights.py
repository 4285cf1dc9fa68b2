"""Weights: where they are, that they are the right bytes, and the tensors in them.

Looked for in this order: an explicit path; the copy in the plugin's wheel; the Hugging Face cache;
the Hugging Face Hub at a pinned commit. The bytes must match the lock file's SHA-256 wherever they
come from, and only safetensors are read: never a pickle, never code from a repository.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo_core._disk import PART, sha256_of, whole_file
from zoo_core._registry.registry import Plugin, registry
from zoo_core._registry.specs import Model
from zoo_core.errors import BadInput, WeightsError

if TYPE_CHECKING:
    import torch

FILE = "model.safetensors"
PICKLE_MAGIC = (b"\x80", b"PK\x03\x04")


def embedded_path(plugin: Plugin, name: str) -> Path:
    """Return where the wheel keeps a model's weights, if it does."""
    return plugin.folder / "weights" / f"{name}.safetensors"


def successor(path: Path) -> Path:
    """Return where a new file waits until the lock file names it, beside the old one."""
    return path.with_name(f".{path.name}.new{PART}")


def _standing(path: Path, sha256: str | None) -> Path:
    """Return an embedded file; its successor where the lock file names that already.

    Then whoever wrote it was killed before it could take its place.
    """
    coming = successor(path)
    return coming if coming.is_file() and sha256_of(coming) == sha256 else path


def asset_path(spec: Model, name: str) -> Path:
    """Return the local file with an asset of a model, downloading it if need be."""
    lock = registry().lock(spec) or {}
    embedded = embedded_path(registry().owner(spec), spec.name).with_suffix("") / name
    embedded = _standing(embedded, lock.get("assets", {}).get(name))
    if embedded.is_file() or not lock.get("revision"):
        return embedded
    from zoo_core._loading import hub

    return hub.fetch(lock["repo"], f"assets/{name}", lock["revision"])


def locate(spec: Model, path: str | os.PathLike[str] | None = None) -> Path:
    """Return the local file with a model's weights, downloading it if need be.

    Raises `WeightsError` when the model has none, or they cannot be had.
    """
    if path is not None:
        return own_file(path)
    lock = registry().lock(spec)
    if lock is None:
        raise WeightsError(
            f"{spec.name} has no weights yet; make them with `zoo train {spec.name} --embed`, "
            f"or use zoo.create({spec.name!r}) for an untrained module."
        )
    embedded = _standing(embedded_path(registry().owner(spec), spec.name), lock["sha256"])
    return embedded if embedded.is_file() else _from_hub(spec, lock)


def own_file(path: str | os.PathLike[str]) -> Path:
    """Return the path of a user's own file; raises `BadInput` where there is none."""
    chosen = Path(path).expanduser()
    if not chosen.is_file():
        raise BadInput(f"There is no weights file {chosen}; give the path of a safetensors file.")
    return chosen


def _from_hub(spec: Model, lock: Mapping[str, Any]) -> Path:
    repo, revision = lock.get("repo"), lock.get("revision")
    if not (repo and revision):
        raise WeightsError(
            f"The weights of {spec.name} are neither in its plugin's package nor on the Hub; "
            "reinstall the plugin, or give weights=PATH."
        )
    from zoo_core._loading import hub

    return hub.fetch(repo, FILE, revision, label=f"The weights of {spec.name}")


def check_bytes(path: Path, expected: str) -> None:
    """Raise `WeightsError` unless the file has the SHA-256 that was pinned."""
    found = sha256_of(path)
    if found != expected:
        raise WeightsError(
            f"{path} is damaged or not the right file: its SHA-256 is {found[:12]}…, expected "
            f"{expected[:12]}…; repair the cache with `zoo cache verify --repair` (or reinstall "
            "the plugin, or train again, if that is where the file is from)."
        )


def check_numbers(state: Mapping[str, torch.Tensor], path: Path) -> None:
    """Raise `WeightsError` for tensors of a file that hold NaN."""
    for name, tensor in state.items():
        if not (tensor.is_floating_point() or tensor.is_complex()):
            continue
        # A sum with NaN is NaN, and one pass without a copy; made sure of where it is. Numbers of
        # one byte are not added by torch.
        suspect = tensor.dtype.itemsize == 1 or tensor.sum().isnan()
        if suspect and tensor.isnan().any():
            raise WeightsError(
                f"{path} holds NaN in {name!r}, and what is computed with it would be none; train "
                "again or get another file, or load it all the same with verify=False."
            )


def read_tensors(path: Path) -> dict[str, torch.Tensor]:
    """Return the tensors of a safetensors file, memory-mapped.

    Raises `WeightsError` for anything else: a pickle, a truncated or corrupted file.

    `path` is the file; the tensors keep the names, shapes and types that it gives them.

    >>> from safetensors.torch import save_file
    >>> save_file({"bias": torch.zeros(2)}, "tiny.safetensors")
    >>> zoo_core.read_tensors(Path("tiny.safetensors"))
    {'bias': tensor([0., 0.])}
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except (SafetensorError, ValueError, OSError) as error:
        with path.open("rb") as stream:
            start = stream.read(4)
        pickled = start.startswith(PICKLE_MAGIC)
        reason = "it is a pickle, which is never read" if pickled else f"{error}"
        raise WeightsError(
            f"{path} is not a whole safetensors file ({reason}); get the file again, or save it "
            "with safetensors.torch.save_file."
        ) from error


def write_tensors(
    module: torch.nn.Module, path: Path, storage: str = "float32", without: Sequence[str] = ()
) -> None:
    """Write a module's tensors to a safetensors file, whole or not at all.

    Floating tensors are stored as `storage`. Tensors that share memory are stored once, and those
    whose names begin as in `without` (a base's) not at all.
    """
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    dtype = getattr(torch, storage)
    state, kept = {}, set()
    for name, tensor in module.state_dict(keep_vars=True).items():
        if id(tensor) in kept or name.startswith(tuple(without)):
            continue
        kept.add(id(tensor))
        value = tensor.detach().to("cpu")
        state[name] = (value.to(dtype) if value.is_floating_point() else value).contiguous()
    with whole_file(path) as part:
        try:
            save_file(state, part, metadata={"format": "pt"})
        except SafetensorError as error:
            raise _as_os_error(error) from error


def counts_of(module: torch.nn.Module) -> dict[str, int]:
    """Return how many numbers a module holds: in its parameters, and in the buffers it stores.

    A fitted estimator has no parameters, and its fitted values in buffers.
    """
    parameters = {id(one): one for one in module.parameters()}
    stored = {id(one): one for one in module.state_dict(keep_vars=True).values()}
    return {
        "parameters": sum(one.numel() for one in parameters.values()),
        "buffers": sum(one.numel() for key, one in stored.items() if key not in parameters),
    }


def _as_os_error(error: Exception) -> OSError:
    """Return the operating system's error that safetensors tells of in words only."""
    told = re.search(r"os error (\d+)", str(error))
    return OSError(int(told[1]), os.strerror(int(told[1]))) if told else OSError(str(error))
