"""What a user does: train on a folder of their own, measure on noisy labels, find wrong ones."""

from __future__ import annotations

import pytest
import torch

import zoo
from zoo_core import BadInput

SIZE = {"size": [16, 16], "channels": 1, "mean": [0.5], "std": [0.5]}
QUICK = ("--set", "epochs=25", "--set", "batch_size=16", "--set", "select=last")


@pytest.fixture(scope="session")
def model(home):
    """A model of the folder, told that a tenth of its labels are wrong."""
    zoo.train(
        "symnoise",
        str(home / "mine"),
        out=home / "model",
        config={
            "epochs": 25,
            "batch_size": 16,
            "select": "last",
            "inputs": SIZE,
            "options": {"widths": [4, 4, 8]},
            "assumed_rate": 0.1,
            "assumed_error": 0.02,
        },
    )
    return zoo.load(home / "model")


def test_train_on_a_folder_and_predict_on_files_and_folders(run, home, model):
    files = sorted((home / "mine" / "dark").glob("*.png"))[4:7]
    rows = run("predict", "./model", *files, "--json").json
    assert [row["label"] for row in rows] == ["dark"] * 3
    assert rows[0]["image"].endswith("04.png") and 0.5 < rows[0]["score"] <= 1
    rows = model.predict(home / "mine" / "light")
    assert sum(row["label"] == "light" for row in rows) == 36
    inverted = model.predict(home / "mine" / "light", invert=True)
    assert sum(row["label"] == "dark" for row in inverted) == 36
    assert len(model.predict(files[0], top=2)) == 2


def test_noisy_labels_tell_the_accuracy_on_clean_ones(run, model, home):
    rows = run("evaluate", "./model", "--json").json
    found = {row["metric"]: row["value"] for row in rows}
    assert found["noise-corrected-accuracy"] == pytest.approx(
        (found["accuracy"] - 0.1) / 0.8, abs=1e-6
    )
    assert found["noise-corrected-accuracy-error"] > 0
    # The validation labels have chosen the epoch: they are no fair estimate, unless asked for.
    assert len(run("evaluate", "./model", "--split", "val", "--json").json) == 1


def test_where_nothing_is_said_of_the_noise_accuracy_is_not_corrected(run, home, model, tmp_path):
    done = run("train", "symnoise", "--dataset", home / "mine", "--out", tmp_path / "it",
               "--set", "epochs=1", "--set", "batch_size=16")  # fmt: skip
    assert done.code == 0, done.err
    done = run("evaluate", tmp_path / "it", "--metric", "noise-corrected-accuracy")
    assert done.code == 2
    assert "takes 'transition'" in done.err


def test_labels_that_tell_nothing_have_plain_accuracy_alone(run, home, tmp_path):
    settings = ("--set", "epochs=1", "--set", "batch_size=16", "--set", "assumed_rate=0.5")
    done = run("train", "symnoise", "--dataset", home / "mine", "--out", tmp_path / "it", *settings)
    assert done.code == 0, done.err
    done = run("evaluate", tmp_path / "it", "--json")
    assert [row["metric"] for row in done.json] == ["accuracy"]
    assert "is not estimated. This noise cannot be undone" in done.err


def test_noise_is_injected_or_assumed_and_never_both(run, home, tmp_path):
    place = ("--dataset", home / "mine", "--out", tmp_path / "it", *QUICK)
    done = run("train", "symnoise", *place, "--option", "inject=0.2", "--set", "assumed_rate=0.2")
    assert done.code == 2
    assert "give one of the two" in done.err
    done = run("train", "symnoise", *place, "--option", "inject=1.2")
    assert "between 0 and 1" in done.err
    done = run("train", "symnoise", *place, "--option", "inject=0.2")
    assert done.code == 0, done.err
    module = zoo.load(tmp_path / "it")
    assert module.noise["rate"] == 0.2 and module.noise["kind"] == "symmetric"
    noisy = run("evaluate", tmp_path / "it", "--split", "test-noisy", "--json").json
    assert [row["metric"] for row in noisy] == [
        "accuracy", "noise-corrected-accuracy", "noise-corrected-accuracy-error"
    ]  # fmt: skip
    assert noisy[1]["value"] > 0.5
    clean = run("evaluate", tmp_path / "it", "--json").json
    assert [row["metric"] for row in clean] == ["accuracy"]


def test_wrong_labels_are_listed(run, home, model):
    rows = run("predict", "./model", home / "mine", "--issues", "8", "--json")
    found = rows.json if rows.code == 0 else model.predict(home / "mine", issues=8)
    wrong = {f"{name}/{i:02}.png" for name in ("dark", "light") for i in range(4)}
    hits = sum(any(row["image"].endswith(one) for one in wrong) for row in found)
    assert hits >= 7
    assert all(row["label"] != row["suggested"] for row in found[:7])
    unseen = model.predict(home / "mine", issues=80, fold=0)
    assert len(unseen) == 16 and len(model.predict(home / "mine", issues=80)) == 80
    with pytest.raises(BadInput, match="give issues=20"):
        model.predict(home / "mine", fold=0)
    with pytest.raises(BadInput, match="does not know"):
        model.predict(([0] and torch.zeros(9, 1, 4, 4, dtype=torch.uint8), list("abcabcabc")),
                      issues=1)  # fmt: skip


def test_other_backbones(run, home, tmp_path):
    pytest.importorskip("timm")
    done = run("train", "symnoise", "--dataset", home / "mine", "--out", tmp_path / "it",
               "--set", "backbone=mobilenetv3_small_050", "--set", "epochs=1",
               "--set", "batch_size=16", "--set",
               'inputs={"size":[32,32],"channels":3,"mean":[0.5,0.5,0.5],"std":[0.5,0.5,0.5]}',
               )  # fmt: skip
    assert done.code == 0, done.err
    assert len(zoo.load(tmp_path / "it").predict(home / "mine" / "dark")) == 40
    done = run("train", "symnoise", "--dataset", home / "mine", "--out", tmp_path / "no",
               "--set", "backbone=mobilenet_v9")  # fmt: skip
    assert done.code == 2
    assert "There is no backbone 'mobilenet_v9'" in done.err


@pytest.mark.parametrize("name", zoo.list_models("symnoise-*mnist*"))
def test_pretrained_models_read_their_test_images(data_or_skip, name, tmp_path):
    from PIL import Image

    model = zoo.load(name)
    data = data_or_skip(model.zoo_source.dataset, **model.zoo_source.options)
    rows = data.rows["test"][:12].tolist()
    for i in rows:
        Image.fromarray(data.images[i, 0].numpy()).save(tmp_path / f"{i}.png")
    found = model.predict(tmp_path)
    right = [row["label"] == data.classes[int(data.truth[i])]
             for row, i in zip(found, rows, strict=True)]  # fmt: skip
    assert sum(right) >= 8
