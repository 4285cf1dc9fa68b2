"""What is claimed, sentence by sentence, and the bounds that each is judged by."""

from __future__ import annotations

from zoo_core import Amendment, claims_in, exact, gain, value

_TARGET = "this project's target on a graph that stands in for VisualSem"
_CODEX = "CoDEx (Safavi and Koutra, 2020), table of link prediction, as it is remembered"
_LIBKGE = "LibKGE's table of WN18RR (after Ruffinelli et al., 2020), as it is remembered"

FLAGSHIP, NODE, TEXT = "sage-wnvis-both", "sage-wnvis-node", "text-wnvis"
GLOSS, ATTENTION = "sage-wnvis-gloss", "gat-wnvis-both"
RETRIEVER, PHOTOS = "retriever-wnvis", "photos-wnvis"
SENSES, SENSES_ENTITIES = "vsd-multisense-de", "vsd-multisense-de-entities"
NER, NER_ENTITIES = "ner-wnut17-base", "ner-wnut17-concat"
PUBLISHED = {
    "transe-codexs": ("CoDEx-S", 0.354, _CODEX),
    "complex-codexs": ("CoDEx-S", 0.465, _CODEX),
    "tucker-codexs": ("CoDEx-S", 0.444, _CODEX),
    "complex-wn18rr": ("WN18RR", 0.475, _LIBKGE),
}
"""The graph, the published MRR and its source of each."""
_DAY = "2026-11-28"

_claim = claims_in("zoo_visualsem_kg.checks")

_LINKS = (
    _claim(
        "zero-shot-texts",
        "texts:zero_shot",
        "Without any training, glosses and names tell links: tails are nearer to the head's gloss "
        "by their names than by their glosses.",
        {
            "head's gloss to tail's name: MRR": exact(at_least=0.226),
            "name and gloss minus gloss alone: MRR": gain(at_least=0.05, unit=""),
        },
        _TARGET,
        models=(TEXT,),
        minutes=0.5,
    ),
    _claim(
        "texts-alone",
        "texts:measured",
        "Four learned weights of cosines for each relation and direction rank links.",
        {"MRR": value(at_least=0.26, unit="")},
        _TARGET,
        arguments={"model": TEXT},
        models=(TEXT,),
        minutes=0.5,
        amendments=(
            Amendment(
                date=_DAY,
                bound="MRR",
                before="at least 0.26, after 2 epochs at a rate of 0.05",
                after="at least 0.26, after 3 epochs at a rate of 0.5",
                why="The test figure of the first recipe, 0.249, had been seen when the second was "
                "written. Validation triples were asked afterwards: 0.235 for the first, 0.258 for "
                "the second, 0.250 at a rate of 0.2, and 0.257 after 6 epochs at 0.5.",
            ),
        ),
    ),
    _claim(
        "flagship",
        "graphs:measured",
        "A graph encoder whose entities are gated by glosses and images, beside what the texts "
        "say, ranks links of seen entities.",
        {
            "MRR": value(at_least=0.42, unit=""),
            "tail MRR": value(at_least=0.55, unit=""),
            "Hits@10": value(at_least=68.0, unit="%"),
        },
        _TARGET,
        arguments={"model": FLAGSHIP},
        models=(FLAGSHIP,),
        minutes=1,
    ),
    _claim(
        "graph-beside-texts",
        "graphs:beside_texts",
        "The graph adds to texts and texts to the graph, on each relation with 100 test triples.",
        {
            "both minus texts alone: MRR": gain(at_least=0.1, unit=""),
            "both minus the graph alone: MRR": gain(at_least=0.2, unit=""),
            "is-a: both minus the graph alone: MRR": gain(at_least=0.05, unit=""),
            "gloss-related: both minus the graph alone: MRR": gain(at_least=0.05, unit=""),
        },
        _TARGET,
        arguments={"both": FLAGSHIP, "text": TEXT, "node": NODE},
        models=(FLAGSHIP, TEXT, NODE),
        minutes=1.5,
        amendments=tuple(
            Amendment(
                date=_DAY,
                bound=f"{part}both minus the graph alone: MRR",
                before=f"at least {least}, with a graph alone that begins from noise",
                after=f"at least {least}, with a graph alone that begins from nearness",
                why="The first graph alone had learnt next to nothing (0.027), so that a gain over "
                f"it, of {seen}, was no evidence.",
            )
            for part, least, seen in (
                ("", 0.2, "0.340"),
                ("is-a: ", 0.05, "0.410"),
                ("gloss-related: ", 0.05, "0.292"),
            )
        ),
    ),
    *(
        _claim(
            f"published-{name}",
            "tuples:measured",
            f"On {graph}, {name.partition('-')[0]} has the published filtered mean reciprocal "
            "rank.",
            {"MRR": value(at_least=least, unit="")},
            source,
            arguments={"model": name},
            published=f"{least}",
            models=(name,),
            minutes=0.3,
        )
        for name, (graph, least, source) in PUBLISHED.items()
    ),
    _claim(
        "paper-form",
        "graphs:beside",
        "The paper's own form, GraphSAGE gated by glosses with nothing beside it, ranks links, and "
        "four weights of cosines of the same texts rank them better.",
        {
            "MRR": value(at_least=0.25, unit=""),
            "tail MRR": value(at_least=0.36, unit=""),
            f"more than {TEXT}: MRR": gain(at_most=0.0, unit=""),
        },
        _TARGET,
        arguments={"model": GLOSS, "other": TEXT},
        models=(GLOSS, TEXT),
        minutes=0.5,
    ),
    _claim(
        "attention",
        "graphs:beside",
        "Graph attention in place of GraphSAGE, by the same recipe, ranks links as well.",
        {
            "MRR": value(at_least=0.35, unit=""),
            "tail MRR": value(at_least=0.48, unit=""),
            f"more than {FLAGSHIP}: MRR": value(at_least=-0.02, unit=""),
        },
        _TARGET,
        arguments={"model": ATTENTION, "other": FLAGSHIP},
        models=(ATTENTION, FLAGSHIP),
        minutes=0.5,
    ),
)

_PARTS = (
    _claim(
        "images-add",
        "ablations:images",
        "Images add to GraphSAGE: beside glosses and texts, in all, for each of the three "
        "relations with most triples, and where both ends of a link have an image; and to the "
        "graph alone.",
        {
            "both minus gloss: MRR": gain(at_least=0.0, unit=""),
            "is-a: both minus gloss: MRR": gain(at_least=0.0, unit=""),
            "has-part: both minus gloss: MRR": gain(at_least=0.0, unit=""),
            "gloss-related: both minus gloss: MRR": gain(at_least=0.0, unit=""),
            "ends with images: both minus gloss: MRR": gain(at_least=0.0, unit=""),
            "image minus node: MRR": gain(at_least=0.0, unit=""),
        },
        "abstract (entities are grounded in images)",
        arguments={"model": TEXT},
        models=(FLAGSHIP, TEXT),
        minutes=6,
        slow=True,
    ),
    _claim(
        "edge-gating",
        "ablations:edge_gates",
        "The official code gates a relation's vector by the features of the true pair and ranks "
        "all others with it, which tells the answer: what that gains over no gates is lost when "
        "the same network ranks each candidate by a vector of its own. Clean gates, trained and "
        "ranked so, gain something else.",
        {
            "clean: tail MRR": value(at_least=0.28, unit=""),
            "clean minus no gates: tail MRR": gain(at_least=0.02, unit=""),
            "official minus no gates: tail MRR": gain(at_least=0.02, unit=""),
            "official minus itself ranked anew: tail MRR": gain(at_least=0.02, unit=""),
        },
        _TARGET,
        arguments={"model": TEXT},
        models=(TEXT,),
        minutes=9,
        slow=True,
    ),
    _claim(
        "unseen-entities",
        "unseen:measured",
        "Entities that training has not seen, a tenth of all, are ranked from their glosses: given "
        "one, and looking for one.",
        {
            "given the unseen: MRR": value(at_least=0.40, unit=""),
            "finding the unseen: MRR": value(at_least=0.38, unit=""),
            "given the unseen: more than without training: MRR": gain(at_least=0.05, unit=""),
        },
        _TARGET,
        arguments={"model": TEXT},
        models=(TEXT,),
        minutes=4,
        slow=True,
        amendments=tuple(
            Amendment(
                date="2026-11-29",
                bound=f"{what} the unseen: MRR",
                before=f"at least {least}, after 8 epochs",
                after=f"at least {least}, after 16 epochs against all entities, of which 60 %, "
                "others with each batch, pass no messages",
                why=f"The first recipe's test figure, {seen}, had been seen. The second is the "
                "best of nine by the mean of both figures on another tenth of the entities, held "
                f"out of training too: {first} for the first and {second} for the second.",
            )
            for what, least, seen, first, second in (
                ("given", 0.40, "0.373", "0.349", "0.361"),
                ("finding", 0.38, "0.307", "0.256", "0.277"),
            )
        ),
    ),
)

_RETRIEVAL = (
    _claim(
        "retrieval-frozen",
        "retrieval:frozen",
        "Without any training, entities are found for sentences by the mean of their names' and "
        "glosses' vectors rather than by their glosses'.",
        {
            "half name, half gloss: Hits@1": exact(at_least=33.5, unit="%"),
            "half name, half gloss minus gloss: Hits@1": gain(at_least=3.0, unit="points"),
        },
        _TARGET,
        arguments={"model": RETRIEVER},
        models=(RETRIEVER,),
        minutes=0.3,
    ),
    _claim(
        "retrieval-trained",
        "retrieval:trained",
        "Two linear maps, learnt from sentences of other nouns, find more entities.",
        {
            "Hits@1": value(at_least=48.0, unit="%"),
            "Hits@10": value(at_least=82.0, unit="%"),
            "trained minus frozen: Hits@1": gain(at_least=5.0, unit="points"),
        },
        _TARGET,
        arguments={"model": RETRIEVER},
        models=(RETRIEVER,),
        minutes=0.3,
    ),
    _claim(
        "retrieval-named",
        "retrieval:named",
        "A bonus for entities that the sentence names, chosen on sentences of other nouns, finds "
        "more still.",
        {
            "Hits@1": value(at_least=62.0, unit="%"),
            "Hits@10": value(at_least=95.0, unit="%"),
            "with names minus without: Hits@1": gain(at_least=10.0, unit="points"),
        },
        _TARGET,
        arguments={"model": RETRIEVER},
        models=(RETRIEVER,),
        minutes=0.3,
    ),
)

_PHOTOS = (
    _claim(
        "photos-found",
        "photos:measured",
        "A photo finds its entity among the classes of ImageNet, by cosines with the prototypes "
        "that are the entities' image features.",
        {
            "Hits@1": value(at_least=80.0, unit="%"),
            "Hits@10": value(at_least=95.0, unit="%"),
        },
        _TARGET,
        arguments={"model": PHOTOS},
        models=(PHOTOS,),
        minutes=0.2,
    ),
)

_SENSES = (
    _claim(
        "senses-base",
        "senses:base",
        "Without entities a German verb is told from an English one and an image's title.",
        {
            "published split": value(at_least=81.0, unit="%"),
            "a tenth to learn from": value(at_least=63.0, unit="%"),
            "phrases alone, held out": value(at_least=75.0, unit="%"),
            "phrases held out": value(at_least=46.0, unit="%"),
        },
        _TARGET,
        arguments={"model": SENSES_ENTITIES},
        models=(SENSES,),
        minutes=2,
        slow=True,
    ),
    _claim(
        "senses-entities",
        "senses:entities",
        "The vector of the entity that is nearest adds to the accuracy of verb sense "
        "disambiguation, and it is knowledge that adds it: a shuffled one adds less.",
        {
            "phrases held out: entities minus none": gain(at_least=2.5, unit="points"),
            "phrases held out: entities minus shuffled": gain(at_least=0.0, unit="points"),
            "published split: entities minus none": gain(at_least=2.5, unit="points"),
        },
        "abstract (up to +2.5 % accuracy)",
        arguments={"model": SENSES_ENTITIES},
        published="up to +2.5 %",
        models=(SENSES_ENTITIES, SENSES),
        minutes=4,
        slow=True,
    ),
    _claim(
        "senses-identity",
        "senses:identity",
        "On the published split the entity of the phrase tells which phrase it is, even when all "
        "entities are shuffled: no knowledge is needed for the highest accuracy there.",
        {"shuffled entities of phrases: accuracy": value(at_least=97.0, unit="%")},
        _TARGET,
        arguments={"model": SENSES_ENTITIES},
        models=(SENSES_ENTITIES,),
        minutes=0.7,
        slow=True,
    ),
)

_NAMES = (
    _claim(
        "ner-base",
        "spans:measured",
        "A small tagger over frozen vectors of words finds names, without entities.",
        {"WNUT-17: F1": exact(at_least=36.0, unit="%")},
        "this project's target",
        arguments={"model": NER},
        models=(NER,),
        minutes=1,
        amendments=(
            Amendment(
                date="2026-11-28",
                bound="WNUT-17: F1",
                before="at least 36 % in six runs, and 42 % on GermEval",
                after="at least 36 % in the run that is shipped",
                why="For want of computing time one network was trained, on WNUT-17; no figure had "
                "been seen.",
            ),
        ),
    ),
)

_ENGLISH = ("wnut17", "WNUT-17", "English posts")
_GERMAN = ("germeval14-small", "GermEval", "German sentences, which an English encoder reads")

# A prototype of six seeds gained 1.20 (standard error 0.51) over no entities and 0.60 (0.36) over
# shuffled ones: by `runs_needed` 11 and 19 seeds would settle such gains with a power of 0.8, and
# test sentences add a spread of their own. Six are what there is computing time for.
_ENTITIES = tuple(
    _claim(
        f"names-{language}-{way}",
        "spans:entities",
        f"The vectors of the five nearest entities, {how}, add to the F1 of names in {texts}, and "
        "it is knowledge that adds it: shuffled ones add less.",
        {
            f"{title}: F1 with entities minus without": gain(at_least=0.0, unit="points"),
            f"{title}: F1 with entities minus shuffled": gain(at_least=0.0, unit="points"),
        },
        "abstract (+0.3 to +0.7 % F1)",
        arguments={"data": data, "way": way},
        published="+0.3 to +0.7 % F1",
        models=(NER_ENTITIES,),
        minutes=minutes,
        slow=True,
    )
    for language, (data, title, texts), way, how, minutes in (
        ("english", _ENGLISH, "concat", "their mean joined to a word's", 5),
        ("english", _ENGLISH, "attend", "weighed by attention and joined to a word's", 7),
        ("german", _GERMAN, "concat", "their mean joined to a word's", 9),
    )
)

_SMALL = tuple(
    _claim(
        f"names-english-{name}",
        "spans:entities",
        f"{where} the vectors of the five nearest entities at a tenth of their size, their mean "
        "joined to a word's, add to the F1 of names in English posts, and shuffled ones add less. "
        "The size is the one of three that validation prefers, which was asked after the whole "
        "size had failed on test sentences.",
        {
            "WNUT-17: F1 with entities minus without": gain(at_least=0.0, unit="points"),
            "WNUT-17: F1 with entities minus shuffled": gain(at_least=0.0, unit="points"),
        },
        "abstract (+0.3 to +0.7 % F1)",
        arguments={"data": "wnut17", "way": "concat", "scale": 0.1, **more},
        published="+0.3 to +0.7 % F1",
        models=(NER_ENTITIES,),
        minutes=minutes,
        slow=True,
    )
    for name, where, more, minutes in (
        ("small", "Beside frozen words,", {}, 5),
        ("tuned", "Where the encoder's last layer is trained,", {"tuned": True}, 8),
    )
)

CLAIMS = (*_LINKS, *_PARTS, *_RETRIEVAL, *_PHOTOS, *_SENSES, *_NAMES, *_ENTITIES, *_SMALL)
