"""The whole way in the shell: train, distil, write, measure; and refusals of one sentence each."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from zoo_attention_to_mamba.reading.teachers import as_teacher, read_teacher
from zoo_attention_to_mamba.tokenizer import Tokenizer

import zoo

KINDS = {
    "llama": ("LlamaConfig", "LlamaForCausalLM"),
    "gpt-neox": ("GPTNeoXConfig", "GPTNeoXForCausalLM"),
}
QUICK = ["--stage1-tokens", "64", "--stage2-tokens=64", "--set", "batch=2", "--length", "16"]
QUICK += ["--widening", "1", "--stage1-warmup", "1", "--stage2-warmup", "1"]


@pytest.fixture
def run(zoo_here, tmp_path, monkeypatch):
    """Run the shell in this process, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ZOO_TRACEBACK", raising=False)
    return zoo_here


def distil(teacher, data):
    """Return the words that make a student of a teacher."""
    return ["train", "attention-to-mamba", "--given", f"teacher={teacher}", "--dataset", data]


def refuses(done, *parts, code=2):
    """Check that a command ended in one sentence."""
    assert done.code == code, done.err
    assert done.err.startswith("zoo: ") and done.err.count("\n") == 1, done.err
    for part in parts:
        assert part in done.err, done.err


@pytest.fixture
def make_checkpoint(prose, tmp_path):
    """Return a maker of folders as transformers writes them, and the models in them."""
    transformers = pytest.importorskip("transformers")
    transformers.utils.logging.disable_progress_bar()
    tokenizer = Tokenizer.from_characters(prose)

    def make(family, vocabulary=tokenizer.size):
        config, model = (getattr(transformers, name) for name in KINDS[family])
        sizes = {"hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2}
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            made = model(
                config(
                    vocab_size=vocabulary,
                    num_attention_heads=2,
                    max_position_embeddings=32,
                    initializer_range=0.3,
                    **sizes,
                )
            ).eval()
        folder = tmp_path / f"checkpoint-{family}"
        made.save_pretrained(folder)
        (folder / "tokenizer.json").write_bytes(tokenizer.as_bytes())
        return folder, made

    return make


def spoil(folder, change):
    """Change a folder's weights, and its hash of them."""
    path = folder / "model.safetensors"
    tensors = {name: tensor.clone() for name, tensor in load_file(path).items()}
    change(tensors)
    save_file(tensors, path)
    config = json.loads((folder / "config.json").read_text())
    config["zoo"]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / "config.json").write_text(json.dumps(config))


@pytest.mark.parametrize("family", KINDS)
def test_a_teacher_of_transformers(make_checkpoint, is_ready, run, text_file, family):
    folder, wanted = make_checkpoint(family)
    teacher = as_teacher(read_teacher(str(folder)))
    assert is_ready(teacher)
    (tokens,) = teacher.example_inputs(0)
    with torch.no_grad():
        assert torch.allclose(teacher(tokens), wanted(tokens).logits, atol=1e-4)
    words = ["train", "attention-to-mamba", "--checkpoint", folder, "--dataset", text_file]
    assert run(*words, *QUICK, "--out", "student").code == 0
    student = zoo.load(Path("student"))
    assert torch.equal(student.embedding.weight, teacher.embedding.weight)
    told = run("train", "causal-transformer", "--dataset", text_file, "--checkpoint", folder)
    assert told.code == 0, told.err
    copied = zoo.load("./runs/causal-transformer-mine").state_dict()
    assert all(torch.equal(copied[name], value) for name, value in teacher.state_dict().items())


def test_a_tokenizer_of_another_model_is_told(make_checkpoint, run, text_file):
    folder, _ = make_checkpoint("llama", vocabulary=9)
    words = ["train", "attention-to-mamba", "--checkpoint", folder, "--dataset", text_file]
    refuses(run(*words, *QUICK), "The tokenizer has 17 tokens, the model 9")


def test_the_whole_way_in_the_shell(run, make_folder, text_file):
    folder = make_folder()
    words = [
        "train",
        "attention-to-mamba",
        "--given",
        f"teacher={folder}",
        "--dataset",
        text_file,
        *QUICK,
    ]
    done = run(*words)
    assert done.code == 0, done.err
    assert "zoo.load('./runs/attention-to-mamba-mine')" in done.out
    place = Path("runs/attention-to-mamba-mine")
    names = {path.name for path in place.iterdir()}
    assert {"config.json", "model.safetensors"} <= names and "state" not in names
    content = json.loads((place / "config.json").read_text())
    assert content["mixer"] == "hedgemamba" and content["features"] == 8
    assert content["zoo"]["recipe"]["stage1_tokens"] == 64
    assert content["zoo"]["recipe"]["length"] == 16
    assert content["zoo"]["dataset"] == str(text_file)

    written = run("predict", f"./{place}", "--prompt", "the cat ", "--tokens", 8)
    assert written.code == 0 and written.out.startswith("the cat ")
    assert len(written.out.strip("\n")) <= 16
    words_again = ("--prompt", "the cat ", "--tokens", 8, "--mode", "traced")
    assert run("predict", f"./{place}", *words_again).out == written.out
    longer = run("predict", f"./{place}", "--prompt=the", "--tokens", 40, "--beyond", "true")
    assert len(longer.out.rstrip("\n")) == 43
    measured = run("evaluate", f"./{place}", "--json")
    assert measured.code == 0, measured.err
    (row,) = measured.json
    assert row["metric"] == "perplexity" and row["split"] == "test"
    (teachers,) = run("evaluate", folder, "--json").json
    assert 1 < row["values"][0] < 3 * teachers["values"][0]

    refuses(run(*words), "has a trained model already")
    words = distil(f"./{place}", text_file)
    refuses(run(*words, "--out", "other"), "The teacher is no Transformer; a teacher has softmax")
    refuses(run("predict", f"./{place}", "--prompt", "123"), "no token for '1', '2', '3'")
    refuses(run("predict", f"./{place}", "--prompt", ""), "A prompt is empty")


def test_a_student_needs_one_teacher(run, make_folder, make_checkpoint, text_file):
    base = ["train", "attention-to-mamba", "--dataset", text_file, *QUICK]
    refuses(run(*base), "A student needs one teacher", "--given teacher=NAME")
    both = ["--given", f"teacher={make_folder()}", "--checkpoint", make_checkpoint("llama")[0]]
    refuses(run(*base, *both), "A student needs one teacher")


WRONG = {
    "unknown hyperparameter": (
        ["--stage3-tokens", "1"],
        ["no hyperparameter 'stage3_tokens'", "did you mean", "'stage2_tokens'"],
    ),
    "the teacher's": (["--width", "64", "--features", "8"], ["features, width of a student are"]),
    "mixer": (["--mixer", "mamba"], ["cannot take mixer='mamba'", "'hedgemamba'"]),
    "mixer of the teacher": (["--mixer", "attention"], ["give linear or hedgemamba"]),
    "decay": (["--decay", "none"], ["cannot take decay='none'", "'channel'"]),
    "parts": (["--parts", '["ssm", "conv"]'], ["parts=['conv'] are not known", "convolution"]),
    "one part": (["--parts", "ssm"], ["cannot take parts='ssm'"]),
    "no features": (["--widening", "0"], ["widening=0 is wrong; expected an integer from 1"]),
    "no batch": (["--batch", "0"], ["batch=0 is wrong"]),
    "long windows": (["--length", "5000"], ["fewer than a window of 5000"]),
    "fresh": (["--fresh", "yes"], ["fresh='yes' is wrong; expected nothing or projections"]),
    "no share": (["--divergence", "1.5"], ["divergence=1.5 is no share"]),
    "no number": (["--stage2-rate", "fast"], ["stage2_rate='fast' is wrong"]),
    "diverging": (["--stage1-rate", "1e38"], ["stage 1 diverged at step 2 of 2", "rates"]),
    "no start": (["--sampled", "10"], ["no start token"]),
}


@pytest.mark.parametrize(("words", "parts"), WRONG.values(), ids=WRONG.keys())
def test_wrong_hyperparameters_are_told(run, make_folder, text_file, words, parts):
    base = [
        "train",
        "attention-to-mamba",
        "--given",
        f"teacher={make_folder()}",
        "--dataset",
        text_file,
    ]
    usual = list(QUICK)
    if words[0] in usual:  # an option is given once
        at = usual.index(words[0])
        del usual[at : at + 2]
    refuses(run(*base, *usual, *words), *parts)
    assert not list(Path().glob("runs/*/config.json"))


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        ("", ["has 0 characters of text"]),
        ("Ω is a letter that the teacher has never seen. " * 9, ["no token for", "'\\u03a9'"]),
        (b"\xff" * 500, ["is not text in UTF-8"]),
    ],
    ids=["empty", "unknown characters", "no text"],
)
def test_wrong_texts_are_told(run, make_folder, tmp_path, content, parts):
    folder = make_folder()
    path = tmp_path / "other.txt"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    base = [
        "train",
        "attention-to-mamba",
        "--given",
        f"teacher={folder}",
        "--dataset",
        path,
        *QUICK,
    ]
    refuses(run(*base), *parts)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (float("nan"), "holds NaN in 'blocks.1.mlp.up.weight'"),
        (float("inf"), "The weights of the teacher are not all finite numbers"),
    ],
)
def test_weights_that_are_no_numbers_are_told(run, make_folder, text_file, value, words):
    folder = make_folder()
    spoil(folder, lambda tensors: tensors["blocks.1.mlp.up.weight"][0].fill_(value))
    base = distil(folder, text_file)
    refuses(run(*base, *QUICK), words, code=3)
