"""What a user does with traffic: forecast the next minutes, train on their own roads."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest

import zoo
from zoo_core import BadInput, Notice


@pytest.fixture(scope="module")
def model():
    return zoo.load("autdcrnn2-metrla")


@pytest.fixture(scope="module")
def speeds(model):
    """Two hours at the model's sensors, from 8 in the morning."""
    rng = np.random.default_rng(0)
    index = pd.date_range("2024-05-01 08:00", periods=24, freq="5min")
    values = rng.uniform(40, 65, (24, len(model.sensors))).round(1)
    return pd.DataFrame(values, index=index, columns=model.sensors)


def test_the_next_quarter_of_an_hour(run, model, speeds, tmp_path):
    speeds.to_csv(tmp_path / "week.csv")
    done = run("predict", "autdcrnn2-metrla", tmp_path / "week.csv", "--json")
    assert done.code == 0, done.err
    rows = done.json
    assert [row["sensor"] for row in rows] == model.sensors
    assert all(20 < row[ahead] < 90 for row in rows for ahead in ("5 min", "10 min", "15 min"))
    assert model.predict(speeds) == rows
    plain = speeds.to_numpy()
    assert model.predict(plain, start="08:00", minutes=5) == rows
    other = speeds[model.sensors[::-1]].assign(unknown=1.0)
    with pytest.warns(Notice, match="1 columns are no sensors"):
        assert model.predict(other) == rows
    assert model.predict(plain, start="20:00", minutes=5) != rows


def test_forecasts_follow_the_data_s_own_windows(data_or_skip, model):
    data = data_or_skip("metr-la-week", clusters=2)
    rows = zoo.predict(model, data)
    inputs = np.stack([data.speeds[-3:], np.broadcast_to(data.times[-3:, None], (3, 207))], -1)
    found = model(model.weights.new_tensor(inputs)[None])[0].detach().numpy()
    np.testing.assert_allclose([row["15 min"] for row in rows], found[2], atol=6e-3)


def changed(frame, row, column, value):
    made = frame.copy()
    made.iloc[row, column] = value
    return made


def test_speeds_that_cannot_be_forecast_from_are_refused(model, speeds):
    gap = speeds.drop(speeds.index[-2])
    ten = speeds.set_axis(pd.date_range("2024-05-01", periods=24, freq="10min"))
    for source, options, told in (
        (None, {}, "Give speeds"),
        (speeds.iloc[:, :-1], {}, "lacks the columns"),
        (speeds.to_numpy()[:, :-1], {"start": "08:00"}, "has 206 columns; expected 207 sensors"),
        (speeds.reset_index(drop=True), {}, "no column of times"),
        (changed(speeds, 5, 3, np.nan), {}, "no speed"),
        (changed(speeds, 5, 3, -2), {}, "negative speed"),
        (gap, {}, "Time jumps within the last 3 rows"),
        (ten, {}, "10 minutes apart; the model takes steps of 5"),
        (speeds.iloc[:2], {}, "There are 2 rows; the forecast is made of 3"),
    ):
        with pytest.raises(BadInput, match=told):
            model.predict(source, **options)
    with pytest.warns(Notice, match=r"1 missing readings \(0\) count as the mean speed"):
        model.predict(changed(speeds, -1, 3, 0))
    with pytest.raises(BadInput, match="lacks the columns"):
        model.predict(speeds.rename(columns={model.sensors[0]: "x"}))


@pytest.fixture
def week(home):
    """A folder with half a day at five sensors, one of them alone, and their directed road."""
    folder = home / "myweek"
    folder.mkdir(exist_ok=True)
    rng = np.random.default_rng(0)
    names = ["n1", "n2", "n3", "n4", "n5"]
    begun = datetime(2024, 5, 1)
    lines = [",".join(["time", *names])]
    for i in range(60):
        values = 50 + 10 * np.sin(i / 5 + np.arange(5)) + rng.normal(0, 0.5, 5)
        stamp = (begun + timedelta(minutes=15 * i)).isoformat()
        lines.append(",".join([stamp, *(f"{one:.2f}" for one in values)]))
    (folder / "speeds.csv").write_text("\n".join(lines) + "\n")
    (folder / "edges.csv").write_text("source,target,weight\nn1,n2,1\nn2,n3,0.5\nn3,n4,0.5\n")
    return folder


@pytest.mark.parametrize("clusters", ["", "clusters=2"], ids=["one", "two"])
def test_training_on_ones_own_roads(run, week, tmp_path, clusters):
    more = ["--option", clusters] if clusters else []
    done = run(
        "train", "dcrnn", "--dataset", "myweek", *more, "--set", "epochs=1", "--set", "hidden=4",
        "--out", tmp_path / "it",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert "1 sensors have no edge to others" in done.err
    module = zoo.load(tmp_path / "it")
    assert len(module.sizes) == (2 if clusters else 1) and module.minutes == 15
    assert module.edges.tolist() == [[0, 1, 2], [1, 2, 3]]
    rows = run("predict", tmp_path / "it", "myweek/speeds.csv", "--json").json
    assert [row["sensor"] for row in rows] == module.sensors and "45 min" in rows[0]
    (error, *_) = zoo.evaluate(module, week)
    assert error.metric == "speed-mae" and error.value < 30


def test_sensors_and_clusters_that_do_not_fit_are_told_in_one_sentence(run, week):
    done = run("train", "dcrnn", "--dataset", "myweek", "--option", "clusters=9")
    assert done.code == 2 and "expected 1 to 5" in done.err and "Traceback" not in done.err
    (week / "edges.csv").write_text("source,target\nn1,n7\n")
    done = run("train", "dcrnn", "--dataset", "myweek")
    assert done.code == 2 and "'n7' in row 0, of which there are no speeds" in done.err
