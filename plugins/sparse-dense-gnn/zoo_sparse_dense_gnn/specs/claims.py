"""The paper's claims: their sentences and what is expected; `checks` measures them."""

from zoo_core import Claim

_SIMULATION = "paper, with the figures of the project's own reference runs"
_RELEASED = "paper, extended version, and its released result files"

CLAIMS = (
    Claim(
        name="S1",
        statement="On dense graphs of the dense-sparse graph model, two eigenvectors are about "
        "as good as graph neural networks.",
        check="zoo_sparse_dense_gnn.checks.sampled:dense_graphs",
        expected="SE(2) >= 88 %, and within 2 points of the better network, both operators",
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
        expected="GNN(lin) at least the mean of SE(2), SE(6), SE(10) and SE(20), both "
        "operators; medians of the figure: 0.77 to 0.78 against 0.73 to 0.76",
        source=_SIMULATION,
        models=("dsgm-gnn-sparse", "dsgm-se-sparse"),
        minutes=2,
        slow=True,
    ),
    Claim(
        name="S3",
        statement="On Chameleon with the normalised operator, a graph neural network loses "
        "less than a spectral embedding when edges are removed, and is far ahead at the end.",
        check="zoo_sparse_dense_gnn.checks.thinned:chameleon",
        expected="at drop 70 GNN(non) ahead of SE(150) by >= 5 points, and its loss smaller by "
        ">= 3 (published: 50.3 against 41.2, losses 5.7 and 11.5; with A + I 46.0 against "
        "45.5, without a target)",
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
        expected="more than 150 components on all graphs at drop 50 and 70, on none at 0 and 20",
        source="not of this paper: this project's reading of S3",
        models=("sparse-gnn-chameleon", "sparse-gnn-chameleon-drop70", "se150-chameleon"),
    ),
    Claim(
        name="S4",
        statement="On Cora with the operator A + I, a graph neural network is ahead of a "
        "spectral embedding at every density.",
        check="zoo_sparse_dense_gnn.checks.thinned:cora",
        expected="GNN(non) >= 84 % on the original graph, and >= 5 points ahead of SE(150) "
        "with 0, 20, 50 and 70 percent of the edges removed (published: 86.2 against 77.8, "
        "85.2 against 76.0, no number at 50, 80.5 against 68.9)",
        source=_RELEASED,
        models=("sparse-gnn-cora", "se150-cora"),
        minutes=5,
        slow=True,
    ),
    Claim(
        name="citeseer",
        statement="On CiteSeer with the operator A + I, a graph neural network is ahead of a "
        "spectral embedding on the original and on the thinned graph.",
        check="zoo_sparse_dense_gnn.checks.thinned:citeseer",
        expected=">= 5 points at 0 and 70 percent of the edges removed (published: 75.9 "
        "against 63.7 and 74.3 against 59.3)",
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
        expected="within 4 points: with A 57.29 (SE(150)), 56.27 (GNN(lin)), 54.38 "
        "(GNN(non)); normalised 52.70, 55.60, 55.90",
        source="paper, extended version, means over ten splits and five restarts",
        models=("sparse-gnn-chameleon", "se150-chameleon"),
        minutes=5,
        slow=True,
    ),
    Claim(
        name="whole-spectrum",
        statement="A graph neural network trained on Chameleon puts out signals over the whole "
        "spectrum, beyond the 150 eigenvectors that SE(150) reads.",
        check="zoo_sparse_dense_gnn.checks.chameleon:whole_spectrum",
        expected="at least 10 % of the squared output outside of these 150",
        source="the paper shows it in a figure; the threshold is this project's",
        models=("sparse-gnn-chameleon",),
        minutes=1,
    ),
    Claim(
        name="theorem-1",
        statement="Eigenvalues and eigenvectors of a sampled graph deviate from the kernel's "
        "by terms that grow with gamma.",
        check="zoo_sparse_dense_gnn.checks.theorems:deviations",
        expected="exponent of gamma near 1/2, which random-matrix bounds give on a fixed "
        "interval; held against 1/4",
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
        expected="error at most 1e-6 on small graphs; the Krylov matrix singular where an "
        "eigenvalue repeats",
        source="paper, Theorem 2",
        models=("dsgm-gnn-dense", "dsgm-gnn-sparse", "sparse-gnn-chameleon"),
    ),
)
