"""What can teach, and checkpoints that are none."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from zoo_attention_to_mamba.reading.teachers import as_teacher, read_teacher

import zoo
from zoo_core import BadInput, UnknownName, WeightsError


def test_a_registered_teacher(is_ready):
    teacher = as_teacher(zoo.load("stories260k-tinystories"))
    assert is_ready(teacher)
    wanted = zoo.load("stories260k-tinystories").state_dict()
    assert all(torch.equal(wanted[name], value) for name, value in teacher.state_dict().items())


@pytest.mark.parametrize("family", ["llama", "gpt-neox"])
def test_a_teacher_that_was_trained_here(make_folder, is_ready, family, monkeypatch, tmp_path):
    folder = make_folder(family)
    wanted = zoo.load(folder).state_dict()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for source in (str(folder), f"./{folder.name}", f"~/{folder.name}"):
        teacher = as_teacher(zoo.load(source))
        assert is_ready(teacher)
        assert teacher.shape["family"] == family
        assert all(torch.equal(wanted[name], value) for name, value in teacher.state_dict().items())


@pytest.mark.parametrize("name", ["hedgemamba-tinystories", "hedgehog-tinystories", "pca-ols"])
def test_only_transformers_teach(name):
    module = torch.nn.Linear(2, 2) if name == "pca-ols" else zoo.load(name)
    with pytest.raises(BadInput, match="The teacher is no Transformer; a teacher has softmax"):
        as_teacher(module)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_teach_nothing(make_teacher, value):
    teacher = make_teacher()
    teacher.blocks[1].mlp.up.weight.data[0] = value
    with pytest.raises(WeightsError, match="not all finite numbers"):
        as_teacher(teacher)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("./none", "'./none' is neither a folder nor a repository of the Hub"),
        ("empty", "empty has no config.json"),
        ("file.txt", "neither a folder nor a repository"),
    ],
)
def test_what_is_no_checkpoint_is_told(tmp_path, monkeypatch, source, told):
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    Path("file.txt").write_text("text")
    with pytest.raises(BadInput, match=told) as caught:
        read_teacher(source)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "stories260k-tinystory",
            "'stories260k-tinystory'.*did you mean 'stories260k-tinystories'",
        ),
        ("pca-ols-none", "'pca-ols-none'"),
    ],
)
def test_what_is_no_teacher_is_told(text_file, tmp_path, name, told):
    with pytest.raises(UnknownName, match=told) as caught:
        zoo.train(
            "attention-to-mamba", str(text_file), out=tmp_path / "out", given={"teacher": name}
        )
    assert "\n" not in str(caught.value)
