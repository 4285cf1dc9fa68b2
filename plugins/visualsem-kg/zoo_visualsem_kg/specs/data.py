"""The data: knowledge graphs are `zoo_triples`'; sentences, verbs and names are here."""

from __future__ import annotations

from typing import Any

from zoo_images.specs.sources import LITE0_WHEEL
from zoo_triples.specs.sources import WNVIS

from zoo_core import Dataset, File, Metric

WORDNET_DEB = File(
    path="wordnet-base/wordnet-base_3.0-37_all.deb",
    url="http://deb.debian.org/debian/pool/main/w/wordnet/wordnet-base_3.0-37_all.deb",
    sha256="61060d960f9ada8fa120872312eccd3ecebfbab8c4579e4f5a74e1cf67620752",
)
"""WordNet 3.0 (Princeton) as Debian packs it: an archive of archives."""
PHOTOS = File(
    path="wnvis/imagenet_sample_features.npz",
    sha256="5f89fc98bf89efd7f55da2ccb24f1a27f1b36e7f96c96e930f66c4e4c8f60d06",
)
"""Features of one photo for each class of ImageNet."""
_MULTISENSE_HASHES = {
    "train.csv": "1810504c37b9878182c4e379a2ab5bfa1ac0c5c5f11a2599ddcb595f3adc1515",
    "val.csv": "0770a4f114fe37802b9d9d9eb7b5984398f9a4af38fd810452855398f87e103b",
    "test.csv": "8b96eaaf9a88c664cc99f044b4b5b8d9a892d3f1a8abe48876de496419ff8cec",
    "query_split.csv": "1e6ec55141a1da1af89f7948ed4438ed1799def6fe58050a4c7b75f4bab81f1a",
}
MULTISENSE = {
    name: File(path=f"multisense-de/{name}", sha256=sha256)
    for name, sha256 in _MULTISENSE_HASHES.items()
}
"""Tables that were made from the paper's pickles: only mirrors have them."""
_WNUT = (
    "https://raw.githubusercontent.com/leondz/emerging_entities_17/"
    "e52a2d2a71ac1a051ca2d532eef28653c5c02603"
)
_WNUT_HASHES = {
    "wnut17train.conll": "731820e13f71af324c6b55a1575ec2ce59fbaa2a0806f8f0400b98d56cd6a7a5",
    "emerging.dev.conll": "e053b752b8155113ca66e7db08af5f2f5f43ab993694e4774f1ec5bad42312d8",
    "emerging.test.annotated": "2aa79b764e56ec9264a1b30fdd9b70195bd00ff400b62edd8f399d5f13c178f0",
}
WNUT = {
    name: File(path=f"wnut17/{name}", url=f"{_WNUT}/{name}", sha256=sha256)
    for name, sha256 in _WNUT_HASHES.items()
}
_GERMEVAL = (
    "https://raw.githubusercontent.com/viniciusrpb/cloud_image_classification/"
    "48fd5685a974f4e6fb457e178ebceb2862605545"
)
_GERMEVAL_HASHES = {
    "NER-de-dev.tsv": "2ffe8405acc6bb6111b62a88623aa1e1f2e6db16b77fc005c54163541807aa05",
    "NER-de-test.tsv": "ec6e6adce5ed71cee119ae758e569ea4be54c6be5319b3b49dfcdcb05e51301b",
}
GERMEVAL = {
    name: File(path=f"germeval14/{name}", url=f"{_GERMEVAL}/{name}", sha256=sha256)
    for name, sha256 in _GERMEVAL_HASHES.items()
}

DATASETS = [
    Dataset(
        name="wnvis-sentences",
        title="WordNet's example sentences and the nouns that they show",
        factory="zoo_visualsem_kg.data.sentence_sets:wnvis_sentences",
        license="LicenseRef-WordNet-3.0",
        source="https://wordnet.princeton.edu",
        task="retrieval",
        files=(*WNVIS.values(), WORDNET_DEB),
        origin="mirrored",
        summary="To be found are the nouns of wnvis that a sentence is an example of, among 7,273. "
        "What is learnt from are sentences of other nouns, of which 15 % are held out.",
    ),
    Dataset(
        name="wnvis-photos",
        title="A photo of each class of ImageNet, and the noun of wnvis that it shows",
        factory="zoo_visualsem_kg.data.photos:wnvis_photos",
        license="NOASSERTION",
        source="https://github.com/EliSchwartz/imagenet-sample-images",
        task="retrieval",
        files=(*WNVIS.values(), LITE0_WHEEL, PHOTOS),
        splits=("test",),
        origin="mirrored",
        summary="To be found is the noun that a photo shows, among the 1,000 that are classes of "
        "ImageNet. Photos are features of EfficientNet-Lite0, which was trained on other photos of "
        "these classes; the photos themselves are not here.",
    ),
    Dataset(
        name="multisense-de",
        title="MultiSense: English verbs in phrases with images, and their German translations",
        factory="zoo_visualsem_kg.data.multisense:multisense_de",
        license="NOASSERTION",
        source="https://github.com/spandanagella/multisense",
        task="word-sense-disambiguation",
        options={
            "protocol": "images (as published), phrases (held out) or queries (phrases alone)",
            "fold": "of the phrases that are held out, 0 to 9 (0)",
            "share": "of the training examples that are kept (1)",
        },
        files=tuple(MULTISENSE.values()),
        origin="mirrored",
        summary="9,504 images of 272 phrases with 55 English verbs, and which of 154 German verbs "
        "each is. The images are not here: their files' titles stand for them.",
    ),
    Dataset(
        name="wnut17",
        title="WNUT-17, emerging names in posts",
        factory="zoo_visualsem_kg.data.tagged:wnut17",
        license="CC-BY-4.0",
        source="https://github.com/leondz/emerging_entities_17",
        task="token-classification",
        files=tuple(WNUT.values()),
        summary="5,690 English posts with names of six types; hardly a name of the test posts is "
        "in the training posts.",
    ),
    Dataset(
        name="germeval14-small",
        title="GermEval 2014, German names, without its training file",
        factory="zoo_visualsem_kg.data.tagged:germeval14_small",
        license="CC-BY-4.0",
        source="https://sites.google.com/site/germeval2014ner/data",
        task="token-classification",
        files=tuple(GERMEVAL.values()),
        summary="7,300 German sentences with names of twelve types: 4,100 of the test file are "
        "learnt from and the dev file is tested on, so no figure compares with published ones.",
    ),
]


def _metric(name: str, title: str, kind: str, percent: bool = False, **config: Any) -> Metric:
    return Metric(
        name=name,
        title=title,
        factory=f"zoo_visualsem_kg.retrieval.metrics:{kind}",
        higher_is_better=True,
        takes=("better", "equal"),
        config=config,
        scale=100.0 if percent else 1.0,
        unit="%" if percent else "",
    )


METRICS = [
    *(_metric(f"recall-at-{k}", f"Recall@{k}", "RecallAt", True, k=k) for k in (1, 5, 10)),
    _metric("retrieval-mrr", "Mean reciprocal rank of the true entity", "ReciprocalRank"),
    *(
        Metric(
            name=f"span-{figure}",
            title=f"{title} of spans, read strictly",
            factory="zoo_visualsem_kg.downstream.spans:SpanScore",
            higher_is_better=True,
            takes=("predicted", "true"),
            config={"figure": figure},
            scale=100.0,
            unit="%",
        )
        for figure, title in (("f1", "F1"), ("precision", "Precision"), ("recall", "Recall"))
    ),
]
