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
