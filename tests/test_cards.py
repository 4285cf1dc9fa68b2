"""Cards: a header that parses, an example that runs, numbers that are the stored ones."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import yaml

import zoo
from zoo_core import cards
from zoo_core.errors import DataError, WeightsError
from zoo_core.registry import registry
from zoo_core.results import stored

MODELS = zoo.list_models()


def parts(name: str) -> tuple[dict, str]:
    _, header, body = cards.render(name).split("---\n", 2)
    return yaml.safe_load(header), body


@pytest.mark.parametrize("name", MODELS)
def test_header_is_what_the_hub_reads(name):
    header, _ = parts(name)
    spec = registry().model(name)
    assert header["license"] == spec.license.lower()
    assert header["library_name"] == "zoo"
    assert header["datasets"] == [spec.dataset]
    (index,) = header["model-index"]
    measured = {m["type"]: m["value"] for r in index["results"] for m in r["metrics"]}
    for row in stored(name):
        if row.kind == "checkpoint":
            assert measured[row.metric] == pytest.approx(row.value, abs=1e-6)


@pytest.mark.parametrize("name", MODELS)
def test_body_has_every_stored_number(name):
    _, body = parts(name)
    for row in stored(name):
        assert row.shown(registry().metric(row.metric)) in body
    for claim in registry().paper_of(registry().model(name)).claims:
        assert (f"| {claim.name}: " in body) == (name in claim.models)


@pytest.mark.parametrize("name", MODELS)
def test_tables_are_well_formed(name):
    _, body = parts(name)
    for table in re.findall(r"(?:^\|.*\n)+", body, flags=re.M):
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        assert len(widths) == 1, table


@pytest.mark.parametrize("name", MODELS)
def test_example_runs(name, capsys):
    _, body = parts(name)
    (code,) = re.findall(r"```python\n(.*?)```", body, flags=re.S)
    assert len(code.strip().splitlines()) == 3
    try:
        exec(compile(code, f"{name}.md", "exec"), {})
    except DataError as error:
        pytest.skip(str(error))
    assert capsys.readouterr().out.strip()


def test_published_numbers_stand_beside_the_measured(monkeypatch):
    spec = registry().model(MODELS[0])
    published = replace(spec, published={"accuracy": (0.5, "their Table 1")})
    monkeypatch.setitem(registry().models.specs, spec.name, published)
    assert "| 50 % (their Table 1) |" in cards.render(spec.name)


def test_a_model_without_weights_has_no_card(monkeypatch):
    owner = registry().owner(registry().model(MODELS[0]))
    monkeypatch.setitem(vars(owner), "lock", {})
    with pytest.raises(WeightsError, match="no card"):
        cards.render(MODELS[0])


def test_cards_are_written_pruned_and_checked(tmp_path):
    name = MODELS[0]
    (tmp_path / "gone.md").write_text(cards.render(name))
    (tmp_path / "README.md").write_text("somebody's own page")
    assert cards.write_all([name], tmp_path, check=True, prune=True) == [name, "gone"]
    assert cards.write_all([name], tmp_path, prune=True) == [name, "gone"]
    assert {path.name for path in tmp_path.iterdir()} == {f"{name}.md", "README.md"}
    assert cards.write_all([name], tmp_path, check=True, prune=True) == []
    (tmp_path / f"{name}.md").write_text("edited by hand")
    assert cards.write_all([name], tmp_path, check=True) == [name]
