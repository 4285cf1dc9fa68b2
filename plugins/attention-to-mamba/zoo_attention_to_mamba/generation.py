"""Writing text with a language model: one prompt as a stream, several as a batch, or many stories.

A model reads its prompt once and then one token at a time, behind the cache of what it has read.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad

from zoo_attention_to_mamba.attention import Attention, AttentionCache
from zoo_attention_to_mamba.decoding import Mode, Stepper, check_mode
from zoo_attention_to_mamba.hedgemamba import MambaCache
from zoo_attention_to_mamba.network import Cache, Network
from zoo_attention_to_mamba.tokenizer import Decoder
from zoo_core import BadInput, WeightsError, plain

Choice = Callable[[Tensor, Sequence[int]], Tensor]
"""Picks the next token (b,) from logits (b, V), given the number of each row."""
Step = list[tuple[int, int]]
"""Numbers of rows, and the token that each has got."""

IDLE = 1 / 8
"""Rows whose text has ended are taken out of a batch when they are this share of it: to take them
out costs a copy of the cache, and to leave them in costs their part of the work."""
LARGEST_SEED = 2**63 - 1


def write(
    model: Network,
    prompts: str | Sequence[str] = (),
    *,
    tokens: int = 256,
    temperature: float = 1.0,
    top_k: int = 0,
    seed: int = 0,
    beyond: bool = False,
    mode: Mode = "eager",
) -> Iterator[str] | list[dict[str, str]]:
    """Go on writing behind each prompt, until a story ends or for up to `tokens` tokens.

    With one prompt, or none (then from the start token), return an iterator over pieces of text
    as they are made, the prompt first. With several, return a row ``{"prompt", "text"}`` each,
    made as one batch: row r's prompt and text together are what its prompt gives alone with the
    seed ``seed + r``.

    A text ends before its `tokens` at the end token, where a new story would start, and at the end
    of the model's context; `beyond` goes on beyond the context, which only models without attention
    can, because they keep a state of constant size. `temperature` divides the logits before the
    softmax, and 0 always takes the likeliest token; `top_k` draws from so many of the likeliest
    tokens, 0 from all. Equal seeds give equal texts. `mode` says how a token is read: "eager";
    "traced", which gives the same and is twice as fast after half a second; or "compiled", which is
    the fastest after a minute, rounds otherwise and needs a C++ compiler (see `decoding.Stepper`).

    Raises `BadInput` where an option is wrong; where a prompt is empty, is no text, has characters
    that the tokenizer does not know or does not fit into the context; and where there is none and
    the model has no start token. Raises `WeightsError` where the logits are no numbers.
    """
    tokens, temperature, top_k, seed = plain((tokens, temperature, top_k, seed))
    _check_options(model, tokens, temperature, top_k, seed, beyond)
    check_mode(mode)
    prompts = [prompts] if isinstance(prompts, str) else list(prompts)
    read = encoded(model, prompts)
    room = [tokens if beyond else model.context - len(ids) for ids in read]
    if min(room) < 1:
        raise BadInput(
            f"A prompt is {model.context - min(room)} tokens long, but the model knows "
            f"{model.context} positions and needs one to write; give at most {model.context - 1}."
        )
    choose = _choice(len(read), float(temperature), top_k, seed)
    limits = [min(tokens, one) for one in room]
    steps = _decode(model, *_read(model, read), choose, limits, mode)
    decoders = [model.text_tokenizer.decoder(after=ids) for ids in read]
    if len(prompts) < 2:
        return _stream("".join(prompts), decoders[0], steps)
    texts = [""] * len(prompts)
    for step in steps:
        for row, token in step:
            texts[row] += decoders[row].feed(token)
    return [
        {"prompt": prompt, "text": text + decoder.finish()}
        for prompt, text, decoder in zip(prompts, texts, decoders, strict=True)
    ]


def sample_tokens(model: Network, count: int, *, seed: int, batch: int = 128) -> Tensor:
    """Return stories sampled from a model, end to end: at least `count` token ids, 1-D, int64.

    Each story begins with the start token, is drawn at temperature 1 and is cut at the context;
    the last is whole. The stories are drawn `batch` at a time and taken in the order of their
    rows, not in that in which they end, which would favour short ones. The same `seed` and `batch`
    give the same stream, of which a smaller `count` gives the front.

    Raises `BadInput` where `count` or `batch` is not positive or the model has no start token, and
    `WeightsError` where the logits are no numbers.
    """
    _whole("count", count, 1)
    _whole("batch", batch, 1)
    _whole("seed", seed, 0, LARGEST_SEED)
    first = encoded(model, [])[0]
    generator = torch.Generator().manual_seed(seed)

    def choose(logits: Tensor, rows: Sequence[int]) -> Tensor:
        return _draw(logits, torch.rand(len(rows), generator=generator))

    stream: list[int] = []
    while len(stream) < count:
        stories = [list(first) for _ in range(batch)]
        limits = [model.context - 1] * batch
        for step in _decode(model, *_read(model, stories), choose, limits):
            for row, token in step:
                stories[row].append(token)
        for story in stories:
            if len(stream) < count:
                stream += story
    return torch.tensor(stream)


def _check_options(
    model: Network, tokens: Any, temperature: Any, top_k: Any, seed: Any, beyond: Any
) -> None:
    _whole("tokens", tokens, 1)
    _whole("top_k", top_k, 0)
    _whole("seed", seed, 0, LARGEST_SEED)
    number = isinstance(temperature, int | float) and not isinstance(temperature, bool)
    if not number or not 0 <= temperature < math.inf:
        raise BadInput(
            f"temperature={temperature!r} is wrong; expected a number from 0 (always the likeliest "
            "token) to about 2."
        )
    if not isinstance(beyond, bool):
        raise BadInput(f"beyond={beyond!r} is wrong; expected true or false.")
    if beyond and any(isinstance(one, Attention) for one in model.modules()):
        raise BadInput(
            f"beyond=true is not for attention: this model knows {model.context} positions; leave "
            "it out, or take a model whose mixers keep a state, such as hedgemamba."
        )


def _whole(name: str, value: Any, least: int, most: int | None = None) -> None:
    right = isinstance(value, int) and not isinstance(value, bool) and value >= least
    if not right or (most is not None and value > most):
        up = "" if most is None else f" to {most}"
        raise BadInput(f"{name}={value!r} is wrong; expected an integer from {least}{up}.")


def encoded(model: Network, prompts: Sequence[str]) -> list[list[int]]:
    """Return the ids of each prompt; of no prompt, the start token alone."""
    tokenizer = model.text_tokenizer
    for prompt in prompts:
        if not isinstance(prompt, str):
            raise BadInput(f"A prompt must be a text, not {prompt!r}; give a string.")
        if not prompt:
            raise BadInput("A prompt is empty; give some text, or no prompt at all.")
    if prompts:
        return tokenizer.encode_many(prompts)
    if tokenizer.start is None:
        raise BadInput(
            "This model's tokenizer has no start token, so a prompt is needed to go on from; give "
            "some text."
        )
    return [[tokenizer.start]]


def _stream(prompt: str, decoder: Decoder, steps: Iterator[Step]) -> Iterator[str]:
    """Yield the prompt and then the text of the one row, in whole characters."""
    if prompt:
        yield prompt
    for step in steps:
        for _, token in step:
            if piece := decoder.feed(token):
                yield piece
    if piece := decoder.finish():
        yield piece


@torch.inference_mode()
def _read(model: Network, rows: Sequence[Sequence[int]]) -> tuple[Tensor, Cache]:
    """Return the logits (b, V) behind the last of each row's ids, and the cache behind them."""
    lengths = {len(ids) for ids in rows}
    # Rows of one length are read at once; others alone, each as if there were no other.
    batches = [rows] if len(lengths) == 1 else [[ids] for ids in rows]
    device = model.embedding.weight.device
    found = [model.extend(torch.tensor(batch, device=device), last=True) for batch in batches]
    logits = torch.cat([logits[:, -1] for logits, _ in found])
    _check_numbers(logits)
    return logits, _merge([cache for _, cache in found])


@torch.inference_mode()
def _decode(
    model: Network,
    logits: Tensor,
    cache: Cache,
    choose: Choice,
    limits: Sequence[int],
    mode: Mode = "eager",
) -> Iterator[Step]:
    """Yield, token by token, the rows that go on and what they get; row r up to `limits[r]` times.

    `logits` (b, V) are those behind the cache's last tokens.
    """
    tokenizer = model.text_tokenizer
    ends = {tokenizer.start, tokenizer.end}
    stepper = Stepper(model, cache, max(limits), mode)
    rows = list(range(len(limits)))
    writing = set(rows)
    made = 0
    while True:
        # An embedding may have rows beyond the tokenizer's, for round numbers.
        chosen = choose(logits[:, : tokenizer.size], rows)
        step = list(zip(rows, chosen.tolist(), strict=True))
        writing.difference_update([row for row, token in step if token in ends])
        yield [one for one in step if one[0] in writing]
        made += 1
        writing = {row for row in writing if made < limits[row]}
        if not writing:
            return
        if len(rows) - len(writing) >= IDLE * len(rows):
            places = [place for place, row in enumerate(rows) if row in writing]
            rows = [rows[place] for place in places]
            index = torch.tensor(places, device=chosen.device)
            chosen = chosen[index]
            stepper = stepper.branch(index)
        logits = stepper.step(chosen)
        _check_numbers(logits)


def _check_numbers(logits: Tensor) -> None:
    if not bool(logits.isfinite().all()):
        raise WeightsError(
            "The model's logits are not finite numbers: its weights are damaged, or its training "
            "diverged; load or train them again."
        )


def _choice(rows: int, temperature: float, top_k: int, seed: int) -> Choice:
    """Return how tokens are picked; row r draws from its own generator, seeded with seed + r."""
    generators = [torch.Generator().manual_seed(seed + row) for row in range(rows)]

    def choose(logits: Tensor, rows: Sequence[int]) -> Tensor:
        best, likeliest = logits.max(-1, keepdim=True)
        if temperature == 0:
            return likeliest.squeeze(1)
        # The largest is 0 before the division, which may overflow to -inf only.
        logits = (logits.double() - best) / temperature
        if 0 < top_k < logits.shape[-1]:
            kept = logits.topk(top_k)
            logits = torch.full_like(logits, -math.inf).scatter(1, kept.indices, kept.values)
        uniform = [torch.rand(1, generator=generators[row]) for row in rows]
        return _draw(logits, torch.cat(uniform))

    return choose


def _draw(logits: Tensor, uniform: Tensor) -> Tensor:
    """Return the token (b,) at which each row's cumulative softmax passes `uniform` (b,).

    `uniform` is in [0, 1) and of float32, so that its product with the total is below the total.
    """
    passed = logits.softmax(-1).cumsum(-1, dtype=torch.float64)
    aim = uniform.to(passed.device, torch.float64).unsqueeze(1) * passed[:, -1:]
    return torch.searchsorted(passed, aim, right=True).squeeze(1)


def _merge(caches: Sequence[Cache]) -> Cache:
    """Return one cache of the rows of several."""
    if len(caches) == 1:
        return caches[0]
    mixers = [_merge_mixers(layer) for layer in zip(*(c.mixers for c in caches), strict=True)]
    return caches[0]._replace(position=torch.cat([c.position for c in caches]), mixers=mixers)


def _merge_mixers(caches: Sequence[Any]) -> AttentionCache | MambaCache:
    if isinstance(caches[0], MambaCache):
        inputs = None if caches[0].inputs is None else torch.cat([c.inputs for c in caches])
        return MambaCache(inputs, torch.cat([c.state for c in caches]))
    longest = max(one.keys.shape[2] for one in caches)
    # Filled up on the left, so that all rows go on at the same place.
    lacking = [longest - one.keys.shape[2] for one in caches]
    keys, values = (
        torch.cat([pad(kept, (0, 0, n, 0)) for kept, n in zip(rows, lacking, strict=True)])
        for rows in ([c.keys for c in caches], [c.values for c in caches])
    )
    hidden = torch.arange(longest) < torch.tensor(lacking).unsqueeze(1)
    return AttentionCache(keys, values, hidden.to(keys.device))
