"""Completion of names in bash, zsh and fish: what fits the verb, fast, and never an error."""

from __future__ import annotations

import json
import os
import pty
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.shell_completion import BashComplete

from zoo_core._shell.group import cli
from zoo_core._shell.verbs.completion import PLACES, VARIABLE


def completed(*words):
    """Return what is offered for the last word: names, and "file" or "dir" for paths."""
    found = BashComplete(cli, {}, "zoo", VARIABLE).get_completions(list(words[:-1]), words[-1])
    return [item.value if item.type == "plain" else f"<{item.type}>" for item in found]


OFFERED = {
    "verbs": (["ev"], ["evaluate"]),
    "evaluate: models that have weights": (["evaluate", "t"], ["<dir>", "toy-a"]),
    "evaluate --retrain: what can be trained": (
        ["evaluate", "--retrain", "t"],
        ["<dir>", "toy-a", "toy-b", "toy"],
    ),
    "evaluate --dataset: datasets and files": (
        ["evaluate", "toy-a", "--dataset", "t"],
        ["<file>", "toys"],
    ),
    "evaluate --dataset=, as zsh and fish ask": (["evaluate", "--dataset=toy"], ["<file>", "toys"]),
    "evaluate --metric": (["evaluate", "--metric", "acc"], ["accuracy"]),
    "evaluate --split: of the model's data": (
        ["evaluate", "toy-a", "--split", ""],
        ["train", "test"],
    ),
    "a name is offered once": (["evaluate", "toy-a", "t"], ["<dir>"]),
    "an option": (["evaluate", "--ret"], ["--retrain"]),
    "predict: models": (["predict", "t"], ["<dir>", "toy-a"]),
    "predict: sources": (["predict", "toy-a", "t"], ["<file>", "toys"]),
    "predict --output: files": (["predict", "toy-a", "--output", "x"], ["<file>"]),
    "predict --dtype": (
        ["predict", "toy-a", "--dtype", "f"],
        ["float16", "float32", "float64"],
    ),
    "embed: models": (["embed", "t"], ["<dir>", "toy-a"]),
    "embed --split: of the model's data": (["embed", "toy-a", "--split", ""], ["train", "test"]),
    "embed --output: files": (["embed", "toy-a", "--output", "x"], ["<file>"]),
    "export: models that can be": (["export", "t"], ["<dir>"]),
    "export --format": (["export", "toy-a", "--format", ""], ["pt2", "onnx"]),
    "train: models and architectures": (["train", "t"], ["toy-a", "toy-b", "toy"]),
    "train --start": (["train", "toy", "--start", "t"], ["<file>", "toy-a"]),
    "train --out: folders": (["train", "toy", "--out", ""], ["<dir>"]),
    "train --device": (["train", "toy", "--device", "c"], ["cpu", "cuda"]),
    "verify: papers, then models": (["verify", "t"], ["<dir>", "toy-paper", "toy-a"]),
    "verify: claims after a paper": (
        ["verify", "toy-paper", ""],
        ["<dir>", "holds", "fails", "open", "nodata", "odd"],
    ),
    "verify: further claims": (["verify", "toy-paper", "holds", "o"], ["<dir>", "open", "odd"]),
    "verify --claim": (["verify", "toy-paper", "--claim", "h"], ["holds"]),
    "show: everything": (["show", "t"], ["toy-a", "toy-b", "toy-paper", "toy", "toys"]),
    "show: claims of a paper": (["show", "toy-paper", "f"], ["fails"]),
    "show: claims of a model's paper": (["show", "toy-a", "f"], ["fails"]),
    "list: models": (["list", "t"], ["toy-a", "toy-b"]),
    "list --papers": (["list", "--papers", "t"], ["toy-paper"]),
    "list --datasets": (["list", "--datasets", "t"], ["toys"]),
    "list --license": (["list", "--license", ""], ["MIT"]),
    "list --task": (["list", "--task", "t"], ["toying"]),
    "list --sort": (["list", "--sort", ""], ["name", "parameters", "result"]),
    "publish": (["publish", "t"], ["<dir>", "toy-a"]),
    "download": (["download", "t"], ["toy-a"]),
    "import: only what is converted": (["import", "t"], []),
    "draw: only papers with pictures": (["draw", "t"], []),
    "migrate: folders": (["migrate", ""], ["<dir>"]),
    "new --kind": (["new", "mypaper", "--kind", "e"], ["estimator"]),
    "new: no name": (["new", ""], []),
    "cache: verbs": (["cache", "v"], ["verify"]),
    "cache verify": (["cache", "verify", "t"], ["toy-a"]),
    "completion": (["completion", ""], ["bash", "zsh", "fish"]),
}


@pytest.mark.parametrize(("words", "offered"), OFFERED.values(), ids=OFFERED.keys())
def test_names_are_offered_that_fit_the_verb(toy, words, offered):
    assert completed(*words) == offered


def test_install_offers_what_is_not_installed(toy, monkeypatch, tmp_path):
    from zoo_core._registry import registry as registry_module

    path = tmp_path / "catalogue.json"
    path.write_text(json.dumps({"zoo-far": ["far-model"], "zoo-toy": ["toy-a"]}))
    monkeypatch.setattr(registry_module, "CATALOGUE", path)
    assert completed("install", "") == ["zoo-far", "far-model"]


@pytest.mark.parametrize("fault", ["a broken plugin", "a clash", "no plugin", "a typo"])
def test_nothing_is_said_whatever_is_broken(site, zoo_here, monkeypatch, fault, capfd):
    if fault == "a broken plugin":
        site.add("broken", "raise RuntimeError('no')")
    if fault == "a clash":
        site.add_toy("toy-a")
        init = (site.folder / "zoo_toy" / "__init__.py").read_text()
        site.add("other", init, "zoo-other")
    if fault == "a typo":
        site.names.append("nothing-of-that-name")
    site.use()
    monkeypatch.setenv(VARIABLE, "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "zoo show t")
    monkeypatch.setenv("COMP_CWORD", "2")
    done = zoo_here()
    assert (done.code, done.out.strip(), done.err) == (0, "", "")


PROTOCOL = {
    "bash": ({"COMP_WORDS": "zoo evaluate toy", "COMP_CWORD": "2"}, "dir,toy\nplain,toy-a"),
    "zsh": (
        {"COMP_WORDS": "zoo evaluate toy", "COMP_CWORD": "2"},
        "dir\ntoy\n_\nplain\ntoy-a\nA toy.",
    ),
    "fish": (
        {"COMP_WORDS": "zoo evaluate", "COMP_CWORD": "toy"},
        "dir,toy\nplain,toy-a\tA toy.",
    ),
}
SHELL = """
import sys
from zoo_core._shell.shell import main
try:
    main()
finally:
    loaded = {name.partition(".")[0] for name in sys.modules}
    print(*sorted(loaded & {"torch", "numpy", "rich", "zoo_toy"}), file=sys.stderr)
"""


@pytest.mark.parametrize("shell", PROTOCOL)
def test_a_new_process_answers_each_shell_without_torch(site, shell):
    site.add_toy("toy-a")
    asked, answer = PROTOCOL[shell]
    done = site.python(SHELL, **{VARIABLE: f"{shell}_complete"}, **asked)
    assert done.code == 0, done.err
    assert done.out.strip() == answer
    assert set(done.err.split()) <= {"zoo_toy"}


@pytest.mark.parametrize("shell", PLACES)
def test_the_script_is_printed_and_says_where_to_put_it(toy, zoo_here, monkeypatch, shell):
    done = zoo_here("completion", shell)
    assert (done.code, done.err) == (0, "")
    assert VARIABLE in done.out
    facts = zoo_here("completion", shell, "--json").json
    assert facts == {"shell": shell, "script": done.out.rstrip("\n") + "\n", "place": PLACES[shell]}
    monkeypatch.setenv("SHELL", f"/usr/bin/{shell}")
    assert zoo_here("completion").out == done.out
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    assert PLACES[shell] in readme


def test_a_shell_that_is_not_known_is_told(toy, zoo_here, monkeypatch):
    monkeypatch.setenv("SHELL", "/bin/tcsh")
    done = zoo_here("completion")
    assert done.code == 2
    assert "'tcsh'" in done.err
    assert "zoo completion bash|zsh|fish" in done.err


@pytest.mark.skipif(not shutil.which("bash"), reason="there is no bash here")
def test_bash_completes_what_is_typed(site):
    site.add_toy("toy-a")
    (site.folder.parent / "mine.npz").touch()
    with Typing(site) as bash:
        assert bash.type('eval "$(zoo completion bash)" && echo rea""dy\n', until="ready")
        assert bash.type("zoo evaluate toy-\t", until="toy-a ")
        assert bash.type("\x15zoo verify toy-paper ho\t", until="holds ")
        assert bash.type("\x15zoo predict toy-a mi\t", until="mine.npz ")


class Typing:
    """An interactive bash on a pseudo-terminal, in a folder with the plugins of a site."""

    def __init__(self, site):
        self.site = site

    def __enter__(self):
        self.leader, follower = pty.openpty()
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.running = subprocess.Popen(
            ["bash", "--norc", "--noprofile", "-i"],
            stdin=follower,
            stdout=follower,
            stderr=follower,
            cwd=self.site.folder.parent,
            env={**self.site.env(PATH=path), "PS1": "$ ", "TERM": "dumb"},
            start_new_session=True,
        )
        os.close(follower)
        return self

    def type(self, keys, until, seconds=60):
        """Type keys, and tell whether something is written within some seconds."""
        os.write(self.leader, keys.encode())
        written, end = "", time.monotonic() + seconds
        while until not in written and time.monotonic() < end:
            ready, _, _ = select.select([self.leader], [], [], 1)
            written += os.read(self.leader, 65536).decode() if ready else ""
        return until in written

    def __exit__(self, *error):
        self.running.kill()
        self.running.wait()
        os.close(self.leader)
