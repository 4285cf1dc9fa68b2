"""Features of graphs: how often each colour occurs in them, over all rounds of a test."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

import numpy as np
from scipy import sparse
from zoo_graphs.colour_refinement import mix
from zoo_graphs.graph_set import GraphSet

from zoo_core import BadInput
from zoo_wl_tutorial.refinement.rounds import colour_stream
from zoo_wl_tutorial.refinement.variants import check_rounds, tuple_counts, variant_named

MAX_GIGABYTES = 16.0
_BYTES = 48  # of a colour that occurs once: its count, column and name, in the parts and the whole
_COPY = 32  # salt: a colour's j-th occurrence in a graph


@dataclass(frozen=True)
class Histograms:
    """How often colours occur in g graphs.

    `counts` is a (g, V) CSR array of float64, which holds integers, with sorted indices, and
    `vocabulary` (V,) int64, sorted, the colour of each column. Colours of different rounds are
    different, so that one vocabulary serves all H + 1 histograms.
    """

    counts: sparse.csr_array
    vocabulary: np.ndarray

    def onto(self, vocabulary: np.ndarray) -> sparse.csr_array:
        """Return the counts (g, len(vocabulary)) of other columns; what they lack is dropped."""
        place = np.searchsorted(vocabulary, self.vocabulary)
        place[place == vocabulary.size] = 0
        known = np.zeros(place.size, dtype=bool)
        if vocabulary.size:
            known = vocabulary[place] == self.vocabulary
        columns = self.counts.indices
        keep = known[columns]
        rows = np.repeat(np.arange(self.counts.shape[0]), np.diff(self.counts.indptr))[keep]
        # Both vocabularies are sorted, and so stay the columns of each row.
        indptr = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(self)))])
        # scikit-learn's linear models take 32-bit indices only.
        kind = np.int32 if max(columns.size, vocabulary.size) < 2**31 else np.int64
        parts = (self.counts.data[keep], place[columns[keep]].astype(kind), indptr.astype(kind))
        return sparse.csr_array(parts, shape=(len(self), vocabulary.size))

    def __len__(self) -> int:
        return int(self.counts.shape[0])

    def squared_norms(self) -> np.ndarray:
        """Return the squared length of each graph's row, (g,): K(G, G) of the subtree kernel."""
        return np.asarray(self.counts.power(2).sum(axis=1)).ravel()

    def select(self, graphs: np.ndarray) -> Histograms:
        """Return the rows of some graphs, with all columns."""
        return Histograms(self.counts[graphs], self.vocabulary)

    def without_rare(self, graphs: int) -> Histograms:
        """Return the columns of colours that occur in at least so many graphs."""
        seen = np.bincount(self.counts.indices, minlength=self.vocabulary.size) >= graphs
        return Histograms(sparse.csr_array(self.counts[:, seen]), self.vocabulary[seen])


def histograms(
    graphs: GraphSet,
    rounds: int,
    variant: str = "1-wl",
    *,
    edge_labels: bool = False,
    max_nodes: int | None = None,
) -> Histograms:
    """Return the WL subtree features phi(G): the histograms of c_0, ..., c_H side by side.

    `rounds` is H. For k >= 2 the colours of k-tuples are counted. The variant, `edge_labels` and
    `max_nodes` are those of `zoo_wl_tutorial.refinement.rounds.refine`.

    Raises `BadInput` for an unknown variant, graphs too large for it, no number of rounds, or so
    many that the features would take more than `MAX_GIGABYTES`.
    """
    rounds, rule = check_rounds(rounds), variant_named(variant)
    counts = tuple_counts(graphs, rule)
    _check_memory(rounds, int(counts.sum()))
    stream = colour_stream(
        graphs, rule, edge_labels=edge_labels, max_nodes=max_nodes, rounds=rounds
    )
    owner = np.repeat(np.arange(graphs.num_graphs), counts)
    blocks, known = [], []
    for colours in islice(stream, rounds + 1):
        vocabulary, column = np.unique(colours.view(np.int64), return_inverse=True)
        known.append(vocabulary)
        ones = np.ones(owner.size)
        shape = (graphs.num_graphs, vocabulary.size)
        blocks.append(sparse.coo_array((ones, (owner, column.ravel())), shape=shape).tocsr())
    joined = sparse.csr_array(sparse.hstack(blocks, format="csr"))
    return _in_order(joined, np.concatenate(known))


def _check_memory(rounds: int, tuples: int) -> None:
    needed = _BYTES * (rounds + 1) * tuples / 1e9
    if needed > MAX_GIGABYTES:
        raise BadInput(
            f"Histograms of {tuples} nodes or tuples over {rounds} rounds may take {needed:.0f} GB,"
            f" and up to {MAX_GIGABYTES:g} GB are taken; ask for fewer rounds, or for fewer graphs "
            "at a time."
        )


def assignment_features(found: Histograms) -> Histograms:
    """Return features whose inner product is the WL optimal assignment kernel.

    min(a, b) is the number of j >= 1 with j <= a and j <= b: a colour that occurs a times becomes
    a columns of ones, the j-th of which is named by the colour and j.
    """
    counts = found.counts
    times = counts.data.astype(np.int64)
    ends = np.cumsum(times)
    copy = np.arange(ends[-1] if ends.size else 0) - np.repeat(ends - times, times)
    colour = found.vocabulary[np.repeat(counts.indices, times)].view(np.uint64)
    names = mix(colour + mix(copy.view(np.uint64), _COPY), _COPY).view(np.int64)
    owner = np.repeat(np.repeat(np.arange(len(found)), np.diff(counts.indptr)), times)
    vocabulary, column = np.unique(names, return_inverse=True)
    shape = (len(found), vocabulary.size)
    ones = np.ones(column.size)
    return Histograms(
        sparse.coo_array((ones, (owner, column.ravel())), shape=shape).tocsr(), vocabulary
    )


def _in_order(counts: sparse.csr_array, vocabulary: np.ndarray) -> Histograms:
    """Sort the columns by colour; raises `AssertionError` if two rounds share a colour."""
    order = np.argsort(vocabulary)
    ordered = vocabulary[order]
    assert not (ordered[1:] == ordered[:-1]).any(), "two rounds share a colour"
    place = np.empty_like(order)
    place[order] = np.arange(order.size)
    moved = sparse.csr_array(
        (counts.data, place[counts.indices], counts.indptr), shape=counts.shape
    )
    moved.sort_indices()
    return Histograms(moved, ordered)
