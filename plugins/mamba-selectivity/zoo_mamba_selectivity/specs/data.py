"""The generators of MQAR, keep-n-th and Haar projections, and the metric of the last."""

from __future__ import annotations

from typing import Any

from zoo_core import Dataset, Metric

_HERE = "zoo_mamba_selectivity"

_SIGNAL: dict[str, Any] = {
    "factory": f"{_HERE}.data.signals:measured",
    "license": "MIT",
    "source": "https://pywavelets.readthedocs.io/en/latest/ref/other-functions.html",
    "task": "wavelet-transform",
    "splits": ("test",),
    "origin": "packaged",
    "options": {
        "length": "T, a power of two",
        "start": "the first sample that is taken",
    },
}
_SIZES = ((64, 4), (64, 8), (64, 16), (128, 32), (256, 64), (512, 128), (1024, 256))
_MQAR: dict[str, Any] = {
    "factory": f"{_HERE}.data.mqar:mqar",
    "license": "Apache-2.0",
    "source": "https://arxiv.org/abs/2312.04927",
    "task": "associative-recall",
    "origin": "generated",
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
        name="haar",
        title="Gaussian signals and their Haar coefficients",
        factory=f"{_HERE}.data.signals:gaussian",
        license="Apache-2.0",
        source="https://arxiv.org/abs/2506.11891",
        task="wavelet-transform",
        origin="generated",
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
        factory=f"{_HERE}.data.keepnth:keepnth",
        license="Apache-2.0",
        source="https://arxiv.org/abs/2506.11891",
        task="memorization",
        origin="generated",
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
METRICS: tuple[Metric, ...] = (
    Metric(
        name="relative-error",
        title="Relative L2 error",
        factory=f"{_HERE}.haar.relative_error:RelativeError",
        higher_is_better=False,
        scale=100.0,
        unit="%",
    ),
)
