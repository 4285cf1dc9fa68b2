"""Words over views: which there are, where their weights start, and what is refused."""

from __future__ import annotations

import pytest
import torch
from zoo_graph_tuple.words import SoftmaxFusion, paper_weights, words_of

from zoo_core import BadInput


def test_the_words_of_each_kind():
    assert words_of(2) == ((0,), (1,), (0, 1), (1, 0))
    assert words_of(3, "single") == ((0,), (1,), (2,))
    assert words_of(2, "all") == ((0,), (1,), (0, 0), (0, 1), (1, 0), (1, 1))
    assert words_of(2, "first") == ((0,),)
    assert len(words_of(3)) == 3 + 6
    assert words_of(2, [[1], [1, 0]]) == ((1,), (1, 0))


def test_weights_start_where_the_paper_has_them():
    assert paper_weights(words_of(2)).tolist() == pytest.approx([0.8, 0.1, 0.05, 0.05])
    three = paper_weights(words_of(3))
    assert three[:3].tolist() == pytest.approx([0.8, 0.05, 0.05])
    assert float(three.sum()) == pytest.approx(1)


def test_softmax_weights_are_positive_and_sum_to_one():
    fusion = SoftmaxFusion(torch.tensor([0.6, 0.3, 0.05, 0.05]))
    weights = fusion()
    assert weights.tolist() == pytest.approx([0.345, 0.256, 0.199, 0.199], abs=1e-3)
    assert float(weights.sum()) == pytest.approx(1)
    (weights * torch.arange(4)).sum().backward()
    assert bool((fusion.logits.grad != 0).all())


@pytest.mark.parametrize(
    ("views", "kind", "told"),
    [
        (0, "crossed", "0 views"),
        (2, "cross", "expected crossed"),
        (2, [[2]], "0 to 1"),
        (2, [[0, 1, 0]], "one or two"),
        (2, [[0, 1], [0]], "before it"),
        (2, [[0], [0]], "twice"),
        (2, [], "no words"),
    ],
)
def test_what_are_no_words_is_refused(views, kind, told):
    with pytest.raises(BadInput, match=told):
        words_of(views, kind)
