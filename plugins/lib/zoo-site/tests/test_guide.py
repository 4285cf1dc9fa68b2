"""Guide and reference follow what is there: the files of a new plugin, the names of the doors."""

from __future__ import annotations

from zoo_site.catalogue import Catalogue
from zoo_site.parts import guide, reference
from zoo_site.picture import board

import zoo
import zoo_core


def test_the_guide_grows_all_that_a_new_plugin_has():
    found = guide.grown()
    shown = {file["path"] for step in found["steps"] for file in step["files"]}
    code = {one["path"] for one in found["tree"] if one["path"].endswith(".py")}
    left_out = {"tests/conftest.py", "zoo_mypaper/specs/__init__.py"}
    assert code - shown <= left_out
    assert all(file["text"] and file["told"] for step in found["steps"] for file in step["files"])


def test_the_tour_is_the_readme():
    assert guide.tour().startswith("# zoo\n")


def test_the_reference_has_every_name_of_both_doors():
    for module in (zoo, zoo_core):
        found = reference.door(module.__name__)["members"]
        assert {one["name"] for one in found} == set(module.__all__)
        assert all(one["told"] for one in found), [one["name"] for one in found if not one["told"]]
        errors = [one for one in found if one["kind"] == "error"]
        assert len(errors) >= 7 and all(one["exit"] in (2, 3) for one in errors)
        assert not [one for one in found if " at 0x" in one["signature"]]


def test_the_picture_of_the_board_has_a_sign_for_each_claim():
    counts = {"holds": 3, "fails": 1, "not established": 2, "not measured": 1}
    claims = [
        {"name": f"{verdict}{number}", "verdict": verdict, "statement": "<It> is so."}
        for verdict, count in counts.items()
        for number in range(count)
    ]
    paper = {"name": "a-paper", "title": "T", "year": 2020, "authors": ["A"], "claims": claims}
    rest = dict.fromkeys(("models", "datasets", "metrics", "architectures", "plugins", "known"), ())
    drawn = board(Catalogue({"papers": [paper], **rest}))
    for verdict, count in counts.items():
        assert drawn.count(f'<g class="{verdict.replace(" ", "-")}">') == count + 1  # and the key
    assert "7 claims of 1 papers" in drawn and "<It>" not in drawn
