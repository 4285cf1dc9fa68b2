"""Claims on parts of models, each trained with and without: images, and gates of relations."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from zoo_triples.triples import TripleSet

from zoo_core import Finding, dataset
from zoo_visualsem_kg.checks.made import fitted, graph_of, texts_of
from zoo_visualsem_kg.checks.ranked import Ranked, figures_of_runs, gain_over_runs, over_runs
from zoo_visualsem_kg.graph_links import GraphLinks
from zoo_visualsem_kg.text_links import TextLinks

WNVIS = "wnvis"
SEEDS = 3
BESIDE = {"epochs": 12, "check": 6}
ALONE = {"epochs": 12, "check": 6, "batch": 2048, "learning_rate": 1e-2}
"""The recipes of `sage-wnvis-both` and of `sage-wnvis-node`, for fewer epochs."""
WAYS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "both": ({"gating": "both"}, BESIDE),
    "gloss": ({"gating": "gloss"}, BESIDE),
    "image": ({"gating": "image", "residual": False, "near": 4.0}, ALONE),
    "node": ({"gating": "node", "residual": False, "near": 4.0}, ALONE),
}
EDGES = {"encoder": "none", "gating": "node", "residual": False, "dim": 64}
EDGE_RECIPE = {"epochs": 20, "check": 10, "batch": 512, "negatives": 64, "learning_rate": 3e-2}
"""DistMult with edge gates alone; few negatives, as clean gates compute a vector for each pair."""


def images(model: str) -> Finding:
    """Train with and without images, beside glosses and alone, `SEEDS` times each.

    The features are a shipped model's. Both of a pair begin from the same seed. Queries of which
    both ends have an image are told apart.
    """
    graph = dataset(WNVIS)
    texts = texts_of(model, graph)
    found = {way: [_trained(texts, graph, way, seed) for seed in range(SEEDS)] for way in WAYS}
    both, gloss, image, node = (found[way] for way in WAYS)
    first, numbers = both[0], graph.relations.numbers
    seen = with_images(texts, graph)
    return Finding(
        quantities={
            "both minus gloss: MRR": gain_over_runs(both, gloss),
            **{
                f"{name}: both minus gloss: MRR": gain_over_runs(
                    both, gloss, first.of(relation=numbers[name])
                )
                for name in ("is-a", "has-part", "gloss-related")
                if name in numbers
            },
            "ends with images: both minus gloss: MRR": gain_over_runs(both, gloss, seen),
            "image minus node: MRR": gain_over_runs(image, node),
        },
        figures={
            **figures_of_runs(found, graph),
            "queries whose ends have images": int(seen.sum()),
        },
        seeds=range(SEEDS),
    )


def _trained(texts: TextLinks, graph: TripleSet, way: str, seed: int) -> Ranked:
    shape, recipe = WAYS[way]
    return Ranked(fitted(graph_of(texts, graph, shape, seed), graph, seed, **recipe), graph)


def with_images(texts: TextLinks, graph: TripleSet) -> Tensor:
    """Return which queries (2 m,), heads first, are of test triples whose ends both have images."""
    found = texts.features.image()
    assert found is not None
    return found[1][graph.of("test")[:, [0, 2]]].all(1).repeat(2)


def edge_gates(model: str) -> Finding:
    """Train DistMult without edge gates, with clean ones and with official ones, `SEEDS` times.

    The official network is ranked twice: as the official code does, by the relation's vector of the
    true pair, and by one of each candidate's own, as clean gates have it. How far gates are open on
    test triples is told, also beside entities that glosses gate (`beside gated entities`).
    """
    graph = dataset(WNVIS)
    texts = texts_of(model, graph)
    found: dict[str, list[Ranked]] = {
        name: [] for name in ("none", "clean", "official", "official, ranked anew")
    }
    opened: dict[str, list[float]] = {"clean": [], "official": []}
    for seed in range(SEEDS):
        for gates in ("none", "clean", "official"):
            module = _gated(texts, graph, seed, edge_gating=gates)
            found[gates].append(Ranked(module, graph))
            if gates != "none":
                opened[gates].append(openness(module, graph))
        module.edge_gating = "clean"
        found["official, ranked anew"].append(Ranked(module, graph))
    beside = _gated(texts, graph, 0, edge_gating="official", gating="gloss")
    none, clean, official, anew = found.values()
    tails = clean[0].of("tail")
    return Finding(
        quantities={
            "clean: tail MRR": over_runs(torch.stack([one.reciprocal[tails] for one in clean])),
            "clean minus no gates: tail MRR": gain_over_runs(clean, none, tails),
            "official minus no gates: tail MRR": gain_over_runs(official, none, tails),
            "official minus itself ranked anew: tail MRR": gain_over_runs(official, anew, tails),
        },
        figures={
            **figures_of_runs(found, graph),
            "openness": {**opened, "official, beside gated entities": openness(beside, graph)},
        },
        seeds=range(SEEDS),
    )


def _gated(texts: TextLinks, graph: TripleSet, seed: int, **shape: Any) -> GraphLinks:
    made = graph_of(texts, graph, {**EDGES, **shape}, seed)
    found: GraphLinks = fitted(made, graph, seed, **EDGE_RECIPE)
    return found


@torch.no_grad()
def openness(module: GraphLinks, graph: TripleSet) -> float:
    """Return how far edge gates are open on test triples: 0 is the relation, 1 the features."""
    projected = module.encode().projected
    assert module.edges is not None and projected is not None
    heads, relations, tails = graph.of("test").unbind(1)
    features = (projected[heads] + projected[tails]) / 2
    return float(module.edges.gate.openness(features, module.relation_of(relations)).mean())
