"""What people have, prompts and signals, in all forms; clear refusals of the rest."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from zoo_mamba_selectivity.networks.recall import RecallNetwork
from zoo_mamba_selectivity.reading import read_signal

from zoo_core import BadInput


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("", "has no tokens"),
        ([], "has no tokens"),
        ("8 x 8", "'x' is no token"),
        ([8, 1.5], "1.5 is no token"),
        ([8, True], "True is no token"),
        ([8, None], "None is no token"),
        ("8 20 8", "Token 20 is out of the vocabulary; this model knows 0 to 19"),
        ("-1 8 8", "Token -1 is out"),
        ("8 15 3 12", "Nothing is asked: no key"),
        ("0 15 0 15", "Nothing is asked: no key"),
        (3.5, "A float is no prompt"),
        ({"pairs": [[8, 15]]}, "'queries', a list of keys"),
        ({"pairs": [[8, 3]], "queries": [8]}, "is no pair"),
        ({"pairs": [[8, 15, 2]], "queries": [8]}, "is no pair"),
        ({"pairs": [[8, 15], [8, 12]], "queries": [8]}, "Key 8 has two values"),
        ({"pairs": [[8, 15]], "queries": [3]}, "Key 3 is asked for but is in no pair"),
        ({"pairs": 3, "queries": [3]}, "give 'pairs', a list"),
    ],
    ids=[f"case{i}" for i in range(17)],
)
def test_unusable_prompts_are_refused(source, message):
    with pytest.raises(BadInput, match=message):
        RecallNetwork(20, width=8, state_size=3, heads=2).predict(source)


def test_a_file_is_the_prompt_that_stands_in_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    network = RecallNetwork(20, width=8, state_size=3, heads=2)
    wanted = network.predict("8 15 3 12 8 0 3")
    Path("p.txt").write_text("8 15 3 12\n8 0 3\n")
    Path("p").write_text("8,15,3,12,8,0,3")
    Path("p.json").write_text('{"pairs": [[8, 15], [3, 12]], "queries": [8, 3]}')
    Path("list.json").write_text("[8, 15, 3, 12, 8, 0, 3]")
    np.save("p.npy", np.array([8, 15, 3, 12, 8, 0, 3]))
    for source in ("p.txt", "p", Path("p.txt"), "./p.json", "list.json", "p.npy", Path("p.npy")):
        assert network.predict(source) == wanted, source
    for missing in ("q.txt", "./q", Path("q")):
        with pytest.raises(BadInput, match=r"There is no file .*give token numbers"):
            network.predict(missing)
    Path("bad.json").write_text("{")
    with pytest.raises(BadInput, match=r"bad\.json is no JSON"):
        network.predict("bad.json")
    with pytest.raises(BadInput, match="'many' is no token"):
        network.predict("many")


def test_signals_are_read_in_all_forms(tmp_path):
    expected = np.array([1.0, -2.5, 3.0, 4.0])
    (tmp_path / "x.csv").write_text("1,-2.5\n3,4\n")
    (tmp_path / "x.txt").write_text("1\n-2.5\n3\n4\n")
    np.save(tmp_path / "x.npy", expected[:, None])
    forms = [
        ("1", "-2.5", "3", "4"),
        ("1, -2.5 3;4",),
        (1, -2.5, 3, 4),
        ([1, -2.5, 3, 4],),
        (expected,),
        *((tmp_path / f"x.{kind}",) for kind in ("csv", "txt", "npy")),
        (str(tmp_path / "x.npy"),),
    ]
    for form in forms:
        np.testing.assert_array_equal(read_signal(form), expected)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ((), "no signal|shape"),
        (([],), "shape"),
        ((1.0, float("nan")), "Sample 1 of the signal is nan"),
        (("1", "inf"), "Sample 1"),
        (("nowhere.csv",), "neither a file"),
        (("a", "b"), "no signal"),
        ((np.zeros((2, 2)),), "shape"),
        ((object(),), "no signal"),
    ],
    ids=["nothing", "empty", "nan", "infinite", "file", "text", "table", "object"],
)
def test_what_is_no_signal_is_refused(given, words):
    with pytest.raises(BadInput, match=words):
        read_signal(given)


def test_files_without_numbers_are_refused(tmp_path):
    (tmp_path / "x.csv").write_text("time,value\n0,1\n")
    (tmp_path / "empty.txt").write_text("")
    (tmp_path / "x.npy").write_text("no array")
    for name in ("x.csv", "empty.txt", "x.npy"):
        with pytest.raises(BadInput, match=name.replace(".", r"\.")):
            read_signal((tmp_path / name,))
