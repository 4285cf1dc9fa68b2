"""Recognising the graph that a model was fitted to, whoever's file it is from.

A transductive model keeps a hash of its graph beside its weights: eigenvectors, or a table with a
row for each node, say nothing about another graph, and neither the sizes nor the degrees of two
graphs tell them apart.
"""

from __future__ import annotations

import hashlib

import numpy as np
import torch
from torch import Tensor

from zoo_core import BadInput
from zoo_graphs.graph import Graph
from zoo_graphs.node_classifier import NodeClassifier

DIGITS = 32  # hexadecimal ones, 128 bits


def structure_hash(graph: Graph) -> str:
    """Return a hash of a graph's nodes, edges and weights, in hexadecimal.

    Names, features, labels and splits do not count, and weights that are all 1 count as none.
    """
    weights = graph.edge_weights
    if weights is None or (weights == 1).all():
        weights = np.empty(0)
    return _hash("structure", graph.num_nodes, graph.edges, weights.astype("<f4"))


def feature_hash(graph: Graph) -> str:
    """Return a hash of a graph's features, in hexadecimal."""
    matrix = graph.features
    return _hash("features", matrix.shape, matrix.indptr, matrix.indices, matrix.data)


def fingerprint(graph: Graph) -> str:
    """Return what a transductive classifier keeps of its graph: both hashes."""
    return f"{structure_hash(graph)}-{feature_hash(graph)}"


def _hash(name: str, *parts: object) -> str:
    digest = hashlib.sha256(name.encode())
    for part in parts:
        array = np.asarray(part)
        kind = "<f4" if array.dtype.kind == "f" else "<i8"
        digest.update(f"\n{array.size}\n".encode())
        digest.update(np.ascontiguousarray(array, dtype=kind).tobytes())
    return digest.hexdigest()[:DIGITS]


class TransductiveClassifier(NodeClassifier):
    """Base of classifiers of the nodes of one graph, whose representations are a buffer.

    A graph that is given to `predict` or `evaluate` is only compared with the training graph: by
    its `fingerprint`, of which the features count where `reads_features`. `own_representations`
    have the nodes as their last dimension but one.
    """

    own_representations: Tensor
    fingerprint: str
    reads_features: bool = True

    def example_inputs(self, seed: int = 0) -> tuple[Tensor, ...]:
        """Return up to 30 distinct nodes of the training graph."""
        count = self.own_representations.shape[-2]
        order = torch.randperm(count, generator=torch.Generator().manual_seed(seed))
        return (order[:30].to(self.own_representations.device),)

    def _graph_logits(self, graph: object, features: object) -> Tensor:
        data = self.known_graph(graph, features)
        self.check_features(data.features)
        known = None if self.reads_features else DIGITS
        if self.fingerprint[:known] != fingerprint(data)[:known]:
            raise BadInput(
                "this transductive model knows only its training graph of n="
                f"{self.own_representations.shape[-2]} nodes and p={self.in_features} features, "
                f"and {data.name} is another one: call predict() without a graph, or train a model "
                "on yours."
            )
        logits = self.own_logits()
        assert logits is not None
        return logits
