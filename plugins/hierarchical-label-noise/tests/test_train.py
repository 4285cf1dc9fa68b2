from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from zoo_hierarchical_label_noise import train as recipes
from zoo_hierarchical_label_noise.reading import read_labelled_images
from zoo_hierarchical_label_noise.train import train
from zoo_images import image_set
from zoo_images.image_set import ImageSet
from zoo_label_noise.noisy import with_noise

from zoo_core import BadInput, Notice
from zoo_core.testing import make_run

CLASSES = ("coal", "slate", "linen", "snow", "fire")
TREE = {"dark": ["coal", "slate"], "light": ["linen", "snow"], "red": ["fire"]}
GROUPS = (0, 0, 1, 1, 2)


def pictures(count=300, groups=()):
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(count) % 5
    # A bright pixel for the superclass, one less bright for the class.
    pixels = torch.randint(0, 40, (count, 9), generator=generator)
    pixels[torch.arange(count), torch.tensor(GROUPS)[labels]] += 200
    pixels[torch.arange(count), 3 + labels] += 120
    images = pixels.to(torch.uint8).view(count, 1, 3, 3)
    rows = torch.arange(count)
    return ImageSet(
        images=images,
        labels=labels,
        classes=CLASSES,
        rows={"train": rows[:200], "val": rows[200:240], "test": rows[240:]},
        mean=(0.4,),
        std=(0.3,),
        groups=groups,
        group_names=("dark", "light", "red") if groups else (),
    )


SHAPE = {"backbone": "mlp", "options": {"widths": [16]}}
RECIPE = {"epochs": 15, "batch_size": 20, "select": "last", "learning_rate": 1e-2}


def quiet(steps, **_):
    return steps


def trained(data, method="hierlabel", shape=None, **recipe):
    run = make_run(method, data, shape={**SHAPE, **(shape or {})}, recipe={**RECIPE, **recipe})
    return train(run, quiet)


def right(module, data):
    (batch,) = module.outputs(data.split("test"))
    return float((batch["logits"].argmax(1) == batch["target"]).double().mean())


@pytest.mark.parametrize(
    ("method", "shape"),
    [
        ("hierlabel", {}),
        ("hierlabel", {"rule": "mixed"}),
        ("hierlabel", {"rule": "topdown"}),
        ("hierlabel", {"reading": "shared"}),
        ("hierlabel", {"reading": "shared", "rule": "mixed"}),
        ("hierlabel", {"reading": "marginal"}),
        ("hierlabel", {"reading": "curriculum"}),
        ("hierlabel", {"reading": "init_from_coarse"}),
        ("flatlabel", {}),
        ("flatlabel", {"reading": "ensemble"}),
    ],
    ids=lambda value: "-".join(value.values()) if isinstance(value, dict) else value,
)
def test_every_reading_learns_through_noise(method, shape):
    data = with_noise(pictures(), "symmetric", 0.2, 0)
    module = trained(data, method, {"hierarchy": TREE, **shape})
    assert right(module, data) > 0.85
    assert module.noise["rate"] == 0.2
    assert 0 < module.noise["realised_coarse"] < module.noise["realised"]


def test_a_node_learns_from_its_noisy_superclass():
    """What is labelled otherwise makes no difference to it, whatever it truly is."""
    data = with_noise(pictures(), "across", 0.3, 0, groups=GROUPS)
    other = dataclasses.replace(data, images=data.images.clone())
    dark = torch.from_numpy(np.isin(data.labels.numpy(), [0, 1]))
    other.images[~dark] = 255 - other.images[~dark]
    first, second = (trained(one, shape={"hierarchy": TREE}, epochs=2) for one in (data, other))
    fine = "fine.1.head.weight"
    assert torch.equal(first.state_dict()[fine], second.state_dict()[fine])
    coarse = "coarse.head.weight"
    assert not torch.equal(first.state_dict()[coarse], second.state_dict()[coarse])


def test_images_in_files_are_learnt_from_as_those_in_memory_are(home, monkeypatch):
    """At each node, which has some of them; those to learn from are never read all at once."""
    data = read_labelled_images(home / "mine", hierarchy=home / "tree.csv")
    inputs = {"size": [12, 12], "channels": 1, "mean": [0.5], "std": [0.5]}
    memory = trained(data, shape={"inputs": inputs}, epochs=2, select="loss").state_dict()
    monkeypatch.setattr(image_set, "ROOM", 1000)
    asked = []
    read = ImageSet.tensors
    monkeypatch.setattr(
        ImageSet,
        "tensors",
        lambda data, one, how: (asked.append(len(one)), read(data, one, how))[1],
    )
    files = trained(data, shape={"inputs": inputs}, epochs=2, select="loss").state_dict()
    assert all(torch.equal(memory[name], value) for name, value in files.items())
    assert max(asked) < len(data.rows["train"]) / 2


def test_clean_labels_are_never_looked_at():
    data = with_noise(pictures(), "symmetric", 0.3, 0)
    other = dataclasses.replace(data, truth=data.truth.flip(0), images=data.images.clone())
    other.images[240:] = 0
    first, second = (
        trained(one, shape={"hierarchy": TREE}, epochs=2, select="loss").state_dict()
        for one in (data, other)
    )
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_networks_may_begin_from_the_coarse_one():
    data = pictures()
    made = {}
    for reading in ("separate", "init_from_coarse"):
        made[reading] = trained(
            data, shape={"hierarchy": TREE, "reading": reading}, epochs=1, learning_rate=1e-9
        )
    weight = "backbone.layers.1.weight"
    coarse, fine, _ = (net.state_dict()[weight] for net in made["init_from_coarse"].nets)
    torch.testing.assert_close(coarse, fine, atol=1e-6, rtol=0)
    coarse, fine, _ = (net.state_dict()[weight] for net in made["separate"].nets)
    assert float((coarse - fine).abs().max()) > 0.01


def test_fine_networks_may_have_as_many_steps(monkeypatch):
    seen = []
    monkeypatch.setattr(
        recipes, "fit", lambda net, x, y, val, schedule, **_: seen.append(schedule.epochs)
    )
    trained(pictures(), shape={"hierarchy": TREE}, equal_steps=True, epochs=4)
    assert seen == [4, 10, 10]


def test_the_hierarchy_of_the_data_is_taken():
    module = trained(pictures(groups=GROUPS), epochs=1)
    assert module.hierarchy.group_names == ("dark", "light", "red")
    # The shape's goes before it.
    module = trained(pictures(groups=GROUPS), shape={"hierarchy": [0, 1, 0, 1, 0]}, epochs=1)
    assert module.hierarchy.groups.tolist() == [0, 1, 0, 1, 0]


@pytest.mark.parametrize("recipe", [{}, {"induce": "kmeans"}, {"induce": "confusion"}])
def test_a_hierarchy_is_induced_where_none_is_given(recipe):
    data = with_noise(pictures(), "symmetric", 0.2, 0)
    with pytest.warns(Notice, match="induced from the labels: 3 superclasses"):
        module = trained(data, groups=3, **recipe)
    if recipe.get("induce") != "confusion":  # which little is confused here to tell
        assert module.hierarchy.groups.tolist() == list(GROUPS)
    assert right(module, data) > 0.85


def test_a_hierarchy_is_given_or_induced():
    with pytest.raises(BadInput, match="leave one of the two out"):
        trained(pictures(), shape={"hierarchy": TREE}, induce="ward")
    with pytest.raises(BadInput, match="expected ward, kmeans"):
        trained(pictures(), induce="oracle", epochs=1)


def test_a_flat_network_needs_no_hierarchy(recwarn):
    module = trained(pictures(), "flatlabel", epochs=1)
    assert module.hierarchy.depth == 1
    assert not [one for one in recwarn if issubclass(one.category, Notice)]


@pytest.mark.parametrize("reading", ["separate", "marginal", "flat"])
def test_heads_of_a_frozen_backbone(reading, tmp_path):
    data = with_noise(pictures(), "symmetric", 0.2, 0)
    shape = {**SHAPE, "frozen": True, "hierarchy": TREE, "reading": reading}
    recipe = {**RECIPE, "penalties": [1e-4, 1e-3]}
    module = train(make_run("hierlabel", data, shape=shape, recipe=recipe), quiet)
    assert right(module, data) > 0.7


def test_what_cannot_be_trained_on_is_refused():
    missing = pictures()
    missing.labels[missing.labels == 4] = 0
    with pytest.raises(BadInput, match="No training image is labelled fire"):
        trained(missing, shape={"hierarchy": TREE})
    with pytest.raises(BadInput, match="where snow, fire belongs"):
        trained(pictures(), shape={"hierarchy": {"a": ["coal", "slate"], "b": ["linen"]}})
    with pytest.raises(BadInput, match="in a flat network"):
        trained(pictures(), shape={"hierarchy": TREE}, loss="forward")
