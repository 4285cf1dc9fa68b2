"""What the networks register: architectures, models, claims and pictures."""

from __future__ import annotations

from zoo_core import Architecture, Claim, Model, Picture

_PAPER = "fine-grained-expressivity"
_HERE = "zoo_fine_grained_expressivity"
_TEN_FOLDS = tuple({"fold": fold} for fold in range(10))
_TASKS = {
    "mutag": "Mutagenicity of a compound",
    "ptc": "Carcinogenicity of a compound",
    "proteins": "Enzyme or not",
    "imdb-binary": "Genre of an actor's network",
    "nci1": "Activity of a compound against lung cancer cells",
}
_NETWORKS = {"gin": "GIN", "gc": "GC"}


def _architecture(convolution: str, summary: str) -> Architecture:
    return Architecture(
        name=f"mpnn-{convolution}",
        cls=f"{_HERE}.networks:GraphNetwork",
        paper=_PAPER,
        task="graph-classification",
        summary=summary,
        config={
            "convolution": convolution,
            "hidden": 64,
            "layers": 3,
            "size_norm": True,
            "standardised": True,
            "trained": True,
            "dropout": 0.5,
            "lr": 0.01,
            "weight_decay": 0.0,
            "batch_size": 64,
            "epochs": 60,
        },
        train=f"{_HERE}.networks_train:train_networks",
        reader="zoo_graphs.tudataset:read_training_set",
        pipeline_tag="graph-ml",
        symmetries=(f"{_HERE}.networks_inputs:permute_nodes",),
    )


ARCHITECTURES: tuple[Architecture, ...] = (
    _architecture("gin", "GIN on graphs, size-normalised or not, trained or frozen as drawn"),
    _architecture("gc", "Linear graph convolution with a nonlinear head, trained or frozen"),
)


_STANDARDISED = (
    "The embedding is standardised before the head, which the paper does not do; it has 512 units, "
    "and these networks 64."
)


def _model(way: str, convolution: str, dataset: str, size_norm: bool) -> Model:
    network = _NETWORKS[convolution] + ("-m" if size_norm else "")
    told = {
        "untrained": f"a head on an untrained {network}, its layers frozen as they were drawn",
        "trained": f"{network}, trained in all its layers",
    }
    return Model(
        name=f"{way}-{convolution}-{dataset}",
        architecture=f"mpnn-{convolution}",
        dataset=dataset,
        license="Apache-2.0",
        summary=f"{_TASKS[dataset]}: {told[way]}; the first of ten folds.",
        config={"size_norm": size_norm, "trained": way == "trained"},
        options={"fold": 0},
        runs=_TEN_FOLDS,
        notes=_STANDARDISED,
    )


MODELS: tuple[Model, ...] = (
    _model("untrained", "gin", "mutag", False),
    _model("trained", "gin", "mutag", False),
    _model("untrained", "gc", "mutag", True),
    _model("trained", "gc", "mutag", True),
    _model("untrained", "gin", "imdb-binary", True),
    _model("untrained", "gin", "proteins", False),
    _model("untrained", "gin", "ptc", False),
    _model("untrained", "gin", "nci1", False),
    _model("trained", "gin", "ptc", False),
    _model("trained", "gin", "imdb-binary", True),
    _model("trained", "gin", "proteins", False),
)


def _accuracy(dataset: str, bound: int, minutes: float = 0.5, slow: bool = False) -> Claim:
    return Claim(
        name=f"untrained-{dataset}",
        statement=f"A head on a GIN whose layers stay as they are drawn is at least {bound} % "
        f"accurate on {dataset}.",
        check=f"{_HERE}.networks_claims:untrained_on_{dataset.replace('-', '_')}",
        expected=f"at least {bound} %, mean over ten folds",
        source="this project's target; the paper's tables have other protocols",
        models=(f"untrained-gin-{dataset}",),
        minutes=minutes,
        slow=slow,
    )


def _par(convolution: str, dataset: str, minutes: float = 1) -> Claim:
    return Claim(
        name=f"par-{convolution}-{dataset}",
        statement=f"An untrained {convolution.upper()} on {dataset} is on par with the same "
        "network trained in all its layers: at most three points worse.",
        check=f"{_HERE}.networks_claims:par_{convolution}_{dataset.replace('-', '_')}",
        expected="a difference of at least -3 points over the same ten folds, resolved by its "
        "95 % interval",
        source="abstract; the margin is this project's",
        models=(f"untrained-{convolution}-{dataset}", f"trained-{convolution}-{dataset}"),
        minutes=minutes,
        slow=True,
    )


CLAIMS: tuple[Claim, ...] = (
    _accuracy("mutag", 84),
    _accuracy("imdb-binary", 70),
    _accuracy("proteins", 70),
    _accuracy("nci1", 70, minutes=2, slow=True),
    _par("gin", "mutag"),
    _par("gin", "ptc"),
    _par("gin", "imdb-binary", minutes=4),
    _par("gin", "proteins", minutes=4),
    _par("gc", "mutag"),
    Claim(
        name="epoch-time",
        statement="An epoch of training takes less time when the layers below the head are frozen, "
        "and still less when embeddings are computed once.",
        check=f"{_HERE}.networks_claims:epoch_time",
        expected="a mean ratio above 1 for both, in processor seconds",
        source="the paper's comparison of training times; no figure is known here",
        models=("untrained-gin-mutag", "trained-gin-mutag"),
        minutes=0.2,
    ),
    Claim(
        name="preservation",
        statement="Distances of untrained embeddings follow delta_W: on MUTAG linear layers (GC-m) "
        "preserve it better than GIN-m.",
        check=f"{_HERE}.networks_claims:distance_preservation",
        expected="Pearson correlation of GC-m (L = 3, H = 64) on MUTAG at least 0.93, and of GIN-m "
        "lower",
        source="this project's target; the paper shows scatter plots",
        models=("untrained-gc-mutag", "untrained-gin-mutag"),
        minutes=0.5,
    ),
)
PICTURES: tuple[Picture, ...] = (
    Picture(
        name="preservation",
        draw=f"{_HERE}.networks_pictures:preservation",
        caption="Distances of 187 MUTAG compounds, and of 49 block models, to the last graph of "
        "their set: delta_W after three rounds against the distance of an untrained network's "
        "embeddings. The points of linear layers (GC-m) lie closer to a line on MUTAG.",
        models=("untrained-gc-mutag", "untrained-gin-mutag"),
    ),
)
