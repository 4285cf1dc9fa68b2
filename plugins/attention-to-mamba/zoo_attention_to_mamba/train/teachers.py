"""Teachers: converted from a checkpoint, or trained from scratch."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import torch
from torch import nn

from zoo_attention_to_mamba.causal_lm import CausalLM
from zoo_attention_to_mamba.reading.checkpoints import read_checkpoint
from zoo_attention_to_mamba.reading.llama2c import read_stories260k
from zoo_attention_to_mamba.reading.teachers import ARCHITECTURE, built
from zoo_attention_to_mamba.tokenizer import Tokenizer
from zoo_attention_to_mamba.train.language_modelling import (
    Batches,
    check_settings,
    train_next_token,
)
from zoo_core import Progress, Run, create

TRAINING = ("source", "tokens", "rate", "warmup", "batch", "length")
START_SCALE = 0.02


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
