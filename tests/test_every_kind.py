"""Level 2 holds for all kinds: a frozen timm backbone, a policy, triples, ragged clouds, an index.

Each is a small plugin that works: made, trained, stored, loaded, measured, predicted with.
"""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

import zoo
from zoo_core import BadInput, Media, OutputError
from zoo_core.testing import CHECKS

HEAD = """
    from zoo_core import Architecture, Base, Dataset, File, Metric, Model, Paper, hookimpl

    ZOO_API = 2
    PAPER = Paper(name="toy-paper", title="Toys", authors=["A"], year=2020, bibtex="@misc{a}",
                  summary="About toys.")
    zoo_papers = hookimpl(lambda: [PAPER])

    def architecture(name, cls, **more):
        return Architecture(name=name, cls=f"zoo_toy.{cls}", paper="toy-paper", task="toying",
                            summary="A toy.", train="zoo_toy.train:train", **more)

    def dataset(name, **more):
        return Dataset(**{"name": name, "title": name, "factory": "zoo_toy.data:make",
                          "license": "MIT", "source": "made", "task": "toying", **more})

    def model(name, **more):
        return Model(**{"name": name, "license": "MIT", "summary": "A toy.", **more})
"""


@pytest.fixture
def plugin(site, tmp_path):
    """Install a plugin of the given files and specs; return the site."""

    def put(specs: str, files: dict[str, str], **env: str):
        site.add_toy(beyond={"__init__.py": HEAD + specs, **files})
        site.use(**env)
        return site

    return put


TIMM = {
    "model.py": """
        import torch
        from torch import nn

        class Classifier(nn.Module):
            "Images (B, 3, H, W) to logits (B, C), on the features of a frozen timm backbone."

            def __init__(self, backbone: str, num_classes: int):
                super().__init__()
                import timm

                self.backbone = timm.create_model(backbone, num_classes=0)
                self.head = nn.Linear(self.backbone.num_features, num_classes)

            def train(self, mode: bool = True):
                super().train(mode)
                self.backbone.eval()  # a frozen base keeps its batch norms' statistics
                return self

            def forward(self, images):
                return self.head(self.backbone(images.to(self.head.weight)))

            def example_inputs(self, seed):
                return (torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(seed)),)

            def outputs(self, split, batch_size=16):
                images, labels = split.data.images[split.indices], split.data.labels[split.indices]
                for rows in range(0, len(images), batch_size):
                    part = slice(rows, rows + batch_size)
                    logits = self(images[part])
                    yield {"logits": logits, "target": labels[part].to(logits.device)}

            def predict(self, images):
                return [{"label": int(i)} for i in self(images).argmax(1)]
        """,
    "data.py": """
        import torch

        from zoo_core import Split

        class Images:
            splits = ("train", "test")
            metric_options = {"num_classes": 2}

            def __init__(self, seed):
                generator = torch.Generator().manual_seed(seed)
                self.labels = torch.arange(24) % 2
                noise = 0.2 * torch.rand(24, 3, 32, 32, generator=generator)
                self.images = noise + 0.8 * self.labels[:, None, None, None]

            def split(self, name):
                return Split(self, name, slice(0, 16) if name == "train" else slice(16, 24))

        def make(seed=0):
            return Images(seed)
        """,
    "train.py": """
        import torch

        def train(run, progress):
            module = run.make(num_classes=2)
            split = run.data.split("train")
            images, labels = run.data.images[split.indices], run.data.labels[split.indices]
            with torch.no_grad():
                features = module.backbone(images)
            optimizer = torch.optim.Adam(module.head.parameters(), lr=0.05)
            for _ in progress(range(60)):
                loss = torch.nn.functional.cross_entropy(module.head(features), labels)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            return module
        """,
}


def test_a_classifier_on_a_frozen_timm_backbone(plugin, tmp_path):
    timm = pytest.importorskip("timm")
    torch.manual_seed(0)
    backbone = timm.create_model("resnet10t", num_classes=0)
    mirror = tmp_path / "mirror"
    (mirror / "toys").mkdir(parents=True)
    path = mirror / "toys" / "resnet10t.safetensors"
    save_file(backbone.state_dict(), path)
    pin = sha256(path.read_bytes()).hexdigest()
    site = plugin(
        f"""
    BASE = Base(prefix="backbone.", file=File(path="toys/resnet10t.safetensors", sha256="{pin}"))
    NETS = [
        architecture("classifier", "model:Classifier", shape={{"backbone": "resnet10t"}},
                     base=[BASE], head=["head."]),
        Architecture(name="timm", cls="timm:create_model", paper="toy-paper", task="toying",
                     summary="Any name of timm.", shape={{"model_name": "resnet10t"}}),
    ]
    zoo_architectures = hookimpl(lambda: NETS)
    zoo_datasets = hookimpl(lambda: [dataset("pictures", splits=["train", "test"])])
    INPUTS = {{"size": [32, 32], "mean": [0.5, 0.5, 0.5], "interpolation": "bicubic"}}
    zoo_models = hookimpl(lambda: [model("resnet10t-pictures", architecture="classifier",
                                         dataset="pictures", inputs=INPUTS)])
""",
        TIMM,
        ZOO_DATA_MIRROR=str(mirror),
    )
    zoo.train("resnet10t-pictures", embed=True)
    stored = load_file(site.folder / "zoo_toy" / "weights" / "resnet10t-pictures.safetensors")
    assert sorted(stored) == ["head.bias", "head.weight"]
    module = zoo.load("resnet10t-pictures")
    assert torch.equal(module.backbone.conv1[0].weight, backbone.conv1[0].weight)
    assert zoo.evaluate(module)[0].value == 1.0
    assert zoo.predict(module, torch.ones(1, 3, 32, 32)) == [{"label": 1}]
    assert module.zoo_source.inputs["interpolation"] == "bicubic"
    for check in CHECKS:
        check("resnet10t-pictures")
    five = zoo.load("resnet10t-pictures", num_classes=5)
    assert five(torch.rand(2, 3, 32, 32)).shape == (2, 5)
    plain = zoo.create("timm", num_classes=3)
    assert plain.eval()(torch.rand(1, 3, 32, 32)).shape == (1, 3)


POLICY = {
    "model.py": """
        import io

        import torch
        from torch import nn

        from zoo_core import BadInput, Media

        class Walker(nn.Module):
            "A policy: observations (B, 2), of where it is and where the goal is, to steps (B,)."

            def __init__(self, gain: float = 0.0):
                super().__init__()
                self.gain = nn.Parameter(torch.tensor(gain))

            def forward(self, observation):
                return self.gain * (observation[:, 1] - observation[:, 0])

            def example_inputs(self, seed):
                return (torch.randn(4, 2, generator=torch.Generator().manual_seed(seed)),)

            def act(self, observation, state=None):
                steps = 0 if state is None else state
                return self(observation), steps + 1

            def outputs(self, split, steps=10):
                world, state = split.data.environment(), None
                observation = world.reset(split.indices)
                for _ in range(steps):
                    action, state = self.act(observation, state)
                    observation, measured, over = world.step(action)
                    if bool(over.all()):
                        break
                yield measured

            def predict(self, seed: int = 0):
                if seed < 0:
                    raise BadInput(f"seed is {seed}; expected 0 or more.")
                line = f"<svg xmlns='http://www.w3.org/2000/svg'><!-- {self.gain.item()} --></svg>"
                return Media({".svg": line.encode(), ".txt": lambda: b"a film"}, told="the walk")
        """,
    "data.py": """
        import torch

        from zoo_core import Split

        class World:
            "Episodes in lockstep on a line: reach the goal."

            def reset(self, seeds):
                made = [torch.randn(2, generator=torch.Generator().manual_seed(s)) for s in seeds]
                self.state = torch.stack(made)
                self.travelled = torch.zeros(len(seeds))
                return self.state.clone()

            def step(self, actions):
                self.state[:, 0] += actions
                self.travelled += actions.abs()
                distance = (self.state[:, 1] - self.state[:, 0]).abs()
                over = distance < 0.01
                measured = {"success": over.float(), "return": -self.travelled}
                return self.state.clone(), measured, over

        class Walks:
            splits = ("train", "test")

            def environment(self):
                return World()

            def split(self, name):
                return Split(self, name, list(range(0, 8) if name == "train" else range(100, 120)))

        def make():
            return Walks()
        """,
    "train.py": """
        import torch

        def train(run, progress):
            module = run.make()
            with torch.no_grad():
                module.gain.fill_(run.recipe["gain"])
            return module
        """,
}


def test_a_policy_is_rolled_out_in_lockstep_and_each_metric_takes_its_own(plugin, zoo_here):
    plugin(
        """
    def mean_of(name, better):
        return Metric(name=name, title=name.title(), factory="torchmetrics:MeanMetric",
                      takes=(name,), higher_is_better=better)
    zoo_metrics = hookimpl(lambda: [mean_of("success", True), mean_of("return", True)])
    zoo_architectures = hookimpl(lambda: [architecture("walker", "model:Walker",
                                                       recipe={"gain": 0.9})])
    zoo_datasets = hookimpl(lambda: [dataset("walks", splits=["train", "test"])])
    zoo_models = hookimpl(lambda: [model("walker-walks", architecture="walker", dataset="walks",
                                         metrics=["success", "return"])])
""",
        POLICY,
    )
    zoo.train("walker-walks", embed=True)
    module = zoo.load("walker-walks")
    found = {row.metric: row.value for row in zoo.evaluate(module)}
    assert found["success"] == 1.0
    assert found["return"] < 0
    lazy = zoo.train("walker", "walks", out="lazy", config={"gain": 0.0})
    assert {row.metric: row.value for row in zoo.evaluate(lazy, "walks")} == {
        "success": 0.0,
        "return": 0.0,
    }
    batch, state = module.act(torch.zeros(3, 2), None)
    assert batch.shape == (3,)
    assert module.act(torch.zeros(3, 2), state)[1] == 2, "the state is the caller's"
    for check in CHECKS:
        check("walker-walks")
    with pytest.raises(BadInput, match="accuracy takes 'logits'"):
        zoo.evaluate(module, metrics=["accuracy"])

    film = zoo.predict(module)
    assert isinstance(film, Media)
    assert film.as_bytes() == film.as_bytes(".svg")
    assert film.as_bytes(".txt") == b"a film"
    made = zoo_here("predict", "walker-walks", "--output", "walk.svg")
    assert made.code == 0 and "written to walk.svg: the walk." in made.err
    assert Path("walk.svg").read_bytes() == film.as_bytes()
    wrong = zoo_here("predict", "walker-walks", "--output", "walk.gif")
    assert wrong.code == 2
    assert ".svg, .txt" in wrong.err
    assert not Path("walk.gif").exists()
    assert zoo_here("predict", "walker-walks").code == 2, "a picture is not for a terminal"


TRIPLES = {
    "model.py": """
        import torch
        from torch import nn

        class Scorer(nn.Module):
            "Scores (B, entities) of all tails for heads and relations (B,)."

            def __init__(self, entities: int, relations: int, width: int = 8):
                super().__init__()
                self.entity = nn.Embedding(entities, width)
                self.relation = nn.Embedding(relations, width)
                self.names = [str(i) for i in range(entities)]

            def forward(self, heads, relations):
                return (self.entity(heads) * self.relation(relations)) @ self.entity.weight.T

            def example_inputs(self, seed):
                generator = torch.Generator().manual_seed(seed)
                return tuple(torch.randint(0, n.num_embeddings, (5,), generator=generator)
                             for n in (self.entity, self.relation))

            def assets(self):
                return {"entities.txt": "\\n".join(self.names).encode()}

            def use_assets(self, assets):
                self.names = assets["entities.txt"].decode().split("\\n")

            def outputs(self, split):
                triples = split.data.triples[split.indices]
                scores = self(triples[:, 0], triples[:, 1])
                for row, (head, relation, tail) in enumerate(triples.tolist()):
                    for other in split.data.known(head, relation):  # of train and val too
                        if other != tail:
                            scores[row, other] = -torch.inf
                yield {"scores": scores, "target": triples[:, 2]}

            def predict(self, head: int, relation: int, top: int = 2):
                best = self(torch.tensor([head]), torch.tensor([relation]))[0].topk(top)
                return [{"tail": self.names[i], "score": s}
                        for s, i in zip(best.values.tolist(), best.indices.tolist())]
        """,
    "ranks.py": """
        import torch
        import torchmetrics

        class ReciprocalRank(torchmetrics.Metric):
            "Mean reciprocal rank, ties counted as half."

            def __init__(self):
                super().__init__()
                self.add_state("total", torch.tensor(0.0), dist_reduce_fx="sum")
                self.add_state("count", torch.tensor(0), dist_reduce_fx="sum")

            def update(self, scores, target):
                own = scores.gather(1, target[:, None])
                rank = (scores > own).sum(1) + ((scores == own).sum(1) + 1) / 2
                self.total += rank.reciprocal().sum()
                self.count += len(target)

            def compute(self):
                return self.total / self.count
        """,
    "data.py": """
        import torch

        from zoo_core import Split

        class Triples:
            splits = ("train", "val", "test")

            def __init__(self):
                self.triples = torch.tensor([[h, r, (h + r + 1) % 6] for h in range(6)
                                             for r in range(2)])

            def known(self, head, relation):
                return [t for h, r, t in self.triples.tolist() if (h, r) == (head, relation)]

            def split(self, name):
                return Split(self, name, {"train": slice(0, 8), "val": slice(8, 10),
                                          "test": slice(10, 12)}[name])

        def make():
            return Triples()
        """,
    "train.py": """
        import torch

        def train(run, progress):
            module = run.make(entities=6, relations=2)
            module.names = list("abcdef")
            triples = run.data.triples
            optimizer = torch.optim.Adam(module.parameters(), lr=0.1)
            for _ in progress(range(80)):
                loss = torch.nn.functional.cross_entropy(
                    module(triples[:, 0], triples[:, 1]), triples[:, 2])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            return module
        """,
}


def test_a_scorer_of_triples_filters_by_the_whole_data(plugin):
    declared = 'infinite=["scores"]'
    specs = f"""
    MRR = Metric(name="mrr", title="MRR", factory="zoo_toy.ranks:ReciprocalRank",
                 takes=("scores", "target"), higher_is_better=True)
    zoo_metrics = hookimpl(lambda: [MRR])
    zoo_architectures = hookimpl(lambda: [architecture("scorer", "model:Scorer", {declared})])
    zoo_datasets = hookimpl(lambda: [dataset("triples")])
    zoo_models = hookimpl(lambda: [model("scorer-triples", architecture="scorer",
                                         dataset="triples", metrics=["mrr"])])
"""
    site = plugin(specs, TRIPLES)
    zoo.train("scorer-triples", embed=True)
    module = zoo.load("scorer-triples")
    assert module.names == list("abcdef")
    assert zoo.evaluate(module)[0].value > 0.9
    # The product is symmetric: what leads from 5 to 0 leads from 0 to 5 too.
    assert zoo.predict(module, 0, 0)[0]["tail"] in ("b", "f")
    for check in CHECKS:
        check("scorer-triples")
    with torch.no_grad():
        module.entity.weight[3] = torch.nan
    with pytest.raises(OutputError, match="NaN"):
        zoo.evaluate(module)
    site.add_toy(beyond={"__init__.py": HEAD + specs.replace(declared, ""), **TRIPLES})
    site.use()
    data = zoo.dataset("triples")
    data.triples = torch.cat([data.triples, torch.tensor([[5, 1, 3]])])
    made = zoo.create("scorer", entities=6, relations=2)
    with pytest.raises(OutputError, match="infinite"):
        zoo.evaluate(made, data, metrics=["mrr"])


CLOUDS = {
    "model.py": """
        import json
        from pathlib import Path

        import torch
        from torch import nn

        from zoo_core import BadInput, whole_file

        class Spread(nn.Module):
            "Ragged clouds, points (N, d) and offsets (B + 1,), to one number (B,) each."

            def __init__(self):
                super().__init__()
                self.scale = nn.Parameter(torch.ones(()))

            def forward(self, points, offsets):
                counts = offsets.diff()
                cloud = torch.repeat_interleave(
                    torch.arange(len(counts), device=points.device), counts,
                    output_size=len(points))
                zero = points.new_zeros(len(counts), points.shape[1])
                centres = zero.index_add(0, cloud, points) / counts[:, None]
                squares = (points - centres[cloud]).square().sum(1)
                return self.scale * zero[:, 0].index_add(0, cloud, squares) / counts

            def example_inputs(self, seed):
                generator = torch.Generator().manual_seed(seed)
                return torch.randn(9, 2, generator=generator), torch.tensor([0, 1, 4, 9])

            def outputs(self, split, batch_size=3):
                for rows in range(0, len(split.indices), batch_size):
                    points, offsets, target = split.data.batch(
                        split.indices[rows : rows + batch_size])
                    yield {"prediction": self(points, offsets), "target": target}

            def predict(self, *clouds, index=None):
                if index is not None and not isinstance(index, Places):
                    raise BadInput("index is no set of places; open one with Places.open(PATH).")
                if not clouds:
                    raise BadInput("Give one cloud or more, each (n, d).")
                sizes = [len(cloud) for cloud in clouds]
                offsets = torch.tensor([0, *sizes]).cumsum(0)
                found = self(torch.cat(clouds), offsets).tolist()
                if index is not None:
                    return [{"place": index.nearest(value)} for value in found]
                return [{"spread": value} for value in found]

        class Places:
            "An index that grows: what was seen, by its number, saved as an object."

            def __init__(self, seen=()):
                self.seen = list(seen)

            def add(self, items):
                self.seen += [item["spread"] for item in items]

            def nearest(self, value):
                return min(range(len(self.seen)), key=lambda i: abs(self.seen[i] - value))

            def save(self, path):
                with whole_file(Path(path)) as part:
                    part.write_text(json.dumps(self.seen))

            @classmethod
            def open(cls, path):
                try:
                    return cls(json.loads(Path(path).read_text()))
                except (OSError, ValueError) as error:
                    raise BadInput(f"{path} is no saved set of places ({error}).") from error
        """,
    "data.py": """
        import torch

        from zoo_core import Split

        class Clouds:
            splits = ("train", "test")

            def __init__(self):
                generator = torch.Generator().manual_seed(0)
                self.clouds = [torch.randn(1 + i % 5, 2, generator=generator) for i in range(20)]
                self.targets = torch.tensor(
                    [2 * (c - c.mean(0)).square().sum(1).mean().item() for c in self.clouds])

            def batch(self, indices):
                chosen = [self.clouds[i] for i in indices]
                offsets = torch.tensor([0, *map(len, chosen)]).cumsum(0)
                return torch.cat(chosen), offsets, self.targets[list(indices)]

            def split(self, name):
                return Split(self, name, range(0, 12) if name == "train" else range(12, 20))

        def make():
            return Clouds()
        """,
    "train.py": """
        import torch

        def train(run, progress):
            module = run.make()
            points, offsets, target = run.data.batch(run.data.split("train").indices)
            with torch.no_grad():
                plain = module(points, offsets)
                module.scale.fill_((plain @ target / (plain @ plain)).item())
            return module
        """,
}


def test_a_regressor_of_ragged_clouds_and_an_index_that_grows(plugin, tmp_path):
    plugin(
        """
    NETS = [architecture("spread", "model:Spread", independent_rows=False)]
    zoo_architectures = hookimpl(lambda: NETS)
    zoo_datasets = hookimpl(lambda: [dataset("clouds", splits=["train", "test"])])
    zoo_models = hookimpl(lambda: [model("spread-clouds", architecture="spread", dataset="clouds",
                                         metrics=["mae", "r2"])])
""",
        CLOUDS,
    )
    zoo.train("spread-clouds", embed=True)
    module = zoo.load("spread-clouds")
    found = {row.metric: row.value for row in zoo.evaluate(module, batch_size=5)}
    assert found["mae"] == pytest.approx(0, abs=1e-5)
    assert found["r2"] == pytest.approx(1, abs=1e-5)
    for check in CHECKS:
        check("spread-clouds")
    clouds = [torch.tensor([[0.0, 0], [2, 0]]), torch.tensor([[0.0, 0], [9, 0]])]
    rows = zoo.predict(module, *clouds)
    json.dumps(rows)

    from zoo_toy.model import Places

    index = Places()
    index.add(rows)
    index.save(tmp_path / "places.json")
    again = Places.open(tmp_path / "places.json")
    assert zoo.predict(module, clouds[1], index=again) == [{"place": 1}]
    with pytest.raises(BadInput, match="no saved set of places"):
        Places.open(tmp_path / "nothing")
