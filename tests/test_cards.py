"""Cards: a header that parses, an example that runs, numbers that are the stored ones."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from xml.etree import ElementTree

import pytest
import yaml
from huggingface_hub import parse_eval_result_entries
from markdown_it import MarkdownIt

import zoo
from zoo_core._publishing import cards, pictures
from zoo_core._registry.registry import registry
from zoo_core._registry.results import stored
from zoo_core.errors import DataError, WeightsError

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
    code = re.findall(r"```python\n(.*?)```", body, flags=re.S)[0]
    assert len(code.strip().splitlines()) == 3
    try:
        exec(compile(code, f"{name}.md", "exec"), {})
    except DataError as error:
        pytest.skip(str(error))
    assert capsys.readouterr().out.strip()


@pytest.mark.parametrize("name", MODELS)
def test_page_is_html_without_leftovers(name):
    """Rendered as the Hub renders it: tables are tables, code is code, nothing is left raw."""
    _, body = parts(name)
    html = MarkdownIt("gfm-like", {"linkify": False}).render(body)
    assert html.count("<table>") == len(re.findall(r"^\|[-|]+\|$", body, flags=re.M))
    assert html.count("<h1>") == 1
    assert html.count("<h2>") >= 5
    prose = re.sub(r"<(pre|code)>.*?</\1>|<!--.*?-->", "", html, flags=re.S)
    assert not re.search(r"\{\{|\{%|```|^\||None|\bnan\b", prose, flags=re.M)
    for path in re.findall(r'<img src="([^"]+)"', html):
        picture, file = pictures.of_card(registry().model(name))[path]
        assert ElementTree.parse(file).getroot().tag.endswith("svg")
        assert picture.caption in unescape(prose)


@pytest.mark.parametrize("name", MODELS)
def test_results_for_the_hub_are_the_stored_ones(name):
    entries = [
        entry
        for text in cards.eval_results(name).values()
        for entry in parse_eval_result_entries(yaml.safe_load(text))
    ]
    own = [row for row in stored(name) if row.method == name]
    assert [entry.value for entry in entries] == [pytest.approx(row.value, abs=1e-6) for row in own]
    for entry, row in zip(entries, own, strict=True):
        assert (entry.dataset_id, entry.task_id) == (row.dataset, f"{row.split}-{row.metric}")
        assert row.command in entry.notes


@pytest.mark.parametrize(
    ("spdx", "header"),
    [
        ("Apache-2.0", {"license": "apache-2.0"}),
        ("GPL-3.0-or-later", {"license": "gpl-3.0"}),
        ("ODbL-1.0", {"license": "odbl"}),
        ("NOASSERTION", {"license": "other", "license_name": "noassertion"}),
        ("LicenseRef-Own", {"license": "other", "license_name": "licenseref-own"}),
    ],
)
def test_licences_by_the_hubs_names(monkeypatch, spdx, header):
    spec = registry().model(MODELS[0])
    monkeypatch.setitem(registry().models.specs, spec.name, replace(spec, license=spdx))
    found, _ = parts(spec.name)
    assert {key: found[key] for key in found if key.startswith("license")} == header


def test_published_numbers_stand_beside_the_measured(monkeypatch):
    spec = registry().model("ase-cora")
    published = replace(spec, published={"accuracy": (0.5, "their Table 1")})
    monkeypatch.setitem(registry().models.specs, spec.name, published)
    assert "| 50 % (their Table 1) |" in cards.render(spec.name)


def test_a_model_without_weights_has_no_card(monkeypatch):
    owner = registry().owner(registry().model(MODELS[0]))
    monkeypatch.setitem(vars(owner), "lock", {})
    with pytest.raises(WeightsError, match="no card"):
        cards.render(MODELS[0])


def test_cards_are_written_pruned_and_checked(tmp_path):
    name = "ase-cora"
    (tmp_path / "gone.md").write_text(cards.render(name))
    (tmp_path / "README.md").write_text("somebody's own page")
    assert cards.write_all([name], tmp_path, check=True, prune=True) == [name, "gone"]
    assert cards.write_all([name], tmp_path, prune=True) == [name, "gone"]
    assert {path.name for path in tmp_path.iterdir()} == {f"{name}.md", "README.md"}
    assert cards.write_all([name], tmp_path, check=True, prune=True) == []
    (tmp_path / f"{name}.md").write_text("edited by hand")
    assert cards.write_all([name], tmp_path, check=True) == [name]
