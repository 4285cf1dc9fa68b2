"""Standard streams that are closed, full or no longer read; colours that are not wanted."""

from __future__ import annotations

import errno
import os
import subprocess
import sys

import pytest

FULL = "zoo: standard output cannot be written (no space is left on the disk).\n"
CLOSED = "zoo: standard output is closed; give it somewhere to go, as >/dev/null.\n"
WORDS = [["list"], ["list", "--json"], ["show", "toy-a", "--json"], ["--help"], ["show", "--help"]]


def run(site, words, *, closed=(), **streams):
    """Run the shell with streams as they are given, some of them closed."""

    def close():
        for number in closed:
            os.close(number)

    return subprocess.run(
        [sys.executable, "-m", "zoo_core", *words],
        env=site.env(),
        text=True,
        timeout=60,
        preexec_fn=close,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams},
    )


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_a_full_standard_output_is_told_and_an_error(toy, words):
    with open("/dev/full", "w") as full:
        done = run(toy, words, stdout=full)
    assert (done.returncode, done.stderr) == (3, FULL)


@pytest.mark.parametrize("words", [["list"], ["--help"], ["nonsense"]], ids=" ".join)
def test_a_closed_standard_output_is_told_before_anything_is_done(toy, words):
    done = run(toy, words, closed=[1])
    assert (done.returncode, done.stderr) == (3, CLOSED)


@pytest.mark.parametrize("size", [10, 200_000], ids=["small", "large"])
def test_what_is_larger_than_a_buffer_is_told_as_well(toy, size):
    """A large text goes past the buffers of Python: nothing of it waits to fail once more."""
    code = (
        "import sys, click; from zoo_core._shell import shell\n"
        "verb = shell.cli.get_command(None, 'list')\n"
        f"verb.callback = lambda **more: click.echo('x' * {size})\n"
        "sys.argv = ['zoo', 'list']; shell.main()"
    )
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=toy.env(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
    assert (done.returncode, done.stderr) == (3, FULL)


@pytest.mark.parametrize("closed", [True, False], ids=["closed", "full"])
def test_nobody_who_reads_standard_error_ends_nothing(toy, closed):
    with open("/dev/full", "w") as full:
        how = {"closed": [2]} if closed else {"stderr": full}
        done = run(toy, ["list", "--json"], **how)
        assert (done.returncode, '"toy-a"' in done.stdout) == (0, True)
        assert run(toy, ["show", "toy-x"], **how).returncode == 2


def test_a_sentence_that_nobody_reads_is_no_crash(toy):
    read, write = os.pipe()
    os.close(read)
    done = run(toy, ["show", "toy-x"], stdout=write, stderr=write)
    os.close(write)
    assert done.returncode == 2


def test_a_closed_standard_input_is_no_source(toy, zoo_here, monkeypatch):
    monkeypatch.setattr("sys.stdin", None)
    done = zoo_here("predict", "toy-a", "-")
    assert (done.code, done.err) == (
        2,
        "zoo: Standard input is closed, and - is what stands on it; give a file.\n",
    )


def test_a_pipe_that_is_not_the_output_is_an_error_like_others(toy, zoo_here, monkeypatch):
    def fail(*args, **kwargs):
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    monkeypatch.setattr("zoo_core._registry.listing.info", fail)
    done = zoo_here("show", "toy-a", "--json")
    assert done.code == 3
    assert "a pipe that is not the shell's own broke" in done.err


@pytest.mark.parametrize(
    ("variables", "coloured"),
    [
        ({}, True),
        ({"NO_COLOR": ""}, True),
        ({"NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
    ],
    ids=["usual", "empty", "NO_COLOR", "dumb"],
)
@pytest.mark.parametrize("words", [["verify", "toy-paper", "--claim", "holds"], ["demo"]])
def test_colours_are_left_out_where_none_are_wanted(
    toy, zoo_here, monkeypatch, variables, coloured, words
):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    done = zoo_here(*words)
    assert done.code == 0
    assert ("\x1b[" in done.out) == coloured


@pytest.mark.parametrize("limit", ["-1", "-20", "1.5", "x"])
def test_a_limit_is_a_number_of_rows(toy, zoo_here, limit):
    done = zoo_here("predict", "toy-a", "--limit", limit)
    assert (done.code, done.out) == (2, "")
    assert "--limit" in done.err
    assert "bug" not in done.err


PRINTING = 'print("NOISE"); __import__("sys").stdout.write("NOISE\\n")'
NOISY = {
    "list": ["list"],
    "show": ["show", "toy-a"],
    "card": ["show", "toy-a", "--card"],
    "plugins": ["plugins"],
    "predict": ["predict", "toy-a"],
    "predict each": ["predict", "toy-a", "one.json", "one.json", "--each"],
    "evaluate": ["evaluate", "toy-a"],
    "retrain": ["evaluate", "toy-a", "--retrain"],
    "train": ["train", "toy-a", "--out", "out"],
    "verify": ["verify", "toy-paper", "--claim", "holds"],
    "cards": ["cards"],
    "demo": ["demo"],
    "download": ["download", "toy-a"],
}


@pytest.mark.parametrize("words", NOISY.values(), ids=NOISY.keys())
def test_what_a_plugin_prints_spoils_no_json(site, zoo_here, words):
    """Whenever it does: at its import, when its modules are imported, when they are called."""
    package = site.add_toy("toy-a")
    for path, begin in {
        "__init__.py": "def zoo_models():\n",
        "model.py": 'def predict(self, source=None, *, way="rows", count=3):\n',
        "data.py": "def make(fold=0):\n",
        "train.py": "def train(run, progress):\n",
        "claims.py": "def holds():\n",
    }.items():
        source = (package / path).read_text()
        assert begin in source
        indent = 8 if path == "model.py" else 4
        source = source.replace(begin, f"{begin}{' ' * indent}{PRINTING}\n")
        (package / path).write_text(f"{PRINTING}\n{source}")
    site.use()
    (site.folder.parent / "one.json").write_text("[[0.0, 9.0, 0.0, 0.0]]")
    done = zoo_here(*words, "--json")
    assert done.code == 0, done.err
    assert done.json
    assert "NOISE" not in done.out
    assert "toy-a" in zoo_here("show", "toy-a").out, "standard output is itself again"
