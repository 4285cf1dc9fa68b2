"""What a user does: train, predict and evaluate, with a model of their own or a pretrained one."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from zoo_pca_ols import estimators
from zoo_pca_ols.reading import read_rows, read_training_table
from zoo_pca_ols.specs.models import MODELS

import zoo
from zoo_core import BadInput


def values(rows):
    return np.array([row["prediction"] for row in rows])


def test_train_predict_and_evaluate(run, home, model, numbers, tmp_path):
    x, y = numbers
    done = run(
        "train", "pca-ols", "--dataset", "mine.csv", "--option", "target=octane",
        "--set", "n_components=6", "--out", tmp_path / "it",
    )  # fmt: skip
    assert done.code == 0
    rows = json.loads(run("predict", tmp_path / "it", "new.csv", "--json").out)
    assert [row["row"] for row in rows] == list(range(len(x)))
    assert rows[0]["target"] == "octane"
    np.testing.assert_allclose(values(rows), y, atol=0.05)
    np.testing.assert_allclose(values(model.predict(str(home / "new.csv"))), values(rows))
    done = run("evaluate", tmp_path / "it", "--metric", "mean-squared-error", "--json")
    data = read_training_table(home / "mine.csv", target="octane")
    test = data.rows["test"]
    expected = np.mean((values(rows)[test] - y[test]) ** 2)
    assert json.loads(done.out)[0]["value"] == pytest.approx(expected, rel=1e-3)


def test_predictions_carry_target_and_unit(model, numbers):
    (row,) = model.predict(numbers[0][:1])
    assert (row["target"], row["unit"]) == ("octane", "octane number")


def test_splits_and_widths_of_other_data(model, home, numbers, tmp_path):
    x, y = numbers
    with pytest.raises(BadInput, match=r"no split 'val'.*train, test"):
        zoo.evaluate(model, str(home / "mine.npz"), split="val")
    np.savez(tmp_path / "narrow.npz", X=x[:, :4], y=y)
    with pytest.raises(BadInput, match="has 4 features"):
        zoo.evaluate(model, str(tmp_path / "narrow.npz"))


@pytest.mark.parametrize("spec", MODELS, ids=lambda spec: spec.name)
def test_pretrained_models_predict_their_test_rows(data_or_skip, spec):
    data = data_or_skip(spec.dataset, **spec.options)
    model = zoo.load(spec.name)
    test = data.split("test")
    found = values(model.predict(test.x))
    error = np.mean((found - test.y) ** 2)
    assert (
        error < 0.85 * np.mean((test.y - data.split("train").y.mean()) ** 2) or "ols-" in spec.name
    )
    results = zoo.evaluate(model, metrics=["mean-squared-error"])
    assert results[0].value == pytest.approx(error, rel=1e-3)
    rows = read_rows(data, model.in_features)
    assert rows.shape == data.x.shape


def test_stored_coefficients_are_those_of_a_fresh_fit(data_or_skip):
    train = data_or_skip("gasoline", repeat=0).split("train")
    for name, fit in (
        ("pca-ols-gasoline", estimators.PCAOLS(random_state=0)),
        ("ridge-gasoline", estimators.Ridge()),
        ("pls-gasoline", estimators.PLS(random_state=0)),
    ):
        b = fit.fit(train.x, train.y).coef_
        stored = zoo.load(name).coef.detach().numpy()
        np.testing.assert_allclose(stored, b, atol=1e-4 * np.abs(b).max())


def test_the_readmes_python_runs():
    text = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    rng = np.random.default_rng(0)
    names = {"X": rng.standard_normal((20, 30)), "y": rng.standard_normal(20), "torch": torch}
    exec(code, names)
    assert names["module"](torch.ones(1, 30)).shape == (1,)


def test_methods_are_compared_and_claims_asked_on_a_table_of_ones_own(home):
    options = {"target": "octane"}
    rows = list(zoo.compare("pca-ols", home / "mine.csv", folds=3, options=options))
    assert [row.method for row in rows][:2] == ["pca-ols", "min-norm-ols"]
    own, plain = (np.array(row.result.values) for row in rows[:2])
    assert rows[1].difference.mean == pytest.approx((own - plain).mean())
    (check,) = zoo.verify(
        "pca-ols", claim="gasoline-headline", dataset=home / "mine.csv", folds=3, options=options
    )
    ratio = own.mean() / plain.mean()
    assert "PCA-OLS over OLS at most 0.6 fold" in check.expected
    assert check.parts["PCA-OLS over OLS"] == check.verdict
    assert (check.verdict == "holds") <= (ratio < 0.6)
    with pytest.raises(BadInput, match="these can be: gasoline-headline, real-data"):
        list(
            zoo.verify("pca-ols", claim="gaussian-peak", dataset=home / "mine.csv", options=options)
        )
