"""What the zoo asks of language models: named outputs of a split, in batches of any size."""

from __future__ import annotations

import pytest
import torch

import zoo
from zoo_core import BadInput, Split


class Numbers:
    splits = ("test",)

    def split(self, name):
        return Split(self, name)


@torch.no_grad()
@pytest.mark.parametrize("size", [1, 7, 100])
def test_outputs_are_those_of_the_windows_in_any_batches(make_teacher, text, size):
    module = make_teacher()
    inputs, targets = module.windows(text.split("test"))
    found = list(module.outputs(text.split("test"), batch_size=size))
    assert all(len(one["logits"]) <= size for one in found)
    assert torch.equal(torch.cat([one["target"] for one in found]), targets)
    logits = torch.cat([one["logits"] for one in found])
    torch.testing.assert_close(logits, module(inputs))


def test_only_texts_are_measured(make_teacher):
    with pytest.raises(BadInput, match="is measured on texts, and this is a Numbers"):
        zoo.evaluate(make_teacher(), Numbers(), metrics=["perplexity"])


def test_another_metric_is_told(make_teacher, text):
    with pytest.raises(BadInput, match=r"takes 'prediction', which .* does not yield"):
        zoo.evaluate(make_teacher(), text, metrics=["mae"])


def test_the_shape_makes_the_network_again(make_teacher):
    module = make_teacher("gpt-neox")
    again = type(module)(**module.shape)
    assert {n: v.shape for n, v in again.state_dict().items()} == {
        n: v.shape for n, v in module.state_dict().items()
    }
