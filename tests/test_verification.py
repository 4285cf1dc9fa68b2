"""`zoo verify`: checks measure, bounds judge, and what is stored can be judged again."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest
import torch

import zoo
from zoo_core import BadInput, PluginError, UnknownName, figures
from zoo_core._measuring.judging import rounded
from zoo_core._publishing import cards

PLUGIN = """
    from zoo_core import (
        Amendment, Architecture, Claim, Dataset, Model, Paper, exact, gain, hookimpl, order, value,
    )

    ZOO_API = 2

    def claim(name, bounds, **more):
        fields = {"check": "zoo_toy.checks:given", "arguments": {"case": name}, **more}
        return Claim(name=name, statement=f"It is {name}.", bounds=bounds, models=["toy-a"],
                     **fields)

    CLAIMS = [
        claim("firm", {"accuracy": value(at_least=80), "lead": gain(at_least=1)},
              published="81.5 %", amendments=[
                  Amendment(date="2026-11-20", bound="accuracy", before="at least 84 %",
                            after="at least 80 %", why="The split | is another."),
                  Amendment(date="2026-11-21", bound="loss", before="at most 1", after="dropped",
                            why="It is not the paper's."),
              ]),
        claim("wrong", {"error": exact(at_most=1e-10), "same": exact(equal=True)}),
        claim("open", {"accuracy": value(at_least=80), "order": order("a", "b", "c"),
                       "one run": value(at_least=80), "touching": gain(at_least=0)}),
        claim("far", {"ratio": exact(at_least=2)}),
        claim("nodata", {"x": exact(equal=1)}),
    ]
    BROKEN = [
        claim("other-keys", {"x": exact(equal=1)}),
        claim("nan", {"x": exact(equal=1)}),
        claim("single", {"x": value(at_least=1)}),
        claim("odd", {"x": exact(equal=1)}),
        claim("unfit", {"x": exact(equal=1)}, arguments={"cases": "unfit"}),
    ]

    @hookimpl
    def zoo_papers():
        return [Paper(name=name, title="Toys", authors=["A. Author"], year=2020,
                      bibtex="@misc{toys}", summary="About toys.", claims=claims)
                for name, claims in (("toy-paper", CLAIMS), ("broken", BROKEN))]

    @hookimpl
    def zoo_architectures():
        return [Architecture(
            name="toy", cls="zoo_toy.model:Toy", paper="toy-paper", task="toying",
            summary="One layer.", shape={"inputs": 4, "classes": 3})]

    @hookimpl
    def zoo_models():
        return [Model(name="toy-a", architecture="toy", dataset="toys", license="MIT",
                      summary="A toy.")]

    @hookimpl
    def zoo_datasets():
        return [Dataset(name="toys", title="Toys", factory="zoo_toy.data:make", license="MIT",
                        source="made up", task="toying")]
    """
CHECKS = """
    import math

    from zoo_core import DataError, Estimate, Finding, bootstrap, estimate

    CASES = {
        "firm": {"lead": Estimate(2, 0.3, 0.9, 5), "accuracy": [81.0, 82.0, 81.5]},
        "wrong": {"error": 3e-9, "same": True},
        "open": {"accuracy": [70.0, 81.0, 95.0],
                 "one run": bootstrap([0.0, 100.0] * 10 + [100.0] * 30),
                 "order": {"a": [9.0, 9.5, 9.2], "b": [5.0, 5.5, 5.1], "c": [1.0, 9.0, 1.0]},
                 "touching": [0.0, 0.0]},
        "far": {"ratio": math.inf},
        "other-keys": {"y": 1, "z": 2},
        "nan": {"x": math.nan},
        "single": {"x": [1.0]},
    }

    def given(case: str) -> Finding:
        if case == "nodata":
            raise DataError("toys.bin is nowhere; set ZOO_DATA_MIRROR.")
        if case == "odd":
            return "holds"
        told = "on a toy" if case == "firm" else ""
        return Finding(quantities=CASES[case], told=told, seeds=range(3),
                       figures={"rows": [1, 2]} if case == "firm" else {})
    """
FIRM = "accuracy 81.5 ± 1.2 % (3 runs); lead +2.00 ± 0.90 points (5 runs); on a toy"


@pytest.fixture
def claims(site):
    site.add_toy("toy-a", beyond={"__init__.py": PLUGIN, "checks.py": CHECKS})
    site.use()
    return site


def stored_file(claims):
    return claims.folder / "zoo_toy" / "results" / "claims.json"


def edit(claims, name, **changes):
    """Change what is stored of a claim; a field that is set to None goes."""
    path = stored_file(claims)
    content = json.loads(path.read_text())
    content[name] = {k: v for k, v in {**content[name], **changes}.items() if v is not None}
    path.write_text(json.dumps(content))


def rebound(claims, old, new):
    """Change a bound in the plugin, as its author would."""
    path = claims.folder / "zoo_toy" / "__init__.py"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    claims.use()


def verdicts(checks):
    return {check.name: check.verdict for check in checks}


ALL = {
    "firm": "holds",
    "wrong": "fails",
    "open": "not established",
    "far": "holds",
    "nodata": "skipped",
}


def test_the_core_judges_what_checks_measure(claims):
    rows = {check.name: check for check in zoo.verify("toy-paper")}
    assert verdicts(rows.values()) == ALL
    firm = rows["firm"]
    assert firm.parts == {"accuracy": "holds", "lead": "holds"}
    assert firm.measured == FIRM
    assert firm.expected == (
        "accuracy at least 80 %; lead at least 1 points, resolved from zero "
        "(published: 81.5 %) (paper)"
    )
    assert firm.amendments == 2
    assert firm.figures == {"rows": [1, 2]}
    assert rows["wrong"].measured == "error 3e-09; same: yes"
    assert rows["wrong"].parts == {"error": "fails", "same": "holds"}
    assert rows["nodata"].parts == {}


def test_the_summary_counts_claims_and_amended_bounds(claims, zoo_here):
    outcome = zoo_here("verify", "toy-paper")
    assert outcome.code == 1
    assert outcome.err.splitlines()[-1] == (
        "5 claims: 2 hold, 1 fails, 1 not established, 1 skipped; 2 bounds amended."
    )
    alone = zoo_here("verify", "toy-paper", "--claim", "far", "--json")
    assert alone.code == 0
    told = alone.err.splitlines()
    assert told[-1] == "1 claim: 1 holds, 0 fail, 0 not established; 0 bounds amended."
    assert "measured before by the same code" in told[-2] and len(told) == 2
    (row,) = alone.json
    assert (row["kind"], row["parts"], row["amendments"]) == ("claim", {"ratio": "holds"}, 0)


def test_numbers_of_cards_are_counted_apart(claims, zoo_here):
    assert zoo_here("evaluate", "toy-a", "--store").code == 0
    told = zoo_here("verify", "toy-a").err.splitlines()[-1]
    assert told.endswith("1 skipped; 2 bounds amended. 1 number: 1 holds.")


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        ("other-keys", ["measured y, z", "bounds are on x"]),
        ("nan", ["no usable x", "NaN, which is no result"]),
        ("single", ["no usable x", "`bootstrap`"]),
        ("odd", ["returned a str", "expected a zoo_core.Finding"]),
        ("unfit", ["no option 'cases'"]),
    ],
)
def test_a_check_that_does_not_fit_its_claim_is_told(claims, claim, words):
    with pytest.raises(PluginError, match=f"claim {claim} of broken") as error:
        list(zoo.verify("broken", claim=claim))
    for one in words:
        assert one in str(error.value)


def test_what_is_stored_is_enough_to_judge_again(claims, zoo_here, monkeypatch):
    zoo_here("verify", "toy-paper", "--store")
    content = json.loads(stored_file(claims).read_text(), parse_constant=pytest.fail)
    assert content["firm"]["parts"] == {"accuracy": "holds", "lead": "holds"}
    assert content["firm"]["quantities"]["lead"] == {
        "mean": 2.0, "error": 0.3, "reach": 0.9, "runs": 5, "low": 1.1, "high": 2.9,
    }  # fmt: skip
    assert content["firm"]["seeds"] == [0, 1, 2]
    assert content["far"]["quantities"] == {"ratio": "inf"}
    assert set(content["open"]["quantities"]["order"]) == {"values"}
    ran = {check.name: check for check in zoo.verify("toy-paper")}
    monkeypatch.setitem(sys.modules, "zoo_toy.checks", None)
    for check in zoo.verify("toy-paper", stored=True):
        if check.name != "nodata":
            assert check.measured == ran[check.name].measured
            assert check.verdict == ran[check.name].verdict
            assert check.parts == ran[check.name].parts


def test_a_bound_that_changes_changes_the_verdict_and_what_is_expected(claims, zoo_here):
    zoo_here("verify", "toy-paper", "--claim", "firm", "--store")
    rebound(claims, 'value(at_least=80), "lead"', 'value(at_least=90), "lead"')
    outcome = zoo_here("verify", "toy-paper", "--claim", "firm", "--stored")
    assert outcome.code == 1
    assert "accuracy at least 90 %" in outcome.out
    before = json.loads(stored_file(claims).read_text())["firm"]
    assert before["verdict"] == "holds", "nothing is written without --store"
    zoo_here("verify", "toy-paper", "--claim", "firm", "--stored", "--store")
    after = json.loads(stored_file(claims).read_text())["firm"]
    assert after["verdict"] == "fails"
    assert after["parts"] == {"accuracy": "fails", "lead": "holds"}
    for kept in ("quantities", "date", "versions", "command", "figures", "seeds"):
        assert after[kept] == before[kept]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"quantities": None}, "of API level 1"),
        ({"quantities": {"accuracy": 1}}, "nothing is stored of lead"),
        ({"quantities": {"accuracy": 1, "lead": 2}}, "cannot be judged"),
        ({"quantities": {"accuracy": {}, "lead": {}}}, "cannot be judged"),
    ],
)
def test_a_stored_finding_that_cannot_be_judged_is_not_measured(claims, zoo_here, changes, words):
    zoo_here("verify", "toy-paper", "--claim", "firm", "--store")
    edit(claims, "firm", **changes)
    before = stored_file(claims).read_bytes()
    outcome = zoo_here("verify", "toy-paper", "--claim", "firm", "--stored", "--store")
    assert outcome.code == 3
    assert outcome.out.startswith("not measured")
    assert words in outcome.out
    assert "run `zoo verify toy-paper --claim firm --store`" in outcome.out
    assert outcome.err.endswith("0 not established, 1 not measured; 2 bounds amended.\n")
    assert stored_file(claims).read_bytes() == before
    assert "| not measured | — |" in cards.render("toy-a")


def test_nothing_stored_is_not_measured(claims, zoo_here):
    outcome = zoo_here("verify", "--all", "--stored")
    assert outcome.code == 3
    assert "10 claims: 0 hold, 0 fail, 0 not established, 10 not measured" in outcome.err


def test_a_plan_says_how_many_runs_would_settle_what_is_open(claims, zoo_here):
    zoo_here("verify", "toy-paper", "--store")
    outcome = zoo_here("verify", "toy-paper", "--plan", "--json")
    assert outcome.code == 0
    rows = {(row["claim"], row["bound"]): row for row in outcome.json}
    assert set(rows) == {
        *(("open", part) for part in ("accuracy", "order", "one run", "touching")),
        ("nodata", "x"),
    }
    # 12.5 over runs, 2 from the bound: (1.96 + 0.84)² (12.5 / 2)² by the normal law.
    assert rows["open", "accuracy"]["runs"] == 3
    assert rows["open", "accuracy"]["needed"] == pytest.approx(308, abs=4)
    assert rows["open", "accuracy"]["expected"] == "accuracy at least 80 %"
    assert rows["open", "order"]["needed"] > 3
    assert "spread over runs is not known" in rows["open", "one run"]["note"]
    assert "no number of runs" in rows["open", "touching"]["note"]
    for part in ("one run", "touching"):
        assert rows["open", part]["needed"] is None
    assert "nothing is stored" in rows["nodata", "x"]["note"]


@pytest.mark.parametrize("flags", [["--plan", "--stored"], ["--plan", "--store"],
                                   ["--plan", "--retrain"], ["--stored", "--retrain"]])  # fmt: skip
def test_what_runs_nothing_is_not_mixed_with_what_runs(claims, zoo_here, flags):
    outcome = zoo_here("verify", "toy-paper", *flags)
    assert outcome.code == 2
    assert "runs nothing" in outcome.err


def test_a_card_shows_verdicts_of_todays_bounds_and_amendments(claims, zoo_here):
    zoo_here("verify", "toy-paper", "--store")
    page = cards.render("toy-a")
    expected = "accuracy at least 80 %; lead at least 1 points, resolved from zero"
    assert f"| {expected} (published: 81.5 %) (paper) | {FIRM} | **holds** |" in page
    assert "95 percent interval" in page
    amended = page.partition("Amended bounds")[2]
    assert (
        "- 2026-11-20, firm, accuracy: from at least 84 % to at least 80 %. The split \\| is "
        "another.\n- 2026-11-21, firm, loss: from at most 1 to dropped. It is not the paper's.\n\n"
        "Check them again"
    ) in amended
    rebound(claims, 'value(at_least=80), "lead"', 'value(at_least=90), "lead"')
    assert f"{FIRM} | **fails** |" in cards.render("toy-a")


def test_a_card_without_amendments_has_no_list_of_them(claims):
    rebound(claims, "amendments=[", "amendments=[] and [")
    assert "Amended bounds" not in cards.render("toy-a")


def test_figures_of_a_claim_are_read_for_pictures(claims, zoo_here):
    again = "`zoo verify toy-paper --claim firm --store`"
    with pytest.raises(BadInput, match=again):
        figures("toy-paper", "firm")
    zoo_here("verify", "toy-paper", "--store")
    assert figures("toy-paper", "firm") == {"rows": [1, 2]}
    with pytest.raises(BadInput, match="--claim far --store"):
        figures("toy-paper", "far")
    with pytest.raises(UnknownName):
        figures("toy", "firm")


def test_all_that_is_known_of_a_paper_has_its_bounds(claims, zoo_here):
    firm = zoo_here("show", "toy-paper", "--json").json["claims"][0]
    assert firm["bounds"]["accuracy"] == {
        "kind": "value", "at_least": 80, "at_most": None, "equal": None, "unit": "%",
    }  # fmt: skip
    assert firm["expected"].startswith("accuracy at least 80 %")


def test_figures_are_stored_with_five_digits_whatever_they_are():
    figures = {
        "array": np.array([1.23456789, 2.0]),
        "tensor": torch.tensor([[3]]),
        "number": np.float64(1e-20),
        1: (True, "text", None, 123456789),
    }
    found = rounded(figures)
    assert found == {
        "array": [1.2346, 2.0],
        "tensor": [[3]],
        "number": 1e-20,
        "1": [True, "text", None, 123456789],
    }
    assert json.loads(json.dumps(found)) == found
