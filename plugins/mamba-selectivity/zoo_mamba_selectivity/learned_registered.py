"""What the trained models, MQAR and keep-n-th register."""

from __future__ import annotations

from typing import Any

from zoo_core import Architecture, Claim, Dataset, Metric, Model, Picture

_PAPER = "mamba-selectivity"
_HERE = "zoo_mamba_selectivity"

_NETWORK: dict[str, Any] = {
    "mixer": "mamba2",
    "width": 64,
    "layers": 1,
    "inner": None,
    "state_size": 32,
    "heads": 4,
    "conv_width": 4,
    "gate": True,
    "decay": 1.0,
    "steps": [1e-3, 1e-1],
}
_RECIPE: dict[str, Any] = {
    "shortest": 8,
    "stage_updates": 200,
    "updates": 600,
    "warmup": 50,
    "lr": 0.01,
    "weight_decay": 0.1,
    "batch_size": 64,
}

ARCHITECTURES: tuple[Architecture, ...] = (
    Architecture(
        name="recall-network",
        cls=f"{_HERE}.networks:RecallNetwork",
        paper=_PAPER,
        task="associative-recall",
        summary="One layer of Mamba, Mamba-2 or S4D that is trained on associative recall",
        config={**_NETWORK, **_RECIPE},
        train=f"{_HERE}.train:train_recall",
        independent_rows=True,
    ),
    Architecture(
        name="keep-network",
        cls=f"{_HERE}.networks:KeepNetwork",
        paper=_PAPER,
        task="memorization",
        summary="One layer of Mamba, Mamba-2 or S4D that is trained to tell the n-th symbol",
        config={
            **_NETWORK,
            "mixer": "mamba",
            "width": 32,
            "state_size": 8,
            **_RECIPE,
            "updates": 400,
            "weight_decay": 0.01,
        },
        train=f"{_HERE}.train:train_keep",
        independent_rows=True,
    ),
)


def _recall(name: str, summary: str, **more: Any) -> Model:
    return Model(
        name=f"{name}-mqar",
        architecture="recall-network",
        dataset="mqar",
        license="Apache-2.0",
        summary=f"{summary}, trained on associative recall: four pairs, 256 tokens, T = 32.",
        **more,
    )


def _keep(name: str, summary: str, **more: Any) -> Model:
    return Model(
        name=f"{name}-keepnth",
        architecture="keep-network",
        dataset="keepnth",
        license="Apache-2.0",
        summary=f"{summary}, trained to tell the symbol at position 64 of 256, read after the "
        "last.",
        **more,
    )


_S4D: dict[str, Any] = {
    "mixer": "s4d-real",
    "width": 128,
    "inner": 1024,
    "state_size": 1,
    "decay": 0.01,
    "steps": [0.5, 1.0],
    "stage_updates": 300,
    "updates": 400,
    "lr": 3e-3,
}
_ASK = "print(zoo.predict(model, '8 200 3 140 12 150 5 129 3 0 8'))"
MODELS: tuple[Model, ...] = (
    _recall(
        "mamba2",
        "One layer of Mamba-2",
        config={"mixer": "mamba2"},
        usage=_ASK,
    ),
    _recall(
        "mamba2-noconv",
        "One layer of Mamba-2 without its convolution, which cannot bind values to keys",
        config={"mixer": "mamba2", "conv_width": 1},
        notes="An ablation: it learns which values a sequence has, and guesses among them. "
        "mamba2-mqar is the model to use.",
    ),
    _recall(
        "mamba",
        "One layer of Mamba (S6)",
        config={"mixer": "mamba", "updates": 1200},
        usage=_ASK,
    ),
    _recall(
        "s4d",
        "One wide layer of S4D, whose memory does not depend on what it reads",
        config=_S4D,
        notes="Trained for under two processor minutes it only guesses among the values; "
        "s4d-mqar-exact has weights for such a layer that are right. mamba2-mqar is the model to "
        "use.",
    ),
    _recall(
        "s4d-nogate",
        "One wide layer of S4D without its gate, which can only add up what stood before",
        config={**_S4D, "gate": False},
        notes="An ablation; mamba2-mqar is the model to use.",
    ),
    _keep(
        "mamba",
        "One layer of Mamba (S6)",
        config={"mixer": "mamba"},
        usage="print(zoo.predict(model, [7, 2, 11, 5] * 64))",
    ),
    _keep(
        "s4d",
        "One layer of S4D, whose memory does not depend on what it reads",
        config={"mixer": "s4d-real"},
        notes="Beside mamba-keepnth, to show what selectivity adds; it fails at this task.",
    ),
)

_SIZES = ((64, 4), (64, 8), (64, 16), (128, 32), (256, 64), (512, 128), (1024, 256))
_MQAR: dict[str, Any] = {
    "factory": f"{_HERE}.mqar:mqar",
    "license": "Apache-2.0",
    "source": "https://arxiv.org/abs/2312.04927",
    "task": "associative-recall",
    "options": {
        "length": "T, even",
        "pairs": "κ, at most T/4",
        "vocabulary": "V, even and above T; half of the tokens are values",
        "random_non_queries": "true for random tokens instead of blanks",
        "sequences": "of the test split, and of the validation split",
        "seed": "of all splits",
    },
}
DATASETS: tuple[Dataset, ...] = (
    Dataset(
        name="mqar",
        title="Multi-query associative recall",
        summary="Four pairs of a key and a value among 256 tokens, then the keys again, T = 32; "
        "the target stands at the query's own position.",
        **_MQAR,
    ),
    *(
        Dataset(
            name=f"mqar-t{length}-k{pairs}",
            title=f"Multi-query associative recall, T = {length}, {pairs} pairs",
            config={"length": length, "pairs": pairs, "vocabulary": 8192},
            summary=f"A test size of zoology: {pairs} pairs among 8,192 tokens, T = {length}.",
            **_MQAR,
        )
        for length, pairs in _SIZES
    ),
    Dataset(
        name="keepnth",
        title="Keep-n-th",
        factory=f"{_HERE}.keepnth:keepnth",
        license="Apache-2.0",
        source="https://arxiv.org/abs/2506.11891",
        task="memorization",
        options={
            "length": "T",
            "position": "n, counted from 0",
            "vocabulary": "V, the number of symbols",
            "sequences": "of the test split, and of the validation split",
            "seed": "of all splits",
        },
        summary="256 random symbols of 16, of which the one at position 64 is asked after the "
        "last; the paper's own task is not known.",
    ),
)
METRICS: tuple[Metric, ...] = ()

_TARGET = "this project's target; the paper's figures are not known here"


def _claim(name: str, statement: str, expected: str, models: tuple[str, ...], **more: Any) -> Claim:
    return Claim(
        name=name,
        statement=statement,
        check=f"{_HERE}.learned_claims:{name.replace('-', '_')}",
        expected=expected,
        models=models,
        **{"source": _TARGET, **more},
    )


CLAIMS: tuple[Claim, ...] = (
    _claim(
        "components",
        "One trained layer of Mamba-2 solves associative recall with its convolution, gated or "
        "not; without the convolution it cannot bind values to keys and guesses among the κ "
        "values.",
        "over three seeds at least 0.99, at least 0.98 without gate, at most 0.35 without "
        "convolution (1/κ is 0.25)",
        ("mamba2-mqar", "mamba2-noconv-mqar"),
        source="abstract: which component a task needs; the bounds are this project's",
        minutes=4,
        slow=True,
    ),
    _claim(
        "recall-mamba",
        "One trained layer of Mamba (S6) learns associative recall, though more slowly than "
        "Mamba-2.",
        "accuracy at least 0.99 on 1,000 test sequences",
        ("mamba-mqar",),
    ),
    _claim(
        "recall-s4d",
        "One wide trained layer of S4D, which is not selective, solves associative recall by "
        "convolution and gate; without its gate it cannot.",
        "accuracy at least 0.9 with gate, at most 0.35 without, on 1,000 test sequences",
        ("s4d-mqar", "s4d-nogate-mqar"),
    ),
    _claim(
        "capacity",
        "The number of pairs that a trained layer of Mamba-2 recalls grows with its state size N.",
        "over three seeds, each doubling of N from 8 to 64 raises the accuracy at 16 pairs, "
        "resolved by its 95 % interval",
        ("mamba2-mqar",),
        minutes=6,
        slow=True,
    ),
    _claim(
        "keep-learned",
        "A trained layer of S6 keeps the n-th token of 256; S4D of the same size does not.",
        "accuracy at least 0.99 (S6) and at most 0.5 (S4D) on 1,000 test sequences",
        ("mamba-keepnth", "s4d-keepnth"),
        source="abstract: S6 counteracts memory decay; the bounds are this project's",
        minutes=0.3,
    ),
    _claim(
        "sensitivity",
        "The sensitivity of every mode of S4D to a token falls exponentially with the time since, "
        "at a rate fixed in advance; an S6 layer trained on keep-n-th closes its gate, and its "
        "sensitivity to the token asked for then stays.",
        "S4D: log-sensitivities linear in T - s; S6: 191 tokens after the token more than half of "
        "what it was right after; autograd equal to the closed forms",
        ("mamba-keepnth", "s4d-keepnth"),
        source="abstract: S6 counteracts memory decay; closed forms derived here",
        minutes=0.2,
    ),
)
PICTURES: tuple[Picture, ...] = (
    Picture(
        name="components",
        draw=f"{_HERE}.learned_pictures:components",
        caption="Accuracy on associative recall of one trained layer with and without its parts; "
        "dots are seeds. Without the convolution a layer of Mamba-2 guesses among the four "
        "values (dotted line); S4D, though weights set by hand exist, has not been trained past "
        "that.",
        models=(
            "mamba2-mqar",
            "mamba2-noconv-mqar",
            "mamba-mqar",
            "s4d-mqar",
            "s4d-nogate-mqar",
        ),
    ),
    Picture(
        name="capacity",
        draw=f"{_HERE}.learned_pictures:capacity",
        caption="Accuracy of one trained layer of Mamba-2 against the number of pairs, by its "
        "state size N: a larger state recalls more pairs.",
        models=("mamba2-mqar",),
    ),
    Picture(
        name="memory",
        draw=f"{_HERE}.learned_pictures:memory",
        caption="Left: the sensitivity of trained S6 channels (blue) and S4D modes (orange) to "
        "token 64 as more tokens come, each relative to the moment it is read: S4D's fall on lines "
        "that are fixed in advance, S6's either are erased at once or stay. Right: accuracy on "
        "keep-n-th by the length of the sequence; T = 256 (dotted) is the longest in training.",
        models=("mamba-keepnth", "s4d-keepnth"),
    ),
)
