"""The claims' verdicts, each on accuracies made up to decide it, and the pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from zoo_graphs.graph import Graph
from zoo_graphs.operators import operator_matrix
from zoo_sparse_dense_gnn import pictures
from zoo_sparse_dense_gnn.checks import findings, theorems, thinned
from zoo_sparse_dense_gnn.dsgm import integral_eigenvalues
from zoo_sparse_dense_gnn.specs.claims import PUBLISHED
from zoo_sparse_dense_gnn.specs.paper import PAPER

import zoo

HOLDS, FAILS, OPEN = "holds", "fails", "not established"
NOISE = np.random.default_rng(0).normal(size=40)


def pretend(monkeypatch, accuracy, noise=0.1):
    """Let trainings give accuracy(architecture, dataset, options, config), in points."""

    def protocol(architecture, dataset, runs, *, shape, recipe):
        shift = len(architecture) + shape.get("k", 0)  # methods differ in their noise
        found = [accuracy(architecture, dataset, one, {**shape, **recipe}) for one in runs]
        return [(value + noise * NOISE[(i + shift) % 40]) / 100 for i, value in enumerate(found)]

    monkeypatch.setattr(findings, "protocol", protocol)


def verified(claim):
    """What `zoo verify` says of a claim."""
    (check,) = zoo.verify(PAPER.name, claim=claim)
    return check


@pytest.mark.parametrize(
    ("embedding", "network", "verdict"),
    [(89, 89, HOLDS), (89, 90.5, HOLDS), (89, 95, FAILS), (80, 80, FAILS), (90, 88, HOLDS)],
)
def test_dense_graphs(monkeypatch, embedding, network, verdict):
    pretend(monkeypatch, lambda a, d, o, c: embedding if a == "spectral-mlp" else network)
    found = verified("S1")
    assert found.verdict == verdict
    assert len(found.figures) == 12
    assert {len(row) for row in found.figures.values()} == {20}


@pytest.mark.parametrize(("lead", "noise", "verdict"), [(1, 0.1, HOLDS), (-1, 0.1, FAILS),
                                                        (0.2, 5, OPEN)])  # fmt: skip
def test_sparse_graphs(monkeypatch, lead, noise, verdict):
    pretend(monkeypatch, lambda a, d, o, c: 75 + lead * (a == "graph-filter"), noise)
    found = verified("S2")
    assert found.verdict == verdict
    assert all(f"SE({k})" in found.measured for k in (2, 6, 10, 20))


@pytest.mark.parametrize(
    ("losses", "verdict"),
    [((5, 12), HOLDS), ((12, 12), FAILS), ((7, 9), FAILS), ((8.9, 12), FAILS)],
)
def test_chameleon(monkeypatch, losses, verdict):
    """Losses of network and embedding from drop 0 to 70, from 56 and 53 points."""
    methods = {"graph-filter": (56, losses[0]), "spectral-mlp": (53, losses[1])}

    def accuracy(architecture, dataset, options, config):
        start, loss = methods[architecture]
        assert dataset == "chameleon-thinned" and options["symmetrize"] == "upper"
        return start - loss * options["drop"] / 70

    pretend(monkeypatch, accuracy)
    # (8.9, 12): the lead of 6.1 is enough, and so is the loss, smaller by 3.1.
    assert verified("S3").verdict == (HOLDS if losses == (8.9, 12) else verdict)


def test_thinned_runs_have_graphs_of_their_own(monkeypatch):
    asked = []

    def protocol(architecture, dataset, runs, *, shape, recipe):
        asked.extend(runs)
        return [run["thinning"] / 100 for run in runs]

    monkeypatch.setattr(findings, "protocol", protocol)
    # Split f has the removals f, 10 + f and 20 + f, of which the mean is 10 + f.
    assert thinned.thinned("cora", "graph-filter", 70, "adj", 3) == pytest.approx(range(10, 20))
    assert len({run["thinning"] for run in asked}) == 30
    assert all(run["thinning"] % 10 == run["fold"] for run in asked)
    asked.clear()
    assert len(thinned.thinned("cora", "graph-filter", 0, "adj", 3)) == len(asked) == 10


@pytest.mark.parametrize(
    ("claim", "lead", "verdict"),
    [
        ("S4", 8, HOLDS),
        ("S4", 3, FAILS),
        ("citeseer", 12, HOLDS),
        ("citeseer", 4, FAILS),
    ],
)
def test_citation_graphs(monkeypatch, claim, lead, verdict):
    pretend(
        monkeypatch,
        lambda a, d, o, c: 86 - o["drop"] / 10 - (lead if a == "spectral-mlp" else 0),
    )
    assert verified(claim).verdict == verdict


def test_components_are_eigenvalues_one():
    edges = np.random.default_rng(0).integers(0, 40, (2, 20))
    graph = Graph.from_edges(edges, np.ones((40, 1)))
    operator = operator_matrix(torch.from_numpy(graph.edges), 40, "lap", dtype=torch.float64)
    ones = (torch.linalg.eigvalsh(operator.to_dense()) > 1 - 1e-9).sum()
    assert thinned.connected_components(graph)[0] == ones > 15


@pytest.mark.parametrize(("offset", "verdict"), [(1.0, HOLDS), (-3.5, HOLDS), (6.0, FAILS),
                                                 (-6.0, FAILS)])  # fmt: skip
def test_published_table(monkeypatch, offset, verdict):
    def accuracy(architecture, dataset, options, config):
        label = "A" if config["operator"] == "adj" else "normalised"
        linear = config.get("nonlinearity") == "identity"
        method = (
            "SE(150)" if architecture == "spectral-mlp" else f"GNN({'lin' if linear else 'non'})"
        )
        assert options["symmetrize"] == "upper" and config["tolerance"] == 0.01
        return PUBLISHED[label, method] + offset

    pretend(monkeypatch, accuracy)
    assert verified("table").verdict == verdict


def test_theorems():
    assert verified("theorem-2").verdict == HOLDS
    dense, sparse = (theorems.deviation(gamma, 0, EXACT) for gamma in (0.004, 0.016))
    # A step four times as long doubles both deviations.
    assert np.array(sparse) / np.array(dense) == pytest.approx([2, 2], rel=0.35)


EXACT = np.array(integral_eigenvalues(reach=1.0))


def test_every_claim_is_judged_by_what_is_stored():
    verdicts = {one.name: one.verdict for one in zoo.verify(PAPER.name, stored=True)}
    assert verdicts.keys() == {claim.name for claim in PAPER.claims}
    assert set(verdicts.values()) <= {HOLDS, FAILS, OPEN}
    # The shipped network, which is not linear, is not ahead.
    assert verdicts["S2"] == OPEN


@pytest.mark.parametrize("name", ["density_chameleon", "density_cora", "simulation"])
def test_pictures_are_figures(name):
    assert isinstance(getattr(pictures, name)(), Figure)


@pytest.mark.parametrize("picture", PAPER.pictures, ids=lambda picture: picture.name)
def test_drawn_pictures_are_small(picture):
    path = Path(pictures.__file__).with_name("pictures") / f"{picture.name}.svg"
    assert path.is_file(), f"run `zoo draw {PAPER.name}`"
    assert path.stat().st_size < 300_000
