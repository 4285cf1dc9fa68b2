"""What decoding keeps and what it costs, against the length of the context."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor

from zoo_attention_to_mamba.checks import findings
from zoo_attention_to_mamba.checks.findings import as_ratio, finding, yes
from zoo_attention_to_mamba.decoding import Stepper
from zoo_attention_to_mamba.network import Cache, Network
from zoo_attention_to_mamba.specs.claims import FLAGSHIP, NARROW, TEACHER
from zoo_core import Finding, estimate, load
from zoo_core.statistics import at_least

CONTEXTS = (64, 128, 256, 512)
BEYOND = (1024, 4096)


def constant_memory() -> Finding:
    """Count the bytes kept behind contexts of many lengths."""
    read = findings.stories().stream(load(TEACHER).text_tokenizer, "test")
    found = {
        name: {context: state_bytes(load(name), read[:context]) for context in (*CONTEXTS, *BEYOND)}
        for name in (TEACHER, FLAGSHIP, NARROW)
    }
    growing = found[TEACHER]
    a_token = growing[CONTEXTS[0]] / CONTEXTS[0]
    verdicts = [
        yes(all(growing[context] == a_token * context for context in growing)),
        *(yes(len(set(found[name].values())) == 1) for name in (FLAGSHIP, NARROW)),
    ]
    sizes = {name: found[name][CONTEXTS[0]] for name in (FLAGSHIP, NARROW)}
    measured = (
        f"teacher {a_token:.0f} bytes a token ({growing[CONTEXTS[-1]]:,} at {CONTEXTS[-1]}); "
        "students "
        + " and ".join(
            f"{size:,} at every length (less from {math.floor(size / a_token) + 1} tokens on)"
            for size in sizes.values()
        )
        + ", with wide and with narrow feature maps"
    )
    return finding(verdicts, measured, {"bytes": found})


def decoding_speed(repeats: int = 25) -> Finding:
    """Time teacher and students at one text, taking turns."""
    return _speed(1, repeats)


def decoding_batch(repeats: int = 9) -> Finding:
    """Time them at 64 texts at once, as `sample_tokens` writes."""
    return _speed(64, repeats)


def _speed(rows: int, repeats: int) -> Finding:
    models = {name: load(name) for name in (TEACHER, FLAGSHIP, NARROW)}
    read = findings.stories().stream(models[TEACHER].text_tokenizer, "test")
    contexts = {name: (*CONTEXTS, *(BEYOND if name != TEACHER else ())) for name in models}
    found = tokens_per_second(models, contexts, read, rows=rows, repeats=repeats)
    longest = CONTEXTS[-1]
    gain = {
        name: estimate(
            [
                math.log(ours / theirs)
                for ours, theirs in zip(found[name][longest], found[TEACHER][longest], strict=True)
            ]
        )
        for name in (FLAGSHIP, NARROW)
    }
    quartiles = {
        name: {context: statistics.quantiles(row, n=4) for context, row in by_context.items()}
        for name, by_context in found.items()
    }

    def speeds(context: int) -> str:
        parts = (("teacher", TEACHER), ("student", FLAGSHIP), ("narrow student", NARROW))
        return ", ".join(
            f"{label} {quartiles[name][context][1]:.0f}"
            for label, name in parts
            if context in quartiles[name]
        )

    measured = (
        f"median tokens a second of CPU time, texts at once: {rows}: "
        + "; ".join(f"at {n} {speeds(n)}" for n in (CONTEXTS[0], longest, BEYOND[-1]))
        + f"; the student's over the teacher's at {longest}: {as_ratio(gain[FLAGSHIP])} over "
        f"{repeats} repeats"
    )
    figures = {
        "quartiles": quartiles,
        f"log ratio at {longest}": gain,
        "texts": rows,
        "repeats": repeats,
    }
    return finding([at_least(gain[FLAGSHIP], 0.0)], measured, figures)


@torch.inference_mode()
def state_bytes(model: Network, tokens: Tensor) -> int:
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
    models: Mapping[str, Network],
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


def _seconds(model: Network, cache: Cache, tokens: Tensor, rows: int) -> float:
    stepper = Stepper(model, cache, len(tokens))
    stepper.keep(torch.zeros(rows, dtype=torch.long))
    started = time.process_time()
    for token in torch.split(tokens, 1):
        stepper.step(token.expand(rows))
    return time.process_time() - started
