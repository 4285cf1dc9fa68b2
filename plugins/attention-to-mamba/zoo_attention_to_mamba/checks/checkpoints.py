"""What the checkpoints are worth: the published teacher, and how near its students come to it.

Two checkpoints are compared on the same windows or stories: the spread is then over these, and
says what other text of the kind would show, not what another training would. The paper's numbers
(Pythia-1B on OpenWebText) stand beside ours, on another scale.
"""

from __future__ import annotations

import math
import statistics

from zoo_attention_to_mamba.checks import comparing, findings
from zoo_attention_to_mamba.checks.findings import (
    exponential,
    log_ratio,
    perplexity,
    plain,
    ratio_of_means,
    times,
)
from zoo_attention_to_mamba.specs.claims import (
    FLAGSHIP,
    NARROW,
    PLAYS_STUDENT,
    PLAYS_TEACHER,
    STUDENTS,
    TEACHER,
)
from zoo_attention_to_mamba.text import Text
from zoo_core import Estimate, Finding, bootstrap, dataset

PUBLISHED_TEXT = (
    "Once upon a time, there was a little girl named Lily. She loved to play outside in the park. "
    "One day, she saw a big, red ball. She wanted to play with it, but it was too high."
)
CHECKED = "Once upon a time, there was a little girl named Lily."
CHECKED_IDS = [1, 403, 407, 261, 378, 432, 383, 286, 261, 376, 298, 315, 421, 395, 317, 426]

FOREIGN_CHARACTERS = 60_000
LAYER_WINDOWS = 64
PUBLISHED_PERPLEXITY, PUBLISHED_WINDOW = 4.386, 256


def teacher() -> Finding:
    """Read the teacher, and what its publisher wrote about it."""
    model = findings.network(TEACHER)
    data = dataset(findings.STORIES, window=PUBLISHED_WINDOW)
    found = perplexity(comparing.window_losses(model, data, "test"))
    ids = model.text_tokenizer.encode(CHECKED)
    text = "".join(map(str, model.predict(tokens=80, temperature=0.0)))
    return Finding(
        quantities={
            "distance of the test perplexity from 4.386": abs(found - PUBLISHED_PERPLEXITY),
            "ids as published": ids == CHECKED_IDS,
            "greedy text as published": text.startswith(PUBLISHED_TEXT),
        },
        told=f"test perplexity {found:.4f}",
        figures=plain({"perplexity": found, "ids": ids, "text": text}),
    )


def flagship() -> Finding:
    """Hold students with wide and with narrow feature maps against their teacher, by window."""
    data = findings.stories()
    losses = {
        name: comparing.window_losses(findings.network(name), data, "test")
        for name in (TEACHER, FLAGSHIP, NARROW)
    }
    loss = {name: bootstrap(row) for name, row in losses.items()}
    found = {name: perplexity(row) for name, row in losses.items()}
    apart = {name: log_ratio(losses[name], losses[TEACHER]) for name in (FLAGSHIP, NARROW)}
    return Finding(
        quantities={
            "perplexity": exponential(loss[FLAGSHIP]),
            "perplexity with the paper's width of the feature maps": exponential(loss[NARROW]),
            "perplexity over the teacher's": exponential(apart[FLAGSHIP]),
        },
        told=f"teacher {found[TEACHER]:.3f}; feature maps as wide as the heads "
        f"{times(exponential(apart[NARROW]))} the teacher's; one training each, intervals over "
        f"{len(losses[TEACHER])} windows",
        figures=plain(
            {
                "perplexity": found,
                "loss": loss,
                "log ratio to the teacher": apart,
                "windows": len(losses[TEACHER]),
            }
        ),
    )


def agreement() -> Finding:
    """Hold every student's distributions and layers against the teacher's."""
    data, source = findings.stories(), findings.network(TEACHER)
    students = {name: findings.network(name) for name in STUDENTS}
    rows = comparing.agreements(source, list(students.values()), data, "test")
    found = dict(zip(students, rows, strict=True))
    nearest = found[FLAGSHIP].divergence
    figures = {
        name: {
            "divergence": bootstrap(row.divergence),
            "top-1 agreement": bootstrap(row.top1),
            "cosine of each layer": comparing.layer_cosines(
                source, students[name], data, "test", LAYER_WINDOWS
            ),
        }
        for name, row in found.items()
    }
    told = "; ".join(
        f"{name.removesuffix('-tinystories')} {statistics.fmean(row.divergence):.3f}, "
        f"{statistics.fmean(row.top1):.1%}"
        for name, row in found.items()
    )
    return Finding(
        quantities={
            f"divergence of {name} beyond the flagship's": bootstrap(
                [one - least for one, least in zip(row.divergence, nearest, strict=True)]
            )
            for name, row in found.items()
            if name != FLAGSHIP
        },
        told=f"KL in nats and top-1 agreement: {told}",
        figures=plain(figures),
    )


def last_word() -> Finding:
    """Let teacher and student guess the last word of each test story."""
    data = findings.stories()
    stories = data.text("test")
    models = {name: findings.network(name) for name in (TEACHER, FLAGSHIP)}
    right = {name: comparing.last_words(model, stories) for name, model in models.items()}
    losses = {name: comparing.window_losses(model, data, "test") for name, model in models.items()}
    accuracy = {name: statistics.fmean(row) for name, row in right.items()}
    kept = ratio_of_means(right[FLAGSHIP], right[TEACHER])
    dearer = perplexity(losses[FLAGSHIP]) / perplexity(losses[TEACHER])
    return Finding(
        quantities={"accuracy kept": percent(kept)},
        told=f"teacher {accuracy[TEACHER]:.1%}, student {accuracy[FLAGSHIP]:.1%} of "
        f"{len(stories)} stories, where the perplexity is {dearer - 1:.0%} higher (the paper: 2 %)",
        figures=plain(
            {
                "accuracy": accuracy,
                "accuracy kept": kept,
                "stories": len(stories),
                "perplexity ratio": dearer,
                "right": {name: [int(one) for one in row] for name, row in right.items()},
            }
        ),
    )


def percent(share: Estimate) -> Estimate:
    """Return an estimate of a share in percent."""
    return Estimate(100 * share.mean, 100 * share.error, 100 * share.reach, share.runs)


def shakespeare() -> Finding:
    """Hold the student of the paper's family against its teacher, window by window."""
    data = dataset("tinyshakespeare")
    losses = {
        name: comparing.window_losses(findings.network(name), data, "test")
        for name in (PLAYS_TEACHER, PLAYS_STUDENT)
    }
    validation = bootstrap(comparing.window_losses(findings.network(PLAYS_TEACHER), data, "val"))
    apart = log_ratio(losses[PLAYS_STUDENT], losses[PLAYS_TEACHER])
    found = {name: perplexity(row) for name, row in losses.items()}
    return Finding(
        quantities={
            "perplexity over the teacher's": exponential(apart),
            "validation loss of the teacher": validation,
        },
        told=f"teacher {found[PLAYS_TEACHER]:.3f} ({statistics.fmean(losses[PLAYS_TEACHER]):.3f} "
        f"nats a character), student {found[PLAYS_STUDENT]:.3f}; one training each, intervals over "
        "windows",
        figures=plain(
            {
                "perplexity": found,
                "loss": {name: bootstrap(row) for name, row in losses.items()},
                "validation loss of the teacher": validation,
                "log ratio to the teacher": apart,
            }
        ),
    )


def out_of_domain() -> Finding:
    """Measure teacher and student on the front of WikiText-2's test text."""
    whole: Text = dataset("wikitext-2")
    data = Text({"test": ["".join(whole.text("test"))[:FOREIGN_CHARACTERS]]}, name="its front")
    models = {name: findings.network(name) for name in (TEACHER, FLAGSHIP)}
    losses = {name: comparing.window_losses(one, data, "test") for name, one in models.items()}
    _, scored = models[TEACHER].windows(data.split("test"))
    count = len(models[TEACHER].text_tokenizer.decode(scored.flatten().tolist()))
    scale = scored.numel() / count / math.log(2)
    bits = {name: bootstrap([scale * one for one in row]) for name, row in losses.items()}
    ratio = ratio_of_means(losses[FLAGSHIP], losses[TEACHER])
    return Finding(
        quantities={"bits a character over the teacher's": ratio},
        told=f"teacher {bits[TEACHER].mean:.3f}, student {bits[FLAGSHIP].mean:.3f} over {count} "
        "characters",
        figures=plain(
            {"bits a character": bits, "characters": count, "windows": len(losses[TEACHER])}
        ),
    )
