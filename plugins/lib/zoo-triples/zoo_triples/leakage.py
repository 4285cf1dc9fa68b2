"""Leakage: relations that repeat, reverse or mirror another one, and the test triples they give.

A test triple (h, r, t) is given away where train has (h, s, t) for a relation s that is nearly the
same as r, or (t, s, h) for one that is nearly its inverse (Toutanova and Chen, 2015; Dettmers et
al., 2018; Akrami et al., 2020).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy import sparse
from torch import Tensor

from zoo_core import BadInput
from zoo_triples.splitting import missing_from_train
from zoo_triples.triples import TripleSet


@dataclass(frozen=True)
class Leak:
    """One relation whose triples another one (or its own reverse) tells.

    `kind` is duplicate, inverse or symmetric; `share` is how many of the triples of `relation` in
    the whole graph the `other` tells, of `triples`; `given` of `tested` test triples are told by
    train.
    """

    kind: str
    relation: str
    other: str
    share: float
    triples: int
    given: int
    tested: int


@dataclass(frozen=True)
class Leakage:
    """What a split gives away: its `leaks`, and how many of all test triples they give.

    `given` counts each of the `tested` triples once. `trivial` are those of whatever pair of
    relations: a triple whose two ends train joins in any way. `unseen` maps a split to how many of
    its triples name an entity that train lacks; `repeated` are test triples that are in train.
    """

    leaks: tuple[Leak, ...]
    given: int
    trivial: int
    tested: int
    repeated: int
    unseen: dict[str, int]


def leakage(data: TripleSet, threshold: float = 0.8, split: str = "test") -> Leakage:
    """Return what the training triples give away of a split.

    A relation is reported when at least `threshold` of its triples are told by another one.
    Triples from an entity to itself say nothing of symmetry, and do not count. Raises `BadInput`
    for a threshold that is no share, and for a split that the data have not.
    """
    if not 0 < threshold <= 1:
        raise BadInput(f"threshold={threshold} is wrong; expected a share above 0, at most 1.")
    if split not in data.rows:
        raise BadInput(f"There is no split {split!r}; it has {', '.join(data.splits)}.")
    n, r = len(data.entities), len(data.relations)
    train, test = data.of("train"), data.of(split)
    everything = torch.unique(data.triples, dim=0)
    proper = everything[everything[:, 0] != everything[:, 2]]
    count = np.maximum(torch.bincount(proper[:, 1], minlength=r).numpy(), 1)
    there, back = _pairs(proper, n, r)
    shares = {"duplicate": there.T @ there, "inverse": there.T @ back}
    leaks, told = [], np.zeros(len(test), bool)
    for kind, product in shares.items():
        found = (product.toarray().T / count).T
        for one, other in zip(*np.nonzero(found >= threshold), strict=True):
            if kind == "duplicate" and one == other:
                continue
            given = _given(train, test, int(one), int(other), kind == "inverse", n)
            told |= given
            leaks.append(
                Leak(
                    kind="symmetric" if one == other else kind,
                    relation=data.relations.ids[one],
                    other=data.relations.ids[other],
                    share=float(found[one, other]),
                    triples=int(count[one]),
                    given=int(given.sum()),
                    tested=int((test[:, 1] == int(one)).sum()),
                )
            )
    joined = _codes(train[:, 0], train[:, 2], n)
    either = np.isin(_codes(test[:, 0], test[:, 2], n), joined)
    either |= np.isin(_codes(test[:, 2], test[:, 0], n), joined)
    return Leakage(
        leaks=tuple(sorted(leaks, key=lambda leak: (-leak.given, leak.relation, leak.other))),
        given=int(told.sum()),
        trivial=int((either & (test[:, 0] != test[:, 2]).numpy()).sum()),
        tested=len(test),
        repeated=int(_rows_in(test, train, n, r).sum()),
        unseen=missing_from_train(data),
    )


def _codes(first: Tensor, second: Tensor, n: int) -> np.ndarray:
    found: np.ndarray = (first * n + second).numpy()
    return found


def _pairs(triples: Tensor, n: int, r: int) -> tuple[sparse.csr_array, sparse.csr_array]:
    """Return which relations hold of each pair of entities, and of the pair turned round."""
    forward = _codes(triples[:, 0], triples[:, 2], n)
    backward = _codes(triples[:, 2], triples[:, 0], n)
    distinct = np.unique(np.concatenate([forward, backward]))
    relation = triples[:, 1].numpy()

    def matrix(codes: np.ndarray) -> sparse.csr_array:
        place = np.searchsorted(distinct, codes)
        ones = np.ones(len(codes), np.int64)
        return sparse.csr_array((ones, (place, relation)), shape=(len(distinct), r))

    return matrix(forward), matrix(backward)


def _given(
    train: Tensor, test: Tensor, relation: int, other: int, inverse: bool, n: int
) -> np.ndarray:
    source = train[train[:, 1] == other]
    ends = (source[:, 2], source[:, 0]) if inverse else (source[:, 0], source[:, 2])
    joined = np.isin(_codes(test[:, 0], test[:, 2], n), _codes(*ends, n))
    found: np.ndarray = joined & (test[:, 1] == relation).numpy()
    return found


def _rows_in(some: Tensor, others: Tensor, n: int, r: int) -> np.ndarray:
    def code(triples: Tensor) -> np.ndarray:
        found: np.ndarray = ((triples[:, 0] * n + triples[:, 2]) * r + triples[:, 1]).numpy()
        return found

    found: np.ndarray = np.isin(code(some), code(others))
    return found
