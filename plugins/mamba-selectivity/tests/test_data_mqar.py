"""The MQAR generator against the task's definition."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from zoo_mamba_selectivity.data.mqar import EXPONENT, Recall, mqar
from zoo_mamba_selectivity.data.sequences import IGNORED, Batch

from zoo_core import BadInput, split

WORKED = Batch(
    np.array([[8, 15, 3, 12, 2, 13, 2, 0, 8, 0, 3, 0, 0, 0, 0, 0]]),
    np.array([[-100] * 6 + [13, -100, 15, -100, 12] + [-100] * 5]),
)
"""zoology's example with V = 20, κ = 3 and T = 16, and its targets."""


def answers_by_reading(batch: Batch, vocabulary: int, pairs: int) -> np.ndarray:
    """The targets as a reader finds them: a key after the pairs asks for what followed it."""
    targets = np.full_like(batch.tokens, IGNORED)
    for row, tokens in enumerate(batch.tokens):
        shown = tokens[: 2 * pairs]
        book = dict(zip(shown[::2].tolist(), shown[1::2].tolist(), strict=True))
        for place in range(2 * pairs, len(tokens)):
            targets[row, place] = book.get(int(tokens[place]), IGNORED)
    return targets


def test_the_worked_example_follows_the_convention_of_labels():
    np.testing.assert_array_equal(answers_by_reading(WORKED, 20, 3), WORKED.targets)
    places, answers = WORKED.queries()
    assert places.tolist() == [[6, 8, 10]]
    assert answers.tolist() == [[13, 15, 12]]


@settings(max_examples=60)
@given(
    pairs=st.integers(1, 9),
    spare=st.integers(0, 9),
    extra=st.integers(1, 40),
    filled=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_batch_is_as_the_task_says(pairs, spare, extra, filled, seed):
    length = 4 * pairs + 2 * spare
    vocabulary = 2 * ((length + 1) // 2 + extra)
    task = mqar(length, pairs, vocabulary, filled, sequences=5, seed=seed)
    batch = task.part("test")
    tokens, half = batch.tokens, vocabulary // 2
    assert tokens.shape == batch.targets.shape == (5, length)
    assert tokens.dtype == batch.targets.dtype == np.int64
    keys, values = tokens[:, 0 : 2 * pairs : 2], tokens[:, 1 : 2 * pairs : 2]
    assert keys.min() >= 1 and keys.max() < half
    assert values.min() >= half and values.max() < vocabulary
    for row in (*keys, *values):
        assert len(set(row.tolist())) == pairs
    np.testing.assert_array_equal(answers_by_reading(batch, vocabulary, pairs), batch.targets)
    # Every key is asked once, at the first position of a slot.
    places, answers = batch.queries()
    assert places.shape == answers.shape == (5, pairs)
    assert ((places - 2 * pairs) % 2 == 0).all()
    np.testing.assert_array_equal(np.sort(answers, axis=1), np.sort(values, axis=1))
    rest = tokens[:, 2 * pairs :][batch.targets[:, 2 * pairs :] == IGNORED]
    assert filled or not rest.any()
    assert rest.size == 0 or (rest.min() >= 0 and rest.max() < vocabulary)


def test_fillers_are_uniform_over_the_tokens_that_are_not_in_use():
    task = mqar(64, 2, 66, random_non_queries=True, sequences=4000)
    batch = task.part("val")
    counts = np.zeros(66)
    for tokens, targets in zip(batch.tokens, batch.targets, strict=True):
        used = set(tokens[:4].tolist())
        filled = tokens[4:][targets[4:] == IGNORED]
        assert not used & set(filled.tolist())
        np.add.at(counts, filled, 1)
    # 58 fillers a row among 62 tokens; a key is in use with probability 2/32, a value with 2/33.
    keys, values = counts[1:33], counts[33:]
    each = 4000 * 58 / 62
    for found, share in ((counts[:1], 1), (keys, 1 - 2 / 32), (values, 1 - 2 / 33)):
        assert np.abs(found / (each * share) - 1).max() < 0.08


def test_slots_are_drawn_by_their_weights():
    """The first key's slot is i with a probability of i^(EXPONENT - 1) over the sum."""
    task = mqar(24, 2, 64, sequences=20000)
    batch = task.part("test")
    first = batch.tokens[:, :1]
    place = (batch.tokens[:, 4:] == first).argmax(axis=1) // 2
    weights = np.arange(1, 11.0) ** (EXPONENT - 1)
    found = np.bincount(place, minlength=10) / len(place)
    np.testing.assert_allclose(found, weights / weights.sum(), atol=0.012)
    # The second key's: the same among the slots left over.
    second = (batch.tokens[:, 4:] == batch.tokens[:, 2:3]).argmax(axis=1) // 2
    given_first = np.bincount(second[place == 0], minlength=10) / (place == 0).sum()
    left = np.where(np.arange(10) == 0, 0, weights)
    np.testing.assert_allclose(given_first, left / left.sum(), atol=0.02)


@pytest.mark.parametrize(
    ("options", "digest"),
    [
        ({}, "ec62882559f3aa5b0ff2a5b231a9dfe378659c8e274763f4676b5eae863420f9"),
        (
            {"seed": 7, "random_non_queries": True},
            "03ad6e86cd3d1df3aef826bde28176ef8633abb3ec7ad02c2f837e6e02e07b99",
        ),
        (
            {"length": 64, "pairs": 16, "vocabulary": 8192},
            "e884f6827ade1b005b9806d7aa51cc72f3b2fda00e3a446af363f6b5808981d9",
        ),
    ],
    ids=["plain", "filled", "large"],
)
def test_a_seed_gives_the_same_bytes_everywhere(options, digest):
    batch = mqar(**{"sequences": 50, **options}).part("test")
    data = np.concatenate([batch.tokens, batch.targets]).astype("<i8").tobytes()
    assert hashlib.sha256(data).hexdigest() == digest


def test_splits_and_training_streams_differ_and_repeat():
    task = mqar(sequences=64)
    parts = {split: task.part(split).tokens.tobytes() for split in ("train", "val", "test")}
    for seed in (0, 1, 2):
        stream = task.stream(seed, 64)
        parts |= {f"stream {seed}, {i}": next(stream).tokens.tobytes() for i in range(2)}
    assert len(set(parts.values())) == len(parts)
    assert next(task.stream(1, 64)).tokens.tobytes() == parts["stream 1, 0"]
    assert task.part("test").tokens.tobytes() == parts["test"]
    assert mqar(sequences=64, seed=1).part("test").tokens.tobytes() != parts["test"]


def test_the_global_random_state_is_not_used():
    np.random.seed(0)
    before = np.random.get_state()[1].tolist()
    first = mqar(sequences=3).part("test").tokens
    np.random.seed(1)
    np.testing.assert_array_equal(mqar(sequences=3).part("test").tokens, first)
    np.random.seed(0)
    assert np.random.get_state()[1].tolist() == before


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"length": 33}, "even length"),
        ({"length": 2}, "even length"),
        ({"vocabulary": 32}, "above the length"),
        ({"vocabulary": 257}, "even number"),
        ({"pairs": 9}, "1 to 8 pairs"),
        ({"pairs": 0}, "1 to 8 pairs"),
        ({"sequences": 0}, "1 sequence or more"),
        ({"seed": -1}, "not negative"),
    ],
    ids=lambda value: str(value).replace(" ", "-") if isinstance(value, dict) else "",
)
def test_sizes_that_do_not_fit_are_refused(options, message):
    with pytest.raises(BadInput, match=message):
        mqar(**options)


def test_an_unknown_split_is_refused():
    with pytest.raises(BadInput, match="no split 'dev'"):
        split(mqar(), "dev")
    view = split(mqar(), "val")
    assert (view.name, view.indices, view.data) == ("val", [0, 1], mqar())


def test_metrics_are_told_the_classes():
    task = mqar()
    assert isinstance(task, Recall)
    assert task.metric_options == {"num_classes": 256, "ignore_index": IGNORED}
