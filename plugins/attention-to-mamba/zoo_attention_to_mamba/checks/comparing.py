"""Language models held against each other on the same text: window by window, story by story."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch.nn.functional import cross_entropy

from zoo_attention_to_mamba.causal_lm import CausalLM
from zoo_attention_to_mamba.text import Text
from zoo_attention_to_mamba.tokenizer import Tokenizer
from zoo_attention_to_mamba.train import alignment

BATCH = 16
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


@torch.no_grad()
def window_losses(model: CausalLM, data: Text, split: str) -> list[float]:
    """Return the mean loss per token, in nats, of each of a split's consecutive windows.

    All windows have the same number of tokens: exp of the mean of these is the perplexity.
    """
    found: list[float] = []
    for outputs in model.outputs(data.split(split)):
        logits, targets = outputs["logits"], outputs["target"]
        losses = cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
        found += losses.view_as(targets).double().mean(1).tolist()
    return found


class Agreement(NamedTuple):
    """By window: KL(teacher‖student) in nats per token, and the share of equal likeliest tokens."""

    divergence: list[float]
    top1: list[float]


@torch.no_grad()
def agreements(
    teacher: CausalLM, students: Sequence[CausalLM], data: Text, split: str
) -> list[Agreement]:
    """Hold each student's next-token distributions against the teacher's; one pass of it serves."""
    found = [Agreement([], []) for _ in students]
    streams = [model.outputs(data.split(split)) for model in (teacher, *students)]
    for batch in zip(*streams, strict=True):
        wanted, *logits = (outputs["logits"].log_softmax(-1) for outputs in batch)
        for agreement, seen in zip(found, logits, strict=True):
            apart = (wanted.exp() * (wanted - seen)).sum(-1)
            agreement.divergence.extend(apart.double().mean(1).tolist())
            same = wanted.argmax(-1) == seen.argmax(-1)
            agreement.top1.extend(same.double().mean(1).tolist())
    return found


@torch.no_grad()
def layer_cosines(
    teacher: CausalLM, student: CausalLM, data: Text, split: str, windows: int
) -> list[float]:
    """Return each layer's mean cosine of the two mixers' outputs, both fed the teacher's inputs.

    Over the first `windows` windows of a split: 1 minus the loss of stage 1.
    """
    inputs, _ = teacher.windows(data.split(split))
    batches = torch.split(inputs[:windows], BATCH)
    apart = [len(batch) * alignment.distances(student, teacher, batch) for batch in batches]
    cosines: list[float] = (1 - torch.stack(apart).sum(0) / len(inputs[:windows])).tolist()
    return cosines


def last_word(tokenizer: Tokenizer, story: str, context: int) -> tuple[list[int], list[int]]:
    """Return the ids before a text's last word, at most `context` with the word's, and the word's.

    A word is letters, joined by apostrophes or hyphens: the marks behind it are left out, so that
    the word's pieces are those that it has where nothing follows. What comes before it is cut from
    the left. Raises `ValueError` where there is no word.
    """
    words = list(_WORD.finditer(story))
    if not words:
        raise ValueError(f"the text {story[:40]!r} has no word")
    ids = tokenizer.encode(story[: words[-1].end()])
    before = tokenizer.encode(story[: words[-1].start()].rstrip(" "))
    # The same up to where the word begins; a mark before it may be in a piece with its front.
    same = next((i for i, (a, b) in enumerate(zip(ids, before, strict=False)) if a != b), None)
    cut = min(len(ids), len(before)) if same is None else same
    word = ids[cut:]
    return ids[max(0, len(ids) - context) : cut], word


@torch.no_grad()
def last_words(model: CausalLM, stories: Sequence[str]) -> list[float]:
    """Return 1.0 for each story whose last word is written greedily behind the rest, else 0.0.

    All pieces of the word must be the likeliest: that is what greedy decoding would write.
    """
    found = []
    for story in stories:
        before, word = last_word(model.text_tokenizer, story, model.context)
        logits = model(torch.tensor([[*before, *word[:-1]]]))
        chosen = logits[0, len(before) - 1 :].argmax(-1).tolist()
        found.append(float(chosen == word))
    return found
