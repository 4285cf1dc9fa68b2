"""What `zoo.evaluate` returns: a list that prints as a table, and offers its number."""

from __future__ import annotations

import copy
import pickle

import pytest

import zoo
from zoo_core.errors import BadInput


@pytest.fixture
def measured(toy):
    return zoo.evaluate("toy-a")


def test_what_is_measured_prints_as_a_table(measured):
    header, row = repr(measured).splitlines()
    assert header.split() == ["method", "dataset", "split", "metric", "measured"]
    assert row.split() == ["toy-a", "toys", "test", "accuracy", "100.0", "%"]
    assert str(measured) == repr(measured)
    assert "seconds" not in repr(measured)


def test_it_is_the_list_that_it_was(measured):
    assert isinstance(measured, list)
    (row,) = measured
    assert measured == [row]
    assert [*measured, row] == measured + measured
    assert measured[0] is row
    assert repr(measured[:1]) == repr(measured)
    for again in (copy.deepcopy(measured), pickle.loads(pickle.dumps(measured))):
        assert again == measured
        assert repr(again) == repr(measured)
    assert repr(zoo.Rows()) == "[]"


def test_the_value_of_a_single_result(measured):
    assert measured.value == measured[0].value == 1.0
    for several in (zoo.Rows(measured + measured), zoo.Rows()):
        with pytest.raises(BadInput, match=f"There are {len(several)} rows.*rows\\[0\\].value"):
            _ = several.value


def test_what_is_no_test_result_says_so(toy):
    rows = zoo.evaluate("toy-a", fold=1)
    assert "Note: toy-a was trained on toys with the default options" in repr(rows)
    assert "no test result" in " ".join(repr(rows).split())
    assert "fold 1" in repr(rows).splitlines()[1]


@pytest.mark.parametrize("width", [20, 40, 60, 80, 120])
def test_the_table_is_no_wider_than_the_terminal(toy, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    for rows in (
        zoo.evaluate("toy-a", fold=1),
        zoo.Rows(zoo.verify("toy-paper", claim="holds")),
        zoo.Rows(zoo.compare("toy-a", folds=2)),
    ):
        assert max(map(len, repr(rows).splitlines())) <= width
        assert "holds" in repr(rows) or "toy-a" in repr(rows)


def test_checks_and_comparisons_print_as_tables_too(toy, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    checks = zoo.Rows(zoo.verify("toy-paper", claim="holds"))
    assert repr(checks).splitlines()[1].split()[:2] == ["holds", "holds"]
    with pytest.raises(BadInput, match="A Check is no number"):
        _ = checks.value
    methods = [line.split()[0] for line in repr(zoo.Rows(zoo.compare("toy-a"))).splitlines()]
    assert methods == ["method", "toy-a", "lazy"]


def test_a_notebook_shows_a_table_without_markup_of_strangers(measured):
    import dataclasses

    odd = zoo.Rows([dataclasses.replace(measured[0], method="<script>")])
    shown = odd._repr_html_()
    assert "<td>&lt;script&gt;</td>" in shown
    assert shown.count("<tr>") == 2


def test_a_metric_that_is_not_there_is_shown_as_it_is(measured):
    import dataclasses

    odd = zoo.Rows([dataclasses.replace(measured[0], metric="gone", values=[0.25])])
    assert repr(odd).splitlines()[1].split()[-2:] == ["gone", "0.25"]
