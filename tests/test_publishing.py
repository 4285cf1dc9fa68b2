"""`zoo publish`: one commit for one model, nothing for nothing, and nobody's words lost.

Each command is a process of its own and the Hub a server; a case runs with both transports where
large files move.
"""

from __future__ import annotations

import json
import re

import pytest
import yaml
from huggingface_hub import ModelCard, parse_eval_result_entries

from zoo_core._publishing.cards import KEPT

TOKEN = "hf_abcdefgh"
REPO = "ann/toy-a"
FILES = ["README.md", "config.json", "model.safetensors"]

lfs_only = pytest.mark.parametrize("hub", ["lfs"], indirect=True)


class Author:
    """A plugin's author: the toy plugin with trained models, and an access token."""

    def __init__(self, site, hub):
        self.site, self.hub = site, hub
        self.package = site.add_toy("toy-a", "toy-b")
        hub.add_token(TOKEN, "ann", orgs=["lab"])

    def publish(self, *words, **env):
        return self.site.zoo("publish", *words, **{"HF_TOKEN": TOKEN, **env})

    @property
    def lock(self):
        return json.loads((self.package / "weights" / "lock.json").read_text())

    def ours(self, repo=REPO):
        """The repository's files, without the one that the Hub puts there itself."""
        return {
            path: content
            for path, content in self.hub.files(repo).items()
            if path != ".gitattributes"
        }

    def edit_card(self, change, repo=REPO):
        page = self.hub.files(repo)["README.md"].decode()
        self.hub.put(repo, {"README.md": change(page).encode()})


@pytest.fixture
def author(hub_site, hub):
    return Author(hub_site, hub)


def test_a_model_is_one_commit_and_an_unchanged_one_is_none(author, hub):
    first = author.publish("toy-a", "--json")
    assert first.code == 0, first.err
    (row,) = first.json
    assert row["action"] == "created"
    assert row["changed"] == FILES
    (commit,) = [one for one in hub.commits(REPO) if "Publish" in one.message]
    assert commit is hub.commits(REPO)[0]
    assert row["revision"] == commit.id == author.lock["toy-a"]["revision"]
    assert author.lock["toy-a"]["repo"] == REPO
    assert author.lock["toy-b"] == {**author.lock["toy-b"], "repo": None, "revision": None}
    assert sorted(author.ours()) == FILES
    before = author.lock, len(hub.commits(REPO))
    hub.log.clear()
    again = author.publish("toy-a", "--json")
    assert again.json[0]["action"] == "unchanged"
    assert again.json[0]["revision"] == commit.id
    assert (author.lock, len(hub.commits(REPO))) == before
    assert {request.method for request in hub.log} <= {"GET", "HEAD"}


def test_what_was_published_is_loaded_in_every_way(author, hub):
    assert author.publish("toy-a").code == 0
    (author.package / "weights" / "toy-a.safetensors").unlink()
    code = f"""
        import json, sys
        import torch, zoo
        from huggingface_hub import PyTorchModelHubMixin, snapshot_download
        from safetensors.torch import load_file
        from zoo_toy.model import Toy

        class Hubbed(Toy, PyTorchModelHubMixin):
            pass

        listed = zoo.load("toy-a")
        tensors = load_file(snapshot_download("{REPO}") + "/model.safetensors")
        others = [
            zoo.load("{REPO}"),
            zoo.load("{REPO}@main"),
            zoo.load(snapshot_download("{REPO}")),
            Hubbed.from_pretrained("{REPO}"),
        ]
        for module in others:
            for name, tensor in module.state_dict().items():
                assert torch.equal(tensor, tensors[name]) and torch.equal(
                    tensor, listed.state_dict()[name])
        print(others[0].zoo_source.label, zoo.evaluate(others[0])[0].dataset)
        """
    done = author.site.python(code)
    assert done.code == 0, done.err
    assert done.out.split() == [f"{REPO}@{author.lock['toy-a']['revision'][:12]}", "toys"]


WORDED = """
    import torch

    class Toy(torch.nn.Module):
        words = b"none"

        def __init__(self, inputs: int, classes: int):
            super().__init__()
            self.layer = torch.nn.Linear(inputs, classes)

        def forward(self, x):
            return self.layer(x)

        def example_inputs(self, seed):
            return (torch.zeros(1, 4),)

        def assets(self):
            return {"words.txt": self.words + b"!"}

        def use_assets(self, assets):
            self.words = assets["words.txt"]
"""


def test_assets_and_what_inputs_need_are_published_too(author, hub):
    author.site.write("zoo_toy/model.py", WORDED)
    init = author.package / "__init__.py"
    text = init.read_text().replace('summary="A toy.",', 'summary="A toy.", inputs={"mean": [2]},')
    init.write_text(text)
    assert author.site.zoo("train", "toy-a", "--embed").code == 0
    first = author.publish("toy-a", "--json")
    assert first.code == 0, first.err
    assert first.json[0]["changed"] == sorted([*FILES, "assets/words.txt"])
    (author.package / "weights" / "toy-a.safetensors").unlink()
    (author.package / "weights" / "toy-a" / "words.txt").unlink()
    code = f"""
        import zoo
        for name in ("toy-a", "{REPO}"):
            module = zoo.load(name)
            print(module.words.decode(), module.zoo_source.inputs)
        """
    done = author.site.python(code)
    assert done.code == 0, done.err
    assert done.out.splitlines() == ["none! {'mean': [2]}"] * 2
    assert author.publish("toy-a", "--json").json[0]["action"] == "unchanged"


def test_only_what_changed_is_sent_and_the_pin_moves(author, hub):
    author.publish("toy-a")
    old = author.lock["toy-a"]["revision"]
    source = author.package / "__init__.py"
    source.write_text(source.read_text().replace("A toy.", "A better toy."))
    row = author.publish("toy-a", "--json").json[0]
    assert (row["action"], row["changed"]) == ("updated", ["README.md"])
    assert row["revision"] == author.lock["toy-a"]["revision"] != old
    assert hub.commits(REPO)[0].parent == old


def test_results_are_published_and_stale_ones_deleted(author, hub):
    assert author.site.zoo("evaluate", "toy-a", "--store").code == 0
    author.publish("toy-a")
    path = ".eval_results/toys.yaml"
    assert path in author.ours()
    (entry,) = parse_eval_result_entries(yaml.safe_load(author.ours()[path]))
    assert entry.dataset_id == "toys"
    assert "zoo evaluate toy-a" in entry.notes
    (author.package / "results" / "toy-a.json").unlink()
    row = author.publish("toy-a", "--json").json[0]
    assert row["deleted"] == [path]
    assert sorted(author.ours()) == FILES


@lfs_only
def test_hand_written_words_survive(author, hub):
    author.publish("toy-a")
    author.edit_card(lambda page: page.replace(KEPT[0], f"{KEPT[0]}\n\nAsk *Ann*: {{{{ x }}}} |"))
    hub.put(REPO, {"notes.txt": b"somebody's own file"})
    source = author.package / "__init__.py"
    assert author.publish("toy-a", "--json").json[0]["action"] == "unchanged"
    source.write_text(source.read_text().replace("A toy.", "A better toy."))
    assert author.publish("toy-a").code == 0
    page = author.ours()["README.md"].decode()
    assert f"{KEPT[0]}\n\nAsk *Ann*: {{{{ x }}}} |\n{KEPT[1]}" in page
    assert "A better toy." in page
    assert author.ours()["notes.txt"] == b"somebody's own file"
    author.edit_card(lambda page: page.replace(KEPT[1], ""))
    commits = len(hub.commits(REPO))
    refused = author.publish("toy-a")
    assert refused.code == 2
    assert "has lost one of the two lines" in refused.err
    assert len(hub.commits(REPO)) == commits


@lfs_only
def test_a_dry_run_writes_nothing_anywhere(author, hub):
    before = author.lock
    done = author.publish("toy-a", "--dry-run")
    assert done.code == 0
    assert f"toy-a: would be created  {hub.url}/{REPO}" in done.out
    assert "  + model.safetensors" in done.out
    assert {request.method for request in hub.log} == {"GET"}
    assert author.lock == before
    author.publish("toy-a")
    hub.log.clear()
    assert "toy-a: unchanged at" in author.publish("toy-a", "--dry-run", HF_TOKEN="").out
    assert {request.method for request in hub.log} <= {"GET", "HEAD"}


@lfs_only
def test_the_namespace_is_the_options_the_environments_or_the_settings(author, hub, tmp_path):
    def repo(*words, **env):
        done = author.publish("toy-a", "--dry-run", "--json", *words, **env)
        return done.json[0]["repo"] if done.code == 0 else done.err

    (tmp_path / "config.toml").write_text('namespace = "lab"\n')
    assert repo() == "ann/toy-a"
    assert repo(ZOO_CONFIG=str(tmp_path)) == "lab/toy-a"
    assert repo(ZOO_CONFIG=str(tmp_path), ZOO_NAMESPACE="ann") == "ann/toy-a"
    assert repo("--namespace", "lab", ZOO_NAMESPACE="ann") == "lab/toy-a"
    assert "who is not a member of others; give --namespace" in repo("--namespace", "others")
    assert "is not the name of a repository" in repo("--namespace", "../up")
    (tmp_path / "config.toml").write_text("namespace = [1]")
    assert "expected a name in quotes" in repo(ZOO_CONFIG=str(tmp_path))
    author.publish("toy-a", "--namespace", "lab")
    assert author.lock["toy-a"]["repo"] == "lab/toy-a"
    assert repo() == "lab/toy-a", "where it is already"


@lfs_only
def test_private_and_gated(author, hub):
    author.publish("toy-a", "--private", "--gated", "manual")
    (author.package / "weights" / "toy-a.safetensors").unlink()
    assert author.site.zoo("download", "toy-a", HF_TOKEN=TOKEN).code == 0
    hub.add_token("hf_stranger", "stranger")
    home = str(author.site.folder.parent / "other")
    refused = author.site.zoo("download", "toy-a", HF_TOKEN="hf_stranger", HF_HOME=home)
    assert "the Hub has no repository ann/toy-a, or it is private" in refused.err
    assert author.publish("toy-a", "--public").code == 0
    refused = author.site.zoo("download", "toy-a", HF_TOKEN="hf_stranger", HF_HOME=home)
    assert "ann/toy-a is gated" in refused.err
    assert author.publish("toy-a", "--gated", "no").code == 0
    assert author.site.zoo("download", "toy-a", HF_HOME=home).code == 0
    assert len([one for one in hub.commits(REPO) if "Publish" in one.message]) == 1


@lfs_only
@pytest.mark.parametrize(
    ("token", "told"),
    [
        ("", "Publishing needs an access token that may write; log in with `hf auth login`"),
        ("hf_unknown", "the Hub does not take the access token; log in again"),
        ("hf_reader", "The access token of bob may only read"),
    ],
)
def test_without_the_right_token_nothing_is_uploaded(author, hub, token, told):
    hub.add_token("hf_reader", "bob", write=False)
    before = author.lock
    done = author.publish("toy-a", HF_TOKEN=token)
    assert done.code == 3
    assert told in done.err
    assert done.err.count("\n") == 1
    assert {request.method for request in hub.log} <= {"GET"}
    assert author.lock == before
    assert not token or token not in done.err


def test_a_change_by_someone_else_meanwhile_is_told_and_overwrites_nothing(author, hub):
    author.publish("toy-a")
    before = author.lock
    source = author.package / "__init__.py"
    source.write_text(source.read_text().replace("A toy.", "A better toy."))
    hub.fault("POST", "/commit/", stale_parent=True)
    done = author.publish("toy-a")
    assert done.code == 3
    assert "ann/toy-a was changed by someone else meanwhile; run the command again" in done.err
    assert author.lock == before
    assert author.publish("toy-a").code == 0
    assert {"overtaken.txt", *FILES} <= set(author.ours())


@lfs_only
@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_hub_is_asked_again(author, hub, status):
    calls = {"GET": "/api/", "POST": "/repos/create|/commit/"}
    faults = [
        hub.fault(method, path, status=status, retry_after=1) for method, path in calls.items()
    ]
    done = author.publish("toy-a")
    assert done.code == 0, done.err
    assert [fault.hits for fault in faults] == [1, 1]
    assert sorted(author.ours()) == FILES
    assert len([one for one in hub.commits(REPO) if "Publish" in one.message]) == 1


@lfs_only
def test_a_hub_that_stays_busy_is_told_and_a_later_try_ends_it(author, hub):
    hub.fault("POST", "/commit/", status=503, times=3, retry_after=0)
    told = author.publish("toy-a")
    assert (told.code, told.err.count("\n")) == (3, 1)
    assert "the Hub answered 503 for ann/toy-a, also after waiting; try again later" in told.err
    assert author.publish("toy-a").code == 0
    assert sorted(author.ours()) == FILES


def test_a_repository_that_was_made_by_hand_is_filled(author, hub):
    hub.put(REPO, {"README.md": b"---\nlicense: mit\n---\n# Soon\n\nMy words."})
    refused = author.publish("toy-a")
    assert refused.code == 2
    assert "has a README.md that was not made by the zoo" in refused.err
    words = f"---\nlibrary_name: zoo\n---\n{KEPT[0]}\nMy words.\n{KEPT[1]}\n"
    hub.put(REPO, {"README.md": words.encode()})
    done = author.publish("toy-a")
    assert done.code == 0, done.err
    assert "My words." in author.ours()["README.md"].decode()
    assert author.lock["toy-a"]["revision"] == hub.commits(REPO)[0].id
    assert "# toy-a" in author.ours()["README.md"].decode()


@lfs_only
def test_several_models_and_all(author, hub):
    assert author.publish("toy-a", "nothing").code == 2
    assert hub.log == [], "an unknown name is told before anything is done"
    rows = author.publish("--all", "--json").json
    assert [row["repo"] for row in rows] == ["ann/toy-a", "ann/toy-b"]
    assert "not both" in author.publish("toy-a", "--all").err


@lfs_only
def test_damaged_weights_and_a_lock_file_of_others_are_refused_first(author, hub):
    path = author.package / "weights" / "toy-a.safetensors"
    content = path.read_bytes()
    path.write_bytes(content[:-1] + b"\1")
    assert "is damaged or not the right file" in author.publish("toy-a").err
    assert hub.log == []


def test_the_token_stands_nowhere(author, hub):
    hub.fault("POST", "/commit/", status=500, times=None)
    outcomes = [author.publish("toy-a"), author.publish("toy-a", "--traceback")]
    hub.state.repos.clear()
    hub._faults.clear()
    outcomes.append(author.publish("toy-a"))
    texts = [text for one in outcomes for text in (one.out, one.err)]
    texts += [content.decode("latin-1") for content in hub.files(REPO).values()]
    texts.append((author.package / "weights" / "lock.json").read_text())
    assert not any(TOKEN in text for text in texts)
    assert outcomes[-1].code == 0


@lfs_only
def test_the_card_is_what_the_hub_reads(author, hub):
    author.site.zoo("evaluate", "toy-a", "--store")
    author.publish("toy-a")
    card = ModelCard(author.ours()["README.md"].decode())
    assert card.data.license == "mit"
    assert card.data.library_name == "zoo"
    (result,) = card.data.eval_results
    assert (result.dataset_type, result.metric_type) == ("toys", "accuracy")
    (code,) = re.findall(r"```python\n(from huggingface_hub.*?)```", card.text, flags=re.S)
    assert f'"{REPO}"' in code and len(code.strip().splitlines()) == 3
    done = author.site.python(code + "print(sorted(tensors))")
    assert done.out == "['layer.bias', 'layer.weight']\n", done.err
