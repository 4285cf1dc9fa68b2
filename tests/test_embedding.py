"""Representations by one verb: of graphs, sequences, images and nodes, to arrays and files."""

import inspect
import json
import math

import networkx
import numpy
import pytest
import torch
from torch import nn

import zoo
from zoo_core._loading import making
from zoo_core._measuring import calling
from zoo_core._registry.registry import registry

IMAGES = numpy.random.default_rng(0).integers(0, 256, (3, 28, 28)).astype(numpy.uint8)
GRAPHS = [networkx.cycle_graph(5), networkx.path_graph(4), networkx.star_graph(6)]
SEVERAL = {
    "images": ("symnoise-mnist", list(IMAGES)),
    "images, by a tree": ("hierlabel-fashion-mnist", list(IMAGES)),
    "graphs": ("untrained-gin-imdb-binary", GRAPHS),
    "graphs, by colours": ("wl-imdb-binary", GRAPHS),
    "graphs, by trees": ("treehom-mutag", GRAPHS),
    "texts": ("stories260k-tinystories", ["Once upon a time", "The end", "A cat sat"]),
    "texts, by a Mamba": ("hedgemamba-tinystories", ["Once upon a time", "The end"]),
    "tokens": ("mamba2-mqar", ["8 150 3 140 8", [5, 6, 7], numpy.array([9, 1])]),
}


@pytest.mark.parametrize("case", SEVERAL)
def test_each_source_has_a_row_whatever_else_is_given(case):
    name, sources = SEVERAL[case]
    module = zoo.load(name)
    found = zoo.embed(module, *sources)
    assert isinstance(found, numpy.ndarray) and found.dtype == numpy.float32
    assert len(found) == len(sources) and found.shape[1] > 1
    alone = numpy.concatenate([zoo.embed(module, source) for source in reversed(sources)])
    numpy.testing.assert_allclose(alone[::-1], found, rtol=1e-4, atol=1e-5)
    assert not numpy.allclose(found[0], found[1])


def test_nodes_of_a_graph_have_rows():
    own = zoo.embed("ase-karate")
    assert own.shape == (34, 2)
    torch.testing.assert_close(torch.from_numpy(own), zoo.load("ase-karate").embed())
    module = zoo.load("powerembed-sbm-dense")
    assert len(zoo.embed(module)) == len(zoo.predict(module))


@pytest.mark.parametrize("spec", registry().architectures, ids=lambda spec: spec.name)
def test_embed_has_one_signature(spec):
    """What it takes first is what `predict` takes first; all else are options by name.

    An entity of a graph of triples is one word of the three that `predict` takes: there are rows
    for any number of entities.
    """
    cls = making.resolve(spec.cls)
    if not hasattr(cls, "embed"):
        return
    places = [calling.room(getattr(cls, name)) for name in ("embed", "predict")]
    assert places[0] == (math.inf if spec.task == "link-prediction" else places[1])
    parameters = inspect.signature(cls.embed).parameters.values()
    assert all(one.default is not one.empty for one in parameters if one.kind is one.KEYWORD_ONLY)
    assert callable(getattr(cls, "example_sources", None))


def test_the_rows_of_a_split_are_those_of_its_parts():
    generator = torch.Generator().manual_seed(0)
    from zoo_images.image_set import ImageSet

    images = torch.randint(256, (9, 1, 28, 28), generator=generator).byte()
    rows = {"train": torch.arange(5), "test": torch.tensor([8, 6])}
    data = ImageSet(images, torch.zeros(9).long(), tuple(map(str, range(10))), rows)
    found = zoo.embed("symnoise-mnist", data, split="test")
    one_by_one = zoo.embed("symnoise-mnist", images[8], images[6])
    numpy.testing.assert_allclose(found, one_by_one, rtol=1e-5, atol=1e-5)


def test_a_split_of_nodes(data_or_skip):
    graph = data_or_skip("sbm-dense")
    module = zoo.load("powerembed-sbm-dense")
    found = zoo.embed(module, graph, split="test")
    whole = zoo.embed(module, (graph.edges, graph.features))
    numpy.testing.assert_allclose(found, whole[graph.split("test").indices], atol=1e-5)


REFUSE = {
    "no representation": (["ols-yarn"], {}, "has no representation to give"),
    "an unknown option": (["symnoise-mnist", IMAGES], {"colour": 1}, "no option 'colour'"),
    "no source": (["symnoise-mnist"], {}, "Nothing was given to embed"),
    "no text": (["stories260k-tinystories"], {}, "No text was given"),
    "no graph": (["treehom-mutag"], {}, "No graph was given"),
    "no tokens": (["mamba2-mqar"], {}, "No sequence was given"),
    "no such token": (["mamba2-mqar", "1 99999"], {}, "out of the vocabulary"),
    "another pooling": (["stories260k-tinystories", "a"], {"pooling": "max"}, "mean or last"),
    "a split of two": (["symnoise-mnist", 1, 2], {"split": "test"}, "one dataset, and 2 were"),
    "a split of nothing": (["symnoise-mnist"], {"split": "test"}, "one dataset, and 0 were"),
}


@pytest.mark.parametrize("case", REFUSE)
def test_what_cannot_be_embedded_is_told(case):
    arguments, options, reason = REFUSE[case]
    with pytest.raises(zoo.BadInput, match=reason):
        zoo.embed(*arguments, **options)


def test_a_module_from_elsewhere_is_embedded_by_its_method():
    class Mine(nn.Module):
        def embed(self, *sources):
            return torch.tensor(sources, dtype=torch.bfloat16)

    found = zoo.embed(Mine(), [1.0, 2.0], [3.0, 4.0])
    assert found.tolist() == [[1, 2], [3, 4]] and found.dtype == numpy.float32
    with pytest.raises(zoo.OutputError, match=r"gave the shape \(2,\); expected rows"):
        zoo.embed(Mine(), 1.0, 2.0)
    with pytest.raises(zoo.OutputError, match="not finite"):
        zoo.embed(Mine(), [float("nan")])


def test_a_layer_that_is_called_so_is_no_method():
    class Mine(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = nn.Embedding(3, 2)

    with pytest.raises(zoo.BadInput, match="Mine has no representation to give"):
        zoo.embed(Mine(), torch.tensor([1]))


def test_pooling_of_texts_is_said():
    module = zoo.load("stories260k-tinystories")
    mean, last = (zoo.embed(module, "Once upon", pooling=way) for way in ("mean", "last"))
    assert mean.shape == last.shape and not numpy.allclose(mean, last)


def read(path):
    if path.suffix == ".npy":
        return numpy.load(path)
    if path.suffix == ".npz":
        return numpy.load(path)["embedding"]
    if path.suffix == ".json":
        return numpy.array(json.loads(path.read_text()))
    import pandas

    if path.suffix == ".jsonl":
        return pandas.read_json(path, lines=True).to_numpy()
    if path.suffix == ".parquet":
        return pandas.read_parquet(path).to_numpy()
    return pandas.read_csv(path, sep={".csv": ",", ".tsv": "\t"}[path.suffix]).to_numpy()


@pytest.mark.parametrize("suffix", ["npy", "npz", "csv", "tsv", "parquet", "json", "jsonl"])
def test_the_shell_writes_what_python_gives(tmp_path, zoo_here, suffix):
    path = tmp_path / f"rows.{suffix}"
    told = zoo_here("embed", "ase-karate", "--output", str(path))
    assert told.code == 0 and "34 rows of 2 written to" in told.err
    numpy.testing.assert_allclose(read(path), zoo.embed("ase-karate"), rtol=1e-6)


def test_the_shell_prints_rows_and_json(zoo_here):
    told = zoo_here("embed", "mamba2-mqar", "8 150 3", "5 6", "--limit", "1")
    assert told.code == 0 and len(told.out.splitlines()) == 2
    assert "1 more row" in told.err
    asked = zoo_here("embed", "mamba2-mqar", "8 150 3", "5 6", "--json")
    numpy.testing.assert_allclose(
        json.loads(asked.out), zoo.embed("mamba2-mqar", "8 150 3", "5 6"), rtol=1e-6
    )


def test_options_of_the_model_are_taken_and_told(zoo_here):
    words = ("embed", "stories260k-tinystories", "Once upon", "--json", "--pooling")
    mean, last = (json.loads(zoo_here(*words, way).out) for way in ("mean", "last"))
    assert mean != last
    assert "--pooling VALUE" in zoo_here("embed", "stories260k-tinystories", "--help").out
    assert zoo_here(*words, "max").code == 2


@pytest.mark.parametrize("path", ["rows.xlsx", "rows", "missing/../rows.bin"])
def test_a_suffix_that_is_unknown_is_refused_before_anything_is_done(zoo_here, path):
    told = zoo_here("embed", "no-such-model", "--output", path)
    assert told.code == 2 and "has no suffix that is known here" in told.err
