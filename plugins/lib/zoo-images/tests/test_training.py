from __future__ import annotations

import copy
import sys

import pytest
import torch
from zoo_images import image_set
from zoo_images.image_set import ImageSet
from zoo_images.networks import SmallCNN
from zoo_images.preprocessing import Preprocessing
from zoo_images.probe import fit_head
from zoo_images.reading import read_labelled
from zoo_images.training import Schedule, fit, predict

from zoo_core import BadInput, Progress


def data(count=64, seed=0):
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % 2
    images = torch.randn(count, 1, 12, 12, generator=generator) + 2 * labels[:, None, None, None]
    return images, labels


def network(channels=1):
    torch.manual_seed(0)
    return torch.nn.Sequential(SmallCNN(channels, widths=(4, 4, 4)), torch.nn.Linear(16, 2))


SCHEDULE = Schedule(epochs=3, batch_size=16, learning_rate=1e-2, flip=True, shift=1, average=0.9)


def trained(**more):
    module = network()
    course = fit(module, *data(), data(32, 1), SCHEDULE, seed=0, **more)
    return module, course


def test_it_learns_and_the_scores_are_those_of_the_chosen_epoch():
    module, course = trained()
    images, labels = data(32, 1)
    assert course.accuracy[course.chosen] == 1.0
    assert course.chosen == course.loss.index(min(course.loss))
    found = torch.nn.functional.cross_entropy(predict(module, images), labels)
    assert float(found) == pytest.approx(course.loss[course.chosen], rel=1e-4)
    assert not module.training


def test_it_is_deterministic_and_goes_on_where_it_was_interrupted(tmp_path, monkeypatch):
    expected, _ = trained()
    monkeypatch.setattr(sys.modules[Progress.__module__], "EVERY", -1.0)

    def stop(epoch, _):
        if epoch == 1:
            raise KeyboardInterrupt

    module = network()
    with pytest.raises(KeyboardInterrupt):
        fit(module, *data(), data(32, 1), SCHEDULE, seed=0, folder=tmp_path, watch=stop)
    seen = []
    again = network()
    fit(again, *data(), data(32, 1), SCHEDULE, seed=0, folder=tmp_path,
        watch=lambda epoch, _: seen.append(epoch))  # fmt: skip
    assert seen == [1, 2]
    for one, other in zip(again.parameters(), expected.parameters(), strict=True):
        assert torch.equal(one, other)


def test_without_a_mean_or_selection_it_is_the_last_network():
    module, kept = network(), {}
    schedule = Schedule(epochs=2, batch_size=16, select="last")
    fit(module, *data(), None, schedule, seed=0,
        watch=lambda _, now: kept.update(copy.deepcopy(now.state_dict())))  # fmt: skip
    assert all(torch.equal(kept[name], value) for name, value in module.state_dict().items())


def test_images_in_files_are_learnt_from_as_those_in_memory_are(folder, monkeypatch):
    """Bit by bit, read batch by batch and never all at once."""
    files = read_labelled(folder)
    inputs = Preprocessing((12, 12), 3, (0.5,) * 3, (0.2,) * 3)
    rows = {name: files.rows[name] for name in ("train", "val")}
    memory = {name: files.inputs(one, inputs) for name, one in rows.items()}
    assert all(isinstance(one, torch.Tensor) for one in memory.values())
    monkeypatch.setattr(image_set, "ROOM", 1000)
    lazy = {name: files.inputs(one, inputs) for name, one in rows.items()}
    assert lazy["train"].shape == tuple(memory["train"].shape)
    asked = []
    read = ImageSet.tensors
    monkeypatch.setattr(
        ImageSet,
        "tensors",
        lambda data, one, how: (asked.append(len(one)), read(data, one, how))[1],
    )
    schedule = Schedule(epochs=2, batch_size=4, learning_rate=1e-2, flip=True)
    found = []
    for given in (memory, lazy):
        module = network(channels=3)
        validation = (given["val"], files.targets("val"))
        fit(module, given["train"], files.targets("train"), validation, schedule, seed=0)
        found.append(module.state_dict())
    assert all(torch.equal(found[0][name], value) for name, value in found[1].items())
    assert max(asked[:3]) == 4 and sum(asked) == 2 * (12 + 6)


def test_rates_rise_and_fall():
    schedule = Schedule(epochs=1, learning_rate=1.0, warmup=0.2)
    rates = [schedule.rate_at(step, 100) for step in range(100)]
    steady = Schedule(epochs=1, learning_rate=1.0, warmup=0.2, decay=False)
    assert [steady.rate_at(step, 100) for step in (10, 20, 99)] == [rates[10], 1.0, 1.0]
    assert rates.index(max(rates)) in (19, 20)
    assert max(rates) <= 1 and rates[0] < 0.1 and rates[-1] < 0.01


@pytest.mark.parametrize(
    "wrong", [{"epochs": 0}, {"batch_size": 1}, {"optimizer": "adam"}, {"select": "test"}]
)
def test_a_schedule_that_trains_nothing_is_refused(wrong):
    with pytest.raises(BadInput, match="trains nothing"):
        Schedule(**{"epochs": 1, **wrong})


def test_a_head_is_fitted_on_features_as_they_are():
    """What was standardised for fitting is undone in the weights."""
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(200) % 3
    means = torch.tensor([[0.0, 5], [30, 5], [0, 8]])
    features = means[labels] + torch.randn(200, 2, generator=generator)
    head = torch.nn.Linear(2, 3)
    penalty = fit_head(head, (features, labels), (features, labels), [1e-4, 1.0])
    assert penalty == 1e-4
    assert float((head(features).argmax(1) == labels).double().mean()) > 0.85
    with pytest.raises(BadInput, match="penalties"):
        fit_head(head, (features, labels), (features, labels), [])
