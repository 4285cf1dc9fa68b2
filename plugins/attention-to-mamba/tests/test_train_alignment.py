"""Stage 1: how feature maps start, the distances of layers, and that nothing else is trained."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from zoo_attention_to_mamba.train.alignment import align, distances, start_features
from zoo_attention_to_mamba.train.distillation import student_of
from zoo_attention_to_mamba.train.language_modelling import Batches

import zoo
from zoo_core import BadInput, Progress


@pytest.fixture(params=["llama", "gpt-neox"])
def teacher(request, make_teacher):
    return make_teacher(request.param)


@pytest.fixture
def linear(teacher, own):
    made = student_of(teacher, own(mixer="linear"), 2)
    start_features(made, "rotation", 0)
    return made


@pytest.fixture
def tokens(teacher):
    size = (3, 16)
    return torch.randint(teacher.text_tokenizer.size, size, generator=torch.manual_seed(0))


def features_of(module):
    return {name: p for name, p in module.named_parameters() if "_features." in name}


def maps_of(module):
    return [(b.mixer.query_features, b.mixer.key_features) for b in module.blocks]


@pytest.mark.parametrize("widening", [1, 3])
def test_rotations_are_orthogonal_and_stacked(teacher, own, widening):
    linear = student_of(teacher, own(mixer="linear"), widening)
    start_features(linear, "rotation", 5)
    seen = []
    for queries, keys in maps_of(linear):
        assert torch.equal(queries.weight, keys.weight)
        assert not queries.bias.any() and not keys.bias.any()
        squares = queries.weight.detach().unflatten(1, (widening, 8))
        assert torch.allclose(squares.mT @ squares, torch.eye(8).expand_as(squares), atol=1e-5)
        seen += list(squares.flatten(0, 1))
    assert len({tuple(one.flatten().tolist()) for one in seen}) == 2 * 2 * widening, "all differ"


@pytest.mark.parametrize("start", ["rotation", "random"])
def test_a_start_is_drawn_from_its_seed_alone(linear, start):
    found = []
    for seed, noise in ((1, 10), (1, 11), (2, 10)):
        torch.manual_seed(noise)
        before = torch.get_rng_state()
        start_features(linear, start, seed)
        assert torch.equal(torch.get_rng_state(), before)
        found.append(linear.blocks[1].mixer.query_features.weight.detach().clone())
    assert torch.equal(found[0], found[1])
    assert not torch.equal(found[0], found[2])


def test_the_other_starts(teacher, own):
    linear = student_of(teacher, own(mixer="linear"), 64)
    start_features(linear, "identity", 0)
    for maps in maps_of(linear):
        for one in maps:
            assert torch.equal(one.weight, torch.eye(8).repeat(64, 1).expand(2, -1, -1))
    start_features(linear, "random", 0)
    for queries, keys in maps_of(linear):
        assert torch.equal(queries.weight, keys.weight)
        drawn = queries.weight.detach() * 8**0.5
        assert abs(drawn.mean()) < 0.05 and abs(drawn.std() - 1) < 0.05


def test_the_distance_to_itself_is_nothing(linear, teacher, tokens):
    assert distances(teacher, teacher, tokens).abs().max() < 1e-6
    assert distances(linear, linear, tokens).abs().max() < 1e-6
    assert distances(linear, teacher, tokens).min() > 1e-3


@torch.no_grad()
def test_distances_are_of_outputs_to_the_teachers_inputs(linear, teacher, tokens):
    double, student = copy.deepcopy(teacher).double(), copy.deepcopy(linear).double()
    wanted = []
    for block, (u, turn, aim) in zip(student.blocks, double.mixer_pairs(tokens), strict=True):
        a, b = block.mixer(u, turn)[0].numpy(), aim.numpy()
        norms = np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1)
        wanted.append(1 - ((a * b).sum(-1) / norms).mean())
    assert np.allclose(distances(linear, teacher, tokens).numpy(), wanted, rtol=1e-4, atol=1e-6)


@torch.no_grad()
def test_weights_are_matched_by_their_divergence(linear, teacher, tokens):
    double, student = copy.deepcopy(teacher).double(), copy.deepcopy(linear).double()
    assert distances(teacher, teacher, tokens, match="weights").abs().max() < 1e-6
    wanted = []
    pairs = double.mixer_pairs(tokens)
    for block, source, (u, turn, _) in zip(student.blocks, double.blocks, pairs, strict=True):
        ours, aim = (one.mixer.log_weights(u, turn).exp().numpy() for one in (block, source))
        for each in (ours, aim):
            assert np.allclose(each.sum(-1), 1) and not np.triu(each, 1).any()
        averages = block.mixer.average(u, turn)[0].numpy()
        v = torch.unflatten(block.mixer.v(u), -1, (-1, 8)).numpy()
        v = v.repeat(ours.shape[1] // v.shape[2], axis=2)
        assert np.allclose(np.einsum("bhts,bshm->bthm", ours, v), averages)
        lower = np.tril_indices(ours.shape[-1])
        p, q = aim[..., *lower], ours[..., *lower]
        wanted.append((p * np.log(p / q)).sum(-1).mean() / ours.shape[-1])
    found = distances(linear, teacher, tokens, match="weights")
    assert np.allclose(found.numpy(), wanted, rtol=1e-4, atol=1e-6)


@torch.no_grad()
def test_states_are_matched_by_their_squared_distance(linear, teacher, tokens):
    found = distances(linear, teacher, tokens, match="states")
    for layer, (block, (u, turn, aim)) in enumerate(
        zip(linear.blocks, teacher.mixer_pairs(tokens), strict=True)
    ):
        apart = (block.mixer(u, turn)[0] - aim).norm() / aim.norm()
        assert float(found[layer]) == pytest.approx(float(apart) ** 2, rel=1e-4)
    with pytest.raises(ValueError, match="match='output' is not known; it may be outputs"):
        distances(linear, teacher, tokens, match="output")


@pytest.mark.parametrize("match", ["weights", "states"])
def test_other_matches_come_nearer_too(linear, teacher, text, silent, match):
    batches = Batches(text.stream(teacher.text_tokenizer, "train"), 2, 16, 0)
    held_back = text.stream(teacher.text_tokenizer, "val")[:256].view(16, 16)
    far = distances(linear, teacher, held_back, match=match).detach()
    config = {"tokens": 40 * 32, "rate": 2e-2, "warmup": 2, "match": match}
    align(linear, teacher, batches, config, kept=Progress(None, ""), progress=silent)
    assert (distances(linear, teacher, held_back, match=match) < far).all()


def test_layers_are_independent(linear, teacher, tokens):
    before = distances(linear, teacher, tokens).detach()
    linear.blocks[0].mixer.query_features.weight.data.neg_()
    linear.blocks[0].mixer.o.weight.data += 1
    after = distances(linear, teacher, tokens)
    assert after[0] != before[0]
    assert torch.equal(after[1], before[1])
    after[1].backward()
    first, second = maps_of(linear)
    assert not first[0].weight.grad.any() and second[0].weight.grad.any()


def test_only_feature_maps_learn(linear, teacher, text, silent):
    before = copy.deepcopy(linear.state_dict())
    batches = Batches(text.stream(teacher.text_tokenizer, "train"), 2, 16, 0)
    held_back = text.stream(teacher.text_tokenizer, "val")[:256].view(16, 16)
    far = distances(linear, teacher, held_back).detach()
    align(
        linear,
        teacher,
        batches,
        {"tokens": 20 * 32, "rate": 2e-2, "warmup": 2, "match": "outputs"},
        kept=Progress(None, ""),
        progress=silent,
    )
    changed = {n for n, value in linear.state_dict().items() if not torch.equal(value, before[n])}
    assert changed == set(features_of(linear))
    assert len(changed) == 2 * 2 * 2
    assert (distances(linear, teacher, held_back) < far).all(), "of text it was not trained on"
    assert all(parameter.requires_grad for parameter in linear.parameters())
    assert not any(parameter.requires_grad for parameter in teacher.parameters())


def test_an_unknown_start_is_told(make_folder, text_file, tmp_path, recipe):
    given = {"teacher": str(make_folder())}
    with pytest.raises(BadInput, match="'rotatoin' is not known; it may be rotation, identity or"):
        zoo.train(
            "attention-to-mamba",
            str(text_file),
            out=tmp_path / "student",
            config=recipe(start="rotatoin"),
            given=given,
        )
    assert not (tmp_path / "student" / "config.json").exists()
