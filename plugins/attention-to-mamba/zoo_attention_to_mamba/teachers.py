"""Teachers: read from where they are, converted, or trained here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeGuard, cast

import torch
from torch import Tensor, nn

import zoo
from zoo_attention_to_mamba.attention import Attention
from zoo_attention_to_mamba.checkpoints import read_checkpoint
from zoo_attention_to_mamba.language_modelling import (
    Batches,
    check_settings,
    train_next_token,
)
from zoo_attention_to_mamba.model import CausalLM
from zoo_attention_to_mamba.stories260k import read_stories260k
from zoo_attention_to_mamba.tokenizer import Tokenizer
from zoo_core import hub, model_config
from zoo_core.errors import BadInput, WeightsError, closest
from zoo_core.interfaces import Run
from zoo_core.models import create
from zoo_core.registry import registry
from zoo_core.resuming import Progress

TRAINING = ("source", "tokens", "rate", "warmup", "batch", "length")
START_SCALE = 0.02
ARCHITECTURE = "causal-transformer"


def read_teacher(source: str) -> CausalLM:
    """Return a teacher: a registered model, a folder of the zoo's or a checkpoint, or of the Hub.

    Raises `BadInput` where it is no Transformer, `WeightsError` where weights are not finite, and
    what `zoo.load` and `read_checkpoint` raise.
    """
    folder = Path(source).expanduser()
    if source in registry().models:
        teacher = zoo.load(source)
    elif _is_of_the_zoo(folder):
        teacher = zoo.load(folder)
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


def train(
    runs: Sequence[Run], config: Mapping[str, Any], progress: Callable[..., Any]
) -> list[nn.Module]:
    """Convert a published Transformer, or train one from scratch on the characters of a text.

    `config` has a `source` to convert ("stories260k", a folder or a repository of the Hub), or the
    shape of `CausalLM` with `tokens`, `rate`, `warmup`, `batch` and `length`.
    """
    source = config["source"]
    if source is None:
        return [_trained(run, config, progress) for run in runs]
    if source == "stories260k":
        made = read_stories260k()
    else:
        folder = Path(source).expanduser()
        made = read_checkpoint(folder if folder.is_dir() else source)
    return [built(*made) for _ in runs]


def _trained(run: Run, config: Mapping[str, Any], progress: Callable[..., Any]) -> CausalLM:
    check_settings(config, {"batch": 1, "length": 1, "warmup": 0}, ("tokens", "rate"))
    whole = "".join("".join(documents) for documents in run.data.documents.values())
    tokenizer = Tokenizer.from_characters(whole)
    content = tokenizer.as_bytes()
    shape = {key: value for key, value in config.items() if key not in TRAINING}
    shape |= {"vocabulary": tokenizer.size, "tokenizer_size": len(content)}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(run.seed)
        module = cast(CausalLM, create(ARCHITECTURE, **shape))
        # GPT-NeoX's start; torch's own is for layers that follow each other, not for residuals.
        for name, parameter in module.named_parameters():
            if parameter.dim() == 2:
                deep = name.endswith(("mixer.o.weight", "mlp.down.weight"))
                scale = (2 * shape["layers"]) ** -0.5 if deep else 1.0
                nn.init.normal_(parameter, std=START_SCALE * scale)
            elif name.endswith("bias"):
                nn.init.zeros_(parameter)
    module.tokenizer.copy_(torch.frombuffer(bytearray(content), dtype=torch.uint8))
    settings = {key: config[key] for key in TRAINING}
    stream = run.data.stream(tokenizer, "train")
    text = hashlib.sha256(stream.numpy().tobytes()).hexdigest()
    identity = {**config, "seed": run.seed, "text": text, "tokenizer": tokenizer.key}
    train_next_token(
        module,
        Batches(stream, config["batch"], config["length"], run.seed),
        {**settings, "feature_rate": config["rate"], "divergence": 0.0},
        data=run.data,
        kept=Progress.of(run.folder, "teacher", identity),
        progress=progress,
        label="teacher",
    )
    return module
