"""The paper: its citation, what to know of it, its pictures."""

from __future__ import annotations

from zoo_attention_to_mamba.specs.claims import (
    CLAIMS,
    DIRECT,
    FLAGSHIP,
    HEDGEHOG,
    NAIVE,
    NARROW,
    SHORT,
    STAGE1,
    STUDENTS,
    TEACHER,
)
from zoo_core import Paper, Picture

PICTURES: tuple[Picture, ...] = (
    Picture(
        name="ablations",
        draw="zoo_attention_to_mamba.pictures:ablations",
        caption="Test perplexity after 1.5M tokens, three seeds each (dots): the recipe with a "
        "tenth of the tokens in stage 1, without stage 1, with stage 1 alone, and with fresh "
        "mixers; the line is the teacher. Beside it the paper's own table, of another model and "
        "text and on another scale.",
        models=(TEACHER, FLAGSHIP, DIRECT, STAGE1, NAIVE),
    ),
    Picture(
        name="budget",
        draw="zoo_attention_to_mamba.pictures:budget",
        caption="Perplexity against the tokens of the distillation: here, with fresh mixers "
        "(naive) beside the recipe, and to the right in the paper, each above its teacher.",
        models=(FLAGSHIP, NARROW, NAIVE),
    ),
    Picture(
        name="decoding",
        draw="zoo_attention_to_mamba.pictures:decoding",
        caption="Bytes kept of a text, and tokens a second of CPU time on one thread, against the "
        "length of the context: the teacher's keys and values grow, the students' states do not. "
        "The teacher knows 512 positions. Bars are quartiles.",
        models=(TEACHER, FLAGSHIP, NARROW),
    ),
    Picture(
        name="positions",
        draw="zoo_attention_to_mamba.pictures:positions",
        caption="Test perplexity by the position of a token, on a logarithmic axis. Left: in "
        "windows of 512 tokens, the teacher's context; one student was trained on 256 "
        "tokens alone. "
        "Right: in windows of 4,096; the teacher reads the same text 512 tokens at a time.",
        models=(TEACHER, FLAGSHIP, SHORT, NARROW, HEDGEHOG, NAIVE),
    ),
    Picture(
        name="layers",
        draw="zoo_attention_to_mamba.pictures:layers",
        caption="How alike the mixers of student and teacher are, layer by layer: mean cosine of "
        "their outputs on the teacher's inputs. Stage 1 trains for this, stage 2 for the next "
        "token. In the legend, the divergence of the whole models' next-token distributions.",
        models=STUDENTS,
    ),
)

PAPER = Paper(
    name="attention-to-mamba",
    title="Attention to Mamba: A Recipe for Cross-Architecture Distillation",
    authors=(
        "Abhinav Moudgil",
        "Ningyuan Huang",
        "Eeshan Gunesh Dhekane",
        "Pau Rodríguez",
        "Luca Zappella",
        "Federico Danieli",
    ),
    year=2026,
    arxiv="2604.14191",
    bibtex="""@article{moudgil2026attention,
  title = {Attention to Mamba: A Recipe for Cross-Architecture Distillation},
  author = {Moudgil, Abhinav and Huang, Ningyuan and Dhekane, Eeshan Gunesh
            and Rodr{\\'i}guez, Pau and Zappella, Luca and Danieli, Federico},
  journal = {arXiv preprint arXiv:2604.14191},
  year = {2026}
}""",
    summary=(
        "A pretrained Transformer becomes a Mamba without attention in two stages: linear "
        "attention with learned feature maps is aligned to the teacher's softmax attention, and "
        "its exact translation into a state-space model is then trained by next-token prediction."
    ),
    notes=(
        "The paper distils Pythia-1B with 10 billion tokens of OpenWebText; its numbers stand "
        "beside ours on a scale of their own. Here teachers have 0.26M and 0.8M parameters and "
        "students see 1.5M to 19M tokens, so what is compared is the recipe and not its scale. "
        "Heads of width 8 with sharp attention are hard for few positive features: hence the "
        "flagship's maps are four times as wide as the paper's, and the narrow model has the "
        "paper's width. Checkpoints are one training each; the ablations have seeds. The teacher "
        "stories260k was trained on TinyStories, of which the test stories are a part."
    ),
    claims=CLAIMS,
    pictures=PICTURES,
)
