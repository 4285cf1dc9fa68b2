"""The paper: its citation, what to know of it, its pictures."""

from __future__ import annotations

from zoo_core import Paper, Picture
from zoo_visualsem_kg.specs.claims import (
    CLAIMS,
    FLAGSHIP,
    NER_ENTITIES,
    NODE,
    RETRIEVER,
    SENSES_ENTITIES,
    TEXT,
)

PAPER = Paper(
    name="visualsem-kg",
    title="Endowing Language Models with Multimodal Knowledge Graph Representations",
    authors=(
        "Ningyuan Huang",
        "Yash R. Deshpande",
        "Yibo Liu",
        "Houda Alberts",
        "Kyunghyun Cho",
        "Clara Vania",
        "Iacer Calixto",
    ),
    year=2022,
    arxiv="2206.13163",
    summary=(
        "Entities and relations of a multimodal knowledge graph are embedded by link prediction, "
        "with glosses and images let in through small learned gates, so that language models can "
        "draw on them."
    ),
    notes=(
        "VisualSem, the paper's graph, is not public: wnvis, grown from WordNet around the same "
        "1,000 classes of ImageNet, stands in for it, and no figure here is one of the paper's. "
        "Sentences are read by a small English encoder that is frozen, where the paper fine-tunes "
        "large multilingual ones; MultiSense's images are not to be had, and titles of their files "
        "stand for them. What entities add is asked against shuffled ones, too, which the paper "
        "does not. The official code gates the relation's vector of a true "
        "pair by both its ends and ranks all others with it, which tells the answer: here each "
        "candidate has its own. The relation gloss-related, and partly is-a, was made from the "
        "very glosses that the models read."
    ),
    bibtex="""@misc{huang2022endowing,
  title  = {Endowing Language Models with Multimodal Knowledge Graph Representations},
  author = {Huang, Ningyuan and Deshpande, Yash R. and Liu, Yibo and Alberts, Houda and
            Cho, Kyunghyun and Vania, Clara and Calixto, Iacer},
  year   = {2022},
  note   = {arXiv:2206.13163}
}""",
    claims=CLAIMS,
    pictures=(
        Picture(
            name="gates",
            draw="zoo_visualsem_kg.pictures:gates",
            caption="How far the gates of the flagship are open, entity by entity: what of an "
            "entity is its gloss (blue) and its image (orange), and how many entities have that. "
            "1 is features alone, 0 the learned vector alone.",
            models=(FLAGSHIP,),
        ),
        Picture(
            name="relations",
            draw="zoo_visualsem_kg.pictures:relations",
            caption="Mean reciprocal rank by relation: the graph alone (grey), the texts alone "
            "(orange), both (blue), on the test triples of wnvis.",
            models=(FLAGSHIP, TEXT, NODE),
        ),
        Picture(
            name="images",
            draw="zoo_visualsem_kg.pictures:images",
            caption="Mean reciprocal rank by relation with and without images: the graph alone "
            "(grey) and with images (light blue); glosses and texts beside it (orange) and images "
            "too (blue). Means of three trainings each, on the test triples of wnvis.",
            models=(FLAGSHIP,),
        ),
        Picture(
            name="neighbourhood",
            draw="zoo_visualsem_kg.pictures:neighbourhood",
            caption="A query of the flagship, the first test triple of is-a whose head has an "
            "image and three neighbours: on the left what training says of it, on the right the "
            "best answers with their scores, orange where they are true and "
            "blue where the graph does not have them.",
            models=(FLAGSHIP,),
        ),
        Picture(
            name="ranks",
            draw="zoo_visualsem_kg.pictures:ranks",
            caption="The ranks of the true answers of all test queries of wnvis, by the graph "
            "alone and with texts and images beside it; below the line they are better for that.",
            models=(FLAGSHIP, NODE),
        ),
        Picture(
            name="retrieval",
            draw="zoo_visualsem_kg.pictures:retrieval",
            caption="The share of sentences whose entity is among the first k of 7,273: by glosses "
            "alone (dotted), by the mean of name and gloss (grey), by maps that are learnt from "
            "other nouns (orange), and with a bonus for entities that are named (blue).",
            models=(RETRIEVER,),
        ),
        Picture(
            name="downstream",
            draw="zoo_visualsem_kg.pictures:downstream",
            caption="What the vectors of retrieved entities (blue) and of shuffled ones (orange) "
            "add to the accuracy of the same head without entities, in points, fold by fold of "
            "phrases that are held out, and seed by seed of the published split; lines are means.",
            models=(SENSES_ENTITIES,),
        ),
        Picture(
            name="names",
            draw="zoo_visualsem_kg.pictures:names",
            caption="What the vectors of retrieved entities (blue) and of shuffled ones (orange) "
            "add to the F1 of the same tagger without entities, in points, seed by seed: on test "
            "sentences in English, joined at their whole size, at a tenth of it with frozen words "
            "and with a trained last layer, weighed by attention, and in German; lines are means.",
            models=(NER_ENTITIES,),
        ),
    ),
)
