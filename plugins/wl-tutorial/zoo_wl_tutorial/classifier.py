"""Graph classification by Weisfeiler-Leman features: a kernel machine, written out as weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import torch
from scipy import sparse
from torch import Tensor, nn
from zoo_graphs.graph_set import GraphSet
from zoo_graphs.graph_set_tensors import (
    check_labelled,
    check_names,
    example_graphs,
    to_graphs,
    to_tensors,
)
from zoo_graphs.reading import read_graphs
from zoo_graphs.reading.labels import Labels

from zoo_core import BadInput, Split
from zoo_wl_tutorial.features import Histograms
from zoo_wl_tutorial.kernels import KERNELS, kernel_features
from zoo_wl_tutorial.refinement.rounds import Refinement, refine
from zoo_wl_tutorial.refinement.variants import check_rounds, variant_named


class WLClassifier(nn.Module):
    """A linear classifier on how often colours occur in a graph.

    A graph's features are phi(G), the histograms of its colours over rounds 0 to H, divided by
    their length. A support vector machine with the normalised WL kernel is linear in them, and is
    stored as one weight for each colour it knows: the vocabulary. Colours it does not know count in
    the length of phi(G) only. With more than two classes there is one machine for each pair of
    classes, and a class's logit is how many it wins, plus a part of one that tells how clearly.

    `num_classes` is C, `vocabulary_size` V and `rounds` H. `class_names` are by class index (by
    default the indices themselves). `label_names` and `edge_label_names` are what the labels 0, 1,
    ... are called in a user's graph; `node_labels` says whether it was fitted on graphs with node
    labels (None: if they have names), since such a model reads no others. The `kernel` is
    "subtree", or "assignment" (WL-OA: the smaller count of each colour); `variant`, `edge_labels`
    and `max_nodes` are those of `zoo_wl_tutorial.refinement.rounds.refine`.
    """

    vocabulary: Tensor

    def __init__(
        self,
        num_classes: int = 2,
        vocabulary_size: int = 0,
        class_names: list[str] | None = None,
        label_names: list[str] | None = None,
        edge_label_names: list[str] | None = None,
        node_labels: bool | None = None,
        variant: str = "1-wl",
        rounds: int = 5,
        kernel: str = "subtree",
        edge_labels: bool = False,
        max_nodes: int | None = None,
    ) -> None:
        super().__init__()
        names = [str(i) for i in range(num_classes)] if class_names is None else list(class_names)
        if len(names) != num_classes or num_classes < 2:
            raise ValueError(f"class_names has {len(names)} names for {num_classes} classes.")
        if kernel not in KERNELS:
            raise ValueError(f"kernel is {kernel!r}; expected one of {', '.join(KERNELS)}.")
        self.class_names = names
        self.label_names = list(label_names or [])
        self.edge_label_names = list(edge_label_names or [])
        self.node_labels = bool(label_names) if node_labels is None else node_labels
        self.variant = variant_named(variant).name
        self.rounds, self.kernel = check_rounds(rounds), kernel
        self.edge_labels, self.max_nodes = edge_labels, max_nodes
        self.machines = list(combinations(range(num_classes), 2))
        self.weight = nn.Parameter(torch.zeros(len(self.machines), vocabulary_size))
        self.bias = nn.Parameter(torch.zeros(len(self.machines)))
        self.register_buffer("vocabulary", torch.zeros(vocabulary_size, dtype=torch.int64))

    def forward(
        self,
        edges: Tensor,
        offsets: Tensor,
        node_labels: Tensor | None = None,
        edge_labels: Tensor | None = None,
    ) -> Tensor:
        """Return the logits of graphs, (g, C).

        `edges` is (2, m) int64, undirected, in the numbering of the union of all graphs, `offsets`
        (g + 1,) int64 where each graph's nodes start; `node_labels` (n,) and `edge_labels` (m,)
        are int64. Raises `BadInput` for malformed graphs, or too large ones.
        """
        return self.logits(to_graphs(edges, offsets, node_labels, edge_labels))

    def logits(self, graphs: GraphSet) -> Tensor:
        """Return the logits of graphs, (g, C); raises `BadInput` for graphs that are too large."""
        return _votes(self.margins(self.features(graphs)), self.machines, len(self.class_names))

    def features(self, graphs: GraphSet) -> Histograms:
        """Return phi(G) of graphs, with all their colours."""
        return kernel_features(
            graphs,
            self.rounds,
            self.variant,
            self.kernel,
            edge_labels=self.edge_labels,
            max_nodes=self.max_nodes,
        )

    def normalised(self, found: Histograms) -> Any:
        """Return phi(G) / |phi(G)| on the colours that the model knows, sparse (g, V) float64."""
        lengths = np.sqrt(found.squared_norms())
        known = sparse.coo_array(found.onto(self.vocabulary.cpu().numpy()))
        # Only graphs with a node have entries, and their length is not zero.
        return sparse.coo_array((known.data / lengths[known.row], known.coords), known.shape)

    def margins(self, found: Histograms) -> Tensor:
        """Return what each machine says, (g, machines): the one of classes (a, b) > 0 means b."""
        known = self.normalised(found)
        values = torch.from_numpy(known.data).to(self.weight)
        rows, columns = (
            torch.from_numpy(part.astype(np.int64)).to(self.weight.device)
            for part in (known.row, known.col)
        )
        terms = values[:, None] * self.weight.T[columns]
        sums = self.weight.new_zeros(len(found), len(self.machines))
        return sums.index_add(0, rows, terms) + self.bias

    @torch.no_grad()
    def predict(
        self,
        *sources: Any,
        top: int = 1,
        node_label: str = "label",
        edge_label: str = "label",
        labels: Labels | None = None,
    ) -> list[dict[str, Any]]:
        """Classify graphs: rows ``{"graph": i, "label": name, "margin": number, "known": share}``.

        The sources are graphs as `zoo_graphs.reading.read_graphs` takes them. A model that was
        fitted on labels needs them, in the attributes `node_label` and `edge_label`: the names in
        `label_names`, or with `labels` "codes" their numbers. Another one does not read them. Each
        graph has its `top` classes, best first. The margin is the class's logit less the best other
        one's, and "known" the share of the graph's colours (with multiplicity) that the model has
        seen in training.

        Raises `BadInput` for no graphs, unusable ones, labels that are missing or unknown, or `top`
        out of range.
        """
        whole = isinstance(top, int | np.integer) and not isinstance(top, bool)
        if not whole or not 1 <= top <= len(self.class_names):
            raise BadInput(
                f"top is {top!r}, but this model knows {len(self.class_names)} classes; ask for 1 "
                f"to {len(self.class_names)}."
            )
        if not sources:
            raise BadInput(
                "No graph was given, and this model keeps none; give one or more, with node labels "
                "as in its training data."
            )
        found = self.features(self._read(sources, node_label, edge_label, labels))
        logits = _votes(self.margins(found), self.machines, len(self.class_names))
        total = np.asarray(found.counts.sum(axis=1)).ravel()
        known = np.asarray(found.onto(self.vocabulary.cpu().numpy()).sum(axis=1)).ravel()
        rows = []
        for i, row in enumerate(logits.double()):
            order = torch.argsort(row, descending=True, stable=True).tolist()
            for label in order[:top]:
                other = order[1] if label == order[0] else order[0]
                rows.append(
                    {
                        "graph": i,
                        "label": self.class_names[label],
                        "margin": float(row[label] - row[other]),
                        "known": float(known[i] / total[i]),
                    }
                )
        return rows

    def embed(
        self,
        *sources: Any,
        node_label: str = "label",
        edge_label: str = "label",
        labels: Labels | None = None,
    ) -> Tensor:
        """Return the normalised features of graphs on the colours that the model knows, (g, V).

        They are phi(G) / |phi(G)|, whose products are the normalised kernel where all colours are
        known. Sources are those of `predict`, or a split of a `GraphSet`. Raises `BadInput` as
        `predict` does.
        """
        if len(sources) == 1 and isinstance(sources[0], Split):
            graphs = sources[0].data.select(sources[0].indices)
            check_labelled(graphs, self.node_labels, self.edge_labels)
        else:
            graphs = self._read(sources, node_label, edge_label, labels)
        return torch.from_numpy(self.normalised(self.features(graphs)).toarray()).to(self.weight)

    def example_sources(self, seed: int = 0) -> list[GraphSet]:
        """Return three small labelled graphs, one by one, for `embed`."""
        names = tuple(self.label_names)
        several = example_graphs(seed, [5, 8, 6], num_labels=len(names) or 2)
        several = replace(several, node_label_names=names)
        return [several.select([place]) for place in range(several.num_graphs)]

    def _read(
        self, sources: Sequence[Any], node_label: str, edge_label: str, labels: Labels | None
    ) -> GraphSet:
        graphs = read_graphs(
            *sources,
            node_label=node_label if self.node_labels else None,
            edge_label=edge_label if self.edge_labels else None,
            label_names=self.label_names,
            edge_label_names=self.edge_label_names if self.edge_labels else (),
            labels=labels,
        )
        check_labelled(graphs, self.node_labels, self.edge_labels)
        return graphs

    def featurize(
        self,
        *sources: Any,
        node_label: str = "label",
        edge_label: str = "label",
        labels: Labels | None = None,
    ) -> tuple[Refinement, Histograms]:
        """Return the colours of graphs, round by round, and their features phi(G).

        Takes and raises what `predict` does.
        """
        graphs = self._read(sources, node_label, edge_label, labels)
        found = refine(
            graphs,
            self.variant,
            self.rounds,
            edge_labels=self.edge_labels,
            max_nodes=self.max_nodes,
        )
        return found, self.features(graphs)

    def outputs(self, split: Split) -> Iterator[dict[str, Tensor]]:
        """Yield "logits" (g, C) and "target" (g,), the classes, of one split of a `GraphSet`.

        Raises `BadInput` for other data, other classes, or labels that are missing or called
        otherwise.
        """
        data = split.data
        if not isinstance(data, GraphSet) or data.labels is None:
            raise BadInput(f"A {type(data).__name__} is no labelled set of graphs; give one.")
        if list(data.class_names) != self.class_names:
            raise BadInput(
                f"The data's classes are {', '.join(data.class_names)}, but this model's are "
                f"{', '.join(self.class_names)}; give data with the same classes."
            )
        if data.num_graphs:
            check_labelled(data, self.node_labels, self.edge_labels)
        check_names(data.node_label_names, self.label_names, "node")
        check_names(data.edge_label_names, self.edge_label_names, "edge")
        chosen = split.indices
        target = torch.from_numpy(data.labels[chosen])
        yield {"logits": self.logits(data.select(chosen)), "target": target}

    def example_inputs(self, seed: int = 0) -> tuple[Tensor, ...]:
        """Return six small labelled graphs for `forward`."""
        graphs = example_graphs(seed, [8] * 3, num_labels=3, copies=True)
        return to_tensors(graphs, node_labels=True)


def _votes(margins: Tensor, machines: Sequence[tuple[int, int]], classes: int) -> Tensor:
    """Return logits (g, C) from the margins of one machine for each pair of classes.

    A pair's winner gets one vote. Summed margins, squashed to less than half a vote, break ties.
    For two classes the logits are -margin / 2 and margin / 2.
    """
    first, second = ([pair[end] for pair in machines] for end in (0, 1))
    for_second = margins.new_zeros(len(machines), classes)
    for_second[range(len(machines)), second] = 1
    for_first = margins.new_zeros(len(machines), classes)
    for_first[range(len(machines)), first] = 1
    sums = margins @ (for_second - for_first)
    if classes == 2:
        return sums / 2
    won = (margins > 0).to(margins)
    votes = won @ for_second + (1 - won) @ for_first
    return votes + sums / (3 * (sums.abs() + 1))
