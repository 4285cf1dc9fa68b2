"""The blocks that solve MQAR: against a plain dictionary and a bare sum, and their symmetries."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import silu
from zoo_mamba_selectivity.data.keepnth import keepnth
from zoo_mamba_selectivity.data.mqar import Recall
from zoo_mamba_selectivity.exact import by_hand
from zoo_mamba_selectivity.exact.recall import ExactRecall

from zoo_core import BadInput

MIXERS = ("mamba", "mamba2", "s4d")
UNIT = {"vocabulary": 64, "key_bits": 5, "value_bits": None, "distinct_keys": True}


def model(mixer: str, **config) -> ExactRecall:
    return ExactRecall(mixer, **{**UNIT, **config}).eval()


MODELS = {mixer: model(mixer) for mixer in MIXERS}


def recall(module, tokens):
    """Answers and scores at the keys that stand a second time, by one forward."""
    tokens = np.asarray(tokens)
    places = [
        t for t, token in enumerate(tokens) if token in tokens[:t] and token < 32 and token > 0
    ]
    with torch.no_grad():
        scores = module(torch.tensor([tokens.tolist()]), torch.tensor([places]))[0]
    return scores.argmax(dim=1).numpy(), scores.double().numpy()


def draw(seed, pairs=6, length=48):
    data = Recall(length=length, pairs=pairs, vocabulary=64, sequences=1)
    batch = data.draw(np.random.default_rng(seed), 1)
    return batch.tokens[0], batch.queries()[1][0]


@pytest.mark.parametrize("mixer", MIXERS)
@given(seed=st.integers(0, 10**6), pairs=st.integers(1, 12))
def test_unit_vectors_recall_whatever_the_number_of_pairs(mixer, seed, pairs):
    tokens, answers = draw(seed, pairs)
    np.testing.assert_array_equal(recall(MODELS[mixer], tokens)[0], answers)


@pytest.mark.parametrize("mixer", ["mamba", "mamba2"])
def test_tokens_around_the_pairs_do_not_disturb(mixer):
    data = Recall(length=40, pairs=6, vocabulary=64, random_non_queries=True, sequences=40)
    wide = model(mixer, key_bits=64, distinct_keys=False)
    outputs = next(wide.outputs(data.split("test")))
    assert (outputs["logits"].argmax(dim=1) == outputs["target"]).all()


def test_s4d_counts_a_value_that_two_keys_have_twice():
    # The limit that its documentation states: values must be distinct, as in MQAR.
    _, scores = recall(MODELS["s4d"], np.array([3, 40, 9, 40, 12, 60, 12]))
    codes = MODELS["s4d"].embedding.weight.detach().numpy()[:, :5]
    agreement = (5 + codes[[3, 9]] @ codes[12]) / 10
    assert scores[0, 40] == pytest.approx(agreement.sum(), abs=1e-5)


@pytest.mark.parametrize("mixer", ["mamba", "s4d"])
def test_scores_are_those_of_a_bare_sum(mixer):
    tokens, answers = draw(5)
    _, scores = recall(MODELS[mixer], tokens)
    codes = MODELS[mixer].embedding.weight.detach().double().numpy()
    keys, values = codes[:, :5], codes[:, 5:-1]
    context = tokens[:12].reshape(-1, 2)
    places = [t for t in range(12, 48) if 0 < tokens[t] < 32]
    for place, row, answer in zip(places, scores, answers, strict=True):
        overlap = keys[context[:, 0]] @ keys[tokens[place]]
        weight = overlap / 5 if mixer == "mamba" else (5 + overlap) / 10
        np.testing.assert_allclose(row, values @ (weight @ values[context[:, 1]]), atol=1e-5)
        assert row[answer] == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("mixer", MIXERS)
def test_the_order_of_the_pairs_does_not_matter(mixer):
    tokens, _ = draw(2)
    moved = tokens.copy()
    moved[:12] = tokens[:12].reshape(6, 2)[np.random.default_rng(0).permutation(6)].ravel()
    assert not np.array_equal(moved, tokens)
    for first, second in zip(
        recall(MODELS[mixer], tokens), recall(MODELS[mixer], moved), strict=True
    ):
        np.testing.assert_allclose(first, second, atol=1e-5)


@pytest.mark.parametrize("mixer", MIXERS)
def test_swapping_two_values_swaps_two_answers(mixer):
    tokens = np.array([3, 40, 9, 50, 12, 60, 3, 0, 9, 0, 12, 0])
    assert recall(MODELS[mixer], tokens)[0].tolist() == [40, 50, 60]
    tokens[[1, 3]] = tokens[[3, 1]]
    assert recall(MODELS[mixer], tokens)[0].tolist() == [50, 40, 60]


@pytest.mark.parametrize("mixer", MIXERS)
def test_a_relabelling_of_keys_with_their_codes_changes_nothing(mixer):
    tokens, _ = draw(4)
    order = np.concatenate([[0], 1 + np.random.default_rng(1).permutation(31), range(32, 64)])
    other = model(mixer)
    with torch.no_grad():
        other.embedding.weight.copy_(MODELS[mixer].embedding.weight[np.argsort(order)])
    for first, second in zip(
        recall(MODELS[mixer], tokens), recall(other, order[tokens]), strict=True
    ):
        np.testing.assert_allclose(first, second, atol=1e-5)


@pytest.mark.parametrize("mixer", ["mamba", "mamba2"])
def test_without_gate_recall_survives(mixer):
    tokens, answers = draw(7)
    np.testing.assert_array_equal(recall(model(mixer, gate=False), tokens)[0], answers)


@pytest.mark.parametrize("mixer", MIXERS)
def test_without_convolution_nothing_is_recalled(mixer):
    tokens, answers = draw(8, pairs=12)
    found, _ = recall(model(mixer, convolution=False), tokens)
    assert (found == answers).mean() <= 1 / 12


def test_without_gate_s4d_gives_every_query_the_same_scores():
    tokens, _ = draw(9)
    _, scores = recall(model("s4d", gate=False), tokens)
    np.testing.assert_allclose(scores, scores[:1].repeat(len(scores), axis=0), atol=1e-6)


@pytest.mark.parametrize("mixer", ["mamba", "mamba2"])
def test_random_codes_recall_few_pairs_and_confuse_many(mixer):
    small = ExactRecall(mixer, vocabulary=512, key_bits=16, value_bits=16).eval()

    def accuracy(pairs):
        data = Recall(length=4 * pairs, pairs=pairs, vocabulary=512, sequences=20)
        outputs = next(small.outputs(data.split("test")))
        return float((outputs["logits"].argmax(dim=1) == outputs["target"]).double().mean())

    assert accuracy(1) == 1.0
    assert accuracy(64) < 0.5


def test_a_pair_of_silus_is_the_identity():
    r = torch.linspace(-50, 50, 1001, dtype=torch.float64)
    torch.testing.assert_close(silu(r) - silu(-r), r)


def test_the_open_gate_is_the_identity():
    for kind in (torch.float32, torch.float64):
        value = torch.tensor(by_hand.OPEN, dtype=kind)
        assert abs(silu(value) / value - 1) <= 2e-14


def test_predict_answers_every_query():
    rows = MODELS["s4d"].predict("3 40 9 50 3 0 9")
    assert [(row["position"], row["query"], row["answer"]) for row in rows] == [
        (4, 3, 40),
        (6, 9, 50),
    ]
    assert rows[0]["score"] == pytest.approx(1.0)
    assert all(row["margin"] > 0 for row in rows)
    asked = {"pairs": [[3, 40], [9, 50]], "queries": [9, 3]}
    assert [row["answer"] for row in MODELS["mamba"].predict(asked)] == [50, 40]


@pytest.mark.parametrize("source", ["", "3 40 9 50", "3 64 3", "3 -1 3", "3 x 3", "3 4.5 3"])
def test_predict_refuses_what_asks_nothing(source):
    with pytest.raises(BadInput):
        MODELS["mamba2"].predict(source)


@pytest.mark.parametrize(
    "config",
    [
        {"mixer": "rnn"},
        {"mixer": "s4d", "value_bits": 8},
        {"vocabulary": 63},
        {"key_bits": 3, "distinct_keys": True, "value_bits": None},
    ],
    ids=["mixer", "s4d", "odd", "few-codes"],
)
def test_sizes_that_do_not_fit_are_refused(config):
    with pytest.raises(BadInput):
        ExactRecall(**{"vocabulary": 64, "key_bits": 5, "value_bits": None, **config})


def test_tensors_and_data_that_do_not_fit_are_refused():
    module = MODELS["mamba"]
    for tokens in (torch.zeros(3), torch.zeros(1, 2)):
        with pytest.raises(BadInput):
            module(tokens)
    with pytest.raises(BadInput, match="Token 64 is out"):
        module.predict([64, 64])
    with pytest.raises(BadInput, match="vocabulary=64"):
        next(module.outputs(Recall(length=8, pairs=1, vocabulary=32).split("test")))
    with pytest.raises(BadInput, match="MQAR"):
        next(module.outputs(keepnth(8, 1).split("test")))
