"""Bounds: what they tell is what they judge, on both sides, at the edges, and never of NaN."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from zoo_core import Amendment, Bound, Claim, Estimate, SpecError, exact, gain, order, value

HOLDS, FAILS, OPEN = "holds", "fails", "not established"
numbers = st.floats(-1e6, 1e6)
sizes = st.floats(0, 1e6)
estimates = st.builds(Estimate, numbers, sizes, sizes, st.integers(1, 100))


@pytest.mark.parametrize(
    ("bound", "quantity", "verdict"),
    [
        (value(at_least=82.5), Estimate(83, 5, 10), OPEN),
        (value(at_most=82.5), Estimate(82, 5, 10), OPEN),
        (value(at_least=82.5), [60, 82.5, 105], OPEN),
        (value(at_least=82.5), Estimate(84, 0.5, 1.5), HOLDS),
        (value(at_most=82.5), Estimate(81, 0.5, 1.5), HOLDS),
        (value(at_least=82.5), Estimate(81, 0.5, 1.5), OPEN),
        (value(at_least=82.5), Estimate(80, 0.5, 1.5), FAILS),
        (value(at_most=82.5), Estimate(85, 0.5, 1.5), FAILS),
        (value(at_least=84.1), [84.1, 84.1], HOLDS),
        (value(at_least=84.1), [84.0, 84.0], FAILS),
        (gain(at_least=5), Estimate(6, 2, 5), HOLDS),
        (gain(at_least=5), Estimate(6, 3, 6), OPEN),
        (gain(at_least=5), Estimate(4, 0.5, 1), OPEN),
        (gain(at_least=5), Estimate(3, 0.5, 1), FAILS),
        (gain(at_least=0), Estimate(0.1, 0.01, 0.05), HOLDS),
        (gain(at_least=0), [0, 0, 0], OPEN),
        (gain(at_least=0), Estimate(-1, 0.1, 0.5), FAILS),
        (gain(at_most=0), Estimate(-1, 0.1, 0.5), HOLDS),
        (gain(at_most=-5), Estimate(-6, 2, 5), HOLDS),
        (exact(equal=True), True, HOLDS),
        (exact(equal=True), False, FAILS),
        (exact(equal=3749), 3749, HOLDS),
        (exact(equal=3749), 3750, FAILS),
        (exact(at_most=1e-10), 1e-10, HOLDS),
        (exact(at_most=1e-10), math.inf, FAILS),
        (exact(at_least=1), math.inf, HOLDS),
        (order("a", "b", "c"), {"a": [9, 9.1], "b": [5, 5.1], "c": [1, 1.1]}, HOLDS),
        (order("a", "b", "c"), {"a": [9, 9.1], "b": [5, 5.1], "c": [6, 6.1]}, FAILS),
        (order("a", "b", "c"), {"a": [9, 9.1], "b": [5, 5.1], "c": [1, 9.1]}, OPEN),
        (order("a", "b"), {"a": [1, 1], "b": [1, 1]}, OPEN),
        (order("a", "b", lowest_first=True), {"a": [1, 1.1], "b": [5, 5.1]}, HOLDS),
        (order("a", "b", lowest_first=True), {"a": [5, 5.1], "b": [1, 1.1]}, FAILS),
    ],
)
def test_verdicts(bound, quantity, verdict):
    assert bound.judge(quantity) == verdict
    assert bound.judge(bound.checked(quantity)) == verdict
    assert bool(bound.undecided(quantity)) == (verdict == OPEN)


@given(numbers, estimates)
def test_values_are_mirrors(limit, found):
    assert value(at_most=-limit).judge(-found) == value(at_least=limit).judge(found)


@given(sizes, estimates)
def test_gains_are_mirrors(limit, found):
    assert gain(at_most=-limit).judge(-found) == gain(at_least=limit).judge(found)


@given(numbers, estimates)
def test_a_value_means_its_interval(limit, found):
    below, above = value(at_least=limit).judge(found), value(at_most=limit).judge(found)
    assert (below == HOLDS) == (found.low >= limit)
    assert (below == FAILS) == (found.high < limit)
    assert (above == HOLDS) == (found.high <= limit)
    assert (above == FAILS) == (found.low > limit)
    assert not (below == FAILS and above == FAILS)


@given(sizes, estimates)
def test_a_gain_is_resolved_and_as_large_as_asked(limit, found):
    verdict = gain(at_least=limit).judge(found)
    assert (verdict == HOLDS) == (found.low > 0 and found.mean >= limit)
    assert (verdict == FAILS) == (found.high < limit)


@given(numbers, estimates, sizes)
def test_a_wider_interval_never_turns_a_verdict_round(limit, found, more):
    wider = Estimate(found.mean, found.error, found.reach + more, found.runs)
    for bound in (value(at_least=limit), value(at_most=limit), gain(at_least=abs(limit))):
        assert bound.judge(wider) in (bound.judge(found), OPEN)


@given(numbers, estimates, sizes)
def test_a_better_mean_never_gives_a_worse_verdict(limit, found, more):
    ranks = {FAILS: 0, OPEN: 1, HOLDS: 2}
    better = Estimate(found.mean + more, found.error, found.reach, found.runs)
    for bound in (value(at_least=limit), gain(at_least=abs(limit))):
        assert ranks[bound.judge(better)] >= ranks[bound.judge(found)]


@given(numbers, estimates)
def test_a_smaller_reach_than_the_distance_settles_it(limit, found):
    for bound in (value(at_least=limit), value(at_most=limit), gain(at_least=abs(limit))):
        for open_part, distance in bound.undecided(found):
            assume(distance > 1e-6)
            assert distance <= open_part.reach + 1e-6
            settled = Estimate(found.mean, 0, 0.999 * distance - 1e-9, found.runs)
            assert bound.judge(settled) != OPEN


@given(st.lists(st.tuples(numbers, numbers), min_size=2, max_size=6))
def test_an_order_turned_round_is_the_lowest_first(rows):
    quantity = {"a": [a for a, _ in rows], "b": [b for _, b in rows]}
    assert order("a", "b").judge(quantity) == order("b", "a", lowest_first=True).judge(quantity)
    both = {order("a", "b").judge(quantity), order("b", "a").judge(quantity)}
    assert both in ({HOLDS, FAILS}, {OPEN})


@pytest.mark.parametrize(
    ("name", "bound", "words"),
    [
        ("accuracy", value(at_least=84.1), "accuracy at least 84.1 %"),
        ("loss", value(at_most=-4, unit="points"), "loss at most -4 points"),
        (
            "gain over the MLP",
            gain(at_least=5),
            "gain over the MLP at least 5 points, resolved from zero",
        ),
        ("lead", gain(at_least=0), "lead resolved above zero"),
        ("lead", gain(at_most=0), "lead resolved below zero"),
        ("relative error", exact(at_most=1e-10), "relative error at most 1e-10"),
        ("colours", exact(equal=10508907614), "colours exactly 10,508,907,614"),
        ("ratio", exact(equal=0.5, unit="s"), "ratio exactly 0.5 s"),
        ("separated", exact(equal=False), "separated: no"),
        ("order", order("GCN", "MLP", "ASE"), "GCN ahead of MLP ahead of ASE"),
        ("cora", order("a", "b", lowest_first=True), "cora: a below b"),
    ],
)
def test_bounds_are_told(name, bound, words):
    assert isinstance(bound, Bound)
    assert bound.told(name) == words


@pytest.mark.parametrize(
    ("name", "bound", "quantity", "words"),
    [
        (
            "acc",
            value(at_least=84),
            Estimate(84.26, 0.4, 0.931, 10),
            "acc 84.26 ± 0.93 % (10 runs)",
        ),
        ("acc", value(at_least=84), Estimate(84.26, 6, 12.3), "acc 84 ± 12 % (one run)"),
        ("acc", value(at_least=84), [84.1, 84.1], "acc 84.1 ± 0 % (2 runs)"),
        ("lead", gain(at_least=1), Estimate(5, 1, 2.04, 3), "lead +5.0 ± 2.0 points (3 runs)"),
        (
            "risk",
            value(at_most=1, unit=""),
            Estimate(1e-9, 0, 2e-9, 3),
            "risk 1e-09 ± 2e-09 (3 runs)",
        ),
        ("error", exact(at_most=1e-10), 3.21987e-12, "error 3.22e-12"),
        ("error", exact(at_most=1e-10), math.inf, "error inf"),
        ("colours", exact(equal=3749), 130791, "colours 130,791"),
        ("length", exact(equal=0.123456789, unit="m"), 0.123456788, "length 0.123456788 m"),
        ("separated", exact(equal=True), True, "separated: yes"),
        (
            "order",
            order("a", "b"),
            {"b": [1, 1], "a": [2, 3]},
            "order: a 2.5, b 1; ahead of the next by +1.5 ± 6.4 (2 runs)",
        ),
    ],
)
def test_quantities_are_shown(name, bound, quantity, words):
    assert bound.shown(name, quantity) == words


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: value(), "one of at_least, at_most"),
        (lambda: value(at_least=1, at_most=2), "one of at_least, at_most"),
        (lambda: value(at_least=math.nan), "a number as at_least"),
        (lambda: value(at_least=math.inf), "a finite bound"),
        (lambda: value(at_least="84"), "a number as at_least"),
        (lambda: value(at_least=True), "a number as at_least"),
        (lambda: value(at_least=84, unit=None), "a text as unit"),
        (lambda: gain(at_least=-1), "at_least >= 0"),
        (lambda: gain(at_most=1), "at_most <= 0"),
        (lambda: gain(), "one of at_least, at_most"),
        (lambda: exact(), "one of at_least, at_most, equal"),
        (lambda: exact(equal=1, at_most=2), "one of at_least, at_most, equal"),
        (lambda: exact(equal=math.nan), "a number as equal"),
        (lambda: exact(equal="yes"), "a number as equal"),
        (lambda: exact(at_least=True), "a number as at_least"),
        (lambda: exact(equal=True, unit="%"), "no unit of a bool"),
        (lambda: order("a"), "two names, all different"),
        (lambda: order("a", "a"), "two names, all different"),
        (lambda: order("a", ""), "two names, all different"),
    ],
)
def test_bounds_check_themselves(make, words):
    with pytest.raises(SpecError, match=words):
        make()


@pytest.mark.parametrize(
    ("bound", "quantity", "words"),
    [
        (value(at_least=1), 1.0, "judged by `exact`"),
        (value(at_least=1), True, "judged by `exact`"),
        (value(at_least=1), {"a": [1, 2]}, "one number a run"),
        (value(at_least=1), [1.0], "two or more.*bootstrap"),
        (gain(at_least=1), [1.0, math.nan], "no result"),
        (value(at_least=1), [1.0, math.inf], "no result"),
        (exact(at_most=1), Estimate(0, 1, 2), "judged by `value`"),
        (exact(at_most=1), [0, 0], "expected a number"),
        (exact(at_most=1), False, "expected a number"),
        (exact(equal=True), 1, "expected a bool"),
        (exact(at_most=1), math.nan, "NaN, which is no result"),
        (order("a", "b"), {"a": [1, 2]}, "just these names"),
        (order("a", "b"), {"a": [1, 2], "b": [1, 2], "c": [1, 2]}, "just these names"),
        (order("a", "b"), [1, 2], "just these names"),
        (order("a", "b"), {"a": [1, 2], "b": [1]}, "as many runs"),
        (order("a", "b"), {"a": [1], "b": [1]}, "two or more"),
        (order("a", "b"), {"a": [1, math.nan], "b": [1, 2]}, "no result"),
        (order("a", "b"), {"a": [1, math.inf], "b": [1, 2]}, "no result"),
    ],
)
def test_what_is_no_result_is_refused(bound, quantity, words):
    with pytest.raises(ValueError, match=words):
        bound.checked(quantity)
    with pytest.raises(ValueError, match=words):
        bound.judge(quantity)


def make_claim(**more):
    fields = {"name": "c", "statement": "S.", "check": "m:f", "bounds": {"x": exact(equal=1)}}
    return Claim(**{**fields, **more})


def make_amendment(**more):
    fields = {"date": "2026-11-20", "bound": "x", "before": "2", "after": "1", "why": "So."}
    return Amendment(**{**fields, **more})


def test_what_is_expected_is_made_from_the_bounds():
    bounds = {"accuracy": value(at_least=84.1), "gain": gain(at_least=5)}
    told = "accuracy at least 84.1 %; gain at least 5 points, resolved from zero"
    assert make_claim(bounds=bounds).expected == told
    assert make_claim(bounds=bounds, published="85.0").expected == f"{told} (published: 85.0)"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: make_claim(bounds={}), "Claim 'c': bounds={} is wrong.*not empty"),
        (lambda: make_claim(bounds={"x": 1}), "names to bounds"),
        (lambda: make_claim(bounds={"": exact(equal=1)}), "names to bounds"),
        (lambda: make_claim(arguments={"x": object()}), "mapping of JSON values"),
        (lambda: make_claim(published=None), "published"),
        (lambda: make_claim(amendments=["x"]), "Amendments of its bounds"),
        (lambda: make_claim(amendments=[make_amendment(bound="y")]), "Amendments of its bounds"),
        (lambda: make_amendment(date="20261120"), "Amendment 'x': date='20261120'"),
        (lambda: make_amendment(date="2026-13-01"), "a date such as"),
        (lambda: make_amendment(date=None), "a date such as"),
        (lambda: make_amendment(why=""), "a text"),
        (lambda: make_amendment(after="2"), "another bound than before"),
    ],
)
def test_claims_and_amendments_check_themselves(make, words):
    with pytest.raises(SpecError, match=words):
        make()


def test_a_dropped_bound_may_be_told():
    gone = make_amendment(bound="y", after="dropped")
    assert make_claim(amendments=[gone, make_amendment()]).amendments == [gone, make_amendment()]
