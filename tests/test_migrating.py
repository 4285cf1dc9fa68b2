"""`zoo migrate`: what level 1 stored is read by level 2, and every number stays."""

from __future__ import annotations

import copy
import json

import pytest

from zoo_core import BadInput, PluginError
from zoo_core._authoring.migrating import migrate_package
from zoo_core._registry import results


@pytest.fixture
def old(site):
    """A plugin of level 2 whose lock file and results are of level 1."""
    package = site.add_toy("toy-a")
    path = package / "weights" / "lock.json"
    lock = json.loads(path.read_text())
    lock["toy-a"]["config"] = lock["toy-a"].pop("shape")
    path.write_text(json.dumps(lock))
    row = {
        "model": "toy-a",
        "method": "toy-a",
        "kind": "retrained",
        "dataset": "toys",
        "options": {"fold": [0, 1]},
        "split": "test",
        "metric": "accuracy",
        "values": [0.5, 0.75],
        "seeds": [0, 1],
        "config": {"inputs": 4, "classes": 3, "steps": 5},
        "versions": {"python": "3.11"},
        "date": "2026-11-01",
        "seconds": 1.5,
        "command": "zoo evaluate toy-a --retrain",
    }
    lazy = {**row, "method": "lazy", "config": {**row["config"], "steps": 0}}
    checkpoint = {**row, "kind": "checkpoint", "values": [0.5], "config": {}}
    (package / "results").mkdir()
    content = {"measured": [row, lazy, checkpoint], "predictions": {"values": [1.0]}}
    (package / "results" / "toy-a.json").write_text(json.dumps(content))
    (package / "results" / "claims.json").write_text('{"holds": {"verdict": "holds"}}')
    site.package, site.lock, site.content = package, lock, content
    return site


def test_an_old_lock_file_names_the_command_that_migrates_it(old, zoo_here):
    known = old.use()
    (broken,) = known.broken
    assert f"run `zoo migrate {old.package}` once" in broken.error


def test_both_files_are_migrated_and_every_number_stays(old, zoo_here):
    old.use()
    changed = [old.package / "weights" / "lock.json", old.package / "results" / "toy-a.json"]
    assert zoo_here("migrate", old.package, "--json").json["changed"] == list(map(str, changed))
    expected = copy.deepcopy(old.lock)
    expected["toy-a"]["shape"] = expected["toy-a"].pop("config")
    assert json.loads((old.package / "weights" / "lock.json").read_text()) == expected
    content = json.loads((old.package / "results" / "toy-a.json").read_text())
    assert content["predictions"] == old.content["predictions"]
    for new, before in zip(content["measured"], old.content["measured"], strict=True):
        bag = before.pop("config")
        halves = (new.pop("shape"), new.pop("recipe"))
        assert new == before
        assert {**halves[0], **halves[1]} == bag
        assert set(halves[1]) <= {"steps"}
    rows = {(row.method, row.kind): row for row in results.stored("toy-a")}
    assert rows["lazy", "retrained"].recipe == {"steps": 0}
    assert rows["lazy", "retrained"].shape == {"inputs": 4, "classes": 3}
    assert zoo_here("migrate", old.package).out.strip() == "Nothing to change."


def test_a_lock_of_level_1_is_an_error_of_its_plugin_alone(old):
    old.add("fine", "ZOO_API = 2")
    known = old.use()
    assert [plugin.name for plugin in known.broken] == ["toy"]
    with pytest.raises(PluginError, match="zoo migrate"):
        known.plugins[-1].read_lock()


def test_a_folder_that_has_nothing_is_told(tmp_path, toy, zoo_here):
    with pytest.raises(BadInput, match=r"has no weights/lock\.json and no results"):
        list(migrate_package(tmp_path))
    assert zoo_here("migrate", tmp_path).code == 2
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "lock.json").write_text("{")
    with pytest.raises(BadInput, match="is not valid JSON"):
        list(migrate_package(tmp_path))
