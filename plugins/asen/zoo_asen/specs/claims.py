"""What the paper claims, sentence by sentence, and the bounds that each is judged by."""

from __future__ import annotations

from zoo_core import Amendment, claims_in, exact, gain, order, value

IMAGES = ("asen-fashion",)
POSES = ("asen-cmupose",)
TRAFFIC = ("asen-metrla",)
SINGLE = ("asen1-palindrome", "asen1-cyclicsum", "asen1-intersect")
FEW = ("asen-seq3-few", "asen-seq3-noneq", *SINGLE)
NUMBERS = ("asen-numbers3",)
NINE = ("asen-seq9",)
LINEAR = ("asen-seq3-linear",)
SEQUENCES = ("asen-seq3", *NINE, *FEW, *LINEAR, *NUMBERS)

_claim = claims_in("zoo_asen.checks")
_SELECTION = "the paper's experiments on choosing a symmetry"
_SEVERAL = "the paper's experiments on several tasks"
_PRINCIPLE = "the paper's principle, symmetry breaking by edge colours"

IMAGE_CLAIMS = (
    _claim(
        "digits-curve",
        "images:digits_curve",
        "The fewer pixels share a position, the better a transformer reads digits; permutations "
        "within patches of 2 x 2 pixels cost it little.",
        {
            "curve": order("2 x 2", "4 x 4", "one patch"),
            "4 x 4 minus one patch": gain(at_least=20, unit="points"),
            "2 x 2 minus 4 x 4": gain(at_least=15, unit="points"),
            "untied minus 2 x 2": value(at_least=-2, unit="points"),
            "untied": value(at_least=86, unit="%"),
        },
        _SELECTION,
        models=IMAGES,
        minutes=6,
        slow=True,
    ),
    _claim(
        "fashion-patches",
        "images:fashion_patches",
        "On clothes a quarter of the position vectors, one for each patch of 2 x 2 pixels, is "
        "nearly as good as one for each pixel, and one for all is far worse.",
        {
            "p = 2 minus p = 1": value(at_least=-5, unit="points"),
            "p = 1 minus p = 14": gain(at_least=25, unit="points"),
            "position vectors of p = 2 for one of p = 1": exact(equal=0.25),
        },
        _SELECTION,
        published="on Pathfinder, local symmetry is similar to none with fewer parameters",
        models=IMAGES,
        minutes=11,
        slow=True,
    ),
    _claim(
        "shared-positions",
        "images:shared_positions",
        "Positions that pixels share make a transformer invariant to permutations of these pixels, "
        "and of no others; finer positions can do all that coarser ones do.",
        {
            "largest change when pixels of equal position change places": exact(at_most=1e-5),
            "exchanges of pixels of different positions that change nothing": exact(equal=0),
            "largest error of a coarser network in a finer one": exact(at_most=1e-5),
        },
        "the paper's principle, with node features",
        models=IMAGES,
    ),
)
"""Set from a run of this project's on digits (24.8, 59.0, 87.4 and 91.3 %, from one patch to untied
pixels); there was none on clothes."""

POSE_CLAIMS = (
    _claim(
        "pose-groups",
        "poses:groups",
        "For poses, all permutations of the joints are far too many; the exchange of left and "
        "right costs little against no symmetry, with nearly half the colours.",
        {
            "S_16 minus reflection": gain(at_least=30, unit="mm"),
            "reflection minus identity": value(at_most=5, unit="mm"),
        },
        _SELECTION,
        published="on Human3.6M, 38.80 mm P-MPJPE with the reflection",
        models=POSES,
        minutes=9,
        slow=True,
    ),
    _claim(
        "pose-symmetry",
        "poses:symmetry",
        "The network on joints commutes with its group, and with no exchange outside of it; it has "
        "the published numbers of colours.",
        {
            "largest error of equivariance": exact(at_most=1e-5),
            "groups that an exchange outside of them leaves equivariant": exact(equal=0),
            "groups with other numbers of colours than published": exact(equal=0),
            "largest error of a coarser network in a finer one": exact(at_most=1e-5),
        },
        "the paper's principle",
        published="256, 136, 118, 106 and 2 colours",
        models=POSES,
    ),
)
"""Set before anything was measured."""


def _dropped(bound: str, before: str, why: str, after: str = "dropped") -> Amendment:
    return Amendment(
        date="2026-11-28",
        bound=bound,
        before=before,
        after=after,
        why=f"Computing time was short, before any figure: {why}.",
    )


TRAFFIC_CLAIMS = (
    _claim(
        "traffic",
        "traffic:ahead",
        "Attention along the roads, with colours that tell two clusters of sensors apart, "
        "forecasts speeds better than what was last known.",
        {"persistence minus two clusters": gain(at_least=0.2, unit="mph")},
        _SELECTION,
        published="on four months of METR-LA, errors of 2.69 mph with two clusters",
        models=TRAFFIC,
        minutes=0.2,
        amendments=tuple(
            Amendment(
                date="2026-11-28",
                bound=bound,
                before=before,
                after="dropped",
                why="Computing time was short: no network of one cluster was trained. The error "
                "of the one with two, 2.87 mph, had been seen.",
            )
            for bound, before in (
                ("persistence minus one cluster", "at least 0.2 mph"),
                ("two clusters minus one cluster", "at most 0.03 mph"),
            )
        ),
    ),
)
"""Set before anything was measured, as for the sister network on the same week."""

SEQUENCE_CLAIMS = (
    _claim(
        "three-tasks",
        "sequences:three_tasks",
        "One network learns three tasks of different symmetries nearly without error.",
        {
            "palindrome, positions": value(at_least=98, unit="%"),
            "cyclicsum, positions": value(at_least=99.5, unit="%"),
            "intersect, positions": value(at_least=99.9, unit="%"),
        },
        _SEVERAL,
        published="figures only",
        models=("asen-seq3",),
        minutes=0.5,
        amendments=tuple(
            _dropped(bound, before, "the networks to compare with learnt from 700 sequences alone")
            for bound, before in (
                ("one network minus separate ones", "at least -0.5 points, on 1,750 sequences"),
                ("with symmetry minus without", "resolved above zero, on 1,750 sequences"),
            )
        ),
    ),
    _claim(
        "few-sequences",
        "sequences:few_sequences",
        "Of 700 sequences a task, one network with each task's symmetry learns more than one "
        "without symmetry, and no less than a network for each task.",
        {
            "with symmetry minus without: cyclicsum, whole sequences": gain(
                at_least=10, unit="points"
            ),
            "with symmetry minus without: palindrome, positions": gain(at_least=2, unit="points"),
            "one network minus separate ones: mean of tasks, positions": value(
                at_least=-0.5, unit="points"
            ),
        },
        _SEVERAL,
        published="figures only",
        arguments={"seeds": [0, 1, 2]},
        models=FEW,
        minutes=12,
        slow=True,
        amendments=tuple(
            Amendment(
                date="2026-11-28",
                bound=f"with symmetry minus without: {what}",
                before=f"at least {least} points, over three runs of 40 epochs",
                after=f"at least {least} points, over three runs of 40 epochs: it stands again",
                why="Computing time was short, and one run of 12 epochs, 132 steps, was measured "
                f"instead: {measured}. Hardly anything of palindromes was learnt in it, so the "
                "networks were trained again as first stated.",
            )
            for what, least, measured in (
                ("cyclicsum, whole sequences", 10, "+21.4 points"),
                ("palindrome, positions", 2, "+0.2 points"),
            )
        ),
    ),
    _claim(
        "rates",
        "sequences:rates",
        "At the published learning rates training is poorly optimised here: at a fifth of them the "
        "same network is far better.",
        {"a fifth minus published: mean of tasks, positions": gain(at_least=5, unit="points")},
        _SEVERAL,
        published="figures only, at the rates 0.01, 0.03 and 0.1",
        models=("asen-seq3-few",),
        minutes=3,
        slow=True,
        amendments=(
            _dropped(
                "with symmetry minus without, published rates: cyclicsum, whole sequences",
                "at least 10 points",
                "no network without symmetry was trained at the published rates",
            ),
        ),
    ),
    _claim(
        "linear-layers",
        "sequences:linear_layers",
        "Of 700 sequences a task, coloured attention learns more than equivariant linear layers "
        "with the same symmetries, of which each task has its own.",
        {"attention minus linear: mean of tasks, positions": gain(at_least=0, unit="points")},
        _SEVERAL,
        published="figures only",
        models=("asen-seq3-few", *LINEAR),
        minutes=0.5,
    ),
    _claim(
        "nine-tasks",
        "sequences:nine_tasks",
        "One network learns nine tasks of four symmetries.",
        {
            "mean of tasks, positions": value(at_least=95, unit="%"),
            "the worst task, positions": value(at_least=85, unit="%"),
        },
        _SEVERAL,
        published="figures only",
        models=NINE,
        minutes=1,
    ),
    _claim(
        "transfer",
        "sequences:transfer",
        "A network that has learnt eight other tasks needs fewer sequences of a ninth, "
        "palindromes: of 262 it learns more than one that begins anew, at either rate.",
        {
            f"begun minus anew, rate {rate}: palindrome, positions": gain(at_least=0, unit="points")
            for rate in (0.004, 0.002)
        },
        "the paper's experiments on transfer",
        published="figures only; its two arms had different rates, 0.02 and 0.01",
        arguments={"seeds": [0, 1, 2]},
        models=NINE,
        minutes=7,
        slow=True,
    ),
    _claim(
        "wrong-colours",
        "sequences:wrong_colours",
        "The colours drive the network: with those of another task it fails.",
        {
            "cyclicsum with palindrome's colours, positions": value(at_most=80, unit="%"),
            "cyclicsum with intersect's colours, positions": value(at_most=80, unit="%"),
        },
        _PRINCIPLE,
        models=("asen-seq3",),
    ),
    _claim(
        "numbers",
        "sequences:numbers",
        "With the sum over positions the same network learns numbers that a group leaves as they "
        "are.",
        {
            f"{task}: mean absolute error": value(at_most=0.3, unit="spreads")
            for task in ("intersect", "longestpal", "cyclicsum")
        },
        _SEVERAL,
        published="figures only; the released script trains without any group",
        models=NUMBERS,
    ),
    _claim(
        "colours",
        "colours:colours",
        "Orbits on ordered pairs colour them by as many colours as Burnside's lemma counts; what "
        "keeps the colours is the group's 2-closure, which cannot tell A_n from S_n.",
        {
            "groups whose number of colours is not Burnside's": exact(equal=0),
            "groups with other numbers of colours than the paper's": exact(equal=0),
            "alternating groups, of 4 to 8 points, whose colours are not the symmetric group's": (
                exact(equal=0)
            ),
            "colours of A_3, which is C_3": exact(equal=3),
            "colours of S_3": exact(equal=2),
            "groups of up to 6 points whose 2-closure does not keep just the colours": exact(
                equal=0
            ),
        },
        _PRINCIPLE,
        models=SEQUENCES,
    ),
    _claim(
        "equivariance",
        "colours:equivariance",
        "The network commutes with its group and with nothing outside of the 2-closure; finer "
        "colours can do all that coarser ones do; tasks in one batch do not mix.",
        {
            "largest error of equivariance": exact(at_most=1e-5),
            "permutations outside of the 2-closure that it commutes with": exact(equal=0),
            "largest error with all colours alike, under all permutations": exact(at_most=1e-5),
            "largest error of a coarser group in a finer one": exact(at_most=1e-5),
            "largest difference of a mixed batch from task by task": exact(at_most=1e-5),
            "largest change of a sum over positions under A_8's 2-closure": exact(at_most=1e-5),
            "tasks whose labels do not commute with their group": exact(equal=0),
            "even windows of alternating sums that commute with reversal": exact(equal=0),
        },
        _PRINCIPLE,
        models=SEQUENCES,
        minutes=0.3,
        amendments=(
            Amendment(
                date="2026-11-28",
                bound="largest error of a coarser group in a finer one",
                before="exactly 0",
                after="at most 1e-5",
                why="The same products are rounded otherwise in matrices of other sizes: 4e-7.",
            ),
        ),
    ),
)
"""Set from runs of an independent prototype; those on numbers, linear layers, nine tasks and
transfer from none. Positions are measured on fresh sequences, 5,000 a task, that no network has
seen."""

CLAIMS = (*SEQUENCE_CLAIMS, *IMAGE_CLAIMS, *POSE_CLAIMS, *TRAFFIC_CLAIMS)
