"""Linear filters: the theory's statements, the model that finds the words, and its data."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from zoo_graph_tuple.checks.theory import polynomial, symmetric
from zoo_graph_tuple.filters.data import read_filtered, synthetic
from zoo_graph_tuple.filters.module import TupleFilter, train_filter
from zoo_graph_tuple.filters.theory import (
    classes,
    named,
    oracle_risk,
    products,
    rank,
    words_up_to,
)

from zoo_core import BadInput
from zoo_core.testing import make_run


def quiet(steps, **_):
    return steps


@given(st.integers(0, 1000), st.integers(4, 9))
def test_ranks_of_words(seed, nodes):
    draw = np.random.default_rng(seed)
    strong, weak = symmetric(draw, nodes), symmetric(draw, nodes)
    found = {name: rank(one) for name, one in classes(strong, weak).items()}
    assert found == {"graph-tuple": 7, "S": 3, "S + W": 3}
    words = words_up_to(2, 2)
    assert rank(products([strong, polynomial(strong)], words)) <= 6
    assert rank(products([strong, 2 * strong + np.eye(nodes)], words)) == 3


@given(st.integers(0, 1000))
def test_the_larger_class_never_has_the_larger_risk(seed):
    draw = np.random.default_rng(seed)
    strong, weak = symmetric(draw, 6), symmetric(draw, 6)
    found = classes(strong, weak)
    for target in (draw.standard_normal((6, 6)), strong @ weak, (strong + weak) @ strong):
        risks = {name: oracle_risk(one, target, 0.3) for name, one in found.items()}
        assert risks["graph-tuple"] <= min(risks["S"], risks["S + W"]) + 1e-9
    assert oracle_risk(found["graph-tuple"], strong @ weak, 0.3) == pytest.approx(0.09)
    assert oracle_risk(found["S"], strong @ weak, 0.3) > 0.1


def test_the_risk_is_what_simulation_gives():
    draw = np.random.default_rng(0)
    strong, weak = symmetric(draw, 6), symmetric(draw, 6)
    powers = classes(strong, weak)["S + W"]
    x = draw.standard_normal((200_000, 6))
    y = x @ (strong @ weak).T + 0.5 * draw.standard_normal(x.shape)
    design = np.stack([(x @ one.T).ravel() for one in powers], 1)
    left = np.linalg.lstsq(design, y.ravel(), rcond=None)[0]
    simulated = np.mean((y.ravel() - design @ left) ** 2)
    assert simulated == pytest.approx(oracle_risk(powers, strong @ weak, 0.5), rel=0.02)


def test_the_filter_finds_the_word_that_made_the_signals():
    module = train_filter(make_run("gt-filter", synthetic(noise=0.0)), quiet)
    weights = {row["word"]: row["weight"] for row in module.eval().requires_grad_(False).predict()}
    assert weights.pop("SW") == pytest.approx(1, abs=1e-4)
    assert max(map(abs, weights.values())) < 1e-4
    errors = {}
    for operators in ("tuple", "first", "sum"):
        data = synthetic()
        one = train_filter(make_run("gt-filter", data, shape={"operators": operators}), quiet)
        rows = data.rows["test"]
        errors[operators] = float((one(data.inputs[rows]) - data.targets[rows]).square().mean())
    assert errors["tuple"] < 0.05 * min(errors["first"], errors["sum"])


def test_signals_are_filtered_in_the_order_of_the_word():
    module = TupleFilter(nodes=3, degree=3)
    module.matrices.copy_(torch.randn(2, 3, 3, generator=torch.Generator().manual_seed(0)))
    place = module.words.index((0, 1, 1))
    one, other = module.matrices.double().numpy()
    x = np.random.default_rng(0).standard_normal((2, 3))
    found = module.double().filtered(torch.from_numpy(x))[place]
    assert np.allclose(found, x @ (one @ other @ other).T)
    assert [named(word) for word in words_up_to(2, 2)] == ["I", "S", "W", "SS", "SW", "WS", "WW"]


def test_signals_of_one_s_own(tmp_path):
    draw = np.random.default_rng(0)
    operators = draw.standard_normal((3, 4, 4))
    x = draw.standard_normal((30, 4))
    np.savez(tmp_path / "mine.npz", signals=x, targets=x @ operators[2].T, operators=operators)
    data = read_filtered(tmp_path / "mine.npz")
    module = train_filter(make_run("gt-filter", data, shape={"degree": 1}), quiet)
    assert module.weights.tolist() == pytest.approx([0, 0, 0, 1], abs=1e-5)
    rows = module.requires_grad_(False).predict(x[0].tolist())
    assert rows[0]["filtered"] == pytest.approx(operators[2] @ x[0], abs=1e-5)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"targets": np.zeros((30, 5))}, "shapes"),
        ({"operators": np.zeros((2, 4, 5))}, "shapes"),
        ({"signals": np.full((30, 4), np.nan)}, "NaN"),
        ({"signals": [["a"] * 4] * 30}, "no numbers"),
        ({"operators": None}, "no numbers|empty|NaN"),
        ({"signals": np.zeros((5, 4)), "targets": np.zeros((5, 4))}, "5 signals"),
    ],
    ids=range(6),
)
def test_signals_that_do_not_fit_are_refused(change, told):
    given = {"signals": np.ones((30, 4)), "targets": np.ones((30, 4)), "operators": np.eye(4)}
    with pytest.raises(BadInput, match=told):
        read_filtered({**given, **change})
    with pytest.raises(BadInput, match="or a dictionary"):
        read_filtered({"signals": given["signals"]})


def test_what_makes_no_filter_is_refused():
    for shape in ({"operators": "both"}, {"degree": 0}, {"nodes": 0}):
        with pytest.raises(BadInput, match="expected tuple"):
            TupleFilter(**shape)
    with pytest.raises(BadInput, match="multiple of three"):
        synthetic(nodes=13)
    with pytest.raises(BadInput, match="square"):
        products([np.zeros((2, 3))], [()])
    with pytest.raises(BadInput, match="NaN"):
        products([np.full((2, 2), np.nan)], [()])
    with pytest.raises(BadInput, match="one graph"):
        train_filter(make_run("gt-filter", object()), quiet)
    for signals in ([1.0, 2.0], [[1, 2, float("nan")]], "x"):
        with pytest.raises(BadInput):
            TupleFilter().predict(signals)
