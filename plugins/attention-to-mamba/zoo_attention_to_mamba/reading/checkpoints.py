"""Transformers to learn from: checkpoints in a local folder or on the Hugging Face Hub.

Read are ``config.json``, ``tokenizer.json`` and safetensors, whole or in shards; never code, and
no format that could carry any.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from zoo_attention_to_mamba.reading.conversion import convert_config, convert_state
from zoo_attention_to_mamba.tokenizer import Tokenizer
from zoo_core import BadInput, Repository, read_tensors

CONFIG, TOKENIZER = "config.json", "tokenizer.json"
WEIGHTS, INDEX = "model.safetensors", "model.safetensors.index.json"
_OTHER_WEIGHTS = (".bin", ".pt", ".pth", ".h5", ".msgpack", ".gguf", ".onnx")
_LARGEST_JSON = 2**26


def read_checkpoint(
    source: str | PathLike[str],
) -> tuple[dict[str, Any], dict[str, Tensor], Tokenizer]:
    """Return the config and tensors of `CausalLM` and the tokenizer of a pretrained Transformer.

    `source` is a folder as transformers' `save_pretrained` writes it, with model and tokenizer, or
    a repository of the Hub, ``owner/name`` or ``owner/name@revision``. The tensors are in float32
    (float64 stays) and include the tokenizer's bytes. Where the tokenizer itself puts nothing
    before or after a text, its start and end are the special tokens that config.json names (for
    Pythia both are ``<|endoftext|>``).

    Raises `BadInput` where there is no such folder, a file is missing or damaged, the model is no
    Llama or GPT-NeoX or has a setting that is not known here, or its tensors are not those that its
    config asks for; `HubError` where the Hub refuses or cannot be reached; `WeightsError` where a
    weights file is damaged.
    """
    place = _open(source)
    told = _read_json(place, CONFIG)
    try:
        config = convert_config(told)
        tokenizer = _tokenizer(place, told)
        if tokenizer.size > config["vocabulary"]:
            raise BadInput(
                f"The tokenizer has {tokenizer.size} tokens, the model {config['vocabulary']}; "
                "give the tokenizer that belongs to it."
            )
        state = convert_state(told, config, _tensors(place))
    except BadInput as error:
        raise BadInput(f"{place.label} cannot be used: {error}") from error
    content = tokenizer.as_bytes()
    state["tokenizer"] = torch.frombuffer(bytearray(content), dtype=torch.uint8)
    return {**config, "tokenizer_size": len(content)}, state, tokenizer


def _open(source: str | PathLike[str]) -> Repository:
    folder = Path(source).expanduser()
    return Repository.open(folder if folder.is_dir() else source, _enough)


def _enough(names: frozenset[str]) -> bool:
    return names >= {CONFIG, TOKENIZER} and bool(names & {WEIGHTS, INDEX})


def _read_json(place: Repository, name: str) -> Mapping[str, Any]:
    if name not in place.names:
        raise BadInput(
            f"{place.label} has no {name}; give a folder or repository as transformers' "
            "save_pretrained writes it."
        )
    path = place.path(name)
    try:
        if path.stat().st_size > _LARGEST_JSON:
            raise ValueError(f"it is larger than {_LARGEST_JSON:,} bytes")
        content = json.loads(path.read_bytes())
        if not isinstance(content, dict):
            raise ValueError("it is no mapping")
    except (ValueError, RecursionError, OSError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else error
        raise BadInput(f"The {name} of {place.label} cannot be read ({reason}).") from None
    return content


def _tensors(place: Repository) -> dict[str, Tensor]:
    """Return all tensors of a checkpoint, from one file or from its shards."""
    if WEIGHTS in place.names:
        whole: dict[str, Tensor] = read_tensors(place.path(WEIGHTS))
        return whole
    if INDEX not in place.names:
        others = sorted(name for name in place.names if name.endswith(_OTHER_WEIGHTS))
        has = f"has its weights only as {', '.join(others[:3])}" if others else "has no weights"
        raise BadInput(
            f"it {has}, and only safetensors are read ({WEIGHTS}). Save it with transformers' "
            "save_pretrained, or name a revision that has them, as in 'owner/name@refs/pr/1'."
        )
    shards: dict[str, dict[str, Tensor]] = {}
    tensors: dict[str, Tensor] = {}
    listed = _read_json(place, INDEX).get("weight_map")
    if not isinstance(listed, Mapping):
        raise BadInput(f"its {INDEX} has no weight_map; get it again.")
    for name, file in listed.items():
        plain = isinstance(file, str) and file.endswith(".safetensors") and Path(file).name == file
        if not plain or file not in place.names:
            raise BadInput(f"its {INDEX} names the file {file!r:.80}, which is not there.")
        if file not in shards:
            shards[file] = read_tensors(place.path(file))
        if name not in shards[file]:
            raise BadInput(f"its {file} has no tensor {name}, which {INDEX} puts there.")
        tensors[name] = shards[file][name]
    return tensors


def _tokenizer(place: Repository, told: Mapping[str, Any]) -> Tokenizer:
    if TOKENIZER not in place.names:
        raise BadInput(
            f"it has no {TOKENIZER}; save its tokenizer with transformers' "
            "AutoTokenizer.from_pretrained(…).save_pretrained(…)."
        )
    found = Tokenizer.from_file(place.path(TOKENIZER))
    start, end = found.start, found.end
    if start is None:
        start = _first_special(told.get("bos_token_id"), found)
    if end is None:
        end = _first_special(told.get("eos_token_id"), found)
    return found if (start, end) == (found.start, found.end) else found.with_ends(start, end)


def _first_special(told: Any, tokenizer: Tokenizer) -> int | None:
    """Return the first of one or several ids that is a special token's."""
    ids = told if isinstance(told, list) else [told]
    return next((i for i in ids if type(i) is int and i in tokenizer.special), None)
