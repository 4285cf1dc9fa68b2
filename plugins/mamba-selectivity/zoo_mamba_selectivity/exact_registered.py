"""What the exact models and everything about Haar wavelets register."""

from __future__ import annotations

from typing import Any

from zoo_core import Architecture, Claim, Dataset, Metric, Model, Picture

_PAPER = "mamba-selectivity"
_HERE = "zoo_mamba_selectivity"
_OWN = "this project's; the paper's own figures are not known here"
_RECALL = ("mamba-mqar-exact", "mamba2-mqar-exact", "s4d-mqar-exact")
_BUILT = "Nothing is trained: the constructor sets the weights, for any size."


def _exact(
    name: str, cls: str, task: str, summary: str, recipe: str, **config: Any
) -> Architecture:
    return Architecture(
        name=name,
        cls=f"{_HERE}.{cls}",
        paper=_PAPER,
        task=task,
        summary=summary,
        config=config,
        train=f"{_HERE}.exact_train:{recipe}",
        independent_rows=True,
    )


ARCHITECTURES: tuple[Architecture, ...] = (
    _exact(
        "recall-exact",
        "exact_recall:ExactRecall",
        "associative-recall",
        "Associative recall by one Mamba, Mamba-2 or S4D block with weights set by hand",
        "build_recall",
        mixer="mamba2",
        vocabulary=1024,
        key_bits=64,
        value_bits=64,
        distinct_keys=False,
        convolution=True,
        gate=True,
        seed=0,
    ),
    _exact(
        "keepnth-exact",
        "exact_keepnth:ExactKeepNth",
        "memorization",
        "The n-th symbol of a sequence, by one Mamba block with weights set by hand",
        "build_keepnth",
        vocabulary=16,
        sharpness=200.0,
        decay=1e-14,
    ),
    _exact(
        "haar-exact",
        "exact_haar:ExactHaar",
        "wavelet-transform",
        "All Haar coefficients of a signal in one pass of a Mamba block with weights set by hand",
        "build_haar",
        length=256,
        coefficients=None,
        sharpness=200.0,
        decay=1e-14,
    ),
    Architecture(
        name="haar-layer",
        cls=f"{_HERE}.haar_layers:HaarLayer",
        paper=_PAPER,
        task="wavelet-transform",
        summary="One S6 or S4D layer that is trained to give chosen Haar coefficients",
        config={
            "mixer": "s6",
            "channels": 8,
            "state_size": 1,
            "updates": 800,
            "warmup": 100,
            "batch_size": 64,
            "lr": 0.01,
            "step_lr": 10.0,
        },
        train=f"{_HERE}.haar_train:train_layer",
        independent_rows=True,
    ),
)


def _layer(mixer: str, label: str, states: str, **config: Any) -> Model:
    return Model(
        name=f"{mixer}-haar",
        architecture="haar-layer",
        dataset="haar",
        license="Apache-2.0",
        summary=f"One Haar coefficient of 256 samples by a trained {label} layer of eight channels "
        f"with one {states} state each.",
        config={"mixer": mixer, **config},
        options={"coefficients": [5]},
        metrics=("relative-error",),
        notes="The coefficient is that of level 2 and shift 1: samples 64 to 127. Trained on fresh "
        "Gaussian signals; see the claim haar-learned for five seeds of both layers.",
    )


_RECALL_USAGE = "print(zoo.predict(model, '8 700 3 650 2 0 3 0 8'))"
MODELS: tuple[Model, ...] = (
    Model(
        name="mamba-mqar-exact",
        architecture="recall-exact",
        dataset="mqar",
        license="Apache-2.0",
        summary="MQAR by one Mamba (S6) block whose weights are set by hand: 512 values, random "
        "codes of 64 bits.",
        config={"mixer": "mamba"},
        options={"length": 256, "pairs": 32, "vocabulary": 1024},
        usage=_RECALL_USAGE,
        notes=f"{_BUILT} One group of channels is delayed by the convolution and gives B, another "
        "is not and gives C; pairs of channels undo the silu: silu(r) - silu(-r) = r.",
    ),
    Model(
        name="mamba2-mqar-exact",
        architecture="recall-exact",
        dataset="mqar",
        license="Apache-2.0",
        summary="MQAR by one Mamba-2 block whose weights are set by hand: 512 values, random "
        "codes of 64 bits.",
        config={"mixer": "mamba2"},
        options={"length": 256, "pairs": 32, "vocabulary": 1024},
        usage=_RECALL_USAGE,
        notes=f"{_BUILT} B is delayed by its own convolution, x and C are not. Scores are on a "
        "scale of their own, because the block normalises its output.",
    ),
    Model(
        name="s4d-mqar-exact",
        architecture="recall-exact",
        dataset="mqar",
        license="Apache-2.0",
        summary="MQAR by one S4D block whose weights are set by hand: 64 values, 768 channels of "
        "one state each, no input dependence in the state-space layer.",
        config={
            "mixer": "s4d",
            "vocabulary": 128,
            "key_bits": 6,
            "value_bits": None,
            "distinct_keys": True,
        },
        options={"length": 64, "pairs": 16, "vocabulary": 128},
        usage="print(zoo.predict(model, '8 70 3 65 2 0 3 0 8'))",
        notes=f"{_BUILT} Convolution and silu bind key bit and value before the sum, the gate "
        "reads the query: right for any number of pairs, but D = 2 p q channels are needed. A "
        "score is the share of bits on which the key of a value and the query agree.",
    ),
    Model(
        name="s6-keepnth-exact",
        architecture="keepnth-exact",
        dataset="keepnth",
        license="Apache-2.0",
        summary="The n-th of 16 symbols at the end of a sequence, for every length up to 32,768 "
        "and every n, by one Mamba block with 67 channels of one state each.",
        usage="print(zoo.predict(model, '3 15 0 7 7 1', position=1))",
        notes=f"{_BUILT} The question n comes in as the origin of the time feature s - n, so that "
        "no weight depends on it. Works in float64.",
    ),
    Model(
        name="s6-haar-exact",
        architecture="haar-exact",
        dataset="haar",
        license="Apache-2.0",
        summary="All 256 Haar coefficients of a signal of 256 samples in one pass of one Mamba "
        "block with one state a channel.",
        metrics=("relative-error",),
        usage="print(zoo.predict(model, 4, 2, 5, 5))  # or a file of 2, 4, …, 256 numbers",
        notes=f"{_BUILT} Works in float64; the weights are small integers over powers of two, so "
        "that the file's float32 holds them. The error is that of the decay, 1e-14 instead of 0.",
    ),
    _layer("s6", "S6", "real"),
    _layer("s4d", "S4D", "complex", updates=1600, lr=0.02),
)

_SIGNAL: dict[str, Any] = {
    "factory": f"{_HERE}.haar_data:measured",
    "license": "MIT",
    "source": "https://pywavelets.readthedocs.io/en/latest/ref/other-functions.html",
    "task": "wavelet-transform",
    "splits": ("test",),
    "options": {"length": "T, a power of two", "start": "the first sample that is taken"},
}
DATASETS: tuple[Dataset, ...] = (
    Dataset(
        name="haar",
        title="Gaussian signals and their Haar coefficients",
        factory=f"{_HERE}.haar_data:gaussian",
        license="Apache-2.0",
        source="https://arxiv.org/abs/2506.11891",
        task="wavelet-transform",
        options={
            "length": "T, a power of two",
            "coefficients": "which are wanted: 0 for the coarse one, 2^j + k for level j, shift k; "
            "all by default",
            "signals": "of the test split, and of the validation split",
            "seed": "of all splits",
        },
        summary="64 signals of 256 independent normal samples.",
    ),
    Dataset(
        name="haar-ecg",
        title="An electrocardiogram and its Haar coefficients",
        config={"name": "ecg"},
        summary="256 of the 1,024 samples that PyWavelets ships, standardised.",
        **_SIGNAL,
    ),
    Dataset(
        name="haar-nino",
        title="El Niño sea surface temperatures and their Haar coefficients",
        config={"name": "nino"},
        summary="256 of the 264 seasonal means from 1950 to 2016 that PyWavelets ships, "
        "standardised; by NOAA, in the public domain.",
        **_SIGNAL,
    ),
    Dataset(
        name="haar-blocks",
        title="The test function Blocks and its Haar coefficients",
        config={"name": "blocks"},
        summary="Donoho and Johnstone's piecewise-constant function on 256 samples, standardised.",
        **_SIGNAL,
    ),
)
METRICS: tuple[Metric, ...] = (
    Metric(
        name="relative-error",
        title="Relative L2 error",
        factory=f"{_HERE}.haar_metric:RelativeError",
        higher_is_better=False,
        scale=100.0,
        unit="%",
    ),
)


def _claim(
    name: str, statement: str, check: str, expected: str, models: tuple[str, ...], **more: Any
) -> Claim:
    return Claim(
        name=name,
        statement=statement,
        check=f"{_HERE}.exact_claims:{check}",
        expected=expected,
        models=models,
        **{"source": _OWN, **more},
    )


CLAIMS: tuple[Claim, ...] = (
    _claim(
        "haar-signals",
        "One selective layer computes all Haar coefficients of a signal: an electrocardiogram, a "
        "climate record and a piecewise-constant test function, as PyWavelets does.",
        "haar_signals",
        "largest error of a coefficient below 1e-5",
        ("s6-haar-exact",),
    ),
    _claim(
        "haar-rate",
        "The best time-invariant kernel (S4D-Lin) with N modes approximates the Haar mother "
        "wavelet only up to an error that falls like N^(-1/2), where at most six channels of a "
        "selective layer (S6) have it exactly.",
        "haar_rate",
        "slope of log error over N = 4 to 64 between -0.6 and -0.4, and above 0.05 at N = 64; "
        "S6 below 1e-6",
        ("s6-haar-exact",),
        minutes=0.3,
    ),
    _claim(
        "haar-learned",
        "Trained on a Haar coefficient with the same D N, a selective layer (S6) becomes more "
        "accurate than a time-invariant one (S4D), which has complex states and more updates.",
        "haar_learned",
        "a lower relative squared error over five seeds, resolved by its 95 % interval",
        ("s6-haar", "s4d-haar"),
        minutes=2,
        slow=True,
    ),
    _claim(
        "keepnth-exact",
        "A selective layer can counteract the decay of memory: the same weights tell the n-th "
        "symbol at the end of sequences of any length.",
        "keep_nth",
        "accuracy 1.000 for T = 16 to 1024 at n = 0, T/4 and T/2",
        ("s6-keepnth-exact",),
        minutes=0.4,
    ),
    _claim(
        "recall-exact",
        "One block with each of three mixers, Mamba (S6), Mamba-2 and S4D, solves multi-query "
        "associative recall by weights set by hand.",
        "recall_exact",
        "accuracy 1.000 on 1,000 sequences of each size, T = 64 to 256, 4 to 32 pairs",
        _RECALL,
        minutes=2,
        slow=True,
    ),
    _claim(
        "recall-table",
        "With short random codes of keys (p bits) and values (q bits), recall is exact for few "
        "pairs and breaks down as their number grows.",
        "recall_table",
        "18 accuracies at V = 8192, each within 0.03 of the table of a bare computation with "
        "codes drawn otherwise",
        ("mamba2-mqar-exact",),
        minutes=0.4,
    ),
    _claim(
        "recall-capacity",
        "The number of pairs that random codes hold grows about linearly in the size p q of the "
        "state.",
        "recall_capacity",
        "exponent of p q between 0.75 and 1.25, pairs at 90 % accuracy",
        ("mamba2-mqar-exact",),
        minutes=0.6,
    ),
    _claim(
        "no-convolution",
        "Without convolution one layer that forgets nothing cannot bind a key to its value: its "
        "output does not change when the tokens of the context are permuted.",
        "no_convolution",
        "relative change below 1e-9 without convolution, above 1e-3 with it; recall at most one "
        "in as many as there are pairs",
        ("mamba-mqar-exact", "mamba2-mqar-exact"),
        minutes=0.3,
    ),
    _claim(
        "no-gate",
        "Without gate a time-invariant layer cannot recall: what a query changes in its output "
        "does not depend on the context. Mamba and Mamba-2 do without the gate.",
        "no_gate",
        "relative change below 1e-9 without gate, above 1e-3 with it; recall of the exact S4D "
        "model at most one in as many as there are pairs, of the others 1.000",
        ("s4d-mqar-exact",),
        minutes=0.3,
    ),
)

PICTURES: tuple[Picture, ...] = (
    Picture(
        name="haar-rate",
        draw=f"{_HERE}.exact_pictures:haar_rate",
        caption="Relative error of the best S4D-Lin kernel for the Haar mother wavelet against the "
        "number of modes, on logarithmic axes: a straight line of slope about -1/2. On the right "
        "the same with the selective channels, four or six, whose error is below 1e-8.",
        models=("s6-haar-exact", "s6-haar", "s4d-haar"),
    ),
    Picture(
        name="haar-kernels",
        draw=f"{_HERE}.exact_pictures:haar_kernels",
        caption="The weight of every sample in one Haar coefficient, in absolute time. The block "
        "that was built has the wavelet itself (grey); the trained S6 layer rounds its corners and "
        "is flat elsewhere; the trained S4D layer, with as many states, rings over all samples.",
        models=("s6-haar-exact", "s6-haar", "s4d-haar"),
    ),
    Picture(
        name="recall-capacity",
        draw=f"{_HERE}.exact_pictures:recall_capacity",
        caption="Accuracy of recall with random codes of p bits for keys and q bits for values, "
        "one panel for each number of pairs: the more pairs, the larger p q has to be. Eight bits "
        "cannot tell the 4,096 values apart.",
        models=("mamba2-mqar-exact",),
    ),
)
