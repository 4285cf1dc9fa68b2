"""The contract, over everything that is registered: never over a hand-made list."""

from __future__ import annotations

from pathlib import Path

import pytest

import zoo
from zoo_core._authoring import catalogue
from zoo_core._authoring.training import sorted_out
from zoo_core._loading.making import check_arguments, resolve
from zoo_core._loading.weights import embedded_path
from zoo_core._publishing import cards
from zoo_core._registry.registry import registry
from zoo_core.errors import DataError
from zoo_core.testing import check_complete

ROOT = Path(__file__).parent.parent
CARDS = ROOT / "model_cards"
MODELS = zoo.list_models(untrained=True)


def test_every_plugin_loads_and_no_name_clashes():
    known = registry()
    assert [plugin.error for plugin in known.broken] == []
    for shelf in (known.papers, known.architectures, known.models, known.datasets, known.metrics):
        assert shelf.clashes == {}


def test_the_readme_tells_of_every_paper():
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    for paper in registry().papers:
        assert f"| `{paper.name}` | [" in page
        assert f"(https://arxiv.org/abs/{paper.arxiv})" in page


@pytest.mark.parametrize("name", MODELS)
def test_model_is_complete(name):
    check_complete(name, CARDS)


def test_specs_say_what_architectures_embed_and_why_they_are_not_exported():
    """So that cards can tell without importing them."""
    known = registry().architectures
    embeds = {one.name for one in known if hasattr(resolve(one.cls), "embed")}
    assert embeds == {one.name for one in known if one.embeds}
    silent = [one.name for one in known if not (one.formats or one.data_dependent)]
    assert [name for name in silent if not known.get(name).not_exported] == []


@pytest.mark.parametrize("name", MODELS)
def test_model_names_what_is_registered(name):
    spec = registry().model(name)
    architecture = registry().architecture(spec.architecture)
    dataset = registry().dataset(spec.dataset)
    assert registry().paper(architecture.paper)
    for metric in spec.metrics:
        assert registry().metric(metric)
    for options in (spec.options, *spec.runs):
        assert set(options) <= set(dataset.options)
    for baseline in spec.beside.values():
        registry().architecture(baseline["architecture"])


@pytest.mark.parametrize("name", MODELS)
def test_stored_shape_is_what_the_spec_says(name):
    spec, lock = registry().model(name), registry().lock(registry().model(name))
    assert lock is not None
    cls = resolve(registry().architecture(spec.architecture).cls)
    check_arguments(cls, lock["shape"], name)
    for key, value in spec.shape.items():
        if not isinstance(value, bool):
            assert lock["shape"][key] == value, key


@pytest.mark.parametrize("name", MODELS)
def test_weights_are_small_enough_for_a_wheel(name):
    """A bigger model lives on the Hub, or at its upstream address."""
    path = embedded_path(registry().owner(registry().model(name)), name)
    assert not path.exists() or path.stat().st_size <= 5_000_000


@pytest.mark.parametrize("name", zoo.list_papers())
def test_every_claim_has_a_check_and_a_finding(name, no_network, monkeypatch, tmp_path):
    """What was not measured asks for data that were not to be had, and says so at once."""
    paper = registry().paper(name)
    findings = zoo.info(name)["findings"]
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    monkeypatch.delenv("ZOO_DATA_MIRROR", raising=False)
    for claim in paper.claims:
        check = resolve(claim.check)
        assert callable(check)
        if claim.name not in findings:
            with pytest.raises(DataError):
                check(**claim.arguments)
        for model in claim.models:
            assert model in MODELS


@pytest.mark.parametrize("name", zoo.list_papers())
def test_what_is_asked_on_other_data_can_be_trained(name):
    """Methods of a contrast exist, take their settings, and read the same data."""
    known = registry()
    for claim in known.paper(name).claims:
        for contrast in claim.asked.values():
            known.metric(contrast.metric)
            methods = [contrast.first, *contrast.baselines]
            specs = [known.architecture(method["architecture"]) for method in methods]
            assert len({spec.reader for spec in specs}) == 1, claim.name
            for method, spec in zip(methods, specs, strict=True):
                assert spec.train is not None
                sorted_out(
                    spec,
                    spec.shape,
                    spec.recipe,
                    {**method.get("shape", {}), **method.get("recipe", {})},
                )


@pytest.mark.parametrize("name", zoo.list_architectures())
def test_architecture_names_code_that_exists(name):
    architecture = registry().architecture(name)
    for text in (architecture.cls, architecture.train, architecture.reader):
        if text is not None:
            assert callable(resolve(text))
    for text in architecture.symmetries:
        assert callable(resolve(text))


@pytest.mark.parametrize("name", zoo.list_datasets())
def test_dataset_names_code_that_exists(name):
    assert callable(resolve(registry().dataset(name).factory))


def test_cards_are_in_step():
    assert cards.write_all(zoo.list_models(), CARDS, check=True, prune=True) == []


def test_catalogue_is_in_step():
    assert catalogue.catalogue() == catalogue.current()
