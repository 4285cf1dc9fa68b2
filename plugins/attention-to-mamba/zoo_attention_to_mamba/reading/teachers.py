"""Teachers from wherever they are: the zoo, a folder of it, a checkpoint here or on the Hub."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeGuard

import torch
from torch import Tensor, nn

from zoo_attention_to_mamba.attention import Attention
from zoo_attention_to_mamba.causal_lm import CausalLM
from zoo_attention_to_mamba.reading.checkpoints import read_checkpoint
from zoo_attention_to_mamba.tokenizer import Tokenizer
from zoo_core import BadInput, WeightsError, closest, hub, load, model_config
from zoo_core.registry import registry

ARCHITECTURE = "causal-transformer"


def read_teacher(source: str) -> CausalLM:
    """Return a teacher: a registered model, a folder of the zoo's or a checkpoint, or of the Hub.

    Raises `BadInput` where it is no Transformer, `WeightsError` where weights are not finite, and
    what `zoo.load` and `read_checkpoint` raise.
    """
    folder = Path(source).expanduser()
    if source in registry().models:
        teacher = load(source)
    elif _is_of_the_zoo(folder):
        teacher = load(folder)
    elif not folder.exists() and hub.parse(source) is None:
        known = [one.name for one in registry().models if one.architecture == ARCHITECTURE]
        raise BadInput(
            f"There is no teacher {source!r}{closest(source, known)} Give one of "
            f"{', '.join(known)}, a folder, or a repository of the Hub, owner/name."
        )
    else:
        teacher = built(*read_checkpoint(folder if folder.is_dir() else source))
    if not _is_transformer(teacher):
        raise BadInput(f"{source} is no Transformer; a teacher has softmax attention.")
    if not all(bool(parameter.isfinite().all()) for parameter in teacher.parameters()):
        raise WeightsError(
            f"The weights of {source} are not all finite numbers; load or train them again."
        )
    return teacher.float().eval().requires_grad_(False)


def _is_transformer(module: nn.Module) -> TypeGuard[CausalLM]:
    return isinstance(module, CausalLM) and all(
        isinstance(block.mixer, Attention) for block in module.blocks
    )


def _is_of_the_zoo(folder: Path) -> bool:
    try:
        return model_config.SECTION in json.loads((folder / model_config.FILE).read_bytes())
    except (OSError, ValueError):
        return False


def built(config: Mapping[str, Any], state: Mapping[str, Tensor], tokenizer: Tokenizer) -> CausalLM:
    """Return the Transformer of a converted checkpoint, with its tokenizer."""
    content = tokenizer.as_bytes()
    full = {**config, "mixer": "attention", "tokenizer_size": len(content)}
    module = CausalLM(**full)
    told = torch.frombuffer(bytearray(content), dtype=torch.uint8)
    module.load_state_dict({**state, "tokenizer": told})
    vars(module)["config"] = full
    return module.eval()
