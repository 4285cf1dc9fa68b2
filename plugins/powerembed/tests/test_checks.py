"""The claims' verdicts: the statistics, and each check on accuracies made up to decide it."""

from __future__ import annotations

import json
import math
import sys
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from zoo_graphs.graph import Graph
from zoo_powerembed import checks
from zoo_powerembed.powerembed import PowerEmbed
from zoo_powerembed.specs.claims import CLAIMS as SPECS

from zoo_core import building, shell
from zoo_core.statistics import Estimate, at_least, at_most, estimate, paired, together

HOLDS, FAILS, OPEN = "holds", "fails", "not established"
ORDER = (FAILS, OPEN, HOLDS)
CLAIMS = {claim.name: claim for claim in SPECS}
examples = settings(max_examples=60, deadline=None, derandomize=True, database=None)
points = st.floats(0, 100)
finite = st.floats(-60, 60)


# --- the statistics ---


@examples
@given(st.lists(st.tuples(points, points), min_size=2, max_size=12))
def test_estimates_are_means_with_student_intervals(pairs):
    first, second = np.array(pairs).T
    differences = first - second
    found = paired(first.tolist(), second.tolist())
    assert found == estimate(differences.tolist())
    assert found.mean == pytest.approx(differences.mean(), abs=1e-9)
    assert found.error == pytest.approx(stats.sem(differences), abs=1e-9)
    if found.error > 1e-6:
        low, high = stats.t.interval(
            0.95, len(pairs) - 1, loc=found.mean, scale=stats.sem(differences)
        )
        assert (found.mean - found.reach, found.mean + found.reach) == pytest.approx((low, high))


def test_pairing_removes_what_folds_share():
    folds = [50.0, 70.0, 90.0]
    assert paired([fold + 1 for fold in folds], folds) == Estimate(1, 0, 0)
    with pytest.raises(ValueError, match="shorter"):
        paired(folds, folds[:2])


def test_few_runs_are_weighed_as_few():
    three, ten = estimate([0.0, 1.0, 2.0]), estimate([0.0, 1.0, 2.0] * 3 + [1.0])
    assert three.reach / three.error == pytest.approx(4.303, abs=1e-3)
    assert ten.reach / ten.error == pytest.approx(2.262, abs=1e-3)


@pytest.mark.parametrize(
    ("mean", "reach", "threshold", "verdict"),
    [
        (6.0, 1.0, 6, HOLDS),  # the mean reaches the bound, and the gain is resolved
        (5.9, 1.0, 6, OPEN),  # short of the bound, by less than is resolved
        (4.9, 1.0, 6, FAILS),
        (7.0, 7.5, 6, OPEN),  # reaches the bound, but may be no gain at all
        (0.0, 0.0, 0, OPEN),  # equal is not ahead
        (0.1, 0.0, 0, HOLDS),
        (-0.1, 0.0, 0, FAILS),
        (1.0, 1.0, 0, OPEN),
        (-3.0, 0.9, -4, HOLDS),  # a loss, resolved to be within what is allowed
        (-3.0, 1.1, -4, OPEN),  # noise is not equality
        (9.0, 20.0, -4, OPEN),
        (-5.0, 0.9, -4, FAILS),
        (-5.0, 1.1, -4, OPEN),
        (math.nan, 0.0, 0, OPEN),
        (0.0, math.nan, 0, OPEN),
    ],
)
def test_at_least(mean, reach, threshold, verdict):
    found = Estimate(mean, reach / 2, reach)
    assert at_least(found, threshold) == verdict
    assert at_most(-found, -threshold) == verdict


@examples
@given(finite, st.floats(0, 20), st.floats(0.1, 20), finite)
def test_better_means_never_worsen_a_verdict_and_noise_never_decides(mean, reach, more, threshold):
    before = at_least(Estimate(mean, 0, reach), threshold)
    better = at_least(Estimate(mean + more, 0, reach), threshold)
    assert ORDER.index(better) >= ORDER.index(before)
    assert at_least(Estimate(mean, 0, reach + more), threshold) in (before, OPEN)
    assert before != FAILS or mean < threshold
    assert before != HOLDS or mean >= threshold


def test_together():
    assert together([HOLDS, HOLDS]) == HOLDS
    assert together([HOLDS, OPEN]) == together([OPEN, HOLDS]) == OPEN
    assert together([OPEN, FAILS, HOLDS]) == together([FAILS]) == FAILS


# --- where the accuracies come from ---


def test_accuracies_are_points_of_each_fold(monkeypatch):
    asked = []

    def protocol(*arguments):
        asked.append(arguments)
        return [0.5] * len(arguments[2])

    monkeypatch.setattr(checks, "protocol", protocol)
    assert checks.accuracies("gcn", "cora", hidden=8) == [50.0] * checks.FOLDS
    assert checks.accuracies("gcn", "cora", 3) == [50.0] * 3
    folds = [{"fold": fold} for fold in range(10)]
    assert asked == [("gcn", "cora", folds, {"hidden": 8}), ("gcn", "cora", folds[:3], {})]


@pytest.mark.parametrize("dataset", [*checks.WEBKB, "cora", "chameleon", "sbm-dense"])
def test_settings_are_those_of_the_registered_models(dataset):
    for config in (checks.chosen(dataset), checks.chosen_unnormalised(dataset)):
        building.check_config(
            PowerEmbed, {**config, "in_features": 2, "num_classes": 2}, "powerembed"
        )
    assert checks.chosen(dataset) is not checks.chosen(dataset)  # a copy, free to be changed


# --- each check on made-up accuracies ---

LEVELS = {
    "T1": lambda a, d, c: (
        {"powerembed": 99, "gcn": 50, "sgc": 55}[a]
        if d == "sbm-dense"
        else {"powerembed": 80, "gcn": 50, "sgc": 50}[a]
    ),
    "T2": lambda a, d, c: 65 if c["normalize"] == "inverse" else 50 if c["hops"] == 2 else 30,
    "T3": lambda a, d, c: 80 if a == "powerembed" else 60,
    "T4": lambda a, d, c: 80 - (c["hops"] == 10) * (1 if c["normalize"] == "inverse" else 20),
    "T5": lambda a, d, c: {"powerembed": 84, "node-mlp": 76, "gcn": 87}[a],
    "T6": lambda a, d, c: 80,
    "ten-graphs": lambda a, d, c: 80 if a == "gcn" else 82,
    "cora-company": lambda a, d, c: {"powerembed": 84, "gcn": 87, "gprgnn": 87, "gcnii": 87}.get(
        a, 80
    ),
}
"""Accuracies by architecture, dataset and config under which a claim holds."""

EDGES = [
    # claim, architecture, dataset, what its config has, points more, verdict
    ("T1", "powerembed", "sbm-dense", {"mode": "last"}, -1.9, HOLDS),
    ("T1", "powerembed", "sbm-dense", {"mode": "last"}, -2.1, FAILS),
    ("T1", "powerembed", "sbm-dense", {"hops": 10}, -2.1, FAILS),
    ("T1", "gcn", "sbm-dense", {}, 9.9, HOLDS),
    ("T1", "gcn", "sbm-dense", {}, 10.1, FAILS),
    ("T1", "sgc", "sbm-dense", {}, 5.1, FAILS),
    ("T1", "gcn", "sbm-sparse", {}, 9.9, HOLDS),
    ("T1", "gcn", "sbm-sparse", {}, 10.1, FAILS),
    ("T1", "sgc", "sbm-sparse", {}, 40, HOLDS),  # no side is taken there
    ("T2", "powerembed", "chameleon", {"normalize": "none", "hops": 2}, 8.9, HOLDS),
    ("T2", "powerembed", "chameleon", {"normalize": "none", "hops": 2}, 9.1, FAILS),
    ("T2", "powerembed", "chameleon", {"normalize": "none", "hops": 10}, 9.9, HOLDS),
    ("T2", "powerembed", "chameleon", {"normalize": "none", "hops": 10}, 10.1, FAILS),
    ("T3", "gcn", "texas", {}, 4.9, HOLDS),
    ("T3", "gcn", "texas", {}, 5.1, FAILS),
    ("T3", "gcn", "cornell", {}, 9.9, HOLDS),
    ("T3", "gcn", "cornell", {}, 10.1, FAILS),
    ("T3", "gcn", "cornell-geomgcn", {}, 10.1, FAILS),
    ("T4", "powerembed", "texas", {"normalize": "inverse", "hops": 10}, -2.9, HOLDS),
    ("T4", "powerembed", "texas", {"normalize": "inverse", "hops": 10}, -3.1, FAILS),
    ("T4", "powerembed", "cornell", {"normalize": "inverse", "hops": 10}, -3.1, FAILS),
    ("T4", "powerembed", "cornell", {"normalize": "none", "hops": 10}, 9.9, HOLDS),
    ("T4", "powerembed", "cornell", {"normalize": "none", "hops": 10}, 10.1, FAILS),
    ("T5", "powerembed", "cora", {}, -1.4, HOLDS),
    ("T5", "powerembed", "cora", {}, -1.6, FAILS),
    ("T5", "node-mlp", "cora", {}, 3.1, FAILS),
    ("T5", "gcn", "cora", {}, -3.1, FAILS),
    ("T6", "node-mlp", "texas", {}, -3.9, HOLDS),
    ("T6", "node-mlp", "texas", {}, -4.1, FAILS),
    ("T6", "node-mlp", "cornell", {}, -4.1, FAILS),
    ("T6", "node-mlp", "cornell-geomgcn", {}, 20, HOLDS),
    ("T6", "sign", "texas", {}, -4.1, FAILS),
    ("T6", "sign", "sbm-dense", {}, -4.1, FAILS),
    ("ten-graphs", "gcn", "squirrel", {}, 1.9, HOLDS),
    ("ten-graphs", "gcn", "squirrel", {}, 2.1, FAILS),
    ("ten-graphs", "gcn", "cs", {}, 6.9, HOLDS),
    ("ten-graphs", "gcn", "cs", {}, 7.1, FAILS),
    ("cora-company", "gcn", "cora", {}, -3.1, FAILS),
    ("cora-company", "node-mlp", "cora", {}, 4.1, FAILS),
    ("cora-company", "sign", "cora", {}, 9, HOLDS),
]
"""One accuracy moved to just inside or just outside of what a claim's text expects."""


@pytest.fixture
def made_up(monkeypatch):
    """Return check(claim, level, spread): run a claim's check on accuracies of these levels.

    `spread` moves the normalised PowerEmbed's runs up and down by so many points, in turn.
    """

    def check(name, level, spread=0.0):
        calls = []

        def accuracies(architecture, dataset, folds=None, **config):
            calls.append((architecture, dataset, config))
            moved = architecture == "powerembed" and config.get("normalize") != "none"
            moved = moved and (name != "T4" or config["hops"] == 10)
            count = folds or checks.FOLDS
            noise = [spread * moved * (1 if run % 2 else -1) for run in range(count)]
            return [float(level(architecture, dataset, config)) + one for one in noise]

        monkeypatch.setattr(checks, "accuracies", accuracies)
        finding = building.resolve(CLAIMS[name].check)()
        assert len({json.dumps(call, sort_keys=True) for call in calls}) >= len(finding.figures)
        return finding

    return check


def test_every_claim_is_tried_here():
    assert set(CLAIMS) - {"twins"} == set(LEVELS) == {edge[0] for edge in EDGES}


@pytest.mark.parametrize("name", LEVELS)
def test_a_claim_holds_and_tells_its_figures(made_up, name):
    finding = made_up(name, LEVELS[name])
    assert finding.verdict == HOLDS
    assert json.loads(json.dumps(asdict(finding))) == asdict(finding)  # as `--store` keeps it
    lengths = {len(row) for row in finding.figures.values()}
    on_webkb = any(key.split()[0] in checks.WEBKB for key in finding.figures)
    repeats = checks.REPEATS if on_webkb else 1
    assert finding.seeds == list(range(max(lengths) * repeats))
    assert (f"{repeats} trainings each on WebKB" in finding.measured) == on_webkb
    assert "\n" not in finding.measured
    assert ("standard error" in finding.measured) == ("±" in finding.measured)
    assert f"{' or '.join(map(str, sorted(lengths)))} folds" in finding.measured
    for dataset in ("texas", "cornell", "squirrel", "cs", "hop 10", "sparse", "MLP", "GCN"):
        if any(dataset in key for key in finding.figures):
            assert dataset in finding.measured


@pytest.mark.parametrize("name", LEVELS)
def test_noise_makes_a_claim_neither_hold_nor_fail(made_up, name):
    assert made_up(name, LEVELS[name], spread=60).verdict == OPEN


@pytest.mark.parametrize(("name", "architecture", "dataset", "having", "more", "verdict"), EDGES)
def test_the_expected_bounds_decide(made_up, name, architecture, dataset, having, more, verdict):
    moved = []

    def level(*call):
        fits = call[:2] == (architecture, dataset) and having.items() <= call[2].items()
        moved.append(fits)
        return LEVELS[name](*call) + (more if fits else 0)

    assert made_up(name, level).verdict == verdict
    assert any(moved)


def test_figures_of_the_measured_text(made_up):
    finding = made_up("T3", LEVELS["T3"], spread=3)
    assert "texas: 80.0 against 60.0, difference +20.0 ± 1.0" in finding.measured
    assert finding.figures["texas powerembed"][:2] == [77.0, 83.0]
    assert finding.measured.endswith("(± standard error; 10 folds, 5 trainings each on WebKB)")


@pytest.mark.parametrize(("more", "code"), [(0, 0), (10, 1)])
def test_zoo_verify_tells_the_verdict(made_up, monkeypatch, capsys, more, code):
    made_up("T3", lambda a, d, c: LEVELS["T3"](a, d, c) + more * (a == "gcn"))
    monkeypatch.setattr(sys, "argv", ["zoo", "verify", "powerembed", "--claim", "T3", "--json"])
    with pytest.raises(SystemExit) as stopped:
        shell.main()
    (line,) = json.loads(capsys.readouterr().out)
    assert stopped.value.code == code
    assert line["verdict"] == (FAILS if code else HOLDS)
    assert CLAIMS["T3"].expected in line["expected"]


@pytest.mark.parametrize(
    ("dataset", "shares", "verdict"),
    [
        ("cora", [4.9], HOLDS),
        ("cora", [0.0, 5.1], FAILS),
        ("squirrel", [24.0, 26.2], HOLDS),
        ("squirrel", [24.0, 25.8], FAILS),
    ],
)
def test_twins_on_made_up_shares(monkeypatch, dataset, shares, verdict):
    def share(name, fold):
        if name == dataset:
            return shares[fold % len(shares)]
        return 30.0 if checks.TWINNED[name] else 1.0

    monkeypatch.setattr(checks, "twin_share", share)
    finding = building.resolve(CLAIMS["twins"].check)()
    assert finding.verdict == verdict
    assert all(name in finding.measured for name in checks.TWINNED)
    assert "±" not in finding.measured
    assert json.loads(json.dumps(asdict(finding))) == asdict(finding)


def test_twins_have_the_same_neighbours_and_label(monkeypatch):
    """Nodes 2 to 5 are joined to 0 and 1; node 6 to 0 alone, as node 7 is."""
    edges = [(hub, leaf) for leaf in range(2, 6) for hub in (0, 1)] + [(0, 6), (0, 7)]
    masks = {"train": np.isin(range(8), [2, 6]), "test": np.isin(range(8), [3, 4, 5, 7])}
    graph = Graph.from_edges(edges, np.eye(8), [0, 0, 1, 1, 1, 0, 1, 1], masks)
    monkeypatch.setattr(checks, "load_dataset", lambda name, fold: graph)
    assert checks.twin_share("any", 0) == 50  # 3 and 4; 5 has another label, 7 one neighbour


@pytest.mark.slow
def test_a_check_from_end_to_end(monkeypatch):
    """Two small runs of each method on generated graphs: no data, all the code, no conclusion."""
    protocol = checks.protocol
    monkeypatch.setattr(checks, "FOLDS", 2)
    monkeypatch.setattr(
        checks,
        "protocol",
        lambda name, data, runs, config: protocol(name, data, runs, {**config, "epochs": 3}),
    )
    finding = checks.depth_on_block_models()
    assert finding.verdict in ORDER
    assert len(finding.figures) == 8
    assert all(
        len(row) == 2 and 0 <= min(row) <= max(row) <= 100 for row in finding.figures.values()
    )
    assert finding.figures["sbm-dense all"] != finding.figures["sbm-dense gcn"]


def test_webkb_folds_are_means_over_trainings(monkeypatch):
    asked = []

    def protocol(architecture, dataset, runs, config):
        asked.append(runs)
        return [run["fold"] + 10 * i for i, run in enumerate(runs)]

    monkeypatch.setattr(checks, "protocol", protocol)
    found = checks.accuracies("gcn", "texas", 2)
    assert asked == [[{"fold": 0}, {"fold": 1}] * checks.REPEATS]
    # Runs of fold 0 are those with even numbers: 0, 20, ..., 80.
    assert found == [100 * 40.0, 100 * 51.0]
    assert checks.accuracies("gcn", "cora", 2) == [0.0, 1100.0]
