"""What is printed: texts of strangers are shown as texts, on terminals too."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

from zoo_core._shell.printing import LONGEST, cell, short

CODE = """
import sys
from zoo_core._shell.printing import print_rows
print_rows([{"name": TEXT, "size": 3}], False)
"""
FAILING = r"""
import zoo_core._shell.shell as shell
from zoo_core import BadInput

def fail(**options):
    raise BadInput("tensor \x1b]0;x\x07\nzoo: all is well" + "k" * 900_000)

shell.cli.main = fail
shell.main()
"""


def on_terminal(code):
    """Run Python on a pseudo-terminal; return what it wrote there."""
    leader, follower = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=follower,
        stderr=subprocess.STDOUT,
        env={**os.environ, "COLUMNS": "80", "TERM": "xterm"},
    ) as running:
        os.close(follower)
        written = b""
        while True:
            try:
                piece = os.read(leader, 65536)
            except OSError:  # Linux's way to say that the other side is closed
                break
            if not piece:
                break
            written += piece
        assert running.wait() == 0, written
    os.close(leader)
    return written.decode()


@pytest.mark.parametrize(
    "text", ["closing [/b] tag", "Filling the [mask] token", "[link=https://x]y", "[red]", "\\["]
)
def test_a_table_on_a_terminal_shows_brackets_as_they_are(text):
    assert text in on_terminal(CODE.replace("TEXT", repr(text)))


@pytest.mark.parametrize(
    "text", ["a\udcffb", "a\x1b]0;title\x07b", "a\x1b[31mb", "a\nzoo: forged", "a\x9b31mb"]
)
def test_escapes_and_new_lines_reach_no_terminal(text):
    written = on_terminal(CODE.replace("TEXT", repr(text)))
    table = written.splitlines()
    assert len(table) == 2
    assert "\x1b]" not in written
    assert "\x1b[31m" not in written
    assert "\x9b" not in written
    assert cell(text).isprintable()


def test_a_long_text_is_cut_with_an_ellipsis():
    assert short("a" * LONGEST) == "a" * LONGEST
    assert short("a" * (LONGEST + 1)) == "a" * (LONGEST - 1) + "…"


def test_an_error_is_one_line_without_escapes(site):
    done = site.python(FAILING)
    assert done.code == 2
    (line,) = done.err.splitlines()
    assert line.startswith("zoo: tensor  ]0;x zoo: all is well")
    assert len(line) < LONGEST + 20


TEXT = "a\x1b]0;title\x07b\u202ec\nsecond\tline\x9b31m"
TALKING = """
    import torch

    class Toy(torch.nn.Module):
        def __init__(self, inputs: int, classes: int):
            super().__init__()
            self.layer = torch.nn.Linear(inputs, classes)

        def predict(self, source=None, *, way="text"):
            text = TEXT
            if source is not None:
                raise __import__("zoo_core").BadInput(text)
            return iter([text[:2], text[2:]]) if way == "stream" else text
"""


@pytest.mark.parametrize("way", ["text", "stream"])
def test_what_a_model_writes_sends_no_escapes_to_a_terminal(site, zoo_here, monkeypatch, way):
    """A stranger's vocabulary may hold them; in a pipe they are the text that they are."""
    site.add_toy("toy-a", beyond={"model.py": TALKING.replace("TEXT", repr(TEXT))})
    site.use()
    assert zoo_here("predict", "toy-a", "--way", way).out == f"{TEXT}\n"
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    out = zoo_here("predict", "toy-a", "--way", way).out
    assert out == "a ]0;title b c\nsecond\tline 31m\n"


def test_a_source_that_is_left_out_forges_no_line(site, zoo_here):
    site.add_toy("toy-a", beyond={"model.py": TALKING.replace("TEXT", repr(TEXT))})
    site.use()
    done = zoo_here("predict", "toy-a", "one", "two", "--skip-errors")
    assert done.code == 1
    assert len(done.err.splitlines()) == 3
    assert done.err.startswith("zoo: one: a ]0;title b c second line 31m\n")


@pytest.mark.parametrize("words", [["verify", "toy-paper", "--claim", "holds"], ["demo"]])
def test_verbs_that_tell_lines_send_no_escapes_to_a_terminal(site, zoo_here, monkeypatch, words):
    package = site.add_toy("toy-a")
    for path in ("__init__.py", "model.py"):
        source = (package / path).read_text()
        odd = source.replace('f"It {v}."', r'f"It {v}.\x1b]0;x"').replace(
            "return [{", r'return "x\x1b]0;y"; return [{'
        )
        (package / path).write_text(odd)
    site.use()
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    done = zoo_here(*words)
    assert done.code == 0, done.err
    assert "]0;" in done.out
    assert "\x1b" not in done.out
