"""Claims on graphs with glosses and images: the paper's form, and the better one."""

from __future__ import annotations

import math
from typing import Any

import torch
from zoo_triples.triples import TripleSet

from zoo_core import Finding, load
from zoo_visualsem_kg.checks.ranked import Ranked, finding_of, gain_of, ranked
from zoo_visualsem_kg.prototypes import PARENT

WNVIS = "wnvis"


def measured(model: str) -> Finding:
    """Measure a shipped model on test triples, and how far its gates are open."""
    found, graph = ranked(model, WNVIS)
    finding = finding_of(found, graph, tail=True)
    module = load(model)
    more = {"gates": openness(module), "neighbourhood": neighbourhood(module, graph)}
    return Finding(quantities=finding.quantities, figures={**finding.figures, **more})


def beside(model: str, other: str) -> Finding:
    """Measure a shipped model on test triples, and how much more it has than another."""
    (first, graph), (second, _) = ranked(model, WNVIS), ranked(other, WNVIS)
    return Finding(
        quantities={
            "MRR": first.mrr(),
            "tail MRR": first.mrr("tail"),
            f"more than {other}: MRR": gain_of(first, second),
        },
        figures={**first.figures(graph), other: second.figures(graph)},
    )


@torch.no_grad()
def neighbourhood(module: Any, graph: TripleSet, top: int = 8) -> dict[str, Any]:
    """Return a query with what training says around it, and the best answers with their scores.

    It is the first test triple of "is-a" whose head has an image and three neighbours in training.
    """
    names, kinds = graph.entities.names, graph.relations.names
    train, (_, seen) = graph.of("train"), module.text.features.image()
    degree = torch.bincount(train[:, [0, 2]].flatten(), minlength=len(names))
    test = graph.of("test")
    fits = (test[:, 1] == graph.relations.numbers[PARENT]) & seen[test[:, 0]]
    head, relation, _ = test[fits & (degree[test[:, 0]] >= 3)][0].tolist()
    around = train[(train[:, [0, 2]] == head).any(1)].tolist()
    answers = {t for h, r, t in graph.triples.tolist() if (h, r) == (head, relation)}
    ranked = module.predict(graph.entities.ids[head], graph.relations.ids[relation], top=top)
    return {
        "head": names[head],
        "relation": kinds[relation],
        "around": [[names[h], kinds[r], names[t]] for h, r, t in around],
        "ranked": [{**row, "true": graph.entities.numbers[row["id"]] in answers} for row in ranked],
    }


@torch.no_grad()
def openness(module: Any, bins: int = 20) -> dict[str, list[int]]:
    """Return histograms of the gates (0 is the learned vector, 1 the features) by modality."""
    gates, table = module.gates[0], module.table[0]
    features = module.text.features
    found = {}
    for name, gate, given in (
        ("gloss", gates.gloss, features.gloss()),
        ("image", gates.image, features.image()),
    ):
        if gate is None or given is None:
            continue
        vectors, has = given
        a = gate.openness(table.expand(len(has), -1), gate.project(vectors))[has, 0]
        found[name] = torch.histc(a, bins, 0.0, 1.0).long().tolist()
    return found


def beside_texts(both: str, text: str, node: str) -> Finding:
    """Measure what the graph adds to texts and texts to the graph, relation by relation."""
    (first, graph), (texts, _), (alone, _) = (ranked(one, WNVIS) for one in (both, text, node))
    number = graph.relations.numbers
    return Finding(
        quantities={
            "both minus texts alone: MRR": gain_of(first, texts),
            "both minus the graph alone: MRR": gain_of(first, alone),
            **{
                f"{name}: both minus the graph alone: MRR": gain_of(first, alone, number[name])
                for name in ("is-a", "gloss-related")
            },
        },
        figures={
            **{
                label: one.figures(graph)["by relation"]
                for label, one in (("both", first), ("texts", texts), ("graph", alone))
            },
            "ranks": ranks_beside(alone, first, len(graph.entities)),
        },
    )


def ranks_beside(before: Ranked, after: Ranked, most: int, bins: int = 16) -> dict[str, Any]:
    """Return how many queries have which rank before and after, in bins of equal logarithms.

    Rows are what is before, columns what is after; `edges` are those of the bins.
    """
    edges = torch.logspace(0, math.log10(most + 1), bins + 1, dtype=torch.float64)
    places = [torch.bucketize(one.rank, edges[1:-1], right=True) for one in (before, after)]
    counts = torch.bincount(places[0] * bins + places[1], minlength=bins * bins)
    return {"edges": edges.tolist(), "counts": counts.view(bins, bins).tolist()}
