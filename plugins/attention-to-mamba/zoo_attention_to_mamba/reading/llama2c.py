"""Models of llama2.c, such as the teacher stories260k: of the Llama family, in a file of its own.

The format: seven int32 (width, hidden, layers, query heads, key/value heads, vocabulary, context),
then float32 matrices row by row as (out, in), stacked over layers, and the rotary tables.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from zoo_attention_to_mamba.causal_lm import CausalLM
from zoo_attention_to_mamba.tokenizer import Tokenizer
from zoo_core import DataError, Make

_HEADER = 7 * 4
_ROPE_BASE = 10_000.0
_EPSILON = 1e-5


def convert(paths: Sequence[Path], make: Make) -> CausalLM:
    """Return the model of a file of llama2.c and of its tokenizer's, the two `paths`.

    Raises `DataError` and `BadInput` where they are none, or do not go together.
    """
    weights, pieces = paths
    shape, state = parse_llama2c(weights.read_bytes(), Tokenizer.from_llama2c(pieces))
    module: CausalLM = make(**shape)
    module.load_state_dict(state)
    return module


def parse_llama2c(content: bytes, tokenizer: Tokenizer) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Return the shape and tensors of `CausalLM` for a model of llama2.c (its first format).

    The file's rotary embedding turns the pairs (0, 1), (2, 3), …; that of `CausalLM` pairs i with
    i + m/2. A common permutation of queries' and keys' coordinates leaves their products as they
    are, so the rows of both projections are put in the order 0, 2, …, 1, 3, … within each head.

    Raises `DataError` for another layout or size, another rotary table, or the tokenizer of
    another model.
    """
    header = [int(n) for n in np.frombuffer(content[:_HEADER], "<i4")]
    good = len(header) == 7 and all(0 < abs(n) < 2**24 for n in header)
    if not good or min(header[:5]) < 0 or header[6] < 0:
        raise DataError(
            f"This is no model of llama2.c: it begins with {header}, expected seven positive "
            "int32; give a .bin in its first format (without the magic number)."
        )
    width, hidden, layers, heads, kv_heads, vocabulary, context = header
    tied, vocabulary = vocabulary > 0, abs(vocabulary)
    head = width // heads
    if width % heads or heads % kv_heads or head % 2:
        raise DataError(
            f"This is no model of llama2.c: width {width}, {heads} heads and {kv_heads} key/value "
            "heads do not go together."
        )
    shapes = {
        "embedding": (vocabulary, width),
        "mixer_norm": (layers, width),
        "q": (layers, heads * head, width),
        "k": (layers, kv_heads * head, width),
        "v": (layers, kv_heads * head, width),
        "o": (layers, width, heads * head),
        "mlp_norm": (layers, width),
        "gate": (layers, hidden, width),
        "down": (layers, width, hidden),
        "up": (layers, hidden, width),
        "norm": (width,),
        "cos": (context, head // 2),
        "sin": (context, head // 2),
    }
    if not tied:
        shapes["head"] = (vocabulary, width)
    expected = _HEADER + 4 * sum(map(math.prod, shapes.values()))
    if len(content) != expected:
        raise DataError(
            f"The file has {len(content):,} bytes, but its header {header} makes {expected:,}; "
            "it is cut, or in another of llama2.c's formats."
        )
    if tokenizer.size != vocabulary:
        raise DataError(
            f"The tokenizer has {tokenizer.size} pieces, the model {vocabulary}; give its own."
        )
    parts = dict(_split(content, shapes))
    _check_rotary(parts["cos"], parts["sin"])
    for name, count in (("q", heads), ("k", kv_heads)):
        pairs = parts[name].view(layers, count, head // 2, 2, width)
        parts[name] = pairs.transpose(2, 3).reshape(layers, count * head, width)
    state = {"embedding.weight": parts["embedding"], "norm.weight": parts["norm"]}
    for i in range(layers):
        for name in ("mixer_norm", "mlp_norm"):
            state[f"blocks.{i}.{name}.weight"] = parts[name][i].clone()
        for name in "qkvo":
            state[f"blocks.{i}.mixer.{name}.weight"] = parts[name][i].clone()
        for name in ("gate", "up", "down"):
            state[f"blocks.{i}.mlp.{name}.weight"] = parts[name][i].clone()
    if not tied:
        state["head.weight"] = parts["head"]
    told = tokenizer.as_bytes()
    state["tokenizer"] = torch.frombuffer(bytearray(told), dtype=torch.uint8)
    shape: dict[str, Any] = {
        "family": "llama",
        "vocabulary": vocabulary,
        "width": width,
        "layers": layers,
        "heads": heads,
        "kv_heads": kv_heads,
        "head_width": head,
        "hidden": hidden,
        "context": context,
        "rotary": head,
        "rope_base": _ROPE_BASE,
        "rope_scaling": None,
        "epsilon": _EPSILON,
        "tied": tied,
        "parallel": False,
        "biases": False,
        "activation": "silu",
        "mixer": "attention",
        "tokenizer_size": len(told),
    }
    return shape, state


def _split(content: bytes, shapes: dict[str, tuple[int, ...]]) -> Iterator[tuple[str, Tensor]]:
    offset = _HEADER
    for name, shape in shapes.items():
        count = math.prod(shape)
        values = np.frombuffer(content, "<f4", count, offset).astype(np.float32)
        yield name, torch.from_numpy(values).view(shape)
        offset += 4 * count


def _check_rotary(cos: Tensor, sin: Tensor) -> None:
    """Raise `DataError` unless the tables are those of the base that the config will name."""
    context, pairs = cos.shape
    rates = _ROPE_BASE ** (-torch.arange(pairs, dtype=torch.float64) / pairs)
    angles = torch.outer(torch.arange(context, dtype=torch.float64), rates)
    wrong = torch.stack([cos - angles.cos(), sin - angles.sin()]).abs().max().item()
    if not wrong < 1e-3:  # also where it is NaN
        raise DataError(
            f"The file's rotary tables are not those of base {_ROPE_BASE:.0f} (they differ by "
            f"{wrong:.2g}); its blocks are in another order, or the model is of another kind."
        )
