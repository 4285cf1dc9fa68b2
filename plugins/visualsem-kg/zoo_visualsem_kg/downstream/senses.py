"""`Senses`: an English verb in context to a verb of another language, section 3.9."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from zoo_core import BadInput, notice
from zoo_visualsem_kg.asking import checked_sentences, checked_top
from zoo_visualsem_kg.data.multisense import SenseSet
from zoo_visualsem_kg.downstream.knowledge import Knowledge
from zoo_visualsem_kg.sentences import encode

NAMES = "verbs.json"
EXAMPLES = 4
READS = ("verb", "phrase")


class SenseHead(nn.Module):
    """Parts (m, w_i) to scores of classes (m, c): each projected, then joined by two layers.

    The order is the official one: the hidden layer, then dropout, then ReLU.
    """

    def __init__(
        self,
        widths: Sequence[int],
        classes: int,
        projected: int = 100,
        hidden: int = 128,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.project = nn.ModuleList([nn.Linear(width, projected) for width in widths])
        self.decide = nn.Sequential(
            nn.Linear(projected * len(widths), hidden),
            nn.Dropout(dropout),
            nn.ReLU(),
            nn.Linear(hidden, classes),
        )

    def forward(self, *parts: Tensor) -> Tensor:
        """Return scores (m, c)."""
        joined = [one(part) for one, part in zip(self.project, parts, strict=True)]
        found: Tensor = self.decide(torch.cat(joined, -1))
        return found


class Senses(nn.Module):
    """A verb's vector, an image's title and the nearest entity's vector to scores of classes.

    `reads` is what the text is: the "verb" alone, or "phrase", verb and phrase together, which in
    the published split nearly tells the answer. With `title` a vector of the image's title stands
    where the paper has features of the image. With `knowledge` the vector of the entity that is
    nearest to the title (without a title: to the phrase) is read beside them; see `Knowledge` for
    the sizes. Titles are "" for images without one, and their vectors 0. Raises `BadInput` for
    another word.
    """

    def __init__(
        self,
        classes: int = 5,
        width: int = 4,
        reads: str = "verb",
        title: bool = True,
        knowledge: bool = False,
        projected: int = 100,
        hidden: int = 128,
        dropout: float = 0.1,
        entities: int = 7,
        relations: int = 2,
        facts: int = 5,
        text: int = 3,
        images: int = 2,
        image: int = 3,
        dim: int = 100,
        shuffled: int = 0,
        encoder: str = "minilm",
    ) -> None:
        if reads not in READS:
            raise BadInput(f"reads={reads!r} is wrong; expected {' or '.join(READS)}.")
        super().__init__()
        self.reads, self.title, self.encoder = reads, title, encoder
        self.knowledge: Knowledge | None = None
        if knowledge:
            self.knowledge = Knowledge(
                entities, relations, facts, text, width, images, image, dim, shuffled
            )
        widths = [width, *([width] if title else []), *([dim] if knowledge else [])]
        self.widths = widths
        self.head = SenseHead(widths, classes, projected, hidden, dropout)
        self.classes = tuple(map(str, range(classes)))
        self.verbs: tuple[str, ...] = ()

    def forward(self, *parts: Tensor) -> Tensor:
        """Return scores (m, c) of the parts: text (m, w), title (m, w), entity (m, d)."""
        found: Tensor = self.head(*parts)
        return found

    def parts(
        self,
        verbs: Sequence[str],
        phrases: Sequence[str],
        titles: Sequence[str],
        *,
        keep: bool = True,
    ) -> list[Tensor]:
        """Return what `forward` takes of examples; `keep` keeps vectors on the disk."""
        place = next(self.head.parameters())
        both = [f"{verb} {phrase}" for verb, phrase in zip(verbs, phrases, strict=True)]
        found = [encode(verbs if self.reads == "verb" else both, self.encoder, keep=keep)]
        if self.title:
            said = any(any(letter.isalnum() for letter in one) for one in titles)
            width = found[0].shape[1]
            found.append(
                encode(titles, self.encoder, keep=keep)
                if said
                else found[0].new_zeros(len(titles), width)
            )
        if self.knowledge is not None:
            vectors, _ = self.knowledge.read(titles if self.title else phrases, 1, keep=keep)
            found.append(vectors[:, 0])
        return [one.to(place) for one in found]

    def carry(self, data: SenseSet) -> None:
        """Take up the classes' names, and which verbs are trained on."""
        self.classes = data.classes
        self.verbs = tuple(sorted({data.verbs[i] for i in data.rows["train"].tolist()}))

    def outputs(self, split: Any, batch_size: int = 128) -> Iterator[dict[str, Tensor]]:
        """Yield logits and targets; raises `BadInput` for other classes and an empty split."""
        data = checked(split.data)
        if data.classes != self.classes:
            raise BadInput(
                f"The data have {len(data.classes)} classes (such as {data.classes[0]!r}), and the "
                f"model others: {len(self.classes)} (such as {self.classes[0]!r})."
            )
        if not len(split.indices):
            raise BadInput(f"The split {split.name!r} has no examples.")
        columns = (data.verbs, data.phrases, data.titles)
        for rows in torch.split(split.indices, batch_size):
            chosen = rows.tolist()
            parts = self.parts(*([one[i] for i in chosen] for one in columns), keep=False)
            yield {"logits": self(*parts), "target": data.labels[rows].to(parts[0].device)}

    def predict(self, verb: str, context: str = "", *, top: int = 3) -> list[dict[str, Any]]:
        """Return the best translations of an English verb in its context, with probabilities.

        `context` is the title or caption of an image, or the phrase that the verb is in; `top` is
        how many are returned. A verb that was not trained on is told. Raises `BadInput` for what is
        no text.
        """
        checked_sentences([verb, *([context] if context != "" else [])])
        checked_top(top)
        verb = verb.strip().lower()
        if self.verbs and verb not in self.verbs:
            notice(
                f"The verb {verb!r} is none of the {len(self.verbs)} that were trained on (such as "
                f"{self.verbs[0]!r}): its translations are those of verbs like it."
            )
        parts = self.parts([verb], [context], [context], keep=False)
        chances = self(*parts)[0].softmax(-1)
        best = chances.topk(min(top, len(self.classes)))
        helped: dict[str, Any] = {}
        if self.knowledge is not None and context:
            _, numbers = self.knowledge.read([context], 1, keep=False)
            helped = {"entity": ", ".join(self.knowledge.names(numbers[0].tolist()))}
        return [
            {"verb": self.classes[number], "probability": round(chance, 4), **helped}
            for chance, number in zip(best.values.tolist(), best.indices.tolist(), strict=True)
        ]

    def example_inputs(self, seed: int) -> tuple[Tensor, ...]:
        """Return the parts of four random examples."""
        generator = torch.Generator().manual_seed(seed)
        return tuple(torch.randn(EXAMPLES, width, generator=generator) for width in self.widths)

    def example_sources(self, seed: int) -> Sequence[str]:
        """Return a verb and the title of an image."""
        return ("lift", "mother lifting up her baby boy")

    def assets(self) -> Mapping[str, bytes]:
        """Return the classes, the verbs that were trained on, and the names of entities."""
        held: dict[str, Any] = {"classes": self.classes, "verbs": self.verbs}
        if self.knowledge is not None:
            held["entities"] = self.knowledge.named()
        content = json.dumps(held, ensure_ascii=False, separators=(",", ":"))
        return {NAMES: content.encode()}

    def use_assets(self, assets: Mapping[str, bytes]) -> None:
        """Take up names."""
        held = json.loads(assets[NAMES])
        self.classes, self.verbs = tuple(held["classes"]), tuple(held["verbs"])
        if self.knowledge is not None:
            self.knowledge.name(held["entities"])


def checked(data: Any) -> SenseSet:
    """Return data that senses are learned from; raises `BadInput` for others."""
    if not isinstance(data, SenseSet):
        raise BadInput("Verbs with their translations are needed; give multisense-de.")
    return data
