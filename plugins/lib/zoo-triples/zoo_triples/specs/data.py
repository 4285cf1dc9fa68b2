"""The registered knowledge graphs: where they come from, under which licence."""

from __future__ import annotations

from zoo_core import Dataset
from zoo_triples.specs.sources import CODEX_S, WN9_IMG, WN18RR, WNVIS

_TASK = "link-prediction"

DATASETS = [
    Dataset(
        name="codex-s",
        title="CoDEx-S, a small part of Wikidata with hard negatives",
        factory="zoo_triples.datasets:codex_s",
        license="MIT",
        source="https://github.com/tsafavi/codex",
        task=_TASK,
        files=tuple(CODEX_S.values()),
        summary="2,034 people, places and works, 42 relations, 36,543 triples, and as many false "
        "but plausible ones as are validated and tested; made so that no relation gives another "
        "away.",
    ),
    Dataset(
        name="wn18rr",
        title="WN18RR, WordNet without its inverse relations",
        factory="zoo_triples.datasets:wn18rr",
        license="MIT",
        source="https://github.com/TimDettmers/ConvE",
        task=_TASK,
        files=tuple(WN18RR.values()),
        summary="40,943 synsets, 11 relations, 93,003 triples; 210 validation and 210 test triples "
        "name an entity that train lacks.",
    ),
    Dataset(
        name="wn9-img",
        title="WN9-IMG, a part of WordNet whose synsets have images",
        factory="zoo_triples.datasets:wn9_img",
        license="MIT",
        source="https://github.com/xrb92/IKRL",
        task=_TASK,
        files=tuple(WN9_IMG.values()),
        origin="mirrored",
        summary="6,555 synsets, 9 relations, 14,397 triples. Its relations come in inverse pairs "
        "that cross the splits: figures on it are for comparison alone. The images are not here.",
    ),
    Dataset(
        name="wnvis",
        title="WordNet around the classes of ImageNet, with glosses",
        factory="zoo_triples.datasets:wnvis",
        license="LicenseRef-WordNet-3.0",
        source="https://wordnet.princeton.edu",
        task=_TASK,
        files=tuple(WNVIS.values()),
        origin="mirrored",
        summary="7,273 synsets with names and glosses, 6 relations, 16,436 triples, grown from the "
        "1,000 ILSVRC classes as VisualSem is, for which it stands in; made for this project.",
    ),
]
