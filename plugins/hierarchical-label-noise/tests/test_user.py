"""What a user does: train on a folder with a hierarchy of their own, predict, measure."""

from __future__ import annotations

import pytest

import zoo
from zoo_core import BadInput

SIZE = {"size": [12, 12], "channels": 1, "mean": [0.5], "std": [0.5]}
CONFIG = {
    "epochs": 60,
    "batch_size": 16,
    "select": "last",
    "backbone": "mlp",
    "options": {"widths": [8]},
    "inputs": SIZE,
    "learning_rate": 2e-2,
}
FLAGS = [word for key, value in CONFIG.items() for word in ("--set", f"{key}={value}")]
FLAGS = [word.replace("'", '"') for word in FLAGS]


@pytest.fixture(scope="session")
def model(home):
    """A model of the folder, told that a tenth of its labels are wrong."""
    zoo.train(
        "hierlabel",
        str(home / "mine"),
        out=home / "model",
        options={"hierarchy": str(home / "tree.csv")},
        config={**CONFIG, "assumed_rate": 0.1, "assumed_error": 0.02},
    )
    return zoo.load(home / "model")


def test_predict_on_files_and_folders(run, home, model):
    files = sorted((home / "mine" / "coal").glob("*.png"))[:3]
    rows = run("predict", "./model", *files, "--json").json
    assert [row["label"] for row in rows] == ["coal"] * 3
    assert {row["superclass"] for row in rows} == {"dark"}
    assert all(row["superclass score"] >= row["score"] > 0.4 for row in rows)
    rows = model.predict(home / "mine" / "snow", invert=True)
    assert {row["superclass"] for row in rows} == {"dark"}
    assert len(model.predict(files[0], top=3)) == 3
    with pytest.raises(BadInput, match="top=9 of 4 classes"):
        model.predict(files[0], top=9)


def test_measure_on_noisy_labels(run, model):
    metrics = ("accuracy", "coarse-accuracy", "coarse-accuracy-direct", "accuracy-within",
               "noise-corrected-accuracy", "noise-corrected-accuracy-error")  # fmt: skip
    flags = [word for name in metrics for word in ("--metric", name)]
    done = run("evaluate", "./model", *flags, "--json")
    assert done.code == 0, done.err
    found = {row["metric"]: row["value"] for row in done.json}
    corrected = (found["accuracy"] - 0.1 / 3) / (1 - 0.4 / 3)
    assert found["noise-corrected-accuracy"] == pytest.approx(corrected, abs=1e-6)
    assert found["coarse-accuracy"] >= found["accuracy"] > 0.8


def test_the_hierarchy_is_the_data_s_in_the_shell(run, home, tmp_path):
    place = ("train", "hierlabel", "--dataset", home / "mine", *FLAGS)
    for name, text, words in (
        ("short.csv", "", "where snow belongs"),
        ("more.csv", "snow,light\nfog,light\n", "no class of the data"),
    ):
        head = "class,superclass\ncoal,dark\nslate,dark\nlinen,light\n"
        (tmp_path / name).write_text(head + text)
        done = run(*place, "--out", tmp_path / "it", "--option", f"hierarchy={tmp_path / name}")
        assert done.code == 2
        assert words in done.err and "Traceback" not in done.err
    done = run(*place, "--out", tmp_path / "it", "--set", "hierarchy=tree.csv")
    assert done.code == 2 and "--option hierarchy=FILE" in done.err


def test_noise_is_injected_or_assumed_and_a_tree_is_induced(run, home, tmp_path):
    place = ("train", "hierlabel", "--dataset", home / "mine", *FLAGS, "--set", "groups=2")
    done = run(*place, "--out", tmp_path / "no", "--option", "inject=0.2",
               "--set", "assumed_rate=0.2")  # fmt: skip
    assert done.code == 2 and "give one of the two" in done.err
    done = run(*place, "--out", tmp_path / "it", "--option", "inject=0.2")
    assert done.code == 0, done.err
    assert "induced from the labels: 2 superclasses, {coal, slate}, {linen, snow}" in done.err
    module = zoo.load(tmp_path / "it")
    assert module.noise["rate"] == 0.2
    assert module.hierarchy.group_names == ("coal+slate", "linen+snow")
    done = run("evaluate", tmp_path / "it", "--split", "test-noisy", "--json")
    found = {row["metric"]: row["value"] for row in done.json}
    assert found["noise-corrected-accuracy"] > 0.5 and found["noise-corrected-accuracy-error"] > 0


@pytest.mark.parametrize("name", ["hierlabel-fashion-mnist"])
def test_pretrained_models_read_their_test_images(data_or_skip, name, tmp_path):
    from PIL import Image

    model = zoo.load(name)
    data = data_or_skip(model.zoo_source.dataset, **model.zoo_source.options)
    rows = data.rows["test"][:12].tolist()
    for i in rows:
        Image.fromarray(data.images[i, 0].numpy()).save(tmp_path / f"{i:05}.png")
    found = model.predict(tmp_path)
    right = [row["label"] == data.classes[int(data.truth[i])]
             for row, i in zip(found, rows, strict=True)]  # fmt: skip
    assert sum(right) >= 8
