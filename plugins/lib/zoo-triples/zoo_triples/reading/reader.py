"""`read_triples`: whatever a person has, to a `TripleSet` with splits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from zoo_core import BadInput, notice
from zoo_triples.reading.files import STEMS, columns_of, existing, parts_of
from zoo_triples.reading.foreign import columns_of_object
from zoo_triples.reading.texts import texts_for
from zoo_triples.splitting import random_rows, shares_of
from zoo_triples.triples import SPLITS, TripleSet, Vocabulary

Columns = list[np.ndarray]


def read_triples(
    source: Any,
    *,
    columns: Any = None,
    separator: str | None = None,
    valid: Any = None,
    test: Any = None,
    glosses: Any = None,
    fractions: Any = (0.8, 0.1, 0.1),
    seed: int = 0,
) -> TripleSet:
    """Return a user's knowledge graph.

    `source` is a text file of triples (tabs, commas, semicolons, bars or spaces; gzip, bzip2, xz),
    an ``.npz``, a folder with files train, valid and test, or something in memory: a data frame, an
    array or list of triples, a networkx multigraph, a PyG graph, PyKEEN's TriplesFactory, a
    mapping of splits to any of these. `columns` says the order where it cannot be known
    ("head,tail,relation"). `valid` and `test` are further sources; where there is none, the
    triples are split by `fractions` and `seed` so that train has every entity and relation.
    `glosses` are the entities' texts (see `zoo_triples.reading.texts`). Triples that stand twice
    in a split count once, and test triples that train has are dropped from test; both are told.
    Raises `BadInput` for anything that is not known.
    """
    if isinstance(source, TripleSet):
        return source
    parts: dict[str, Columns] = {}
    usual: Sequence[str] | None = None
    for name, given in _sources(source, valid, test).items():
        parts[name], order = _columns(given, columns, separator, usual)
        usual = usual or order
    entities, heads_and_tails = _numbered(
        {name: np.concatenate([part[0], part[2]]) for name, part in parts.items()}
    )
    relations, kinds = _numbered({name: part[1] for name, part in parts.items()})
    tensors = {}
    for name in parts:
        heads, tails = heads_and_tails[name].chunk(2)
        tensors[name] = _distinct(torch.stack([heads, kinds[name], tails], 1), name)
    tensors = _without_repeats(tensors)
    triples = torch.cat(list(tensors.values()))
    texts = texts_for(glosses, entities) if glosses is not None else {"name": [], "gloss": []}
    names = tuple(name or one for name, one in zip(texts["name"], entities, strict=False))
    return TripleSet(
        triples=triples,
        entities=Vocabulary(entities, names),
        relations=Vocabulary(relations, kind="relation"),
        rows=_rows(tensors, triples, fractions, seed),
        texts=tuple(texts["gloss"]),
    )


def _sources(source: Any, valid: Any, test: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"train": source}
    if isinstance(source, Mapping):
        found = {_split_named(str(name)): part for name, part in source.items()}
    elif isinstance(source, str | Path) and Path(source).expanduser().is_dir():
        found = dict(parts_of(Path(source).expanduser()))
    for name, part in (("val", valid), ("test", test)):
        if part is not None:
            found[name] = part
    if "train" not in found:
        raise BadInput(f"There is no training part among {', '.join(found)}.")
    return {name: found[name] for name in SPLITS if name in found}


def _split_named(name: str) -> str:
    for split, words in STEMS.items():
        if name.lower() in words.split():
            return split
    raise BadInput(f"A part is called {name!r}; expected train, valid or test.")


def _columns(
    source: Any, columns: Any, separator: str | None, usual: Sequence[str] | None
) -> tuple[Columns, Sequence[str]]:
    if isinstance(source, str | Path):
        return columns_of(existing(source), columns, separator, usual)
    return columns_of_object(source, columns, usual)


def _numbered(parts: Mapping[str, np.ndarray]) -> tuple[tuple[str, ...], dict[str, Tensor]]:
    """Return the distinct things in order, as texts, and each part as their numbers.

    Whole numbers are in the order of their size, everything else in that of its letters: neither
    depends on the order of the triples.
    """
    joined = np.concatenate(list(parts.values()))
    if joined.dtype.kind not in "iu":
        joined = np.array([str(value).strip() for value in joined])
    values, numbers = np.unique(joined, return_inverse=True)
    split = np.cumsum([len(part) for part in parts.values()])[:-1]
    tensors = [torch.from_numpy(part.astype(np.int64)) for part in np.split(numbers, split)]
    return tuple(str(value) for value in values.tolist()), dict(zip(parts, tensors, strict=True))


def _distinct(triples: Tensor, name: str) -> Tensor:
    """Return the triples without those that stood there before, in their order."""
    _, inverse = torch.unique(triples, dim=0, return_inverse=True)
    first = torch.full((int(inverse.max()) + 1,), len(triples)).scatter_reduce(
        0, inverse, torch.arange(len(triples)), "amin"
    )
    if len(first) < len(triples):
        notice(f"{len(triples) - len(first)} triples of {name} stand there more than once.")
    return triples[first.sort().values]


def _without_repeats(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Drop from val and test what train has, and from test what val has."""
    seen: set[tuple[int, ...]] = set()
    kept = {}
    for name, triples in tensors.items():
        rows = [tuple(row) for row in triples.tolist()]
        fresh = torch.tensor([row not in seen for row in rows], dtype=torch.bool)
        if not bool(fresh.all()):
            notice(f"{int((~fresh).sum())} triples of {name} are in another split: dropped.")
        seen.update(rows)
        kept[name] = triples[fresh]
    return kept


def _rows(
    tensors: Mapping[str, Tensor], triples: Tensor, fractions: Any, seed: int
) -> dict[str, Tensor]:
    """Return the rows of each split: those that were given, others from train."""
    ends = np.cumsum([0, *(len(part) for part in tensors.values())])
    rows = {
        name: torch.arange(start, end)
        for name, start, end in zip(tensors, ends[:-1], ends[1:], strict=True)
    }
    missing = [name for name in SPLITS if name not in rows]
    if not missing:
        return rows
    shares = dict(zip(SPLITS, shares_of(fractions), strict=True))
    wanted = [shares[name] if name in missing else 0.0 for name in SPLITS[1:]]
    dealt = random_rows(tensors["train"], (1 - sum(wanted), *wanted), seed)
    return {"train": dealt["train"], **{k: dealt[k] for k in missing},
            **{k: v for k, v in rows.items() if k != "train"}}  # fmt: skip
