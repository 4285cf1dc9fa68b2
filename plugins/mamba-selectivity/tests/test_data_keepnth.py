"""The keep-n-th generator."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from zoo_mamba_selectivity.data.keepnth import keepnth
from zoo_mamba_selectivity.data.sequences import IGNORED

from zoo_core import BadInput


@pytest.mark.parametrize(("length", "position"), [(16, 0), (16, 15), (1, 0), (256, 64)])
def test_the_answer_is_the_token_at_the_position(length, position):
    batch = keepnth(length, position, sequences=40).part("test")
    assert batch.tokens.shape == (40, length)
    assert (batch.targets[:, :-1] == IGNORED).all()
    np.testing.assert_array_equal(batch.targets[:, -1], batch.tokens[:, position])
    places, answers = batch.queries()
    assert (places == length - 1).all()
    np.testing.assert_array_equal(answers[:, 0], batch.tokens[:, position])


def test_symbols_are_uniform_and_independent():
    tokens = keepnth(8, 2, vocabulary=5, sequences=20000).part("val").tokens
    assert tokens.min() == 0 and tokens.max() == 4
    for s in range(8):
        joint = np.bincount(5 * tokens[:, 2] + tokens[:, s], minlength=25) / len(tokens)
        expected = np.full(25, 1 / 25) if s != 2 else np.eye(5).ravel() / 5
        np.testing.assert_allclose(joint, expected, atol=0.012)


def test_a_seed_gives_the_same_bytes_everywhere():
    data = keepnth(32, 8, sequences=20, seed=3).part("test").tokens.astype("<i8").tobytes()
    digest = "a0249897c6f64167b1005e975e759fa313d7f67b2cac4f27f9b8e6d1400140b2"
    assert hashlib.sha256(data).hexdigest() == digest


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"position": 256}, "below the length"),
        ({"position": -1}, "below the length"),
        ({"length": 0, "position": 0}, "below the length"),
        ({"vocabulary": 1}, "2 symbols"),
        ({"sequences": 0}, "1 sequence"),
    ],
    ids=["end", "negative", "empty", "one-symbol", "no-sequences"],
)
def test_sizes_that_do_not_fit_are_refused(options, message):
    with pytest.raises(BadInput, match=message):
        keepnth(**options)
