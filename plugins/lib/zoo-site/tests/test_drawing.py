"""Lines say what was expected and measured, in places, in signs and in words."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zoo_site import drawing

from zoo_core import estimate, exact, gain, order, value


def bound(made, verdict=None, measured=None, name="accuracy", **more):
    """A bound as the registry tells of it."""
    facts = {"equal": None, "at_least": None, "at_most": None, "unit": "", **vars(made)}
    return {"name": name, "verdict": verdict, "measured": measured, **facts, **more}


def claim(*bounds, published=""):
    return {"bounds": list(bounds), "published": published}


def of(mean, low, high):
    return {"mean": mean, "low": low, "high": high}


def drawn(one):
    """The drawings of a claim, in order."""
    return [str(each["svg"]) for row in drawing.lines(one) for each in row["drawings"]]


def places(svg):
    """The places of what is drawn, in percent."""
    return [float(number) for number in re.findall(r'\bx[12]?="(-?[\d.]+)%"', svg)]


def test_the_good_side_is_that_of_the_bound():
    (least,) = drawn(claim(bound(value(at_least=80), "holds", of(84, 83, 85))))
    (most,) = drawn(claim(bound(value(at_most=80), "fails", of(84, 83, 85))))
    at = float(re.search(r'<rect class="good" x="([\d.]+)%"', least)[1])
    assert re.search(r'<rect class="good" x="0" y="4" width="([\d.]+)%"', most)
    assert at < float(re.search(r'class="interval v-holds" x1="([\d.]+)%"', least)[1])
    assert "≥ 80 %" in least and "≤ 80 %" in most


@pytest.mark.parametrize("verdict", drawing.SIGNS)
def test_the_sign_says_the_verdict_without_a_colour(verdict):
    (svg,) = drawn(claim(bound(value(at_least=80), verdict, of(80, 79, 81))))
    others = [sign for word, sign in drawing.SIGNS.items() if word != verdict]
    assert drawing.SIGNS[verdict] in svg
    assert not [sign for sign in others if sign in svg]


def test_words_say_the_same_to_those_who_hear_it():
    (svg,) = drawn(claim(bound(gain(at_least=5), "holds", of(7, 6, 8), name="<lead>")))
    told = "&lt;lead&gt;: expected at least 5 points, measured 7, interval 6 to 8"
    assert f'role="img"><title>{told}</title>' in svg
    assert "<lead>" not in svg


def test_what_is_not_measured_has_its_bound_alone():
    (svg,) = drawn(claim(bound(value(at_least=80))))
    assert "not measured" in svg and 'class="mean' not in svg


def test_estimates_in_one_unit_share_a_scale():
    first = bound(value(at_least=1, unit="points"), "holds", of(2, 1.5, 2.5), name="a")
    second = bound(value(at_least=1, unit="points"), "holds", of(29, 27, 31), name="b")
    one, two = drawn(claim(first, second))
    (alone,) = drawn(claim(first))
    ends = [
        re.search(r'class="interval[^"]*" x1="[^"]*" x2="([^%]*)%"', svg)[1]
        for svg in (one, two, alone)
    ]
    assert float(ends[0]) < 15 < 85 < float(ends[1])
    assert float(ends[2]) > 85


def test_an_order_is_a_line_for_each_step():
    found = bound(order("deep", "shallow", "flat"), "fails", {"values": {}}, name="order")
    found |= {"leads": [of(2, 1, 3), of(-2, -3, -1)], "kind": "order"}
    rows = drawing.lines(claim(found))[0]["drawings"]
    assert [row["name"] for row in rows] == ["deep ahead of shallow", "shallow ahead of flat"]
    assert "v-holds" in rows[0]["svg"] and "v-fails" in rows[1]["svg"]
    assert "&gt; 0" in rows[0]["svg"]


@pytest.mark.parametrize(
    ("made", "measured"),
    [
        (exact(equal=True), True),
        (exact(equal=3), 3),
        (exact(at_least=3), "inf"),
        (exact(at_most=math.inf), 3),
    ],
    ids=["yes or no", "as it is to be", "an infinity", "no bound to draw"],
)
def test_what_words_say_better_is_not_drawn(made, measured):
    assert drawn(claim(bound(made, "holds", measured))) == []


def test_an_exact_number_that_is_not_as_it_is_to_be_is_drawn():
    (svg,) = drawn(claim(bound(exact(equal=3), "fails", 5)))
    assert "expected exactly 3, measured 5" in svg and 'class="good"' not in svg


def test_numbers_of_many_decades_are_drawn_by_their_logarithm():
    (svg,) = drawn(claim(bound(exact(at_most=1e-6), "holds", 1e-12)))
    scale = drawing.Scale([1e-12, 1e-6])
    assert scale.logarithmic and not drawing.Scale([1, 2]).logarithmic
    assert scale.at(1e-9) == pytest.approx(50)
    assert f'x="{scale.at(1e-6):.2f}%"' in svg


@pytest.mark.parametrize(
    ("published", "found"),
    [
        ("83.2 %", 83.2),
        ("the paper has 83.2 %", 83.2),
        ("83.2 % and 81.0 %", None),
        ("on LAMBADA 32.31 of 42.07, 76.8 %", None),
        ("Pythia-1B: 14.11, its teacher 13.86", None),
        ("nothing", None),
    ],
)
def test_the_paper_s_figure_is_drawn_where_there_is_no_doubt(published, found):
    one = claim(bound(value(at_least=80), "holds", of(84, 83, 85)), published=published)
    (svg,) = drawn(one)
    assert ('class="published"' in svg) == (found is not None)
    if found:
        assert f"published {found}" in svg
        two = claim(*one["bounds"], *one["bounds"], published=published)
        assert 'class="published"' not in "".join(drawn(two))


def test_the_decisive_bound_is_the_worst_and_then_the_tightest():
    wide = bound(value(at_least=0), "holds", of(9, 8, 10), name="wide")
    tight = bound(value(at_least=7.9), "holds", of(9, 8, 10), name="tight")
    open_one = bound(value(at_least=9), "not established", of(9, 8, 10), name="open")
    lost = bound(value(at_least=99), "fails", of(9, 8, 10), name="lost")
    for bounds, name in [
        ((wide, tight), "tight"),
        ((wide, open_one, tight), "open"),
        ((wide, open_one, lost), "lost"),
    ]:
        assert drawing.decisive(claim(*bounds))["bound"]["name"] == name
    assert drawing.decisive(claim(bound(exact(equal=True), "holds", True))) is None


numbers = st.floats(-1e9, 1e9, allow_nan=False)


@given(st.lists(numbers, min_size=1, max_size=6))
def test_whatever_is_drawn_is_on_the_line(found):
    scale = drawing.Scale(found)
    assert all(-1e-6 <= scale.at(number) <= 100 + 1e-6 for number in found)
    assert scale.at(min(found)) <= scale.at(max(found))


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=5), numbers)
def test_any_estimate_and_any_bound_are_drawn(values, limit):
    found = estimate(values)
    measured = {"mean": found.mean, "low": found.low, "high": found.high}
    made = value(at_least=limit)
    (svg,) = drawn(claim(bound(made, made.judge(found), measured)))
    assert all(-0.01 <= place <= 100.01 for place in places(svg))


def test_a_bar_of_verdicts_is_as_wide_as_it_is():
    bar = str(drawing.ladder({"holds": 3, "fails": 1}))
    assert re.findall(r'width="([\d.]+)%"', bar) == ["75.00", "25.00"]
    assert 'aria-label="3 holds, 1 fails"' in bar
