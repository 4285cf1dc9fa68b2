"""Photos find their entities: what entities look like, folders of pictures, in the shell too."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image
from zoo_images.preprocessing import Preprocessing
from zoo_visualsem_kg import prototypes
from zoo_visualsem_kg.checks import photos
from zoo_visualsem_kg.data.photos import parents_of
from zoo_visualsem_kg.reading.photos import read_photos
from zoo_visualsem_kg.retrieval.photos import PhotoFinder
from zoo_visualsem_kg.specs.claims import CLAIMS, PHOTOS

import zoo
from zoo_core import BadInput

COLOURS = {"red": (250, 10, 10), "green": (10, 250, 10), "blue": (10, 10, 250)}


@pytest.fixture(autouse=True)
def network(monkeypatch):
    """Sees three numbers in a picture: how much of each colour there is."""
    inputs = {"size": [8, 8], "channels": 3, "mean": [0.0] * 3, "std": [1.0] * 3}
    eye = SimpleNamespace(
        preprocessing=Preprocessing.of(inputs), features=lambda x: x.mean((2, 3)) + 0.01
    )
    monkeypatch.setattr(prototypes, "_network", lambda _: eye)


@pytest.fixture
def folder(tmp_path):
    """Three colours: two with several pictures, of which the last is held out; one with one."""
    for name, colour in COLOURS.items():
        (tmp_path / "seen" / name).mkdir(parents=True)
        for number in range(1 if name == "blue" else 3):
            pixels = np.full((9, 9, 3), colour, dtype=np.uint8) + np.uint8(number)
            Image.fromarray(pixels).save(tmp_path / "seen" / name / f"{number}.png")
    return tmp_path / "seen"


def test_pictures_are_read_and_the_last_of_several_is_held_out(folder):
    data = read_photos(folder)
    assert data.entities.ids == ("blue", "green", "red") and len(data.photos) == 7
    assert data.answers[data.rows["test"]].tolist() == [1, 2]
    assert len(data.rows["train"]) == 5
    expected = torch.nn.functional.normalize(data.photos[1:3].mean(0), dim=0)
    assert torch.allclose(data.looks[1], expected, atol=1e-6)


def test_a_photo_finds_its_entity_in_the_shell(folder, zoo_here, monkeypatch):
    monkeypatch.chdir(folder.parent)
    (folder.parent / "names.tsv").write_text(
        "id\tname\tgloss\nred\tcrimson\ta colour\ngreen\tgrass\tanother\n"
    )
    words = ("--dataset", "seen", "--option", "glosses=names.tsv", "--out", "model")
    done = zoo_here("train", "photo-finder", *words)
    assert done.code == 0 and "1 pictures are of no entity" in done.err, done.err
    found = zoo_here("predict", "./model", "seen/red/2.png", "--top", "1", "--json").json
    assert found[0]["entity"] == "crimson" and found[0]["gloss"] == "a colour"
    both = zoo_here("predict", "./model", "seen/green", "--json").json
    assert len(both) == 6 and {row["photo"] for row in both} == {
        f"seen/green/{i}.png" for i in range(3)
    }
    measured = zoo_here("evaluate", "./model", "--json").json
    assert {row["metric"]: row["value"] for row in measured}["recall-at-1"] == 1
    refused = zoo_here("predict", "./model", "none.jpg")
    assert refused.code == 2 and "none.jpg" in refused.err


def test_what_is_no_photo_is_refused(folder, tmp_path):
    data = read_photos(folder)
    module = PhotoFinder(3, 3).eval()
    module.carry(data)
    other = replace(data, entities=replace(data.entities, ids=("x", "green", "red"), names=()))
    for ask, told in (
        (lambda: module.predict(), "Give a photo"),
        (lambda: module.predict("x.png", top=0), "top=0"),
        (lambda: next(module.outputs(other.split("test"))), "'x'"),
        (lambda: read_photos(tmp_path / "nowhere"), "There is no folder"),
        (lambda: read_photos([1]), "There is no folder"),
        (lambda: read_photos(folder / "blue"), "pictures of 1 entity"),
        (lambda: replace(data, looks=data.looks * torch.nan), "not finite"),
    ):
        with pytest.raises(BadInput, match=told):
            ask()


def test_each_class_of_imagenet_has_a_photo(data_or_skip):
    data_or_skip("wnvis-photos")
    data = zoo.dataset("wnvis-photos")
    assert len(data.entities) == len(data.photos) == 1000
    assert sorted(data.answers.tolist()) == list(range(1000))
    assert data.above[data.entities.find("lynx")] == "wildcat"
    found = photos.measured(PHOTOS)
    (claim,) = [one for one in CLAIMS if one.name == "photos-found"]
    assert set(found.quantities) == set(claim.bounds)


def test_parents_are_those_of_training_alone(graph):
    assert set(parents_of(graph)) == {""}
    named = replace(graph, relations=replace(graph.relations, ids=("is-a", "fifth"), names=()))
    tails = {h: t for h, r, t in graph.of("train").tolist() if r == 0}
    found = parents_of(named)
    assert all(found[h] == (f"thing {tails[h]}" if h in tails else "") for h in range(40))
