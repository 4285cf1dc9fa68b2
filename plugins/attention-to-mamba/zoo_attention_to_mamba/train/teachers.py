"""Teachers: converted from a checkpoint, or trained from scratch on the characters of a text."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from zoo_attention_to_mamba.causal_lm import CausalLM
from zoo_attention_to_mamba.reading.teachers import read_teacher
from zoo_attention_to_mamba.tokenizer import Tokenizer
from zoo_attention_to_mamba.train.language_modelling import (
    Batches,
    check_settings,
    train_next_token,
)
from zoo_core import Progress, Run

START_SCALE = 0.02


def train(run: Run, progress: Callable[..., Any]) -> nn.Module:
    """Convert the recipe's `checkpoint`, or train a Transformer on the characters of the text.

    The recipe also has `tokens`, `rate` and `warmup`, and `batch` and `length` of the windows.
    """
    checkpoint = run.recipe["checkpoint"]
    if checkpoint is not None:
        return read_teacher(checkpoint, run.make)
    recipe = run.recipe
    check_settings(recipe, {"batch": 1, "length": 1, "warmup": 0}, ("tokens", "rate"))
    whole = "".join("".join(documents) for documents in run.data.documents.values())
    tokenizer = Tokenizer.from_characters(whole)
    content = tokenizer.as_bytes()
    module: CausalLM = run.make(vocabulary=tokenizer.size, tokenizer_size=len(content))
    _start(module)
    module.tokenizer.copy_(torch.frombuffer(bytearray(content), dtype=torch.uint8))
    stream = run.data.stream(tokenizer, "train")
    # What a resumed run must agree in; the text is known by its tokens, not by a name.
    identity = {
        **run.shape,
        **recipe,
        "seed": run.seed,
        "text": hashlib.sha256(stream.numpy().tobytes()).hexdigest(),
        "tokenizer": tokenizer.key,
    }
    train_next_token(
        module,
        Batches(stream, recipe["batch"], recipe["length"], run.seed),
        {**recipe, "feature_rate": recipe["rate"], "divergence": 0.0},
        data=run.data,
        kept=Progress.of(run.folder, "teacher", identity),
        progress=progress,
        label="teacher",
    )
    return module


def _start(module: CausalLM) -> None:
    """Draw GPT-NeoX's start: torch's own is for layers that follow each other, not residuals."""
    deep = (2 * len(module.blocks)) ** -0.5
    for name, parameter in module.named_parameters():
        if parameter.dim() == 2:
            last = name.endswith(("mixer.o.weight", "mlp.down.weight"))
            nn.init.normal_(parameter, std=START_SCALE * (deep if last else 1.0))
        elif name.endswith("bias"):
            nn.init.zeros_(parameter)
