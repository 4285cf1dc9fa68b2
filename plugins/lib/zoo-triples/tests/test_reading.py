"""What a person has: files of every common order, and what other libraries hold."""

from __future__ import annotations

import gzip
import types

import numpy as np
import pytest
import torch
from zoo_triples.leakage import leakage
from zoo_triples.reading.reader import read_triples

from zoo_core import BadInput, Notice, strictly

ROWS = [
    ("cat", "is-a", "animal"),
    ("dog", "is-a", "animal"),
    ("cat", "eats", "mouse"),
    ("mouse", "is-a", "animal"),
    ("dog", "chases", "cat"),
    ("cat", "chases", "mouse"),
]
ALL = set(ROWS)


def named(data):
    ids, kinds = data.entities.ids, data.relations.ids
    return {(ids[h], kinds[r], ids[t]) for h, r, t in data.triples.tolist()}


def written(path, order=(0, 1, 2), separator="\t", header=None, rows=ROWS):
    lines = [separator.join(row[i] for i in order) for row in rows]
    path.write_text("\n".join([*([header] if header else []), *lines]) + "\n")
    return path


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (1, 0, 2)], ids=["hrt", "htr", "rht"])
@pytest.mark.parametrize("separator", ["\t", ",", ";", "|", " "],
                         ids=["tab", "comma", "semicolon", "bar", "space"])  # fmt: skip
def test_orders_and_separators_are_known(tmp_path, order, separator):
    assert named(read_triples(written(tmp_path / "mine.txt", order, separator))) == ALL


def test_a_header_names_the_columns(tmp_path):
    path = written(tmp_path / "mine.csv", (2, 1, 0), ",", "object,predicate,subject")
    data = read_triples(str(path))
    assert named(data) == ALL
    assert data.entities.ids == ("animal", "cat", "dog", "mouse")


def test_packed_files_and_archives(tmp_path):
    plain = written(tmp_path / "mine.tsv").read_bytes()
    (tmp_path / "mine.tsv.gz").write_bytes(gzip.compress(plain))
    assert named(read_triples(tmp_path / "mine.tsv.gz")) == ALL
    triples = np.array([[0, 0, 1], [1, 0, 2], [2, 1, 3]])
    np.savez(tmp_path / "mine.npz", head=triples[:, 0], tail=triples[:, 2], relation=triples[:, 1])
    data = read_triples(tmp_path / "mine.npz")
    assert data.triples[data.triples[:, 0].argsort()].tolist() == triples.tolist()
    np.savez(tmp_path / "other.npz", triples=triples)
    with pytest.raises(BadInput, match="columns='head,relation,tail'"):
        read_triples(tmp_path / "other.npz")
    assert len(read_triples(tmp_path / "other.npz", columns="head,relation,tail").triples) == 3


def test_folders_and_files_for_each_split(tmp_path):
    for name, rows in (("train", ROWS[:4]), ("valid", ROWS[4:5]), ("test", ROWS[5:])):
        written(tmp_path / f"{name}.txt", rows=rows)
    data = read_triples(tmp_path)
    assert [len(data.of(name)) for name in data.splits] == [4, 1, 1]
    again = read_triples(
        tmp_path / "train.txt", valid=tmp_path / "valid.txt", test=tmp_path / "test.txt"
    )
    assert torch.equal(again.triples, data.triples)
    (tmp_path / "train.txt").unlink()
    with pytest.raises(BadInput, match="no file called train"):
        read_triples(tmp_path)


def test_what_other_libraries_hold():
    networkx = pytest.importorskip("networkx")
    pandas = pytest.importorskip("pandas")
    keyed, said = networkx.MultiDiGraph(), networkx.DiGraph()
    for head, relation, tail in ROWS:
        keyed.add_edge(head, tail, key=relation)
    for head, relation, tail in ROWS[:5]:
        said.add_edge(head, tail, relation=relation)
    frame = pandas.DataFrame(ROWS, columns=["subj", "rel", "obj"])
    assert named(read_triples(keyed)) == named(read_triples(frame)) == ALL
    assert named(read_triples(said)) == set(ROWS[:5])
    assert named(read_triples(ROWS)) == ALL
    renamed = frame.rename(columns={"subj": "one", "rel": "two", "obj": "three"})
    assert named(read_triples(renamed, columns=["one", "two", "three"])) == ALL
    graph = types.SimpleNamespace(
        edge_index=torch.tensor([[0, 1], [1, 2]]), edge_type=torch.tensor([0, 1])
    )
    assert read_triples(graph).triples.sort(0).values.tolist() == [[0, 0, 1], [1, 1, 2]]
    factory = types.SimpleNamespace(
        mapped_triples=torch.tensor([[0, 0, 1]]),
        entity_to_id={"cat": 0, "animal": 1},
        relation_to_id={"is-a": 0},
    )
    assert named(read_triples(factory)) == {ROWS[0]}
    parts = {"train": ROWS[:4], "dev": ROWS[4:5], "test": ROWS[5:]}
    assert [len(read_triples(parts).of(name)) for name in ("train", "val", "test")] == [4, 1, 1]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("a\tr\tb\nc\tr\n", "line 2: 2 cells"),
        ("a\tr\tb\nb\t\tc\n", "empty cell"),
        ("\n\n", "is empty"),
        ("a\tr\tb\nc\ts\td\n", "cannot be told which column is the relation"),
        ("a\tb\nb\tc\n", "2 columns without names"),
        ("a\tr\tb\t1\nb\tr\tc\t1\n", "4 columns without names"),
    ],
    ids=["short", "empty-cell", "empty", "no-overlap", "two", "four"],
)
def test_what_cannot_be_known_is_refused(tmp_path, lines, told):
    (tmp_path / "mine.tsv").write_text(lines)
    with pytest.raises(BadInput, match=told):
        read_triples(tmp_path / "mine.tsv")


def test_further_columns_are_named_and_left_out(tmp_path):
    (tmp_path / "mine.tsv").write_text("a\tr\tb\t1\nb\tr\tc\t1\n")
    data = read_triples(tmp_path / "mine.tsv", columns="head,relation,tail,weight")
    assert named(data) == {("a", "r", "b"), ("b", "r", "c")}
    with pytest.raises(BadInput, match="head, relation and tail once each"):
        read_triples(tmp_path / "mine.tsv", columns="head,head,tail,weight")


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (7, "int was given"),
        (np.zeros((2, 2)), "expected"),
        (np.array([[0.5, 0, 1]]), "not whole"),
        (np.array([[0, np.nan, 1]]), "not whole"),
        ("absent.tsv", "no file"),
    ],
    ids=["number", "two-columns", "half", "nan", "absent"],
)
def test_other_sources_are_refused(source, told):
    with pytest.raises(BadInput, match=told):
        read_triples(source)


def test_undirected_graphs_and_graphs_without_relations_are_refused():
    networkx = pytest.importorskip("networkx")
    with pytest.raises(BadInput, match="undirected"):
        read_triples(networkx.Graph([("a", "b")]))
    with pytest.raises(BadInput, match="do not say their relation"):
        read_triples(networkx.MultiDiGraph([("a", "b")]))
    with pytest.raises(BadInput, match="no edge_type"):
        read_triples(types.SimpleNamespace(edge_index=torch.zeros(2, 1, dtype=torch.long)))


def test_duplicates_and_repeats_are_told(tmp_path):
    path = written(tmp_path / "mine.tsv", rows=[*ROWS, ROWS[0]])
    with pytest.warns(Notice, match="1 triples of train stand there more than once"):
        assert named(read_triples(path)) == ALL
    with strictly(), pytest.raises(BadInput, match="more than once"):
        read_triples(path)
    with pytest.warns(Notice, match="1 triples of test are in another split"):
        data = read_triples(ROWS, test=[ROWS[0], ("mouse", "chases", "dog")])
    assert len(data.of("test")) == 1


def test_every_entity_and_relation_is_in_train_and_nothing_repeats(graph_of, random_triples):
    for seed in range(3):
        rows = random_triples(40, 4, 150, seed).tolist()
        data = read_triples(np.array(rows), columns="head,relation,tail", seed=seed)
        train = data.of("train")
        assert set(train[:, [0, 2]].flatten().tolist()) == set(range(len(data.entities)))
        assert set(train[:, 1].tolist()) == set(range(len(data.relations)))
        found = leakage(data)
        assert found.repeated == 0 and not any(found.unseen.values())
        assert len(data.triples) == sum(len(data.of(name)) for name in data.splits)


def test_glosses_beside_triples(tmp_path):
    path = written(tmp_path / "mine.tsv")
    texts = tmp_path / "names.tsv"
    texts.write_text("id\tname\tgloss\ncat\tthe cat\ta small animal\nox\tox\tx\nmouse\tmouse\t\n")
    with pytest.warns(Notice) as said:
        data = read_triples(path, glosses=texts)
    told = " ".join(str(one.message) for one in said)
    assert "1 lines of the glosses are of no entity" in told
    assert "3 of 4 entities have no gloss" in told
    assert data.entities.find("The Cat") == data.entities.numbers["cat"]
    assert dict(zip(data.entities.ids, data.texts, strict=True))["cat"] == "a small animal"
    with pytest.raises(BadInput, match="None of the 1 ids"):
        read_triples(path, glosses={"ox": "x"})


def test_names_are_found_as_people_write_them():
    data = read_triples(ROWS, glosses={one: f"a {one}" for one in ("cat", "dog", "animal",
                                                                  "mouse")})  # fmt: skip
    assert data.entities.find("CAT") == 1
    with pytest.raises(BadInput, match="did you mean 'mouse'"):
        data.entities.find("mose")
    with pytest.raises(BadInput, match="no relation 'is-aa' among 3; did you mean"):
        data.relations.find("is-aa")
