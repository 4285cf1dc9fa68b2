"""What decoding keeps and what it costs, against the length of the context."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor

from zoo_attention_to_mamba.decoding import Stepper
from zoo_attention_to_mamba.model import Cache, CausalLM


@torch.inference_mode()
def state_bytes(model: CausalLM, tokens: Tensor) -> int:
    """Return the bytes that a model keeps behind one text, tokens (T,), to go on writing."""
    return Stepper(model, model.extend(tokens[None])[1], 1).state_bytes


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute on one thread, and on as many as before afterwards."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def tokens_per_second(
    models: Mapping[str, CausalLM],
    contexts: Mapping[str, Sequence[int]],
    tokens: Tensor,
    *,
    rows: int,
    count: int = 32,
    repeats: int,
) -> dict[str, dict[int, list[float]]]:
    """Return how many tokens a second of CPU time each model reads, one by one, on one thread.

    Measured over the last `count` tokens before each of its contexts, which are the front of
    `tokens` (T,), in `rows` rows at once. The models take turns in each of the repeats.
    """
    found: dict[str, dict[int, list[float]]] = {
        name: {context: [] for context in contexts[name]} for name in models
    }
    with one_thread(), torch.inference_mode():
        caches = {
            (name, context): model.extend(tokens[None, : context - count])[1]
            for name, model in models.items()
            for context in contexts[name]
        }
        for repeat in range(-1, repeats):
            for context in sorted({context for _, context in caches}):
                for name, model in models.items():
                    if (name, context) in caches:
                        read = tokens[context - count : context]
                        seconds = _seconds(model, caches[name, context], read, rows)
                        if repeat >= 0:  # the one before is to warm up
                            found[name][context].append(rows * count / seconds)
    return found


def _seconds(model: CausalLM, cache: Cache, tokens: Tensor, rows: int) -> float:
    stepper = Stepper(model, cache, len(tokens))
    stepper.keep(torch.zeros(rows, dtype=torch.long))
    started = time.process_time()
    for token in tokens.split(1):
        stepper.step(token.expand(rows))
    return time.process_time() - started
