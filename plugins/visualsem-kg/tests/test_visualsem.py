"""VisualSem's own files, in small: triples, names, glosses, and what is told of them."""

from __future__ import annotations

import json
import warnings

import pytest
from zoo_visualsem_kg.reading.graphs import read_graph
from zoo_visualsem_kg.reading.visualsem import COUNTS, read_visualsem

from zoo_core import BadInput, Notice

NODES = [f"bn:{i:08}n" for i in range(12)]


@pytest.fixture
def folder(tmp_path):
    """Twelve nodes in a ring, as the authors write them; the last has German glosses alone."""
    sense = {node: {"ms": f"big_thing_{i}", "se": [], "ims": []} for i, node in enumerate(NODES)}
    (tmp_path / "nodes.v2.json").write_text(json.dumps(sense))
    tails = {
        tail: [
            {"s": NODES[i - 1], "r": "is-a", "r_id": i},
            {"s": NODES[i - 2], "r": "has-part", "r_id": 20 + i},
        ]
        for i, tail in enumerate(NODES)
    }
    (tmp_path / "tuples.v2.json").write_text(json.dumps(tails))
    glosses = [{node: {"en": [f"what {i} is", "more"], "de": ["was"]}}
               for i, node in enumerate(NODES[:-1])]  # fmt: skip
    glosses.append({NODES[-1]: {"de": ["was"]}})
    (tmp_path / "gloss_files").mkdir()
    (tmp_path / "gloss_files/nodes.glosses.json").write_text(
        json.dumps([{"available_languages": ["en", "de"]}, *glosses])
    )
    return tmp_path


def test_tails_are_the_keys_and_heads_stand_within(folder):
    with pytest.warns(Notice, match="12 nodes, and not all: there are 101,244 in the paper's"):
        triples, table = read_visualsem(folder)
    assert len(triples) == 24
    assert (NODES[0], "is-a", NODES[1]) in triples and (NODES[0], "has-part", NODES[2]) in triples
    assert table[1] == [NODES[0], "big thing 0", "what 0 is"] and table[-1][2] == ""


def test_it_is_a_graph_like_others(folder):
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        data = read_graph(folder, language="de")
    assert data.relations.ids == ("has-part", "is-a") and len(data.triples) == 24
    assert data.entities.find("big thing 3") == 3 and set(data.texts) == {"was"}
    assert [str(one.message) for one in told if "nodes, and not all" in str(one.message)]


def test_whole_versions_are_not_told_of(folder, monkeypatch):
    monkeypatch.setitem(COUNTS, "version 2", 12)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read_visualsem(folder)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("tuples.v2.json", None, "given out by its authors"),
        ("tuples.v2.json", [], "expected a dict"),
        ("tuples.v2.json", {NODES[0]: [{"r": "is-a"}]}, "no head s and relation r"),
        ("tuples.v2.json", {"bn:x": [{"s": NODES[0], "r": "is-a"}]}, "one version"),
        ("nodes.v2.json", "{", "no JSON"),
        ("gloss_files/nodes.glosses.json", [{"available_languages": ["de"]}], "'en'; it has de"),
    ],
    ids=["missing", "list", "headless", "versions", "broken", "language"],
)
def test_other_files_are_refused(folder, name, content, told):
    if content is None:
        (folder / name).unlink()
    else:
        text = content if isinstance(content, str) else json.dumps(content)
        (folder / name).write_text(text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(BadInput, match=told):
            read_graph(folder)


def test_a_language_is_of_no_use_for_other_graphs():
    with pytest.raises(BadInput, match="language='de' is of no use"):
        read_graph([("a", "is-a", "b")], language="de")


def test_relations_of_another_graph_are_told(folder):
    tails = {NODES[1]: [{"s": NODES[0], "r": "likes", "r_id": 1}]}
    (folder / "tuples.v2.json").write_text(json.dumps(tails))
    with pytest.warns(Notice, match="no relation 'likes'"):
        read_visualsem(folder)
