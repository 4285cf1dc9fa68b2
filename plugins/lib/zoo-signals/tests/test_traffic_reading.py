"""A user's traffic: tables of speeds with their times, graphs and clusters in all forms."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from zoo_signals.speed_table import read_speeds
from zoo_signals.traffic_reading import read_traffic

from zoo_core import BadInput, Notice

NAMES = ["101", "a", "c7"]
SPEEDS = 50 + np.arange(120).reshape(40, 3) % 17
STAMPS = [datetime(2024, 5, 1, 23, 0) + timedelta(minutes=10 * i) for i in range(40)]


def table(stamps=STAMPS, speeds=SPEEDS, names=NAMES):
    head = ([] if stamps is None else ["time"]) + list(names)
    rows = [
        ([] if stamps is None else [stamps[i].isoformat(sep=" ")]) + [str(v) for v in row]
        for i, row in enumerate(speeds)
    ]
    return "\n".join(",".join(row) for row in [head, *rows]) + "\n"


@pytest.fixture
def week(tmp_path):
    (tmp_path / "speeds.csv").write_text(table())
    (tmp_path / "edges.csv").write_text("source,target,weight\n101,a,0.5\na,101,0.25\na,c7,1\n")
    return tmp_path


def test_a_folder(week):
    data = read_traffic(week)
    assert list(data.graph.names) == NAMES and data.minutes == 10
    np.testing.assert_array_equal(data.speeds.numpy(), SPEEDS)
    assert data.graph.adjacency().tolist() == [[0, 0.5, 0], [0.25, 0, 1], [0, 0, 0]]
    assert float(data.times[0]) == pytest.approx(23 / 24) and float(data.times[6]) == 0
    assert data.clusters.tolist() == [0, 0, 0]


CLUSTERS = {
    "lists of names": [["101", "c7"], ["a"]],
    "lists of places": [[0, 2], [1]],
    "a mapping": {"101": "north", "c7": "north", "a": "south"},
    "labels": [0, 1, 0],
}


@pytest.mark.parametrize("form", CLUSTERS)
def test_clusters_in_all_forms(week, form):
    (week / "clusters.json").write_text(json.dumps(CLUSTERS[form]))
    assert read_traffic(week).clusters.tolist() == [0, 1, 0]
    told = read_traffic(week, clusters=CLUSTERS[form])
    assert told.clusters.tolist() == [0, 1, 0]


def test_one_of_several_partitions_is_chosen(week):
    (week / "clusters.json").write_text(json.dumps({"two": [[0, 1], [2]], "three": [0, 1, 2]}))
    assert read_traffic(week, clusters="two").clusters.tolist() == [0, 0, 1]
    with pytest.raises(BadInput, match=r"choose one: clusters=two\|three"):
        read_traffic(week)
    with pytest.raises(BadInput, match="'tow' is none of the partitions here"):
        read_traffic(week, clusters="tow")
    counted = read_traffic(week, clusters=3, coarsen=lambda graph, k: np.arange(len(graph)) % k)
    assert counted.clusters.tolist() == [0, 1, 2]


@pytest.mark.parametrize("graph", ["edges", "adjacency", "places"])
def test_arrays_and_files_of_the_same(week, graph, tmp_path):
    expected = read_traffic(week)
    ends, weights = expected.graph.edges, expected.graph.weights
    arrays = {"speeds": SPEEDS, "sensors": np.array(NAMES), "times": np.array(STAMPS, "M8[s]")}
    if graph == "adjacency":
        arrays["adjacency"] = expected.graph.adjacency()
    else:
        arrays |= {"edges": ends if graph == "edges" else ends.T, "weights": weights}
    np.savez(tmp_path / "week.npz", **arrays)
    for source in (arrays, tmp_path / "week.npz"):
        found = read_traffic(source)
        np.testing.assert_array_equal(found.speeds.numpy(), SPEEDS)
        np.testing.assert_array_equal(found.times.numpy(), expected.times.numpy())
        np.testing.assert_array_equal(found.graph.adjacency(), expected.graph.adjacency())
        assert list(found.graph.names) == NAMES


def test_a_table_with_its_graph_told(week):
    expected = read_traffic(week)
    (week / "adjacency.csv").write_text("0,0.5,0\n0.25,0,1\n0,0,0\n")
    (week / "places.csv").write_text("source_index,target_index\n0,1\n1,2\n")
    found = read_traffic(week / "speeds.csv", edges=week / "edges.csv")
    np.testing.assert_array_equal(found.graph.adjacency(), expected.graph.adjacency())
    found = read_traffic(week / "speeds.csv", adjacency=week / "adjacency.csv")
    np.testing.assert_array_equal(found.graph.adjacency(), expected.graph.adjacency())
    places = read_traffic(week / "speeds.csv", edges=week / "places.csv")
    assert places.graph.weights.tolist() == [1, 1]


def test_speeds_of_frames_and_arrays():
    frame = pd.DataFrame(SPEEDS, columns=NAMES)
    stamped = pd.DataFrame(SPEEDS, index=pd.DatetimeIndex(STAMPS), columns=NAMES)
    for source, told in (
        (stamped, {}),
        (frame.assign(time=STAMPS)[["time", *NAMES]], {}),
        (frame, {"start": "23:00", "minutes": 10}),
        (SPEEDS, {"start": "23:00", "minutes": 10, "names": NAMES}),
    ):
        found = read_speeds(source, **told)
        assert found.names == tuple(NAMES) and found.minutes == 10
        assert float(found.times[0]) == pytest.approx(23 / 24)
        np.testing.assert_array_equal(found.values.numpy(), SPEEDS)


def test_speeds_are_put_in_the_wanted_order(week):
    found = read_speeds(week / "speeds.csv", names=["c7", "101", "a"])
    np.testing.assert_array_equal(found.values.numpy(), SPEEDS[:, [2, 0, 1]])
    with pytest.warns(Notice, match="1 columns are no sensors of the model's"):
        assert read_speeds(week / "speeds.csv", names=["c7", "a"]).names == ("c7", "a")
    with pytest.warns(Notice, match="5 minutes apart"):
        read_speeds(SPEEDS, names=NAMES, start="00:00")


def test_gaps_in_time_are_told_and_no_window_goes_over_them(tmp_path):
    stamps = [*STAMPS[:20], *(one + timedelta(hours=2) for one in STAMPS[20:])]
    (tmp_path / "speeds.csv").write_text(table(stamps))
    edges = {"edges": [[0, 1], [1, 2]]}
    with pytest.warns(Notice, match="Time jumps 1 times"):
        found = read_traffic(tmp_path / "speeds.csv", **edges, history=2, horizon=1)
    first = found.rows["train"].tolist()
    assert 17 in first and 18 not in first and 19 not in first and 20 in first


def broken(row, column, value):
    speeds = SPEEDS.astype(object)
    speeds[row, column] = value
    return speeds


REFUSED = {
    "nan": (table(speeds=broken(3, 1, "")), {}, "no speed (nan) for sensor a in row 3"),
    "negative": (table(speeds=broken(5, 2, -1)), {}, "a negative speed (-1) for sensor c7"),
    "text": (table(speeds=broken(5, 2, "fast")), {}, "'fast' for sensor c7 in row 5"),
    "no time": (table(None), {}, "say when its first row is, as start=08:00"),
    "start": (table(None), {"start": "late"}, "expected a time of day such as 08:00"),
    "minutes": (table(None), {"start": "00:00", "minutes": 0}, "expected the minutes of a step"),
    "both": (table(), {"start": "00:00"}, "leave start and minutes out"),
    "order": (table(STAMPS[::-1]), {}, "expected times that ascend"),
    "uneven": (table([*STAMPS[:-1], STAMPS[-2] + timedelta(minutes=3)]), {}, "steps of 10 minutes"),
    "no stamp": (table().replace("2024-05-02", "tomorrow"), {}, "no number and no time"),
    "missing": (table(names=["101", "a", "x"]), {}, "sensor 'c7' in row 2"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_speeds_that_are_none_are_refused_in_one_sentence(week, case):
    text, options, told = REFUSED[case]
    (week / "speeds.csv").write_text(text)
    with pytest.raises(BadInput) as caught:
        read_traffic(week, **options)
    assert told in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "No graph is given"),
        ({"edges": [[0, 1], [1, 9]]}, "joins sensor 9"),
        ({"edges": [[0, 0.5], [1, 2]]}, "whole numbers from 0"),
        ({"edges": np.zeros((3, 3))}, r"expected \(2, E\)"),
        ({"edges": [[0], [1]], "adjacency": np.eye(3)}, "Both edges and an adjacency"),
        ({"adjacency": np.eye(4)}, r"expected \(3, 3\)"),
        ({"adjacency": np.full((3, 3), np.nan)}, "NaN"),
        ({"adjacency": -np.eye(3)}, "above 0"),
        ({"edges": [[0], [1]], "clusters": [0, 1]}, "clusters of 2 sensors; expected 3"),
        ({"edges": [[0], [1]], "clusters": [[0, 1], [1]]}, "each of 0 to 2 once"),
        ({"edges": [[0], [1]], "clusters": {"101": 1}}, "differ in 2 sensors"),
        ({"edges": [[0], [1]], "clusters": "nowhere.json"}, "cannot be read as JSON"),
    ],
    ids=["none", "place", "half", "shape", "both", "size", "nan", "negative", "few", "twice",
         "names", "file"],
)  # fmt: skip
def test_graphs_and_clusters_that_do_not_fit_are_refused(given, told):
    speeds = pd.DataFrame(SPEEDS, columns=NAMES, index=pd.DatetimeIndex(STAMPS))
    with pytest.raises(BadInput, match=told):
        read_traffic(speeds, **given)


def test_folders_without_what_is_needed_are_refused(week):
    (week / "speed_again.csv").write_text("")
    with pytest.raises(BadInput, match=r"several files of speeds: speed_again\.csv, speeds\.csv"):
        read_traffic(week)
    for name in ("speeds.csv", "speed_again.csv"):
        (week / name).unlink()
    with pytest.raises(BadInput, match="no file of speeds"):
        read_traffic(week)
    with pytest.raises(BadInput, match="no speeds among edges"):
        np.savez(week / "x.npz", edges=[[0], [1]])
        read_traffic(week / "x.npz")


def test_what_is_not_used_is_told(week):
    (week / "notes.txt").write_text("")
    with pytest.warns(Notice, match=r"Not used: notes\.txt"):
        read_traffic(week)
    (week / "edges.csv").write_text("source,target\n101,a\n")
    (week / "notes.txt").unlink()
    with pytest.warns(Notice, match="1 sensors have no edge"):
        read_traffic(week)
