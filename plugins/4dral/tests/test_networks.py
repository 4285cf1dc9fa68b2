"""The networks: published sizes, and what enhancement, branch and descriptor promise."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from zoo_4dral.networks.network import PlaceNetwork
from zoo_4dral.networks.unet import UNetTiny

import zoo
from zoo_core import BadInput

PUBLISHED = {
    "teacher": ({"query": "lidar", "database": "lidar", "unet": 0, "branch": False}, 2_782_814),
    "radar to radar": ({}, 3_855_471),
    "radar to LiDAR": ({"database": "lidar", "branch": False}, 3_265_263),
}


@pytest.mark.parametrize(("shape", "count"), PUBLISHED.values(), ids=PUBLISHED)
def test_the_paper_s_networks_have_their_shapes_and_weights(shape, count):
    with torch.device("meta"):
        network = zoo.create("4dral-resnet18", **shape)
        parts = network.parts(torch.empty(2, 1, 200, 200))
    assert sum(one.numel() for one in network.parameters()) == count
    assert parts.features.shape == (2, 256, 6, 6) and parts.descriptor.shape == (2, 9216)


@pytest.mark.parametrize("widths", [[16, 32, 64], [4, 8]])
def test_small_networks_have_unit_descriptors(widths):
    network = PlaceNetwork(widths=widths, unet=2).eval()
    with torch.no_grad():
        parts = network.parts(torch.rand(3, 1, 64, 64))
    assert parts.descriptor.shape == (3, widths[-1] * (64 >> len(widths) + 1) ** 2)
    torch.testing.assert_close(parts.descriptor.norm(dim=1), torch.ones(3))
    cosines = parts.descriptor @ parts.descriptor.T
    squared = (parts.descriptor[:, None] - parts.descriptor[None]).square().sum(-1)
    torch.testing.assert_close(squared, 2 - 2 * cosines, atol=1e-5, rtol=0)
    assert torch.equal(squared.argsort(1)[:, 0], torch.arange(3))
    assert ((parts.branch > 0) & (parts.branch < 1)).all()


@given(st.integers(8, 41), st.integers(8, 41))
def test_enhancement_keeps_any_size_and_stays_between_0_and_1(high, wide):
    with torch.no_grad():
        found = UNetTiny(2).eval()(torch.rand(1, 1, high, wide))
    assert found.shape == (1, 1, high, wide) and ((found > 0) & (found < 1)).all()


def test_the_paper_s_enhancement_has_its_weights():
    with torch.device("meta"):
        assert sum(one.numel() for one in UNetTiny(16).parameters()) == 482_449


def test_a_branch_that_gives_nothing_leaves_the_network_without_it():
    with_branch = PlaceNetwork(widths=[4, 8], unet=2, size=32).eval()
    plain = PlaceNetwork(widths=[4, 8], unet=2, size=32, branch=False).eval()
    plain.load_state_dict(with_branch.state_dict(), strict=False)
    images = torch.rand(2, 1, 32, 32)
    with torch.no_grad():
        assert not torch.allclose(with_branch(images), plain(images))
        with_branch.branch[-1].bias.fill_(-1e4)
        torch.testing.assert_close(with_branch(images), plain(images))


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        ({"encoder": "vgg"}, "stages or resnet18"),
        ({"widths": []}, "channels of each stage"),
        ({"unet": -1}, "width of the U-Net"),
        ({"query": "sonar"}, "radar or lidar"),
        ({"size": 8}, "16 or more"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_no_network_is_refused(shape, told):
    with pytest.raises(BadInput, match=told):
        PlaceNetwork(**shape)
