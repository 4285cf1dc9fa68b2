"""What the checkpoints are worth: the published teacher, and how near its students come to it.

Two checkpoints are compared on the same windows or stories: the spread is then over these, and
says what other text of the kind would show, not what another training would. The paper's numbers
(Pythia-1B on OpenWebText) stand beside ours, on another scale.
"""

from __future__ import annotations

import math
import statistics

from zoo_attention_to_mamba.checks import comparing, findings
from zoo_attention_to_mamba.checks.findings import as_ratio, finding, perplexity, yes
from zoo_attention_to_mamba.specs.claims import (
    FLAGSHIP,
    NARROW,
    PLAYS_STUDENT,
    PLAYS_TEACHER,
    STUDENTS,
    TEACHER,
)
from zoo_attention_to_mamba.text import Text
from zoo_core import Finding, Verdict, dataset, estimate, load, paired
from zoo_core.statistics import at_least, at_most

PUBLISHED_TEXT = (
    "Once upon a time, there was a little girl named Lily. She loved to play outside in the park. "
    "One day, she saw a big, red ball. She wanted to play with it, but it was too high."
)
CHECKED = "Once upon a time, there was a little girl named Lily."
CHECKED_IDS = [1, 403, 407, 261, 378, 432, 383, 286, 261, 376, 298, 315, 421, 395, 317, 426]

FOREIGN_CHARACTERS = 60_000
FOREIGN_MARGIN = 1.1
LAYER_WINDOWS = 64


def teacher() -> Finding:
    """Read the teacher, and what its publisher wrote about it."""
    model = load(TEACHER)
    found = perplexity(comparing.window_losses(model, findings.stories(), "test"))
    ids = model.text_tokenizer.encode(CHECKED)
    text = "".join(model.predict(tokens=80, temperature=0.0))
    verdicts = [
        yes(abs(found - 4.386) <= 1e-3),
        yes(ids == CHECKED_IDS),
        yes(text.startswith(PUBLISHED_TEXT)),
    ]
    measured = (
        f"test perplexity {found:.4f}; ids of the sentence {_same(verdicts[1])}; greedy text "
        f"{_same(verdicts[2])}"
    )
    return finding(verdicts, measured, {"perplexity": found, "ids": ids, "text": text})


def _same(verdict: Verdict) -> str:
    return "as published" if verdict == "holds" else "not as published"


def flagship() -> Finding:
    """Hold students with wide and with narrow feature maps against their teacher, by window."""
    data = findings.stories()
    losses = {
        name: comparing.window_losses(load(name), data, "test")
        for name in (TEACHER, FLAGSHIP, NARROW)
    }
    found = {name: perplexity(row) for name, row in losses.items()}
    ratio = {name: paired(losses[name], losses[TEACHER]) for name in (FLAGSHIP, NARROW)}
    verdicts = [
        yes(found[FLAGSHIP] <= 5.3),
        yes(found[NARROW] <= 5.7),
        at_most(ratio[FLAGSHIP], math.log(1.2)),
    ]
    measured = (
        f"teacher {found[TEACHER]:.3f}; feature maps four times as wide {found[FLAGSHIP]:.3f}, "
        f"{as_ratio(ratio[FLAGSHIP])} the teacher's; as wide as the heads {found[NARROW]:.3f}, "
        f"{as_ratio(ratio[NARROW])}; one training each, intervals over "
        f"{len(losses[TEACHER])} windows"
    )
    figures = {
        "perplexity": found,
        "loss": {name: estimate(row) for name, row in losses.items()},
        "log ratio to the teacher": ratio,
        "windows": len(losses[TEACHER]),
    }
    return finding(verdicts, measured, figures)


def agreement() -> Finding:
    """Hold every student's distributions and layers against the teacher's."""
    data, source = findings.stories(), load(TEACHER)
    students = {name: load(name) for name in STUDENTS}
    rows = comparing.agreements(source, list(students.values()), data, "test")
    found = dict(zip(students, rows, strict=True))
    apart = {name: row.divergence for name, row in found.items()}
    lead = {name: paired(row, apart[FLAGSHIP]) for name, row in apart.items() if name != FLAGSHIP}
    figures = {
        name: {
            "divergence": estimate(row.divergence),
            "top-1 agreement": estimate(row.top1),
            "cosine of each layer": comparing.layer_cosines(
                source, students[name], data, "test", LAYER_WINDOWS
            ),
        }
        for name, row in found.items()
    }
    measured = "KL in nats and top-1 agreement: " + "; ".join(
        f"{name.removesuffix('-tinystories')} {statistics.fmean(row.divergence):.3f}, "
        f"{statistics.fmean(row.top1):.1%}"
        for name, row in found.items()
    )
    return finding([at_least(one, 0.0) for one in lead.values()], measured, figures)


def last_word() -> Finding:
    """Let teacher and student guess the last word of each test story."""
    data = findings.stories()
    told_stories = data.text("test")
    right = {name: comparing.last_words(load(name), told_stories) for name in (TEACHER, FLAGSHIP)}
    losses = {
        name: comparing.window_losses(load(name), data, "test") for name in (TEACHER, FLAGSHIP)
    }
    accuracy = {name: statistics.fmean(row) for name, row in right.items()}
    difference = paired(right[TEACHER], right[FLAGSHIP])
    kept = paired(right[FLAGSHIP], [findings.PAPER_LAST_WORD * one for one in right[TEACHER]])
    dearer = perplexity(losses[FLAGSHIP]) / perplexity(losses[TEACHER])
    measured = (
        f"teacher {accuracy[TEACHER]:.1%}, student {accuracy[FLAGSHIP]:.1%} of "
        f"{len(told_stories)} stories, {100 * difference.mean:+.1f} ± {100 * difference.reach:.1f} "
        f"points apart; {accuracy[FLAGSHIP] / accuracy[TEACHER]:.0%} kept, where the perplexity is "
        f"{dearer - 1:.0%} higher (the paper: {findings.PAPER_LAST_WORD:.0%} and 2 %)"
    )
    figures = {
        "accuracy": accuracy,
        "difference": difference,
        "stories": len(told_stories),
        "perplexity ratio": dearer,
        "right": {name: [int(one) for one in row] for name, row in right.items()},
    }
    return finding([at_least(kept, 0.0)], measured, figures)


def shakespeare() -> Finding:
    """Hold the student of the paper's family against its teacher, window by window."""
    data = dataset("tinyshakespeare")
    losses = {
        name: comparing.window_losses(load(name), data, "test")
        for name in (PLAYS_TEACHER, PLAYS_STUDENT)
    }
    validation = statistics.fmean(comparing.window_losses(load(PLAYS_TEACHER), data, "val"))
    ratio = paired(losses[PLAYS_STUDENT], losses[PLAYS_TEACHER])
    found = {name: perplexity(row) for name, row in losses.items()}
    measured = (
        f"teacher {found[PLAYS_TEACHER]:.3f} ({statistics.fmean(losses[PLAYS_TEACHER]):.3f} nats a "
        f"character, validation {validation:.3f}), student {found[PLAYS_STUDENT]:.3f}, "
        f"{as_ratio(ratio)} the teacher's; one training each, interval over "
        f"{len(losses[PLAYS_TEACHER])} windows (the paper 14.11 / 13.86 = 1.018)"
    )
    figures = {
        "perplexity": found,
        "loss": {name: estimate(row) for name, row in losses.items()},
        "validation loss of the teacher": validation,
        "log ratio to the teacher": ratio,
    }
    verdicts = [at_most(ratio, math.log(1.05)), yes(validation <= 1.65)]
    return finding(verdicts, measured, figures)


def out_of_domain() -> Finding:
    """Measure teacher and student on the front of WikiText-2's test text."""
    whole: Text = dataset("wikitext-2")
    data = Text({"test": ["".join(whole.text("test"))[:FOREIGN_CHARACTERS]]}, name="its front")
    models = {name: load(name) for name in (TEACHER, FLAGSHIP)}
    losses = {name: comparing.window_losses(one, data, "test") for name, one in models.items()}
    _, scored = comparing.windows_of(models[TEACHER], data, "test")
    count = len(models[TEACHER].text_tokenizer.decode(scored.flatten().tolist()))
    scale = scored.numel() / count / math.log(2)
    bits = {name: estimate([scale * one for one in row]) for name, row in losses.items()}
    more = paired(losses[FLAGSHIP], [FOREIGN_MARGIN * one for one in losses[TEACHER]])
    measured = (
        f"teacher {bits[TEACHER].mean:.3f}, student {bits[FLAGSHIP].mean:.3f} bits a character "
        f"({bits[FLAGSHIP].mean / bits[TEACHER].mean:.3f} of the teacher's) over {count} characters"
    )
    figures = {"bits a character": bits, "characters": count, "windows": len(losses[TEACHER])}
    return finding([at_most(more, 0.0)], measured, figures)
