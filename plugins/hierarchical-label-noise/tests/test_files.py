from __future__ import annotations

import json

import pytest
from zoo_hierarchical_label_noise.files import read_hierarchy

from zoo_core import BadInput, Notice

CLASSES = ("car", "cat", "dog", "ship")
NESTED = {"animals": ["cat", "dog"], "things": ["car", "ship"]}
WORDS = ("n01", "n02", "n03")
REFUSED = [
    ("t.csv", "class,superclass\ncat,a\ndog,a\ncar,b\n", "where ship belongs"),
    ("t.csv", "class,superclass\ncat,a\ndog,a\ncar,b\nship,b\nbus,b\n", "no class of the data"),
    ("t.csv", "class,superclass\ncat,a\ncat,b\ndog,a\ncar,b\nship,b\n", "cat has two parents"),
    ("t.csv", "class,superclass\ncat,\ndog,a\ncar,b\nship,b\n", "an empty cell"),
    ("t.csv", "one,two\ncat,a\n", "expected class and superclass"),
    ("t.csv", "child,parent\ncat,a\na,b\nb,a\ndog,b\ncar,b\nship,b\n", "goes in a circle"),
    ("t.csv", "child,parent\ncat,a\ncat,b\ndog,a\ncar,b\nship,b\n", "cat has two parents"),
    ("t.csv", "child,parent\ncat,dog\ndog,a\ncar,b\nship,b\n", "dog is a class and a parent"),
    ("t.csv", "child,parent\ncat,a\ndog,a\ncar,b\n", "ship belongs: it has no parent"),
    ("t.csv", "child,parent\ncat,a\ndog,a\ncar,\nship,a\n", "an edge with an empty end"),
    ("t.txt", "a cat\nb car wheel\n", "two identifiers a line"),
    ("t.txt", "", "no lines"),
    ("t.txt", "x y\n", "does not tell parents from children"),
    ("t.json", "{", "is no JSON"),
    ("t.json", '{"a": ["cat", "dog"], "a": ["car", "ship"]}', "a superclass twice"),
    ("t.json", "3", "expected names of classes"),
    ("t.yaml", "a: b", "expected .csv, .json or .txt"),
]


def written(folder, name, text):
    path = folder / name
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.json", json.dumps(NESTED)),
        ("t.json", "[1, 0, 0, 1]"),
        ("t.csv", "class,superclass\ncat,animals\ndog,animals\ncar,things\nship,things\n"),
        ("t.csv", "fine,fine_name,coarse,coarse_name\n0,cat,0,animals\n1,dog,0,animals\n"
                  "2,car,1,things\n3,ship,1,things\n"),
        ("t.csv", "child,parent\ncat,animals\ndog,animals\ncar,things\nship,things\n"),
        ("t.csv", "child,parent\ncat,pets\ndog,pets\npets,animals\nanimals,all\n"
                  "car,things\nship,things\nthings,all\n"),
        ("t.txt", "animals cat\nanimals dog\nthings car\nthings ship\n"),
        ("t.txt", "cat animals\ndog animals\ncar things\nship things\n"),
    ],
    ids=["json", "numbers", "csv", "official", "edges", "chain", "is-a", "turned"],
)  # fmt: skip
def test_files_of_the_same_tree(tmp_path, name, text):
    tree = read_hierarchy(written(tmp_path, name, text), CLASSES)
    same = tree.groups[:, None] == tree.groups[None]
    assert same.tolist() == [[(a in "cs" and b in "cs") or a == b or {a, b} == {"t", "d"}
                              for b in "ctds"] for a in "ctds"]  # fmt: skip
    assert tree.depth == 2


def test_a_deep_tree_of_edges(tmp_path):
    edges = "child,parent\ncat,pets\ndog,pets\npets,living\nlynx,living\ncar,all\nliving,all\n"
    tree = read_hierarchy(written(tmp_path, "t.csv", edges), ["car", "cat", "dog", "lynx"])
    assert tree.depth == 3
    assert tree.heights[1].tolist() == [3, 0, 1, 2]


def test_identifiers_as_wordnet_has_them(tmp_path):
    text = "n00 n10\nn00 n20\nn10 n01\nn10 n02\nn20 n03\nn20 n99\nn98 n97\n"
    with pytest.warns(Notice, match="3 nodes of .* lead to no class"):
        tree = read_hierarchy(written(tmp_path, "is_a.txt", text), WORDS)
    assert tree.nested == {"n10": ["n01", "n02"], "n20": ["n03"]}


@pytest.mark.parametrize(("name", "text", "words"), REFUSED, ids=[row[2] for row in REFUSED])
def test_what_is_no_hierarchy_is_refused(tmp_path, name, text, words):
    with pytest.raises(BadInput, match=words):
        read_hierarchy(written(tmp_path, name, text), CLASSES)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(BadInput, match="There is no file"):
        read_hierarchy(tmp_path / "none.csv", CLASSES)
