"""Both ways of building a module, on meta or plainly, give the same module; misfits are listed."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from torch import nn

from zoo_core._loading import making
from zoo_core._loading.weights import read_tensors, write_tensors
from zoo_core._registry.specs import Architecture
from zoo_core.errors import BadInput, PluginError, WeightsError


class Plain(nn.Module):
    def __init__(self, width=4):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(3, width), nn.BatchNorm1d(width), nn.Dropout())
        self.layers[0].bias.requires_grad_(False)

    def forward(self, x):
        return self.layers(x)


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(3, 3, bias=False)
        self.second = nn.Linear(3, 3, bias=False)
        self.second.weight = self.first.weight

    def forward(self, x):
        return self.second(self.first(x))


class TiedBuffers(Plain):
    def __init__(self):
        super().__init__()
        self.register_buffer("one", torch.zeros(3))
        self.register_buffer("two", self.one)


class Hidden(Plain):
    """Tensors that no state dict shows: a non-persistent buffer, attributes, containers of them."""

    def __init__(self):
        super().__init__()
        self.register_buffer("mask", torch.tensor([1.0, 0.0, 1.0]), persistent=False)

    def forward(self, x):
        return super().forward(x * self.mask)


class Attribute(Plain):
    def __init__(self):
        super().__init__()
        self.scale = torch.linspace(1, 2, 3)

    def forward(self, x):
        return super().forward(x * self.scale)


class Contained(Plain):
    def __init__(self):
        super().__init__()
        self.tables = {"scales": [torch.linspace(1, 2, 3)]}

    def forward(self, x):
        return super().forward(x * self.tables["scales"][0])


class Item(Plain):
    def __init__(self):
        super().__init__(width=int(torch.tensor([2.0, 4.0]).max().item()))


class Branching(Plain):
    def __init__(self):
        width = torch.arange(4).sum()
        super().__init__(width=6 if width > 5 else 3)


class Numpy(Plain):
    def __init__(self):
        super().__init__(width=int(np.asarray(torch.tensor([5])).sum()))


class ToList(Plain):
    def __init__(self):
        super().__init__(width=len(torch.arange(5).tolist()))


class Mixed(Plain):
    """Integers, half precision, booleans and a scalar beside float32."""

    def __init__(self):
        super().__init__()
        self.register_buffer("steps", torch.tensor(0, dtype=torch.int64))
        self.register_buffer("table", torch.zeros(2, 2, dtype=torch.float16))
        self.register_buffer("flags", torch.zeros(3, dtype=torch.bool))
        self.empty = nn.Parameter(torch.zeros(0, 3))


class Normed(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.utils.parametrizations.weight_norm(nn.Linear(3, 3))

    def forward(self, x):
        return self.layer(x)


class Nothing(nn.Module):
    """A pure algorithm: no tensor at all."""

    def forward(self, x):
        return x.sort().values


MODULES = [Plain, Tied, TiedBuffers, Hidden, Attribute, Contained, Item, Branching, Numpy, ToList]
MODULES += [Mixed, Normed, Nothing]


def spec(cls):
    """Return the architecture that a class is, whatever module it is in."""
    name = f"{cls.__module__}:{cls.__name__}"
    return Architecture(name="net", cls=name, paper="paper", task="task", summary="A net.")


def stored(module, path):
    """Return a module's tensors as they come from a file, so with each tie under one name."""
    write_tensors(module, path / "model.safetensors")
    return read_tensors(path / "model.safetensors")


def randomised(cls):
    """Return a module none of whose stored tensors is what its constructor gives."""
    torch.manual_seed(5)
    module = cls()
    for name, tensor in module.state_dict().items():
        if tensor.is_floating_point():
            tensor.copy_(torch.rand(tensor.shape))
        elif name != "flags":
            tensor.fill_(7)
    return module.eval()


def ties(module):
    names = {}
    for name, tensor in module.state_dict(keep_vars=True).items():
        names.setdefault(id(tensor), []).append(name)
    return sorted(names.values())


@pytest.mark.parametrize("cls", MODULES, ids=lambda cls: cls.__name__)
def test_both_ways_are_equal(cls, tmp_path):
    original = randomised(cls)
    state = stored(original, tmp_path)
    before = {name: tensor.clone() for name, tensor in state.items()}
    x = torch.rand(6, 3)
    for meta in (True, False):
        made = making.assemble(spec(cls), {}, copy.deepcopy(state), "it", meta=meta)
        assert type(made) is cls
        assert not any(part.training for part in made.modules())
        assert ties(made) == ties(original)
        for name, tensor in original.state_dict(keep_vars=True).items():
            found = made.state_dict(keep_vars=True)[name]
            assert found.dtype == tensor.dtype, name
            assert found.requires_grad == tensor.requires_grad, name
            assert type(found) is type(tensor), name
            assert torch.equal(found, tensor), name
        assert torch.equal(made(x), original(x))
    assert all(torch.equal(state[name], tensor) for name, tensor in before.items())


@pytest.mark.parametrize("cls", MODULES, ids=lambda cls: cls.__name__)
@pytest.mark.parametrize("meta", [True, False])
def test_the_random_state_is_left_as_it_was(cls, meta, tmp_path):
    state = stored(randomised(cls), tmp_path)
    torch.manual_seed(3)
    before = torch.get_rng_state()
    making.assemble(spec(cls), {}, state, "it", meta=meta)
    assert torch.equal(torch.get_rng_state(), before)


def test_the_fast_way_is_taken_where_it_can_be(tmp_path):
    """The plain way would call the constructor twice; the file's own memory would be copied."""
    state = stored(randomised(Plain), tmp_path)
    made = making.assemble(spec(Plain), {}, state, "it")
    assert made.layers[0].weight.data_ptr() == state["layers.0.weight"].data_ptr()


@pytest.mark.parametrize("storage", ["float16", "bfloat16", "float64"])
@pytest.mark.parametrize("meta", [True, False])
def test_the_constructors_dtype_counts_not_the_files(storage, meta, tmp_path):
    original = randomised(Mixed)
    write_tensors(original, tmp_path / "m.safetensors", storage)
    state = read_tensors(tmp_path / "m.safetensors")
    assert state["layers.0.weight"].dtype == getattr(torch, storage)
    assert state["steps"].dtype == torch.int64
    made = making.assemble(spec(Mixed), {}, state, "it", meta=meta).state_dict()
    for name, tensor in original.state_dict().items():
        assert made[name].dtype == tensor.dtype, name
        assert torch.allclose(made[name].double(), tensor.double(), atol=1e-2), name


def test_a_module_is_its_own_and_can_be_trained(tmp_path):
    """Tensors are mapped from the file; writing to them must not reach it."""
    path = tmp_path / "model.safetensors"
    write_tensors(randomised(Plain), path)
    content = path.read_bytes()
    made = making.assemble(spec(Plain), {}, read_tensors(path), "it").train()
    optimizer = torch.optim.SGD(made.parameters(), lr=1.0)
    made(torch.rand(8, 3)).square().sum().backward()
    optimizer.step()
    assert path.read_bytes() == content
    again = making.assemble(spec(Plain), {}, read_tensors(path), "it")
    assert not torch.equal(again.layers[0].weight, made.layers[0].weight)


@pytest.mark.parametrize("meta", [True, False])
@pytest.mark.parametrize("cls", [Plain, Hidden])
def test_misfits_are_listed(cls, meta):
    state = dict(cls().state_dict())
    del state["layers.0.bias"], state["layers.1.running_mean"]
    state["layers.0.weight"] = torch.zeros(9, 9)
    state["extra"] = torch.zeros(1)
    with pytest.raises(WeightsError) as caught:
        making.assemble(spec(cls), {}, state, "toy-a", meta=meta)
    message = str(caught.value)
    assert "do not fit toy-a" in message
    assert "missing: layers.0.bias, layers.1.running_mean" in message
    assert "unexpected: extra" in message
    assert "wrong shape: layers.0.weight (9, 9) instead of (4, 3)" in message
    assert "this version of the plugin" in message


def test_a_long_list_of_misfits_is_cut():
    state = {f"name{i}": torch.zeros(1) for i in range(50)}
    with pytest.raises(WeightsError, match=r"name4 …") as caught:
        making.assemble(spec(Nothing), {}, state, "it")
    assert "name5" not in str(caught.value)


def test_a_tied_tensor_may_have_either_name():
    weight = torch.rand(3, 3)
    for name in ("first.weight", "second.weight"):
        made = making.assemble(spec(Tied), {}, {name: weight}, "it")
        assert made.first.weight is made.second.weight
        assert torch.equal(made.first.weight, weight)
    with pytest.raises(WeightsError, match=r"missing: first\.weight"):
        making.assemble(spec(Tied), {}, {}, "it")


def test_configs_are_checked_against_the_constructor():
    with pytest.raises(BadInput, match=r"toy has no option 'widht'; did you mean 'width'\?"):
        making.construct(spec(Plain), {"widht": 3}, "toy")
    with pytest.raises(BadInput, match="toy needs in_features, out_features"):
        making.construct(spec(nn.Linear), {}, "toy")
    with pytest.raises(BadInput, match="toy cannot be made with this shape"):
        making.construct(spec(Plain), {"width": "wide"}, "toy")
    assert making.construct(spec(Plain), {"width": 5}, "toy").zoo_made.shape == {"width": 5}


def test_a_wrong_config_is_told_the_same_on_both_ways():
    for meta in (True, False):
        with pytest.raises(BadInput, match="it has no option 'depth'"):
            making.assemble(spec(Plain), {"depth": 1}, {}, "it", meta=meta)


@pytest.mark.parametrize(
    "text",
    [
        "no_such_package.module:Name",
        "zoo_core._loading.making:no_such_name",
        "zoo_core:hookimpl.x",
    ],
)
def test_an_import_string_that_leads_nowhere_is_named(text):
    with pytest.raises(PluginError, match="reinstall the plugin") as caught:
        making.resolve(text)
    assert text in str(caught.value)
