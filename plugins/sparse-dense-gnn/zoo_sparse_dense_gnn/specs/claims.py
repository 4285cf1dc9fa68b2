"""The paper's claims: their sentences and bounds; `checks` measures them."""

from typing import Any

from zoo_core import Amendment, Claim, Contrast, exact, gain, value
from zoo_sparse_dense_gnn.specs.models import EMBEDDED, EMBEDDED_RECIPE, FILTERS, SIMULATION

OPERATORS = ("A", "normalised")
DROPS = (0, 20, 50, 70)
"""Percent of the edges removed."""

PUBLISHED = {
    ("A", "SE(150)"): 57.29,
    ("A", "GNN(lin)"): 56.27,
    ("A", "GNN(non)"): 54.38,
    ("normalised", "SE(150)"): 52.70,
    ("normalised", "GNN(lin)"): 55.60,
    ("normalised", "GNN(non)"): 55.90,
}
"""Mean accuracies on Chameleon as it is (upper triangle), from the extended version's table."""
_TOLERANCE = 4  # points: libraries and random numbers differ

_SIMULATION = "paper, with the figures of the project's own reference runs"
_RELEASED = "paper, extended version, and its released result files"

_OF = {"A": "adj", "normalised": "lap"}
_NONLINEARITY = {"GNN(lin)": "identity", "GNN(non)": "prelu"}


def _small_network(name: str, label: str) -> dict[str, Any]:
    """Return a network of the simulations, to be trained on other data."""
    shape = {**FILTERS, "operator": _OF[label], "nonlinearity": _NONLINEARITY[name]}
    return {"architecture": "graph-filter", "shape": shape, "recipe": SIMULATION}


def _small_embedding(k: int, label: str) -> dict[str, Any]:
    shape = {**EMBEDDED, "k": k, "operator": _OF[label]}
    return {"architecture": "spectral-mlp", "shape": shape, "recipe": EMBEDDED_RECIPE}


_WHOLE = {
    "lead over SE(150)": Contrast(
        bound="lead over SE(150) at drop 0",
        first={"architecture": "graph-filter", "shape": {"operator": "adj"}},
        second={"architecture": "spectral-mlp", "shape": {"operator": "adj"}},
    )
}
"""What is asked of other graphs: the comparison on the graph as it is."""

CLAIMS = (
    Claim(
        name="S1",
        statement="On dense graphs of the dense-sparse graph model, two eigenvectors are about "
        "as good as graph neural networks.",
        check="zoo_sparse_dense_gnn.checks.sampled:dense_graphs",
        arguments={"graphs": 20},
        bounds={
            **{f"SE(2), {label}": value(at_least=88) for label in OPERATORS},
            **{
                f"SE(2) minus the better network, {label}": value(at_least=-2, unit="points")
                for label in OPERATORS
            },
        },
        asked={
            f"SE(2) minus {network}, {label}": Contrast(
                bound=f"SE(2) minus the better network, {label}",
                first=_small_embedding(2, label),
                second=_small_network(network, label),
            )
            for label in OPERATORS
            for network in _NONLINEARITY
        },
        source=_SIMULATION,
        models=("dsgm-gnn-dense", "dsgm-se-dense"),
        minutes=2,
        slow=True,
    ),
    Claim(
        name="S2",
        statement="On sparse graphs of the model, graph neural networks are ahead of spectral "
        "embeddings.",
        check="zoo_sparse_dense_gnn.checks.sampled:sparse_graphs",
        arguments={"graphs": 20},
        bounds={
            f"{network} over the mean of the embeddings, {label}": gain(at_least=0)
            for network in ("GNN(lin)", "GNN(non)")
            for label in OPERATORS
        },
        asked={
            f"{network} over the mean of the embeddings, {label}": Contrast(
                bound=f"{network} over the mean of the embeddings, {label}",
                first=_small_network(network, label),
                second=[_small_embedding(k, label) for k in (2, 6, 10, 20)],
            )
            for network in _NONLINEARITY
            for label in OPERATORS
        },
        published="medians of the figure 0.76 to 0.78 against 0.73 to 0.76",
        source=_SIMULATION,
        models=("dsgm-gnn-sparse", "dsgm-lin-sparse", "dsgm-se-sparse"),
        minutes=2,
        slow=True,
        amendments=tuple(
            Amendment(
                date="2026-11-28",
                bound=f"GNN(non) over the mean of the embeddings, {label}",
                before="not judged",
                after="resolved above zero",
                why="the claim speaks of graph neural networks and was judged on the linear one "
                "alone, while the one that was shipped is not linear",
            )
            for label in OPERATORS
        ),
    ),
    Claim(
        name="S3",
        statement="On Chameleon with the normalised operator, a graph neural network loses "
        "less than a spectral embedding when edges are removed, and is far ahead at the end.",
        check="zoo_sparse_dense_gnn.checks.thinned:chameleon",
        bounds={
            "lead of GNN(non) over SE(150) at drop 70": gain(at_least=5),
            "loss of SE(150) beyond that of GNN(non)": gain(at_least=3),
        },
        published="50.3 against 41.2, losses 5.7 and 11.5; with A + I 46.0 against 45.5, without a "
        "bound",
        source=_RELEASED,
        models=("sparse-gnn-chameleon", "sparse-gnn-chameleon-drop70", "se150-chameleon"),
        minutes=15,
        slow=True,
    ),
    Claim(
        name="components",
        statement="What S3 shows is partly a degeneracy: from half of the edges removed on, "
        "Chameleon has more than 150 components, so that all 150 leading eigenvectors of the "
        "normalised operator have the eigenvalue 1 and tell components apart, nothing else.",
        check="zoo_sparse_dense_gnn.checks.thinned:components",
        bounds={
            "fewest components at drop 50 and 70": exact(at_least=151),
            "most components at drop 0 and 20": exact(at_most=150),
        },
        source="not of this paper: this project's reading of S3",
        models=("sparse-gnn-chameleon", "sparse-gnn-chameleon-drop70", "se150-chameleon"),
    ),
    Claim(
        name="S4",
        statement="On Cora with the operator A + I, a graph neural network is ahead of a "
        "spectral embedding at every density.",
        check="zoo_sparse_dense_gnn.checks.thinned:citations",
        arguments={"base": "cora", "drops": DROPS, "accuracy": True},
        bounds={
            "GNN(non) at drop 0": value(at_least=84),
            **{f"lead over SE(150) at drop {drop}": gain(at_least=5) for drop in DROPS},
        },
        asked=_WHOLE,
        published="86.2 against 77.8, 85.2 against 76.0, no number at 50, 80.5 against 68.9",
        source=_RELEASED,
        models=("sparse-gnn-cora", "se150-cora"),
        minutes=5,
        slow=True,
    ),
    Claim(
        name="citeseer",
        statement="On CiteSeer with the operator A + I, a graph neural network is ahead of a "
        "spectral embedding on the original and on the thinned graph.",
        check="zoo_sparse_dense_gnn.checks.thinned:citations",
        arguments={"base": "citeseer", "drops": (0, 70)},
        bounds={f"lead over SE(150) at drop {drop}": gain(at_least=5) for drop in (0, 70)},
        asked=_WHOLE,
        published="75.9 against 63.7 and 74.3 against 59.3",
        source=_RELEASED,
        models=("sparse-gnn-citeseer",),
        minutes=5,
        slow=True,
    ),
    Claim(
        name="table",
        statement="With the original recipe, its stopping rule and its dropout on the logits "
        "included, the published means on Chameleon as it is are reached.",
        check="zoo_sparse_dense_gnn.checks.chameleon:published_table",
        bounds={
            f"{method}, {label}, {side}": bound
            for (label, method), mean in PUBLISHED.items()
            for side, bound in (
                ("from below", value(at_least=round(mean - _TOLERANCE, 2))),
                ("from above", value(at_most=round(mean + _TOLERANCE, 2))),
            )
        },
        published=", ".join(
            f"{method} {mean:.2f} with {label}" for (label, method), mean in PUBLISHED.items()
        ),
        source="paper, extended version, means over ten splits and five restarts",
        models=("sparse-gnn-chameleon", "se150-chameleon"),
        minutes=5,
        slow=True,
        amendments=(
            Amendment(
                date="2026-11-22",
                bound="SE(150), A, from below",
                before="at least 53.29 % in the means of one restart, and so for all six means",
                after="at least 53.29 % in the means of five restarts, and so for all six means",
                why="the published means are of five restarts; with one, the intervals were too "
                "wide to establish them",
            ),
        ),
    ),
    Claim(
        name="whole-spectrum",
        statement="A graph neural network trained on Chameleon puts out signals over the whole "
        "spectrum, beyond the 150 eigenvectors that SE(150) reads.",
        check="zoo_sparse_dense_gnn.checks.chameleon:whole_spectrum",
        bounds={"share of the squared output beyond the 150": value(at_least=10)},
        source="the paper shows it in a figure; the threshold is this project's",
        models=("sparse-gnn-chameleon",),
        minutes=1,
    ),
    Claim(
        name="theorem-1",
        statement="Eigenvalues and eigenvectors of a sampled graph deviate from the kernel's "
        "by terms that grow with gamma.",
        check="zoo_sparse_dense_gnn.checks.theorems:deviations",
        bounds={
            f"exponent of gamma in the deviation of {kind}": value(at_least=0.25, unit="")
            for kind in ("eigenvalues", "eigenvectors")
        },
        published="near 1/2, which random-matrix bounds give on a fixed interval",
        source="paper, Theorem 1; the exponent is this project's reading",
        models=("dsgm-se-dense", "dsgm-se-sparse"),
        minutes=0.5,
    ),
    Claim(
        name="theorem-2",
        statement="With distinct eigenvalues and no zero coefficient of the input, a "
        "polynomial filter of at most N taps maps it to any target; otherwise some targets "
        "are out of reach.",
        check="zoo_sparse_dense_gnn.checks.theorems:interpolation",
        bounds={
            "largest error on small graphs": exact(at_most=1e-6),
            "dimensions that are reached where an eigenvalue repeats": exact(at_most=2),
        },
        source="paper, Theorem 2",
        models=("dsgm-gnn-dense", "dsgm-gnn-sparse", "sparse-gnn-chameleon"),
    ),
)
