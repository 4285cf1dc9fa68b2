"""Data of several tasks: splits, shares, and what is refused."""

from __future__ import annotations

import pytest
import torch
from zoo_asen.data import count_of, invariant_tasks, sequence_tasks

import zoo
from zoo_core import BadInput


def test_splits_are_of_each_task_and_do_not_meet():
    data = sequence_tasks(3, samples=200, share=0.4)
    sizes = {name: {t: len(r) for t, r in data.by_task(rows).items()}
             for name, rows in data.rows.items()}  # fmt: skip
    assert sizes["train"] == {"palindrome": 56, "cyclicsum": 56, "intersect": 56}
    assert set(sizes["val"].values()) == {30} and set(sizes["test"].values()) == {30}
    rows = torch.cat(list(data.rows.values()))
    assert len(rows.unique()) == len(rows)
    # A larger share has what a smaller one has; the test stays.
    whole = sequence_tasks(3, samples=200)
    assert set(data.rows["train"].tolist()) < set(whole.rows["train"].tolist())
    assert data.rows["test"].equal(whole.rows["test"])
    assert data.metric_options == {"num_classes": 2}
    assert {name: len(one) for name, one in whole.groups.items()} == {
        "palindrome": 1, "cyclicsum": 2, "intersect": 5,
    }  # fmt: skip


def test_numbers_are_numbers():
    data = invariant_tasks(samples=40)
    assert data.values.is_floating_point() and data.targets.shape == (120,)
    assert data.metric_options == {}
    assert data.splits == ("train", "val", "test") and count_of(["a", "b"]) == 2
    assert zoo.dataset("asen-numbers", tasks="vandermonde", samples=40).values.shape == (40, 8)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"tasks": 0}, "expected 1 to 9"),
        ({"tasks": 10}, "expected 1 to 9"),
        ({"tasks": "palindrom"}, "did you mean 'palindrome'"),
        ({"tasks": "palindrome,palindrome"}, "named twice"),
        ({"tasks": []}, "expected names"),
        ({"tasks": True}, "expected names"),
        ({"share": 0}, "expected a share above 0"),
        ({"share": 1.5}, "of 1 at most"),
        ({"samples": 3}, "leaves sequences"),
        ({"seed": -1}, "whole number from 0"),
    ],
    ids=lambda one: str(one),
)
def test_options_that_make_no_data_are_refused(options, told):
    with pytest.raises(BadInput, match=told):
        sequence_tasks(**options)
