"""Words of a sentence as vectors: MiniLM's hidden states, neighbours, and how they are written."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from zoo_core import notice
from zoo_visualsem_kg.kept import kept
from zoo_visualsem_kg.sentences import MINILM_WHEEL, minilm

LONGEST = 256
"""Word pieces of a sentence that are read."""
WIDTH = 384
SHAPES = ("lower", "title", "upper", "mixed", "digits", "sign", "mention", "address")
"""How a word is written: MiniLM reads everything in lower case."""
_WORD = re.compile(r"https?://\S+|[@#]?\w+(?:['’-]\w+)*|[^\w\s]")


def split_words(sentence: str) -> tuple[str, ...]:
    """Return the words of a sentence: signs stand alone, addresses and mentions are one word."""
    return tuple(_WORD.findall(sentence))


def written(word: str) -> int:
    """Return the number of the way in which a word is written, of `SHAPES`."""
    letters = [letter for letter in word if letter.isalpha()]
    if word.startswith(("http://", "https://", "www.")):
        return SHAPES.index("address")
    if word.startswith(("@", "#")) and len(word) > 1:
        return SHAPES.index("mention")
    if not letters:
        return SHAPES.index("digits" if any(one.isdigit() for one in word) else "sign")
    if all(one.islower() for one in letters):
        return SHAPES.index("lower")
    if letters[0].isupper() and all(one.islower() for one in letters[1:]):
        return SHAPES.index("title")
    return SHAPES.index("upper" if all(one.isupper() for one in letters) else "mixed")


@dataclass(frozen=True)
class Words:
    """The words of many sentences in a row: vectors (T, w + 8), and their sentences (T,).

    The last eight numbers say which of `SHAPES` a word is written in.
    """

    vectors: Tensor
    sentence: Tensor

    def around(self, rows: Tensor, window: int) -> Tensor:
        """Return the vectors (m, (2 window + 1) (w + 8)) of words and neighbours.

        Beyond the ends of a sentence they are 0.
        """
        found = []
        last = len(self.sentence) - 1
        rows = rows.to(self.sentence.device)
        for shift in range(-window, window + 1):
            place = (rows + shift).clamp(0, last)
            inside = (self.sentence[place] == self.sentence[rows]) & (place == rows + shift)
            found.append(self.vectors[place] * inside[:, None])
        return torch.cat(found, 1)


def read_words(
    sentences: Sequence[Sequence[str]],
    progress: Callable[..., Any] = lambda steps, **_: steps,
    *,
    keep: bool = True,
) -> Words:
    """Return the words of sentences; what was read once is kept below `zoo_home`, if `keep`.

    A word's vector is the mean of its word pieces' last hidden states, 0 beyond `LONGEST` pieces,
    which is told. Raises what `zoo_visualsem_kg.sentences.minilm` raises.
    """
    lengths = torch.tensor([len(words) for words in sentences], dtype=torch.long)
    key = [MINILM_WHEEL.sha256, LONGEST, [list(words) for words in sentences]]
    vectors = kept("words", key, lambda: _encoded(sentences, lengths, progress), keep)
    shapes = shaped(sentences)
    return Words(torch.cat([vectors, shapes.vectors], 1), shapes.sentence)


def shaped(sentences: Sequence[Sequence[str]]) -> Words:
    """Return the words of sentences by how they are written alone: vectors (T, 8)."""
    lengths = torch.tensor([len(words) for words in sentences], dtype=torch.long)
    shapes = torch.tensor([written(w) for words in sentences for w in words], dtype=torch.long)
    return Words(
        functional.one_hot(shapes, len(SHAPES)).float(),
        torch.repeat_interleave(torch.arange(len(lengths)), lengths),
    )


@torch.no_grad()
def _encoded(
    sentences: Sequence[Sequence[str]], lengths: Tensor, progress: Callable[..., Any]
) -> Tensor:
    module, tokenizer = minilm(LONGEST)
    starts = torch.cumsum(lengths, 0) - lengths
    vectors = torch.zeros(int(lengths.sum()), WIDTH)
    order = sorted(range(len(sentences)), key=lambda i: (len(sentences[i]), i))
    cut = 0
    for begin in progress(range(0, len(order), 32), desc="reading words"):
        rows = order[begin : begin + 32]
        found = tokenizer.encode_batch([list(sentences[i]) for i in rows], is_pretokenized=True)
        ids = torch.tensor([one.ids for one in found])
        mask = torch.tensor([one.attention_mask for one in found])
        hidden = module(input_ids=ids, attention_mask=mask).last_hidden_state
        for row, one, states in zip(rows, found, hidden, strict=True):
            words = torch.tensor([-1 if word is None else word for word in one.word_ids])
            here = words >= 0
            total = torch.zeros(len(sentences[row]), WIDTH).index_add(0, words[here], states[here])
            count = torch.bincount(words[here], minlength=len(total))
            start = int(starts[row])
            vectors[start : start + len(total)] = total / count.clamp(min=1)[:, None]
            cut += bool(one.overflowing)
    if cut:
        notice(f"{cut} sentences are longer than {LONGEST} word pieces: their ends are not read.")
    return vectors
