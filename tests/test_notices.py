"""Notices: said once, or an error."""

from __future__ import annotations

import warnings

import pytest

from zoo_core import BadInput, Notice, notice, strictly

SENTENCE = "2 loops were dropped."


def test_a_notice_is_a_warning_of_its_own_category():
    with pytest.warns(Notice, match="2 loops"):
        notice(SENTENCE)


def test_strictly_makes_it_an_error_and_only_inside():
    with strictly(), pytest.raises(BadInput, match=r"2 loops were dropped\. That is refused"):
        notice(SENTENCE)
    with pytest.warns(Notice):
        notice(SENTENCE)
    with strictly(), strictly(False), pytest.warns(Notice):
        notice(SENTENCE)


def test_the_same_notice_is_said_once():
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("default")
        for _ in range(3):
            notice(SENTENCE)
    assert len(said) == 1


def test_the_shell_prints_it_on_standard_error(site):
    code = (
        "import sys, zoo_core._shell.shell as shell\n"
        "from zoo_core import notice\n"
        "shell.cli.main = lambda **k: (notice('2 loops were dropped.'), print('out'))[1]\n"
        "shell.main()"
    )
    done = site.python(code)
    assert (done.code, done.out.strip(), done.err.strip()) == (0, "out", f"zoo: {SENTENCE}")
