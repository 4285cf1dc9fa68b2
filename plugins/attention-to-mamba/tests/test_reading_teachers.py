"""Teachers from wherever they are, and what is none."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from zoo_attention_to_mamba.reading.teachers import read_teacher

import zoo
from zoo_core import BadInput


def test_a_registered_teacher(is_ready):
    teacher = read_teacher("stories260k-tinystories")
    assert is_ready(teacher)
    wanted = zoo.load("stories260k-tinystories").state_dict()
    assert all(torch.equal(wanted[name], value) for name, value in teacher.state_dict().items())


@pytest.mark.parametrize("family", ["llama", "gpt-neox"])
def test_a_teacher_that_was_trained_here(make_folder, is_ready, family, monkeypatch, tmp_path):
    folder = make_folder(family)
    wanted = zoo.load(folder).state_dict()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for source in (str(folder), folder.name, f"./{folder.name}", f"~/{folder.name}"):
        teacher = read_teacher(source)
        assert is_ready(teacher)
        assert teacher.config["family"] == family
        assert all(torch.equal(wanted[name], value) for name, value in teacher.state_dict().items())


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("stories260k-tinystory", "no teacher 'stories260k-tinystory'; did you mean 'stories260k-"),
        ("./none", r"no teacher './none'\. Give one of .*stories260k-tinystories.*, a folder"),
        ("empty", "empty has no config.json"),
        ("file.txt", "neither a folder nor a repository"),
        ("pca-ols", "no teacher 'pca-ols'"),
    ],
)
def test_what_is_no_teacher_is_told(tmp_path, monkeypatch, source, told):
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    Path("file.txt").write_text("text")
    with pytest.raises(BadInput, match=told) as caught:
        read_teacher(source)
    assert "\n" not in str(caught.value)
