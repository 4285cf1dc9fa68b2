"""What weights are made from: bases, starts, teachers, assets, upstream files; and their limits."""

from __future__ import annotations

import json
import time
import tracemalloc
from hashlib import sha256
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

import zoo
from zoo_core import BadInput, DataError, PluginError, SpecError, Start, WeightsError
from zoo_core._loading.making import made_of
from zoo_core._registry.registry import registry
from zoo_core._registry.specs import Base, File, Model

INIT = """
    from zoo_core import Architecture, Base, Dataset, File, Model, Paper, Start, hookimpl

    ZOO_API = 2
    PAPER = Paper(name="toy-paper", title="Toys", authors=["A"], year=2020, bibtex="@misc{{a}}",
                  summary="About toys.")
    BASE = File(path="toys/base.safetensors", sha256="{base}")
    UP = File(path="toys/up.txt", sha256="{up}")

    def architecture(name, **more):
        return Architecture(**{{
            "name": name, "cls": "zoo_toy.model:Net", "paper": "toy-paper", "task": "toying",
            "summary": "A net.", "shape": {{"inputs": 4, "classes": 3}}, "recipe": {{"steps": 5}},
            "train": "zoo_toy.train:train", "head": ["head."], **more}})

    def model(name, **more):
        return Model(**{{"name": name, "architecture": "net", "dataset": "toys", "license": "MIT",
                        "summary": "A toy.", **more}})

    ARCHITECTURES = [
        architecture("net"),
        architecture("frozen", base=[Base(prefix="body.", file=BASE)]),
        architecture("made-by-a-function", cls="zoo_toy.model:net", shape={{"kind": "small"}},
                     train="zoo_toy.train:train", head=[]),
        architecture("worded", cls="zoo_toy.model:Worded", head=[]),
        architecture("disloyal", base=[Base(prefix="body.", file=BASE)],
                     train="zoo_toy.train:change_base"),
        architecture("changed", train="zoo_toy.train:change_layer"),
        architecture("stranger", train="zoo_toy.train:another"),
    ]
    MODELS = [
        model("plain"), model("started", start=Start(source="plain", fresh=["head."])),
        model("taught", given={{"teacher": "plain"}}, architecture="net"),
        model("based", base=[Base(prefix="body.", file=BASE)], inputs={{"mean": [0.5]}}),
        model("on-a-model", base=[Base(prefix="body.", model="body")]),
        model("body", architecture="body"),
        model("worded", architecture="worded"),
        model("upstream", source=[UP], convert="zoo_toy.train:convert"),
        model("stray", source=[UP], convert="zoo_toy.train:convert_astray"),
    ]
    ARCHITECTURES.append(architecture("body", cls="zoo_toy.model:Body", shape={{"inputs": 4}},
                                      head=[]))
    DATASET = Dataset(name="toys", title="Toys", factory="zoo_toy.data:make", license="MIT",
                      source="made up", task="toying", splits=["train", "test"],
                      options={{"fold": "0 or 1"}})
    zoo_papers = hookimpl(lambda: [PAPER])
    zoo_architectures = hookimpl(lambda: ARCHITECTURES)
    zoo_models = hookimpl(lambda: MODELS)
    zoo_datasets = hookimpl(lambda: [DATASET])
"""
MODEL = """
    import torch

    class Body(torch.nn.Module):
        def __init__(self, inputs: int):
            super().__init__()
            self.layer = torch.nn.Linear(inputs, 6)

        def forward(self, x):
            return self.layer(x).relu()

        def example_inputs(self, seed):
            return (torch.randn(5, 4, generator=torch.Generator().manual_seed(seed)),)

    class Net(torch.nn.Module):
        def __init__(self, inputs: int, classes: int):
            super().__init__()
            self.body = Body(inputs)
            self.head = torch.nn.Linear(6, classes)

        def forward(self, x):
            return self.head(self.body(x))

        def example_inputs(self, seed):
            return (torch.randn(5, 4, generator=torch.Generator().manual_seed(seed)),)

        def outputs(self, split):
            x, y = split.data.parts[split.name]
            yield {"logits": self(x), "target": y}

    def net(kind, **more):
        return Net(4, 3) if kind == "small" else Net(4, more["classes"])

    class Worded(Net):
        words = ()

        def assets(self):
            return {"words.txt": "\\n".join(self.words or ["a", "b"]).encode()}

        def use_assets(self, assets):
            self.words = assets["words.txt"].decode().split("\\n")
"""
TRAIN = """
    import torch

    def train(run, progress):
        module = run.make()
        teacher = run.given.get("teacher")
        x, y = run.data.parts["train"]
        optimizer = torch.optim.SGD([p for p in module.parameters() if p.requires_grad], lr=1.0)
        for _ in range(run.recipe["steps"]):
            loss = torch.nn.functional.cross_entropy(module(x), y)
            if teacher is not None:
                assert not teacher.training and not any(
                    p.requires_grad for p in teacher.parameters())
                loss = loss + (module(x) - teacher(x)).square().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        if hasattr(module, "words"):
            module.words = ["x", "y", "z"]
        return module

    def change_base(run, progress):
        module = run.make()
        with torch.no_grad():
            module.body.layer.bias.add_(1)
        return module

    def change_layer(run, progress):
        module = run.make()
        module.head = torch.nn.Linear(6, 9)
        return module

    def another(run, progress):
        run.make()
        return torch.nn.Linear(1, 1)

    def convert(paths, make):
        (path,) = paths
        module = make(classes=int(path.read_text()))
        with torch.no_grad():
            module.head.bias.fill_(7)
        return module

    def convert_astray(paths, make):
        make()
        return torch.nn.Linear(1, 1)
"""


@pytest.fixture
def nets(site, tmp_path):
    """Models with every kind of source, and a mirror that has what they are made from."""
    mirror = tmp_path / "mirror" / "toys"
    mirror.mkdir(parents=True)
    generator = torch.Generator().manual_seed(5)
    save_file(
        {
            "layer.weight": torch.randn(6, 4, generator=generator),
            "layer.bias": torch.randn(6, generator=generator),
        },
        mirror / "base.safetensors",
    )
    (mirror / "up.txt").write_text("5")
    pins = {
        key: sha256((mirror / name).read_bytes()).hexdigest()
        for key, name in (("base", "base.safetensors"), ("up", "up.txt"))
    }
    files = {"__init__.py": INIT.format(**pins), "model.py": MODEL, "train.py": TRAIN}
    site.add_toy(beyond=files)
    site.use(ZOO_DATA_MIRROR=str(mirror.parent))
    site.mirror = mirror
    return site


def test_any_callable_that_returns_a_module_is_an_architecture(nets, tmp_path):
    small = zoo.create("made-by-a-function")
    assert made_of(small).shape == {"kind": "small"}
    wide = zoo.train(
        "made-by-a-function", "toys", out=tmp_path / "out", config={"kind": "wide", "classes": 4}
    )
    assert made_of(wide).shape == {"kind": "wide", "classes": 4}
    assert wide.head.out_features == zoo.load(tmp_path / "out").head.out_features == 4


def test_what_the_core_records_is_beside_the_module(site):
    """A module's own `config` is its own: it may be anything, and is left alone."""
    beyond = {
        "model.py": """
            import torch

            class Toy(torch.nn.Module):
                def __init__(self, inputs: int, classes: int):
                    super().__init__()
                    self.config = {"return_dict": True, "width": inputs}
                    self.layer = torch.nn.Linear(inputs, classes)

                def forward(self, x):
                    return self.layer(x) if self.config["return_dict"] else None
        """
    }
    site.add_toy("toy-a", beyond=beyond)
    site.use()
    for module in (zoo.create("toy"), zoo.load("toy-a")):
        assert module.config == {"return_dict": True, "width": 4}
        assert made_of(module).shape == {"inputs": 4, "classes": 3}
        assert module(torch.zeros(1, 4)).shape == (1, 3)
    with pytest.raises(BadInput, match="was not made by the zoo"):
        made_of(torch.nn.Linear(1, 1))


GPT2 = """
    from transformers import GPT2Config, GPT2LMHeadModel

    class Toy(GPT2LMHeadModel):
        def __init__(self, n_layer: int = 1, n_embd: int = 16):
            super().__init__(GPT2Config(n_layer=n_layer, n_embd=n_embd, n_head=2, vocab_size=50))
"""


def test_a_class_of_transformers_keeps_its_config(site, tmp_path):
    pytest.importorskip("transformers")
    architecture = """
        from zoo_core import Architecture, Paper, hookimpl
        ZOO_API = 2
        zoo_papers = hookimpl(lambda: [Paper(name="toy-paper", title="T", authors=["A"],
            year=2020, bibtex="@misc{a}", summary="S.")])
        zoo_architectures = hookimpl(lambda: [Architecture(name="gpt", cls="zoo_toy.model:Toy",
            paper="toy-paper", task="text-generation", summary="A GPT-2.")])
    """
    site.add_toy(beyond={"__init__.py": architecture, "model.py": GPT2})
    site.use()
    module = zoo.create("gpt", n_embd=8)
    assert module(torch.tensor([[1, 2, 3]])).logits.shape == (1, 3, 50)
    assert module.config.n_embd == 8
    assert made_of(module).shape == {"n_embd": 8}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("changed", r"changed its module after `run\.make` made it.*head\.bias, head\.weight"),
        ("stranger", r"returned a Linear that run\.make did not make"),
        ("disloyal", r"changed body\.layer\.bias, which is of a frozen base"),
    ],
)
def test_what_cannot_be_made_again_is_refused_before_anything_is_written(
    nets, tmp_path, name, reason
):
    with pytest.raises(PluginError, match=reason):
        zoo.train(name, "toys", out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_training_starts_from_given_weights(nets, tmp_path):
    zoo.train("plain", embed=True)
    plain = zoo.load("plain")
    here = zoo.train("net", "toys", out="here", start="plain", config={"steps": 0})
    assert torch.equal(here.body.layer.weight, plain.body.layer.weight)
    assert torch.equal(here.head.weight, plain.head.weight), "a head that fits is taken too"
    other = zoo.train("net", "toys", out="other", start="./here", config={"steps": 0, "classes": 7})
    assert torch.equal(other.body.layer.weight, plain.body.layer.weight)
    assert other.head.out_features == 7
    file = Path("here/model.safetensors").resolve()
    again = zoo.train("net", "toys", out="again", start=str(file), config={"steps": 0})
    assert torch.equal(again.head.weight, plain.head.weight)
    facts = json.loads(Path("other/config.json").read_text())["zoo"]
    assert "--start ./here" in facts["command"]
    spec = zoo.train("started", out="spec", config={"steps": 0})
    assert torch.equal(spec.body.layer.weight, plain.body.layer.weight)


def test_a_start_maps_names_and_refuses_what_is_missing(nets, tmp_path):
    save_file(
        {"layer.weight": torch.ones(6, 4), "layer.bias": torch.ones(6)}, "encoder.safetensors"
    )
    start = Start(source="encoder.safetensors", prefixes={"layer.": "body.layer."})
    module = zoo.train("net", "toys", out="out", start=start, config={"steps": 0})
    assert bool((module.body.layer.weight == 1).all())
    with pytest.raises(WeightsError, match=r"missing: body\.layer.*unexpected: layer"):
        zoo.train("net", "toys", out="no", start="encoder.safetensors")
    short = Start(source="encoder.safetensors", prefixes={"layer.w": "body.layer.w"})
    with pytest.raises(WeightsError, match=r"missing: body\.layer\.bias"):
        zoo.train("net", "toys", out="no", start=short)
    assert not Path("no").exists()


def test_the_shell_starts_and_gives_too(nets, zoo_here):
    zoo.train("plain", embed=True)
    words = ["train", "net", "--dataset", "toys", "--set", "steps=1"]
    done = zoo_here(*words, "--start", "plain", "--given", "teacher=plain", "--out", "out")
    assert done.code == 0, done.err
    command = json.loads(Path("out/config.json").read_text())["zoo"]["command"]
    assert "--given teacher=plain" in command
    assert "--start plain" in command
    assert zoo_here(*words, "--start", "nothing-of-this-name", "--out", "b").code == 2
    assert zoo_here(*words, "--given", "teacher=nobody", "--out", "b").code == 2


def test_a_recipe_gets_frozen_modules_by_name(nets):
    zoo.train("plain", embed=True)
    alone = zoo.train("taught", out="alone", given={"teacher": "plain"})
    assert torch.equal(alone.head.weight, zoo.train("taught", out="spec").head.weight)
    assert not torch.equal(alone.head.weight, zoo.train("plain", out="plain2").head.weight)


def test_a_frozen_base_is_not_stored_again(nets):
    base = load_file(nets.mirror / "base.safetensors")
    zoo.train("based", embed=True)
    lock = registry().lock(registry().model("based"))
    stored = load_file(nets.folder / "zoo_toy" / "weights" / "based.safetensors")
    assert sorted(stored) == ["head.bias", "head.weight"]
    module = zoo.load("based")
    assert torch.equal(module.body.layer.weight, base["layer.weight"])
    assert lock["parameters"] == sum(p.numel() for p in module.parameters())
    user = zoo.train("frozen", "toys", out="mine", config={"classes": 3})
    assert torch.equal(user.body.layer.weight, base["layer.weight"])
    assert sorted(load_file("mine/model.safetensors")) == ["head.bias", "head.weight"]
    assert zoo.evaluate(zoo.load("./mine"), "toys")[0].value > 0.3


def test_a_variant_of_a_model_keeps_its_base_and_inputs(nets):
    base = load_file(nets.mirror / "base.safetensors")
    zoo.train("based", out="variant", config={"steps": 1})
    module = zoo.load("./variant")
    assert torch.equal(module.body.layer.weight, base["layer.weight"])
    assert sorted(load_file("variant/model.safetensors")) == ["head.bias", "head.weight"]
    assert module.zoo_source.inputs == {"mean": [0.5]}


def test_a_base_is_pinned_and_must_be_had(nets):
    zoo.train("based", embed=True)
    path = nets.mirror / "base.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match="not the file that was expected"):
        zoo.load("based")
    path.unlink()
    with pytest.raises(DataError, match="no public address"):
        zoo.load("based")


def test_a_base_may_be_a_registered_model(nets):
    body = zoo.create("body")
    folder = nets.folder / "zoo_toy" / "weights"
    folder.mkdir(exist_ok=True)
    save_file(body.state_dict(), folder / "body.safetensors")
    content = (folder / "body.safetensors").read_bytes()
    entry = {
        "sha256": sha256(content).hexdigest(),
        "size": len(content),
        "parameters": 30,
        "shape": {"inputs": 4},
        "repo": None,
        "revision": None,
    }
    (folder / "lock.json").write_text(json.dumps({"body": entry}))
    nets.use(ZOO_DATA_MIRROR=str(nets.mirror.parent))
    zoo.train("on-a-model", embed=True)
    assert torch.equal(zoo.load("on-a-model").body.layer.weight, body.layer.weight)


def test_assets_travel_beside_the_weights_with_their_hash(nets):
    zoo.train("worded", embed=True)
    assert zoo.load("worded").words == ["x", "y", "z"]
    place = nets.folder / "zoo_toy" / "weights" / "worded" / "words.txt"
    place.write_text("others")
    with pytest.raises(WeightsError, match="not the right file"):
        zoo.load("worded")
    place.unlink()
    with pytest.raises(BadInput, match=r"There is no .*words\.txt"):
        zoo.load("worded")
    zoo.train("worded", out="out")
    assert Path("out/assets/words.txt").read_text() == "x\ny\nz"
    assert zoo.load("./out").words == ["x", "y", "z"]
    config = json.loads(Path("out/config.json").read_text())
    config["zoo"]["assets"] = {"../../evil": config["zoo"]["assets"]["words.txt"]}
    Path("out/config.json").write_text(json.dumps(config))
    with pytest.raises(BadInput, match='no usable "zoo"/"assets"'):
        zoo.load("./out")


def test_upstream_weights_are_converted_by_declared_code(nets, zoo_here):
    done = zoo_here("import", "upstream", "--json")
    assert done.code == 0, done.err
    assert done.json["shape"] == {"inputs": 4, "classes": 5}
    module = zoo.load("upstream")
    assert bool((module.head.bias == 7).all())
    before = torch.get_rng_state()
    assert zoo_here("import", "upstream").code == 0
    assert torch.equal(before, torch.get_rng_state())
    assert torch.equal(zoo.load("upstream").body.layer.weight, module.body.layer.weight)
    assert registry().lock(registry().model("upstream"))["shape"]["classes"] == 5
    page = zoo_here("show", "upstream", "--card").out
    assert "zoo import upstream" in page
    assert zoo_here("import", "plain").code == 2
    with pytest.raises(BadInput, match="run `zoo import upstream`"):
        zoo.train("upstream", embed=True)
    with pytest.raises(PluginError, match="did not make"):
        zoo_here("import", "stray", "--traceback")
        from zoo_core._authoring.embedding import import_weights

        import_weights("stray")
    (nets.mirror / "up.txt").write_text("6")
    assert zoo_here("import", "upstream").code == 3


def test_a_head_is_replaced_for_a_new_task(nets):
    zoo.train("plain", embed=True)
    plain, new = zoo.load("plain"), zoo.load("plain", classes=5)
    assert new.head.out_features == 5
    assert torch.equal(new.body.layer.weight, plain.body.layer.weight)
    assert torch.equal(zoo.load("plain", classes=3).head.weight, plain.head.weight)
    before = torch.get_rng_state()
    assert torch.equal(zoo.load("plain", classes=5).head.weight, new.head.weight)
    assert torch.equal(before, torch.get_rng_state())
    with pytest.raises(WeightsError, match=r"wrong shape: body\.layer\.weight"):
        zoo.load("plain", inputs=9)
    with pytest.raises(BadInput, match="no option 'clases'"):
        zoo.load("plain", clases=5)
    zoo.train("worded", embed=True)
    with pytest.raises(BadInput, match="has no head to replace"):
        zoo.load("worded", classes=5)


GREEDY = """
    import torch

    class Toy(torch.nn.Module):
        def __init__(self, inputs: int, classes: int, layers: int = 1, own: int = 0):
            super().__init__()
            self.layer = torch.nn.Linear(inputs, classes)
            width = max([3] * inputs)  # a list that nothing in torch would bound
            self.more = torch.nn.ModuleList(torch.nn.Linear(width, 3) for _ in range(layers - 1))
            if own:
                self.register_buffer("own", torch.ones(own), persistent=False)
"""


@pytest.mark.parametrize(
    "change", [{"inputs": 10**9}, {"layers": 100_000}, {"layers": 10**6}, {"own": 10**10}], ids=str
)
def test_a_config_that_asks_for_more_than_its_weights_hold_costs_nothing(
    site, tmp_path, make_weights, change
):
    site.add_toy("toy-a", beyond={"model.py": GREEDY})
    site.use()
    content, lock = make_weights()
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(content)
    about = {"architecture": "toy", "sha256": lock["sha256"], "dataset": "toys", "options": {}}
    config = {"inputs": 4, "classes": 3, **change, "zoo": about}
    (folder / "config.json").write_text(json.dumps(config))
    zoo.load("toy-a")
    tracemalloc.start()
    started = time.process_time()
    with pytest.raises(WeightsError, match=r"asks for more than its weights hold|do not fit"):
        zoo.load(folder)
    seconds, (_, peak) = time.process_time() - started, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seconds < 60
    assert peak < 200_000_000


def test_runs_of_a_protocol_are_loaded_when_their_turn_comes(site):
    beyond = {
        "data.py": """
            import torch

            ALIVE = []

            class Toys:
                splits = ("train", "test")
                metric_options = {"num_classes": 3}

                def __init__(self, fold):
                    x = torch.randn(60, 4, generator=torch.Generator().manual_seed(fold))
                    y = x[:, :3].argmax(1)
                    self.parts = {"train": (x[:30], y[:30]), "test": (x[30:], y[30:])}
                    ALIVE.append(self)
                    LARGEST.append(len(ALIVE))

                def __del__(self):
                    DEAD.append(1)

                def split(self, name):
                    from zoo_core import Split
                    return Split(self, name)

            LARGEST, DEAD = [], []

            def make(fold=0):
                made = Toys(fold)
                ALIVE.remove(made)
                LARGEST.append(fold - len(DEAD))
                return made

            def read(path):
                raise NotImplementedError
        """
    }
    site.add_toy("toy-a", beyond=beyond)
    site.use()
    from zoo_core._authoring.protocols import retrain

    (row,) = retrain("toy-a", beside=False)
    assert len(row.values) == 2
    import zoo_toy.data

    assert zoo_toy.data.LARGEST[-1] <= 1, "at most the last run's data are still there"


def test_specs_say_what_is_wrong_with_a_source():
    file = File(path="a/b", sha256="0" * 64)
    with pytest.raises(SpecError, match="a File, or else the name of a model"):
        Base(prefix="body.")
    with pytest.raises(SpecError, match="a base is pinned"):
        Base(prefix="body.", file=File(path="a/b", url="https://a/b"))
    with pytest.raises(SpecError, match="None with a model"):
        Base(prefix="body.", model="body", convert="a.b:c")
    with pytest.raises(SpecError, match="files and the function that converts them"):
        Model(name="m", architecture="a", dataset="d", license="MIT", summary="s", source=[file])
    with pytest.raises(SpecError, match="its shape and recipe"):
        Model(
            name="m",
            architecture="a",
            dataset="d",
            license="MIT",
            summary="s",
            beside={"other": {"architecture": "b", "config": {}}},
        )
