"""Training: what a recipe leaves behind can be loaded, measured, repeated and replaced."""

from __future__ import annotations

import contextlib
import itertools
import json
import shlex
from pathlib import Path

import pytest
import torch

import zoo
import zoo_core
from zoo_core._authoring import embedding, leaving, protocols
from zoo_core._loading.making import Made, made_of
from zoo_core._registry import results
from zoo_core._shell import options
from zoo_core.errors import BadInput, PluginError, UnknownName, WeightsError

LEFT = {"README.md", "config.json", "model.safetensors", "results.json"}


def test_a_trained_folder_is_loaded_again(toy, tmp_path):
    module = zoo.train("toy-a", out=tmp_path / "out", seed=3)
    assert not module.training
    assert {path.name for path in (tmp_path / "out").iterdir()} == LEFT
    again = zoo.load(tmp_path / "out")
    assert torch.equal(module.layer.weight, again.layer.weight)
    assert made_of(again) == made_of(module) == Made("toy", {"inputs": 4, "classes": 3})
    content = json.loads((tmp_path / "out" / "config.json").read_text())
    facts = content.pop("zoo")
    assert content == made_of(again).shape, "the constructor's arguments stand at the top"
    assert facts["seed"] == 3
    assert facts["recipe"] == {"steps": 5}
    assert facts["versions"]["zoo-toy"] == "1.0"
    assert zoo.evaluate(again, "toys")[0].value == zoo.evaluate(module, "toys")[0].value


@pytest.mark.parametrize(
    "value", [False, None, 3, 0.5, ["a", "b c"], "plain", "two words", {"k": [1, None]}], ids=str
)
def test_the_recorded_command_gives_the_same_values(value):
    words = shlex.split(shlex.quote(f"key={leaving.as_text(value)}"))
    assert options.pairs(None, None, words) == {"key": value}


def test_a_path_is_a_path_and_a_name_a_name(toy):
    Path("toy-a").mkdir()
    assert zoo.load("toy-a").zoo_source.label == "toy-a", (
        "the registered model, whatever folder is there"
    )
    Path("mine").mkdir()
    with pytest.raises(LookupError, match=r"A folder that .* is loaded as './mine'"):
        zoo.load("mine")
    with pytest.raises(BadInput, match=r"mine has no config.json; expected what `zoo train"):
        zoo.load("./mine")
    Path("mine/config.json").write_text("{}")
    with pytest.raises(BadInput, match='has no section "zoo"'):
        zoo.load("./mine")


def test_a_trained_folders_weights_are_checked_too(toy):
    zoo.train("toy-a", out="out")
    path = Path("out/model.safetensors")
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(WeightsError, match="damaged"):
        zoo.load("./out")
    path.unlink()
    with pytest.raises(BadInput, match="There is no weights file"):
        zoo.load("./out")


def test_seeds_make_the_difference_and_the_same_seed_none(toy):
    first = zoo.train("toy-a", out="one", seed=1).layer.weight
    torch.manual_seed(99)
    same = zoo.train("toy-a", out="same", seed=1).layer.weight
    other = zoo.train("toy-a", out="other", seed=2).layer.weight
    assert torch.equal(first, same)
    assert not torch.equal(first, other)


def test_hyperparameters_and_options_reach_the_recipe(toy):
    lazy = zoo.train("toy-a", out="lazy", config={"steps": 0}).layer.weight
    eager = zoo.train("toy-a", out="eager").layer.weight
    other = zoo.train("toy-a", out="other", fold=1).layer.weight
    assert not torch.equal(lazy, eager)
    assert not torch.equal(eager, other)
    facts = json.loads(Path("other/config.json").read_text())["zoo"]
    assert facts["options"] == {"fold": 1}
    with pytest.raises(BadInput, match="Dataset toys has no option 'flod'"):
        zoo.train("toy-a", out="wrong", flod=1)
    assert not Path("wrong").exists()


def test_embedding_fills_the_lock_and_the_stored_predictions(toy):
    weights = toy.folder / "zoo_toy" / "weights"
    before = json.loads((weights / "lock.json").read_text())["toy-a"]
    module = zoo.train("toy-b", embed=True)
    lock = json.loads((weights / "lock.json").read_text())
    assert lock["toy-a"] == before
    path = weights / "toy-b.safetensors"
    assert lock["toy-b"]["size"] == path.stat().st_size
    assert lock["toy-b"]["parameters"] == 15
    assert lock["toy-b"]["buffers"] == 0
    assert lock["toy-b"]["shape"] == {"inputs": 4, "classes": 3}
    assert torch.equal(zoo.load("toy-b").layer.weight, module.layer.weight)
    assert zoo.list_models() == ["toy-a", "toy-b"]
    stored = results.stored_predictions("toy-b")
    assert stored["values"] == embedding.fixed_outputs("toy-b")
    toy.use()
    assert zoo.list_models() == ["toy-a", "toy-b"], "as a new process sees it"
    assert torch.equal(zoo.load("toy-b").layer.weight, module.layer.weight)


def test_embedding_anew_drops_numbers_of_the_old_weights(toy):
    results.store(zoo.evaluate("toy-a"))
    results.store(protocols.retrain("toy-a", beside=False))
    zoo.train("toy-a", embed=True)
    assert [row.kind for row in results.stored("toy-a")] == ["retrained"]


@pytest.mark.parametrize("change", [{"config": {"steps": 1}}, {"fold": 1}, {"dataset": "other"}])
def test_only_a_models_own_recipe_is_embedded(toy, change):
    before = (toy.folder / "zoo_toy" / "weights" / "lock.json").read_bytes()
    with pytest.raises(BadInput, match="own recipe"):
        zoo.train("toy-a", embed=True, **change)
    assert (toy.folder / "zoo_toy" / "weights" / "lock.json").read_bytes() == before


def test_results_are_stored_and_replaced_by_key(toy):
    first = zoo.evaluate("toy-a")
    results.store(first)
    results.store(zoo.evaluate("toy-a", split="train"))
    assert len(results.stored("toy-a")) == 2
    worse = results.Result(**{**vars(first[0]), "values": [0.25]})
    results.store([worse])
    by_split = {row.split: row.value for row in results.stored("toy-a")}
    assert by_split == {"train": 1.0, "test": 0.25}
    (row,) = (row for row in results.stored("toy-a") if row.split == "test")
    assert row.as_json() == json.loads(json.dumps(worse.as_json()))
    assert row.versions["zoo-toy"] == "1.0"
    assert row.command == "zoo evaluate toy-a"


def test_a_protocol_has_every_run_and_every_baseline(toy):
    rows = protocols.retrain("toy-a")
    assert [row.method for row in rows] == ["toy-a", "lazy"]
    for row in rows:
        assert row.kind == "retrained"
        assert list(row.seeds) == [0, 1]
        assert row.options == {"fold": [0, 1]}
        assert len(row.values) == 2
        assert row.std is not None
    own, lazy = rows
    assert own.value > lazy.value
    assert lazy.recipe["steps"] == 0
    assert lazy.shape == {"inputs": 4, "classes": 3}
    (alone,) = protocols.retrain("toy-a", beside=False)
    assert alone.values == own.values
    assert alone.command == "zoo evaluate toy-a --retrain --alone"


def test_a_protocol_is_verified_against_what_was_stored(toy, zoo_here):
    words = ["evaluate", "toy-a", "--retrain", "--store", "--json"]
    assert {row["method"] for row in zoo_here(*words).json} == {"toy-a", "lazy"}
    verified = zoo_here("verify", "toy-a", "--retrain", "--json")
    assert verified.code == 0, verified.err
    verdicts = {row["name"]: row["verdict"] for row in verified.json}
    assert verdicts == {"holds": "holds", "toy-a": "holds", "lazy": "holds"}
    path = toy.folder / "zoo_toy" / "results" / "toy-a.json"
    content = json.loads(path.read_text())
    for row in content["measured"]:
        row["values"] = [0.011, 0.012]
    path.write_text(json.dumps(content))
    changed = zoo_here("verify", "toy-a", "--retrain", "--jobs", "1")
    assert changed.code == 1
    assert "3 parts were measured before" in changed.err, "and judged by what is stored now"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["toy-paper"], "--retrain runs the protocols of registered models again, and toy-paper"),
        (["toy-a", "--claim", "holds"], "--retrain is of whole models"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_what_has_no_protocol_is_not_verified_by_it(toy, zoo_here, words, told):
    done = zoo_here("verify", *words, "--retrain")
    assert done.code == 2 and told in done.err and done.out == ""


def test_a_protocols_card_shows_mean_spread_and_paired_difference(toy, zoo_here):
    results.store(zoo.evaluate("toy-a"))
    results.store(protocols.retrain("toy-a"))
    page = zoo_here("show", "toy-a", "--card").out
    assert "**toy-a** (this recipe)" in page
    assert "| lazy |" in page
    assert "±" in page
    assert "**100.0 %**" in page


def test_a_recipe_that_returns_something_else_is_told(site):
    site.add_toy("toy-a", beyond={"train.py": "def train(run, progress): return 3"})
    site.use()
    with pytest.raises(PluginError, match=r"returned a int that run\.make did not make"):
        zoo.train("toy-a", out="out")
    assert not Path("out").exists()


def test_created_modules_are_untrained_and_take_options(toy):
    torch.manual_seed(0)
    one = zoo.create("toy", classes=7)
    assert one.layer.out_features == 7
    assert made_of(one).shape == {"inputs": 4, "classes": 7}
    assert zoo.create("toy-a").layer.out_features == 3
    assert not torch.equal(zoo.create("toy-a").layer.weight, zoo.load("toy-a").layer.weight)
    with pytest.raises(BadInput, match="toy has no option 'clases'; did you mean 'classes'"):
        zoo.create("toy", clases=7)


def test_modules_of_ones_own_are_evaluated_and_predict(toy):
    module = zoo.create("toy")
    (row,) = zoo.evaluate(module, zoo.dataset("toys"), split="train")
    assert 0 <= row.value <= 1
    assert len(zoo.predict(module, count=4)) == 4
    with pytest.raises(BadInput, match="has no dataset of its own"):
        zoo.evaluate(module)
    with pytest.raises(BadInput, match="Linear has no predict"):
        zoo.predict(torch.nn.Linear(2, 2))


KEEPING = """
    import os

    import torch

    from zoo_core import Progress

    def train(run, progress):
        module = run.make()
        x, y = run.data.parts["train"]
        optimizer = torch.optim.AdamW(module.parameters())
        kept = Progress.of(run.folder, "only", {**run.recipe, "seed": run.seed})
        done = kept.restore(module, optimizer)
        print("begun at", done)
        for step in range(done, run.recipe["steps"]):
            if str(step) == os.environ.get("TOY_STOP"):
                raise KeyboardInterrupt
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(module(x), y).backward()
            optimizer.step()
            kept.save(module, optimizer, step + 1, now=True)
        return module
"""


class Killed(BaseException):
    """Ends everything at once."""


def test_embedding_can_end_at_any_moment_and_leaves_what_can_be_loaded(toy, monkeypatch):
    """Old weights or new ones, whole: whichever of the files had taken its place."""
    old = zoo.load("toy-a").layer.weight
    replace, seen = Path.replace, []
    for end in range(5):
        moves = itertools.count()

        def moved(self, target, moves=moves, end=end):
            if next(moves) == end:
                raise Killed
            return replace(self, target)

        monkeypatch.setattr(Path, "replace", moved)
        with contextlib.suppress(Killed):
            zoo.train("toy-a", embed=True)
        monkeypatch.setattr(Path, "replace", replace)
        toy.use()
        seen.append(torch.equal(zoo.load("toy-a").layer.weight, old))
    assert seen[0] and not seen[-1]
    assert seen == sorted(seen, reverse=True)
    folder = toy.folder / "zoo_toy" / "weights"
    assert sorted(path.name for path in folder.iterdir()) == ["lock.json", "toy-a.safetensors"]


@pytest.mark.parametrize("embed", [False, True])
def test_an_interrupted_recipe_goes_on_from_its_state(site, monkeypatch, capsys, embed):
    site.add_toy("toy-a", beyond={"train.py": KEEPING})
    site.use()
    zoo.train("toy-b", out="at once")
    place = {"embed": True} if embed else {"out": "out"}
    folder = Path("runs/toy-b") if embed else Path("out")
    monkeypatch.setenv("TOY_STOP", "3")
    with pytest.raises(KeyboardInterrupt):
        zoo.train("toy-b", **place)
    assert [path.name for path in folder.iterdir()] == ["state"]
    assert [path.name for path in (folder / "state").iterdir()] == ["only.safetensors"]
    monkeypatch.delenv("TOY_STOP")
    capsys.readouterr()
    found = zoo.train("toy-b", **place)
    assert capsys.readouterr().out == "begun at 3\n"
    assert torch.equal(found.layer.weight, zoo.load("./at once").layer.weight)
    assert not (folder / "state").exists()
    if not embed:
        assert {path.name for path in folder.iterdir()} == LEFT
        zoo.train("toy-b", out="out", force=True, config={"steps": 4})
        assert capsys.readouterr().out == "begun at 0\n"


def test_a_state_of_other_settings_is_not_gone_on_from(site, monkeypatch, capsys):
    site.add_toy("toy-a", beyond={"train.py": KEEPING})
    site.use()
    monkeypatch.setenv("TOY_STOP", "3")
    with pytest.raises(KeyboardInterrupt):
        zoo.train("toy-b", out="out")
    monkeypatch.delenv("TOY_STOP")
    for change in ({"seed": 1}, {"config": {"steps": 6}}):
        zoo.train("toy-b", out="out", force=True, **change)
        assert capsys.readouterr().out.endswith("begun at 0\n")


def test_a_model_of_another_seed_is_trained_once_and_kept(toy, tmp_path, monkeypatch):
    """The shipped one is of seed 0; another is what `train` gives with that seed."""
    from zoo_core._authoring import retraining

    made = []

    def train(name, out, seed, config):
        made.append((name, seed, *config.values()))
        return zoo.train(name, out=out, seed=seed, config=config)

    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    monkeypatch.setattr(retraining, "train", train)
    first, second, third = (zoo_core.retrained("toy-a", seed) for seed in (0, 1, 2))
    again = zoo_core.retrained("toy-a", 1)
    assert made == [("toy-a", 1), ("toy-a", 2)]
    assert torch.equal(first.layer.weight, zoo.load("toy-a").layer.weight)
    assert torch.equal(second.layer.weight, again.layer.weight)
    assert not torch.equal(second.layer.weight, third.layer.weight)
    trained = zoo.train("toy-a", out=tmp_path / "trained", seed=1)
    assert torch.equal(second.layer.weight, trained.layer.weight)
    assert len(list((tmp_path / "made" / zoo.info("toy-a")["paper"]).iterdir())) == 2
    usual = zoo.info(zoo.info("toy-a")["architecture"])["recipe"]["steps"]
    assert torch.equal(
        zoo_core.retrained("toy-a", 0, {"steps": usual}).layer.weight, first.layer.weight
    )
    del made[:]
    brief = [zoo_core.retrained("toy-a", 0, {"steps": usual + n}) for n in (1, 1, 2)]
    assert made == [("toy-a", 0, usual + 1), ("toy-a", 0, usual + 2)]
    assert torch.equal(brief[0].layer.weight, brief[1].layer.weight)
    assert not torch.equal(brief[0].layer.weight, first.layer.weight)
    with pytest.raises(UnknownName):
        zoo_core.retrained("toy-atlantis", 1)
    for wrong in (1, None):
        with pytest.raises(BadInput, match="step"):
            zoo_core.retrained("toy-a", 0, {"step": wrong})
