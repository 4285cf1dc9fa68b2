"""Search, recall by the official rule, curves, the index, loop closures, and baselines."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchmetrics.retrieval import RetrievalHitRate, RetrievalMAP
from zoo_4dral.data import Session, World
from zoo_4dral.retrieval import search
from zoo_4dral.retrieval.baselines import SECTORS, correlation, scan_context
from zoo_4dral.retrieval.closing import as_g2o, candidates, closure_curve
from zoo_4dral.retrieval.curves import precision_recall
from zoo_4dral.retrieval.index import FILE, PlaceIndex
from zoo_4dral.retrieval.metrics import PlaceAveragePrecision, PlaceMaxF1, PlaceRecall
from zoo_4dral.retrieval.ranking import answers
from zoo_4dral.retrieval.search import nearest, unit

from zoo_core import BadInput


def rows(count, length=16, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return unit(torch.randn(count, length, generator=generator))


def session(name, poses):
    return Session(name, np.asarray(poses, np.float64), {})


def world(queries=40, places=60, seed=0, width=120.0):
    """Poses anywhere in a square, looked at from either side."""
    rng = np.random.default_rng(seed)
    found = []
    for name, count in (("query", queries), ("database", places)):
        heading = rng.choice([0.0, np.pi], count) + rng.normal(0, 0.1, count)
        found.append(session(name, np.column_stack([rng.uniform(0, width, (count, 2)), heading])))
    return World("square", found[1], found[0])


def measured(metric, place, queries, database, *keys):
    for found in answers(place, queries, database):
        metric.update(*(found[key] for key in keys))
    return float(metric.compute())


def recall(place, queries, database, count=1, radius=25.0, way=""):
    metric = PlaceRecall(count=count, radius=radius)
    return measured(metric, place, queries, database, f"metres{way}", f"nearest{way}")


@settings(max_examples=20)
@given(seed=st.integers(0, 999), count=st.integers(1, 30), half=st.booleans())
def test_blocks_find_what_one_product_finds(seed, count, half):
    """Blocks of 7 places; distances are those between the vectors."""
    queries, database = rows(5, seed=seed), rows(23, seed=seed + 1)
    stored = database.half() if half else database
    step, search.BLOCK_BYTES = search.BLOCK_BYTES, 4 * 256 * 7
    try:
        distances, numbers = nearest(queries, stored, count)
    finally:
        search.BLOCK_BYTES = step
    every = torch.cdist(queries.double(), database.double())
    best = every.topk(min(count, 23), largest=False)
    tolerance = 2e-3 if half else 1e-5
    assert torch.allclose(distances.double(), best.values, atol=tolerance)
    assert torch.allclose(every.gather(1, numbers), best.values, atol=tolerance)


def test_faiss_finds_the_same():
    pytest.importorskip("faiss")
    queries, database = rows(5), rows(300, seed=1).half()
    for ours, theirs in zip(
        nearest(queries, database, 7), nearest(queries, database, 7, faiss=True), strict=True
    ):
        assert torch.allclose(ours.double(), theirs.double(), atol=1e-5)


def test_without_faiss_it_is_said_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(BadInput, match="install faiss-cpu, or leave faiss out"):
        nearest(rows(2), rows(3), 1, faiss=True)


@settings(max_examples=10)
@given(seed=st.integers(0, 999))
def test_recall_rises_with_answers_and_radius_and_knows_no_order(seed):
    place, queries, database = world(seed=seed), rows(40, seed=seed), rows(60, seed=seed + 1)
    table = np.array(
        [[recall(place, queries, database, n, r) for n in (1, 5, 10)] for r in (25.0, 60.0)]
    )
    assert (np.diff(table, axis=1) >= 0).all()
    order = np.random.default_rng(seed).permutation(60)
    shuffled = World("square", session("database", place.database.poses[order]), place.query)
    assert recall(shuffled, queries, database[order], 5) == table[0, 1]


def test_recall_rises_with_the_radius_where_all_queries_count():
    """A larger radius also lets more queries count: with these all do, by the smallest."""
    place = world(width=30.0)
    values = [recall(place, rows(40), rows(60, seed=1), 1, radius) for radius in (12, 20, 30, 50)]
    assert values == sorted(values) and values[0] < values[-1] == 1


def test_a_map_of_the_queries_themselves_is_recognised():
    place, queries = world(), rows(40)
    same = World("same", place.query, place.query)
    assert recall(same, queries, queries, 1, 0.1) == 1


@pytest.mark.parametrize("radius", [10.0, 25.0])
def test_recall_and_precision_are_those_of_torchmetrics(radius):
    """Queries without a positive are skipped there too."""
    place, queries, database = world(width=200.0), rows(40), rows(60, seed=1)
    positive = torch.from_numpy(place.metres() <= radius)
    assert not positive.any(1).all()
    index = torch.arange(40)[:, None].expand(40, 60).flatten()
    # Above 0, as theirs counts no other score.
    scores = (queries @ database.T).flatten() + 2
    for count in (1, 5, 10):
        theirs = RetrievalHitRate(top_k=count, empty_target_action="skip")
        expected = theirs(scores, positive.flatten(), indexes=index)
        assert recall(place, queries, database, count, radius) == pytest.approx(float(expected))
    if radius == 25:
        found = measured(PlaceAveragePrecision(), place, queries, database, "precision", "nearest")
        theirs = RetrievalMAP(empty_target_action="skip")
        assert found == pytest.approx(float(theirs(scores, positive.flatten(), indexes=index)))


def test_ways_are_told_apart():
    """A query at a place of the map that was looked at in both directions."""
    place = World(
        "two ways",
        session("database", [[0, 0, 0], [1, 0, np.pi], [90, 0, 0]]),
        session("query", [[0, 0, 0.2], [90, 0, 0.1]]),
    )
    database = rows(3)
    first = database[[0, 2]]
    assert recall(place, first, database, way="-same") == 1
    assert recall(place, first, database, way="-opposite") in (0, 1)
    turned = unit(database[[0, 2]] + 0.5 * database[[1, 1]])
    # Without the place that looks alike, the one looked at the other way round is next.
    assert recall(place, turned, database, way="-opposite") == 1
    assert recall(place, unit(-database[[1, 1]] + database[[2, 2]]), database, way="-opposite") == 0
    away = World("one way", session("database", [[0, 0, 0]]), session("query", [[0, 0, 0]]))
    with pytest.raises(BadInput, match="No query has a place of the map within 25 m that counts"):
        recall(away, database[:1], database[:1], way="-opposite")


def test_lists_of_positives_do_without_poses():
    lists = [np.array([2]), np.array([], int), np.array([0, 1])]
    known = World(
        "lists", session("database", np.zeros((3, 3))), session("query", np.zeros((3, 3))), lists
    )
    database = torch.eye(3)
    assert recall(known, database[[2, 0, 2]], database) == 0.5
    [found] = answers(known, database, database)
    assert "metres-same" not in found


@settings(max_examples=30)
@given(distances=st.lists(st.integers(0, 6), min_size=1, max_size=12), seed=st.integers(0, 99))
def test_curves_count_by_hand(distances, seed):
    """Distances come in ties; each threshold is a set of answers that are believed."""
    rng = np.random.default_rng(seed)
    right = rng.random(len(distances)) < 0.5
    possible = max(1, int(right.sum()) + int(rng.integers(3)))
    curve = precision_recall(np.array(distances, float), right, possible)
    assert curve.thresholds.tolist() == sorted(set(distances))
    for threshold, precision, found in zip(
        curve.thresholds, curve.precision, curve.recall, strict=True
    ):
        believed = right[np.array(distances) <= threshold]
        assert precision == believed.mean() and found == believed.sum() / possible
    reachable = curve.precision.max()
    if reachable > 0:
        assert curve.precision[curve.thresholds == curve.threshold(reachable)] == reachable
    with pytest.raises(BadInput, match="precision"):
        curve.threshold(1.5)


def test_the_best_f1_is_that_of_a_threshold():
    metric = PlaceMaxF1()
    metric.update(
        torch.tensor([0.1, 0.2, 0.3]),
        torch.tensor([[1.0], [90.0], [2.0]]),
        torch.tensor([1.0, 5.0, 2.0]),
    )
    assert float(metric.compute()) == pytest.approx(2 * (2 / 3) * (2 / 3) / (4 / 3))


@pytest.mark.parametrize("radius", [0, -1, float("nan"), float("inf"), "far", True])
def test_a_radius_is_above_zero(radius):
    with pytest.raises(BadInput, match="expected metres above 0"):
        PlaceRecall(radius=radius)


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_an_index_grows_and_is_saved(tmp_path, dtype):
    index, database = PlaceIndex(dtype, model="mine"), rows(9)
    poses = np.arange(27.0).reshape(9, 3)
    for k in range(5):
        index.add(database[[k]], poses[[k]])
    index.add(database[5:].numpy(), poses[5:].tolist(), names="abcd")
    assert len(index) == 9 and torch.allclose(index.descriptors.float(), database, atol=1e-3)
    path = index.save(tmp_path / "map")
    again = PlaceIndex.load(tmp_path / "map")
    assert path.name == FILE and (again.dtype, again.model, len(again)) == (dtype, "mine", 9)
    assert torch.equal(again.descriptors, index.descriptors)
    first, second = again.query(database[6], 2)
    assert (first["place"], first["name"]) == (6, "b")
    assert first["distance"] < 0.05 < second["distance"]
    assert [first[key] for key in ("x", "y", "heading")] == [18, 19, 20]
    again.add(database[:1], poses[:1])
    assert len(again) == 10 and len(PlaceIndex.load(path)) == 9
    assert again.query_all(database[:0]) == []


def bad_pose(index):
    index.add(rows(1), [[0.0, np.nan, 0.0]])


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (lambda index: index.add(rows(2, 8)), "do not go into an index of 16"),
        (lambda index: index.add(rows(2)), "give poses for all"),
        (lambda index: index.add(rows(2), np.zeros((3, 3))), r"\(3, 3\) for 2 places"),
        (lambda index: index.add(rows(2), np.zeros((2, 2))), r"\(2, 2\) for 2 places"),
        (bad_pose, "not finite"),
        (lambda index: index.add(rows(1), np.zeros((1, 3)), ["a", "b"]), "2 names for 1"),
        (lambda index: index.add(torch.full((1, 16), torch.nan), np.zeros((1, 3))), "not finite"),
        (lambda index: index.query(rows(1)), r"expected one row \(d,\)"),
        (lambda index: index.query(rows(1)[0], 0), "count=0"),
        (lambda index: index.query(rows(1, 8)[0]), "8 numbers are looked for in a map of 16"),
        (lambda index: PlaceIndex().query(rows(1)[0]), "The map has no places"),
        (lambda index: PlaceIndex("int8"), "expected float32 or float16"),
        (lambda index: index.add("abc"), "str is no table of descriptors"),
        (lambda index: index.add(np.ones((1, 16), complex)), "expected real numbers"),
        (lambda index: index.add(rows(1), np.zeros((1, 3)), 5), "expected a list of texts"),
        (lambda index: index.query(rows(1)[0], 1.5), "count=1.5"),
        (lambda index: PlaceIndex.load(None), "None is no path"),
    ],
    ids=range(17),
)
def test_an_index_refuses_what_does_not_fit(act, told):
    index = PlaceIndex()
    index.add(rows(3), np.zeros((3, 3)))
    with pytest.raises(BadInput, match=told):
        act(index)
    assert len(index) == 3


def test_a_file_that_is_no_index_is_refused(tmp_path):
    from safetensors.torch import save_file

    with pytest.raises(BadInput, match="There is no index at"):
        PlaceIndex.load(tmp_path)
    (tmp_path / FILE).write_bytes(b"\x80\x04pickle")
    with pytest.raises(BadInput, match="no whole index"):
        PlaceIndex.load(tmp_path)
    save_file({"descriptors": rows(2)}, tmp_path / FILE)
    with pytest.raises(BadInput, match="no index of places"):
        PlaceIndex.load(tmp_path)


def loop():
    """Twice around a circle of 200 m, a place every 5 m; the descriptor tells the place."""
    angle = np.linspace(0, 4 * np.pi, 81)[:-1]
    radius = 200 / (2 * np.pi)
    poses = np.column_stack([radius * np.cos(angle), radius * np.sin(angle), angle + np.pi / 2])
    descriptors = unit(rows(40).repeat(2, 1) + 0.02 * rows(80, seed=1))
    return descriptors, poses


def test_loops_are_closed_where_a_place_is_passed_again():
    descriptors, poses = loop()
    found = candidates(descriptors, poses)
    assert all(one.older <= one.newer - 10 for one in found)
    curve = closure_curve(found, poses)
    threshold = curve.threshold(1.0)
    closed = [one for one in found if one.distance <= threshold]
    assert [(one.newer, one.older) for one in closed[-40:]] == [(k + 40, k) for k in range(40)]
    assert curve.recall[curve.thresholds == threshold] > 0.85
    lines = as_g2o(poses, closed).splitlines()
    assert len(lines) == 80 + 79 + len(closed)
    assert lines[3].split()[:2] == ["VERTEX_SE2", "3"]
    kind, one, other, dx, dy, turn, *information = lines[80].split()
    assert (kind, one, other) == ("EDGE_SE2", "0", "1") and len(information) == 6
    assert float(turn) == pytest.approx(4 * np.pi / 80, abs=1e-6)
    assert np.hypot(float(dx), float(dy)) == pytest.approx(5, abs=0.1)


def test_a_drive_that_never_returns_has_no_loop():
    poses = np.column_stack([np.arange(0, 200, 5.0), np.zeros(40), np.zeros(40)])
    found = candidates(rows(40), poses)
    with pytest.raises(BadInput, match="No place was passed twice"):
        closure_curve(found, poses)
    with pytest.raises(BadInput, match="gap=0"):
        candidates(rows(40), poses, gap=0)
    assert candidates(rows(2), poses[:2]) == []


def test_baselines_are_unit_rows_that_follow_the_image():
    images = torch.zeros(3, 1, 64, 64)
    for image, row, column in zip(images[:, 0], (30, 31, 5), (40, 40, 5), strict=True):
        image[row : row + 5, column : column + 5] = 1
    for describe in (scan_context, correlation):
        found = describe(images)
        assert torch.allclose(found.norm(dim=1), torch.ones(3))
        assert found[0] @ found[1] > 0.5 > 0.1 > found[0] @ found[2]
        with pytest.raises(BadInput, match="expected"):
            describe(images[:, :, :32])


def test_a_turned_sensor_shifts_the_sectors():
    ahead, left = (torch.arange(64) + 0.5)[:, None], (torch.arange(64) - 31.5)[None]
    bearing, apart = torch.atan2(left, ahead), torch.hypot(ahead, left)
    width = np.pi / SECTORS
    wedges = [((bearing / width).floor() == k) & (apart < 40) & (apart > 20) for k in (0, 3)]
    images = torch.stack(wedges)[:, None].float()
    one, other = scan_context(images).view(2, -1, SECTORS)
    assert torch.allclose(one.roll(3, 1), other, atol=1e-6)
