"""Models of graphs that a check trains itself, over the features that a shipped one carries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from zoo_triples.triples import TripleSet

from zoo_core import load
from zoo_visualsem_kg.features import EntityFeatures
from zoo_visualsem_kg.graph_links import GraphLinks
from zoo_visualsem_kg.text_links import TextLinks
from zoo_visualsem_kg.train.graphs import fit


def texts_of(model: str, data: TripleSet) -> TextLinks:
    """Return texts with a shipped model's features, some triples, and weights before training."""
    shipped: Any = load(model)
    made = TextLinks(**_sizes(shipped.features, data))
    made.features.load_state_dict(shipped.features.state_dict())
    made.carry(data)
    return made


def graph_of(texts: TextLinks, data: TripleSet, shape: Mapping[str, Any], seed: int) -> GraphLinks:
    """Return an untrained model of a graph beside texts, which it shares and does not train."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        made = GraphLinks(**_sizes(texts.features, data), **shape)
    made.text = texts.requires_grad_(False)
    made.entities, made.relations = data.entities, data.relations
    return made


def fitted(module: Any, data: TripleSet, seed: int, **recipe: Any) -> Any:
    """Return a module that was trained by the recipe of graphs and texts, in eval mode.

    What is drawn anywhere, dropout among it, is drawn by `seed`.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return fit(module, data, seed, **recipe).eval()


def _sizes(features: EntityFeatures, data: TripleSet) -> dict[str, Any]:
    """Return how many entities, relations, triples and features there are, as models are told."""
    found = {"entities": len(data.entities), "relations": len(data.relations)}
    found |= {"facts": len(data.of("train"))}
    found |= {"width": len(features.basis), "text": features.basis.shape[1]}
    if features.images is None:
        return {**found, "images": 0, "image": 0}
    images, image = features.images.values.shape
    return {**found, "images": images, "image": image}
