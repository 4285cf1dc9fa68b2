"""Folders that `zoo train` wrote: their results, their cards, and what is published of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

import zoo
from zoo_core import BadInput
from zoo_core._publishing import run_cards
from zoo_core._publishing.cards import KEPT

READER = """
    import json
    from pathlib import Path

    import torch

    from zoo_core import Split

    class Toys:
        splits = ("train", "val", "test")
        metric_options = {"num_classes": 3}

        def __init__(self, x, y, fold, folds):
            part = (torch.arange(len(x)) + fold) % (folds or 4)
            rows = [part > 1, part == 1, part == 0]
            self.rows = {n: r.nonzero()[:, 0] for n, r in zip(self.splits, rows, strict=True)}
            self.parts = {name: (x[rows], y[rows]) for name, rows in self.rows.items()}
            self.facts = {"rows": len(x), "classes": 3}

        def split(self, name):
            return Split(self, name, self.rows[name])

    def make(fold=0):
        x = torch.randn(60, 4, generator=torch.Generator().manual_seed(fold))
        return Toys(x, x[:, :3].argmax(1), 0, 4)

    def read(source, fold=0, folds=None):
        content = source if isinstance(source, dict) else json.loads(Path(source).read_text())
        return Toys(torch.tensor(content["x"]), torch.tensor(content["y"]), fold, folds)
    """
SECRET = "private-place"
"""The name of the folder that the data are in, which nothing published may tell."""


@pytest.fixture
def mine(site, tmp_path):
    """A file of toys; this process sees the toy plugin, whose reader takes it."""
    site.add_toy("toy-a", beyond={"data.py": READER})
    site.use()
    return write_toys(tmp_path)


def write_toys(folder: Path) -> Path:
    import torch

    x = torch.randn(48, 4, generator=torch.Generator().manual_seed(9))
    path = folder / SECRET / "mine.json"
    path.parent.mkdir()
    path.write_text(json.dumps({"x": x.tolist(), "y": x[:, :3].argmax(1).tolist()}))
    return path


def page() -> str:
    return Path("runs/x/README.md").read_text()


def kept() -> dict:
    return json.loads(Path("runs/x/results.json").read_text())


def test_a_training_leaves_results_and_a_card(mine):
    zoo.train("toy", str(mine), out="runs/x", config={"steps": 7}, seed=4)
    rows = {row["split"]: row for row in kept()["measured"]}
    assert set(rows) == {"test", "val"}, "the split that was fitted to is no result"
    assert rows["test"]["value"] == zoo.evaluate(Path("runs/x"))[0].value
    assert rows["test"]["model"] == rows["test"]["method"] == "x"
    assert rows["test"]["dataset"] == "mine.json"
    assert rows["test"]["seeds"] == [4]
    facts = kept()["data"]["mine.json"]
    assert facts["sizes"] == {"rows": 48, "classes": 3}
    assert facts["splits"] == {"train": 24, "val": 12, "test": 12}
    card = page()
    header = yaml.safe_load(card.split("---\n")[1])
    assert header["license"] == "unknown"
    assert header["library_name"] == "zoo"
    assert header["tags"][:3] == ["zoo", "toy-paper", "toy"]
    for words in (
        "# x",
        "trained on mine.json (48 rows, 3 classes)",
        'zoo.load("./runs/x")',
        "`steps=7`",
        "Seed 4.",
        "24 train, 12 val, 12 test",
        facts["sha256"],
        "Not chosen yet",
        "No baselines have been measured",
        f"**{rows['test']['value'] * 100:.1f} %**",
    ):
        assert words in card
    assert SECRET not in card
    assert str(mine.parent.parent) not in card


def test_what_is_written_by_hand_and_the_licence_are_never_lost(mine, zoo_here):
    zoo.train("toy", str(mine), out="runs/x")
    own = page().replace(KEPT[0] + "\n", KEPT[0] + "\nMy own words.\n")
    own = own.replace("license: unknown", "license: mit")
    Path("runs/x/README.md").write_text(own)
    assert zoo_here("cards", "./runs/x", "--check").code == 1, "the licence is told in the page"
    assert zoo_here("cards", "./runs/x").code == 0
    assert "My own words." in page()
    assert "license: mit" in page()
    assert "Not chosen yet" not in page()
    assert "in the header (mit)" in page()
    before = page()
    assert zoo_here("cards", "./runs/x").out == "All cards are in step.\n"
    zoo.train("toy", str(mine), out="runs/x", force=True)
    assert page() == before
    Path("runs/x/README.md").write_text(page().replace(KEPT[1], ""))
    damaged = page()
    done = zoo_here("cards", "./runs/x")
    assert done.code == 2
    assert "has lost one of the two lines" in done.err
    assert page() == damaged


def test_a_page_from_elsewhere_is_refused_before_anything_is_trained(mine):
    Path("runs/x").mkdir(parents=True)
    Path("runs/x/README.md").write_text("# My notes\n")
    with pytest.raises(BadInput, match=r"has a README\.md that was not made by the zoo"):
        zoo.train("toy", str(mine), out="runs/x")
    assert page() == "# My notes\n"
    assert not Path("runs/x/config.json").exists()


def test_results_are_kept_in_the_folder_and_verified(mine, zoo_here):
    zoo.train("toy", str(mine), out="runs/x")
    assert zoo_here("verify", "./runs/x").code == 0
    assert zoo_here("evaluate", "./runs/x", "--split", "train", "--store").code == 0
    assert {row["split"] for row in kept()["measured"]} == {"train", "val", "test"}
    words = ["evaluate", "./runs/x", "--retrain", "--folds", "3", "--seeds", "0,1", "--store"]
    done = zoo_here(*words)
    assert done.code == 0, done.err
    rows = {row["method"]: row for row in kept()["measured"] if row["kind"] == "retrained"}
    assert set(rows) == {"x", "lazy"}
    assert len(rows["x"]["values"]) == 6
    assert rows["lazy"]["difference"]["low"] < rows["lazy"]["difference"]["high"]
    assert rows["x"]["command"] == "zoo evaluate ./runs/x --retrain --folds 3 --seeds 0,1"
    assert zoo_here("cards", "./runs/x").code == 0
    assert "| **x** (this recipe) |" in page()
    assert "| lazy |" in page()
    verified = zoo_here("verify", "./runs/x", "--json")
    assert [row["verdict"] for row in verified.json] == ["holds"] * 3
    content = kept()
    for row in content["measured"]:
        row["values"] = [0.01 for _ in row["values"]]
    Path("runs/x/results.json").write_text(json.dumps(content))
    assert zoo_here("verify", "./runs/x").code == 1


def test_data_that_are_gone_or_changed_are_told_and_may_be_given(mine, zoo_here):
    zoo.train("toy", str(mine), out="runs/x")
    moved = mine.rename(mine.with_name("elsewhere.json"))
    gone = zoo_here("verify", "./runs/x")
    assert gone.code == 2
    assert "are not at" in gone.err
    assert "--dataset" in gone.err
    assert zoo_here("verify", "./runs/x", "--dataset", moved).code == 0
    mine.write_text(moved.read_text().replace("0", "1", 1))
    changed = zoo_here("verify", "./runs/x")
    assert changed.code == 2
    assert "mine.json has changed since" in changed.err


def test_data_in_memory_are_asked_for_again(mine, zoo_here):
    content = json.loads(mine.read_text())
    zoo.train("toy", content, out="runs/x")
    assert "dict in memory" in page()
    assert "are not kept" in page()
    refused = zoo_here("verify", "./runs/x")
    assert refused.code == 2
    assert "are of data in memory (dict), which are not kept" in refused.err
    checks = list(zoo.verify(Path("runs/x"), dataset=content))
    assert [one.verdict for one in checks] == ["holds", "holds"]


def test_a_folder_with_nothing_to_measure_is_kept_and_says_so(site):
    site.add_toy(
        beyond={
            "model.py": "import torch\nclass Toy(torch.nn.Linear):\n    def __init__("
            "self, inputs, classes):\n        super().__init__(inputs, classes)\n"
        }
    )
    site.use()
    zoo.train("toy", "toys", out="runs/x")
    assert kept()["measured"] == []
    assert "Nothing has been measured: Toy has no outputs" in page()
    with pytest.raises(BadInput, match="keeps no numbers to verify"):
        list(zoo.verify("./runs/x"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("zoo train toy --dataset /home/ann/a b/x.npz", "zoo train toy --dataset a b/x.npz"),
        ("--option 'features=/data/f.csv' --set k=3", "--option 'features=f.csv' --set k=3"),
        ("~/runs/x and C:/Users/ann/x.csv", "x and x.csv"),
        ("https://arxiv.org/abs/1 and 1/2 and a/b", "https://arxiv.org/abs/1 and 1/2 and a/b"),
    ],
)
def test_paths_are_told_by_the_names_they_end_in(text, expected):
    assert run_cards.public(text) == expected


def test_a_folder_is_published_like_a_model_and_tells_no_path(hub_site, hub, tmp_path):
    hub_site.add_toy("toy-a", beyond={"data.py": READER})
    hub.add_token("hf_abcdefgh", "ann", orgs=["lab"])
    path = write_toys(tmp_path)
    code = """
        import json, sys, warnings
        from pathlib import Path
        import zoo
        warnings.simplefilter("ignore")
        zoo.train("toy", sys.argv[1], out="runs/x")
        card = Path("runs/x/README.md")
        card.write_text(card.read_text().replace("license: unknown", "license: mit"))
        rows = [
            zoo.publish("./runs/x", repo="ann/own", dry_run=True),
            zoo.publish("./runs/x", repo="ann/own"),
            zoo.publish("./runs/x"),
        ]
        loaded = zoo.load("ann/own")
        same = loaded.layer.weight.equal(zoo.load("./runs/x").layer.weight)
        score = zoo.evaluate(loaded, sys.argv[1])[0].value
        print(json.dumps([[one.as_json() for several in rows for one in several], same, score]))
    """
    done = hub_site.python(code, str(path), HF_TOKEN="hf_abcdefgh")
    assert done.code == 0, done.err
    (dry, first, second), same, score = json.loads(done.out.splitlines()[-1])
    assert (dry["action"], dry["revision"]) == ("created", None)
    assert first["action"] == "created"
    assert first["repo"] == second["repo"] == "ann/own"
    assert second["action"] == "unchanged"
    assert second["revision"] == first["revision"]
    assert same
    files = {name: text for name, text in hub.files("ann/own").items() if name[0] != "."}
    assert sorted(files) == ["README.md", "config.json", "model.safetensors", "results.json"]
    for name, content in files.items():
        assert SECRET.encode() not in content, name
        assert str(tmp_path).encode() not in content, name
    card = files["README.md"].decode()
    assert 'zoo.load("ann/own")' in card
    assert "license: mit" in card
    config = json.loads(files["config.json"])["zoo"]
    assert config["dataset"] == "mine.json"
    measured = json.loads(files["results.json"])["measured"]
    assert score in [row["value"] for row in measured]
