"""Writing text: streams, batches, samples, and every wrong question."""

from __future__ import annotations

import math

import pytest
import torch
from zoo_attention_to_mamba.causal_lm import CausalLM
from zoo_attention_to_mamba.generation import _draw, sample_tokens, write
from zoo_attention_to_mamba.tokenizer import Tokenizer

from zoo_core import BadInput, WeightsError

ALPHABET = " .<>abcdefghijklmé"
SIZE = len(ALPHABET)
START, END = ALPHABET.index("<"), ALPHABET.index(">")
PLAIN = Tokenizer.from_characters(ALPHABET)
WITH_ENDS = PLAIN.with_ends(START, END)
MIXERS = ["attention", "linear", "head", "channel"]
mixers = pytest.mark.parametrize("mixer", MIXERS)


def model(mixer="attention", tokenizer=WITH_ENDS, context=48, rows=SIZE, sharp=4.0):
    torch.manual_seed(0)
    content = tokenizer.as_bytes()
    options = {} if mixer == "attention" else {"features": 6}
    if mixer in ("head", "channel"):
        options["decay"] = mixer
    made = CausalLM(
        family="llama",
        vocabulary=rows,
        width=16,
        layers=2,
        heads=4,
        kv_heads=2,
        head_width=4,
        hidden=24,
        context=context,
        rotary=4,
        mixer="hedgemamba" if "decay" in options else mixer,
        tokenizer_size=len(content),
        **options,
    ).double()
    made.tokenizer.copy_(torch.frombuffer(bytearray(content), dtype=torch.uint8))
    with torch.no_grad():
        for parameter in made.parameters():
            parameter += 0.3 * torch.randn_like(parameter)
        made.norm.weight.mul_(sharp / 4)
        # The last layer's output has nothing of the ends but what the seed gives them.
        made.embedding.weight[[START, END]] *= 0.3
    return made.eval()


def text(*args, **options):
    return "".join(write(*args, **options))


@torch.no_grad()
def greedy(lm, ids, count):
    """The likeliest tokens by the whole forward pass, from the front every time."""
    ids, first = list(ids), len(ids)
    while len(ids) < first + count and len(ids) < lm.context:
        best = int(lm(torch.tensor([ids]))[0, -1].argmax())
        if best in (START, END):
            break
        ids.append(best)
    return ids


@mixers
@pytest.mark.parametrize("prompt", ["a", "abc def. ", "é" * 30])
def test_temperature_zero_takes_the_likeliest(mixer, prompt):
    lm = model(mixer)
    pieces = list(write(lm, prompt, tokens=25, temperature=0))
    wanted = greedy(lm, WITH_ENDS.encode(prompt), 25)
    assert pieces[0] == prompt
    assert "".join(pieces) == WITH_ENDS.decode(wanted)
    assert len(pieces) == 1 + len(wanted) - len(WITH_ENDS.encode(prompt))
    assert text(lm, prompt, tokens=25, temperature=0.7, top_k=1) == "".join(pieces)


@mixers
@pytest.mark.parametrize("temperature", [0, 1.0, 3])
def test_a_batch_is_what_its_rows_are_alone(mixer, temperature):
    lm = model(mixer)
    prompts = ["a", "abc def. é", "m", "é" * 40, "lk", "a"]
    options = {"tokens": 30, "temperature": temperature}
    rows = lm.predict(*prompts[:-1], prompt=prompts[-1], seed=7, **options)
    assert [row["prompt"] for row in rows] == prompts
    for place, row in enumerate(rows):
        alone = text(lm, row["prompt"], seed=7 + place, **options)
        assert row["prompt"] + row["text"] == alone
    assert len({row["text"] for row in rows}) > 1
    if temperature != 1:  # the same prompt twice, with seeds of their own
        assert (rows[0]["text"] == rows[-1]["text"]) == (temperature == 0)


def test_seeds_repeat_and_leave_the_global_state_alone():
    lm = model()
    before = torch.get_rng_state()
    first, again, other = (text(lm, seed=seed, temperature=2) for seed in (5, 5, 6))
    sample_tokens(lm, 50, seed=1, batch=4)
    assert first == again != other
    assert torch.equal(torch.get_rng_state(), before)


@mixers
def test_texts_end_where_they_should(mixer):
    lm = model(mixer, sharp=1.0)
    lengths = []
    for seed in range(12):
        prompt = "abc"
        found = text(lm, prompt, tokens=20, temperature=2.0, seed=seed)
        assert not set(found) & {"<", ">"}
        lengths.append(len(found) - len(prompt))
    assert max(lengths) == 20
    assert min(lengths) < 20
    # Up to the context, the start token included.
    with torch.no_grad():
        lm.norm.weight.zero_()  # all tokens alike
    longest = max(len(text(lm, "é" * 45, seed=seed, tokens=99)) for seed in range(9))
    assert longest == lm.context - 1


def test_from_nothing():
    lm = model()
    assert text(lm, temperature=0, tokens=9) == WITH_ENDS.decode(greedy(lm, [START], 9))
    with pytest.raises(BadInput, match="no start token, so a prompt is needed"):
        write(model(tokenizer=PLAIN), [])
    with pytest.raises(BadInput, match="no start token"):
        sample_tokens(model(tokenizer=PLAIN), 9, seed=0)
    assert text(model(tokenizer=PLAIN), "ab", tokens=200).startswith("ab")


@pytest.mark.parametrize("mixer", ["linear", "head", "channel"])
def test_students_go_on_beyond_the_context(mixer):
    lm = model(mixer, PLAIN, context=8)
    assert len(text(lm, "abc", tokens=30)) == 8
    assert len(text(lm, "abc" * 5, tokens=30, beyond=True)) == 45
    with pytest.raises(BadInput, match="15 tokens long, but the model knows 8"):
        write(lm, "abc" * 5, tokens=30)


def test_rows_beyond_the_tokenizer_are_never_drawn():
    lm = model(rows=SIZE + 50)
    assert text(lm, "a", tokens=40, temperature=5)
    assert int(sample_tokens(lm, 100, seed=0, batch=4).max()) < SIZE


def test_draws_follow_the_softmax():
    logits = torch.tensor([[0.0, -math.inf, 1.0, 3.0, -math.inf]])
    share = logits.softmax(-1)[0].double()
    uniform = (torch.arange(20_000) + 0.5) / 20_000
    drawn = _draw(logits.expand(len(uniform), -1), uniform)
    found = torch.bincount(drawn, minlength=5) / len(uniform)
    torch.testing.assert_close(found.double(), share, atol=1e-4, rtol=0)
    extremes = _draw(logits.expand(2, -1), torch.tensor([0.0, 1 - 2.0**-24]))
    assert extremes.tolist() == [0, 3]


@pytest.mark.parametrize("temperature", [1e-300, 1e-3, 1e300])
def test_extreme_temperatures_give_text(temperature):
    lm = model("head")
    found = text(lm, "ab", temperature=temperature, top_k=5, tokens=20)
    assert (found == text(lm, "ab", temperature=0, tokens=20)) == (temperature < 1)


@mixers
def test_samples_are_whole_stories(mixer):
    lm = model(mixer, sharp=1.0)
    stream = sample_tokens(lm, 300, seed=3, batch=5)
    assert stream.dtype == torch.int64
    assert stream.dim() == 1
    assert stream[0] == START
    assert END not in stream
    assert not stream.is_inference()
    lengths = torch.cat([stream.eq(START).nonzero()[:, 0], torch.tensor([len(stream)])]).diff()
    assert lengths.max() <= lm.context
    assert len(lengths.unique()) > 1
    assert 300 <= len(stream) < 300 + lm.context
    assert torch.equal(sample_tokens(lm, 120, seed=3, batch=5), stream[: _until(stream, 120)])
    assert not torch.equal(sample_tokens(lm, 300, seed=4, batch=5)[:120], stream[:120])


def _until(stream, count):
    """Where the story that holds token `count` ends."""
    starts = stream.eq(START).nonzero()[:, 0]
    return int(starts[starts >= count][0])


def test_samples_have_the_models_frequencies():
    """Of the second token, over many stories."""
    lm = model(sharp=1.0, context=2)
    stream = sample_tokens(lm, 8000, seed=0, batch=500)
    starts = stream.eq(START).nonzero()[:, 0]
    stories = len(starts)
    with torch.no_grad():
        share = lm(torch.tensor([[START]]))[0, -1].softmax(-1)
    found = torch.bincount(stream, minlength=SIZE) / stories
    found[START] = share[START]
    found[END] = share[END]
    assert ((found - share).abs() < 5 * (share / stories).sqrt() + 1e-3).all()


@pytest.mark.parametrize(
    ("prompts", "options", "message"),
    [
        ([""], {}, "A prompt is empty"),
        (["a", ""], {}, "A prompt is empty"),
        ([123], {}, "must be a text, not 123"),
        ([None], {}, "must be a text, not None"),
        (["aXb"], {}, "'X'"),
        (["a" * 47], {"tokens": 0}, "tokens=0 is wrong"),
        (["a" * 47], {}, "None"),
        (["a" * 48], {}, "49 tokens long, but the model knows 48 .* at most 47"),
        (["a", "a" * 60], {}, "61 tokens long, but the model knows 48"),
        (["a"], {"tokens": 1.5}, "tokens=1.5 is wrong; expected an integer from 1"),
        (["a"], {"tokens": True}, "tokens=True"),
        (["a"], {"temperature": -0.1}, "temperature=-0.1"),
        (["a"], {"temperature": math.nan}, "temperature=nan"),
        (["a"], {"temperature": math.inf}, "temperature=inf"),
        (["a"], {"temperature": "hot"}, "temperature='hot'"),
        (["a"], {"temperature": None}, "temperature=None"),
        (["a"], {"top_k": -1}, "top_k=-1 is wrong; expected an integer from 0"),
        (["a"], {"top_k": 2.0}, "top_k=2.0"),
        (["a"], {"seed": "x"}, "seed='x'"),
        (["a"], {"seed": -1}, "seed=-1"),
        (["a"], {"seed": 2**64}, "from 0 to 9223372036854775807"),
        (["a"], {"beyond": 1}, "beyond=1 is wrong"),
        (["a"], {"beyond": True}, "not for attention: this model knows 48"),
    ],
    ids=str,
)
def test_wrong_questions_are_answered_before_anything_is_written(prompts, options, message):
    if message == "None":
        message = "48 tokens long"
    with pytest.raises(BadInput, match=message):
        write(model(), prompts, **options)


@pytest.mark.parametrize(
    "options", [{"count": 0}, {"count": 9.5}, {"batch": 0}, {"seed": -3}, {"seed": None}], ids=str
)
def test_wrong_samples_are_refused(options):
    with pytest.raises(BadInput, match="is wrong; expected an integer"):
        sample_tokens(model(), **{"count": 9, "seed": 0, **options})


def test_weights_that_give_no_numbers_are_named():
    lm = model()
    with torch.no_grad():
        lm.embedding.weight[3, 2] = math.nan
    with pytest.raises(WeightsError, match="logits are not finite"):
        write(lm, "a")
    with pytest.raises(WeightsError, match="logits are not finite"):
        sample_tokens(lm, 9, seed=0)
