"""Teachers: what can teach, and checkpoints as transformers writes them."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from typing import Any

from torch import nn

from zoo_attention_to_mamba.attention import Attention
from zoo_attention_to_mamba.causal_lm import CausalLM
from zoo_attention_to_mamba.reading.checkpoints import read_checkpoint
from zoo_core import BadInput, WeightsError


def read_teacher(checkpoint: str | PathLike[str], make: Callable[..., Any] = CausalLM) -> CausalLM:
    """Return the Transformer of a checkpoint, with its tokenizer, in eval mode.

    `checkpoint` is what `read_checkpoint` takes; it raises what is wrong with it. `make` constructs
    the module.
    """
    shape, state, _ = read_checkpoint(checkpoint)
    module: CausalLM = make(**shape)
    module.load_state_dict(state)
    return module.eval()


def as_teacher(module: nn.Module) -> CausalLM:
    """Return a module as a teacher: in float32, in eval mode and frozen.

    Raises `BadInput` where it is no Transformer, `WeightsError` where weights are not finite.
    """
    attends = isinstance(module, CausalLM) and all(
        isinstance(block.mixer, Attention) for block in module.blocks
    )
    if not isinstance(module, CausalLM) or not attends:
        raise BadInput("The teacher is no Transformer; a teacher has softmax attention.")
    if not all(bool(parameter.isfinite().all()) for parameter in module.parameters()):
        raise WeightsError(
            "The weights of the teacher are not all finite numbers; load or train them again."
        )
    return module.float().eval().requires_grad_(False)
