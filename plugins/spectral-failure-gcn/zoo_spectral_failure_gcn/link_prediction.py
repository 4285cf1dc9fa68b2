"""Link prediction: what graph autoencoders were made for, measured on held-out edges."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from zoo_graphs.graph import Graph

from zoo_core import BadInput
from zoo_spectral_failure_gcn.node_embedding import NodeEmbedding
from zoo_spectral_failure_gcn.reading import open_graph


def hold_out_links(
    graph: Graph, seed: int, share: float = 0.1
) -> tuple[Graph, np.ndarray, np.ndarray]:
    """Return a graph without some of its edges, these edges, and as many pairs without an edge.

    `share` of the edges, in (0, 1), are held out; `seed` is from 0. Labels and masks are left out
    of the smaller graph; held-out edges and other pairs are (2, t), all u < v, none twice. Raises
    `BadInput` where the share leaves no edge on either side, or there are too few absent edges.
    """
    count = round(share * graph.num_edges)
    n = graph.num_nodes
    absent = n * (n - 1) // 2 - graph.num_edges
    if not 0 < count < graph.num_edges or count > absent:
        raise BadInput(
            f"share={share} holds out {count} of {graph.num_edges} edges of {graph.name}, which "
            f"has {absent} absent ones; some edges must stay, and as many absent ones be there."
        )
    rng = np.random.Generator(np.random.PCG64(seed))
    order = np.argsort(rng.random(graph.num_edges), kind="stable")
    held, kept = graph.edges[:, order[:count]], np.sort(order[count:])
    known = set((graph.edges[0] * n + graph.edges[1]).tolist())
    others: dict[int, None] = {}
    while len(others) < count:
        ends = np.sort((rng.random((2, count)) * n).astype(np.int64), axis=0)
        pairs = (ends[0] * n + ends[1])[ends[0] < ends[1]].tolist()
        others.update(dict.fromkeys(pair for pair in pairs if pair not in known))
    drawn = np.array(list(others)[:count])
    weights = None if graph.edge_weights is None else graph.edge_weights[kept]
    smaller = replace(
        graph, edges=graph.edges[:, kept], edge_weights=weights, labels=None, masks={}
    )
    return smaller, held, np.stack([drawn // n, drawn % n])


def link_prediction(
    module: NodeEmbedding, graph: Any, *, seed: int = 0, share: float = 0.1, **training: Any
) -> dict[str, float]:
    """Fit a module to a graph without some edges, and measure how it ranks these.

    `module` is left fitted to the smaller graph; `graph` is anything that
    `zoo_graphs.reading.read_graph` takes; `seed` decides which edges are held out, `share` how
    many; `training` are keyword arguments of the module's `fit`. Return `auc`, the area under the
    ROC curve, and `ap`, the average precision, of held-out edges against as many pairs without an
    edge.
    Raises `BadInput` as `hold_out_links` and the module's `fit` do.
    """
    from torchmetrics.functional.classification import binary_auroc, binary_average_precision

    smaller, held, others = hold_out_links(open_graph(graph), seed, share)
    module.fit(smaller, **training)
    pairs = torch.from_numpy(np.concatenate([held, others], axis=1))
    scores = module.link_scores(pairs).detach().sigmoid()
    truth = (torch.arange(pairs.shape[1]) < held.shape[1]).long()
    return {
        "auc": float(binary_auroc(scores, truth)),
        "ap": float(binary_average_precision(scores, truth)),
    }
