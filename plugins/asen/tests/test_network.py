"""The networks: their sizes, colours at the door, and what commutes."""

from __future__ import annotations

import pytest
import torch
import zoo_symmetry as zs
from hypothesis import given, settings
from hypothesis import strategies as st
from zoo_asen.colours import colour_count, pair_colours
from zoo_asen.data import sequence_tasks
from zoo_asen.reading import read_sequences
from zoo_asen.sequences.network import recoded

import zoo
from zoo_core import BadInput, Notice

SMALL = {"hidden": 16, "layers": 2, "heads": 4}
TASKS = {"palindrome": "reversal", "cyclicsum": "dihedral", "intersect": "halves"}


def network(**shape):
    torch.manual_seed(0)
    return zoo.create("asen", **{**SMALL, **shape}).eval()


def weights(module):
    return sum(one.numel() for one in module.parameters())


@pytest.mark.parametrize(
    ("groups", "count"),
    [
        ({"tasks": TASKS}, 321_666),
        ({"tasks": list(TASKS), "group": "trivial"}, 352_514),
        ({"group": "reversal"}, 299_778),
        ({"group": "dihedral"}, 294_146),
        ({"group": "halves"}, 293_762),
    ],
    ids=["three", "no symmetry", "reversal", "dihedral", "halves"],
)
def test_networks_have_the_published_numbers_of_weights(groups, count):
    assert weights(zoo.create("asen", **groups)) == count


def test_nine_tasks_have_the_published_number_of_weights():
    data = sequence_tasks(9, samples=40)
    assert weights(zoo.create("asen", tasks=data.groups)) == 399_490


@settings(max_examples=15)
@given(st.integers(4, 9), st.integers(0, 10**6), st.sampled_from(["mean", "orbit"]))
@torch.no_grad()
def test_any_group_that_is_written_down(n, seed, self_loop):
    generator = torch.Generator().manual_seed(seed)
    count = seed % 3
    rows = [torch.randperm(n, generator=generator).tolist() for _ in range(count)]
    module = network(n=n, group=rows, tokens=5, self_loop=self_loop)
    group = zs.read_group(rows, n)
    x = torch.randint(5, (2, n), generator=generator)
    assert zs.equivariance_error(lambda x: module(x, *module.colours()), group, x, axis=-1) < 1e-5
    assert module(x, *module.colours()).shape == (2, n, 2)


@torch.no_grad()
def test_many_positions():
    module = network(n=200, group="cyclic", tokens=3)
    assert module.edges.num_embeddings == 200
    x = torch.randint(3, (1, 200), generator=torch.Generator().manual_seed(0))
    found = module(x, *module.colours())
    assert torch.allclose(module(x.roll(7, 1), *module.colours()), found.roll(7, 1), atol=1e-5)


@torch.no_grad()
def test_larger_groups_are_served_by_tying():
    module = network(tasks=TASKS)
    codes = module.encode("3 1 4 1 5 6 2 6 5 3", "palindrome")
    group = zs.dihedral(10)
    # The reversal is a part of the dihedral group, whose own task is another.
    colours = module.colours("palindrome", group=group)
    assert len(colours.table) == 6
    assert zs.equivariance_error(lambda x: module(x, *colours), group, codes, axis=-1) < 1e-5
    own, again = module.colours("palindrome"), module.colours(group="reversal")
    assert torch.equal(module(codes, *own), module(codes, *again))
    plain = module(codes, *own)
    assert not torch.allclose(module(codes, *colours), plain, atol=1e-4)
    # What is alike already stays as it is.
    with torch.no_grad():
        module.edges.weight[:50] = module.edges.weight[0]
    assert torch.allclose(
        module(codes, *module.colours("palindrome", group="symmetric")),
        module(codes, *module.colours("palindrome")), atol=1e-6,
    )  # fmt: skip


def test_groups_that_no_table_serves_are_refused_with_what_they_need():
    module = network(tasks=TASKS)
    for group in ("cyclic", "trivial", [[1, 0, *range(2, 10)]]):
        with pytest.raises(BadInput, match=r"tell more apart than what was learnt .*train with"):
            module.colours(group=group)
    with pytest.raises(BadInput, match="say which: palindrome, cyclicsum"):
        module.colours(group="dihedral")
    with pytest.raises(BadInput, match="say which"):
        module.colours(group="symmetric")
    with pytest.raises(BadInput, match=r"\(intersect 3\)"):
        module.colours("intersect", group="reversal")
    with pytest.raises(BadInput, match="Say which task"):
        module.colours()
    with pytest.raises(BadInput, match="did you mean 'palindrome'"):
        module.colours("palindrom")
    with pytest.raises(BadInput, match="10 are expected"):
        module.colours("palindrome", group=[[1, 0]])


def test_groups_that_are_not_2_closed_are_told():
    module = network(n=5, group="symmetric")
    with pytest.warns(Notice, match="60 elements, and colours of pairs allow 120"):
        colours = module.colours(group=[list(g) for g in zs.alternating(5).generators])
    assert colour_count(colours.places) == 2


@torch.no_grad()
def test_a_mixed_batch_is_task_by_task_and_wrong_colours_are_others():
    data = sequence_tasks(3, samples=20)
    module = network(tasks=data.groups)
    rows = torch.tensor([0, 25, 45, 3, 59])
    names = [module.tasks[i] for i in data.task[rows].tolist()]
    tokens = torch.stack(
        [module.rows_of_tokens(data.values[i], name) for i, name in zip(rows, names, strict=True)]
    )
    mixed = module(tokens, torch.stack([module.colours(name).places for name in names]))
    for one, found, name in zip(tokens, mixed, names, strict=True):
        assert torch.allclose(module(one, *module.colours(name)), found, atol=1e-6)
        others = [other for other in module.tasks if other != name]
        for other in others:
            assert not torch.allclose(module(one, *module.colours(other)), found, atol=1e-3)


@torch.no_grad()
def test_features_of_colours_are_computed_once_a_layer(monkeypatch):
    module, seen = network(group="dihedral"), []
    for layer in module.stack.attention:
        layer.edge.register_forward_pre_hook(lambda _, given: seen.append(len(given[0])))
    module(torch.zeros(50, 10, dtype=torch.long), *module.colours())
    assert seen == [6, 6]


@torch.no_grad()
def test_one_answer_for_a_sequence_is_invariant():
    module = network(n=6, group="cyclic", tokens=4, classes=["no", "yes", "maybe"],
                     readout="sequence")  # fmt: skip
    x = torch.randint(4, (3, 6), generator=torch.Generator().manual_seed(0))
    found = module(x, *module.colours())
    assert found.shape == (3, 3)
    assert torch.allclose(module(x.roll(2, 1), *module.colours()), found, atol=1e-5)
    assert not torch.allclose(module(x.flip(1), *module.colours()), found, atol=1e-3)
    rows = module.predict([[0, 1, 2, 3, 0, 1]])
    assert rows[0]["label"] in ("no", "yes", "maybe") and 0.3 < rows[0]["probability"] <= 1
    summed = zoo.create("asen-regression", n=6, group="cyclic").eval()
    task, numbers = torch.zeros(3, dtype=torch.long), torch.randn(3, 6)
    places = summed.colours().places
    assert torch.allclose(
        summed(numbers.roll(1, 1), places, task), summed(numbers, places, task), atol=1e-5
    )


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        ({"n": 1}, "2 to 200"),
        ({"n": 201}, "2 to 200"),
        ({"tasks": []}, "expected their names"),
        ({"tasks": ["a", "a"]}, "named twice"),
        ({"tasks": {"a": "cyclic"}, "group": "cyclic"}, "not both"),
        ({"group": "cyclical"}, "did you mean 'cyclic'"),
        ({"group": [[0, 0]], "n": 2}, "no permutation"),
        ({"readout": "word"}, "'position' or 'sequence'"),
        ({"classes": 1}, "two classes"),
        ({"tokens": []}, "one token"),
        ({"hidden": 10, "heads": 4}, "divide"),
        ({"self_loop": "no"}, "'mean' or 'orbit'"),
    ],
    ids=lambda one: str(one),
)
def test_shapes_that_make_no_network_are_refused(shape, told):
    with pytest.raises(BadInput, match=told):
        zoo.create("asen", **{**SMALL, **shape})


def test_colours_are_those_of_the_group():
    module = network(tasks=TASKS)
    begin = 0
    for name, group in TASKS.items():
        places = module.colours(name).places
        expected = pair_colours(getattr(zs, group)(10)) if group != "halves" else places - begin
        assert torch.equal(places - begin, expected)
        begin += int(places.max() - places.min()) + 1
    assert module.edges.num_embeddings == begin == 59


def test_codes_of_other_data_are_those_of_the_model():
    codes = torch.tensor([[0, 1], [1, 0]])
    assert recoded(codes, ["b", "c"], ["a", "b", "c"], "token").tolist() == [[1, 2], [2, 1]]
    assert recoded(codes, 2, 5, "token") is codes
    for names, own, told in (
        (6, 5, "the token 5; the model knows 0 to 4"),
        (["b", "x"], ["a", "b"], "no token 'x'"),
        (["b"], 5, "word in the data and a number in the model"),
        (5, ["b"], "word in the model and a number in the data"),
    ):
        with pytest.raises(BadInput, match=told):
            recoded(codes, names, own, "token")


def test_sequences_of_others_are_measured_or_refused():
    x = torch.randint(4, (20, 10), generator=torch.Generator().manual_seed(0)).numpy()
    own = read_sequences({"sequence": x, "labels": x % 2, "task": ["cyclicsum"] * 20})
    module = network(tasks=TASKS)
    (found,) = module.outputs(own.split("test"))
    assert found["logits"].shape == (30, 2) and found["exact"].shape == (3,)
    for data, told in (
        ({"sequence": x, "labels": x % 2}, "no task 'labels'"),
        ({"sequence": x, "label": x[:, 0], "task": ["cyclicsum"] * 20}, "one a sequence"),
        ({"sequence": x, "labels": x, "task": ["cyclicsum"] * 20}, "4 classes; the model knows 2"),
        ({"sequence": x[:, 1:], "labels": x[:, 1:], "task": ["cyclicsum"] * 20}, "9 positions"),
        ({"sequence": x, "target": x[:, 0], "task": ["cyclicsum"] * 20}, "asen-regression"),
    ):
        with pytest.raises(BadInput, match=told):
            list(module.outputs(read_sequences(data).split("test")))
    with pytest.raises(BadInput, match="has no sequences"):
        list(module.batches([1], torch.arange(2), None))
