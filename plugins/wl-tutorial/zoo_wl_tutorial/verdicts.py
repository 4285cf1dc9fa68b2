"""The tests as modules: nothing is fitted, and a verdict comes with its reasons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from zoo_graphs.graph_set import GraphSet
from zoo_graphs.graph_set_tensors import example_graphs, to_graphs, to_tensors
from zoo_graphs.isomorphism import are_isomorphic
from zoo_graphs.reading import read_graphs

from zoo_core import BadInput, Split
from zoo_wl_tutorial.data import families
from zoo_wl_tutorial.data.pairs import PairSet
from zoo_wl_tutorial.refinement.comparison import (
    Comparison,
    classes,
    compare,
    first_differences,
)
from zoo_wl_tutorial.refinement.rounds import MAX_GIGABYTES, Refinement, refine
from zoo_wl_tutorial.refinement.variants import variant_named

CONFIRM_NODES = 100
_SHOWN = 12  # colour classes


class WLTest(nn.Module):
    """One of the Weisfeiler-Leman tests.

    "distinguished" proves that two graphs are not isomorphic. "equivalent" proves nothing: see
    `predict`'s option `confirm`.

    `variant` is "1-wl" (colour refinement), "2-wl" or "3-wl" (oblivious: k multisets, one for each
    coordinate), "2-fwl" or "3-fwl" (folklore: one multiset of k-vectors). `max_nodes` is the
    largest graph that is allowed, by default the variant's own limit.
    """

    def __init__(self, variant: str = "1-wl", max_nodes: int | None = None) -> None:
        super().__init__()
        self.variant = variant_named(variant).name
        self.max_nodes = max_nodes

    def forward(
        self,
        edges: Tensor,
        offsets: Tensor,
        node_labels: Tensor | None = None,
        edge_labels: Tensor | None = None,
    ) -> Tensor:
        """Return the first round in which each pair's colour histograms differ, or -1: (P,) int64.

        `edges` is (2, m) int64, undirected, in the numbering of the union of all graphs, `offsets`
        (2 P + 1,) int64 where each graph's nodes start: pair i is graphs 2i and 2i + 1;
        `node_labels` (n,) and `edge_labels` (m,) are int64. Raises `BadInput` for malformed graphs,
        an odd number of them, or graphs that are too large.
        """
        graphs = to_graphs(edges, offsets, node_labels, edge_labels)
        return torch.from_numpy(self.first_differences(graphs)).to(edges.device)

    def first_differences(self, graphs: GraphSet) -> np.ndarray:
        """Return what `forward` does, (P,) int64, for 2 P graphs."""
        if graphs.num_graphs % 2:
            raise BadInput(
                f"There are {graphs.num_graphs} graphs, and pairs need an even number; give two "
                "graphs for each pair."
            )
        return first_differences(graphs, self.variant, max_nodes=self.max_nodes)

    def predict(
        self,
        *sources: Any,
        figure: str | None = None,
        confirm: bool = False,
        exact: bool = False,
        rounds: int | None = None,
        node_label: str | None = "label",
        edge_label: str | None = "label",
    ) -> dict[str, Any] | list[dict[str, Any]]:
        """Say whether the test tells two graphs apart, and why; or sort many graphs into classes.

        The sources are graphs as `zoo_graphs.reading.read_graphs` takes them, with labels
        in the attributes `node_label` and `edge_label` (None for none); by default the molecules
        decalin and bicyclopentyl, which 1-WL does not tell apart.

        For two graphs the answer has "verdict", "round" (the first in which they differ, or None),
        "colours" (how many each graph has in each round), "differing" (the colours of that round
        that one graph has more often, with an example of a tuple of nodes), "isomorphic" (None
        unless confirmed) and "ignored", what the sources have and no test looks at: self-loops,
        how often an edge is there, weights. Graphs that may differ in these are said to be
        isomorphic with the word for it. More graphs have a row each, with its equivalence class.

        `figure` is a path to draw the refinement of two graphs to (.svg, .png, .pdf), or to write
        it to as a table (.txt). `confirm` also finds out exactly whether two graphs of at most 100
        nodes are isomorphic (see `zoo_graphs.isomorphism`), exponential in the worst case. `exact`
        sorts multisets and does not hash them, for small graphs. `rounds` stops after so many, by
        default when nothing splits any more.

        Raises `BadInput` for fewer than two graphs, unusable ones, or too large ones.
        """
        graphs = self._read(sources, node_label, edge_label)
        if graphs.num_graphs != 2:
            if figure is not None or confirm:
                raise BadInput(
                    f"figure and confirm are for two graphs, and {graphs.num_graphs} were given; "
                    "give two."
                )
            return self._classes(graphs, rounds, exact)
        left_out = " and ".join(graphs.ignored)
        answer = {**self._verdict(graphs, rounds, exact), "ignored": list(graphs.ignored)}
        if confirm:
            same = _confirmed(graphs)
            answer["isomorphic"] = f"yes, {left_out} ignored" if same and left_out else same
        if figure is not None:
            from zoo_wl_tutorial.drawing import save_refinement

            save_refinement(graphs, Path(figure), first=self.variant)
            answer["figure"] = str(figure)
        return answer

    def featurize(
        self, *sources: Any, rounds: int | None = None, max_gigabytes: float = MAX_GIGABYTES
    ) -> Refinement:
        """Return the colours of all nodes, or k-tuples, of graphs, round by round.

        ``found.of(i, t)`` is graph i's array of shape (n,) * k after round t. Colours are the same
        numbers in every call, run and machine. All rounds are kept, in at most `max_gigabytes`.
        Raises `BadInput` as `predict` does.
        """
        return refine(
            read_graphs(*sources),
            self.variant,
            rounds,
            max_nodes=self.max_nodes,
            max_gigabytes=max_gigabytes,
        )

    def outputs(self, split: Split) -> Iterator[dict[str, Tensor]]:
        """Yield the verdicts on a `PairSet` as "logits", and the truth as "target", (P,) int64.

        Both are 1 for isomorphic, 0 for not. Raises `BadInput` for other data, or graphs that are
        too large.
        """
        if not isinstance(split.data, PairSet):
            raise BadInput(
                f"A test is evaluated on pairs of graphs, not on a {type(split.data).__name__}; "
                "use wl-pairs, brec or cfi."
            )
        graphs, truth = split.data.select(split.indices)
        verdicts = torch.from_numpy(self.first_differences(graphs)) == -1
        yield {"logits": verdicts.long(), "target": torch.from_numpy(truth).long()}

    def example_inputs(self, seed: int = 0) -> tuple[Tensor, ...]:
        """Return three pairs of small graphs, two of which are not isomorphic, for `forward`."""
        every = example_graphs(seed, [6] * 3, num_labels=3, copies=True)
        six, threes = families.cycles(6), families.cycles(3, 3)
        alike = [replace(one, node_labels=np.zeros(6, np.int64)) for one in (six, threes)]
        pairs = GraphSet.concatenate([every.select([0, 1, 0, 2]), *alike])
        return to_tensors(pairs, node_labels=True)

    def _read(
        self, sources: tuple[Any, ...], node_label: str | None, edge_label: str | None
    ) -> GraphSet:
        if not sources:
            return GraphSet.concatenate([families.decalin(), families.bicyclopentyl()])
        graphs = read_graphs(*sources, node_label=node_label, edge_label=edge_label)
        if graphs.num_graphs < 2:
            raise BadInput(
                "One graph was given, and a test compares two; give a second one, or use featurize "
                "for the colours of one."
            )
        return graphs

    def _verdict(self, graphs: GraphSet, rounds: int | None, exact: bool) -> dict[str, Any]:
        found = compare(graphs, self.variant, rounds, exact=exact, max_nodes=self.max_nodes)
        same = found.round is None
        return {
            "variant": self.variant,
            "verdict": "equivalent" if same else "distinguished",
            "round": found.round,
            "colours": list(found.counts),
            "differing": [] if same else differing_classes(found),
            "isomorphic": None if same else False,
        }

    def _classes(self, graphs: GraphSet, rounds: int | None, exact: bool) -> list[dict[str, Any]]:
        found = classes(graphs, self.variant, rounds, exact=exact, max_nodes=self.max_nodes)
        rows = zip(graphs.sizes.tolist(), *(part.tolist() for part in found), strict=True)
        return [
            {"graph": i, "nodes": nodes, "colours": colours, "class": number}
            for i, (nodes, number, colours) in enumerate(rows)
        ]


def differing_classes(found: Comparison) -> list[dict[str, Any]]:
    """Return the colours that occur more often in one of two graphs, the largest gap first.

    Each with its name (hexadecimal), its count in the first and in the second graph, and one tuple
    of nodes that has it, in the first graph that does. At most a dozen.
    """
    assert found.colours is not None
    colours, place = np.unique(np.concatenate(found.colours), return_inverse=True)
    counts = [
        np.bincount(part, minlength=colours.size)
        for part in np.split(place, [found.colours[0].size])
    ]
    gap = np.abs(counts[0] - counts[1])
    rows = []
    for i in np.argsort(-gap, kind="stable")[: min(_SHOWN, np.count_nonzero(gap))].tolist():
        owner = 0 if counts[0][i] else 1
        rows.append(
            {
                "colour": f"{int(colours[i]):016x}",
                "first": int(counts[0][i]),
                "second": int(counts[1][i]),
                "example": {"graph": owner, "nodes": found.nodes(owner, colours[i])},
            }
        )
    return rows


def _confirmed(graphs: GraphSet) -> bool:
    largest = int(graphs.sizes.max())
    if largest > CONFIRM_NODES:
        raise BadInput(
            f"A graph has {largest} nodes, and exact isomorphism is offered up to {CONFIRM_NODES}; "
            "leave confirm out."
        )
    same: bool = are_isomorphic(graphs, 0, 1)
    return same
