"""Teachers that are trained here: how they start, how they go on, what they read."""

from __future__ import annotations

import pytest
import torch
from zoo_attention_to_mamba.text import Text
from zoo_attention_to_mamba.train import teachers

import zoo
from zoo_core.testing import make_run


@pytest.mark.slow
def test_how_a_teacher_is_trained(make_folder, text_file, transformer, prose, tmp_path):
    """The start is GPT-NeoX's, the alphabet the whole text's, and 80 steps find the words."""
    parts = {"tokens": 80 * 64, "batch": 4, "rate": 1e-2}
    module = zoo.load(make_folder(**parts))
    assert module.text_tokenizer.size == module.shape["vocabulary"] == len(set(prose))
    (row,) = zoo.evaluate(module)
    assert (row.metric, row.split) == ("perplexity", "test")
    assert row.value < 6 < len(set(prose)) / 2
    start = zoo.train(
        "causal-transformer",
        str(text_file),
        out=tmp_path / "start",
        config=transformer(rate=0.0, width=64, layers=8, tokens=1),
    )
    deviations = {"embedding.weight": 0.02, "head.weight": 0.02, "blocks.3.mixer.q.weight": 0.02}
    deviations |= {"blocks.3.mixer.o.weight": 0.005, "blocks.5.mlp.down.weight": 0.005}
    state = start.state_dict()
    for name, wanted in deviations.items():
        assert abs(state[name].std() / wanted - 1) < 0.15, name
    assert not state["blocks.0.mixer.q.bias"].any() and (state["norm.weight"] == 1).all()


@pytest.mark.parametrize("options", [{"test": 0}, {"validation": 0}, {"test": 0, "validation": 0}])
def test_a_text_need_not_be_held_back(transformer, text_file, tmp_path, options):
    config = transformer(tokens=32)
    zoo.train(
        "causal-transformer", str(text_file), out=tmp_path / "out", config=config, options=options
    )


def same(one, other):
    one, other = one.state_dict(), other.state_dict()
    return one.keys() == other.keys() and all(torch.equal(one[n], other[n]) for n in one)


def test_a_teachers_training_goes_on_too(
    text, prose, transformer, tmp_path, each_step_kept, silent, stopping
):
    settings = transformer()
    recipe = {name: settings.pop(name) for name in ("tokens", "rate", "warmup", "batch", "length")}

    def run(progress=silent, folder=None, data=text, seed=5):
        one = make_run(
            "causal-transformer", data, seed=seed, shape=settings, recipe=recipe, folder=folder
        )
        with torch.random.fork_rng():
            return teachers.train(one, progress)

    wanted = run()
    for step in range(1, 4):
        torch.manual_seed(step)
        with pytest.raises(KeyboardInterrupt):
            run(stopping("teacher", step), tmp_path)
    assert same(run(folder=tmp_path), wanted)
    assert not same(run(seed=6), wanted)
    other = Text({"train": [prose.replace("cat", "dog")]})
    assert same(run(folder=tmp_path, data=other), run(data=other)), "another text, begun anew"
