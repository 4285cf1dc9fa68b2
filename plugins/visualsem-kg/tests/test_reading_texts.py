"""What a user has: sentences with entities, verbs with translations, words with tags."""

from __future__ import annotations

import pytest
from zoo_visualsem_kg.reading.senses import read_senses
from zoo_visualsem_kg.reading.sentences import read_sentences
from zoo_visualsem_kg.reading.tagged import read_tagged

from zoo_core import BadInput, Notice

GLOSSES = {"a": "a large cat", "b": "a stringed instrument", "c": "a dwelling"}
PAIRS = [("it roared all night", "a"), ("she played it", "b"), ("come in", "c")]


def same(first, second):
    assert first.sentences == second.sentences and first.entities == second.entities
    assert first.answers.tolist() == second.answers.tolist()


def test_sentences_are_read_in_any_order_of_columns(tmp_path):
    expected = read_sentences(PAIRS, glosses=GLOSSES)
    assert expected.sentences[1] == "she played it" and expected.answers.tolist() == [0, 1, 2]
    same(read_sentences([pair[::-1] for pair in PAIRS], glosses=GLOSSES), expected)
    path = tmp_path / "said.tsv"
    path.write_text("entity\tsentence\n" + "".join(f"{e}\t{s}\n" for s, e in PAIRS))
    same(read_sentences(path, glosses=GLOSSES), expected)
    assert read_sentences(expected) is expected
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(PAIRS, columns=["query", "answer"])
    same(read_sentences(frame, glosses=GLOSSES), expected)


def test_entities_alone_are_an_index():
    data = read_sentences(GLOSSES)
    same(read_sentences(list(GLOSSES.items())), data)
    assert data.sentences == () and data.entities.ids == ("a", "b", "c")
    assert all(not len(rows) for rows in data.rows.values())


@pytest.mark.parametrize(
    ("source", "more", "told"),
    [
        ([("it roared", "z")], {}, "no entity has the id 'z'"),
        ([("it", "roared", "a")], {}, "two columns"),
        (PAIRS, {"fractions": "1,1"}, "fractions="),
        (PAIRS, {"fractions": "nan,0,0"}, "fractions="),
        (PAIRS, {"seed": "x"}, "seed='x'; expected a whole number"),
        ([*PAIRS, ("it",)], {}, "row 4 has 1 cells"),
        (3, {}, "not read from a int"),
        ("absent.tsv", {}, "no file"),
    ],
    ids=["id", "columns", "sum", "nan", "seed", "rows", "number", "file"],
)
def test_sentences_that_cannot_be_read(source, more, told):
    with pytest.raises(BadInput, match=told):
        read_sentences(source, glosses=GLOSSES, **more)


def test_lines_without_a_sentence_are_told():
    with pytest.warns(Notice, match="1 lines without a sentence"):
        same(read_sentences([*PAIRS, ("?!", "a")], glosses=GLOSSES), read_sentences(PAIRS,
             glosses=GLOSSES))  # fmt: skip
    with pytest.warns(Notice), pytest.raises(BadInput, match="has no sentence"):
        read_sentences([("?!", "a")], glosses=GLOSSES)
    with pytest.raises(BadInput, match="glosses=FILE"):
        read_sentences([("sentence", "id"), *PAIRS])


def test_verbs_are_read_with_their_classes():
    rows = [("Lift", "a baby", "heben"), ("lift", "a ban", "aufheben"), ("", "x", "heben")]
    with pytest.warns(Notice, match="1 lines without a verb"):
        data = read_senses(rows)
    assert data.verbs == ("lift", "lift") and data.classes == ("aufheben", "heben")
    assert data.titles == data.phrases == ("a baby", "a ban")
    named = read_senses([("class", "verb", "title"), *((c, a, b) for a, b, c in rows[:2])])
    assert named.verbs == data.verbs and named.labels.tolist() == data.labels.tolist()
    with pytest.raises(BadInput, match="1 classes"):
        read_senses(rows[:1])
    with pytest.raises(BadInput, match="columns verb"):
        read_senses([("lift", "heben")])


CONLL = "EU B-ORG\nrejects O\nGerman B-MISC\ncall O\n\nPeter B-PER\nBlackburn I-PER\n\n\n"


def test_words_are_read_with_their_tags(tmp_path):
    path = tmp_path / "mine.conll"
    path.write_text(f"-DOCSTART- -X- O\n\n{CONLL}")
    data = read_tagged(path)
    assert data.sentences == (("EU", "rejects", "German", "call"), ("Peter", "Blackburn"))
    assert data.names == ("O", "B-MISC", "I-MISC", "B-ORG", "I-ORG", "B-PER", "I-PER")
    for name in ("train", "valid", "test"):
        (tmp_path / f"{name}.conll").write_text(CONLL)
    folder = read_tagged(tmp_path)
    assert [len(folder.rows[name]) for name in folder.splits] == [2, 2, 2]
    assert read_tagged([[("EU", "B-ORG")]]).sentences == (("EU",),)


def test_other_ways_to_tag_are_written_anew():
    with pytest.warns(Notice, match="2 sentences were written anew"):
        data = read_tagged(
            [[("a", "B-x"), ("b", "E-x"), ("c", "S-y")], [("d", "I-x"), ("e", "I-y")]]
        )
    tags = [[data.names[i] for i in one] for one in data.tags]
    assert tags == [["B-x", "I-x", "B-y"], ["B-x", "B-y"]]


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ([], "no sentence"),
        ([[("a", "O")]], "All tags are O"),
        ([[("a", "X-per")]], "'X-per' is no tag"),
        ([["a"]], "no list of"),
        (3, "not read from a int"),
    ],
    ids=["none", "outside", "tag", "pairs", "number"],
)
def test_words_that_cannot_be_read(source, told):
    with pytest.raises(BadInput, match=told):
        read_tagged(source)


@pytest.mark.parametrize("column", [{"word": -5}, {"word": 2}, {"tag": "x"}], ids=str)
def test_columns_that_are_not_there_are_told(tmp_path, column):
    path = tmp_path / "mine.conll"
    path.write_text(CONLL)
    with pytest.raises(BadInput, match=r"has no word with a tag|tag='x'; expected a column"):
        read_tagged(path, **column)


def test_a_line_without_a_tag_is_told_with_its_number(tmp_path):
    path = tmp_path / "mine.conll"
    path.write_text("EU B-ORG\nrejects\n")
    with pytest.raises(BadInput, match=r"mine.conll, line 2"):
        read_tagged(path)
