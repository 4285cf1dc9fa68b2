from __future__ import annotations

import pytest
import torch
from zoo_images.image_set import ImageSet
from zoo_label_noise.noisy import with_noise
from zoo_symmetric_label_noise.simulations import gauss
from zoo_symmetric_label_noise.train import train, train_points

from zoo_core import BadInput
from zoo_core.testing import make_run


def pictures(classes="ab", count=200, truth=None):
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(count) % len(classes)
    images = torch.randint(0, 60, (count, 1, 8, 8), dtype=torch.uint8, generator=generator)
    images += (labels * 90).to(torch.uint8)[:, None, None, None]
    rows = torch.arange(count)
    return ImageSet(
        images=images,
        labels=labels,
        classes=tuple(classes),
        rows={"train": rows[:120], "val": rows[120:160], "test": rows[160:]},
        mean=(0.3,),
        std=(0.2,),
    )


SHAPE = {"options": {"widths": [4, 4, 4]}}
RECIPE = {"epochs": 4, "batch_size": 20, "select": "last"}


def quiet(steps, **_):
    return steps


def trained(data, **recipe):
    return train(make_run("symnoise", data, shape=SHAPE, recipe={**RECIPE, **recipe}), quiet)


def right(module, data):
    (batch,) = module.outputs(data.split("test"))
    return float((batch["logits"].argmax(1) == batch["target"]).double().mean())


def test_a_network_learns_through_noise_and_records_it():
    data = with_noise(pictures(), "symmetric", 0.2, 0)
    module = trained(data)
    assert right(module, data) == 1.0
    assert module.noise["rate"] == 0.2 and module.noise["seed"] == 0
    assert module.preprocessing.size == (8, 8) and module.preprocessing.mean == (0.3,)


def test_the_same_run_gives_the_same_network():
    data = with_noise(pictures(), "symmetric", 0.2, 0)
    first, second = (trained(data).state_dict() for _ in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_clean_labels_are_never_looked_at():
    """Other truth and other test images make no difference to what is trained."""
    data = with_noise(pictures(), "symmetric", 0.3, 0)
    other = ImageSet(**{**vars(data), "truth": 1 - data.truth, "images": data.images.clone()})
    other.images[160:] = 0
    first, second = trained(data).state_dict(), trained(other).state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)


@pytest.mark.parametrize("loss", ["forward", "gce", "sce"])
def test_other_losses(loss):
    data = with_noise(pictures(), "pair", 0.3, 0)
    assert right(trained(data, loss=loss), data) > 0.9


def test_what_cannot_be_trained_on_is_refused():
    with pytest.raises(BadInput, match="needs to know the noise"):
        trained(pictures(), loss="forward")
    missing = pictures("abc")
    missing.labels[missing.labels == 2] = 0
    with pytest.raises(BadInput, match="No training image is labelled c"):
        trained(missing)


def test_points():
    data = gauss(n=4000, tests=2000, rate=0.3)
    run = make_run("symnoise-points", data, recipe={"epochs": 6})
    module = train_points(run, quiet)
    assert right(module, data) > 0.8
    rows = module.predict([[2, 2], [-2, -2]])
    assert [row["class"] for row in rows] == [3, 0]
    with pytest.raises(BadInput, match="expected"):
        module.predict([[1, 2, 3]])
