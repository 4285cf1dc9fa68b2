"""The paper's claims: what is said, the bounds that judge it, which models it is about."""

from __future__ import annotations

from zoo_core import Amendment, Claim, claims_in, exact, gain, value

TEACHER = "stories260k-tinystories"
FLAGSHIP, SHORT = "hedgemamba-tinystories", "hedgemamba-short-tinystories"
NARROW = "hedgemamba-narrow-tinystories"
CHANNEL = "hedgemamba-channel-tinystories"
HEDGEHOG = "hedgehog-tinystories"
DIRECT = "hedgemamba-direct-tinystories"
STAGE1 = "hedgemamba-stage1-tinystories"
NAIVE = "mamba-naive-tinystories"
STUDENTS = (FLAGSHIP, NARROW, CHANNEL, HEDGEHOG, DIRECT, STAGE1, NAIVE)
PLAYS_TEACHER, PLAYS_STUDENT = "pythia-mini-shakespeare", "hedgemamba-shakespeare"

_OURS = "this project's target at this size"
_FIXED = "this project; fixed before the figures were seen"


_claim = claims_in("zoo_attention_to_mamba.checks")

_COMPILED = Amendment(
    date="2026-11-29",
    bound="tokens a second over the teacher's, at 512 tokens",
    before="at least 1 time, by steps that run operation by operation",
    after="at least 1 time, by compiled steps of both; the other modes are told beside it",
    why="step by step what was measured is how many small operations there are (0.77 was seen for "
    "one text): it says nothing of the student that a compiler does not undo.",
)

_WINDOWS = tuple(
    Amendment(
        date="2026-11-29",
        bound=bound,
        before=f"at most {most}, in windows of 256 tokens",
        after=f"at most {most}, in windows of 512 tokens, the teacher's context",
        why=f"A student is to be asked at its teacher's own context. {seen} had been seen in "
        "windows of 256, where the teacher has 4.386 in place of 4.235.",
    )
    for bound, most, seen in (
        ("perplexity", "5.3", "4.76"),
        ("perplexity with the paper's width of the feature maps", "5.7", "5.17"),
    )
)

CLAIMS: tuple[Claim, ...] = (
    _claim(
        "teacher",
        "checkpoints:teacher",
        "The teacher is the published model: its ids, its greedy text, its perplexity.",
        {
            "distance of the test perplexity from 4.386": exact(at_most=1e-3),
            "ids as published": exact(equal=True),
            "greedy text as published": exact(equal=True),
        },
        "llama2.c, and its file run by this project",
        models=(TEACHER,),
        minutes=0.2,
    ),
    _claim(
        "exact-start",
        "starting_state:exact_start",
        "HedgeMamba starts as linear attention with the same feature maps, layer by layer, and a "
        "constant step Δ cancels.",
        {
            "largest difference, Δ and A one a head": exact(at_most=1e-9),
            "largest difference, Δ and A one a channel": exact(at_most=1e-9),
        },
        "paper, section 3; the definition as a matrix",
        models=(STAGE1, CHANNEL),
        minutes=0.2,
    ),
    _claim(
        "flagship",
        "checkpoints:flagship",
        "A Transformer becomes a Mamba without attention at little cost in perplexity.",
        {
            "perplexity": value(at_most=5.3, unit=""),
            "perplexity with the paper's width of the feature maps": value(at_most=5.7, unit=""),
            "perplexity over the teacher's": value(at_most=1.2, unit="times"),
        },
        _OURS,
        published="Pythia-1B: 14.11, its teacher 13.86",
        models=(TEACHER, FLAGSHIP, NARROW),
        amendments=_WINDOWS,
        minutes=0.6,
    ),
    _claim(
        "positions",
        "lengths:positions",
        "The student is near its teacher at every position of the teacher's context, 512 tokens, "
        "and not only at the 256 of its training's windows.",
        {"perplexity over the teacher's, where it is highest": value(at_most=1.05, unit="times")},
        _FIXED,
        models=(TEACHER, FLAGSHIP, SHORT, NARROW, HEDGEHOG, NAIVE),
        minutes=0.6,
    ),
    _claim(
        "longer",
        "lengths:longer",
        "The student reads on beyond its teacher's context, to 4,096 tokens, without getting worse "
        "than the teacher, which reads the same text 512 tokens at a time.",
        {"perplexity over the teacher's, where it is highest": value(at_most=1.05, unit="times")},
        _FIXED,
        models=(TEACHER, FLAGSHIP, NAIVE),
        minutes=0.4,
    ),
    _claim(
        "agreement",
        "checkpoints:agreement",
        "Of all students the flagship's next-token distributions are nearest to the teacher's.",
        {
            f"divergence of {name} beyond the flagship's": gain(at_least=0.0, unit="nats")
            for name in STUDENTS
            if name != FLAGSHIP
        },
        _FIXED,
        models=(TEACHER, *STUDENTS),
        minutes=2,
        slow=True,
    ),
    _claim(
        "last-word",
        "checkpoints:last_word",
        "The student keeps as much of its teacher's accuracy at the last word of a text as the "
        "paper's does.",
        {"accuracy kept": value(at_least=76.8)},
        "paper's ratio, on the last words of the test stories",
        published="on LAMBADA 32.31 of 42.07, 76.8 %",
        models=(TEACHER, FLAGSHIP),
        minutes=0.6,
    ),
    _claim(
        "shakespeare",
        "checkpoints:shakespeare",
        "With the paper's family of teachers (GPT-NeoX) the student comes closer.",
        {
            "perplexity over the teacher's": value(at_most=1.05, unit="times"),
            "validation loss of the teacher": value(at_most=1.65, unit="nats a character"),
        },
        _OURS,
        published="1.018 times",
        models=(PLAYS_TEACHER, PLAYS_STUDENT),
        minutes=0.8,
    ),
    _claim(
        "out-of-domain",
        "checkpoints:out_of_domain",
        "Off its training text, on WikiText-2, the student is about as bad as its teacher.",
        {"bits a character over the teacher's": value(at_most=1.1, unit="times")},
        _FIXED,
        models=(TEACHER, FLAGSHIP),
        minutes=0.3,
    ),
    _claim(
        "constant-memory",
        "decoding:constant_memory",
        "What the student keeps of a text does not grow with it; the teacher's keys and values do.",
        {
            "the teacher's bytes proportional to the tokens": exact(equal=True),
            "the student's bytes the same at 64 to 4,096 tokens": exact(equal=True),
            "the narrow student's bytes the same at 64 to 4,096 tokens": exact(equal=True),
        },
        "the paper's motive, which it does not measure",
        models=(TEACHER, FLAGSHIP, NARROW),
        minutes=0.1,
    ),
    _claim(
        "decoding-speed",
        "decoding:decoding_speed",
        "Writing one text on one thread, the student is at least as fast as the teacher with its "
        "cache, at the teacher's longest context, both by steps that are compiled where there is a "
        "compiler.",
        {"tokens a second over the teacher's, at 512 tokens": value(at_least=1.0, unit="times")},
        _OURS,
        arguments={"texts": 1, "repeats": 25},
        models=(TEACHER, FLAGSHIP, NARROW),
        amendments=(_COMPILED,),
        minutes=0.8,
    ),
    _claim(
        "decoding-batch",
        "decoding:decoding_speed",
        "The same with 64 texts at once, where arithmetic and memory count and not how many small "
        "operations there are.",
        {"tokens a second over the teacher's, at 512 tokens": value(at_least=1.0, unit="times")},
        _OURS,
        arguments={"texts": 64, "repeats": 9},
        models=(TEACHER, FLAGSHIP, NARROW),
        amendments=(_COMPILED,),
        minutes=0.8,
    ),
    _claim(
        "initialisation",
        "ablations:initialisation",
        "Starting as linear attention is what makes the distillation work: mixers with fresh "
        "parameters fail, and so do feature maps alone.",
        {
            "perplexity of naive over 10/90": value(at_least=1.3, unit="times"),
            "naive above 10/90 without overlap": exact(equal=True),
            "perplexity of 100/0 over the teacher": value(at_least=3.0, unit="times"),
            "gap closed": value(at_least=60.0),
        },
        _OURS,
        published="more than 100, 14.11, 25.71; teacher 13.86",
        models=(TEACHER, DIRECT, STAGE1, NAIVE),
        minutes=34,
        slow=True,
    ),
    _claim(
        "random-mixers",
        "ablations:random_mixers",
        "Starting as the teacher's linear attention is better than starting from random mixers.",
        {
            "perplexity of naive above 10/90": gain(at_least=0.0, unit=""),
            "naive above 10/90 without overlap": exact(equal=True),
        },
        "paper, without its factor",
        models=(NAIVE, NARROW),
        minutes=18,
        slow=True,
        amendments=(
            Amendment(
                date="2026-11-22",
                bound="perplexity of naive above 10/90",
                before="at least 1.3 times, in claim initialisation",
                after="resolved above zero",
                why="the factor was missed, which leaves open whether the start helps at all",
            ),
        ),
    ),
    _claim(
        "fresh-projections",
        "ablations:fresh_projections",
        "The teacher's projections are what a student must start from.",
        {
            "perplexity with fresh q, k, v and o over that with the teacher's": value(
                at_least=1.3, unit="times"
            ),
            "gap closed": value(at_least=60.0),
        },
        _OURS,
        models=(DIRECT, NAIVE),
        minutes=9,
        slow=True,
    ),
    _claim(
        "stage1-helps",
        "ablations:stage1_helps",
        "A tenth of the tokens in stage 1 is better than none.",
        {"perplexity of 0/100 above 10/90": gain(at_least=0.0, unit="")},
        "paper",
        published="17.08 and 14.11",
        models=(DIRECT, NARROW),
        minutes=18,
        slow=True,
    ),
    _claim(
        "stage1-match",
        "ablations:stage1_match",
        "Where tokens are few, stage 1 does better by matching the weights of attention (Hedgehog) "
        "or the hidden states (MOHAWK) than by the cosine of outputs.",
        {
            f"perplexity by outputs above by {how}": gain(at_least=0.0, unit="")
            for how in ("weights", "states")
        },
        "Hedgehog (arXiv:2402.04347) and MOHAWK (arXiv:2408.10189), asked of this recipe",
        models=(NARROW, DIRECT),
        minutes=8,
        slow=True,
    ),
    _claim(
        "tokens-saved",
        "ablations:tokens_saved",
        "Starting as the teacher's linear attention saves tokens: mixers with fresh parameters "
        "need several times as many for the same perplexity.",
        {
            "tokens of naive over those of 10/90, at one perplexity": value(
                at_least=2.0, unit="times"
            )
        },
        _FIXED,
        models=(NARROW, NAIVE),
        minutes=20,
        slow=True,
    ),
    _claim(
        "ladder",
        "ablations:ladder",
        "The parts of Mamba make linear attention better: step and decay, convolution, gate.",
        # One training each: the margin stands for what another seed would change.
        {
            "fall of the perplexity from Hedgehog to all parts, one seed": exact(
                at_least=1, unit="%"
            )
        },
        "paper",
        published="14.89 and 14.58; with step and decay 14.89, and the convolution 14.89",
        models=(HEDGEHOG,),
        minutes=11,
        slow=True,
    ),
    _claim(
        "budget",
        "ablations:budget",
        "Perplexity falls with the tokens of the distillation.",
        {
            # One training each: the margin stands for what another seed would change.
            "fall of the perplexity from 1M to 2M tokens, one seed": exact(at_least=1, unit="%"),
            "fall of the perplexity from 2M to 5M tokens, one seed": exact(at_least=1, unit="%"),
        },
        "paper",
        published="16.56, 15.61, 15.15, 14.11 at 1, 2, 3, 10 billion",
        models=(NARROW,),
        minutes=7,
        slow=True,
    ),
)
