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
from zoo_attention_to_mamba.checks.findings import exponential
from zoo_attention_to_mamba.decoding import MODES, Mode, Stepper, compiler
from zoo_attention_to_mamba.network import Network
from zoo_attention_to_mamba.specs.claims import FLAGSHIP, NARROW, TEACHER
from zoo_core import Finding, estimate

CONTEXTS = (64, 128, 256, 512)
BEYOND = (1024, 4096)


def constant_memory() -> Finding:
    """Count the bytes kept behind contexts of many lengths."""
    read = findings.stories().stream(findings.network(TEACHER).text_tokenizer, "test")
    found = {
        name: {
            context: state_bytes(findings.network(name), read[:context])
            for context in (*CONTEXTS, *BEYOND)
        }
        for name in (TEACHER, FLAGSHIP, NARROW)
    }
    growing = found[TEACHER]
    a_token = growing[CONTEXTS[0]] / CONTEXTS[0]
    sizes = {name: found[name][CONTEXTS[0]] for name in (FLAGSHIP, NARROW)}

    def constant(name: str) -> bool:
        return len(set(found[name].values())) == 1

    return Finding(
        quantities={
            "the teacher's bytes proportional to the tokens": all(
                growing[context] == a_token * context for context in growing
            ),
            "the student's bytes the same at 64 to 4,096 tokens": constant(FLAGSHIP),
            "the narrow student's bytes the same at 64 to 4,096 tokens": constant(NARROW),
        },
        told=f"teacher {a_token:.0f} bytes a token ({growing[CONTEXTS[-1]]:,} at {CONTEXTS[-1]}); "
        "students "
        + " and ".join(
            f"{size:,} (less from {math.floor(size / a_token) + 1} tokens on)"
            for size in sizes.values()
        )
        + ", with wide and with narrow feature maps",
        figures=findings.plain({"bytes": found}),
    )


def decoding_speed(texts: int, repeats: int) -> Finding:
    """Time teacher and students at so many texts at once, taking turns, all in the same modes.

    Judged are the speeds compiled where there is a compiler, and else traced: a model is to be as
    fast as its arithmetic lets it be. Those of the other modes are told beside them.
    """
    models = {name: findings.network(name) for name in (TEACHER, FLAGSHIP, NARROW)}
    read = findings.stories().stream(models[TEACHER].text_tokenizer, "test")
    contexts = {name: (*CONTEXTS, *(BEYOND if name != TEACHER else ())) for name in models}
    modes = MODES if compiler() else tuple(mode for mode in MODES if mode != "compiled")
    judged = modes[-1]
    found = tokens_per_second(models, contexts, read, rows=texts, repeats=repeats, modes=modes)
    longest = CONTEXTS[-1]
    lead = {
        mode: {
            name: estimate(
                [
                    math.log(ours / theirs)
                    for ours, theirs in zip(
                        speeds[name][longest], speeds[TEACHER][longest], strict=True
                    )
                ]
            )
            for name in (FLAGSHIP, NARROW)
        }
        for mode, speeds in found.items()
    }
    quartiles = {
        mode: {
            name: {context: statistics.quantiles(row, n=4) for context, row in by_context.items()}
            for name, by_context in speeds.items()
        }
        for mode, speeds in found.items()
    }
    told = [
        f"{mode}, "
        + "; ".join(
            f"at {n} {_speeds(rows, n)}"
            for n in ((CONTEXTS[0], longest, BEYOND[-1]) if mode == judged else (longest,))
        )
        for mode, rows in reversed(quartiles.items())
    ]
    if judged != "compiled":
        told.append("compiled, not measured: no C++ compiler was found")
    return Finding(
        quantities={
            "tokens a second over the teacher's, at 512 tokens": exponential(lead[judged][FLAGSHIP])
        },
        told=f"judged {judged}; student over teacher at {longest} "
        + ", ".join(f"{mode} {math.exp(lead[mode][FLAGSHIP].mean):.2f}" for mode in reversed(modes))
        + f"; median tokens a second of CPU time, texts at once: {texts}: "
        + "; ".join(told),
        figures=findings.plain(
            {
                "mode": judged,
                "quartiles": quartiles[judged],
                "quartiles of other modes": {
                    mode: rows for mode, rows in quartiles.items() if mode != judged
                },
                f"log ratio at {longest}": lead,
                "texts": texts,
                "repeats": repeats,
            }
        ),
    )


def _speeds(quartiles: Mapping[str, Mapping[int, Sequence[float]]], context: int) -> str:
    """Return the median speeds at a context, for people."""
    parts = (("teacher", TEACHER), ("student", FLAGSHIP), ("narrow student", NARROW))
    return ", ".join(
        f"{label} {quartiles[name][context][1]:.0f}"
        for label, name in parts
        if context in quartiles[name]
    )


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
    modes: Sequence[Mode] = MODES,
) -> dict[Mode, dict[str, dict[int, list[float]]]]:
    """Return how many tokens a second of CPU time each model reads, one by one, on one thread.

    Measured in each mode over the last `count` tokens before each of its contexts, which are the
    front of `tokens` (T,), in `rows` rows at once. The models and modes take turns in each of the
    repeats. What tracing and compiling take is not counted.
    """
    found: dict[Mode, dict[str, dict[int, list[float]]]] = {
        mode: {name: {context: [] for context in contexts[name]} for name in models}
        for mode in modes
    }
    with one_thread(), torch.inference_mode():
        steppers = {
            (mode, name, context): _behind(model, tokens[: context - count], rows, count, mode)
            for context in sorted({context for each in contexts.values() for context in each})
            for mode in modes
            for name, model in models.items()
            if context in contexts[name]
        }
        for repeat in range(-1, repeats):
            for (mode, name, context), stepper in steppers.items():
                seconds = _seconds(stepper, tokens[context - count : context], rows)
                if repeat >= 0:  # the one before is to warm up
                    found[mode][name][context].append(rows * count / seconds)
    return found


def _behind(model: Network, tokens: Tensor, rows: int, room: int, mode: Mode) -> Stepper:
    """Return a stepper behind the tokens (T,), in so many rows."""
    stepper = Stepper(model, model.extend(tokens[None])[1], room, mode)
    return stepper.branch(torch.zeros(rows, dtype=torch.long))


def _seconds(stepper: Stepper, tokens: Tensor, rows: int) -> float:
    stepper = stepper.branch(torch.arange(rows))
    started = time.process_time()
    for token in torch.split(tokens, 1):
        stepper.step(token.expand(rows))
    return time.process_time() - started
