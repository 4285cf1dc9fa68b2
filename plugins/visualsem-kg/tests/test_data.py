"""Data objects: WordNet's examples, MultiSense, tagged words; nothing crosses the splits."""

from __future__ import annotations

import io
import tarfile

import pytest
import torch
from zoo_visualsem_kg.data import multisense, wordnet
from zoo_visualsem_kg.data.multisense import SenseSet, title_of
from zoo_visualsem_kg.data.sentence_sets import SentenceSet
from zoo_visualsem_kg.data.tagged import TaggedSet, conll

import zoo
from zoo_core import BadInput, DataError

LINES = """  1 This is a licence.
00000012 03 n 02 big_cat 0 cat 1 001 @ 00000001 n 0000 | a large cat; lives wild; "she saw a big \
cat"; "cats, big ones, roar"
00000099 03 n 01 entity 0 000 | that which is
"""


def deb(*members):
    """An archive of Debian's: members with a header of 60 bytes each, on even places."""
    content = b"!<arch>\n"
    for name, body in members:
        content += name.ljust(48).encode() + str(len(body)).ljust(10).encode() + b"`\n" + body
        content += b"\n" * (len(body) % 2)
    return content


def packed(text):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:xz") as archive:
        member = tarfile.TarInfo(wordnet.NOUNS)
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text.encode()))
    return file.getvalue()


def test_nouns_are_read_from_an_archive_of_archives(tmp_path, monkeypatch):
    path = tmp_path / "wordnet.deb"
    path.write_bytes(deb(("debian-binary", b"2.0"), ("data.tar.xz", packed(LINES))))
    monkeypatch.setattr(wordnet, "fetch", lambda _: path)
    cat, entity = wordnet.nouns()
    assert cat.synset == "n00000012" and cat.lemmas == ("big cat", "cat")
    assert cat.definition == "a large cat; lives wild"
    assert cat.examples == ("she saw a big cat", "cats, big ones, roar")
    assert entity == ("n00000099", ("entity",), "that which is", ())
    for content in (b"", deb(("data.tar.xz", b"nonsense")), deb(("other", b"x"))):
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"data\.noun"):
            list(wordnet.nouns())


def test_sentences_of_wordnet_share_no_noun_between_splits(data_or_skip):
    data = data_or_skip("wnvis-sentences")
    assert len(data.rows["test"]) == 647 and len(data.among["test"]) == 7273
    nouns = {name: set(data.answers[rows].tolist()) for name, rows in data.rows.items()}
    said = {name: {data.sentences[i] for i in rows.tolist()} for name, rows in data.rows.items()}
    assert not nouns["train"] & nouns["test"] and not nouns["train"] & nouns["val"]
    assert not (said["train"] | said["val"]) & said["test"]
    assert not set(data.among["train"].tolist()) & nouns["val"]


def test_what_does_not_fit_together_is_refused(sayings):
    from dataclasses import replace

    with pytest.raises(BadInput, match="no candidates"):
        replace(sayings, among={**sayings.among, "train": torch.arange(3)})
    with pytest.raises(BadInput, match="60 sentences have 2 answers"):
        replace(sayings, answers=torch.arange(2))
    with pytest.raises(BadInput, match="1 glosses"):
        replace(sayings, texts=("a",))
    assert isinstance(sayings, SentenceSet)
    with pytest.raises(BadInput, match="none of the 1 classes"):
        SenseSet(("go",), ("",), ("",), torch.tensor([1]), ("gehen",), {})
    with pytest.raises(BadInput, match="2 words and 1 tags"):
        TaggedSet((("a", "b"),), ((0,),), ("O",), {})


def test_titles_are_words_without_codes():
    file = "lifting_up_a_baby__image__mother-lifting-up-her-Baby_boy-FA4ER7.jpg"
    assert title_of(file) == "mother lifting up her baby boy"
    assert title_of("a_b__image__155321940.jpg") == ""


def test_multisense_is_split_in_three_ways(data_or_skip):
    data = data_or_skip("multisense-de")
    assert [len(data.rows[name]) for name in data.splits] == [7063, 928, 1513]
    assert len(data.classes) == 154 and data.classes[25] == "hochheben"
    folds = [multisense.folds_of(data, fold) for fold in range(10)]
    said = {name: {data.phrases[i] for i in rows.tolist()} for name, rows in folds[3].items()}
    assert not said["train"] & said["test"] and not said["train"] & said["val"]
    tested = torch.cat([fold["test"] for fold in folds])
    assert torch.equal(tested.sort().values, torch.arange(9504))
    assert len(zoo.dataset("multisense-de", share=0.1).rows["train"]) == 707
    assert len(zoo.dataset("multisense-de", protocol="queries").classes) == 222
    for wrong in (
        {"protocol": "verbs"},
        {"fold": 10},
        {"share": 0.0},
        {"share": "x"},
        {"share": 0.7},
    ):
        with pytest.raises(BadInput, match=f"{next(iter(wrong))}="):
            zoo.dataset("multisense-de", **wrong)


def test_tagged_words_are_read(data_or_skip):
    data = data_or_skip("wnut17")
    assert [len(data.rows[name]) for name in data.splits] == [3394, 1009, 1287]
    assert len(data.names) == 13
    begun = [tag for i in data.rows["test"].tolist() for tag in data.tags[i]]
    assert sum(data.names[tag].startswith("B-") for tag in begun) == 1079
    german = data_or_skip("germeval14-small")
    assert [len(german.rows[name]) for name in german.splits] == [4100, 1000, 2200]


def test_comments_and_signs_of_hash_are_told_apart():
    text = "#\thttp://a\t[2009]\t\n1\tJesu\tB-PER\tO\n\n1\t#\tO\tO\n\t\n1\tx\tO\tO"
    found = list(conll(text, "text", word=1, tag=2))
    assert found == [(("Jesu",), ("B-PER",)), (("#",), ("O",)), (("x",), ("O",))]
    assert list(conll("#\tO\n", "text")) == [(("#",), ("O",))]
    with pytest.raises(DataError, match="line 2"):
        list(conll("a\tO\nb\n", "text"))
