"""`TripleSet`: a knowledge graph with its splits; `Vocabulary`: its things by id, name or alias."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from zoo_core import BadInput, Split

SPLITS = ("train", "val", "test")


def plain_name(text: str) -> str:
    """Return a name as it is compared: without case, with spaces for underscores."""
    return " ".join(str(text).replace("_", " ").casefold().split())


@dataclass(frozen=True)
class Vocabulary:
    """Things by number: their `ids`, their `names` (default: the ids), further `aliases`.

    `kind` is the word for one of them in what is said to people.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...] = ()
    aliases: tuple[tuple[str, ...], ...] = ()
    kind: str = "entity"

    def __post_init__(self) -> None:
        if len(set(self.ids)) != len(self.ids):
            raise BadInput(f"Two of the {self.kind} ids are the same; each must be there once.")
        object.__setattr__(self, "names", self.names or self.ids)
        if len(self.names) != len(self.ids):
            raise BadInput(
                f"{len(self.names)} names for {len(self.ids)} ids of kind {self.kind} were given."
            )

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each id."""
        return {one: number for number, one in enumerate(self.ids)}

    @cached_property
    def _named(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for number, name in enumerate(self.names):
            found.setdefault(plain_name(name), []).append(number)
        return found

    @cached_property
    def _aliased(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for number, names in enumerate(self.aliases):
            for name in names:
                found.setdefault(plain_name(name), []).append(number)
        return found

    def find(self, text: Any) -> int:
        """Return the number of what a person writes: an id, a name, an alias.

        Raises `BadInput` for what several things are called, and for what is not there, with close
        matches.
        """
        text = str(text)
        if text in self.numbers:
            return self.numbers[text]
        wanted = plain_name(text)
        for known in (self._named, self._aliased):
            found = known.get(wanted, [])
            if len(found) == 1:
                return found[0]
            if found:
                listed = ", ".join(f"{self.ids[i]} ({self.names[i]})" for i in found[:5])
                raise BadInput(
                    f"{len(found)} things are called {text!r}: {listed}; give the id of one."
                )
        close = self._close(wanted)
        hint = f"; did you mean {' or '.join(close)}?" if close else "."
        raise BadInput(f"There is no {self.kind} {text!r} among {len(self)}{hint}")

    def _close(self, wanted: str) -> list[str]:
        known = {**self._aliased, **self._named, **{plain_name(i): [n] for i, n in
                 self.numbers.items()}}  # fmt: skip
        matches = difflib.get_close_matches(wanted, known, n=3, cutoff=0.6)
        if not matches and len(wanted) > 2:
            matches = sorted((name for name in known if wanted in name), key=len)[:3]
        return [repr(match) for match in matches]


@dataclass(frozen=True)
class TripleSet:
    """A knowledge graph: triples (N, 3) of heads, relations and tails, int64, and their splits.

    `rows` maps a split's name to its rows of `triples`. `texts` are the entities' glosses, ""
    where there is none; `images` are their image features, a mask (n,) and vectors (n, d).
    `negatives` maps a split to triples (m, 3) that are plausible and false. `imagenet` (n,) is the
    ILSVRC class of an entity, -1 for none. Raises `BadInput` for numbers out of range.
    """

    triples: Tensor
    entities: Vocabulary
    relations: Vocabulary
    rows: Mapping[str, Tensor]
    texts: tuple[str, ...] = ()
    images: tuple[Tensor, Tensor] | None = None
    negatives: Mapping[str, Tensor] = field(default_factory=dict)
    imagenet: Tensor | None = None

    def __post_init__(self) -> None:
        n, r = len(self.entities), len(self.relations)
        for name, triples in {"triples": self.triples, **self.negatives}.items():
            if triples.dim() != 2 or triples.shape[1] != 3 or triples.dtype != torch.int64:
                raise BadInput(f"The {name} are {tuple(triples.shape)}; expected (N, 3), int64.")
            if len(triples) and (
                int(triples.min()) < 0
                or int(triples[:, [0, 2]].max()) >= n
                or int(triples[:, 1].max()) >= r
            ):
                raise BadInput(f"The {name} name things beyond {n} entities and {r} relations.")
        if self.texts and len(self.texts) != n:
            raise BadInput(f"{len(self.texts)} texts were given for {n} entities.")

    @property
    def splits(self) -> tuple[str, ...]:
        """The names of the splits that it has."""
        return tuple(self.rows)

    @property
    def facts(self) -> dict[str, int | str]:
        """What a card says of the data."""
        counts: dict[str, int | str] = {"entities": len(self.entities)}
        counts["relations"] = len(self.relations)
        return counts | {f"{name} triples": len(rows) for name, rows in self.rows.items()}

    def split(self, name: str) -> Split:
        """Return the view of one split."""
        return Split(self, name, self.rows[name])

    def of(self, name: str) -> Tensor:
        """Return the triples (m, 3) of one split; none where there is no such split."""
        return self.triples[self.rows[name]] if name in self.rows else self.triples[:0]

    def with_rows(self, rows: Mapping[str, Tensor]) -> TripleSet:
        """Return the same graph, split in another way."""
        return replace(self, rows=dict(rows))
