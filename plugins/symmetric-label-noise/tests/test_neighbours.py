from __future__ import annotations

import numpy as np
import pytest
import torch
from zoo_label_noise import transitions
from zoo_label_noise.corruption import corrupt
from zoo_label_noise.theory import vote
from zoo_symmetric_label_noise.neighbours import growing_k, nearest

from zoo_core import BadInput


def test_growing_k():
    assert [growing_k(n) for n in (1, 10_000, 50_000)] == [1, 631, 1947]


def test_it_is_what_scikit_learn_finds():
    sklearn = pytest.importorskip("sklearn.neighbors")
    generator = torch.Generator().manual_seed(0)
    x, y = torch.randn(300, 5, generator=generator), torch.arange(300) % 3
    points = torch.randn(40, 5, generator=generator)
    found = nearest(x, y, points, (1, 8), 3)
    for k in (1, 8):
        theirs = sklearn.KNeighborsClassifier(k).fit(x.numpy(), y.numpy())
        votes = theirs.predict_proba(points.numpy())
        top = votes.max(1, keepdims=True)
        assert (votes[np.arange(40), found[k].numpy()] == top[:, 0]).all()


@pytest.mark.parametrize(("size", "rate", "k"), [(10, 0.4, 1), (10, 0.8, 51), (3, 0.5, 5)])
def test_on_separable_data_a_vote_decides(size, rate, k):
    """The accuracy of k-NN is how often the right label wins among k noisy ones."""
    n = 600 * size
    truth = np.arange(n) % size
    x = torch.from_numpy(10.0 * truth[:, None] + np.random.default_rng(0).random((n, 1)))
    noisy = torch.from_numpy(corrupt(truth, transitions.symmetric(rate, size), 7).labels)
    points = torch.from_numpy(10.0 * truth[:, None] + np.random.default_rng(1).random((n, 1)))
    found = nearest(x, noisy, points, (k,), size)[k].numpy()
    expected = vote(transitions.symmetric(rate, size)[0], k)
    # Neighbouring points share their neighbours: fewer independent votes than points.
    assert (found == truth).mean() == pytest.approx(expected, abs=0.06)


def test_more_neighbours_than_points_are_refused():
    with pytest.raises(BadInput, match="from 1 to 3"):
        nearest(torch.ones(3, 2), torch.ones(3, dtype=torch.long), torch.ones(1, 2), (4,), 2)
