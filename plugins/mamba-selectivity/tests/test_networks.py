"""The trained networks: form, inputs, predictions and their errors."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from zoo_mamba_selectivity.data.keepnth import Keep, keepnth
from zoo_mamba_selectivity.data.mqar import mqar
from zoo_mamba_selectivity.data.sequences import IGNORED, Batch
from zoo_mamba_selectivity.networks.keepnth import KeepNetwork
from zoo_mamba_selectivity.networks.recall import RecallNetwork
from zoo_mamba_selectivity.networks.sequence import MIXERS

from zoo_core import BadInput, Split, measure

SMALL = {"width": 8, "state_size": 3, "heads": 2}


def _drawn(cls, *args, seed=0, **options):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        module = cls(*args, **{**SMALL, **options})
        with torch.no_grad():
            for parameter in module.parameters():
                parameter += 0.2 * torch.randn_like(parameter)
    return module.double().eval().requires_grad_(False)


def _tokens(vocabulary, batch, length, seed=1):
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(vocabulary, (batch, length), generator=generator)


every_mixer = pytest.mark.parametrize("mixer", MIXERS)


@every_mixer
@pytest.mark.parametrize("cls", [RecallNetwork, KeepNetwork])
def test_a_network_is_causal_and_reads_only_the_places_asked(cls, mixer):
    options = {"position": 2, "length": 16} if cls is KeepNetwork else {}
    module = _drawn(cls, 20, mixer=mixer, layers=2, **options)
    tokens = _tokens(20, 3, 11)
    logits = module(tokens)
    assert logits.shape == (3, 11, 20)
    torch.testing.assert_close(module(tokens[:, :7]), logits[:, :7])
    places = torch.tensor([[0, 10], [4, 4], [9, 3]])
    rows = torch.arange(3)[:, None]
    torch.testing.assert_close(module(tokens, places), logits[rows, places])


def test_a_recall_network_is_embedding_norm_block_norm_and_the_embedding_again():
    module = _drawn(RecallNetwork, 12)
    tokens = _tokens(12, 2, 6)
    x = module.embedding.weight[tokens]
    norm, last = module.norms[0], module.last_norm

    def normed(layer, values):
        mean = values.mean(dim=-1, keepdim=True)
        variance = (values - mean).square().mean(dim=-1, keepdim=True)
        return (values - mean) / (variance + layer.eps).sqrt() * layer.weight + layer.bias

    hidden = x + module.blocks[0](normed(norm, x))[0]
    expected = normed(last, hidden) @ module.embedding.weight.T
    torch.testing.assert_close(module(tokens), expected)


def test_a_keep_network_knows_the_time():
    module = _drawn(KeepNetwork, 5, position=1, length=8)
    tokens = _tokens(5, 2, 6)
    embedded = module.embed_tokens(tokens)
    assert embedded.shape == (2, 6, 8)
    torch.testing.assert_close(embedded[..., :6], module.embedding.weight[tokens])
    expected = torch.arange(6, dtype=torch.float64).expand(2, -1) / 8
    torch.testing.assert_close(embedded[..., 6], expected)
    assert (embedded[..., 7] == 1).all()


def test_predict_reads_texts_numbers_and_pairs_alike():
    module = _drawn(RecallNetwork, 20)
    tokens = [8, 15, 3, 12, 2, 13, 2, 0, 8]
    rows = module.predict("8 15 3 12 2 13 2 0 8")
    assert [(row["position"], row["query"]) for row in rows] == [(6, 2), (8, 8)]
    probabilities = module(torch.tensor([tokens]))[0].softmax(dim=-1)
    for row in rows:
        best = probabilities[row["position"]].max(dim=-1)
        assert row["answer"] == int(best.indices)
        assert row["probability"] == pytest.approx(float(best.values))
    assert module.predict("8,15, 3,12 2,13 2,0,8") == rows
    assert module.predict(tokens) == rows
    assert module.predict(torch.tensor(tokens)) == rows
    assert module.predict(*tokens) == rows
    assert module.predict({"pairs": [[8, 15], [3, 12], [2, 13]], "queries": [2, 8]}) == rows


def test_a_keep_network_tells_the_token_after_the_last():
    module = _drawn(KeepNetwork, 5, position=2, length=8)
    tokens = [1, 4, 3, 0, 2]
    (row,) = module.predict("1 4 3 0 2")
    probabilities = module(torch.tensor([tokens]))[0, -1].softmax(dim=-1)
    assert row == {
        "position": 2,
        "answer": int(probabilities.argmax()),
        "probability": pytest.approx(float(probabilities.max())),
    }
    assert module.predict(tokens) == [row]
    with pytest.raises(BadInput, match="has 2 symbols, and this model tells the one at position 2"):
        module.predict("1 4")
    with pytest.raises(BadInput, match="Token 5 is out of the vocabulary"):
        module.predict("1 4 5")


def test_what_is_measured_is_every_query_once():
    module = _drawn(RecallNetwork, 40)
    data = mqar(32, 3, 40, sequences=300)
    batches = list(module.outputs(data.split("test")))
    logits, answers = (torch.cat([one[name] for one in batches]) for name in ("logits", "target"))
    small = list(module.outputs(data.split("test"), batch_size=7))
    assert len(small) == 43
    torch.testing.assert_close(torch.cat([one["logits"] for one in small]), logits)
    assert logits.shape == (900, 40)
    part = data.part("test")
    assert answers.tolist() == part.targets[part.targets >= 0].tolist()
    row, place = 280, int(part.queries()[0][280, 1])
    expected = module(torch.from_numpy(part.tokens[row : row + 1]))[0, place]
    torch.testing.assert_close(logits[3 * row + 1], expected)


def test_data_that_do_not_fit_are_refused():
    module = _drawn(RecallNetwork, 40)
    with pytest.raises(BadInput, match="A list is no task on sequences"):
        next(module.outputs(Split([], "test")))
    with pytest.raises(BadInput, match="have 16 tokens, but this model knows 40"):
        next(module.outputs(keepnth(sequences=2).split("test")))
    with pytest.raises(BadInput, match="no split 'dev'"):
        measure(module, mqar(vocabulary=40), "dev", ["accuracy"])


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        (torch.zeros(2, 3), "torch.float32"),
        (torch.zeros(3, dtype=torch.int64), r"shape \(3,\)"),
        (torch.zeros(2, 0, dtype=torch.int64), "one or more in a row"),
    ],
    ids=["floating", "one-axis", "empty"],
)
def test_tensors_that_are_no_tokens_are_refused(tokens, message):
    with pytest.raises(BadInput, match=message):
        _drawn(RecallNetwork, 40)(tokens)


@pytest.mark.parametrize(
    ("tokens", "message"),
    [([3, 40], "Token 40 is out"), ([-2, 4], "Token -2 is out")],
    ids=["large", "negative"],
)
def test_unknown_tokens_are_refused_before_forward(tokens, message):
    class Strange(Keep):
        def draw(self, rng, count):
            return Batch(np.array([tokens]), np.array([[IGNORED, 1]]))

    module = _drawn(RecallNetwork, 40)
    with pytest.raises(BadInput, match=message):
        next(module.outputs(Strange(length=2, position=0, vocabulary=40).split("test")))
    with pytest.raises(BadInput, match=message):
        module.predict(tokens)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: RecallNetwork(20, mixer="gru"), "expected one of mamba, mamba2"),
        (lambda: RecallNetwork(1), "2 tokens and 1 layer"),
        (lambda: RecallNetwork(20, layers=0), "2 tokens and 1 layer"),
        (lambda: RecallNetwork(20, mixer="mamba2", heads=3), "must divide"),
        (lambda: KeepNetwork(20, position=8, length=8), "position below the length"),
        (lambda: KeepNetwork(20, position=0, length=8, width=2), "width of 3"),
    ],
    ids=["mixer", "vocabulary", "layers", "heads", "position", "width"],
)
def test_wrong_settings_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
