"""The Mamba block that tells the n-th symbol: every n, every T, the same weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from zoo_mamba_selectivity.data.keepnth import keepnth
from zoo_mamba_selectivity.data.mqar import mqar
from zoo_mamba_selectivity.exact.keepnth import LONGEST, ExactKeepNth

from zoo_core import BadInput

MODEL = ExactKeepNth().eval()


@given(length=st.integers(1, 60), seed=st.integers(0, 10**6), data=st.data())
def test_every_position_is_told(length, seed, data):
    position = data.draw(st.integers(0, length - 1))
    tokens = torch.from_numpy(np.random.default_rng(seed).integers(16, size=(2, length)))
    with torch.no_grad():
        scores = MODEL(tokens, torch.tensor([position, position]))
    expected = torch.nn.functional.one_hot(tokens[:, position], 16).double()
    torch.testing.assert_close(scores, expected, atol=1e-8, rtol=0)


@pytest.mark.parametrize("length", [16, 256, 2048])
def test_the_same_weights_for_every_length(length):
    for position in (0, length // 4, length // 2, length - 1):
        data = keepnth(length, position, sequences=3)
        outputs = next(MODEL.outputs(data.split("test")))
        assert (outputs["logits"].argmax(dim=1) == outputs["target"]).all()


def test_rows_ask_for_positions_of_their_own():
    tokens = torch.arange(12).repeat(12, 1)
    with torch.no_grad():
        found = MODEL(tokens, torch.arange(12)).argmax(dim=1)
    assert found.tolist() == list(range(12))


def test_what_follows_does_not_matter():
    tokens = torch.randint(16, (1, 40), generator=torch.Generator().manual_seed(0))
    longer = torch.cat([tokens, tokens.flip(1), tokens], dim=1)
    with torch.no_grad():
        first, second = (MODEL(one, torch.tensor([17])) for one in (tokens, longer))
    torch.testing.assert_close(first, second, atol=1e-8, rtol=0)


def test_the_error_grows_as_the_square_of_the_length():
    errors = []
    for length in (256, 1024):
        tokens = torch.zeros(1, length, dtype=torch.int64)
        with torch.no_grad():
            scores = MODEL(tokens, torch.tensor([length - 1]))
        errors.append(float((scores - torch.eye(16)[:1]).abs().max()))
    assert errors[1] / errors[0] == pytest.approx(16, rel=0.1)


def test_predict_tells_and_refuses():
    assert MODEL.predict("3 15 0 7", position=1)[0]["answer"] == 15
    row = MODEL.predict(3, 15, 0, 7)[0]
    assert (row["position"], row["answer"]) == (0, 3)
    assert row["score"] == pytest.approx(1.0)
    for source, options in (
        ("", {}),
        ("3 16", {}),
        ("3 4", {"position": 2}),
        ("3 4", {"position": -1}),
        ("3 4", {"position": "1"}),
        ("a b", {}),
    ):
        with pytest.raises(BadInput):
            MODEL.predict(source, **options)


def test_what_does_not_fit_is_refused():
    tokens, one = torch.zeros(1, 4, dtype=torch.int64), torch.tensor([1])
    for bad in (
        (tokens.double(), one),
        (tokens[0], one),
        (torch.zeros(1, LONGEST + 1, dtype=torch.int64), one),
    ):
        with pytest.raises(BadInput):
            MODEL(*bad)
    with pytest.raises(BadInput, match="vocabulary"):
        next(MODEL.outputs(keepnth(8, 1, vocabulary=4).split("test")))
    with pytest.raises(BadInput, match="keepnth"):
        next(MODEL.outputs(mqar().split("test")))
    with pytest.raises(BadInput, match="position below the length"):
        keepnth(4, 4)
    for config in ({"vocabulary": 1}, {"decay": 0.0}):
        with pytest.raises(BadInput):
            ExactKeepNth(**config)
