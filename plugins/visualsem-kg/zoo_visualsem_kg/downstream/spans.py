"""Spans of tags: read strictly, decoded without what no tagging has, and their F1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torchmetrics import Metric

PAD = -1
"""What stands behind the last word of a sentence in a batch."""
Span = tuple[int, int, str]


def spans_of(tags: Sequence[str]) -> list[Span]:
    """Return spans as (first word, word after the last, type), read strictly.

    A span begins with B-TYPE and goes on with I-TYPE of the same type; an I-TYPE after anything
    else is in no span, as in seqeval's strict mode of IOB2.
    """
    found: list[Span] = []
    start: int | None = None
    kind = ""
    for place, tag in enumerate((*tags, "O")):
        if start is not None and tag != f"I-{kind}":
            found.append((start, place, kind))
            start = None
        if tag.startswith("B-"):
            start, kind = place, tag[2:]
    return found


def allowed(names: Sequence[str]) -> Tensor:
    """Return which tag (t, t) may follow which, row after row; I-TYPE only B-TYPE and I-TYPE."""
    return torch.tensor(
        [
            [not tag.startswith("I-") or before[1:] == tag[1:] for tag in names]
            for before in names
        ]
    )  # fmt: skip


def decode(scores: Sequence[Tensor], names: Sequence[str]) -> list[Tensor]:
    """Return the most probable tags (L,) of sentences (L, t) among those that are a tagging.

    It is the best path by the sum of log probabilities, in which I-TYPE follows its own type alone.
    Shorter sentences of a batch end in O, which may follow any tag and costs nothing.
    """
    if not scores:
        return []
    rows = nn.utils.rnn.pad_sequence([one.double().log_softmax(-1).cpu() for one in scores])
    ended = torch.full((len(names),), -torch.inf, dtype=torch.double)
    ended[names.index("O")] = 0
    lengths = torch.tensor([len(one) for one in scores])
    over = torch.arange(len(rows))[:, None] >= lengths
    rows = torch.where(over[..., None], ended, rows)
    barred = torch.zeros(len(names), len(names), dtype=torch.double)
    barred[~allowed(names)] = -torch.inf
    begins = [-torch.inf if name.startswith("I-") else 0.0 for name in names]
    best, back = rows[0] + torch.tensor(begins, dtype=torch.double), []
    for row in rows[1:]:
        value, place = (best[:, :, None] + barred).max(1)
        best = value + row
        back.append(place)
    path = [best.argmax(1)]
    for place in reversed(back):
        path.append(place.gather(1, path[-1][:, None])[:, 0])
    found = torch.stack(path[::-1], 1)
    return [one[:length] for one, length in zip(found, lengths.tolist(), strict=True)]


class SpanScore(Metric):
    """Precision, recall or F1 of spans, all types together; a span counts if all of it is right."""

    full_state_update = False
    higher_is_better = True
    is_differentiable = False
    right: Tensor
    predicted: Tensor
    true: Tensor

    def __init__(self, tags: Sequence[str], figure: str = "f1") -> None:
        super().__init__()
        if figure not in ("f1", "precision", "recall"):
            raise ValueError(f"figure={figure!r} is wrong; expected f1, precision or recall.")
        self.tags, self.figure = tuple(tags), figure
        for name in ("right", "predicted", "true"):
            self.add_state(name, default=torch.zeros((), dtype=torch.double), dist_reduce_fx="sum")

    def update(self, predicted: Tensor, true: Tensor) -> None:
        """Count sentences (b, L) of tags' numbers, `PAD` behind their ends."""
        for one, other in zip(predicted.tolist(), true.tolist(), strict=True):
            found, held = (
                set(spans_of([self.tags[i] for i in row if i != PAD])) for row in (one, other)
            )
            self.right += len(found & held)
            self.predicted += len(found)
            self.true += len(held)

    def compute(self) -> Tensor:
        """Return it, within [0, 1]; 0 where there is nothing to be right about."""
        parts: dict[str, Any] = {
            "precision": self.predicted,
            "recall": self.true,
            "f1": (self.predicted + self.true) / 2,
        }
        below = parts[self.figure]
        return self.right / below.clamp(min=1e-9) if float(below) else torch.zeros_like(self.right)
