"""Word pieces as they enter MiniLM's last layer, and that layer, which may be trained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from einops import rearrange
from torch import Tensor, nn
from torch.nn import functional

from zoo_core import BadInput, notice
from zoo_visualsem_kg.downstream.words import LONGEST, Words, shaped
from zoo_visualsem_kg.kept import kept
from zoo_visualsem_kg.sentences import MINILM_WHEEL, minilm

HEADS = 12
"""Of MiniLM's attention."""


class LastLayer(nn.Module):
    """A layer of BERT's: attention within a sentence, then two maps, each with its norm after it.

    Its weights are random until `begin`. Raises `BadInput` for a width that 12 heads cannot share.
    """

    def __init__(self, width: int, dropout: float = 0.1) -> None:
        if width % HEADS:
            raise BadInput(f"A last layer of width={width} has no {HEADS} heads; expected 384.")
        super().__init__()
        self.asked, self.joined = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.widened, self.narrowed = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.between, self.after = (nn.LayerNorm(width, eps=1e-12) for _ in range(2))
        self.dropout = dropout

    def forward(self, states: Tensor, there: Tensor) -> Tensor:
        """Return states (p, w) for states (p, w), one after another where `there` (b, l) is true.

        `there` says which places of b sentences have a piece: only attention is padded.
        """
        padded = states.new_zeros(*there.shape, 3 * states.shape[1])
        padded[there] = self.asked(states)
        q, k, v = rearrange(padded, "b l (part h d) -> part b h l d", part=3, h=HEADS).unbind(0)
        mixed = functional.scaled_dot_product_attention(
            q, k, v, attn_mask=there[:, None, None], dropout_p=self.dropout * self.training
        )
        read = self.joined(rearrange(mixed, "b h l d -> b l (h d)")[there])
        states = self.between(states + self._dropped(read))
        wide = functional.gelu(self.widened(states))
        found: Tensor = self.after(states + self._dropped(self.narrowed(wide)))
        return found

    def _dropped(self, part: Tensor) -> Tensor:
        return functional.dropout(part, self.dropout, self.training)

    @torch.no_grad()
    def begin(self) -> LastLayer:
        """Take up MiniLM's own weights and return self; raises what `minilm` raises."""
        layer = minilm(LONGEST)[0].encoder.layer[-1]
        own, out = layer.attention.self, layer.attention.output
        three = (own.query, own.key, own.value)
        self.asked.weight.copy_(torch.cat([one.weight for one in three]))
        self.asked.bias.copy_(torch.cat([one.bias for one in three]))
        for part, other in (
            (self.joined, out.dense),
            (self.between, out.LayerNorm),
            (self.widened, layer.intermediate.dense),
            (self.narrowed, layer.output.dense),
            (self.after, layer.output.LayerNorm),
        ):
            part.load_state_dict(other.state_dict())
        return self


@dataclass(frozen=True)
class Pieces:
    """The word pieces of many sentences in a row: states (P, w), words (P,), sentences (P,).

    `word` is -1 for a piece of no word; `shapes` are the words as they are written, which have no
    other vectors.
    """

    states: Tensor
    word: Tensor
    sentence: Tensor
    shapes: Words

    def read(self, layer: LastLayer, rows: Tensor) -> tuple[Words, Tensor]:
        """Return the words (t) of some sentences in their order, and which they are of all (t,).

        A word's vector is the mean of its pieces behind the layer, on the layer's device.
        """
        device = layer.asked.weight.device
        count = int(self.shapes.sentence.max()) + 1
        words = torch.bincount(self.shapes.sentence, minlength=count)
        pieces = torch.bincount(self.sentence, minlength=count)
        there = torch.arange(int(pieces[rows].max())) < pieces[rows][:, None]
        place = (pieces.cumsum(0) - pieces)[rows][:, None] + torch.arange(there.shape[1])
        states = layer(self.states[place[there]].to(device), there.to(device))
        first = words.cumsum(0) - words
        chosen = torch.repeat_interleave(torch.arange(len(rows)), words[rows])
        which = (
            torch.arange(len(chosen))
            + (first[rows] - (words[rows].cumsum(0) - words[rows]))[chosen]
        )
        # Of each word of all, its place among the chosen ones.
        local = torch.full((len(self.shapes.sentence),), -1)
        local[which] = torch.arange(len(which))
        word = self.word[place[there]]
        known = (word >= 0).nonzero()[:, 0]
        target = local[word[known]].to(device)
        total = states.new_zeros(len(which), states.shape[1])
        total = total.index_add(0, target, states[known.to(device)])
        pieces_of = torch.bincount(target, minlength=len(which)).clamp(min=1)
        vectors = torch.cat([total / pieces_of[:, None], self.shapes.vectors[which].to(total)], 1)
        return Words(vectors, chosen.to(device)), which


def read_pieces(
    sentences: Sequence[Sequence[str]],
    progress: Callable[..., Any] = lambda steps, **_: steps,
    *,
    keep: bool = True,
) -> Pieces:
    """Return the word pieces of sentences; what was read once is kept below `zoo_home`, if `keep`.

    Raises what `zoo_visualsem_kg.sentences.minilm` raises.
    """
    module, tokenizer = minilm(LONGEST)
    tokenizer.no_padding()
    found = tokenizer.encode_batch([list(words) for words in sentences], is_pretokenized=True)
    if cut := sum(bool(one.overflowing) for one in found):
        notice(f"{cut} sentences are longer than {LONGEST} word pieces: their ends are not read.")
    counts = torch.tensor([len(one.ids) for one in found])
    lengths = torch.tensor([len(words) for words in sentences])
    first = (lengths.cumsum(0) - lengths).tolist()
    word = [
        -1 if number is None else start + number
        for start, one in zip(first, found, strict=True)
        for number in one.word_ids
    ]
    key = ["before the last layer", MINILM_WHEEL.sha256, LONGEST, [list(w) for w in sentences]]
    states = kept("words", key, lambda: _before(module, found, counts, progress), keep)
    return Pieces(
        states,
        torch.tensor(word),
        torch.repeat_interleave(torch.arange(len(counts)), counts),
        shaped(sentences),
    )


@torch.no_grad()
def _before(
    module: Any, found: Sequence[Any], counts: Tensor, progress: Callable[..., Any]
) -> Tensor:
    """Return the states (P, w) that enter the last layer."""
    starts = counts.cumsum(0) - counts
    states = torch.zeros(int(counts.sum()), module.config.hidden_size)
    order = torch.argsort(counts, stable=True)
    for rows in progress(torch.split(order, 32), desc="reading words"):
        there = torch.arange(int(counts[rows].max())) < counts[rows][:, None]
        ids = torch.zeros(there.shape, dtype=torch.long)
        ids[there] = torch.tensor([piece for i in rows.tolist() for piece in found[i].ids])
        read = module(input_ids=ids, attention_mask=there.long(), output_hidden_states=True)
        place = starts[rows][:, None] + torch.arange(there.shape[1])
        states[place[there]] = read.hidden_states[-2][there]
    return states
