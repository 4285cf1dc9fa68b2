"""Data of one's own: methods compared over their folds, and a paper's claims asked there."""

from __future__ import annotations

import json
import math
import statistics

import pytest

import zoo
from zoo_core import BadInput, Claim, Contrast, SpecError, exact, gain, resampled, value
from zoo_core._authoring import comparison, verifying
from zoo_core._registry import results

OWN = {
    "__init__.py": """
        from zoo_core import (
            Architecture, Claim, Contrast, Dataset, Metric, Model, Paper, exact, gain, hookimpl,
            value,
        )

        ZOO_API = 2
        BEFORE = {"architecture": "toy", "recipe": {"steps": 0}}

        def claim(name, asked):
            return Claim(
                name=name, statement=f"It {name}.", check="zoo_toy.claims:never",
                bounds={"accuracy": value(at_least=99), "lead": gain(at_least=5),
                        "ratio": value(at_least=1.1, unit="fold")},
                asked=asked)

        def lead(bound, first, second):
            return Contrast(bound=bound, first=first, second=second)

        @hookimpl
        def zoo_papers():
            toy = {"architecture": "toy"}
            claims = [
                claim("wins", {"lead": lead("lead", toy, BEFORE)}),
                claim("loses", {"lead": lead("lead", BEFORE, toy)}),
                claim("twice", {"ratio": lead("ratio", toy, [BEFORE, BEFORE])}),
                claim("broken", {"lead": lead("lead", {"architecture": "proud"}, toy)}),
                claim("absolute", {}),
            ]
            return [Paper(name="toy-paper", title="Toys", authors=["A. Author"], year=2020,
                          bibtex="@misc{toys}", summary="About toys.", claims=claims)]

        @hookimpl
        def zoo_architectures():
            common = dict(cls="zoo_toy.model:Toy", paper="toy-paper", task="toying",
                          summary="One layer", shape={"inputs": 4, "classes": 3},
                          recipe={"steps": 5, "rate": 1.0}, reader="zoo_toy.data:read")
            return [
                Architecture(name="toy", train="zoo_toy.train:train", **common),
                Architecture(name="proud", train="zoo_toy.train:refuse", **common),
            ]

        @hookimpl
        def zoo_models():
            same = {"lazy": BEFORE, "proud": {"architecture": "proud"},
                    "itself": {"architecture": "toy"}}
            return [
                Model(name=f"toy-{letter}", architecture="toy", dataset="toys", license="MIT",
                      summary="A toy.", runs=[{"fold": 0}, {"fold": 1}],
                      beside={**same, "tuned": {"architecture": "toy", "recipe": {"steps": n}}})
                for letter, n in (("a", 1), ("b", 2))
            ]

        @hookimpl
        def zoo_datasets():
            common = dict(title="Toys", license="MIT", source="made up", task="toying",
                          splits=["train", "test"])
            return [
                Dataset(name="toys", factory="zoo_toy.data:make", options={"fold": "0 or 1"},
                        **common),
                Dataset(name="drawn", factory="zoo_toy.data:make", options={"fold": "any"},
                        **common),
                Dataset(name="single", factory="zoo_toy.data:make", **common),
            ]
        """,
    "data.py": """
        import json
        from pathlib import Path

        import torch

        from zoo_core import BadInput, Split, notice

        class Toys:
            def __init__(self, x, y, test, folds=None):
                test = torch.as_tensor(test)
                self.rows = {"train": (~test).nonzero()[:, 0], "test": test.nonzero()[:, 0]}
                self.splits = tuple(self.rows)
                self.parts = {name: (x[rows], y[rows]) for name, rows in self.rows.items()}
                self.folds, self.metric_options = folds, {"num_classes": 3}
                self.facts = {"rows": len(x), "columns": x.shape[1]}
                self.print = float(x.sum())

            def split(self, name):
                return Split(self, name, self.rows[name])

            def fingerprint(self):
                return f"{self.print:.6f}"

        def make(fold=0):
            x = torch.randn(60, 4, generator=torch.Generator().manual_seed(fold))
            return Toys(x, x[:, :3].argmax(1), torch.arange(60) >= 30)

        def read(source, fold=0, folds=None):
            content = source if isinstance(source, dict) else json.loads(Path(source).read_text())
            x, y = torch.tensor(content["x"]), torch.tensor(content["y"])
            if content.get("odd"):
                notice("2 rows were dropped.")
            if content.get("split"):
                if fold:
                    raise BadInput("These bring their own split, so fold would change nothing.")
                return Toys(x, y, torch.arange(len(x)) % 4 == 0)
            own = content.get("folds")
            part = torch.arange(len(x)) % (own or folds or 4)
            if not (own or folds):
                part = (part + fold) % 4
                return Toys(x, y, part == 0)
            return Toys(x, y, part == fold, own)
        """,
    "train.py": """
        import torch

        def train(run, progress):
            module = run.make()
            x, y = run.data.parts["train"]
            optimizer = torch.optim.SGD(module.parameters(), lr=run.recipe["rate"])
            for _ in range(run.recipe["steps"]):
                optimizer.zero_grad()
                torch.nn.functional.cross_entropy(module(x), y).backward()
                optimizer.step()
            return module

        def refuse(run, progress):
            raise ValueError("these data are beneath it")
        """,
}


@pytest.fixture
def own(site):
    site.add_toy(beyond=OWN)
    site.use()
    return site


@pytest.fixture
def mine(tmp_path):
    """Write a file of toys and return its path; further keys say what the file brings."""
    import torch

    def write(name="mine.json", **more):
        x = torch.randn(48, 4, generator=torch.Generator().manual_seed(9))
        content = {"x": x.tolist(), "y": x[:, :3].argmax(1).tolist(), **more}
        path = tmp_path / name
        path.write_text(json.dumps(content))
        return str(path)

    return write


def test_a_method_and_its_baselines_run_over_made_folds_and_seeds(own, mine):
    rows = list(zoo.compare("toy", mine(), folds=4, seeds=[0, 5]))
    # "itself" is the method under another label, and "tuned" differs by model: no such settings.
    assert [row.method for row in rows] == ["toy", "lazy", "proud"]
    first, lazy, proud = rows
    assert first.result.options == {"folds": 4, "fold": [0, 0, 1, 1, 2, 2, 3, 3]}
    assert first.result.seeds == [0, 5] * 4
    assert len(first.result.values) == 8
    assert first.result.dataset == "mine.json"
    assert first.difference is None
    assert first.result.command.startswith("zoo evaluate toy --dataset mine.json --retrain")
    assert first.result.versions["zoo-toy"] == "1.0"
    by_run = [a - b for a, b in zip(first.result.values, lazy.result.values, strict=True)]
    by_fold = [statistics.fmean(by_run[i : i + 2]) for i in range(0, 8, 2)]
    expected = resampled(by_fold, 12 / 48)
    assert lazy.difference == expected
    assert lazy.difference.mean > 0
    assert f"± {100 * expected.reach:.1f} points" in lazy.ahead
    assert proud.result is None
    assert "beneath it" in proud.refused


def test_folds_of_ones_own_are_used_and_no_others_made(own, mine):
    path = mine(folds=3)
    made = comparison.comparison("toy", path)
    assert list(made.runs.options) == [{"fold": 0}, {"fold": 1}, {"fold": 2}]
    assert "3 folds that mine.json brings" in made.told
    assert "corrected" in made.told
    with pytest.raises(BadInput, match="brings 3 folds of its own, so 5 cannot be made"):
        comparison.comparison("toy", path, folds=5)


def test_folds_that_nobody_asked_for_are_said_once_and_can_be_an_error(own, mine):
    with pytest.warns(UserWarning, match="brings no folds, so 10 are made") as caught:
        rows = list(zoo.compare("toy", mine(odd=True)))
    texts = [str(one.message) for one in caught]
    assert sorted(texts) == sorted(set(texts)), "each is said once, not once a run"
    assert any("2 rows were dropped" in text for text in texts)
    assert len(rows[0].result.values) == 10
    with pytest.raises(BadInput, match="10 are made"):
        list(zoo.compare("toy", mine(), strict=True))


def test_one_split_is_run_over_seeds(own, mine):
    made = comparison.comparison("toy", mine(split=True))
    assert list(made.runs.options) == [{}, {}, {}]
    assert list(made.runs.seeds) == [0, 1, 2]
    assert not made.runs.corrected
    assert "the one split that mine.json brings, each with 3 seeds" in made.told
    single = list(comparison.comparison("toy", mine(split=True), seeds=[4]).rows())
    assert [row.difference for row in single] == [None] * len(single)


def test_what_is_in_memory_is_compared_as_what_is_on_disk(own, mine):
    from pathlib import Path

    path = mine()
    content = json.loads(Path(path).read_text())
    on_disk, in_memory = (
        [row.result.values for row in zoo.compare("toy", one, folds=3) if row.result]
        for one in (path, content)
    )
    assert on_disk == in_memory


def test_settings_reach_the_baselines_that_do_not_state_them(own, mine):
    made = comparison.comparison("toy", mine(), folds=2, config={"steps": 3, "rate": 0.5})
    assert made.recipes["toy"].recipe == {"steps": 3, "rate": 0.5}
    assert made.recipes["lazy"].recipe == {"steps": 0, "rate": 0.5}
    assert made.recipes["proud"].recipe == {"steps": 3, "rate": 0.5}


def test_the_baselines_of_a_model_are_its_own(own, mine):
    made = comparison.comparison("toy-b", mine(), folds=2)
    assert list(made.recipes) == ["toy-b", "lazy", "proud", "tuned"]
    assert list(comparison.comparison("toy-b", mine(), folds=2, beside=False).recipes) == ["toy-b"]


def test_registered_datasets_have_their_runs(own):
    assert len(comparison.comparison("toy", "toys").runs) == 2
    assert len(comparison.comparison("toy", "toys", folds=2, seeds=[0, 1, 2]).runs) == 6
    with pytest.raises(BadInput, match="2 runs; expected folds of at most as many"):
        comparison.comparison("toy", "toys", folds=3)
    drawn = comparison.comparison("toy", "drawn", folds=3)
    assert drawn.runs.share is None, "a generator draws each run anew: nothing to correct for"
    with pytest.raises(BadInput, match="has no folds"):
        comparison.comparison("toy", "single", folds=3)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"folds": 1}, "folds=1 is wrong; expected a whole number from 2"),
        ({"folds": 2.5}, "folds=2.5"),
        ({"seeds": []}, "no seeds"),
        ({"seeds": [1, 1]}, "different ones"),
        ({"seeds": [-1]}, "a seed=-1"),
        ({"options": {"fold": 1}}, "Every fold is run"),
        ({"config": {"stepz": 3}}, "stepz"),
    ],
    ids=str,
)
def test_wrong_runs_are_refused_before_anything_is_trained(own, mine, arguments, words):
    with pytest.raises(BadInput, match=words):
        comparison.comparison("toy", mine(), **arguments)


def test_the_shell_prints_rows_and_says_how_on_standard_error(own, mine, zoo_here):
    words = ["evaluate", "toy", "--dataset", mine(), "--retrain", "--folds", "3"]
    done = zoo_here(*words)
    assert done.code == 0, done.err
    head, first, lazy, proud = done.out.splitlines()
    assert head.split("\t")[0] == "method"
    assert first.startswith("toy\tmine.json\ttest\taccuracy\t")
    assert "points" in lazy
    assert "beneath it" in proud
    assert "3 folds of mine.json, made here" in done.err
    assert "Nadeau" in done.err
    rows = zoo_here(*words, "--seeds", "0,1", "--alone", "--json").json
    assert [row["method"] for row in rows] == ["toy"]
    assert len(rows[0]["values"]) == len(rows[0]["seeds"]) == 6
    assert rows[0]["versions"]["zoo-toy"] == "1.0"
    assert zoo_here(*words, "--seeds", "0,x").code == 2
    strict = zoo_here("evaluate", "toy", "--dataset", mine(), "--retrain", "--strict")
    assert strict.code == 2
    assert "10 are made" in strict.err
    refused = zoo_here(*words, "--store")
    assert refused.code == 2
    assert "not kept with its plugin" in refused.err


def test_a_claim_is_asked_on_other_data_by_its_own_bounds(own, mine, zoo_here):
    wins, loses = (
        next(iter(zoo.verify("toy-paper", claim=one, dataset=mine(), folds=4)))
        for one in ("wins", "loses")
    )
    assert (wins.verdict, loses.verdict) == ("holds", "fails")
    assert "lead at least 5 points" in wins.expected
    assert "not asked of others: accuracy, ratio" in wins.expected
    assert "4 folds of mine.json" in wins.data
    assert set(wins.figures) == {"toy", "toy(steps=0)"}
    (twice,) = zoo.verify("toy-paper", claim="twice", dataset=mine(), folds=4)
    first, second = (statistics.fmean(twice.figures[name]) for name in wins.figures)
    assert f"ratio {first / second:.2g}"[:9] in twice.measured
    assert results.stored_claims("toy-paper") == {}


def test_claims_are_named_after_their_paper(own, mine, zoo_here):
    done = zoo_here("verify", "toy-paper", "wins", "twice", "--dataset", mine(), "--folds", "4")
    assert done.code == 0, done.err
    assert [line.split(":")[0].split()[-1] for line in done.out.splitlines()[::3]] == [
        "wins",
        "twice",
    ]
    assert done.err.count("4 folds of mine.json") == 1
    assert verifying.names_and_claims(["toy-paper", "WINS"]) == [("toy-paper", ["wins"])]
    refused = zoo_here("verify", "toy-paper", "absolute", "--dataset", mine())
    assert refused.code == 2
    assert "these can be: wins, loses, twice, broken" in refused.err
    assert zoo_here("verify", "toy-paper", "nothing", "--dataset", mine()).code == 2
    assert zoo_here("verify", "toy-paper", "--dataset", mine(), "--store").code == 2
    assert zoo_here("verify", "toy-paper", "--folds", "3").code == 2


def test_a_claim_whose_methods_cannot_take_the_data_is_skipped(own, mine, zoo_here):
    done = zoo_here("verify", "toy-paper", "broken", "wins", "--dataset", mine(), "--folds", "4")
    assert done.code == 3
    assert "beneath it" in done.out
    assert "holds" in done.out


def test_a_single_run_settles_nothing(own, mine):
    with pytest.raises(BadInput, match=r"A single run over mine\.json has no spread"):
        list(zoo.verify("toy-paper", claim="wins", dataset=mine(split=True), seeds=[0]))


@pytest.mark.parametrize(
    "asked", ["accuracy", "count", "nothing"], ids=["absolute", "exact", "no bound of the claim"]
)
def test_absolute_figures_are_not_asked(asked):
    method = {"architecture": "a"}
    bounds = {"accuracy": value(at_least=80), "count": exact(equal=3), "lead": gain(at_least=1)}
    claim = {"name": "c", "statement": "s", "check": "m:f", "bounds": bounds}
    contrast = Contrast(bound="lead", first=method, second=method)
    assert Claim(**claim, asked={"lead": contrast}).asked["lead"].baselines == [method]
    with pytest.raises(SpecError, match="on differences or ratios"):
        Claim(**claim, asked={"it": Contrast(bound=asked, first=method, second=method)})


@pytest.mark.parametrize("second", [[], {"shape": {}}, [{"architecture": "a", "more": 1}]], ids=str)
def test_a_contrast_is_between_methods(second):
    with pytest.raises(SpecError, match="an architecture, and its shape and recipe"):
        Contrast(bound="lead", first={"architecture": "a"}, second=second)


def test_an_interval_over_folds_is_wider_than_one_over_draws(own, mine):
    runs = comparison.comparison("toy", mine(), folds=4).runs
    found = runs.estimate([0.1, 0.2, 0.3, 0.4])
    plain = resampled([0.1, 0.2, 0.3, 0.4], 1e-9)
    assert math.isclose(found.error / plain.error, math.sqrt(1 + 4 / 3), rel_tol=1e-6)
