"""Words of a sentence that are names of entities."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor
from zoo_triples.triples import Vocabulary, plain_name

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def singulars(word: str) -> tuple[str, ...]:
    """Return a word, and what it may be the English plural of."""
    found = [word]
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        found.append(word[:-1])
        if word.endswith("ies"):
            found.append(f"{word[:-3]}y")
        elif word.endswith("es"):
            found.append(word[:-2])
    return tuple(found)


class Lemmas:
    """Names and aliases of entities, to be found in sentences as whole words."""

    def __init__(self, entities: Vocabulary) -> None:
        self.named: dict[tuple[str, ...], set[int]] = {}
        for number, name in enumerate(entities.names):
            aliases = entities.aliases[number] if entities.aliases else ()
            for one in {name, *aliases}:
                words = tuple(_WORD.findall(plain_name(one)))
                if words:
                    self.named.setdefault(words, set()).add(number)
        self.longest = max(map(len, self.named), default=0)

    def found(self, sentence: str) -> set[int]:
        """Return the numbers of the entities of which a name stands in a sentence.

        Case does not count, and the last word of a name may stand in its plural.
        """
        words = _WORD.findall(plain_name(sentence))
        return {
            number
            for length in range(1, self.longest + 1)
            for start in range(len(words) - length + 1)
            for last in singulars(words[start + length - 1])
            for number in self.named.get((*words[start : start + length - 1], last), ())
        }

    def matches(self, sentences: Sequence[str]) -> Tensor:
        """Return pairs (2, p) of a sentence's row and an entity that it names."""
        pairs: Iterable[tuple[int, int]] = (
            (row, number) for row, one in enumerate(sentences) for number in sorted(self.found(one))
        )
        return torch.tensor(list(pairs), dtype=torch.long).view(-1, 2).T
