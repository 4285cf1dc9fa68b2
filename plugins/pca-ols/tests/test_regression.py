"""The modules: fitting without a recipe, their buffers, and their constructors."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from zoo_pca_ols import estimators
from zoo_pca_ols.specs.models import ARCHITECTURES

import zoo
from zoo_core import BadInput


@pytest.mark.parametrize("spec", ARCHITECTURES, ids=lambda spec: spec.name)
def test_create_fit_predict(spec, numbers):
    module = zoo.create(spec.name, in_features=6)
    options = {"hidden": 200} if spec.name == "two-layer-linear" else {}
    if spec.name in ("joint-pca-ols", "latent-regression"):
        options = {"n_components": 5}
    if spec.name == "random-projection-ols":
        options = {"n_components": 4}
    module.fit(*numbers, **options)
    cls = module.ESTIMATORS[module.method]
    exact = cls(**options).fit(*numbers)
    x, _ = numbers
    found = [row["prediction"] for row in module.predict(x)]
    np.testing.assert_allclose(found, exact.predict(x), rtol=1e-4)
    np.testing.assert_allclose(module.coef.detach().numpy(), exact.coef_, atol=1e-4)
    again = zoo.create(spec.name, **{k: v for k, v in module.shape.items() if v is not None})
    again.load_state_dict(module.state_dict())
    assert torch.equal(again(torch.ones(2, 6)), module(torch.ones(2, 6)))


def test_components_as_number_share_and_cross_validation(numbers):
    module = zoo.create("pca-ols", in_features=6)
    for wanted in (3, 0.8, "cv"):
        exact = estimators.PCAOLS(wanted).fit(*numbers)
        module.fit(*numbers, n_components=wanted)
        assert module.n_components == exact.n_components_
        assert module.components.shape == (6, exact.n_components_)
        assert module.shape["n_components"] == exact.n_components_
        assert module.transform(torch.zeros(2, 6)).shape == (2, exact.n_components_)


def test_buffers_have_the_size_of_the_method():
    module = zoo.create("pca-ols", in_features=401, n_components=5)
    sizes = {name: tensor.numel() for name, tensor in module.state_dict().items()}
    assert sum(sizes.values()) == 401 * 6 + 2 * 5 + 1
    assert not list(module.parameters())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"components": 3}, "it takes .*n_components"),
        ({"n_components": 7}, "from 0 to 6"),
    ],
)
def test_bad_fits(options, message, numbers):
    with pytest.raises(BadInput, match=message):
        zoo.create("pca-ols", in_features=6).fit(*numbers, **options)


def test_a_module_is_of_one_width(numbers):
    with pytest.raises(BadInput, match="in_features=5"):
        zoo.create("ridge-regression", in_features=5).fit(*numbers)


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("pca-ols", {"in_features": 0}),
        ("pca-ols", {"in_features": 3, "n_components": -1}),
        ("min-norm-ols", {"in_features": 3, "method": "pls"}),
        ("min-norm-ols", {"in_features": 3, "feature_names": ["a"]}),
        ("two-layer-linear", {"in_features": 3, "mode": "third"}),
    ],
)
def test_bad_configs(name, config):
    with pytest.raises(BadInput):
        zoo.create(name, **config)


def offset(n=200):
    """Rows (n, 3) of which a column has a mean 10^7 times its spread, and a target."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((n, 3))
    x[:, 1] = 1e4 + 1e-3 * x[:, 1]
    return x, x[:, 0] + 1e3 * (x[:, 1] - 1e4) + 0.01 * rng.standard_normal(n)


def error(predictions, y):
    return float(np.sqrt(np.mean((np.asarray(predictions) - y) ** 2)))


@pytest.mark.parametrize("spec", ARCHITECTURES, ids=lambda spec: spec.name)
def test_centred_before_rounding(spec, tmp_path):
    x, y = offset()
    x[:, 2] *= 1e-3  # a scale of its own, so that components are not those of one column
    options = {"n_components": 2} if "n_components" in spec.recipe else {}
    module = zoo.create(spec.name, in_features=3).fit(x, y, **options)
    exact = module.ESTIMATORS[module.method](**module._sizes(), **options).fit(x, y).predict(x)
    spread = np.ptp(exact) or 1.0
    for found in (module, module.double()):
        rows = [row["prediction"] for row in found.predict(x)]
        assert error(rows, exact) < 1e-5 * spread
        assert error(found(torch.from_numpy(x)).detach(), exact) < 1e-5 * spread


def test_the_error_of_offset_columns_is_the_estimators(tmp_path):
    x, y = offset()
    expected = error(estimators.OLS().fit(x, y).predict(x), y)
    trained = zoo.train("min-norm-ols", (x, y), out=tmp_path / "it", test_share=0.01)
    for module in (zoo.create("min-norm-ols", in_features=3).fit(x, y), trained):
        for found in (module, module.double()):
            rows = [row["prediction"] for row in found.predict(x)]
            assert error(rows, y) == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize("size", [1e6, 1e9])
def test_targets_far_from_zero_keep_their_digits(size, tmp_path):
    x, y = offset()
    module = zoo.train("min-norm-ols", (x, y + size), out=tmp_path / "it")
    for found in (module, zoo.load(tmp_path / "it"), module.double()):
        rows = [row["prediction"] for row in found.predict(x)]
        assert error(rows, y + size) < 0.02
    (measured,) = zoo.evaluate(module, (x, y + size), metrics=["root-mean-squared-error"])
    assert measured.value < 0.02
