from __future__ import annotations

import torch
from torch.nn import functional
from zoo_images.networks import MLP, SmallCNN


def test_the_small_network_is_convolution_norm_relu_pool():
    torch.manual_seed(0)
    network = SmallCNN().eval()
    images = torch.randn(3, 1, 28, 28)
    x = images
    for block, pooled in ((0, True), (2, True), (4, False)):
        convolution, norm = network.layers[block][:2]
        x = functional.relu(norm(convolution(x)))
        x = functional.max_pool2d(x, 2) if pooled else functional.adaptive_avg_pool2d(x, 2)
    assert torch.equal(network(images), x.flatten(1))
    count = sum(parameter.numel() for parameter in network.parameters())
    assert count + 10 * network.num_features + 10 == 25_978


def test_widths():
    assert MLP(12, (5, 7))(torch.randn(2, 3, 4)).shape == (2, 7)
    assert SmallCNN(3, (4, 6, 8))(torch.randn(2, 3, 20, 20)).shape == (2, 32)
